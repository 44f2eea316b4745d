"""The processes of `torchrun`, which share out every batch and learn as one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from gliokit.study import UsageError

__all__ = ["Workers", "joined_workers", "present_workers"]


@dataclass(frozen=True, slots=True)
class Workers:
    """How many processes learn together, and which of them this one is; alone by default."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def device(self) -> torch.device:
        """The GPU of this process, or the CPU where there is none."""
        if not torch.cuda.is_available():
            return torch.device("cpu")
        if self.count == 1:
            return torch.device("cuda")
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))

    def average(self, values: Sequence[Tensor]) -> None:
        """Replace tensors by their means over the processes, in one exchange."""
        if self.count == 1 or not values:
            return
        flat = torch.cat([v.detach().reshape(-1).float() for v in values])
        distributed.all_reduce(flat)
        flat /= self.count
        means = torch.split(flat, [v.numel() for v in values])
        for value, mean in zip(values, means, strict=True):
            value.detach().copy_(mean.reshape(value.shape))

    def any_wishes(self, wish: bool) -> bool:
        """Whether any process wishes it; all of them get the same answer."""
        if self.count == 1:
            return wish
        votes = torch.tensor([float(wish)], device=self.device())
        self.average([votes])
        return bool(votes > 0)

    def share(self, n: int) -> slice:
        """Which of `n` examples this process sees: as many as any other, or one more.

        Raises:
            UsageError: there are fewer examples than processes.
        """
        if n < self.count:
            raise UsageError(
                "each process sees an example or more of every batch",
                source="torchrun",
                found=f"{n} among {self.count} processes",
                way_out=f"Start {n} processes or fewer.",
            )
        return slice(self.rank * n // self.count, (self.rank + 1) * n // self.count)

    def wait(self) -> None:
        """Until every process has come this far."""
        if self.count > 1:
            distributed.barrier()


def present_workers() -> Workers:
    """The processes that are joined now; this one alone outside `joined_workers`."""
    if distributed.is_available() and distributed.is_initialized():
        return Workers(distributed.get_rank(), distributed.get_world_size())
    return Workers()


@contextmanager
def joined_workers() -> Iterator[Workers]:
    """The processes that `torchrun` started, joined while they learn; one alone without it."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield Workers()
        return
    on_gpu = torch.cuda.is_available()
    workers = Workers(int(os.environ["RANK"]), count)
    if on_gpu:
        torch.cuda.set_device(workers.device())
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield workers
    finally:
        distributed.destroy_process_group()
