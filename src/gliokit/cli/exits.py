"""What an error says to the person at the command line, and its exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback

__all__ = ["BUG", "CTRL_C", "DEBUG", "TERMINATED", "explain"]

BUG, CTRL_C, TERMINATED = 70, 130, 143

DEBUG = "GLIOKIT_DEBUG"
"""Set in the environment, an error shows where in the code it was raised."""

REPORT = (
    "This is a bug in gliokit, not in what you gave it. Please report it in the issue tracker of "
    "the project, with the command, the version ({version}) and what is shown when the command "
    f"is run again with {DEBUG}=1. Send no image and no name of a patient."
)


def explain(error: Exception) -> int:
    """Say on stderr what went wrong; gives the exit code. A traceback only if asked for."""
    from gliokit import __version__
    from gliokit.study.errors import GliokitError, OutputError

    if os.environ.get(DEBUG):
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        # Outside of what is written: a temporary file of a library.
        error = OutputError(
            "there is space left on the disk",
            source=error.filename,
            found=error.strerror,
            way_out="Make room, or set TMPDIR to a folder on another disk.",
        )
    if isinstance(error, GliokitError):
        print(f"gliokit: {error}", file=sys.stderr)
        return error.exit_code
    print(f"gliokit: {type(error).__name__}: {error}", file=sys.stderr)
    print(REPORT.format(version=__version__), file=sys.stderr)
    return BUG
