"""Everything that gliokit raises on purpose.

    GliokitError                 exit 70  (only ever raised as one of the below)
     +-- UsageError              exit 2   the call itself is wrong
     |    +-- MissingExtraError  exit 2   an optional part is not installed
     +-- StudyError              exit 3   the input is wrong
     +-- OutputError             exit 4   the output can't be written

A message names the file, the rule, the value found and the way out.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["GliokitError", "MissingExtraError", "OutputError", "StudyError", "UsageError"]


class GliokitError(Exception):
    """Root of all errors that gliokit raises on purpose.

    Args:
        rule: What must hold, as a sentence without a full stop.
        source: The file, series, option or argument at fault.
        found: The value that breaks the rule.
        way_out: What the reader of the message can do.
    """

    exit_code = 70

    def __init__(
        self,
        rule: str,
        *,
        source: str | Path | None = None,
        found: object = None,
        way_out: str | None = None,
    ) -> None:
        self.rule = rule
        self.source = None if source is None else str(source)
        self.found = found
        self.way_out = way_out
        super().__init__(self._compose())

    def __reduce__(self) -> tuple[object, ...]:
        # An error of a worker process arrives with its class, message and parts.
        return (_remade, (type(self), self.args, self.__dict__))

    def _compose(self) -> str:
        text = self.rule if self.source is None else f"{self.source}: {self.rule}"
        if self.found is not None:
            text += f"; found {self.found}"
        text += "."
        if self.way_out is not None:
            text += f" {self.way_out}"
        return text


def _remade(
    kind: type[GliokitError], args: tuple[object, ...], state: dict[str, object]
) -> GliokitError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class UsageError(GliokitError):
    """The call itself is wrong: options that exclude each other, an unknown name."""

    exit_code = 2


class MissingExtraError(UsageError):
    """An optional part of gliokit is needed and not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{feature} needs the extra '{extra}', which is not installed",
            way_out=f"Install it with: pip install 'gliokit[{extra}]'",
        )


class StudyError(GliokitError):
    """The input can't be used: a missing, broken or contradictory image or table."""

    exit_code = 3


class OutputError(GliokitError):
    """The output can't be written: no permission, a full disk, a name that is taken."""

    exit_code = 4
