"""`certplan runbook`: a procedure for a change window."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.output import fail
from certplan.cli.propose import loaded
from certplan.text.words import joined

if TYPE_CHECKING:
    from certplan.runbook.procedures import ProcedureRequest

__all__ = ["runbook"]


def runbook(
    plan: PlanFile = PLAN_HERE,
    form_cluster: Annotated[
        bool, typer.Option("--form", help="From machines without a cluster, in Permissive on LAN 1, to Enforce.")
    ] = False,
    replace_certificates: Annotated[
        bool, typer.Option("--replace-certificates", help="New certificates for every peer, and Enforce again.")
    ] = False,
    add_peer: Annotated[
        str | None, typer.Option("--add-peer", metavar="FQDN", help="Add a peer.", show_default=False)
    ] = None,
    lan1: Annotated[
        str | None,
        typer.Option(
            "--lan1", metavar="ADDRESS", help="With --add-peer or --rename-peer: its LAN 1 address.", show_default=False
        ),
    ] = None,
    remove_peer: Annotated[
        str | None, typer.Option("--remove-peer", metavar="ADDRESS", help="Remove a peer.", show_default=False)
    ] = None,
    change_primary: Annotated[
        str | None, typer.Option("--change-primary", metavar="N", help="Make peer N the primary.", show_default=False)
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Restart every peer.")] = False,
    upgrade: Annotated[
        str | None, typer.Option("--upgrade", metavar="RELEASE", help="Upgrade every peer.", show_default=False)
    ] = None,
    replace_peer: Annotated[
        str | None,
        typer.Option("--replace-peer", metavar="PEER", help="Replace a peer by another machine.", show_default=False),
    ] = None,
    rename_peer: Annotated[
        str | None,
        typer.Option(
            "--rename-peer", metavar="PEER", help="Change the name of a peer; needs --to.", show_default=False
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FQDN", help="With --rename-peer: the new name.", show_default=False)
    ] = None,
    rebuild_peer: Annotated[
        str | None,
        typer.Option("--rebuild-peer", metavar="PEER", help="Rebuild a peer from its backup.", show_default=False),
    ] = None,
    recover: Annotated[bool, typer.Option("--recover", help="When the cluster split under Enforce.")] = False,
    disband: Annotated[bool, typer.Option("--disband", help="Disband the cluster; a cluster of one stays.")] = False,
    force_replication: Annotated[
        str | None,
        typer.Option(
            "--force-replication", metavar="PEER", help="When a peer does not follow the primary.", show_default=False
        ),
    ] = None,
    unreachable: Annotated[
        list[str] | None,
        typer.Option("--unreachable", metavar="PEER", help="A peer that is down; can be repeated.", show_default=False),
    ] = None,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.CSV, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """The changes as a procedure: exact values, expected rows and alarms, impact on users, rollback.

    Without an option for another kind it leads from today's state to the plan's target, or to Enforce.

    Exit codes: 0 success; 2 usage or input error.
    """
    chosen = {
        "form": "" if form_cluster else None,
        "replace-certificates": "" if replace_certificates else None,
        "add-peer": add_peer,
        "remove-peer": remove_peer,
        "change-primary": change_primary,
        "restart": "" if restart else None,
        "upgrade": upgrade,
        "replace-peer": replace_peer,
        "rename-peer": rename_peer,
        "rebuild-peer": rebuild_peer,
        "recover": "" if recover else None,
        "disband": "" if disband else None,
        "force-replication": force_replication,
    }
    asked = {kind: subject for kind, subject in chosen.items() if subject is not None}
    request = _request(asked, lan1, to, tuple(unreachable or ()))
    moment = moment_of(at)
    stated = loaded(plan, form)
    from certplan.cli.evidence import gather
    from certplan.report.pages.runbook import runbook_answer
    from certplan.runbook.model import Procedure
    from certplan.runbook.procedures import ObservedTarget, UnfitRequestError
    from certplan.runbook.procedures import runbook as write_runbook
    from certplan.text.names import show

    evidence = gather(stated, clock(), live_dns=not no_dns, timeout=timeout)
    try:
        goal = stated.target_state()
        target = None
        if goal is not None and request.kind in (Procedure.ENFORCE, Procedure.ADD_PEER):
            found = gather(goal, clock(), live_dns=not no_dns, timeout=timeout, earlier=(stated, evidence))
            target = ObservedTarget(goal, found)
        book = write_runbook(stated, evidence, moment, request, target)
    except UnfitRequestError as error:
        raise fail(f"{show(str(error), 1000)}.") from None
    emit(runbook_answer(book, moment), form, output)


def _request(
    chosen: dict[str, str], lan1: str | None, name: str | None, unreachable: tuple[str, ...]
) -> "ProcedureRequest":
    from certplan.runbook.model import Procedure
    from certplan.runbook.procedures import ProcedureRequest
    from certplan.text.addresses import parse_ip

    if len(chosen) > 1:
        raise fail(f"{joined(f'--{kind}' for kind in chosen)}: one procedure at a time; name one of them.")
    kind, subject = next(iter(chosen.items()), ("enforce", ""))
    address = None if lan1 is None else parse_ip(lan1)
    if lan1 is not None and (address is None or kind not in ("add-peer", "rename-peer")):
        raise fail(f"--lan1 {lan1}: expected an IP address, beside --add-peer or --rename-peer.")
    if (name is not None) is not (kind == "rename-peer"):
        raise fail("--rename-peer and --to go together: which peer, and its new FQDN.")
    return ProcedureRequest(Procedure(kind), subject, address, name or "", unreachable)
