"""What the plan leaves out, said once; and peers in words."""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import Missing
from certplan.plan.model import Peer, Services
from certplan.rules.model import Case, Subject, Unchecked
from certplan.text.names import show

__all__ = ["unstated", "unstated_in_cluster", "unstated_services"]


def unstated(case: Case, field: str, what: str, peers: Sequence[Peer] | None = None) -> Iterator[Unchecked]:
    """A "not verified" for a field that peers leave out: one for the cluster when all do, else one a peer.

    Args:
        case: the case.
        field: the plan's key, such as `h323`.
        what: the same in the appliance's words, such as `H.323 mode`.
        peers: those that ought to state it; all, when left out.
    """
    asked = case.plan.peers if peers is None else peers
    silent = [peer for peer in asked if getattr(peer, field) is None]
    remedy = f"Add {field} to each peer in the plan."
    if silent and len(silent) == len(asked):
        missing = Missing(
            f"{what} of the peers", "the plan does not say", remedy, case.plan.where("peers"), field=field
        )
        yield Unchecked(Subject.cluster(case.plan), missing)
        return
    for peer in silent:
        missing = Missing(
            f"{what} of {show(peer.address)}", "the plan does not say", remedy, case.where(peer), peer.address, field
        )
        yield Unchecked(Subject.peer(peer), missing)


def unstated_in_cluster(case: Case, field: str, what: str, remedy: str) -> Unchecked:
    """A "not verified" for a field that the plan leaves out for the whole cluster.

    Args:
        case: the case.
        field: the plan's key, such as `round_trip_ms`.
        what: the same in words.
        remedy: what to add to the plan, as a sentence.
    """
    missing = Missing(what, "the plan does not say", remedy, case.plan.where(), field=field)
    return Unchecked(Subject.cluster(case.plan), missing)


def unstated_services(case: Case) -> Iterator[Unchecked]:
    """A "not verified" where the plan says nothing of services; an empty `services:` says that there are none."""
    plan = case.plan
    if plan.services == Services() and ("services",) not in plan.places:
        yield unstated_in_cluster(
            case, "services", "services that the cluster provides", "Add services to the plan; {} says there are none."
        )
