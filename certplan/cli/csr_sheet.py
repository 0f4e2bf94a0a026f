"""`certplan csr sheet`: what to type on the appliance, where the key never leaves it."""

from typing import Annotated, Literal

from certplan.cli.csr_common import (
    Requested,
    now,
    ordered,
    with_choices,
)
from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, Output, PlanFile
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit

__all__ = ["sheet"]


@with_choices
def sheet(
    plan: PlanFile = PLAN_HERE,
    *,
    requested: Requested,
    form: Annotated[
        Literal[Format.TEXT, Format.MARKDOWN, Format.HTML, Format.JSON, Format.OPENSSL], FORMAT
    ] = Format.TEXT,
    output: Output = None,
) -> None:
    """Write down, field by field, what to type and choose on the page Generate CSR of each peer."""
    from certplan.csr.sheet import sheet as sheet_of
    from certplan.report.pages.csr_sheet import sheet_answer

    stated = plan_or_exit(plan)
    requests = ordered(stated, requested).requests
    if form is Format.OPENSSL and len(requests) != 1:
        raise fail(f"--format openssl: a file is for one request, and there are {len(requests)}; use --peer.")
    pages = [sheet_of(stated, request) for request in requests]
    emit(sheet_answer(pages, requests, now()), form, output)
