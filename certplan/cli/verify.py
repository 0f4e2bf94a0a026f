"""`certplan verify`: did the change do what the runbook said?"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import PLAN_HERE, At, Output, PlanFile, clock, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit
from certplan.cli.probe import CERTIFICATE, KEY, PORTS, ask_ports, identity_or_exit
from certplan.cli.progress import bytes_read
from certplan.text.words import clauses

if TYPE_CHECKING:
    from certplan.evidence.tls.probe import Identity
    from certplan.logs.aftermath import PortState
    from certplan.plan.model import Plan

__all__ = ["verify"]


def verify(
    plan_file: PlanFile = PLAN_HERE,
    logs: Annotated[
        list[Path] | None,
        typer.Option("--log", metavar="SOURCE", help="Logs, folders or archives from after the change."),
    ] = None,
    probe: Annotated[bool, typer.Option("--probe", help="Connect to the peers' ports, too.")] = False,
    ports: Annotated[list[int] | None, PORTS] = None,
    certificate: Annotated[Path | None, CERTIFICATE] = None,
    key: Annotated[Path | None, KEY] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=120, help="Seconds for each connection.")] = 5.0,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Compare what logs and ports show with what was planned: the target, or today where the plan has none.

    Meant to be run after every restart of the change window: mode on every peer, restarts in order, replication
    healthy, no certificate refused, the planned certificates served.

    Exit codes: 0 nothing is otherwise than planned; 1 something is; 2 usage or input error.
    """
    from certplan.logs.aftermath import verified
    from certplan.logs.answers import answers_of
    from certplan.logs.reading import read_logs
    from certplan.outcomes import Outcome
    from certplan.report.pages.verify import verify_answer

    stated = plan_or_exit(plan_file)
    plan = stated.target_state() or stated
    if not logs and not (probe or ports):
        raise fail("nothing to verify by: give --log SOURCE, --probe, or both.")
    missing = [path for path in logs or () if not path.exists()]
    if missing:
        raise fail(f"{missing[0]}: no such file or directory.")
    identity = identity_or_exit(certificate, key)
    read = answers = None
    if logs:
        with bytes_read("Reading logs") as progress:
            read = read_logs(logs, progress)
        answers = answers_of(read.events, read.coverage)
    seen = _ports(plan, ports or (), timeout, identity, moment_of(at)) if probe or ports else ()
    found = verified(plan, read, answers, seen)
    emit(verify_answer(plan, found, clock()), form, output)
    raise typer.Exit(1 if any(each.outcome is Outcome.FAIL for each in found) else 0)


def _ports(
    plan: "Plan", ports: "list[int] | tuple[int, ...]", timeout: float, identity: "Identity | None", at: datetime
) -> "tuple[PortState, ...]":
    from certplan.evidence.gather import gather
    from certplan.logs.aftermath import PortState
    from certplan.outcomes import Outcome
    from certplan.probing.compare import PortOutcome as Port
    from certplan.probing.compare import compare
    from certplan.probing.targets import plan_targets

    outcomes = {Port.OK: Outcome.PASS, Port.DIFFERS: Outcome.FAIL}
    compared = compare(
        ask_ports(plan_targets(plan, ports), timeout, identity), plan, gather(plan, clock(), live_dns=False), at
    )
    return tuple(
        PortState(
            f"{each.probe.target.address}:{each.probe.target.port}",
            each.probe.target.peer or "",
            outcomes.get(each.outcome, Outcome.UNKNOWN),
            clauses(f"{diff.what}: {diff.found}" for diff in each.differences)
            or (each.probe.detail or each.outcome.value),
        )
        for each in compared
    )
