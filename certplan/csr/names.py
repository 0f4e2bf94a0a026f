"""Which names a certificate request is to bear, and whether a CA and the appliance would take them.

Sources: Certificate Creation and Use Deployment Guide X15.5, "Server Certificate Requirements for Unified
Communications" (which name on which node), "About" (CN and SANs of a cluster) and "Loading" (what the upload refuses);
Administrator Guide X15.5, Clustering and Peers (syntax of names); RFC 5280 appendix A.1 (a CN has 64 characters);
CA/Browser Forum Baseline Requirements 2.2.6, sections 4.2.2 and 7.1.2.7.12 (public certificates).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from certplan.csr.model import Choices, NameFor, Order, Request, RequestedName
from certplan.csr.rules import choice_problems, choice_warnings, stores
from certplan.csr.words import CnStyle, NameStyle
from certplan.places import Place
from certplan.plan.model import CertificateAuthority, CertificateSubject, ClusterType, Peer, Plan, SanFormat
from certplan.plan.nodes import PlanProblem
from certplan.text.names import NameDefect, defects, is_fqdn, is_ip, key, same, show
from certplan.vendor import is_internal_name

__all__ = ["LONGEST_CN", "order_requests"]

LONGEST_CN = 64
"""RFC 5280 appendix A.1, ub-common-name."""
_MENDED = frozenset({NameDefect.TRAILING_DOT, NameDefect.NOT_ASCII})
"""What writing the name as an A-label without the root's dot mends."""
_FILE_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_REMEDY = {
    NameDefect.IP_ADDRESS: "no service needs an IP address in a certificate, and the upload refuses it; give an FQDN",
    NameDefect.SINGLE_LABEL: "the upload refuses it; give the FQDN",
    NameDefect.WILDCARD: "Expressway supports no wildcards; write each name out",
    NameDefect.UNDERSCORE: "a certificate may have none; rename it",
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A name somebody wants in a certificate, and where it is stated."""

    name: str
    why: NameFor
    where: Place


def order_requests(plan: Plan, peers: Sequence[Peer], choices: Choices) -> Order:
    """Decide what is requested for each of `peers`: the CN, the SANs, the usages, a request for each store.

    Args:
        plan: the cluster.
        peers: those of its peers that get requests, in order.
        choices: how they are to be made.

    Returns:
        The requests, peer by peer; or, where anything is wrong with a name or a choice, no request and every problem
        with its place in the plan, sorted.
    """
    choices = replace(choices, subject=_subject(plan, choices))
    problems = list(choice_problems(plan, peers, choices))
    notes: list[str] = []
    requests: list[Request] = []
    stems = _stems(plan)
    for peer in peers:
        wishes = list(_wishes(plan, peer, choices, notes))
        problems += _no_name(plan, peer)
        problems += _faulty(plan, wishes)
        problems += _long_cn(wishes, choices)
        if wishes and not problems:
            names = _each_once(wishes)
            requests += [
                Request(peer, store, names[0].name, names, role, choices, stems[peer.number] + suffix)
                for store, role, suffix in stores(choices)
            ]
    distinct = sorted(set(problems), key=lambda problem: (problem.place, problem.message))
    return Order(
        requests=() if distinct else tuple(requests),
        problems=tuple(distinct),
        warnings=tuple(choice_warnings(plan, peers, choices)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _subject(plan: Plan, choices: Choices) -> CertificateSubject:
    """The plan's subject, its fields replaced by those that were chosen."""
    chosen = {field: value for field, value in asdict(choices.subject).items() if value is not None}
    return replace(plan.certificate_subject, **chosen)


def _wishes(plan: Plan, peer: Peer, choices: Choices, notes: list[str]) -> Iterator[_Wish]:
    """Every name in the order the request is to have them, the CN first; doubles are still in it."""
    own = _own_name(plan, peer)
    cluster = _Wish(plan.cluster.name, NameFor.CLUSTER, plan.where("cluster", "name"))
    by_cluster = len(plan.peers) > 1 if choices.cn is None else choices.cn is CnStyle.CLUSTER
    if by_cluster:
        yield cluster
    if own is not None:
        yield own
    if len(plan.peers) > 1:
        yield cluster
    if own is not None and not same(own.name, key(peer.address)):
        yield from _address(plan, peer, notes)
    yield from _services(plan, notes)
    if choices.names is NameStyle.ALL:
        others = (_own_name(plan, other) for other in plan.peers if other is not peer)
        yield from (_Wish(other.name, NameFor.OTHER_PEER, other.where) for other in others if other is not None)
    yield from (_Wish(san, NameFor.EXTRA, Place("--san")) for san in choices.sans)


def _own_name(plan: Plan, peer: Peer) -> _Wish | None:
    """The FQDN the peer is to be known by; None when nothing says it."""
    position = peer.number - 1
    if peer.fqdn is None or is_ip(peer.fqdn):
        return None
    for field in ("fqdn", "address", "host_name"):
        if ("peers", position, field) in plan.places and (field != "address" or peer.fqdn == peer.address):
            return _Wish(peer.fqdn, NameFor.PEER, plan.where("peers", position, field))
    return _Wish(peer.fqdn, NameFor.PEER, plan.where("peers", position))


def _address(plan: Plan, peer: Peer, notes: list[str]) -> Iterator[_Wish]:
    """`Peer N address` where it is another name: peers go by it until it is changed."""
    if is_ip(peer.address):
        return
    public = plan.certificate_authority is CertificateAuthority.PUBLIC
    if not is_fqdn(peer.address) or (public and is_internal_name(key(peer.address))):
        notes.append(
            f"Peer {peer.number} address {show(peer.address)} cannot stand in this certificate; change it to"
            f" {show(peer.fqdn or '')} before Enforce."
        )
        return
    yield _Wish(peer.address, NameFor.ADDRESS, plan.where("peers", peer.number - 1, "address"))


def _services(plan: Plan, notes: list[str]) -> Iterator[_Wish]:
    services, on_e = plan.services, plan.cluster.type is ClusterType.EXPRESSWAY_E
    xmpp = services.xmpp_federation
    if on_e:
        yield from _mra(plan, notes)
    if on_e and xmpp is not None:
        yield from _stated(plan, xmpp.domains, NameFor.XMPP, "services", "xmpp_federation", "domains")
    if xmpp is not None:
        place = ("services", "xmpp_federation", "chat_node_aliases")
        yield from _stated(plan, xmpp.chat_node_aliases, NameFor.CHAT, *place)
    if on_e:
        yield from _stated(plan, services.cms_web_proxy or (), NameFor.JOIN, "services", "cms_web_proxy")
    else:
        profiles = services.phone_security_profiles or ()
        yield from _stated(plan, profiles, NameFor.PROFILE, "services", "phone_security_profiles")


def _mra(plan: Plan, notes: list[str]) -> Iterator[_Wish]:
    """The edge domains in their format. An internal domain beside a public one stays inside."""
    mra = plan.services.mra
    if mra is None:
        return
    public = [domain for domain in mra.domains if not is_internal_name(key(domain))]
    for position, domain in enumerate(mra.domains):
        if public and domain not in public:
            notes.append(f"The internal domain {show(domain)} is left out: clients outside look for the public ones.")
            continue
        spelled = f"collab-edge.{domain}" if mra.san_format is SanFormat.COLLAB_EDGE else domain
        yield _Wish(spelled, NameFor.MRA, plan.where("services", "mra", "domains", position))
    if mra.domains and mra.san_format is None:
        notes.append("The plan gives no services.mra.san_format; the MRA domains stand in the dns format, bare.")


def _stated(plan: Plan, names: Iterable[str], why: NameFor, *path: str) -> Iterator[_Wish]:
    return (_Wish(name, why, plan.where(*path, position)) for position, name in enumerate(names))


def _each_once(wishes: Iterable[_Wish]) -> tuple[RequestedName, ...]:
    """Each name once, letter case aside, at its first place and for its first reason."""
    found: dict[str, RequestedName] = {}
    for wish in wishes:
        found.setdefault(key(wish.name), RequestedName(key(wish.name), wish.why))
    return tuple(found.values())


def _no_name(plan: Plan, peer: Peer) -> Iterator[PlanProblem]:
    if peer.fqdn is None or is_ip(peer.fqdn):
        yield PlanProblem(
            plan.where("peers", peer.number - 1, "address"),
            f"Peer {peer.number} address {show(peer.address)} is an IP address, and nothing gives the name peer"
            f" {peer.number} is to be known by; expected an FQDN; add fqdn, or host_name and domain, to the peer",
        )


def _faulty(plan: Plan, wishes: Iterable[_Wish]) -> Iterator[PlanProblem]:
    public = plan.certificate_authority is CertificateAuthority.PUBLIC
    for wish in wishes:
        subject = (
            f"the {wish.why} {show(wish.name)}" if wish.why is not NameFor.EXTRA else show(wish.name) or "the name"
        )
        found = [defect for defect in defects(wish.name) if defect not in _MENDED]
        for defect in found:
            remedy = _REMEDY.get(defect, "correct it")
            yield PlanProblem(wish.where, f"{subject} {defect.words}; expected an FQDN; {remedy}")
        if public and not found and is_internal_name(key(wish.name)):
            yield PlanProblem(
                wish.where,
                f"{subject} is an internal name, and no public CA may certify it; expected a name in public DNS; take"
                " another name, or set certificate_authority: private",
            )


def _long_cn(wishes: Sequence[_Wish], choices: Choices) -> Iterator[PlanProblem]:
    """A CN that does not fit is never cut or left out: without one MRA and the CMS web proxy do not work."""
    if not wishes or (length := len(key(wishes[0].name))) <= LONGEST_CN:
        return
    cn = wishes[0]
    if cn.why is NameFor.CLUSTER:
        remedy = "use --cn peer, and the cluster name stays a SAN"
    elif choices.cn is CnStyle.PEER:
        remedy = "use --cn cluster where that is shorter, or give the peer a shorter name"
    else:
        remedy = "give the peer a shorter name"
    yield PlanProblem(
        cn.where,
        f"the {cn.why} {show(cn.name)} would be the CN and has {length} characters; expected {LONGEST_CN} at most;"
        f" {remedy}",
    )


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
