"""What an import found: from which file each value is, what is not known, what differs; as text and as JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from certplan.judgement import Judgement
from certplan.report.answer import Answer
from certplan.report.document import Document, Facts, Points, Section, Table, Tone, Words, cell
from certplan.report.writers.json import Json, head_json
from certplan.sources.importing import ClusterPlan
from certplan.sources.merge import UNKNOWN, ImportedPeer
from certplan.sources.model import FileReading, RaisedAlarm, Refusal, Sourced
from certplan.text.names import key, show
from certplan.text.words import clauses, listed
from certplan.value import Value
from certplan.vendor import alarm

__all__ = ["ImportReport", "import_answer", "import_document"]

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


class ImportReport(Value):
    """One cluster's import, and the judgement of the plan that came of it."""

    plan: ClusterPlan
    file: str
    """The plan file, as written."""
    judgement: Judgement
    refused: tuple[Refusal, ...]
    left: tuple[FileReading, ...]


def import_document(reports: Sequence[ImportReport], at: datetime) -> Json:
    """The JSON of `certplan import`; of one cluster at the top, of several each in `plans`."""
    plans = [_plan(report) for report in reports]
    return {**head_json(at), **(plans[0] if len(plans) == 1 else {}), "plans": plans}


def import_answer(report: ImportReport, at: datetime) -> Answer:
    """One cluster's import in every form; the page without the verdict, which `check` shows."""
    return Answer(page=lambda: _page(report), data=lambda: import_document([report], at))


def _plan(report: ImportReport) -> Json:
    imported = report.plan.imported
    return {
        "plan": report.file,
        "cluster": _cluster_json(report),
        "peers": [
            {
                "address": peer.address,
                "sources": list(peer.sources),
                "known": {name: _sourced(sourced) for name, sourced in peer.known.items()},
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
            {"what": each.what, "said": {who: _plain(value) for who, value in each.values.items()}}
            for each in imported.disagreements
        ],
        "stale": [
            {
                "peer": each.peer,
                "what": each.what,
                "said": each.then,
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


def _sourced(sourced: Sourced) -> Json:
    return {"value": _plain(sourced.value), "file": sourced.where.file, "line": sourced.where.line}


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _page(report: ImportReport) -> Document:
    imported = report.plan.imported
    sections = (
        Section("cluster", "Cluster", (_cluster_table(report),)),
        Section("peers", "Peers", (_table(imported.peers),)),
        Section("from", "Known from", (Facts(tuple(_known_from(imported.peers))),)),
        _points("missing", "Missing", _missing(report)),
        _points("differences", "Peers and files that disagree", _disagreements(report)),
        _points("stale", "Changed after the dump was made", _stale(report)),
        _points("alarms", "Alarms in the exports", _alarms(report)),
        _points("notes", "Notes", _remarks(report)),
        _files("refused", "Not read", ((each.file, each.why) for each in report.refused)),
        _files("unassigned", "Belongs to no peer", ((each.file, each.kind.value) for each in report.left)),
    )
    return Document(
        title=f"Import of {imported.name}",
        intro=(Words(report.file, code=True),),
        sections=tuple(section for section in sections if section.blocks),
    )


def _points(ident: str, title: str, lines: Iterable[str]) -> Section:
    found = tuple(lines)
    return Section(ident, title, (Points.of(found),) if found else ())


def _files(ident: str, title: str, files: Iterable[tuple[str, str]]) -> Section:
    found = tuple((Words(file, code=True), why) for file, why in files)
    return Section(ident, title, (Table.of("", ("File", ""), found),) if found else ())


def _known_from(peers: Sequence[ImportedPeer]) -> Iterator[tuple[str, tuple[Words, ...]]]:
    for number, peer in enumerate(peers, 1):
        files = cell(*peer.sources, code=True) or cell("no file, only the peers' lists", tone=Tone.OPEN)
        yield f"Peer {number} {peer.address}", files


def _cluster_table(report: ImportReport) -> Table:
    rows: list[tuple[str | Words | tuple[Words, ...], ...]] = []
    for entry in report.plan.entries:
        label = _LABELS.get(".".join(str(part) for part in entry.path))
        if label is not None:
            where = "" if entry.where is None else str(entry.where)
            tone = Tone.OPEN if entry.value == UNKNOWN else Tone.PLAIN
            rows.append((label, Words(_short(entry.value), tone), cell(where, entry.how)))
    return Table.of("", ("", "Value", "From"), rows)


def _short(value: object) -> str:
    if isinstance(value, list):
        return listed(_short(each) for each in value) or "none"
    if isinstance(value, dict):
        return " -> ".join(str(each) for each in value.values())
    return str(value)


def _table(peers: Sequence[ImportedPeer]) -> Table:
    """Rows: what a plan needs; columns: peers."""
    names = [name for name in _LABELS if any(name in peer.known or name in peer.unknown for peer in peers)]
    rows: list[tuple[str | Words, ...]] = [(_LABELS[name], *(_cell_of(peer, name) for peer in peers)) for name in names]
    return Table.of("", ("", *(peer.address for peer in peers)), rows)


def _cell_of(peer: ImportedPeer, name: str) -> Words:
    sourced = peer.known.get(name)
    if sourced is None:
        return Words(UNKNOWN if name in peer.unknown else "", Tone.OPEN)
    value = sourced.value if isinstance(sourced.value, str) else listed(sourced.value) or "none"
    return Words(show(value, 60))


def _missing(report: ImportReport) -> Iterator[str]:
    stated_release = any(
        entry.path == ("cluster", "release") and entry.value == UNKNOWN for entry in report.plan.entries
    )
    for entry in report.plan.entries:
        name = ".".join(str(part) for part in entry.path)
        if entry.value == UNKNOWN and name in _LABELS:
            yield f"{_LABELS[name]}: {_WHERE.get(name, 'state it in the plan')}"
    for peer in report.plan.imported.peers:
        for name in peer.unknown:
            if name == "release" and not stated_release:
                continue
            yield f"{_LABELS[name]} of {peer.address}: {_WHERE.get(name, 'state it in the plan')}"


def _disagreements(report: ImportReport) -> Iterator[str]:
    for each in report.plan.imported.disagreements:
        values = {
            who: value if isinstance(value, str) else listed(value) or "none" for who, value in each.values.items()
        }
        yield f"{each.what}: {clauses(f'{who} says {value}' for who, value in values.items())}"


def _stale(report: ImportReport) -> Iterator[str]:
    for each in report.plan.imported.stale:
        yield (
            f"{each.peer}: {each.what} was {each.then} in the dump and is {each.now} since ({each.where}); "
            "export it again"
        )


def _alarms(report: ImportReport) -> Iterator[str]:
    for peer in report.plan.imported.peers:
        predicted = _predicted(report, peer)
        for each in peer.alarms:
            cause = "certplan finds its cause too" if each in predicted else "certplan finds no cause of it in the plan"
            yield f"{peer.address}: {each.title}: {cause}"


def _predicted(report: ImportReport, peer: ImportedPeer) -> frozenset[RaisedAlarm]:
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
    yield from report.plan.imported.remarks
    for dropped in report.plan.dropped:
        where = "" if dropped.entry.where is None else f"{dropped.entry.where}: "
        yield f"{where}{dropped.entry.value} is left out, because a plan cannot hold it: {dropped.why}"
