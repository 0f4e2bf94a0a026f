"""From lines to events: what a line says of one of the seven questions."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from certplan.logs.lines import LogLine
from certplan.text.names import show
from certplan.value import Value
from certplan.vendor.refusals import LoggedRefusal, refusal

__all__ = ["Event", "EventKind", "What", "event_of"]


class Make(Protocol):
    """Makes an event of the line at hand."""

    def __call__(self, what: "What", summary: str, **about: Any) -> "Event": ...


class EventKind(StrEnum):
    MODE_CHANGE = "mode_change"
    RESTART = "restart"
    REPLICATION = "replication"
    DISCONNECT = "disconnect"
    RESOLUTION = "resolution"
    REFUSAL = "refusal"
    ALARM = "alarm"


class What(StrEnum):
    """What happened, more closely than the kind of question that it answers."""

    MODE_SET = "mode set"
    """Somebody changed TLS verification mode on the page."""
    MODE_APPLIED = "mode applied"
    """The change reached this peer's configuration."""
    RESTART_OWED = "restart owed"
    RESTART_CLEARED = "restart no longer owed"
    STARTED = "started"
    SYNC_STARTED = "synchronization started"
    SYNC_ROLE = "primary index"
    SYNC_DONE = "synchronization completed"
    PEER_DOWN = "peer down"
    CONNECT_FAILED = "connecting failed"
    NAME_FAILED = "name failed"
    REFUSED = "refused"
    ALARM_RAISED = "alarm raised"
    ALARM_LOWERED = "alarm lowered"

    @property
    def kind(self) -> EventKind:
        return _KINDS[self]


_KINDS = {
    What.MODE_SET: EventKind.MODE_CHANGE,
    What.MODE_APPLIED: EventKind.MODE_CHANGE,
    What.RESTART_OWED: EventKind.RESTART,
    What.RESTART_CLEARED: EventKind.RESTART,
    What.STARTED: EventKind.RESTART,
    What.SYNC_STARTED: EventKind.REPLICATION,
    What.SYNC_ROLE: EventKind.REPLICATION,
    What.SYNC_DONE: EventKind.REPLICATION,
    What.PEER_DOWN: EventKind.DISCONNECT,
    What.CONNECT_FAILED: EventKind.DISCONNECT,
    What.NAME_FAILED: EventKind.RESOLUTION,
    What.REFUSED: EventKind.REFUSAL,
    What.ALARM_RAISED: EventKind.ALARM,
    What.ALARM_LOWERED: EventKind.ALARM,
}


class Event(Value):
    """One thing that a log says."""

    utc: datetime
    peer: str
    """The host whose log it is."""
    what: What
    summary: str
    """In words, without a full stop. Foreign words are escaped."""
    file: str
    line: int
    other: str = ""
    """The peer or address at the other end."""
    value: str = ""
    """The mode, the number of an alarm, the user."""
    group: tuple[str, ...] = ()
    """The hosts of the cluster, where a replication line lists them."""
    primary: int | None = None
    """The index of the primary in `group`, from 0."""
    own: int | None = None
    """The index of this peer in `group`, from 0."""
    refusal: LoggedRefusal | None = None

    @property
    def kind(self) -> EventKind:
        return self.what.kind


_CHANGED = re.compile(r"tls_verify\W+changed from:\s*'?(\w+)'?\s*to:\s*'?(\w+)'?", re.IGNORECASE)
_HOSTS = re.compile(r"\(\s*\S+?\s+([A-Za-z0-9_.-]{1,255})\s*\)")
_STARTS = re.compile(r"^(?:system|application|unit)\s.*(?:start|restart|reboot)", re.IGNORECASE)
_SERVER = re.compile(r"(?:server=|for ')([^\s'(]{1,255})")
_WORDS = 300


