"""NAM: the names that the cluster and its services ask of every peer's certificate."""

from collections.abc import Iterator

from certplan.evidence.model import SanKind
from certplan.handshake.model import Store
from certplan.intent.names import NameFor, shared_names
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType, Peer, Plan, Services
from certplan.rules.model import Case, Found, Unchecked, rule
from certplan.rules.support.certificate_names import (
    AcceptedNames,
    missing_names,
    named_certificates,
    show_some,
    unnamed,
)
from certplan.rules.support.stated import unstated_services
from certplan.text.names import is_fqdn, is_ip, key, same, show
from certplan.vendor.releases import PHONE_PROFILES_ARE_FQDNS_FROM

__all__ = [
    "chat_alias_missing",
    "cluster_name_missing",
    "mra_domain_missing",
    "mra_domain_other_format",
    "needs_for",
    "peer_fqdn_missing",
    "required_sans",
    "xmpp_domain_missing",
]


def required_sans(case: Case, peer: Peer) -> tuple[str, ...]:
    """Every SAN that the certificate of `peer` must have as the plan stands, each once.

    None for a system on its own without services: there the CN will do.
    """
    alone = len(case.plan.peers) == 1
    required = [
        each.name
        for each in sorted(case.intent.required(peer), key=lambda each: each.why is not NameFor.PEER)
        if is_fqdn(each.name) and each.why is not NameFor.ADDRESS and not (alone and each.why is NameFor.PEER)
    ]
    return tuple({key(name): name for name in required}.values())


def needs_for(plan: Plan, why: NameFor) -> list[AcceptedNames]:
    """The names of one kind that every peer's certificate carries.

    From X12.6 on a phone security profile with a bare name has a rule of its own, and no certificate can carry it.
    """
    bare_allowed = why is NameFor.PROFILE and plan.cluster.release < PHONE_PROFILES_ARE_FQDNS_FROM
    names = (each for each in shared_names(plan) if each.why is why)
    return [
        AcceptedNames(each.name, each.accepted)
        for each in names
        if bare_allowed or why not in (NameFor.PROFILE, NameFor.CLUSTER) or is_fqdn(each.name)
    ]


def _is_e(plan: Plan) -> bool:
    return plan.cluster.type is ClusterType.EXPRESSWAY_E


@rule(
    "NAM016",
    "cluster-name-not-in-san",
    "The cluster name is not among the SANs",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "CERT-15.5-about", "CG-15.4-fqdn", "TA-221624"),
    symptoms=(
        "identity was unacceptable",
        "TLS negotiation failure on the traversal zone",
        "TLS verify subject name not in certificate",
        "cluster name not in certificate",
    ),
)
def cluster_name_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the cluster name is a SAN of every peer's certificate, in a cluster of two peers or more.

    Why it matters:
    The traversal zone on the Expressway-E verifies the name of the Expressway-C cluster, so with MRA, Jabber Guest or
    XMPP federation a zone to a peer without it does not come up: an error there. On an Expressway-E one text asks
    for the cluster name and the table of SANs does not: a warning. From X15.5 an Expressway-C shows its client
    certificate to the zone, which therefore needs the name too.

    How to fix:
    Have the certificate of each peer reissued with the cluster name as a SAN.

    Example:
    The cluster is excl.corp.example.com; the certificate of exc2 names exc2.corp.example.com only.
    """
    plan = case.plan
    if _is_e(plan):
        so = "the certificate is to name the system and the cluster"
        weight, client, confidence = Severity.WARNING, None, Confidence.CONFLICTING
    else:
        so = "the traversal zone of the Expressway-E looks for it"
        weight = client = Severity.WARNING if plan.services == Services() else Severity.ERROR
        confidence = None
    yield from missing_names(
        case,
        needs_for(plan, NameFor.CLUSTER),
        ("cluster name", "cluster names"),
        so,
        severity=weight,
        client=client,
        confidence=confidence,
    )


@rule(
    "NAM017",
    "peer-fqdn-not-in-san",
    "The name a peer is to be known by is not among its SANs",
    Severity.ERROR,
    sources=("CERT-15.5-about", "CG-15.4-fqdn", "TA-217230"),
    symptoms=("peer FQDN missing from certificate", "changing peer addresses from IP to FQDN"),
)
def peer_fqdn_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Where `Peer N address` is not yet the peer's FQDN: whether that FQDN, stated as `fqdn` or made of host name and
    domain, is a SAN of its certificate already.

    Why it matters:
    A cluster formed on IP addresses must be changed to FQDNs before Enforce. If the certificate is missing the FQDN,
    the peer is refused as soon as Enforce is on, however well the change of address went.

    How to fix:
    Have the certificate reissued with that FQDN, or state as `fqdn` the name the certificate has and use it as peer
    address.

    Example:
    `Peer 1 address` is 10.20.0.11, host name and domain make exe1.corp.local, and the certificate names
    exe1.example.com.
    """
    others = [peer for peer in case.plan.peers if peer.fqdn is None or not same(peer.fqdn, peer.address)]
    if not others:
        return
    yield from unnamed(case)
    yield from (case.unstated(peer, "fqdn") for peer in others if peer.fqdn is None and is_ip(peer.address))
    mapped = {(entry.ip, key(entry.fqdn)) for entry in case.plan.cluster.address_mapping or ()}
    for named in named_certificates(case):
        peer = named.peer
        if peer not in others or peer.fqdn is None or not is_fqdn(peer.fqdn) or key(peer.fqdn) in named.keys:
            continue
        if any((peer.lan1.ip, name) in mapped for name in named.keys):
            continue  # the table already has the name of the certificate that it goes by
        in_client = named.store is Store.CLIENT
        yield Found(
            named.subject,
            f"The {named.owner} is missing the SAN {show(peer.fqdn)}, the name the peer is to be known by"
            f" ({named.nearest(peer.fqdn)}).",
            f"Reissue the {named.owner} with the SAN {show(peer.fqdn)}, or state as fqdn a name that it has.",
            named.file.where,
            severity=Severity.WARNING if is_fqdn(peer.address) else None,
            confidence=Confidence.INFERRED if in_client else None,
        )


