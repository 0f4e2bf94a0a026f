"""Which names a peer's certificate must carry, and whether a CA and the appliance would take them.

Sources: Certificate Creation and Use Deployment Guide X15.5, "Server Certificate Requirements for Unified
Communications" (which name on which node), "About" (CN and SANs of a cluster) and "Loading" (what the upload refuses);
Administrator Guide X15.5, Clustering and Peers (syntax of names); RFC 5280 appendix A.1 (a CN has 64 characters);
CA/Browser Forum Baseline Requirements 2.2.6, sections 4.2.2 and 7.1.2.7.12 (public certificates).
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from certplan.intent.stated import on_expressway_e
from certplan.places import Place
from certplan.plan.model import Peer, Plan, SanFormat
from certplan.plan.problems import PlanProblem
from certplan.text.names import NameDefect, defects, is_fqdn, is_ip, key, same, show, typo
from certplan.value import Value
from certplan.vendor import is_internal_name

__all__ = [
    "BY_DEFAULT",
    "EDGE",
    "LONGEST_CN",
    "NameChoices",
    "NameFor",
    "RequestedName",
    "RequiredName",
    "domain_name",
    "each_once",
    "name_notes",
    "name_problems",
    "required_names",
    "shared_names",
]

LONGEST_CN = 64
"""RFC 5280 appendix A.1, ub-common-name."""
EDGE = "collab-edge."
"""What may stand before an MRA domain."""
_RECOVERED = frozenset({NameDefect.TRAILING_DOT, NameDefect.NOT_ASCII})
"""What writing the name as an A-label without the root's dot puts right."""
_FIXES = {
    NameDefect.IP_ADDRESS: "no service needs an IP address in a certificate, and the upload refuses it; give an FQDN",
    NameDefect.SINGLE_LABEL: "the upload refuses it; give the FQDN",
    NameDefect.WILDCARD: "Expressway supports no wildcards; write each name out",
    NameDefect.UNDERSCORE: "a certificate may have none; rename it",
}


class NameFor(StrEnum):
    """What a name stands in a certificate for."""

    CN = "common name"
    PEER = "peer FQDN"
    ADDRESS = "Peer N address"
    CLUSTER = "cluster name"
    MRA = "Unified CM registrations domain"
    XMPP = "XMPP federation domain"
    CHAT = "IM and Presence chat node alias"
    PROFILE = "Unified CM phone security profile"
    JOIN = "join host of the CMS web proxy"
    ZONE_VERIFY = "TLS verify subject name of the zone"
    ZONE_PEER = "Peer N address of the zone"
    OTHER_PEER = "another peer"
    EXTRA = "asked for"
    KEPT = "kept from today's certificate"


class RequiredName(Value):
    """A name that a certificate must carry, as it is stated, and where."""

    name: str
    why: NameFor
    where: Place
    other: str | None = None
    """Another spelling that clients take as well."""

    @property
    def accepted(self) -> tuple[str, ...]:
        """The spellings any of which will do; the bare one first."""
        return (self.name,) if self.other is None else tuple(sorted((self.name, self.other), key=len))


class RequestedName(Value):
    """One dNSName of a certificate to come: A-labels in lower case, without the dot of the root."""

    name: str
    why: NameFor
    """The first thing it stands there for."""


class NameChoices(Value):
    """What may be chosen about the names of a certificate. The defaults are what the design recommends."""

    peer_cn: bool | None = None
    """Whether the CN is the peer's own name; None: the cluster's, or for a system on its own the peer's."""
    every_peer: bool = False
    """Name every peer in every certificate."""
    extra: tuple[str, ...] = ()
    """Further names, as given."""
    only_required: bool = False
    """Leave out what only today's certificate has."""


BY_DEFAULT = NameChoices()


