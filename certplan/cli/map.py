"""`certplan map`: the cluster address mapping, whether it is needed and which entries it is to have."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from certplan.cli.emit import layout_for, note
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, moment_of
from certplan.cli.output import fail, write
from certplan.cli.plans import plan_or_exit, write_target

if TYPE_CHECKING:
    from certplan.plan.model import Plan
    from certplan.proposal.mapping_advice import MappingAdvice

__all__ = ["map_"]


class MapForm(StrEnum):
    TEXT = "text"
    COMMANDS = "commands"
    YAML = "yaml"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def map_(
    plan_file: PlanFile = PLAN_HERE,
    at: At = None,
    form: Annotated[MapForm, typer.Option("--format", help="How to show the mapping.")] = MapForm.TEXT,
    output: Output = None,
    into_plan: Annotated[
        bool, typer.Option("--write", help="Put the entries under target: in the plan file, comments and layout kept.")
    ] = False,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """Is cluster address mapping needed, and which FQDN goes with which LAN 1 address?

    Exit codes: 0; 2 cannot be run, or with --write the plan cannot be edited safely.
    """
    from certplan.evidence.gather import gather
    from certplan.proposal.mapping_advice import advise_mapping
    from certplan.report.pages import mapping

    now = moment_of(at)
    plan = plan_or_exit(plan_file)
    advice = advise_mapping(plan, gather(plan, now, live_dns=not no_dns, timeout=timeout))
    if into_plan:
        _put_into(plan_file, plan, advice)
    remarks: tuple[str, ...] = ()
    match form:
        case MapForm.TEXT:
            text = mapping.mapping_text(plan, advice, width=layout_for(output).width, color=layout_for(output).color)
        case MapForm.COMMANDS:
            text, remarks = mapping.mapping_commands(advice)
        case MapForm.YAML:
            text = mapping.mapping_yaml(advice)
        case MapForm.JSON:
            text = mapping.mapping_document(plan, advice, now)
        case MapForm.CSV:
            text = mapping.mapping_csv(advice)
        case MapForm.MARKDOWN:
            text = mapping.mapping_markdown(plan, advice)
    write([text], output)
    if form not in (MapForm.TEXT, MapForm.JSON, MapForm.MARKDOWN):
        remarks = (*mapping.mapping_remarks(advice), *remarks)
    for line in remarks:
        note(line)


def _put_into(plan_file: Path, plan: "Plan", advice: "MappingAdvice") -> None:
    """Put the entries under the plan's target, and tell what became of it.

    Raises:
        typer.Exit: with 2, when it is refused; the file is then as it was.
    """
    from certplan.proposal.mapping_advice import entries_to_write
    from certplan.text.names import show

    entries = advice.suggestion.entries
    if not entries:
        note(f"no mapping is needed; {plan_file} is left as it is.")
        return
    nameless = ", ".join(show(entry.peer) for entry in entries if entry.fqdn is None)
    if nameless:
        raise fail(f"--write: the name of {nameless} is not known, and every peer needs a row: state its fqdn.")
    rows = entries_to_write(advice.rows)
    if rows == plan.cluster.stated_address_mapping and plan.target is None:
        note(f"{plan_file} has these entries already; it is left as it is.")
        return
    write_target(
        plan_file, {"address_mapping": [{"fqdn": row.fqdn, "ip": str(row.ip)} for row in rows]}, seen=plan.text
    )
