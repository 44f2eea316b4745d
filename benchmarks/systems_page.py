"""Write docs/systems.md from the systems' cards; `make docs` then fills in its figures.

python benchmarks/systems_page.py
"""

from __future__ import annotations

from pathlib import Path

from gliokit.systems.page import systems_page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "systems.md"

if __name__ == "__main__":
    PAGE.write_text(systems_page(), encoding="utf-8")
