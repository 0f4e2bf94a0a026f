"""Which certificates are requested for which peers, and everything that speaks against it.

What a certificate must have is decided in `certplan.intent`; here it becomes a CSR for each store, or problems.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import asdict

from certplan.csr.model import Choices, Order, Request
from certplan.csr.rules import choice_problems, choice_warnings, stores
from certplan.handshake.model import Store
from certplan.intent.cluster import Intent
from certplan.intent.names import name_notes
from certplan.intent.zones import zone_notes
from certplan.plan.model import CertificateSubject, Peer, Plan
from certplan.text.names import is_fqdn, key, show_all
from certplan.value import replace
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["order_requests"]

_FILE_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")


def order_requests(intent: Intent, peers: Sequence[Peer], choices: Choices) -> Order:
    """Decide what is requested for each of `peers`: the CN, the SANs, the usages, a request for each store.

    Args:
        intent: what the cluster should have.
        peers: those of its peers that get requests, in order.
        choices: how they are to be made.

    Returns:
        The requests, peer by peer; or, where anything is wrong with a name or a choice, no request and every problem
        with its place in the plan, sorted.
    """
    plan = intent.plan
    choices = replace(choices, subject=_subject(plan, choices))
    problems = list(choice_problems(plan, peers, choices))
    notes: list[str] = []
    requests: list[Request] = []
    stems = _stems(plan)
    for peer in peers:
        for store, role, suffix in stores(choices):
            decided = intent.certificate(peer, store, choices.about_names)
            problems += decided.problems
            public = intent.public(peer, store)
            notes += name_notes(plan, peer, intent.name(peer), public=public)
            notes += zone_notes(plan, intent.evidence, peer, store, public=public)
            usages = decided.roles if role is None else role.usages
            if decided.names:
                stem = stems[peer.number] + suffix
                requests.append(Request(peer, store, decided.cn, decided.names, usages, choices, stem))
    notes += _client_certificates(peers, choices)
    distinct = sorted(set(problems), key=lambda problem: (problem.place, problem.message))
    return Order(
        requests=() if distinct else tuple(requests),
        problems=tuple(distinct),
        warnings=tuple(choice_warnings(plan, peers, choices)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _client_certificates(peers: Sequence[Peer], choices: Choices) -> Iterator[str]:
    """From X15.5 a peer has two certificates, and one run makes the CSRs of the server certificate alone."""
    if any(store is Store.CLIENT for store, _, _ in stores(choices)):
        return
    if two := [peer for peer in peers if peer.release >= TWO_STORES_FROM]:
        named = show_all(peer.address for peer in two)
        yield (
            f"{named}: from {TWO_STORES_FROM} a peer has a client certificate too. These CSRs are for the server"
            " certificates; --store client makes those for the client certificates, --store both all."
        )


def _subject(plan: Plan, choices: Choices) -> CertificateSubject:
    """The plan's subject, its fields replaced by those that were chosen."""
    chosen = {field: value for field, value in asdict(choices.subject).items() if value is not None}
    return replace(plan.certificate_subject, **chosen)


def _stems(plan: Plan) -> dict[int, str]:
    """Each peer's file name without its ending: the host name, or the FQDN where two peers share a host name."""
    hosts = {peer.number: _host(peer) for peer in plan.peers}
    taken = [host.lower() for host in hosts.values()]
    return {
        peer.number: hosts[peer.number]
        if taken.count(hosts[peer.number].lower()) == 1
        else _unlike(peer, hosts[peer.number])
        for peer in plan.peers
    }


def _host(peer: Peer) -> str:
    """The host name where it is fit for a file name, else the first label of the FQDN, else the peer's number."""
    candidates = (peer.host_name or "", key(peer.fqdn or "").partition(".")[0])
    return next((name for name in candidates if _FILE_STEM.fullmatch(name)), f"peer{peer.number}")


def _unlike(peer: Peer, host: str) -> str:
    return key(peer.fqdn) if peer.fqdn is not None and is_fqdn(peer.fqdn) else f"{host}-{peer.number}"
