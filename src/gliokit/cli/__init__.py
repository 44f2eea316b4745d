"""The command line: one file a verb, which parses, calls one public function, and prints.

In: arguments. Out: lines for people, and an exit code. Nothing heavy is imported before a
verb needs it.
"""

from gliokit.cli.app import app, main

__all__ = ["app", "main"]
