"""What is wrong with a plan, in plain words: what was found, what was expected, what to do."""

from collections.abc import Iterator

from certplan.plan.build import known_name, peer_called
from certplan.plan.fitting import FaultKind, Misfit, keys_allowed_at, sections_with
from certplan.plan.limits import too_long
from certplan.plan.model import PlanPath
from certplan.plan.nodes import Blank, Node, Tree
from certplan.plan.problems import PlanProblem
from certplan.plan.scalars import SAFE_KEY, label, nearest, rule_key, shown
from certplan.plan.target import target_problems

__all__ = ["cross_problems", "fault_problem"]

_USUAL_VIEWS = ("public", "internal")
_SOURCES = ("servers", "zone_files", "records")


def fault_problem(fault: Misfit, tree: Tree) -> PlanProblem:
    """Put one fault into words, at its place."""
    path = fault.path
    what = label(path)
    match fault.kind:
        case FaultKind.MISSING:
            return PlanProblem(tree.place(path[:-1]), f"{what} is missing; expected {fault.says}; add it")
        case FaultKind.UNKNOWN_KEY:
            return PlanProblem(tree.keys[path], _unknown_key(path, fault.found))
        case FaultKind.BAD_VALUE:
            value = f" {shown(fault.found)}" if isinstance(fault.found, str) else ""
            return PlanProblem(tree.place(path), f"{what}{value} {fault.says}")
        case FaultKind.WRONG_KIND:
            if isinstance(fault.found, Blank):
                return PlanProblem(tree.keys.get(path) or tree.place(path), _blank(what, fault))
            return PlanProblem(tree.place(path), f"{what} is {_kind(fault.found)}; expected {fault.says}")


def _blank(what: str, fault: Misfit) -> str:
    if fault.found is Blank.BARE:
        return f"{what} has no colon and no value; expected {fault.says}; write a colon, a space and the value"
    if fault.path and isinstance(fault.path[-1], int):
        remedy = "fill it in or remove the entry"
    else:
        remedy = "fill it in or remove the line" if fault.optional else "fill it in"
    return f"{what} is empty; expected {fault.says}; {remedy}"


def _kind(found: object) -> str:
    match found:
        case str():
            return f"the text {shown(found)}"
        case list():
            return "a list"
        case _:
            return "a section of keys"


def _unknown_key(path: PlanPath, found: object) -> str:
    key, allowed = str(path[-1]), keys_allowed_at(path[:-1])
    inside = label(path[:-1]) or "the plan"
    message = f"{shown(key)} is not a key of {inside}"
    suggestion = nearest(key, allowed) or (nearest(key.partition(" ")[0], allowed) if found is Blank.BARE else None)
    if suggestion is not None:
        return f"{message}; did you mean {suggestion}?"
    if found is Blank.BARE and ":" in key:
        return f"{message}; expected key: value; put a space behind the colon"
    if found is Blank.BARE:
        return f"{message}; inside braces a comma ends a value: put text that has a comma in quotes"
    expected = f"; expected one of {', '.join(allowed)}" if len(allowed) <= 8 else ""
    if elsewhere := sections_with(key):
        return f"{message}{expected}; it belongs in {' or in '.join(elsewhere)}: move it there"
    return f'{message}{expected}; remove it, or see "certplan schema" for the keys there are'


def cross_problems(tree: Tree) -> Iterator[PlanProblem]:
    """What contradicts itself within a plan, however much else is wrong with it.

    It looks at the plain values, not at the plan, so that these problems come in the same run as all others.
    """
    plan = _section(tree.value)
    yield from _lengths(tree)
    yield from _views(plan, tree)
    yield from _round_trips(plan, tree)
    yield from _severities(plan, tree)
    yield from target_problems(plan, tree)


def _lengths(tree: Tree) -> Iterator[PlanProblem]:
    for path, found, most in too_long(tree.value):
        what = f"{label(path) or 'the plan'} has {found:,} entries; expected at most {most:,}"
        yield PlanProblem(tree.place(path), f"{what}; leave out those that this cluster has no use for")


def _section(value: Node | None) -> dict[str, Node]:
    return value if isinstance(value, dict) else {}


def _entries(value: Node | None) -> list[Node]:
    return value if isinstance(value, list) else []


