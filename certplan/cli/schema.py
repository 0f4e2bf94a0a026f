"""`certplan schema`: the JSON Schema of plan files."""

from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.output import write

__all__ = ["schema"]


def schema(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to a file.", show_default=False)
    ] = None,
) -> None:
    """Print the JSON Schema of plan files, for editors that check and complete them."""
    import json

    from certplan.plan.schema import plan_schema

    write([json.dumps(plan_schema(), indent=2) + "\n"], output)
