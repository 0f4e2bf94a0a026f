"""CLU: the release, and how much is known of it."""

from collections.abc import Iterator

from certplan.intent.stated import peer_list
from certplan.outcomes import Confidence, Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.vendor.releases import LAST_READ, is_after_guides

__all__ = ["release_after_guides"]


@rule(
    "CLU029",
    "release-after-guides",
    "The release is newer than the guides that certplan knows",
    Severity.NOTICE,
    sources=("AG-15.5-clustering", "CERT-15.5-about"),
    confidence=Confidence.INFERRED,
    since="X15.6",
    symptoms=("new release", "release not known to certplan"),
)
def release_after_guides(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every peer runs a release whose guides, or those of a later one, were read for certplan.

    Why it matters:
    A later release is judged as the last one known: what the vendor has changed since is not in the answer. Every
    finding is therefore marked `inferred`.

    How to fix:
    Read the release notes and the cluster guide of that release before the change window, and look for a newer
    certplan.

    Example:
    X15.6, where the guides up to X15.5 were read.
    """
    newer = [peer for peer in case.plan.peers if is_after_guides(peer.release)]
    if newer:
        yield Found(
            Subject.cluster(case.plan),
            f"{peer_list(newer)}: the release is newer than {LAST_READ}, the last whose guides were read; it is judged"
            f" as {LAST_READ}.",
            "Read the release notes for changes to clustering and certificates before you rely on this answer.",
            case.plan.where("cluster", "release"),
        )
