"""The state a plan's `target:` describes: today's values with the target's laid over them, as a plan of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from certplan.places import Place
from certplan.plan.build import build_plan, peer_called
from certplan.plan.declaring import NamedSections
from certplan.plan.fitting import fit
from certplan.plan.model import MAX_PEERS, Plan, PlanPath, Target
from certplan.plan.nodes import Node, Tree
from certplan.plan.problems import PlanProblem
from certplan.plan.scalars import nearest, shown

__all__ = ["target_plan", "target_problems"]

Values = dict[str, Node]


def target_plan(tree: Tree, file: str, folder: Path, text: str) -> Plan | None:
    """The plan of the target, or None where there is none. `tree` is that of a plan in which nothing is wrong."""
    today = _section(tree.value)
    if "target" not in today:
        return None
    merged = _Merged(today, tree.places)
    stated, faults = fit(merged.values, merged.places)
    if stated is None:
        raise AssertionError(f"a target that fits does not fit the plan: {faults}")
    return build_plan(stated, text, file, folder, merged.places)


def target_problems(plan: Values, tree: Tree) -> Iterator[PlanProblem]:
    """What a target says that does not go with today: peers that are none, peers that both change and leave."""
    target = plan.get("target")
    if not isinstance(target, dict) or not isinstance(plan.get("peers"), list):
        return
    today = _addresses(plan)
    leaving: dict[int, int] = {}
    for number, address in enumerate(_entries(target.get("removed_peers"))):
        if not isinstance(address, str):
            continue
        place = tree.place(("target", "removed_peers", number))
        position = peer_called(address, [(word,) for word in today])
        if position is None:
            yield PlanProblem(
                place, _no_peer(f"target.removed_peers entry {number + 1} {shown(address)}", address, today)
            )
        elif position in leaving:
            yield PlanProblem(place, f"{shown(address)} is removed a second time; expected each peer once; remove it")
        else:
            leaving[position] = number
    seen: dict[int, str] = {}
    coming = 0
    for address, changes in _section(target.get("peers")).items():
        place = tree.keys["target", "peers", address]
        position = peer_called(address, [(word,) for word in today])
        if position is None:
            coming += 1
            if isinstance(changes, dict) and "lan1" not in changes:
                what = f"target.peers {shown(address)}"
                yield PlanProblem(place, f"{_no_peer(what, address, today)}; a peer to be added needs its lan1 here")
        elif position in leaving:
            yield PlanProblem(place, f"{shown(address)} is among removed_peers as well; keep one of the two")
        elif position in seen:
            yield PlanProblem(
                place, f"{shown(address)} is the same peer as {shown(seen[position])}; keep one of the two"
            )
        else:
            seen[position] = address
    if today and not 1 <= len(today) - len(leaving) + coming <= MAX_PEERS:
        yield PlanProblem(
            tree.keys["target",],
            f"the target has {len(today) - len(leaving) + coming} peers; expected 1 to {MAX_PEERS}; correct its peers",
        )


def _no_peer(what: str, address: str, today: list[str]) -> str:
    suggestion = nearest(address, filter(None, today), 0.85)
    message = f"{what} is not the address of a peer today; expected a Peer N address"
    return f"{message}; did you mean {shown(suggestion)}?" if suggestion else message


def _section(value: Node | None) -> Values:
    return value if isinstance(value, dict) else {}


def _entries(value: Node | None) -> list[Node]:
    return value if isinstance(value, list) else []


def _addresses(plan: Mapping[str, Node]) -> list[str]:
    """The peers' addresses; an empty word where one gives none."""
    return [str(_section(peer).get("address") or "") for peer in _entries(plan.get("peers"))]


