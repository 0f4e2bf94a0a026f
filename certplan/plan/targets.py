"""Writing a plan's target, and adopting it into today once it has been carried out.

What is edited is the plan's text, so comments and layout stay. The result is read back: today is as it was after a
target was written, and the target state is as it was after it was adopted; else the edit is refused.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import msgspec

from certplan.plan.build import peer_called
from certplan.plan.declaring import NamedSections
from certplan.plan.editing import drop, note_above, put, rename, value_at
from certplan.plan.model import Plan, PlanPath, Target, TlsVerification, same_state
from certplan.plan.reading import PlanError, read_plan
from certplan.plan.yamltext import EditRefusedError, Values

__all__ = ["EditRefusedError", "adopt", "adoptable_items", "with_target"]

_NOTE = "stated on"
Section = dict[str, Values]


def with_target(text: str, changes: Mapping[str, Values]) -> str:
    """Put `changes` under the plan's `target:`, which is made where there is none.

    Args:
        text: the text of a plan that can be read.
        changes: values in the shape of `target:`; of `peers` and `dns` only what they hold is touched. Peers go by
            today's address.

    Returns:
        The edited text; the same text when it says all that already.

    Raises:
        EditRefusedError: when the text is laid out so that it cannot be done safely.
    """
    before = _read(text)
    edited = text
    if value_at(text, ("target",)) is None and before.cluster.stated_tls_verification is not TlsVerification.ENFORCE:
        changes = {"tls_verification": TlsVerification.ENFORCE.value, **changes}
    for path, value in _leaves(changes, text):
        edited = put(edited, path, value)
    after = _reread(edited)
    if not same_state(before, after):
        raise EditRefusedError("its target is laid out in a way that is not understood here")
    return edited


def _leaves(changes: Mapping[str, Values], text: str) -> Iterator[tuple[PlanPath, Values]]:
    """What to put where: a value of the target, a field of one of its peers, a view."""
    words = _section(value_at(text, ("target", "peers")))
    for key, value in changes.items():
        if key == "peers" and isinstance(value, Mapping):
            for address, fields in value.items():
                word = next((each for each in words if peer_called(each, [(address,)]) == 0), address)
                for field, stated in _section(fields).items():
                    yield ("target", "peers", word, field), stated
        elif key == "dns" and isinstance(value, Mapping):
            yield from ((("target", "dns", view), source) for view, source in value.items())
        else:
            yield ("target", key), value


def adoptable_items(text: str) -> tuple[str, ...]:
    """What the target of a plan's text states and `adopt` can be asked for, in the order of the text."""
    target = _section(value_at(text, ("target",)))
    today = value_at(text, ("peers",))
    names: list[tuple[str | None, ...]] = [(str(_section(peer).get("address")),) for peer in _listed(today)]
    changing = [peer for word, peer in _section(target.get("peers")).items() if peer_called(word, names) is not None]
    fields = [field for peer in changing for field in _section(peer)]
    return tuple(dict.fromkeys([*target, *fields]))


def adopt(text: str, day: date, *, peer: str | None = None, item: str | None = None) -> str:
    """Say that the target, or a part of it, has been carried out: it moves into today.

    Args:
        text: the text of a plan that can be read.
        day: the day that the comment *stated on* gives.
        peer: only what the target states of this peer, by today's address (or its own, where it is new).
        item: only this key of the target, or this field of its peers.

    Returns:
        The edited text, in which every comment still stands.

    Raises:
        EditRefusedError: when the target says nothing of it, or it cannot be done safely.
    """
    before = _read(text)
    if before.target is None:
        raise EditRefusedError("it states no target")
    adoption = _Adoption(text, f"{_NOTE} {day.isoformat()}", peer, item)
    adoption.run()
    if not adoption.moved:
        what = " of ".join(filter(None, (item, peer)))
        stated = ", ".join(adoptable_items(text))
        raise EditRefusedError(f"its target says nothing of {what}; it states {stated or 'Enforce alone'}")
    edited = adoption.text
    after = _reread(edited)
    mode = before.target.cluster.tls_verification
    if (after.target or after).cluster.stated_tls_verification is not mode:
        # A target without a word on it is to Enforce, and what is left of this one has lost its word.
        edited = put(edited, ("target", "tls_verification"), mode.value)
        after = _reread(edited)
    if not same_state(after.target or after, before.target):
        raise EditRefusedError("it is laid out in a way that is not understood here")
    return edited


