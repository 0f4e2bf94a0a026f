"""`certplan runbook`: a procedure for a change window."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from certplan.cli.options import At, NoColor, NoDns, Output, Timeout, clock, moment_of
from certplan.cli.output import fail, page_width, wants_color, write
from certplan.cli.propose import ChangesForm, loaded

if TYPE_CHECKING:
    from certplan.runbook.procedures import Request

__all__ = ["runbook"]


def runbook(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.", show_default=False)],
    form_cluster: Annotated[
        bool, typer.Option("--form", help="From machines that are no cluster yet, in Permissive on LAN 1, to Enforce.")
    ] = False,
    replace_certificates: Annotated[
        bool, typer.Option("--replace-certificates", help="New certificates for every peer, and Enforce again.")
    ] = False,
    add_peer: Annotated[
        str | None, typer.Option("--add-peer", metavar="FQDN", help="Add a peer.", show_default=False)
    ] = None,
    lan1: Annotated[
        str | None,
        typer.Option("--lan1", metavar="ADDRESS", help="With --add-peer: its LAN 1 address.", show_default=False),
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
    at: At = None,
    form: Annotated[ChangesForm, typer.Option("--format", help="How to show the result.")] = ChangesForm.TEXT,
    output: Output = None,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
    no_color: NoColor = False,
) -> None:
    """The changes as a procedure: exact values, what every row will show, which alarms are normal, how to go back.

    Without an option for another kind it leads from the cluster's present state to Enforce.

    Exit codes: 0 told; 2 cannot be run.
    """
    chosen = {
        "form": "" if form_cluster else None,
        "replace-certificates": "" if replace_certificates else None,
        "add-peer": add_peer,
        "remove-peer": remove_peer,
        "change-primary": change_primary,
        "restart": "" if restart else None,
        "upgrade": upgrade,
    }
    request = _request({kind: subject for kind, subject in chosen.items() if subject is not None}, lan1)
    moment = moment_of(at)
    stated = loaded(plan, form)
    from certplan import __version__
    from certplan.evidence.gather import gather
    from certplan.report.pages.runbook import runbook_json, runbook_markdown, runbook_text
    from certplan.runbook.procedures import UnfitRequestError
    from certplan.runbook.procedures import runbook as write_runbook
    from certplan.text.names import show

    evidence = gather(stated, clock(), live_dns=not no_dns, timeout=timeout)
    try:
        book = write_runbook(stated, evidence, moment, request)
    except UnfitRequestError as error:
        raise fail(f"{show(str(error), 1000)}.") from None
    match form:
        case ChangesForm.JSON:
            text = runbook_json(__version__, moment, book)
        case ChangesForm.MARKDOWN:
            text = runbook_markdown(moment, book)
        case ChangesForm.TEXT:
            text = runbook_text(moment, book, width=page_width(output), color=wants_color(no_color, output))
    write([text], output)


def _request(chosen: dict[str, str], lan1: str | None) -> "Request":
    from certplan.runbook.model import Kind
    from certplan.runbook.procedures import Request
    from certplan.text.addresses import parse_ip

    if len(chosen) > 1:
        raise fail(f"{' and '.join(f'--{kind}' for kind in chosen)}: one procedure at a time; name one of them.")
    kind, subject = next(iter(chosen.items()), ("enforce", ""))
    address = None if lan1 is None else parse_ip(lan1)
    if lan1 is not None and (address is None or kind != "add-peer"):
        raise fail(f"--lan1 {lan1}: expected an IP address, beside --add-peer.")
    return Request(Kind(kind), subject, address)