def shared_names(plan: Plan) -> tuple[RequiredName, ...]:
    """The names that all peers' certificates carry alike: the cluster's, in a cluster, and those of the services."""
    services = plan.services
    xmpp, on_e = services.xmpp_federation, on_expressway_e(plan)
    found: list[RequiredName] = []
    if len(plan.peers) > 1:
        found.append(RequiredName(plan.cluster.name, NameFor.CLUSTER, plan.where("cluster", "name")))
    if on_e:
        found += _mra(plan)
        found += _stated(plan, xmpp.domains if xmpp else (), NameFor.XMPP, "services", "xmpp_federation", "domains")
    aliases = ("services", "xmpp_federation", "chat_node_aliases")
    found += _stated(plan, xmpp.chat_node_aliases if xmpp else (), NameFor.CHAT, *aliases)
    if on_e:
        found += _stated(plan, services.cms_web_proxy or (), NameFor.JOIN, "services", "cms_web_proxy")
    else:
        profiles = services.phone_security_profiles or ()
        found += _stated(plan, profiles, NameFor.PROFILE, "services", "phone_security_profiles")
    return tuple(found)


def required_names(
    plan: Plan,
    peer: Peer,
    names: Sequence[str | None],
    shared: Sequence[RequiredName],
    choices: NameChoices,
    *,
    public: bool,
) -> tuple[RequiredName, ...]:
    """Every name in the order that a request has them, the CN first; doubles are still in it.

    Args:
        plan: the cluster.
        peer: whose certificate it is.
        names: the FQDN of every peer, in plan order (`certplan.intent.naming`); None where nothing tells it.
        shared: what all certificates carry alike (`shared_names`).
        choices: what was chosen.
        public: a public CA issues it.
    """
    own = _own_name(plan, peer, names[peer.number - 1])
    cluster = RequiredName(plan.cluster.name, NameFor.CLUSTER, plan.where("cluster", "name"))
    by_cluster = len(plan.peers) > 1 if choices.peer_cn is None else not choices.peer_cn
    found: list[RequiredName] = [cluster] if by_cluster else []
    found += own
    found += (name for name in shared if name.why is NameFor.CLUSTER)
    found += _address(plan, peer, names[peer.number - 1], public=public)
    found += (name for name in shared if name.why is not NameFor.CLUSTER)
    if choices.every_peer:
        others = (each for other in plan.peers for each in _own_name(plan, other, names[other.number - 1])[:1])
        found += (RequiredName(each.name, NameFor.OTHER_PEER, each.where) for each in others if each not in own)
    found += (RequiredName(name, NameFor.EXTRA, Place("--san")) for name in choices.extra)
    return tuple(found)


def _own_name(plan: Plan, peer: Peer, name: str | None) -> list[RequiredName]:
    """The FQDN the peer is known by, and the one that the plan intends where that is another."""
    position = peer.number - 1
    intended = None if peer.fqdn is None or is_ip(peer.fqdn) else peer.fqdn
    if name is not None and intended == peer.address and not is_fqdn(peer.address):
        intended = None  # what stands in the field today is no name that anybody intends
    spelled = [intended] if intended is not None and (name is None or key(intended) == name) else [name, intended]
    found = []
    for each in spelled:
        if each is not None:
            path = next((f for f in _FIELDS if _states(plan, peer, f, each)), None)
            where = plan.where("peers", position, *([path] if path is not None else []))
            found.append(RequiredName(each, NameFor.PEER, where))
    return found


_FIELDS = ("fqdn", "address", "host_name")


def _states(plan: Plan, peer: Peer, field: str, name: str) -> bool:
    said = {"fqdn": peer.fqdn, "address": peer.address, "host_name": f"{peer.host_name}.{peer.domain}"}[field]
    return ("peers", peer.number - 1, field) in plan.places and said is not None and key(said) == key(name)


def _address(plan: Plan, peer: Peer, name: str | None, *, public: bool) -> Iterator[RequiredName]:
    """`Peer N address` where it is another name: peers go by it until it is changed. A typing error is no name."""
    if not is_fqdn(peer.address) or name is None or same(name, key(peer.address)) or typo(name, peer.address):
        return
    if not (public and is_internal_name(key(peer.address))):
        yield RequiredName(peer.address, NameFor.ADDRESS, plan.where("peers", peer.number - 1, "address"))


def _mra(plan: Plan) -> Iterator[RequiredName]:
    """The edge domains in their format. An internal domain beside a public one stays inside."""
    mra = plan.services.mra
    if mra is None:
        return
    public = [domain for domain in mra.domains if not is_internal_name(key(domain))]
    for position, domain in enumerate(mra.domains):
        if not public or domain in public:
            yield domain_name(domain, mra.san_format, plan.where("services", "mra", "domains", position))