class _Merged:
    """Today's values with the target's over them, and the place that each came from."""

    def __init__(self, today: Values, places: Mapping[PlanPath, Place]) -> None:
        self._stated = places
        self._today = today
        self._target = _section(today["target"])
        self.places: dict[PlanPath, Place] = {
            path: place for path, place in places.items() if path[:1] not in (("target",), ("peers",))
        }
        self.values: Values = {key: value for key, value in today.items() if key != "target"}
        self._cluster()
        self._peers()
        for key, field in Target.of_plan().items():
            if key not in self._target:
                continue
            if isinstance(field.kind, NamedSections):
                self._by_name(key)
            else:
                self.values[key] = self._target[key]
                self._moved(("target", key), (key,))

    def _by_name(self, key: str) -> None:
        stated = _section(self._target[key])
        if stated:
            self.values[key] = {**_section(self._today.get(key)), **stated}
        for name in stated:
            self._moved(("target", key, name), (key, name))

    def _moved(self, source: PlanPath, to: PlanPath) -> None:
        """Take the places of all below `source` for what now stands at `to`; those of what stood there go."""
        for path in [path for path in self.places if path[: len(to)] == to]:
            del self.places[path]
        for path, place in self._stated.items():
            if path[: len(source)] == source:
                self.places[(*to, *path[len(source) :])] = place

    def _cluster(self) -> None:
        cluster = dict(_section(self._today["cluster"]))
        cluster["tls_verification"] = self._target.get("tls_verification", "enforce")
        self.places["cluster", "tls_verification"] = self._stated["target",]
        for key in Target.of_cluster():
            if key in self._target:
                cluster[key] = self._target[key]
                self._moved(("target", key), ("cluster", key))
        self.values["cluster"] = cluster

    def _peers(self) -> None:
        today = _addresses(self._today)
        names: list[tuple[str | None, ...]] = [(address,) for address in today]
        leaving = {peer_called(str(address), names) for address in _entries(self._target.get("removed_peers"))}
        changes = _section(self._target.get("peers"))
        peers: list[Node] = []
        renamed: dict[str, str] = {}
        self.places["peers",] = self._stated["peers",]
        for position, stated in enumerate(_entries(self._today["peers"])):
            if position in leaving:
                continue
            peer, index = dict(_section(stated)), len(peers)
            peer.pop("page", None)  # it shows today
            self._moved(("peers", position), ("peers", index))
            word = next((key for key in changes if peer_called(key, [names[position]]) == 0), None)
            if word is not None:
                self._overlay(peer, index, word, _section(changes[word]))
                renamed[today[position].rstrip(".").casefold()] = str(peer["address"])
            elif "release" in self._target and "release" in peer:
                # The target's release is that of all peers, but for those to which the target gives another.
                del peer["release"]
            peers.append(peer)
        for word, value in changes.items():
            if peer_called(word, names) is None:
                index = len(peers)
                self._moved(("target", "peers", word), ("peers", index))
                peers.append({"address": word, **_section(value)})
        self.values["peers"] = peers
        self._follow(leaving, renamed, names)

    def _overlay(self, peer: Values, index: int, word: str, changes: Values) -> None:
        if "release" in self._target:
            peer.pop("release", None)
        for key, value in changes.items():
            peer[key] = value
            self._moved(("target", "peers", word, key), ("peers", index, key))

    def _follow(
        self, leaving: set[int | None], renamed: Mapping[str, str], names: list[tuple[str | None, ...]]
    ) -> None:
        """Have what names a peer of today by number or address name it in the target."""
        cluster = _section(self.values["cluster"])
        primary = cluster.get("primary")
        if "primary" not in self._target and isinstance(primary, str):
            position = int(primary) - 1
            if position in leaving:
                del cluster["primary"]
            else:
                cluster["primary"] = str(int(primary) - sum(gone is not None and gone < position for gone in leaving))
        pairs: Values = {}
        for pair, milliseconds in _section(self.values.get("round_trip_ms")).items():
            if not any(peer_called(word, names) in leaving - {None} for word in pair.split()):
                pairs[" ".join(renamed.get(word.rstrip(".").casefold(), word) for word in pair.split())] = milliseconds
        if pairs or "round_trip_ms" in self.values:
            self.values["round_trip_ms"] = pairs
