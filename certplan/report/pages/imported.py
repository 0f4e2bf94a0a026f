"""What an import found: from which file each value is, what is not known, what differs; as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from certplan.judgement import Judgement
from certplan.report.writers.json import Json, head_json
from certplan.sources.importing import ClusterPlan
from certplan.sources.merge import UNKNOWN, ImportedPeer
from certplan.sources.model import Alarm, Reading, Refusal, Said
from certplan.text.names import key, show
from certplan.vendor import alarm

__all__ = ["ImportReport", "import_document", "import_text"]

_LABELS = {
    "cluster.name": "Cluster name",
    "cluster.type": "Type",
    "cluster.release": "Release",
    "cluster.tls_verification": "TLS verification mode",
    "cluster.primary": "Configuration primary",
    "cluster.address_mapping": "Cluster address mapping",
    "services.mra.domains": "MRA domains",
    "release": "Release",
    "system_name": "System name",
    "host_name": "System host name",
    "domain": "Domain name",
    "lan1.ip": "LAN 1",
    "lan1.static_nat": "LAN 1 static NAT",
    "lan2.ip": "LAN 2",
    "lan2.static_nat": "LAN 2 static NAT",
    "external_lan": "External LAN interface",
    "h323": "H.323 mode",
    "ntp": "NTP servers",
    "option_keys": "Option keys",
    "DNS servers": "DNS servers",
    "server_certificate": "Server certificate",
    "client_certificate": "Client certificate",
    "trusted_cas": "Trusted CA list",
}
_WHERE = {
    "cluster.type": "say it with --type expressway-e or expressway-c",
    "cluster.release": "Status > Overview; save https://PEER/status.xml, or say it with --release",
    "cluster.tls_verification": "System > Clustering; say it with --tls-verification, or paste the page into a file",
    "cluster.address_mapping": "System > Clustering; paste the rows into a file for --mapping FILE, or --mapping off",
    "host_name": "an xConfiguration dump of this peer (SSH as admin: xConfiguration)",
    "domain": "an xConfiguration dump of this peer (SSH as admin: xConfiguration)",
    "lan1.ip": "an xConfiguration dump of this peer (SSH as admin: xConfiguration)",
    "release": "https://PEER/status.xml, or the archive's xstat_dump*.xml",
    "h323": "an xConfiguration dump of this peer (SSH as admin: xConfiguration)",
    "ntp": "an xConfiguration dump of this peer (SSH as admin: xConfiguration)",
    "server_certificate": "Maintenance > Security > Server certificate > Show (PEM file)",
    "trusted_cas": "Maintenance > Security > Trusted CA certificate > Show all (PEM file)",
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One cluster's import, and the judgement of the plan that came of it."""

    plan: ClusterPlan
    file: str
    """The plan file, as written."""
    judgement: Judgement
    refused: tuple[Refusal, ...]
    left: tuple[Reading, ...]


def import_document(reports: Sequence[ImportReport], at: datetime) -> Json:
    """The JSON of `certplan import`; of one cluster at the top, of several each in `plans`."""
    plans = [_plan(report) for report in reports]
    return {**head_json(at), **(plans[0] if len(plans) == 1 else {}), "plans": plans}


def import_text(report: ImportReport) -> str:
    """The page of one cluster, without the verdict."""
    return "\n".join(line.rstrip() for line in _lines(report)) + "\n"


def _plan(report: ImportReport) -> Json:
    imported = report.plan.imported
    return {
        "plan": report.file,
        "cluster": _cluster_json(report),
        "peers": [
            {
                "address": peer.address,
                "sources": list(peer.sources),
                "known": {name: _said(said) for name, said in peer.known.items()},
                "unknown": list(peer.unknown),
                "alarms": [
                    {"id": alarm.id, "title": alarm.title, "predicted": alarm in predicted}
                    for predicted in [_predicted(report, peer)]
                    for alarm in peer.alarms
                ],
            }
            for peer in imported.peers
        ],
        "disagreements": [
            {"what": each.what, "said": {who: _plain(value) for who, value in each.said.items()}}
            for each in imported.disagreements
        ],
        "stale": [
            {
                "peer": each.peer,
                "what": each.what,
                "said": each.said,
                "now": each.now,
                "file": each.where.file,
                "line": each.where.line,
            }
            for each in imported.stale
        ],
        "remarks": list(_remarks(report)),
        "refused": [{"file": each.file, "why": each.why} for each in report.refused],
        "unassigned": [{"file": each.file, "kind": each.kind.value} for each in report.left],
        "verdict": report.judgement.verdict.value,
    }


def _cluster_json(report: ImportReport) -> Json:
    known: Json = {}
    unknown: list[str] = []
    for entry in report.plan.entries:
        name = ".".join(str(part) for part in entry.path)
        if name not in _LABELS:
            continue
        if entry.value == UNKNOWN:
            unknown.append(name)
        else:
            where = entry.where
            known[name] = {
                "value": entry.value,
                "file": None if where is None else where.file,
                "line": None if where is None else where.line,
                "note": entry.how,
            }
    return {"known": known, "unknown": unknown}


