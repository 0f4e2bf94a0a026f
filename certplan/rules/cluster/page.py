"""CLU: the clustering page itself: the peer fields, the primary and the TLS verification mode."""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import Missing
from certplan.handshake.model import Cause
from certplan.handshake.page import split
from certplan.intent.stated import peer_list
from certplan.outcomes import Outcome, Severity, Verdict
from certplan.plan.model import Peer, TlsVerification
from certplan.rules.cluster.members import grouped
from certplan.rules.cluster.names import LONGEST_NAME
from certplan.rules.model import Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.handshakes import unchecked
from certplan.text.addresses import parse_ip
from certplan.text.names import is_ip, key, show, show_all
from certplan.text.words import joined

__all__ = [
    "enforced_and_broken",
    "fqdn_shared",
    "mixed_peer_addresses",
    "peer_address_shared",
    "peer_address_too_long",
    "permissive_today",
    "primary_unfit",
    "release_without_tls",
    "round_trip_of_no_peer",
]


@rule(
    "CLU018",
    "primary-unfit",
    "Configuration primary is not a peer",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    symptoms=("Configuration primary", "primary index wrong", "Cluster replication error"),
)
def primary_unfit(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `Configuration primary` is the number of one of the peers.

    Why it matters:
    The configuration of the primary is copied to all others: mapping and TLS verification mode are set there, and
    restarts and upgrades begin there. Indexes shift when a peer is removed.

    How to fix:
    Set `Configuration primary` to the number of the peer that is to be primary, the same on every peer.

    Example:
    `primary: 4` after one of four peers was removed.
    """
    primary, count = case.plan.cluster.primary, len(case.plan.peers)
    if primary is None:
        missing = Missing(
            "Configuration primary",
            "the plan does not say",
            "Add primary to cluster.",
            case.plan.where("cluster"),
            field="cluster.primary",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)
    elif primary > count:
        yield Found(
            Subject.cluster(case.plan),
            f"Configuration primary is {primary}, and the cluster has {count} {'peers' if count > 1 else 'peer'}.",
            f"Set Configuration primary to the number of a peer, 1 to {count}.",
            case.plan.where("cluster", "primary"),
        )


@rule(
    "CLU019",
    "peer-address-shared",
    "Two peer fields have the same address",
    Severity.ERROR,
    sources=("AG-15.5-alarms", "CG-15.4-form"),
    alarms=(20003,),
    symptoms=("Invalid cluster configuration", "duplicate peer address"),
)
def peer_address_shared(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` is in the list once.

    Why it matters:
    The list names each peer once, the same and in the same order on all of them. A duplicate raises alarm 20003
    (`Invalid cluster configuration`).

    How to fix:
    Correct the field that was copied, on every peer.

    Example:
    `Peer 2 address` and `Peer 3 address` are both exe2.example.com.
    """
    for peers in grouped((_address_key(peer), peer) for peer in case.plan.peers).values():
        if len(peers) > 1:
            address = min(peer.address for peer in peers)
            fields = joined(f"Peer {peer.number} address" for peer in peers)
            yield Found(
                # Every peer has the same list, so that each of them raises the alarm.
                Subject.name_of(address, *peers, *(peer for peer in case.plan.peers if peer not in peers)),
                f"{fields} are {'both' if len(peers) == 2 else 'all'} {show(address)}.",
                f"Correct all but one of {fields}.",
                case.where(peers[-1], "address"),
            )


def _address_key(peer: Peer) -> str:
    ip = parse_ip(peer.address)
    return key(peer.address) if ip is None else str(ip)


@rule(
    "CLU020",
    "fqdn-shared",
    "Two peers are to be known by the same FQDN",
    Severity.ERROR,
    sources=("CG-15.4-form", "CG-15.4-fqdn"),
    symptoms=("same FQDN twice",),
)
def fqdn_shared(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether peers whose addresses differ are to be known by different FQDNs.

    Why it matters:
    Enforce and cluster address mapping tell peers apart by their FQDNs: one name leads to one peer only.

    How to fix:
    Correct `fqdn`, or host name and domain, of one of them.

    Example:
    `Peer 1 address` 10.20.0.11 and `Peer 2 address` 10.20.0.12, both with the FQDN exe1.example.com.
    """
    named = [(key(peer.fqdn), peer) for peer in case.plan.peers if peer.fqdn is not None]
    for peers in grouped(named).values():
        if len({_address_key(peer) for peer in peers}) > 1:
            fqdn = min(peer.fqdn or "" for peer in peers)
            yield Found(
                Subject.name_of(fqdn, *peers),
                f"{peer_list(peers)} are all to be known by the FQDN {show(fqdn)}; each needs one of its own.",
                "Correct the FQDN of all but one of them.",
                case.where(peers[-1], "fqdn"),
            )


@rule(
    "CLU021",
    "mixed-peer-addresses",
    "Some peer addresses are IP addresses and some are FQDNs",
    Severity.WARNING,
    sources=("CG-15.4-fqdn", "CG-15.4-change"),
    symptoms=("mixed IP and FQDN peer addresses",),
)
def mixed_peer_addresses(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether all peer addresses are of one kind.

    Why it matters:
    A mixed list belongs to the change from IP addresses to FQDNs, one field after the other, and to nothing else:
    alarms and impaired links are expected while it lasts, and Enforce waits for its end.

    How to fix:
    Finish the change: one peer address at a time on every peer, then restart the peer it names and wait until the
    alarms have cleared.

    Example:
    `Peer 1 address` exe1.example.com, `Peer 2 address` still 10.20.0.12.
    """
    on_ips = [peer for peer in case.plan.peers if is_ip(peer.address)]
    if 0 < len(on_ips) < len(case.plan.peers):
        yield Found(
            Subject.cluster(case.plan),
            f"Of {len(case.plan.peers)} peer addresses {len(on_ips)} {'is' if len(on_ips) == 1 else 'are'} still an IP"
            f" address ({peer_list(on_ips)}), the others are FQDNs.",
            "Finish the change to FQDNs, one peer address at a time.",
            case.where(on_ips[0], "address"),
        )


@rule(
    "CLU022",
    "peer-address-too-long",
    "A peer address is longer than its field",
    Severity.ERROR,
    sources=("AG-15.5-reference",),
    symptoms=("peer address too long", "128 characters"),
)
def peer_address_too_long(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's address, and the FQDN that is to take its place, has at most 128 characters.

    Why it matters:
    `Peer N address` takes no more, although DNS allows names of 253.

    How to fix:
    Choose a shorter host name or domain for the peer.

    Example:
    A name of 140 characters made by a cloud platform.
    """
    for peer in case.plan.peers:
        long = [name for name in (peer.address, peer.fqdn) if name is not None and len(name) > LONGEST_NAME]
        if long:
            yield Found(
                Subject.peer(peer),
                f"Peer {peer.number} address takes {LONGEST_NAME} characters; {show(long[0])} has {len(long[0])}.",
                f"Choose a shorter FQDN for Peer {peer.number}.",
                case.where(peer, "address"),
            )


@rule(
    "CLU023",
    "permissive-today",
    "TLS verification mode is Permissive",
    Severity.NOTICE,
    sources=("AG-15.5-alarms", "CG-15.4-form"),
    alarms=(40049,),
    since="X8.8",
    symptoms=("TLS verification mode Permissive", "Cluster TLS permissive"),
)
def permissive_today(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `TLS verification mode` is Enforce today.

    Why it matters:
    In Permissive, the default, the links between peers are encrypted, but no peer checks another's certificate. The
    appliance raises alarm 40049 (`Cluster TLS permissive`) as a notice.

    How to fix:
    Once the verdict is ready and both lines of every row on `System > Clustering` are green, set Enforce on the
    primary, restart the primary, then the others one by one.

    Example:
    `tls_verification: permissive`
    """
    if not case.plan.is_target and case.plan.cluster.tls_verification is TlsVerification.PERMISSIVE:
        ready = case.matrix.verdict is Verdict.READY
        yield Found(
            Subject.cluster(case.plan),
            "TLS verification mode is Permissive: peers do not check one another's certificates.",
            "Set Enforce on the primary and restart the primary first, then the others one by one."
            if ready
            else "Leave it Permissive until the verdict is ready, then set Enforce on the primary.",
            case.plan.where("cluster", "tls_verification"),
        )


@rule(
    "CLU024",
    "enforced-and-broken",
    "Enforce is on already, and peers refuse each other",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering", "AG-15.5-alarms"),
    alarms=(20004, 20006),
    symptoms=(
        "Cluster communication failure",
        "Cluster database communication failure",
        "Clustering: Failed",
        "cluster down after Enforce",
    ),
)
def enforced_and_broken(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a cluster that runs with Enforce today would pass it.

    Why it matters:
    What is otherwise a forecast is the present here: peers drop out, alarms 20004 and 20006 are active, and changes
    made on the primary do not reach those that are cut off.

    How to fix:
    Set `TLS verification mode` to Permissive on the primary and on every peer that is cut off, restart, fix what the
    other findings name, and set Enforce again when the verdict is ready.

    Example:
    A certificate was renewed without the peer's FQDN among its SANs while Enforce was on.
    """
    enforced = not case.plan.is_target and case.plan.cluster.tls_verification is TlsVerification.ENFORCE
    if enforced and case.matrix.verdict is Verdict.UNDECIDED:
        yield from unchecked(case, *Cause)
    if enforced and case.matrix.only_own_rows_fail:
        own = [h.presenter for h in case.matrix.handshakes if h.outcome is Outcome.FAIL]
        yield Found(
            Subject(SubjectKind.CLUSTER, case.plan.cluster.name, tuple(peer.address for peer in own)),
            f"TLS verification mode is Enforce already; the links between the peers hold, and {peer_list(own)}"
            f" {'shows' if len(own) == 1 else 'show'} the row about itself as invalid.",
            "Fix the other errors; TLS verification mode can stay as it is meanwhile.",
            case.plan.where("cluster", "tls_verification"),
            severity=Severity.WARNING,
            alarms=(),
        )
    elif enforced and case.matrix.verdict is Verdict.NOT_READY:
        apart_groups = split(case.matrix).groups
        apart = (
            f"; the cluster splits into {' | '.join(_together(group) for group in apart_groups)}"
            if apart_groups
            else ""
        )
        yield Found(
            Subject.cluster(case.plan),
            f"TLS verification mode is Enforce already, and peers refuse each other{apart}.",
            "Set TLS verification mode to Permissive until the other errors are fixed.",
            case.plan.where("cluster", "tls_verification"),
        )


def _together(group: Sequence[Peer]) -> str:
    return " + ".join(show(peer.address) for peer in group)


@rule(
    "CLU025",
    "release-without-tls",
    "The release has no TLS between peers",
    Severity.ERROR,
    sources=("CG-15.4-about", "AG-15.5-clustering"),
    until="X8.8",
    symptoms=("IPsec between peers",),
)
def release_without_tls(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the cluster runs X8.8 or later.

    Why it matters:
    Before X8.8 peers used IPsec between them: there is no TLS verification mode, and nothing that certplan judges
    of it holds.

    How to fix:
    Upgrade the cluster, by way of X8.11.4.

    Example:
    `release: X8.7.3`
    """
    yield Found(
        Subject.cluster(case.plan),
        f"{case.plan.cluster.release} has no TLS verification mode: peers use TLS from X8.8 on.",
        "Upgrade the cluster.",
        case.plan.where("cluster", "release"),
    )


@rule(
    "CLU026",
    "round-trip-of-no-peer",
    "A round-trip time names a peer that the plan does not have",
    Severity.WARNING,
    sources=("CG-15.4-requirements",),
    symptoms=("unknown peer in round_trip_ms",),
)
def round_trip_of_no_peer(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether both names of each entry under `round_trip_ms` are peers of the plan, by address or FQDN.

    Why it matters:
    A time under a misspelled name is compared with nothing, and a pair of peers too far apart stays unseen.

    How to fix:
    Correct the name, or remove the entry.

    Example:
    `"exe1.example.com exe22.example.com": 12` in a cluster of exe1 and exe2.
    """
    known = {key(name) for peer in case.plan.peers for name in (peer.address, peer.fqdn) if name is not None}
    unknown = sorted({name for ends in case.plan.round_trip_ms for name in ends if key(name) not in known}, key=key)
    if unknown:
        named = show_all(unknown)
        yield Found(
            Subject.cluster(case.plan),
            f"round_trip_ms names {named}, and no peer is called so.",
            "Correct the name, or remove the entry.",
            case.plan.where("round_trip_ms"),
        )
