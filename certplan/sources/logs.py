"""Signs in an event log: alarms raised and lowered, changes of the configuration. They annotate, and decide little.

One event a line: `<time> <host> [<process>:] key="value" ...` (TAC 217230; Administrator Guide, "Event log").
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from certplan.places import Place
from certplan.sources.model import ConfigurationChange, Field, FileKind, FileReading, RaisedAlarm, Sourced
from certplan.sources.settings import field_of_path
from certplan.sources.texts import lines_of
from certplan.value import replace

__all__ = ["looks_like_log", "read_log", "tls_mode"]

_LINE = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\S*\s+(?P<host>[A-Za-z0-9_.-]{1,63})\s+(?P<rest>.*)$")
_PAIR = re.compile(r'([A-Za-z][\w-]*)="([^"]*)"')
_MODES = {"permissive": "permissive", "enforcing": "enforce", "enforce": "enforce"}
_MAX_EVENTS, _MAX_DETAIL = 20_000, 4000


def looks_like_log(text: str) -> bool:
    """Whether one of the first lines is an event."""
    return any(_LINE.match(line) and _PAIR.search(line) for _, line in lines_of(text[:20_000])[:20])


def tls_mode(word: str) -> str | None:
    """`permissive` or `enforce` for the appliance's word (the page says Enforce, its logs Enforcing); else None."""
    return _MODES.get(word.strip().strip("'\"").lower())


def read_log(text: str, file: str, bundle: str) -> FileReading:
    """What a log says of alarms and of changes, as it stands at its end."""
    raised: dict[str, RaisedAlarm] = {}
    changes: list[ConfigurationChange] = []
    hosts: dict[str, Place] = {}
    for number, line in lines_of(text):
        match = _LINE.match(line)
        if match is None or len(changes) + len(raised) >= _MAX_EVENTS:
            continue
        where = Place(file, number)
        hosts.setdefault(match["host"], where)
        if 'Event="' not in line:
            continue
        pairs = dict(reversed(_PAIR.findall(match["rest"])))
        event = pairs.get("Event", "").lower()
        if event.startswith("alarm"):
            _alarm(event, pairs, where, raised)
        elif event.startswith("system configuration changed") and (change := _change(pairs, where)) is not None:
            changes.append(change)
    facts: dict[Field, Sourced] = {}
    if len(hosts) == 1:
        host, where = next(iter(hosts.items()))
        facts[Field.HOST_NAME] = Sourced(host, where)
    mode = next((change for change in reversed(changes) if change.field is Field.TLS_VERIFICATION), None)
    if mode is not None and (word := tls_mode(mode.to)) is not None:
        facts[Field.TLS_VERIFICATION] = Sourced(word, mode.where, "the last change in the log")
    return FileReading(file, bundle, FileKind.LOG, facts, alarms=tuple(raised.values()), changes=tuple(changes))


def _alarm(event: str, pairs: Mapping[str, str], where: Place, raised: dict[str, RaisedAlarm]) -> None:
    number = pairs.get("Id", "")
    if "raised" in event and number.isdigit():
        raised[number] = RaisedAlarm(number, pairs.get("Detail", "").partition(":")[0].strip(), where)
    elif "lowered" in event or "cleared" in event:
        raised.pop(number, None)


def _change(pairs: Mapping[str, str], where: Place) -> ConfigurationChange | None:
    """`<item> - changed from: <old> to: <new>`, the values in single quotes or bare."""
    detail = pairs.get("Detail", "")[:_MAX_DETAIL]
    item, found, values = detail.partition("changed from:")
    _, to, new = values.rpartition(" to:")
    if not found or not to:
        return None
    words = item.strip().rstrip("-").lower().replace("configuration/cluster/", "xconfiguration clusterconfiguration ")
    path = words.split()[1:] if words.startswith("xconfiguration") else words.split()
    change = ConfigurationChange(" ".join(path), field_of_path(path), new.strip().strip("'").strip(), where)
    return replace(change, at=_time(pairs.get("UTCTime", "")))


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace(",", ".")).replace(tzinfo=UTC)
    except ValueError:
        return None