def event_of(line: LogLine, file: str) -> Event | None:
    """What a line says; None where it answers no question."""

    def event(what: What, summary: str, **about: Any) -> Event:
        return Event(line.utc, line.host, what, summary, file, line.number, **about)

    name, detail = line.get("Event"), line.get("Detail")
    if "tls_verify" in detail and (changed := _CHANGED.search(detail)) is not None:
        before, after = changed.groups()
        if line.get("User"):
            user, source = show(line.get("User")), show(line.get("Src-ip"))
            summary = f"{user} set TLS verification mode from {before} to {after} (from {source})"
            return event(What.MODE_SET, summary, value=after.lower(), other=line.get("Src-ip"))
        return event(What.MODE_APPLIED, f"TLS verification mode changed from {before} to {after}", value=after.lower())
    if detail.startswith("TLS Verify change status") and line.get("Startup") == "True":
        return event(What.STARTED, "started; TLS verification mode was read at the start")
    if name.startswith("Alarm"):
        return _alarm(line, name, event)
    if name and _STARTS.match(name):
        return event(What.STARTED, f"{show(name)}")
    return _replication(line, detail, event) or _connection(line, detail, event) or _refused(line, name, detail, event)


def _alarm(line: LogLine, name: str, event: Make) -> Event | None:
    number, title = line.get("Id"), show(line.get("Detail").partition(":")[0], _WORDS)
    raised = "raised" in name.lower()
    if not number.isdigit():
        return None
    if number == _RESTART_REQUIRED:
        what = What.RESTART_OWED if raised else What.RESTART_CLEARED
        return event(what, f"alarm {number} {'raised' if raised else 'lowered'}: {title}", value=number)
    what = What.ALARM_RAISED if raised else What.ALARM_LOWERED
    return event(what, f"alarm {number} {'raised' if raised else 'lowered'}: {title}", value=number)


_RESTART_REQUIRED = "20007"


def _replication(line: LogLine, detail: str, event: Make) -> Event | None:
    folded = detail.casefold()
    if folded.startswith(("starting synchronisation", "starting synchronization")):
        return event(What.SYNC_STARTED, "synchronization started")
    if folded.startswith(("synchronisation completed", "synchronization completed")):
        return event(What.SYNC_DONE, "synchronization completed successfully")
    hosts = tuple(_HOSTS.findall(line.get("AlternateIPAddresses")))
    primary = _index(line.get("ConfigurationMasterIndex") or line.get("ConfigurationPrimaryIndex"))
    if hosts and primary is not None:
        named = hosts[primary] if 0 <= primary < len(hosts) else f"number {primary + 1}"
        own = _index(line.get("LocalPeerIndex"))
        return event(What.SYNC_ROLE, f"the primary is {show(named)}", group=hosts, primary=primary, own=own)
    return None


def _index(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 4 else None


def _connection(line: LogLine, detail: str, event: Make) -> Event | None:
    far = next((node for node in line.nodes[1:] if node != line.nodes[0]), "")
    if "mnesia_down" in detail:
        return event(What.PEER_DOWN, f"lost the database connection with {show(far)}", other=far)
    if detail.startswith("Failed connecting to node"):
        return event(What.CONNECT_FAILED, f"could not connect the database with {show(far)}", other=far)
    if "failed DNS" in detail:
        return event(What.NAME_FAILED, "a peer's name could not be resolved; it is tried again")
    return None


def _refused(line: LogLine, name: str, detail: str, event: Make) -> Event | None:
    direction = name.casefold()
    if "tls negotiation error" in direction:
        words = detail
    elif detail == "TCP Connection Closed" and refusal(line.get("Reason")) is not None:
        words = line.get("Reason")
    elif "traffic_server" in line.text or "cvsservice" in line.text or "portforwarding" in line.text:
        words = line.text
    else:
        return None
    known = refusal(words)
    if known is None and "tls negotiation error" not in direction:
        return None
    server = _SERVER.search(line.text)
    far = line.get("Common-name") or (server[1] if server else "") or _far(line, direction)
    said = show(known.words if known is not None and words is line.text else words, _WORDS)
    port = f":{show(line.get('Dst-port'))}" if line.get("Dst-port") and not server else ""
    summary = f"TLS connection {'to' if 'outbound' in direction or server else 'with'} {show(far)}{port} failed: {said}"
    return event(What.REFUSED, summary, other=far, value=said, refusal=known)


def _far(line: LogLine, direction: str) -> str:
    return line.get("Dst-ip") if "outbound" in direction else line.get("Src-ip") or line.get("Dst-ip")
