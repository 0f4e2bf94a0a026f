"""CLU: how the cluster and its peers are called: cluster name, system names, host names and domains."""

import re
from collections.abc import Iterator

from certplan.evidence.model import Missing
from certplan.intent.stated import peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import ClusterType, Peer
from certplan.rules.cluster.members import grouped
from certplan.rules.mapping.need import name_looked_up
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.stated import unstated
from certplan.text.names import NameDefect, defects, is_fqdn, is_ip, key, show
from certplan.text.words import clauses, joined

__all__ = [
    "cluster_name_unfit",
    "domain_letter_case",
    "domains_unlike",
    "host_name_illegal",
    "names_shared",
    "own_fqdn_differs",
    "underscore",
]

LONGEST_NAME = 128
"""Of cluster name, DNS domain name and Peer N address (Administrator Guide, command reference)."""
LONGEST_HOST_NAME = 63
_HOST_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


@rule(
    "CLU011",
    "domains-unlike",
    "Peers are in different DNS domains",
    Severity.ERROR,
    sources=("CG-15.4-requirements",),
    symptoms=("different domains",),
)
def domains_unlike(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether all peers have the same DNS `Domain name`, letter case aside.

    Why it matters:
    All peers of a cluster must be configured in one DNS domain.

    How to fix:
    Set the same `Domain name` (`System > DNS`) on every peer. A peer whose name changes has to be removed from the
    cluster first and added again, and it needs a certificate for its new name.

    Example:
    exe1 in example.com, exe2 in emea.example.com.
    """
    if len(case.plan.peers) > 1:
        yield from unstated(case, "domain", "Domain name")
    by_domain = grouped((key(peer.domain), peer) for peer in case.plan.peers if peer.domain is not None)
    if len(by_domain) > 1:
        spread = clauses(f"{show(domain)} ({peer_list(peers)})" for domain, peers in sorted(by_domain.items()))
        yield Found(
            Subject.cluster(case.plan),
            f"The peers are in different DNS domains: {spread}.",
            "Set one Domain name on every peer.",
            case.plan.where("peers"),
        )


@rule(
    "CLU012",
    "domain-letter-case",
    "The domain is not spelled identically on all Expressway-E peers",
    Severity.WARNING,
    sources=("MRA-15.2",),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("domain letter case", "SIP domain case"),
)
def domain_letter_case(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the `Domain name` of all Expressway-E peers is spelled in the same letters, capitals and small. With MRA in
    the plan's services it is an error.

    Why it matters:
    DNS does not mind letter case, but sign-in over MRA does: with Example.com on one peer and example.com on another,
    Jabber signs in through some peers and fails through the rest.

    How to fix:
    Type the same `Domain name` on every Expressway-E peer.

    Example:
    exe1 has example.com, exe2 has Example.com.
    """
    by_key = grouped((key(peer.domain), peer) for peer in case.plan.peers if peer.domain is not None)
    for peers in by_key.values():
        spellings = grouped(((peer.domain or "").removesuffix("."), peer) for peer in peers)
        if len(spellings) > 1:
            spread = clauses(f"{show(domain)} ({peer_list(same)})" for domain, same in sorted(spellings.items()))
            yield Found(
                Subject.cluster(case.plan),
                f"The peers spell their domain differently: {spread}; MRA sign-in needs it alike to the letter.",
                "Spell Domain name alike on every peer.",
                case.plan.where("peers"),
                severity=Severity.ERROR if case.plan.services.mra is not None else None,
            )


@rule(
    "CLU013",
    "names-shared",
    "Two peers have the same system name or host name",
    Severity.ERROR,
    sources=("CG-15.4-requirements", "CG-15.4-form", "AG-15.5-clustering"),
    symptoms=("duplicate system name", "duplicate host name"),
)
def names_shared(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each peer has a `System name` and a `System host name` of its own.

    Why it matters:
    Both must be unique in a cluster. Two peers with one host name also have one FQDN, so that DNS, the mapping that
    the appliance suggests and the certificate request of the one fit the other.

    How to fix:
    Rename one of them (`System > Administration` for the system name, `System > DNS` for the host name).

    Example:
    exe2 was cloned from exe1 and still has the host name exe1.
    """
    if len(case.plan.peers) == 1:
        return
    fields = {"system_name": "System name", "host_name": "System host name"}
    silent = [field for field in fields if all(getattr(peer, field) is None for peer in case.plan.peers)]
    if silent:
        what = joined(fields[field] for field in silent)
        remedy = f"Add {joined(silent)} to each peer in the plan."
        where = case.plan.where("peers")
        missing = Missing(f"{what} of the peers", "the plan does not say", remedy, where, field=silent[0])
        yield Unchecked(Subject.cluster(case.plan), missing)
    for field, label in fields.items():
        if field not in silent:
            yield from unstated(case, field, label)
        stated = [peer for peer in case.plan.peers if getattr(peer, field) is not None]
        for peers in grouped((getattr(peer, field).casefold(), peer) for peer in stated).values():
            if len(peers) > 1:
                name = min(getattr(peer, field) for peer in peers)
                yield Found(
                    Subject.name_of(name, *peers),
                    f"{label} {show(name)} is that of {peer_list(peers)}; each peer needs its own.",
                    f"Give all but one of them another {label}.",
                    case.where(peers[-1], field),
                )


@rule(
    "CLU014",
    "host-name-illegal",
    "A host name or domain is not one that Expressway takes",
    Severity.ERROR,
    sources=("AG-15.5-network", "AG-15.5-reference"),
    symptoms=("invalid System host name", "B2BUA misconfiguration"),
)
def host_name_illegal(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `System host name` starts with a letter, ends with a letter or digit, has only letters, digits, hyphens and
    underscores between, and at most 63 characters; whether `Domain name` is a domain of at most 128.

    Why it matters:
    The appliance refuses other host names. Its own FQDN is the two joined by a dot, and a certificate request is made
    for that.

    How to fix:
    Correct the name on `System > DNS`, or in the plan. The host name is the first level alone: what follows the first
    dot belongs into `Domain name`.

    Example:
    Host name exe1.example.com; host name 1exe; domain -example.com.
    """
    for peer in case.plan.peers:
        errors = [*_host_errors(peer.host_name), *_domain_errors(peer.domain)]
        if errors:
            yield Found(
                Subject.peer(peer),
                f"On {show(peer.address)}: {clauses(errors)}.",
                f"Correct System host name and Domain name of {show(peer.address)}.",
                case.where(peer, "host_name" if peer.host_name is not None else "domain"),
            )


def _host_errors(host: str | None) -> Iterator[str]:
    if host is None:
        return
    if "." in host:
        yield f"System host name {show(host)} has a dot, and its domain belongs into Domain name"
    elif _HOST_NAME.fullmatch(host) is None:
        yield (
            f"System host name {show(host)} is not letters, digits, hyphens and underscores from a letter to a letter"
            " or digit"
        )
    if len(host) > LONGEST_HOST_NAME:
        yield f"System host name {show(host)} has {len(host)} characters, at most {LONGEST_HOST_NAME} are allowed"


# A domain of one level is one that a laboratory may have, and the underscore has a rule of its own.
_DOMAIN_MAY = frozenset({NameDefect.SINGLE_LABEL, NameDefect.UNDERSCORE, NameDefect.TRAILING_DOT})


def _domain_errors(domain: str | None) -> Iterator[str]:
    if domain is None:
        return
    for defect in defects(domain):
        if defect not in _DOMAIN_MAY:
            yield f"Domain name {show(domain)} {defect.words}"
    if len(domain) > LONGEST_NAME:
        yield f"Domain name {show(domain)} has {len(domain)} characters, at most {LONGEST_NAME} are allowed"


@rule(
    "CLU015",
    "underscore",
    "A host name or domain has an underscore",
    Severity.WARNING,
    sources=("MRA-15.2", "AG-15.5-network"),
    symptoms=("underscore in host name", "SSH tunnel fails"),
)
def underscore(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `System host name` and `Domain name` are free of underscores. On an Expressway-E with MRA in the plan's
    services one is an error.

    Why it matters:
    The host name field takes underscores, but no certificate may carry such a name: the FQDN made of it can be neither
    peer address nor SAN. With MRA the SSH tunnels to an Expressway-E fail over it.

    How to fix:
    Use hyphens. A peer that is renamed has to be removed from the cluster first and added again.

    Example:
    exe_1.example.com.
    """
    serves_mra = case.plan.cluster.type is ClusterType.EXPRESSWAY_E and case.plan.services.mra is not None
    for peer in case.plan.peers:
        fields = {"System host name": peer.host_name, "Domain name": peer.domain}
        found = {label: name for label, name in fields.items() if name is not None and "_" in name}
        if found:
            named = joined(f"{label} {show(name)}" for label, name in found.items())
            harm = "the SSH tunnels of MRA fail over it, and no" if serves_mra else "no"
            yield Found(
                Subject.peer(peer),
                f"{named} of {show(peer.address)} {'has' if len(found) == 1 else 'have'} an underscore: {harm}"
                " certificate can carry the name.",
                f"Rename {show(peer.address)} with a hyphen in place of the underscore.",
                case.where(peer, "host_name" if "System host name" in found else "domain"),
                severity=Severity.ERROR if serves_mra else None,
            )


@rule(
    "CLU016",
    "own-fqdn-differs",
    "A peer is known by another name than its own",
    Severity.NOTICE,
    sources=("CG-15.4-form", "AG-15.5-network", "MRA-15.2", "TA-118798"),
    symptoms=("peer address differs from host name",),
)
def own_fqdn_differs(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the FQDN by which the peers know a peer is `System host name` and `Domain name` joined by a dot.

    Why it matters:
    The appliance takes the two joined for its own FQDN: it makes certificate requests and mapping suggestions with it.
    With MRA the service records must lead to exactly that name, and clients are sent there, so that it has to be in
    public DNS and in the certificate, too. For the cluster alone two names do no harm.

    How to fix:
    Make host name and domain the name in use, before the peer joins; or put both names into the certificate and DNS.

    Example:
    Peer exe1.example.com has the host name exe1 and the domain corp.example.com.
    """
    serves_mra = case.plan.cluster.type is ClusterType.EXPRESSWAY_E and case.plan.services.mra is not None
    for peer in case.plan.peers:
        known = name_looked_up(peer)
        if known is None or peer.host_name is None or peer.domain is None:
            continue
        own = f"{peer.host_name}.{peer.domain}"
        # A name that is no FQDN at all is another rule's business.
        if key(own) != key(known) and is_fqdn(own):
            yield Found(
                Subject.peer(peer),
                f"{show(known)} calls itself {show(own)} (System host name and Domain name)"
                f"{', and MRA sends clients to that name' if serves_mra else ''}.",
                _one_name(peer, known),
                case.where(peer, "host_name"),
            )


def _one_name(peer: Peer, known: str) -> str:
    return f"Set System host name and Domain name of Peer {peer.number} so that they make {show(known)}."


@rule(
    "CLU017",
    "cluster-name-unfit",
    "The cluster name cannot be in a certificate",
    Severity.ERROR,
    sources=("AG-15.5-clustering", "AG-15.5-reference", "CERT-15.5-requirements"),
    symptoms=("Cluster name not configured", "cluster name is not an FQDN"),
)
def cluster_name_unfit(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `Cluster name` is an FQDN of at most 128 characters: levels of letters, digits and hyphens, no hyphen at
    either end of one, the last starting with a letter. A bare name and one with an underscore, which the field takes,
    are a warning.

    Why it matters:
    A cluster forms with a bare name, but certificate requests then fail, as CN and as SAN alike. The certificates of a
    cluster are to carry its name, and on Expressway-C the zones from the Expressway-E look for it. Of the underscore
    the vendor's texts disagree; no certificate can carry it.

    How to fix:
    Set `Cluster name` to the FQDN that the service records use, the same on every peer.

    Example:
    expe, where expe.example.com is meant.
    """
    name = case.plan.cluster.name
    found = [defect for defect in defects(name) if defect is not NameDefect.TRAILING_DOT]
    errors = [defect.words for defect in found]
    too_long = len(name) > LONGEST_NAME and not is_ip(name)
    if too_long:
        errors.append(f"has {len(name)} characters, of which {LONGEST_NAME} are allowed")
    if errors:
        tolerated = not too_long and set(found) <= {NameDefect.SINGLE_LABEL, NameDefect.UNDERSCORE}
        yield Found(
            Subject.cluster(case.plan),
            f"Cluster name {show(name)} {joined(errors)}; certificates need a fully qualified domain name.",
            "Set Cluster name to an FQDN, the same on every peer.",
            case.plan.where("cluster", "name"),
            severity=Severity.WARNING if tolerated else None,
            confidence=Confidence.CONFLICTING if tolerated and NameDefect.UNDERSCORE in found else None,
        )
