"""`certplan collect` and `certplan diff`: what is observed, kept, judged again and compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit, note
from certplan.cli.evidence import load_record
from certplan.cli.options import PLAN_HERE, At, NoDns, Output, PlanFile, Timeout, clock, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit
from certplan.cli.probe import CERTIFICATE, KEY, PORTS, ask_ports, identity_or_exit

if TYPE_CHECKING:
    from certplan.evidence.model import Evidence
    from certplan.judgement import Judgement
    from certplan.plan.model import Plan
    from certplan.records.model import Record

__all__ = ["collect", "diff"]


def collect(
    plan_file: PlanFile = PLAN_HERE,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write; it must not be there.")
    ] = Path("evidence"),
    probe: Annotated[bool, typer.Option("--probe", help="Connect to the peers' ports, too.")] = False,
    ports: Annotated[list[int] | None, PORTS] = None,
    certificate: Annotated[Path | None, CERTIFICATE] = None,
    key: Annotated[Path | None, KEY] = None,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """Record everything observed for a plan: files, DNS answers and ports, with times and tool versions.

    `--evidence DIR` of the other commands judges from it without files or network.

    Exit codes: 0 written; 2 usage or input error.
    """
    from certplan.evidence.gather import gather
    from certplan.judgement import judge
    from certplan.probing.targets import plan_targets
    from certplan.records.model import record_text, recorded
    from certplan.report.wording import VERDICT_WORDS
    from certplan.storage import write_new_files

    identity = identity_or_exit(certificate, key)
    plan, now = plan_or_exit(plan_file), clock()
    if output.exists():
        raise fail(f"{output} is there already; name a folder that is not, or remove that one.")
    today = gather(plan, now, live_dns=not no_dns, timeout=timeout)
    goal = plan.target_state()
    target = None if goal is None else gather(goal, now, live_dns=not no_dns, timeout=timeout, earlier=(plan, today))
    probes = ask_ports(plan_targets(plan, ports or ()), timeout, identity) if probe or ports else ()
    record = recorded(plan, today, target, probes, now)
    files = {"record.json": record_text(record).encode(), **_certificates(plan, today)}
    try:
        write_new_files(output, files)
    except OSError as error:
        raise fail(f"{output}: cannot be written: {error.strerror or error}.") from error
    note(f"wrote {output / 'record.json'}: {VERDICT_WORDS[judge(plan, today, now).verdict]}")


def _certificates(plan: "Plan", evidence: "Evidence") -> Mapping[str, bytes]:
    """The certificates and trusted CA lists as PEM, for people and other tools."""
    from ssl import DER_cert_to_PEM_cert

    from certplan.evidence.model import CertificateFile, TrustList

    files: dict[str, bytes] = {}
    for peer, found in zip(plan.peers, evidence.peers, strict=True):
        for store, file in (("server", found.server), ("client", found.client)):
            if isinstance(file, CertificateFile):
                files[f"certs/peer{peer.number}-{store}.pem"] = DER_cert_to_PEM_cert(file.leaf.der).encode()
        if isinstance(found.trust, TrustList):
            cas = (DER_cert_to_PEM_cert(located.certificate.der) for located in found.trust.certificates)
            files[f"trust/peer{peer.number}.pem"] = "".join(cas).encode()
    return files


def diff(
    before: Annotated[Path, typer.Argument(metavar="DIR1", help="The earlier record.")],
    after: Annotated[Path, typer.Argument(metavar="DIR2", help="The later record.")],
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.CSV, Format.MARKDOWN], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Say what changed in the world between two records, and in the verdict.

    Each record is judged as of its own time, or both as of --at.

    Exit codes: 0 neither the verdict nor a certificate changed; 1 one of them did; 2 usage or input error.
    """
    from certplan.records.differences import changes
    from certplan.report.pages.diff import diff_answer

    records = [load_record(folder) for folder in (before, after)]
    judged = [_judged(record, at) for record in records]
    found = changes(*records)
    emit(diff_answer(judged[0], judged[1], found, clock()), form, output)
    changed = judged[0].verdicts != judged[1].verdicts or any(each.of_certificate for each in found)
    raise typer.Exit(1 if changed else 0)


def _judged(record: "Record", at: str | None) -> "Judgement":
    from certplan.judgement import judge
    from certplan.plan.reading import PlanError

    try:
        plan = record.plan.plan()
    except PlanError as error:
        raise fail(f"the recorded plan {record.plan.file} cannot be read: {error.problems[0]}") from None
    return judge(plan, record.today.evidence(), record.collected_at if at is None else moment_of(at))
