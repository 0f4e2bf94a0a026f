"""`certplan init`: a commented plan to fill in, from options or from questions."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from certplan.cli.completion import releases
from certplan.cli.emit import note
from certplan.cli.output import fail
from certplan.cli.prompts import ask, can_ask
from certplan.storage import write_new_files
from certplan.vendor.releases import USUAL_RELEASE

if TYPE_CHECKING:
    from certplan.plan.template import PeerSketch

__all__ = ["init"]

MAX_PEERS = 64


def init(
    output: Annotated[Path, typer.Argument(metavar="[PLAN]", help="The plan file to write.")] = Path("plan.yaml"),
    name: Annotated[str | None, typer.Option("--name", help="Cluster name, an FQDN.", show_default=False)] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="expressway-e or expressway-c (e, c).", show_default=False)
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(
            "--release", help="Software release, such as X14.3.4.", autocompletion=releases, show_default=False
        ),
    ] = None,
    peers: Annotated[
        list[str] | None,
        typer.Option(
            "--peer",
            metavar="ADDRESS[=LAN1][,lan2=LAN2][,nat=IP]",
            help="A peer, such as exe1.example.com=10.20.0.11/24,lan2=192.168.50.11/24,nat=203.0.113.11; repeat it.",
            show_default=False,
        ),
    ] = None,
    dual_nic: Annotated[bool, typer.Option("--dual-nic/--single-nic", help="Two NICs, where not said.")] = True,
    static_nat: Annotated[
        bool, typer.Option("--static-nat/--no-static-nat", help="Static NAT, where not said.")
    ] = True,
) -> None:
    """Write a commented plan, from options or, at a terminal, from questions.

    What is not said stands in the plan as an example to be replaced. Beside the plan: its schema for editors, and the
    folders certs, trust and zones.

    Exit codes: 0 written; 2 cannot be run.
    """
    from certplan.plan import scalars
    from certplan.plan.model import ClusterType
    from certplan.plan.template import peer_sketch, plan_template

    if output.exists():
        raise fail(f"{output} is there already and is not overwritten; name another file.")
    asking = can_ask()
    cluster = _value(name, "--name", "Cluster name (an FQDN)", "expe.example.com", scalars.name, asking=asking)
    cluster_type = ClusterType(_value(kind, "--type", "Type, e or c", "expressway-e", _type, asking=asking))
    text_release = _value(
        release, "--release", "Release", USUAL_RELEASE, lambda text: str(scalars.release(text)), asking=asking
    )
    outward = cluster_type is ClusterType.EXPRESSWAY_E
    try:
        sketches = [peer_sketch(peer) for peer in peers or ()]
    except ValueError as error:
        raise fail(f"--peer: {error}.") from None
    if not sketches and asking:
        sketches = _asked_peers(outward)
    try:
        text = plan_template(
            name=cluster,
            type=cluster_type,
            release=text_release,
            peers=sketches or 2,
            dual_nic=dual_nic and outward,
            static_nat=static_nat and outward,
        )
    except ValueError as error:
        raise fail(str(error)) from None
    _write_all(text, output)
    note(f"wrote {output}; fill it in, then run: certplan check {output}")


def _write_all(text: str, output: Path) -> None:
    """The plan last, so that it does not stand there without what it points to."""
    from certplan.plan.schema import SCHEMA_FILE, schema_text

    folder = output.parent
    files = {} if (folder / SCHEMA_FILE).exists() else {SCHEMA_FILE: schema_text().encode()}
    files[output.name] = text.encode()
    try:
        write_new_files(folder, files, folders=("certs", "trust", "zones"))
    except FileExistsError as error:
        raise fail(f"{error.filename} is there already and is not overwritten; name another file.") from None
    except OSError as error:
        raise fail(f"{folder} cannot be written to ({error.strerror or error}).") from None


def _type(text: str) -> str:
    from certplan.cli.import_ask import type_named

    found = type_named(text)
    if found is None:
        raise ValueError("is neither expressway-e nor expressway-c (e, c)")
    return found


def _value(
    given: str | None, option: str, question: str, default: str, read: Callable[[str], str], *, asking: bool
) -> str:
    """What an option says, or the answer to a question; without a terminal the default."""
    if given is not None:
        try:
            return read(given.strip())
        except ValueError as error:
            raise fail(f"{option} {given!r} {error}.") from None
    return ask(question, read, default) if asking else default


def _asked_peers(outward: bool) -> "list[PeerSketch]":
    """The peers one after the other, each with its interfaces; an empty address ends the list."""
    from certplan.plan import scalars
    from certplan.plan.template import PeerSketch

    def optional(read: Callable[[str], object]) -> Callable[[str], str]:
        def checked(text: str) -> str:
            if text:
                read(text)
            return text

        return checked

    found: list[PeerSketch] = []
    while len(found) < MAX_PEERS:
        number = len(found) + 1
        address = ask(f"Peer {number} address (Enter: no more peers)", optional(scalars.name))
        if not address:
            break
        lan1 = ask(f"LAN 1 of {address}, as 10.20.0.11/24 (Enter: not known)", optional(scalars.lan_address))
        lan2 = nat = ""
        if outward and lan1:
            lan2 = ask(f"LAN 2 of {address} (Enter: one NIC)", optional(scalars.lan_address))
            nat = ask(f"Static NAT address of {address} (Enter: no static NAT)", optional(scalars.ip))
        found.append(PeerSketch(address, lan1 or None, lan2 or None, nat or None))
    return found
