"""What ought to hold: the rules, and the catalogue computed from them."""

from functools import cache
from importlib import import_module

from certplan.handshake.model import Cause
from certplan.rules.model import Rule

__all__ = ["catalogue", "codes_for", "find"]

_ROOMS = (
    "names",
    "names_form",
    "names_identity",
    "names_services",
    "trust",
    "trust_lists",
    "trust_files",
    "keys",
    "validity",
    "roles",
    "interfaces",
    "interfaces_addresses",
    "mapping",
    "mapping_table",
    "dns",
    "dns_views",
    "dns_reverse",
    "dns_services",
    "cluster",
    "cluster_names",
    "cluster_page",
    "housekeeping",
)


@cache
def catalogue() -> tuple[Rule, ...]:
    """Every rule, ordered by group and number."""
    rooms = [import_module(f"{__name__}.{room}") for room in _ROOMS]
    rules = {value.code: value for room in rooms for value in vars(room).values() if isinstance(value, Rule)}
    groups = [rule.group for rule in rules.values()]
    return tuple(sorted(rules.values(), key=lambda rule: (groups.index(rule.group), rule.code)))


@cache
def codes_for(cause: Cause) -> tuple[str, ...]:
    """The codes of the rules that explain a failed or undecided handshake step."""
    return tuple(rule.code for rule in catalogue() if cause in rule.answers)


def find(text: str) -> Rule | None:
    """The rule with this code or slug, in any letter case."""
    wanted = text.strip().lower()
    return next((rule for rule in catalogue() if wanted in (rule.code.lower(), rule.slug)), None)