@rule(
    "NAM019",
    "mra-domain-not-in-san",
    "An MRA domain is not among the SANs",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "TA-213872", "TA-221624", "TA-118798"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=(
        "Jabber certificate warning",
        "phones cannot connect over MRA",
        "accept certificate prompt",
        "MRA domain missing from certificate",
    ),
)
def mra_domain_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each Unified CM registrations domain is a SAN of every Expressway-E peer's server certificate, bare or with
    `collab-edge.` before it. An internal domain such as corp.local is not asked for beside a public one.

    Why it matters:
    MRA clients compare the domain they looked up, not the host they reached. Without it hardware phones and
    TelePresence endpoints cannot connect at all (an error where the plan says there are such phones), and Jabber asks
    its user whether to accept the certificate (a warning).

    How to fix:
    Have the certificate of each peer reissued with the domain, in the format you chose on the page for requests.

    Example:
    Domain example.com; the certificate of exe2 names exe2.example.com and expe.example.com only.
    """
    yield from unstated_services(case)
    mra = case.plan.services.mra
    phones = mra is not None and mra.hardware_phones is True
    yield from missing_names(
        case,
        needs_for(case.plan, NameFor.MRA),
        ("MRA domain", "MRA domains"),
        "hardware phones cannot connect" if phones else "Jabber will ask its users to accept the certificate",
        severity=Severity.ERROR if phones else Severity.WARNING,
    )


@rule(
    "NAM020",
    "mra-domain-other-format",
    "An MRA domain is in the SANs in another format than the plan's",
    Severity.NOTICE,
    sources=("CERT-15.5-requirements", "TA-221624"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("collab-edge prefix in SAN", "SAN format DNS or CollabEdgeDNS"),
)
def mra_domain_other_format(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the Unified CM registrations domains are in the certificates in the format the plan chose: `dns` is the
    bare domain, `collab-edge` has `collab-edge.` before it.

    Why it matters:
    Clients take either. But the certificate is not what was ordered, or the plan is not what will be ordered next.

    How to fix:
    Nothing need be done; set `san_format` to what the certificates have, or mind the format at the next renewal.

    Example:
    `san_format: dns`, and the SAN collab-edge.example.com.
    """
    mra = case.plan.services.mra
    if mra is None or mra.san_format is None:
        return
    yield from unnamed(case)
    chosen = needs_for(case.plan, NameFor.MRA)
    for named in named_certificates(case, frozenset({Store.SERVER})):
        keys = named.keys
        other = [
            spelling
            for required in chosen
            if key(required.order) not in keys
            for spelling in required.accepted
            if key(spelling) in keys
        ]
        if other:
            yield Found(
                named.subject,
                f"The {named.owner} has {show_some(sorted(other))}, where the plan chose the {mra.san_format} format."
                " Clients take either.",
                "Set san_format to what the certificates have, or mind the format at the next renewal.",
                named.file.where,
            )


@rule(
    "NAM021",
    "xmpp-domain-not-in-san",
    "An XMPP federation domain is not among the SANs",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "XMPP-14.0.2-federation"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("XMPP federation TLS failure", "federated domain missing from certificate"),
)
def xmpp_domain_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each XMPP federation domain is a SAN of every Expressway-E peer's certificate. The XMPPAddress format
    counts.

    Why it matters:
    The servers of other companies look for the domain when a federation uses TLS, and turn away a server that cannot
    show it.

    How to fix:
    Have the certificate of each peer reissued with the domains, in the DNS format.

    Example:
    Federated domain im.example.com; the certificate of exe1 has example.com.
    """
    yield from unstated_services(case)
    yield from missing_names(
        case,
        needs_for(case.plan, NameFor.XMPP),
        ("XMPP federation domain", "XMPP federation domains"),
        "federation over TLS fails",
        severity=Severity.ERROR,
        also=SanKind.XMPP_ADDRESS,
    )


@rule(
    "NAM022",
    "chat-alias-not-in-san",
    "A chat node alias is not among the SANs",
    Severity.WARNING,
    sources=("CERT-15.5-requirements", "XMPP-14.0.2-federation"),
    symptoms=("group chat federation fails", "chat node alias missing from certificate"),
)
def chat_alias_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each chat node alias of the IM and Presence Service is a SAN of every peer's certificate, on Expressway-C
    and Expressway-E alike.

    Why it matters:
    Federated group chat over TLS needs the aliases, the same set on both sides. The Expressway-C adds them to its
    requests by itself; on the Expressway-E they have to be copied by hand, and are forgotten there.

    How to fix:
    Copy the aliases from the Generate CSR page of the Expressway-C, and have the certificate of each peer reissued.

    Example:
    Alias chatroom1.example.com, in the certificate of exc1 but not in that of exe1.
    """
    yield from unstated_services(case)
    yield from missing_names(
        case,
        needs_for(case.plan, NameFor.CHAT),
        ("chat node alias", "chat node aliases"),
        "federated group chat over TLS needs the same aliases on Expressway-C and Expressway-E",
        severity=Severity.WARNING,
        also=SanKind.XMPP_ADDRESS,
    )
