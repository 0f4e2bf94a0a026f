"""Pages made of Rich renderables, until every page is a document."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType
from rich.text import Text

__all__ = ["render"]


def render(parts: Iterable[RenderableType], *, width: int, color: bool) -> str:
    """Lay out Rich renderables as text."""
    page = StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        # An address is copied whole or not at all, so it may run beyond the page.
        if isinstance(part, Text) and part.no_wrap:
            console.print(part, no_wrap=True, overflow="ignore", crop=False)
        else:
            console.print(part)
    lines = (line.rstrip() for line in page.getvalue().splitlines())
    return "\n".join(lines) + "\n"