def _word(value: Node | None) -> str | None:
    return value if isinstance(value, str) else None


def _views(plan: dict[str, Node], tree: Tree) -> Iterator[PlanProblem]:
    target = _section(plan.get("target"))
    views = _section(plan.get("dns"))
    yield from _sources(views, ("dns",), tree)
    yield from _sources(_section(target.get("dns")), ("target", "dns"), tree)
    if not isinstance(plan.get("dns", {}), dict):
        return
    named_views = [
        named
        for position, peer in enumerate(_entries(plan.get("peers")))
        for named in _views_named(_section(peer).get("dns"), ("peers", position, "dns"))
    ]
    views = views | _section(target.get("dns"))
    for peer, changes in _section(target.get("peers")).items():
        named_views += _views_named(_section(changes).get("dns"), ("target", "peers", peer, "dns"))
    for path, named in named_views:
        # With no dns section at all the usual views need no entry: nothing is asked then.
        if named in views or ("dns" not in plan and named in _USUAL_VIEWS):
            continue
        suggestion = nearest(named, views)
        remedy = f"did you mean {shown(suggestion)}?" if suggestion else "add that view to dns, or correct the name"
        given = f"one of {', '.join(shown(view, 60) for view in list(views)[:8])}" if views else "a view"
        yield PlanProblem(
            tree.places[path], f"{label(path)} {shown(named)} is not a view of this plan; expected {given}; {remedy}"
        )


def _sources(views: dict[str, Node], path: PlanPath, tree: Tree) -> Iterator[PlanProblem]:
    for view, source in views.items():
        if isinstance(source, dict) and all(key in _SOURCES and value == [] for key, value in source.items()):
            yield PlanProblem(
                tree.keys[*path, view],
                f"{label((*path, view))} says nowhere to ask; expected servers, zone_files or records; "
                "add one or remove the view",
            )
        if not SAFE_KEY.fullmatch(view):
            yield PlanProblem(
                tree.keys[*path, view],
                f"{shown(view)} is not a name for a view; expected letters, digits, hyphens and dots; rename it",
            )


def _views_named(value: Node | None, path: PlanPath) -> list[tuple[PlanPath, str]]:
    """The views that a peer's `dns` names, each with its path: one word, or a view for each of several domains."""
    if isinstance(value, str):
        return [(path, value)]
    return [((*path, domain), view) for domain, view in _section(value).items() if isinstance(view, str)]


def _round_trips(plan: dict[str, Node], tree: Tree) -> Iterator[PlanProblem]:
    if not isinstance(plan.get("peers"), list):
        return
    names = [_names_of(_section(peer)) for peer in _entries(plan.get("peers"))]
    seen: dict[tuple[int, int], int] = {}
    for pair in _section(plan.get("round_trip_ms")):
        place = tree.keys["round_trip_ms", pair]
        what = f"round_trip_ms {shown(pair)}"
        words = pair.split()
        if len(words) != 2:
            yield PlanProblem(place, f'{what} does not name two peers; expected "one.example.com two.example.com": 12')
            continue
        first, second = (peer_called(word, names) for word in words)
        if first is None or second is None:
            continue
        key = (min(first, second), max(first, second))
        if first == second:
            yield PlanProblem(place, f"{what} names one peer twice; expected two peers; correct one of the names")
        elif key in seen:
            yield PlanProblem(place, f"{what} is the same pair as on line {seen[key]}; keep one of the two")
        else:
            seen[key] = place.line


def _names_of(peer: dict[str, Node]) -> tuple[str | None, ...]:
    address = _word(peer.get("address"))
    if address is None:
        return (_word(peer.get("fqdn")),)
    stated = (_word(peer.get(key)) for key in ("fqdn", "host_name", "domain"))
    return address, known_name(address, *stated)


def _severities(plan: dict[str, Node], tree: Tree) -> Iterator[PlanProblem]:
    seen: dict[str, int] = {}
    for key in _section(plan.get("severity")):
        place = tree.keys["severity", key]
        try:
            rule = rule_key(key)
        except ValueError as error:
            yield PlanProblem(place, f"severity {shown(key)} {error}")
            continue
        if rule in seen:
            yield PlanProblem(
                place, f"severity {shown(key)} is the rule of line {seen[rule]} again; keep one of the two"
            )
        seen.setdefault(rule, place.line)
