"""`certplan demo`: a worked example to look at and to fix."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.emit import layout_for
from certplan.cli.output import fail, write

__all__ = ["demo"]


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write it.", show_default=True)] = Path(
        "certplan-demo"
    ),
) -> None:
    """Write a worked example, a dual-NIC Expressway-E cluster with faults, and check it. Needs no network.

    Exit codes: 0 written; 2 cannot be run.
    """
    from certplan.evidence.gather import gather
    from certplan.example import write_example
    from certplan.judgement import judge
    from certplan.plan.reading import load_plan
    from certplan.report import render

    now = datetime.now(UTC).replace(microsecond=0)
    try:
        path = write_example(folder, now)
    except FileExistsError as error:
        raise fail(f"{error.filename} is there already; name another folder, or remove that one.") from error
    except OSError as error:
        raise fail(f"{folder} cannot be written: {error.strerror}. Name a folder you may write to.") from error
    plan = load_plan(path)
    judgement = judge(plan, gather(plan, now, live_dns=False), now)
    text = render(judgement, width=layout_for(None).width, color=layout_for(None).color)
    hint = (
        f"\nThe example is in {folder}. Fix {path} and the files it names, then: certplan check {path}\n"
        f"All of it on one page: certplan review {path} -o review.html\n"
    )
    write([text, hint], None)
