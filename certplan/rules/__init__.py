"""What ought to hold: the rules, and the catalog computed from them."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from certplan.handshake.model import Cause
from certplan.rules.model import Group, Rule

__all__ = ["catalog", "codes_for", "find"]


@cache
def catalog() -> tuple[Rule, ...]:
    """Every rule, ordered by group and number.

    Raises:
        ValueError: when two rules have one code, so that neither can get lost.
    """
    rules: dict[str, Rule] = {}
    for rule in (value for module in _modules() for value in vars(module).values() if isinstance(value, Rule)):
        if rules.setdefault(rule.code, rule) is not rule:
            raise ValueError(f"two rules have the code {rule.code}: {rules[rule.code].slug} and {rule.slug}")
    order = list(Group)
    return tuple(sorted(rules.values(), key=lambda rule: (order.index(rule.group), rule.code)))


def _modules() -> Iterator[ModuleType]:
    """Every module in the folder of a group: a module dropped in is found."""
    for group in iter_modules(__path__, f"{__name__}."):
        if group.ispkg:
            package = import_module(group.name)
            yield from (import_module(module.name) for module in iter_modules(package.__path__, f"{group.name}."))


@cache
def codes_for(cause: Cause) -> tuple[str, ...]:
    """The codes of the rules that explain a failed or undecided handshake step."""
    return tuple(rule.code for rule in catalog() if cause in rule.answers)


def find(text: str) -> Rule | None:
    """The rule with this code or slug, in any letter case."""
    sought = text.strip().lower()
    return next((rule for rule in catalog() if sought in (rule.code.lower(), rule.slug)), None)
