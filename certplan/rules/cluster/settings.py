"""CLU: what every peer must have set: option keys, NTP, H.323, and a network fast enough."""

from collections.abc import Iterator
from itertools import combinations

from certplan.evidence.model import Missing
from certplan.outcomes import Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.stated import unstated, unstated_in_cluster
from certplan.text.names import key, show, show_all
from certplan.text.words import clauses, joined

__all__ = ["LONGEST_ROUND_TRIP_MS", "h323_off", "ntp_missing", "option_keys_unlike", "round_trip_too_long"]


LONGEST_ROUND_TRIP_MS = 80


@rule(
    "CLU007",
    "option-keys-unlike",
    "Peers have different option keys",
    Severity.WARNING,
    sources=("CG-15.4-requirements", "AG-15.5-clustering"),
    symptoms=("option keys differ",),
)
def option_keys_unlike(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether all peers have the same set of option keys. The rule does not hold under Smart Licensing: write
    `option_keys: []` for each peer there.

    Why it matters:
    The configuration of the primary is copied to every peer. A feature that only some peers have a key for works or
    fails by the peer one happens to meet. Only license counts may differ.

    How to fix:
    Install the missing keys, or remove those that only some peers have.

    Example:
    exe1 and exe2 have the Advanced Networking key, exe3 does not.
    """
    stated = [peer for peer in case.plan.peers if peer.option_keys is not None]
    if len(case.plan.peers) > 1:
        yield from unstated(case, "option_keys", "option keys")
    if not stated:
        return
    found = {peer.number: {text.lower(): text for text in peer.option_keys or ()} for peer in stated}
    common = set.intersection(*(set(keys) for keys in found.values()))
    extra = [
        (peer, [text for low, text in sorted(found[peer.number].items()) if low not in common])
        for peer in stated
        if found[peer.number].keys() - common
    ]
    if extra:
        only = clauses(f"{show(peer.address)} has {show_all(texts)}" for peer, texts in extra)
        yield Found(
            Subject.cluster(case.plan),
            f"The peers' option keys differ: {only}, and not every other peer does. Only license counts may differ.",
            "Make the option keys the same on every peer, or write option_keys: [] under Smart Licensing.",
            case.where(extra[0][0], "option_keys"),
        )


@rule(
    "CLU008",
    "ntp-missing",
    "A peer has no NTP server",
    Severity.ERROR,
    sources=("CG-15.4-form", "AG-15.5-clustering"),
    symptoms=("time not synchronized", "NTP"),
)
def ntp_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer has at least one NTP server.

    Why it matters:
    A peer whose clock is not synchronised may not join, replication fails without NTP, and a wrong clock makes sound
    certificates look expired or not yet valid under Enforce.

    How to fix:
    Set an NTP server (`System > Time`) on that peer and wait until its `State` is `Synchronized`.

    Example:
    `ntp: []`
    """
    yield from unstated(case, "ntp", "NTP servers")
    for peer in case.plan.peers:
        if peer.ntp == ():
            yield Found(
                Subject.peer(peer),
                f"{show(peer.address)} has no NTP server; a cluster peer needs a synchronised clock.",
                f"Set an NTP server on {show(peer.address)} and wait for State to be Synchronized.",
                case.where(peer, "ntp"),
            )


@rule(
    "CLU009",
    "h323-off",
    "H.323 mode is off on a peer",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "AG-15.5-alarms"),
    alarms=(20018,),
    symptoms=("H.323 mode is disabled", "Invalid clustering configuration"),
)
def h323_off(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `H.323 mode` is On on every peer.

    Why it matters:
    Peers use H.323 signaling among themselves, even when every endpoint is SIP. The appliance raises alarm 20018
    (`Invalid clustering configuration`).

    How to fix:
    Set `H.323 mode` to On at `Configuration > Protocols > H.323`.

    Example:
    `h323: false` on a peer that was hardened by a template.
    """
    yield from unstated(case, "h323", "H.323 mode")
    for peer in case.plan.peers:
        if peer.h323 is False:
            yield Found(
                Subject.peer(peer),
                f"H.323 mode is Off on {show(peer.address)}, and peers use H.323 among themselves.",
                f"Set H.323 mode to On on {show(peer.address)}.",
                case.where(peer, "h323"),
            )


@rule(
    "CLU010",
    "round-trip-too-long",
    "Two peers are too far apart",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    symptoms=("latency between peers", "80 ms", "round trip"),
)
def round_trip_too_long(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the round-trip time between any two peers is 80 ms at most, by the times in the plan.

    Why it matters:
    Beyond that the cluster's database cannot keep step and peers drop out of it.

    How to fix:
    Move the peers nearer to each other, or form two clusters.

    Example:
    `"exe1.example.com exe2.example.com": 120`, from one continent to another.
    """
    times = case.plan.round_trip_ms
    if not times:
        if len(case.plan.peers) > 1:
            yield unstated_in_cluster(
                case, "round_trip_ms", "round-trip times between the peers", "Measure them and add round_trip_ms."
            )
        return
    pairs = {(one.address, other.address): (one, other) for one, other in combinations(case.plan.peers, 2)}
    for ends, milliseconds in times.items():
        if milliseconds <= LONGEST_ROUND_TRIP_MS or ends not in pairs:
            continue
        one, other = sorted(pairs[ends], key=lambda peer: key(peer.address))
        yield Found(
            Subject.pair(one, other),
            f"The round trip between {show(one.address)} and {show(other.address)} takes {milliseconds:g} ms; at most"
            f" {LONGEST_ROUND_TRIP_MS} ms is supported.",
            "Move the two peers nearer to each other, or into separate clusters.",
            case.plan.where("round_trip_ms"),
        )
    unstated = sorted(joined(show(end) for end in sorted(ends, key=key)) for ends in pairs if ends not in times)
    if unstated:
        more = f" and of {len(unstated) - 1} more pairs of peers" if len(unstated) > 1 else ""
        missing = Missing(
            f"the round-trip time between {unstated[0]}{more}",
            "the plan gives it for other pairs only",
            "Measure it and add it to round_trip_ms in the plan.",
            case.plan.where("round_trip_ms"),
            field="round_trip_ms",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)
