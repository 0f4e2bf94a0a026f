"""NAM: the names that the cluster and its services ask of every peer's certificate."""

from collections.abc import Iterator

from certplan.evidence.model import SanKind
from certplan.handshake.model import Store
from certplan.intent.names import NameFor, shared_names
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType, Peer, Plan, Services
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.bearers import Need, bearers, joined, lacking, unnamed
from certplan.rules.support.stated import unstated_services
from certplan.text.names import is_fqdn, is_ip, key, same, show
from certplan.vendor.releases import PHONE_PROFILES_ARE_FQDNS_FROM

__all__ = [
    "chat_alias_missing",
    "cluster_name_missing",
    "join_host_is_mra_domain",
    "join_host_missing",
    "mra_domain_missing",
    "mra_domain_other_format",
    "names_to_bear",
    "peer_fqdn_missing",
    "phone_profile_missing",
    "phone_profile_not_fqdn",
    "xmpp_domain_missing",
]


def names_to_bear(case: Case, peer: Peer) -> tuple[str, ...]:
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


def _needs(plan: Plan, why: NameFor) -> list[Need]:
    """The names of one kind that every peer's certificate carries.

    From X12.6 on a phone security profile with a bare name has a rule of its own, and no certificate can carry it.
    """
    bare_allowed = why is NameFor.PROFILE and plan.cluster.release < PHONE_PROFILES_ARE_FQDNS_FROM
    names = (each for each in shared_names(plan) if each.why is why)
    return [
        Need(each.name, each.accepted)
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
    XMPP federation a zone to a peer that lacks it does not come up: an error there. On an Expressway-E one text asks
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
    yield from lacking(
        case,
        _needs(plan, NameFor.CLUSTER),
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
    A cluster formed on IP addresses must be changed to FQDNs before Enforce. If the certificate lacks the FQDN, the
    peer is refused as soon as Enforce is on, however well the change of address went.

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
    for bearer in bearers(case):
        peer = bearer.peer
        if peer not in others or peer.fqdn is None or not is_fqdn(peer.fqdn) or key(peer.fqdn) in bearer.keys:
            continue
        if any((peer.lan1.ip, name) in mapped for name in bearer.keys):
            continue  # the table already has the name of the certificate that it goes by
        in_client = bearer.store is Store.CLIENT
        yield Found(
            bearer.subject,
            f"The {bearer.owner} lacks the SAN {show(peer.fqdn)}, the name the peer is to be known by"
            f" ({bearer.nearest(peer.fqdn)}).",
            f"Reissue the {bearer.owner} with the SAN {show(peer.fqdn)}, or state as fqdn a name that it has.",
            bearer.file.where,
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
    yield from lacking(
        case,
        _needs(case.plan, NameFor.MRA),
        ("MRA domain", "MRA domains"),
        "hardware phones cannot connect" if phones else "Jabber will ask its users to accept the certificate",
        severity=Severity.ERROR if phones else Severity.WARNING,
    )


@rule(
    "NAM020",
    "mra-domain-other-format",
    "An MRA domain stands in the SANs in another format than the plan's",
    Severity.NOTICE,
    sources=("CERT-15.5-requirements", "TA-221624"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("collab-edge prefix in SAN", "SAN format DNS or CollabEdgeDNS"),
)
def mra_domain_other_format(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the Unified CM registrations domains stand in the certificates in the format the plan chose: `dns` is the
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
    chosen = _needs(case.plan, NameFor.MRA)
    for bearer in bearers(case, frozenset({Store.SERVER})):
        absent = {key(need.order) for need in bearer.lacks(chosen)}
        other = [
            spelling
            for need in chosen
            if key(need.order) not in absent and key(need.order) not in bearer.keys
            for spelling in need.accepted
            if key(spelling) in bearer.keys
        ]
        if other:
            yield Found(
                bearer.subject,
                f"The {bearer.owner} has {joined(sorted(other))}, where the plan chose the {mra.san_format} format."
                " Clients take either.",
                "Set san_format to what the certificates have, or mind the format at the next renewal.",
                bearer.file.where,
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
    yield from lacking(
        case,
        _needs(case.plan, NameFor.XMPP),
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
    yield from lacking(
        case,
        _needs(case.plan, NameFor.CHAT),
        ("chat node alias", "chat node aliases"),
        "federated group chat over TLS needs the same aliases on Expressway-C and Expressway-E",
        severity=Severity.WARNING,
        also=SanKind.XMPP_ADDRESS,
    )


@rule(
    "NAM023",
    "phone-profile-not-in-san",
    "A phone security profile is not among the SANs",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "TA-213872", "MRA-15.2-requirements"),
    only=ClusterType.EXPRESSWAY_C,
    symptoms=(
        "403 Forbidden on secure phone registration",
        "phone security profile missing from certificate",
        "secure profile registration rejected",
    ),
)
def phone_profile_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each Unified CM phone security profile that the plan names is a SAN of every Expressway-C peer's
    certificate.

    Why it matters:
    Unified CM looks for the name of an encrypted profile in the certificate of the Expressway-C through which the
    phone comes, and refuses the registration without it. A profile with OAuth authentication (from X14.0.2) does not
    need it, and does not belong into the plan. That Unified CM looks into the client certificate of X15.5 is inferred:
    a notice there.

    How to fix:
    Have the certificate of each peer reissued with the profiles, those of newly added peers included.

    Example:
    Profile secure-8845.example.com; the certificate of exc2 was issued before the profile was made.
    """
    yield from unstated_services(case)
    yield from lacking(
        case,
        _needs(case.plan, NameFor.PROFILE),
        ("phone security profile", "phone security profiles"),
        "Unified CM refuses phones with it",
        severity=Severity.ERROR,
        client=Severity.NOTICE,
    )


@rule(
    "NAM024",
    "phone-profile-not-fqdn",
    "A phone security profile has no FQDN for its name",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "AG-15.5-unified-communications"),
    only=ClusterType.EXPRESSWAY_C,
    since="X12.6",
    symptoms=("phone security profile name is not an FQDN", "CSR refused because of a profile"),
)
def phone_profile_not_fqdn(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the phone security profiles that the plan names are spelled as fully qualified domain names.

    Why it matters:
    From X12.6 on the appliance makes no CSR with a profile that is a bare name, and no certificate could bear it.

    How to fix:
    Rename the profile in Unified CM to an FQDN, such as its name and the company's domain. It need not be in DNS.

    Example:
    Profile secure-8845, where secure-8845.example.com is meant.
    """
    bare = [name for name in case.plan.services.phone_security_profiles or () if not is_fqdn(name)]
    if bare:
        several = len(bare) > 1
        yield Found(
            Subject.cluster(case.plan),
            f"The phone security profile{'s' * several} {joined(sorted(bare), most=len(bare))}"
            f" {'are no FQDNs' if several else 'is no FQDN'}, so the appliance makes no CSR.",
            f"Rename {'them' if several else 'it'} in Unified CM to {'FQDNs' if several else 'an FQDN'}.",
            case.plan.where("services", "phone_security_profiles"),
        )


@rule(
    "NAM025",
    "join-host-not-in-san",
    "The join host of the CMS web proxy is not among the SANs",
    Severity.ERROR,
    sources=("TA-211301", "AG-15.5-alarms"),
    only=ClusterType.EXPRESSWAY_E,
    alarms=(40051,),
    symptoms=("web proxy for Meeting Server certificate", "guest join fails"),
)
def join_host_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the host of each Meeting Server join address (`Guest account client URI` on the Expressway-C) is a SAN of
    every Expressway-E peer's server certificate.

    Why it matters:
    Browsers compare that host. The appliance raises alarm 40051 when the certificate does not name it.

    How to fix:
    Have the certificate of each peer reissued with the join host.

    Example:
    Join host join.example.com; the certificate of exe1 names exe1.example.com and expe.example.com.
    """
    yield from unstated_services(case)
    yield from lacking(
        case,
        _needs(case.plan, NameFor.JOIN),
        ("join host", "join hosts"),
        "guests cannot join through the CMS web proxy",
        severity=Severity.ERROR,
    )


@rule(
    "NAM026",
    "join-host-is-mra-domain",
    "The join host of the CMS web proxy is an MRA domain as well",
    Severity.ERROR,
    sources=("MRA-15.2-requirements",),
    symptoms=("join URI equals MRA domain", "Meeting Server web proxy or MRA stops working"),
)
def join_host_is_mra_domain(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the host of a Meeting Server join address is also one of the Unified CM registrations domains.

    Why it matters:
    On one pair of Expressways they must differ: of the two services only the one that was configured first works.

    How to fix:
    Give the join address a host of its own, such as join.example.com, in DNS and on the Meeting Server.

    Example:
    Join host example.com, and MRA domain example.com.
    """
    services = case.plan.services
    domains = () if services.mra is None else services.mra.domains
    for host in dict.fromkeys(services.cms_web_proxy or ()):
        if any(same(domain, host.rstrip(".")) for domain in domains):
            yield Found(
                Subject.name_of(host),
                f"{show(host)} is the join host of the CMS web proxy and an MRA domain;"
                " only the service configured first works.",
                "Give the join address a host of its own.",
                case.plan.where("services", "cms_web_proxy"),
            )
