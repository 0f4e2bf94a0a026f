"""Where a module of faults keeps its own: by name, in the order in which they are made."""

from collections.abc import Callable

from tests.clusters import Draft

__all__ = ["Fault", "Faults"]

Fault = Callable[[Draft, int], None]


class Faults(dict[str, Fault]):
    def add(self, change: Fault) -> Fault:
        """Keep a function under its own name; a decorator."""
        self[change.__name__] = change
        return change
