"""One function over many patients: in processes or on Dask, resumable, failures listed.

In: a `Task` and `Job`s. Out: one `Outcome` a job, in their order.
"""

from gliokit.batch.content import digest_of_array, digest_of_file, digest_of_text
from gliokit.batch.job import Failure, Job, Outcome, Task
from gliokit.batch.run import run_batch

__all__ = [
    "Failure",
    "Job",
    "Outcome",
    "Task",
    "digest_of_array",
    "digest_of_file",
    "digest_of_text",
    "run_batch",
]
