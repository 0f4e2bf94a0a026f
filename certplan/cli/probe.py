"""`certplan probe`: what ports really show."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import At, Output, clock, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit
from certplan.cli.progress import ticking

if TYPE_CHECKING:
    from certplan.evidence.tls.model import Probe, ProbeTarget
    from certplan.evidence.tls.probe import Identity
    from certplan.probing.compare import Compared

__all__ = ["CERTIFICATE", "KEY", "PORTS", "ask_ports", "identity_or_exit", "probe", "probed"]

PORTS = typer.Option("--port", min=1, max=65535, help="Ask these ports only.", show_default=False)
CERTIFICATE = typer.Option("--certificate", metavar="FILE", help="Client certificate to offer.", show_default=False)
KEY = typer.Option("--key", metavar="FILE", help="The private key of the client certificate.", show_default=False)


def probe(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="PLAN|ADDRESS:PORT...", help="One plan, or ports to connect to.", show_default=False),
    ],
    ports: Annotated[list[int] | None, PORTS] = None,
    outside: Annotated[bool, typer.Option("--outside", help="Connect to the peers' public addresses.")] = False,
    certificate: Annotated[Path | None, CERTIFICATE] = None,
    key: Annotated[Path | None, KEY] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=120, help="Seconds for each connection.")] = 5.0,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.CSV, Format.MARKDOWN], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Connect to ports by TLS: the chain as sent, the CAs asked for, how a client certificate is refused.

    With a plan every difference from it is reported. Probes can trip automated detection: the page says from which
    address they came.

    Exit codes: 0 every port is ok; 1 a port differs, refuses or cannot be reached; 2 usage or input error.
    """
    from certplan.probing.compare import PortOutcome
    from certplan.report.pages.probe import probe_answer

    identity = identity_or_exit(certificate, key)
    now = clock()
    moment = moment_of(at)
    plain = [_target(text) for text in targets]
    if all(each is not None for each in plain):
        from certplan.probing.compare import compare_alone

        compared = compare_alone(ask_ports([each for each in plain if each is not None], timeout, identity))
    elif len(targets) == 1:
        compared = probed(Path(targets[0]), ports or (), timeout, identity, moment, outside=outside)
    else:
        raise fail("expected one plan, or ports as ADDRESS:PORT; both at once are not possible.")
    emit(probe_answer(compared, now), form, output)
    raise typer.Exit(0 if all(each.outcome is PortOutcome.OK for each in compared) else 1)


def probed(
    path: Path,
    ports: "list[int] | tuple[int, ...]",
    timeout: float,
    identity: "Identity | None",
    moment: datetime,
    *,
    outside: bool,
) -> "tuple[Compared, ...]":
    """Every port of a plan's peers, compared with the plan.

    Raises:
        typer.Exit: with 2, when the plan cannot be used.
    """
    from certplan.evidence.gather import gather
    from certplan.probing.compare import compare
    from certplan.probing.targets import plan_targets

    plan = plan_or_exit(path)
    evidence = gather(plan, clock(), live_dns=False)
    found = ask_ports(plan_targets(plan, ports, outside=outside), timeout, identity)
    return compare(found, plan, evidence, moment)


def ask_ports(
    targets: "list[ProbeTarget] | tuple[ProbeTarget, ...]", timeout: float, identity: "Identity | None"
) -> "tuple[Probe, ...]":
    """Probe ports, with progress on a terminal."""
    from certplan.evidence.tls.probe import probe_all

    done = 0

    def count(_: "Probe") -> None:
        nonlocal done
        done += 1

    with ticking("Probing", lambda: f"{done} of {len(targets)} ports"):
        return probe_all(targets, timeout, identity, count)


def _target(text: str) -> "ProbeTarget | None":
    """`address:port` or `[address]:port`; None for anything else."""
    from certplan.evidence.tls.model import ProbeTarget
    from certplan.text.names import is_fqdn, is_ip

    address, colon, port = text.rpartition(":")
    address = address.removeprefix("[").removesuffix("]")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536 or not (is_ip(address) or is_fqdn(address)):
        single = colon and port.isdigit() and address.replace("-", "").isalnum() and not Path(text).exists()
        return ProbeTarget(address, int(port), None) if single and 0 < int(port) < 65536 else None
    return ProbeTarget(address, int(port), None if is_ip(address) else address)


def identity_or_exit(certificate: Path | None, key: Path | None) -> "Identity | None":
    """The client certificate that `--certificate` and `--key` name.

    Raises:
        typer.Exit: with 2, when one is missing, cannot be read, or they do not belong together.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise fail("--certificate and --key go together: give both.")
    from certplan.evidence.tls.identity import IdentityError, load_identity

    try:
        return load_identity(certificate, key)
    except IdentityError as error:
        raise fail(str(error)) from None