def _said(said: Said) -> Json:
    return {"value": _plain(said.value), "file": said.where.file, "line": said.where.line}


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _lines(report: ImportReport) -> Iterator[str]:
    imported = report.plan.imported
    yield f"Import of {show(imported.name)}: {show(report.file, 200)}"
    yield ""
    yield from _cluster_lines(report)
    yield ""
    yield from _table(imported.peers)
    yield ""
    for number, peer in enumerate(imported.peers, 1):
        yield f"Peer {number} {show(peer.address)} is known from:"
        yield from (f"  {show(file, 200)}" for file in peer.sources)
        if not peer.sources:
            yield "  no file; only its name in the other peers' lists"
    yield from _section("Missing", _missing(report))
    yield from _section("Peers and files that disagree", _disagreements(report))
    yield from _section("Changed after the dump was made", _stale(report))
    yield from _section("Alarms in the exports", _alarms(report))
    yield from _section("To note", _remarks(report))
    yield from _section("Not read", (f"{show(each.file, 200)} {show(each.why, 400)}" for each in report.refused))
    yield from _section("Belongs to no peer", (f"{show(each.file, 200)} ({each.kind.value})" for each in report.left))
    yield ""


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _cluster_lines(report: ImportReport) -> Iterator[str]:
    wide = max(map(len, _LABELS.values())) + 2
    for entry in report.plan.entries:
        label = _LABELS.get(".".join(str(part) for part in entry.path))
        if label is None:
            continue
        where = "" if entry.where is None else f"  {show(str(entry.where), 120)}"
        how = f"  ({entry.how})" if entry.how else ""
        yield f"{label:<{wide}}{_short(entry.value)}{where}{how}"


def _short(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_short(each) for each in value) or "none"
    if isinstance(value, dict):
        return " -> ".join(show(str(each)) for each in value.values())
    return show(str(value))


def _table(peers: Sequence[ImportedPeer]) -> Iterator[str]:
    """Rows: what a plan needs; columns: peers."""
    names = [name for name in _LABELS if any(name in peer.known or name in peer.unknown for peer in peers)]
    rows = [
        [
            _LABELS[name],
            *(
                _short_said(peer.known.get(name)) if name in peer.known else "unknown" * (name in peer.unknown)
                for peer in peers
            ),
        ]
        for name in names
    ]
    rows.insert(0, ["", *(show(peer.address, 40) for peer in peers)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))


def _short_said(said: Said | None) -> str:
    if said is None:
        return ""
    value = said.value if isinstance(said.value, str) else ", ".join(said.value) or "none"
    return show(value, 44)


def _missing(report: ImportReport) -> Iterator[str]:
    for entry in report.plan.entries:
        name = ".".join(str(part) for part in entry.path)
        if entry.value == UNKNOWN and name in _LABELS:
            yield f"{_LABELS[name]}: {_WHERE.get(name, 'state it in the plan')}"
    for peer in report.plan.imported.peers:
        for name in peer.unknown:
            yield f"{_LABELS[name]} of {show(peer.address)}: {_WHERE.get(name, 'state it in the plan')}"


def _disagreements(report: ImportReport) -> Iterator[str]:
    for each in report.plan.imported.disagreements:
        yield f"{each.what}:"
        for who, value in each.said.items():
            said = value if isinstance(value, str) else ", ".join(value) or "none"
            yield f"  {show(who, 200)}: {show(said, 300)}"


def _stale(report: ImportReport) -> Iterator[str]:
    for each in report.plan.imported.stale:
        yield (
            f"{show(each.peer)}: {show(each.what)} was {show(each.said)} in the dump and is {show(each.now)} since "
            f"({show(str(each.where), 200)}); export it again"
        )


def _alarms(report: ImportReport) -> Iterator[str]:
    for peer in report.plan.imported.peers:
        predicted = _predicted(report, peer)
        for each in peer.alarms:
            said = "certplan finds its cause too" if each in predicted else "certplan finds no cause of it in the plan"
            yield f"{show(peer.address)}: {show(each.title)}: {said}"


def _predicted(report: ImportReport, peer: ImportedPeer) -> frozenset[Alarm]:
    """Those of a peer's alarms that the judgement raises on it as well, by number or by title."""
    raised = [each for each in report.judgement.alarms if any(key(peer.address) == key(name) for name in each.peers)]
    numbers: Mapping[str, str] = {
        str(each.id): known.title.casefold() for each in raised if (known := alarm(each.id)) is not None
    }
    return frozenset(
        each
        for each in peer.alarms
        if each.id in numbers or (each.id is None and each.title.casefold() in numbers.values())
    )


def _remarks(report: ImportReport) -> Iterator[str]:
    yield from (show(remark, 400) for remark in report.plan.imported.remarks)
    for dropped in report.plan.dropped:
        value = show(str(dropped.entry.value))
        where = "" if dropped.entry.where is None else f"{show(str(dropped.entry.where), 200)}: "
        yield f"{where}{value} is left out, because a plan cannot hold it: {show(dropped.why, 300)}"
