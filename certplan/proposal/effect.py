"""What every kind of change is: a value that can be made on a copy of the plan and the evidence, and put into words.

A kind of change is one class: how it changes the state, who makes it, its words, its typed fields in JSON, and where it
stands among the others. Nothing else lists the kinds.
"""

from abc import abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from certplan.intent.cluster import Intent
from certplan.plan.model import Plan
from certplan.text.names import show
from certplan.value import Value

if TYPE_CHECKING:
    from certplan.proposal.state import WorkingState

__all__ = ["ChangeWords", "Effect", "Who", "owner"]


class Who(StrEnum):
    """Who carries a change out, in the order the changes are best begun."""

    CERTIFICATES = "certificates"
    """Whoever orders certificates from a CA."""
    NETWORK = "network"
    """Firewall, NAT and interfaces."""
    DNS = "dns"
    EXPRESSWAY = "expressway"
    """Pages of the appliance."""


class ChangeWords(Value):
    """A change in words."""

    action: str
    """What, in a few words: `Reissue the server certificate`."""
    detail: str
    """The exact values, in sentences."""


class Effect(Value):
    """One change. Its fields say which; equal changes are one."""

    who: ClassVar[Who]
    kind: ClassVar[str]
    """Its name in JSON."""
    cost: ClassVar[int]
    """What costs most to carry out is the first to be left out where it is not needed."""
    order: ClassVar[int]
    """The order in which the changes of one group are begun."""
    first: ClassVar[bool] = False
    """It is made before the others: they change what it sets up."""

    def peer_number(self, intent: Intent) -> int | None:
        """The number of the peer it concerns; None for the cluster."""
        return getattr(self, "peer", None)

    @abstractmethod
    def make(self, state: "WorkingState") -> None:
        """Make the change on the state."""

    @abstractmethod
    def words(self, intent: Intent) -> ChangeWords:
        """Say it, with the exact values for this cluster."""

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        """Its values in JSON, by name."""
        return {}


def owner(plan: Plan, number: int) -> str:
    return show(plan.peers[number - 1].address)
