"""xConfiguration: `*c xConfiguration <path>: <value>`, as dumped into a diagnostic archive or printed over SSH.

Prompts, echoes, headings and everything else in a transcript are passed over. A line without `*c` is a command that
sets a value, no proof of what is set: it counts only where no state line says otherwise, and it is marked.
Source: Expressway Administrator Guide, Reference Material, "Command Reference: xConfiguration"; TAC 212475 for dumps.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from certplan.places import Place
from certplan.sources.model import Sourced
from certplan.sources.texts import lines_of
from certplan.value import Value

__all__ = ["FROM_COMMAND", "Configuration", "Setting", "read_configuration"]

FROM_COMMAND = "from a set command"
MAX_SETTINGS = 200_000
_DEEPEST = 12
"""Words of a path that may be an index; the reference has none so deep."""
_WORD = r"xconf(?:ig(?:uration)?)?"
_STATE = re.compile(rf"\*c\s+{_WORD}\s+", re.IGNORECASE)
_COMMAND = re.compile(rf"^\s*(?:[^\s>#$]{{0,100}}[>#$]\s*)?{_WORD}\s+(?=\w)", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"')
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _/.-]{0,200}")
_RENAMED = {"configurationmaster": "configurationprimary"}


class Setting(Value):
    """One line. `value` is None where it is unset; `command` where it is a command, not the state."""

    path: tuple[str, ...]
    value: str | None
    where: Place
    command: bool


class Configuration(Value, dict=True):
    """All that a transcript says, by path in lower case: `("ip", "dns", "hostname")`."""

    file: str
    settings: Mapping[tuple[str, ...], Setting]
    overridden: tuple[Setting, ...]
    """Commands that come after a state line of the same path and set another value: the state is older."""
    cut: bool = False
    """There were more settings than are read."""

    def sourced(self, path: str) -> Sourced | None:
        """The value at a path such as `ip dns hostname`; None where it is unset or not in the transcript."""
        return _sourced(self.settings.get(tuple(path.split())))

    def mentions(self, path: str) -> bool:
        """Whether the transcript has the path, with or without a value."""
        return tuple(path.split()) in self.settings

    def table(self, before: str, after: str = "") -> dict[int, Sourced | None]:
        """Values by index: `table("alternates peer", "address")` reads `Alternates Peer [1..6] Address`."""
        found = self._tables.get((tuple(before.split()), tuple(after.split())), {})
        return {index: _sourced(setting) for index, setting in sorted(found.items())}

    @cached_property
    def _tables(self) -> Mapping[tuple[tuple[str, ...], tuple[str, ...]], Mapping[int, Setting]]:
        """The settings by what stands before and after each index in their path."""
        found: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[int, Setting]] = {}
        for path, setting in self.settings.items():
            for at, word in enumerate(path[:_DEEPEST]):
                if word.isascii() and word.isdigit() and len(word) <= 6:
                    found.setdefault((path[:at], path[at + 1 :]), {})[int(word)] = setting
        return found


def read_configuration(text: str, file: str) -> Configuration | None:
    """Read a transcript or dump; None when there is no xConfiguration line in it.

    Args:
        text: from `plain_text`.
        file: the file as shown, for the places.

    Returns:
        Settings without passwords (a path whose last word speaks of one, or a value that is encrypted).
    """
    state: dict[tuple[str, ...], Setting] = {}
    commands: dict[tuple[str, ...], Setting] = {}
    overridden: dict[tuple[str, ...], Setting] = {}
    cut = False
    for setting in _settings(text, file):
        cut = len(state) + len(commands) >= MAX_SETTINGS
        if cut:
            break
        if not setting.command:
            state[setting.path] = setting
            overridden.pop(setting.path, None)
            continue
        commands[setting.path] = setting
        earlier = state.get(setting.path)
        if earlier is not None and earlier.value != setting.value:
            overridden[setting.path] = setting
    if not state and not commands:
        return None
    return Configuration(file, {**commands, **state}, tuple(overridden.values()), cut)


def _settings(text: str, file: str) -> Iterator[Setting]:
    for number, line in lines_of(text):
        where = Place(file, number)
        if "*c" in line or "*C" in line:
            # Copies from web pages join lines.
            for piece in _STATE.split(line)[1:]:
                yield from _setting(piece, where, command=False)
        elif (start := _COMMAND.match(line)) is not None:
            yield from _setting(line[start.end() :], where, command=True)


def _setting(text: str, where: Place, *, command: bool) -> Iterator[Setting]:
    raw, colon, rest = text.partition(":")
    raw = raw.strip()
    if not colon or _PATH.fullmatch(raw) is None:
        return
    value = _value(rest.strip())
    path = _path(raw)
    if _secret(path, value):
        return
    yield Setting(path, value, where, command)


def _value(text: str) -> str | None:
    words = _QUOTED.findall(text)
    if words and not _QUOTED.sub("", text).strip():
        return " ".join(word.strip() for word in words).strip() or None
    return text.strip('"').strip() or None


def _path(raw: str) -> tuple[str, ...]:
    words = [_RENAMED.get(word, word) for word in raw.lower().split()]
    # The reference's own example of Alternates Peer [1..6] Address has the two the other way round.
    if words[0] == "alternates" and len(words) > 2 and words[1].isdigit() and words[2] == "peer":
        words[1], words[2] = words[2], words[1]
    return tuple(words)


def _secret(path: tuple[str, ...], value: str | None) -> bool:
    return "password" in path[-1] or "secret" in path[-1] or (value is not None and value.startswith("{cipher}"))


def _sourced(setting: Setting | None) -> Sourced | None:
    if setting is None or setting.value is None:
        return None
    return Sourced(setting.value, setting.where, FROM_COMMAND if setting.command else "")