def domain_name(domain: str, san_format: SanFormat | None, where: Place) -> RequiredName:
    """An MRA domain as a certificate has it: bare, or behind `collab-edge.`."""
    spelled = (domain, f"{EDGE}{domain}")
    name, other = reversed(spelled) if san_format is SanFormat.COLLAB_EDGE else spelled
    return RequiredName(name, NameFor.MRA, where, other)


def _stated(plan: Plan, names: Iterable[str], why: NameFor, *path: str) -> Iterator[RequiredName]:
    return (RequiredName(name, why, plan.where(*path, position)) for position, name in enumerate(names))


def each_once(names: Iterable[RequiredName]) -> tuple[RequestedName, ...]:
    """Each name once, letter case aside, at its first place and for its first reason."""
    found: dict[str, RequestedName] = {}
    for each in names:
        found.setdefault(key(each.name), RequestedName(key(each.name), each.why))
    return tuple(found.values())


def name_notes(plan: Plan, peer: Peer, name: str | None, *, public: bool) -> Iterator[str]:
    """What was decided where the plan leaves it open, and names left out."""
    address, mra = peer.address, plan.services.mra
    internal = public and is_internal_name(key(address))
    unfit = not is_fqdn(address) or internal or (name is not None and typo(name, address) is not None)
    if not is_ip(address) and unfit and (name is None or not same(name, key(address))):
        yield (
            f"Peer {peer.number} address {show(address)} cannot be in this certificate; change it to"
            f" {show(name or peer.fqdn or '')} before Enforce."
        )
    if mra is None or not on_expressway_e(plan):
        return
    carried = {each.name for each in _mra(plan)} | {each.other for each in _mra(plan)}
    for domain in mra.domains:
        if domain not in carried:
            yield f"The internal domain {show(domain)} is left out: clients outside look for the public ones."
    if mra.domains and mra.san_format is None:
        yield "The plan gives no services.mra.san_format; the MRA domains are in the dns format, bare."


def name_problems(
    plan: Plan, peer: Peer, own: str | None, names: Sequence[RequiredName], choices: NameChoices, *, public: bool
) -> Iterator[PlanProblem]:
    """Why no certificate can have these names, each with its place: what the CA or the upload refuses."""
    if own is None and (peer.fqdn is None or is_ip(peer.fqdn)):
        yield PlanProblem(
            plan.where("peers", peer.number - 1, "address"),
            f"Peer {peer.number} address {show(peer.address)} is an IP address, and nothing gives the name peer"
            f" {peer.number} is to be known by; expected an FQDN; add fqdn, or host_name and domain, to the peer",
        )
    for each in names:
        yield from _unfit(each, public=public)
    yield from _long_cn(names, choices)


def _unfit(each: RequiredName, *, public: bool) -> Iterator[PlanProblem]:
    subject = f"the {each.why} {show(each.name)}" if each.why is not NameFor.EXTRA else show(each.name) or "the name"
    found = [defect for defect in defects(each.name) if defect not in _RECOVERED]
    for defect in found:
        fix = _FIXES.get(defect, "correct it")
        yield PlanProblem(each.where, f"{subject} {defect.words}; expected an FQDN; {fix}")
    if public and not found and is_internal_name(key(each.name)):
        yield PlanProblem(
            each.where,
            f"{subject} is an internal name, and no public CA may certify it; expected a name in public DNS; take"
            " another name, or set certificate_authority: private",
        )


def _long_cn(names: Sequence[RequiredName], choices: NameChoices) -> Iterator[PlanProblem]:
    """A CN that does not fit is never cut or left out: without one MRA and the CMS web proxy do not work."""
    if not names or (length := len(key(names[0].name))) <= LONGEST_CN:
        return
    cn = names[0]
    if cn.why is NameFor.CLUSTER:
        fix = "use --cn peer, and the cluster name stays a SAN"
    elif choices.peer_cn:
        fix = "use --cn cluster where that is shorter, or give the peer a shorter name"
    else:
        fix = "give the peer a shorter name"
    yield PlanProblem(
        cn.where,
        f"the {cn.why} {show(cn.name)} would be the CN and has {length} characters; expected {LONGEST_CN} at most;"
        f" {fix}",
    )