class _Adoption(msgspec.Struct):
    """The text under way from the target to today."""

    text: str
    note: str
    peer: str | None
    item: str | None
    moved: bool = False

    def run(self) -> None:
        if self.peer is None:
            self._cluster()
        self._peers()
        self._new_peers()
        self._removed()
        if self.peer is None:
            self._primary()
            self._sections()

    def _moves(self, key: str) -> bool:
        return self.item in (None, key)

    def _target(self, *path: str) -> Values | None:
        return value_at(self.text, ("target", *path))

    def _move(self, source: PlanPath, to: PlanPath, value: Values) -> None:
        self.text = put(self.text, to, value)
        self.text = drop(self.text, source, keep=to)
        self.text = note_above(self.text, to, self.note)
        self.moved = True

    def _addresses(self) -> list[tuple[str | None, ...]]:
        return [(str(_section(peer).get("address")),) for peer in _listed(value_at(self.text, ("peers",)))]

    def _cluster(self) -> None:
        for key in Target.of_cluster():
            value = self._target(key)
            if not self._moves(key) or key == "primary":
                continue
            if key == "tls_verification" and value is None:
                value = TlsVerification.ENFORCE.value
            if value is None:
                continue
            if key == "release":
                for position, _ in enumerate(self._addresses()):
                    self.text = drop(self.text, ("peers", position, "release"))
            self._move(("target", key), ("cluster", key), value)

    def _primary(self) -> None:
        """The target counts its own peers; today counts those, too, that are still to leave."""
        value = self._target("primary")
        if not isinstance(value, str) or not self._moves("primary"):
            return
        addresses, removed = self._addresses(), self._target("removed_peers")
        leaving = {peer_called(str(word), addresses) for word in _listed(removed)}
        staying = [position for position in range(len(addresses)) if position not in leaving]
        coming = [word for word in _section(self._target("peers")) if peer_called(word, addresses) is None]
        if len(staying) < int(value) <= len(staying) + len(coming):
            if self.item is not None:
                raise EditRefusedError("its target's primary is a peer that is still to be added; adopt peers first")
            return
        # A number beyond the last peer is no peer's, today as then; a rule says so.
        number = staying[int(value) - 1] + 1 if int(value) <= len(staying) else int(value) + len(leaving)
        self._move(("target", "primary"), ("cluster", "primary"), number)

    def _peers(self) -> None:
        for word, fields in _section(self._target("peers")).items():
            position = peer_called(word, self._addresses())
            if position is None or not self._meant(word):
                continue
            # The address last: until then the peer is known by today's.
            for field in sorted(_section(fields), key=lambda key: key == "address"):
                if not self._moves(field) and self.item != "peers":
                    continue
                value = _section(fields)[field]
                self._move(("target", "peers", word, field), ("peers", position, field), value)
                if field == "release" and self._target("release") is not None:
                    # While the cluster's is to come, it would be this peer's as well.
                    self.text = put(self.text, ("target", "peers", word, field), value)
                if field == "address" and value != word:
                    self._renamed(word, str(value))

    def _meant(self, word: str) -> bool:
        return self.peer is None or peer_called(self.peer, [(word,)]) == 0

    def _renamed(self, old: str, new: str) -> None:
        if self._target("peers", old) is not None:
            self.text = rename(self.text, ("target", "peers", old), new)
        for pair in _section(value_at(self.text, ("round_trip_ms",))):
            words = [new if peer_called(word, [(old,)]) == 0 else word for word in pair.split()]
            if words != pair.split():
                self.text = rename(self.text, ("round_trip_ms", pair), " ".join(words))

    def _new_peers(self) -> None:
        for word, fields in _section(self._target("peers")).items():
            addresses = self._addresses()
            if peer_called(word, addresses) is not None or not self._meant(word) or not self._moves("peers"):
                continue
            whole = {"address": word, **_section(fields)}
            self._move(("target", "peers", word), ("peers", len(addresses)), whole)

    def _removed(self) -> None:
        leaving = self._target("removed_peers")
        if not self._moves("removed_peers"):
            return
        for word in map(str, _listed(leaving)):
            position = peer_called(word, self._addresses())
            if position is not None and self._meant(word):
                self._take_out(position, word)

    def _take_out(self, position: int, word: str) -> None:
        for pair in _section(value_at(self.text, ("round_trip_ms",))):
            if any(peer_called(each, [(word,)]) == 0 for each in pair.split()):
                self.text = drop(self.text, ("round_trip_ms", pair))
        self.text = drop(self.text, ("peers", position))
        primary = value_at(self.text, ("cluster", "primary"))
        if isinstance(primary, str) and int(primary) == position + 1:
            self.text = drop(self.text, ("cluster", "primary"))
        elif isinstance(primary, str) and int(primary) > position + 1:
            self.text = put(self.text, ("cluster", "primary"), int(primary) - 1)
        leaving = self._target("removed_peers")
        if isinstance(leaving, list):
            self.text = drop(self.text, ("target", "removed_peers", leaving.index(word)), keep=("peers",))
        self.text = note_above(self.text, ("peers",), self.note)
        self.moved = True

    def _sections(self) -> None:
        for key, field in Target.of_plan().items():
            value = self._target(key)
            if value is None or not self._moves(key):
                continue
            if isinstance(field.kind, NamedSections):
                for name, source in _section(value).items():
                    self._move(("target", key, name), (key, name), source)
            else:
                self._move(("target", key), (key,), value)


def _listed(value: Values | None) -> list[Values]:
    return value if isinstance(value, list) else []


def _section(value: Values | None) -> Mapping[str, Values]:
    return value if isinstance(value, Mapping) else {}


def _read(text: str) -> Plan:
    try:
        return read_plan(text, "plan", Path())
    except PlanError:
        raise EditRefusedError("it is not a readable plan") from None


def _reread(text: str) -> Plan:
    try:
        return read_plan(text, "plan", Path())
    except PlanError as error:
        raise EditRefusedError(f"it cannot be edited safely ({error.problems[0].message})") from None
