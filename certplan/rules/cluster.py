"""CLU: what the peers of one cluster must have in common."""

from collections.abc import Iterator

from certplan.outcomes import Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule

__all__ = ["too_many_peers"]

MOST_PEERS = 6


@rule(
    "CLU001",
    "too-many-peers",
    "A cluster has more than six peers",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
)
def too_many_peers(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the cluster has at most six peers, the primary included.

    Why it matters:
    The clustering page has six peer fields.

    How to fix:
    Remove peers until six are left, or form a second cluster.

    Example:
    Seven entries under `peers`.
    """
    count = len(case.plan.peers)
    if count > MOST_PEERS:
        yield Found(
            Subject.cluster(case.plan),
            f"The cluster has {count} peers; at most {MOST_PEERS} are supported.",
            f"Remove {count - MOST_PEERS} of the peers.",
            case.plan.where("peers"),
        )
