"""`certplan map`: the cluster address mapping, whether it is needed and which entries it is to have."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit, note
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit, write_target
from certplan.text.names import show_all

if TYPE_CHECKING:
    from certplan.plan.model import Plan
    from certplan.proposal.mapping_advice import MappingAdvice

__all__ = ["map_"]


def map_(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[
        Literal[Format.TEXT, Format.COMMANDS, Format.YAML, Format.JSON, Format.CSV, Format.MARKDOWN, Format.HTML],
        FORMAT,
    ] = Format.TEXT,
    output: Output = None,
    into_plan: Annotated[
        bool, typer.Option("--write", help="Put the entries under target: in the plan file, comments and layout kept.")
    ] = False,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """Is cluster address mapping needed, and which FQDN goes with which LAN 1 address?

    Exit codes: 0 success; 2 usage or input error, or with --write the plan cannot be edited safely.
    """
    from certplan.cli.evidence import gather
    from certplan.proposal.mapping_advice import advise_mapping
    from certplan.report.pages import mapping

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    advice = advise_mapping(plan, gather(plan, now, live_dns=not no_dns, timeout=timeout))
    if into_plan:
        _put_into(plan_file, plan, advice)
    emit(mapping.mapping_answer(plan, advice, now), form, output)
    if form in (Format.COMMANDS, Format.YAML, Format.CSV):
        by_hand = mapping.mapping_commands(advice)[1] if form is Format.COMMANDS else ()
        for remark in (*mapping.mapping_remarks(advice), *by_hand):
            note(remark)


def _put_into(plan_file: Path, plan: "Plan", advice: "MappingAdvice") -> None:
    """Put the entries under the plan's target, and tell what became of it.

    Raises:
        typer.Exit: with 2, when it is refused; the file is then as it was.
    """
    from certplan.proposal.mapping_advice import entries_to_write

    entries = advice.suggestion.entries
    if not entries:
        note(f"no mapping is needed; {plan_file} is left as it is.")
        return
    nameless = show_all(entry.peer for entry in entries if entry.fqdn is None)
    if nameless:
        raise fail(f"--write: the name of {nameless} is not known, and every peer needs a row: state its fqdn.")
    rows = entries_to_write(advice.rows)
    if rows == plan.cluster.stated_address_mapping and plan.target is None:
        note(f"{plan_file} has these entries already; it is left as it is.")
        return
    write_target(
        plan_file, {"address_mapping": [{"fqdn": row.fqdn, "ip": str(row.ip)} for row in rows]}, seen=plan.text
    )
