"""The system that `gliokit systems new` copies: a file that runs and is ready to be changed.

In: its name. Out: the file's text.
"""

from __future__ import annotations

from importlib import resources

from gliokit.study import UsageError

__all__ = ["NAME", "new_system_text"]

NAME = "author2026"


def new_system_text(name: str) -> str:
    """The text of a new system's file.

    Args:
        name: First author and year, such as 'author2026': small letters, then four digits.

    Raises:
        UsageError: another form.
    """
    author, year = name[:-4], name[-4:]
    fits = author.isascii() and author.isalpha() and author.islower()
    if not (fits and year.isascii() and year.isdigit()):
        raise UsageError("a system's name is its first author and the year, such as 'author2026'",
                         found=name)  # fmt: skip
    text = resources.files(__package__).joinpath(f"{NAME}.py").read_text(encoding="utf-8")
    return (
        text.replace(NAME, name)
        .replace(NAME.capitalize(), name.capitalize())
        .replace(f'"""{NAME[:-4].capitalize()} {NAME[-4:]}', f'"""{author.capitalize()} {year}')
    )
