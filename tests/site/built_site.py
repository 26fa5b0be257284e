"""Where the built site lies, and what it consists of."""

from pathlib import Path

SITE = Path(__file__).parents[2] / "_build" / "html"


def pages() -> list[str]:
    """Name every page of the built site."""
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
