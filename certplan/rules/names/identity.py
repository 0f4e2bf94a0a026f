"""NAM: the CN, and whose certificate it is by its names."""

from collections.abc import Iterator

from certplan.evidence.model import Missing
from certplan.handshake.model import Store
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer
from certplan.rules.model import Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.names.services import required_sans
from certplan.rules.support.certificate_names import MOST_LISTED, named_certificates, show_some, unnamed
from certplan.text.names import is_fqdn, key, matching, show
from certplan.text.words import clauses, joined

__all__ = [
    "cn_not_cluster_name",
    "cn_not_in_san",
    "cn_too_long",
    "no_common_name",
    "no_san",
    "several_common_names",
    "shared_identity",
]

LONGEST_CN = 64
"""RFC 5280 appendix A.1, ub-common-name."""
_EMPTY_NAME = b"\x30\x00"


@rule(
    "NAM009",
    "cn-not-cluster-name",
    "The CN is not the cluster's FQDN",
    Severity.NOTICE,
    sources=("CERT-15.5-about", "CG-12.6-requirements", "CG-14.0.2-requirements"),
    confidence=Confidence.CONFLICTING,
    symptoms=("which CN to use", "cluster FQDN as common name"),
)
def cn_not_cluster_name(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    In a cluster of two peers or more: whether the CN of every peer's certificate is the cluster name or the peer's own.

    Why it matters:
    The certificate guides since X12.5 put the cluster's FQDN into the CN; the editions up to about X8.8 put the peer's
    own there, and the cluster guides from X14.3 on no longer ask for either. Both styles work, since Enforce and the
    zones read SANs. A CN that is neither is of no guide.

    How to fix:
    With the next renewal choose the FQDN of the cluster as common name, or switch this notice off in the plan:
    `severity: {NAM009: ignore}`.

    Example:
    CN join.example.com in the certificate of exe1, where the cluster is expe.example.com.
    """
    plan = case.plan
    if len(plan.peers) < 2 or not is_fqdn(plan.cluster.name) or len(plan.cluster.name) > LONGEST_CN:
        return
    yield from unnamed(case)
    others: dict[str, str] = {}
    for named in named_certificates(case):
        cns = named.file.leaf.common_names
        of_other_peers = {key(name) for peer in plan.peers if peer is not named.peer for name in _names_of(peer)}
        usual = {key(name) for name in (plan.cluster.name, *_names_of(named.peer))}
        if cns and key(cns[-1]) in named.keys - of_other_peers - usual and matching(plan.cluster.name, cns) is None:
            others.setdefault(named.peer.address, cns[-1])
    if others:
        cn_text = f"the CN {show_some(sorted(set(others.values())))}"
        yield Found(
            Subject(SubjectKind.CLUSTER, plan.cluster.name, tuple(sorted(others))),
            f"The certificate{'s' * (len(others) > 1)} of {show_some(sorted(others))}"
            f" {'have' if len(others) > 1 else 'has'} {cn_text}; recommended is the cluster's FQDN"
            f" {show(plan.cluster.name)}.",
            "Choose the FQDN of the cluster as common name when the certificates are next renewed.",
            plan.where("cluster", "name"),
        )


@rule(
    "NAM011",
    "no-common-name",
    "A server certificate has no CN",
    Severity.ERROR,
    sources=("CERT-15.5-loading", "AG-15.5-alarms"),
    alarms=(40052,),
    symptoms=("certificate without common name", "empty subject", "CN removed by the CA"),
)
def no_common_name(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the subject of each server certificate has a common name.

    Why it matters:
    The upload only warns, but then alarm 40052, `Certificate error`, is raised, and MRA, Jabber Guest and the CMS web
    proxy do not work. Public CAs are asked to leave the CN out, and some do unless asked.

    How to fix:
    Ask the CA for a certificate with the CN of the request kept; another certificate profile may be needed.

    Example:
    An empty subject, the names being in the SANs only.
    """
    yield from case.unread()
    services = case.plan.services
    breaks = [name for name, on in (("MRA", services.mra), ("the CMS web proxy", services.cms_web_proxy)) if on]
    for peer, store, file in case.certificates:
        leaf = file.leaf
        if store is Store.CLIENT or any(cn.strip() for cn in leaf.common_names):
            continue
        if not leaf.subject and leaf.subject_der != _EMPTY_NAME:
            missing = Missing(
                what=f"CN of the server certificate of {show(peer.address)}",
                why="its subject cannot be read",
                remedy="Have the certificate reissued.",
                where=file.where,
                peer=peer.address,
                field="server_certificate",
            )
            yield Unchecked(Subject.certificate(peer, store), missing)
            continue
        so = f"{joined(breaks)} will not work" if breaks else "MRA, Jabber Guest and the CMS web proxy need one"
        yield Found(
            Subject.certificate(peer, store),
            f"The server certificate of {show(peer.address)} has no CN; {so}.",
            f"Reissue the server certificate of {show(peer.address)} with the CN of its request kept.",
            file.where,
            severity=None if breaks else Severity.WARNING,
        )


@rule(
    "NAM012",
    "several-common-names",
    "A certificate has several CNs",
    Severity.WARNING,
    sources=("CERT-15.5-csr", "RFC-9525"),
    confidence=Confidence.INFERRED,
    symptoms=("more than one CN", "multiple common names"),
)
def several_common_names(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the subject of each certificate has one common name only.

    Why it matters:
    The appliance's own requests have one. Which of several it and its clients would read is documented nowhere.

    How to fix:
    Have the certificate reissued with one CN. A CA that builds the subject from a directory adds CNs of its own: have
    it take the subject of the request.

    Example:
    CN=exe1.example.com,CN=Computers,DC=example,DC=com, issued from a directory entry.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        cns, owner = file.leaf.common_names, f"{store} certificate of {show(peer.address)}"
        if len(cns) > 1:
            yield Found(
                Subject.certificate(peer, store),
                f"The {owner} has {len(cns)} CNs, {show_some(cns)}; expected one.",
                f"Reissue the {owner} with one CN, that of its request.",
                file.where,
            )


@rule(
    "NAM013",
    "cn-not-in-san",
    "The CN is not repeated among the SANs",
    Severity.NOTICE,
    sources=("TA-215405", "CERT-15.5-troubleshooting", "RFC-9525"),
    symptoms=("CN missing from SAN", "CN not repeated as SAN"),
)
def cn_not_in_san(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the CN of each certificate is also one of its SANs. A missing peer address or cluster name is left to the
    rules that say what it breaks.

    Why it matters:
    The appliance's own requests always repeat the CN. Zones, Enforce and today's clients read SANs only, so a name
    that is in the CN alone is not found.

    How to fix:
    If anything still goes by that name, have the certificate reissued with it among the SANs.

    Example:
    CN edge.example.com, SANs exe1.example.com and expe.example.com.
    """
    yield from unnamed(case)
    for named in named_certificates(case):
        if not named.sans:
            continue
        expected = {key(name) for name in (case.plan.cluster.name, *_names_of(named.peer))}
        alone = sorted(
            cn
            for cn in named.file.leaf.common_names
            if is_fqdn(cn) and key(cn) not in expected and key(cn) not in named.keys
        )
        if alone:
            yield Found(
                named.subject,
                f"The {named.owner} has the CN {show_some(alone)}, which is not among its SANs.",
                f"Reissue the {named.owner} with the CN repeated as a SAN, if anything goes by that name.",
                named.file.where,
            )


@rule(
    "NAM014",
    "cn-too-long",
    "A CN, or a cluster name that should become one, has more than 64 characters",
    Severity.WARNING,
    sources=("RFC-5280", "BR-2.2.6", "LE-PROFILES"),
    symptoms=("common name too long", "64 characters"),
)
def cn_too_long(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each certificate's CN has at most 64 characters, and whether the cluster name would fit into one.

    Why it matters:
    RFC 5280 gives a CN 64 characters; programs may refuse a longer one. A CA that is asked for a longer one may leave
    the CN empty, and without a CN there is no MRA.

    How to fix:
    Choose the FQDN of the peer as CN where it is shorter, and keep the long name as a SAN.

    Example:
    The cluster name collaboration-edge-cluster-for-the-european-region.uc.corporate.example.com has 73 characters.
    """
    plan = case.plan
    if len(plan.cluster.name) > LONGEST_CN:
        yield Found(
            Subject.cluster(plan),
            f"The cluster name {show(plan.cluster.name)} has {len(plan.cluster.name)} characters,"
            f" and a CN may have {LONGEST_CN}.",
            "Choose the FQDN of the peer as the CN of each certificate, and the cluster name as a SAN.",
            plan.where("cluster", "name"),
            severity=Severity.NOTICE,
        )
    yield from case.unread()
    for peer, store, file in case.certificates:
        owner = f"{store} certificate of {show(peer.address)}"
        long = [f"{show(cn)} ({len(cn)} characters)" for cn in file.leaf.common_names if len(cn) > LONGEST_CN]
        if long:
            yield Found(
                Subject.certificate(peer, store),
                f"The {owner} has the CN {joined(long, most=MOST_LISTED)}; a CN may have {LONGEST_CN} characters.",
                f"Reissue the {owner} with a shorter CN, and the long name as a SAN.",
                file.where,
            )


@rule(
    "NAM015",
    "no-san",
    "A certificate has no SANs at all",
    Severity.ERROR,
    sources=("CERT-15.5-about", "CG-15.4-fqdn", "RFC-9525"),
    symptoms=("no subject alternative names", "certificate has no SAN"),
)
def no_san(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer's certificate has a subject alternative name, where the plan has a cluster of two peers or more,
    or a service that needs one. All the names the plan asks for are listed at once.

    Why it matters:
    Every name that peers, zones and clients look for is looked for among the SANs. Only a system on its own may do
    with a CN alone.

    How to fix:
    Have the certificate reissued with all its SANs. Many CAs drop them unless asked for a multi-domain certificate;
    compare what is issued with the request.

    Example:
    A certificate with the CN exe1.example.com and nothing else.
    """
    needed = {peer.number: required_sans(case, peer) for peer in case.plan.peers}
    if not any(needed.values()):
        return
    yield from unnamed(case)
    for named in named_certificates(case):
        names = needed[named.peer.number]
        if names and not named.sans:
            in_client = named.store is Store.CLIENT
            yield Found(
                named.subject,
                f"The {named.owner} has no SANs, and peers, zones and clients compare nothing else.",
                f"Reissue the {named.owner} with the SANs {show_some(names, most=len(names))}.",
                named.file.where,
                confidence=Confidence.INFERRED if in_client else None,
            )


@rule(
    "NAM018",
    "shared-identity",
    "A certificate includes other peers' names in the SAN",
    Severity.NOTICE,
    sources=("TA-215670", "CERT-15.5-acme", "CERT-15.5-about", "CG-15.4-requirements"),
    confidence=Confidence.CONFLICTING,
    symptoms=("one certificate for all peers", "other peers' names in SAN"),
)
def shared_identity(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer's certificate names other peers of the cluster. One certificate loaded on several peers has to, and
    is not meant here.

    Why it matters:
    Enforce works all the same. But whoever gets hold of one peer's key can then pass for any peer it names. The
    vendor's texts disagree: the page for requests offers all peers' FQDNs, the chapter on ACME forbids them.

    How to fix:
    With the next renewal ask for the peer's own FQDN and the cluster's only.

    Example:
    The certificate of exe1 has the SANs exe1, exe2 and exe3.example.com.
    """
    plan = case.plan
    if len(plan.peers) < 2:
        return
    yield from unnamed(case)
    found = list(named_certificates(case))
    holders: dict[str, set[int]] = {}
    for named in found:
        holders.setdefault(named.file.leaf.sha256, set()).add(named.peer.number)
    names = {peer: frozenset(key(name) for name in _names_of(peer)) for peer in plan.peers}
    sharing: dict[str, set[str]] = {}
    for named in found:
        foreign = named.keys - names[named.peer]
        others = (peer for peer in plan.peers if peer.number not in holders[named.file.leaf.sha256])
        included = {peer.address for peer in others if foreign & names[peer]}
        if included:
            sharing.setdefault(named.peer.address, set()).update(included)
    if sharing:
        every = all(len(sharing.get(peer.address, ())) == len(plan.peers) - 1 for peer in plan.peers)
        each = (f"{show(own)} includes {show_some(sorted(included))}" for own, included in sorted(sharing.items()))
        yield Found(
            Subject(SubjectKind.CLUSTER, plan.cluster.name, tuple(sorted(sharing))),
            "Certificates include other peers' names in the SAN, so one stolen key passes for several:"
            f" {'each names every peer' if every else clauses(each)}. Enforce works all the same.",
            "Ask for each peer's own FQDN and the cluster's only when the certificates are next renewed.",
            plan.where("peers"),
        )


def _names_of(peer: Peer) -> tuple[str, ...]:
    return tuple(name for name in (peer.address, peer.fqdn) if name is not None)
