"""DNS: the service records that lead clients and federated servers to Expressway-E, and those that must stay inside."""

from collections.abc import Iterator, Mapping, Sequence

from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType, Srv
from certplan.handshake.resolving import addresses_of
from certplan.intent.stated import PUBLIC_VIEW, names_of, own_name, public_address
from certplan.outcomes import Severity
from certplan.plan.model import ClusterType, Peer
from certplan.rules.model import About, Case, Clearing, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.dns_answers import (
    address_answer,
    addresses_in_words,
    hosts_in_san,
    not_answered,
    view_answer,
    without_public_view,
)
from certplan.rules.support.once import once
from certplan.rules.support.stated import unstated_services
from certplan.text.names import is_fqdn, is_ip, key, matching, parent, show
from certplan.text.words import clauses, listed
from certplan.value import Value
from certplan.vendor import is_internal_name

__all__ = [
    "EDGE_PORT",
    "asked",
    "collab_edge_incomplete",
    "collab_edge_missing",
    "collab_edge_uneven",
    "collab_edge_wrong",
    "edge_domains",
    "edge_faults",
    "owners_of",
    "record_of",
    "record_subject",
    "target_faults",
]

EDGE_PORT = 8443


class _Record(Value):
    """One SRV record set of the public view, and the peers its targets lead to."""

    answer: DnsAnswer
    owners: dict[Srv, tuple[Peer, ...]]

    @property
    def subject(self) -> Subject:
        return record_subject(self.answer, *(peer for peers in self.owners.values() for peer in peers))

    @property
    def shown(self) -> str:
        return show(self.answer.name)

    @property
    def seen(self) -> tuple[str, ...]:
        return (self.answer.source,) if self.answer.source else ()


def record_subject(answer: DnsAnswer, *peers: Peer) -> Subject:
    return Subject(SubjectKind.RECORD, answer.name, tuple(dict.fromkeys(peer.address for peer in peers)))


def asked(case: Case, service: str, domains: Sequence[str]) -> Iterator[DnsAnswer]:
    """The public view's answers for a service of each domain, once a domain."""
    if PUBLIC_VIEW in case.evidence.views:
        for domain in {key(domain): domain for domain in domains}.values():
            yield view_answer(case, PUBLIC_VIEW, f"{service}.{domain}", RecordType.SRV)


def edge_domains(case: Case) -> tuple[str, ...]:
    """The MRA domains that clients outside can look for.

    One such as corp.local cannot be in public DNS, unless it is a lab's and there it is.
    """
    mra = case.plan.services.mra
    return tuple(
        domain
        for domain in (mra.domains if mra is not None else ())
        if not is_internal_name(domain) or _edge_answer(case, domain).outcome is DnsOutcome.ANSWER
    )


def _edge_answer(case: Case, domain: str) -> DnsAnswer:
    return view_answer(case, PUBLIC_VIEW, f"_collab-edge._tls.{domain}", RecordType.SRV)


def _edge_records(case: Case) -> Iterator[_Record | Unchecked]:
    """The `_collab-edge` records there are; a "not verified" where the view is missing or says nothing of one."""
    if edge_domains(case):
        yield from without_public_view(case)
    for answer in asked(case, "_collab-edge._tls", edge_domains(case)):
        if answer.outcome is DnsOutcome.ANSWER:
            yield record_of(case, answer)
        elif not answer.outcome.answered:
            yield not_answered(case, record_subject(answer), answer, f"SRV record {show(answer.name)}")


def record_of(case: Case, answer: DnsAnswer) -> _Record:
    return _Record(answer, {service: owners_of(case, service.target) for service in answer.services})


def owners_of(case: Case, target: str) -> tuple[Peer, ...]:
    """The peers that a target is: by name, or else by the public address it leads to."""
    return _by_name(case).get(key(target)) or tuple(
        peer
        for peer in case.plan.peers
        if public_address(peer) in addresses_of(address_answer(case, PUBLIC_VIEW, target, public_address(peer)))
    )


@once
def _by_name(case: Case) -> Mapping[str, tuple[Peer, ...]]:
    """The peers by the keys of the names they are known by."""
    found: dict[str, dict[int, Peer]] = {}
    for peer in case.plan.peers:
        for name in _known_as(peer):
            found.setdefault(key(name), {})[peer.number] = peer
    return {name: tuple(peers.values()) for name, peers in found.items()}


def _known_as(peer: Peer) -> tuple[str, ...]:
    own = own_name(peer)
    return (*names_of(peer), own) if own else names_of(peer)


@rule(
    "DNS009",
    "collab-edge-record-missing",
    "Public DNS has no _collab-edge record for an MRA domain",
    Severity.ERROR,
    sources=("MRA-15.2", "TA-118798"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("Jabber cannot find Expressway", "cannot communicate with the server", "_collab-edge"),
    clearing=Clearing.EDGE_SERVICE,
)
def collab_edge_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether public DNS has an SRV record `_collab-edge._tls` for every domain of Mobile and Remote Access.

    Why it matters:
    It is how clients outside find Expressway-E. Without it no user can sign in.

    How to fix:
    Add one record for each peer, port 8443, with equal priority and weight.

    Example:
    `_collab-edge._tls.example.com` does not exist; three records to exe1, exe2 and exe3.example.com are expected.
    """
    yield from unstated_services(case)
    if edge_domains(case):
        yield from without_public_view(case)
    for answer in asked(case, "_collab-edge._tls", edge_domains(case)):
        if not answer.outcome.answered:
            yield not_answered(case, record_subject(answer), answer, f"SRV record {show(answer.name)}")
        elif answer.outcome is not DnsOutcome.ANSWER:
            hosts = [show((_known_as(peer) or (peer.address,))[0]) for peer in case.plan.peers]
            yield Found(
                record_subject(answer),
                f"Public DNS has no SRV record {show(answer.name)}; one for each peer is expected,"
                f" port {EDGE_PORT}, to {listed(hosts)}.",
                f"Add {show(answer.name)} to public DNS: 10 10 {EDGE_PORT} and the peer's FQDN, once for each peer.",
                case.plan.where("services", "mra", "domains"),
                evidence=(answer.source,) if answer.source else (),
            )


@rule(
    "DNS010",
    "collab-edge-record-wrong",
    "A _collab-edge record has a wrong port or target",
    Severity.ERROR,
    sources=("MRA-15.2", "CG-15.4-change", "TA-118798", "TA-117811"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("_collab-edge wrong port", "SRV target wrong"),
    clearing=Clearing.EDGE_SERVICE,
)
def collab_edge_wrong(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `_collab-edge._tls` record in public DNS has port 8443 and leads to a peer by its own FQDN: `System
    host name` and `Domain name` together, a name that is also among the SANs of its server certificate. A target
    that is not a peer of this cluster, but exists, is a notice: another cluster may serve the same domain.

    Why it matters:
    Clients connect to what the record says. They learn the peer's own FQDN later and go on with that, so both must
    be the same name, resolve in public DNS and be in the certificate.

    How to fix:
    Correct the port and the target in public DNS. In a zone file the target needs its dot at the end.

    Example:
    `10 10 443 exe1.example.com`, where port 8443 is expected; or the target exe1, which is not an FQDN.
    """
    for record in _edge_records(case):
        if isinstance(record, Unchecked):
            yield record
            continue
        faults = [fault for service, peers in record.owners.items() for fault in edge_faults(case, service, peers)]
        known = [fault for fault in faults if not isinstance(fault, Unchecked)]
        if known:
            severity = min((severity for severity, _ in known), key=lambda severity: severity.rank)
            fix = (
                f"Correct the targets of {record.shown}: port {EDGE_PORT} and the FQDN of a peer, as its host name and"
                " domain name give it and its certificate has it."
            )
            yield Found(
                record.subject,
                f"{record.shown} in public DNS: {clauses(text for _, text in known)}.",
                "Leave it if another cluster serves the domain too, else delete it."
                if severity is Severity.NOTICE
                else fix,
                case.plan.where("dns", PUBLIC_VIEW),
                evidence=record.seen,
                severity=severity,
                about=About(view=PUBLIC_VIEW),
            )
        else:
            yield from (fault for fault in faults if isinstance(fault, Unchecked))


_Fault = tuple[Severity, str]


def edge_faults(case: Case, service: Srv, peers: tuple[Peer, ...]) -> Iterator[_Fault | Unchecked]:
    """Everything wrong with one `_collab-edge` target."""
    yield from target_faults(case, service, peers, EDGE_PORT)
    target = service.target
    for peer in peers:
        own = own_name(peer)
        if own is not None and key(own) != key(target) and not _tolerated_alias(case, target, own):
            text = f"target {show(target)} is another name than {show(own)}, host name and domain name of that peer"
            yield Severity.WARNING, text
        if key(target) == key(peer.address):
            continue  # whether that is a SAN is the handshake's question
        sans = hosts_in_san(case, peer)
        if isinstance(sans, Unchecked):
            yield sans
        elif matching(target, sans) is None:
            yield Severity.WARNING, f"target {show(target)} is not a SAN of the certificate of {show(peer.address)}"


def _tolerated_alias(case: Case, target: str, own: str) -> bool:
    """A CNAME to the peer's own FQDN in the same domain is allowed for a target."""
    if key(parent(target)) != key(parent(own)):
        return False
    return any(
        key(own) in {key(alias) for alias in view_answer(case, PUBLIC_VIEW, target, record_type).aliases}
        for record_type in (RecordType.A, RecordType.AAAA)
    )


def target_faults(case: Case, service: Srv, peers: tuple[Peer, ...], port: int) -> Iterator[_Fault]:
    """What can be wrong with the target of any service of Expressway-E."""
    target = service.target
    if target in ("", "."):
        yield Severity.ERROR, 'a target of ".", which says that there is no such service'
        return
    if service.port != port:
        yield Severity.ERROR, f"{show(target)} has port {service.port}, not {port}"
    if is_ip(target) or not is_fqdn(target):
        yield Severity.ERROR, f"target {show(target)} is not an FQDN"
    elif not peers:
        answers = [address_answer(case, PUBLIC_VIEW, target, public_address(peer)) for peer in case.plan.peers]
        leading = next((answer for answer in answers if addresses_of(answer)), None)
        if leading is not None:
            yield (
                Severity.NOTICE,
                f"target {show(target)} leads to {addresses_in_words(case, leading)}, no peer of this cluster",
            )
        elif any(answer.outcome.answered for answer in answers):
            yield Severity.ERROR, f"target {show(target)} does not exist in public DNS{_dot_forgotten(case, target)}"
        else:
            yield Severity.NOTICE, f"target {show(target)} is not a peer of this cluster"


def _dot_forgotten(case: Case, target: str) -> str:
    for peer in case.plan.peers:
        for name in _known_as(peer):
            if key(target).startswith(f"{key(name)}."):
                return f": the dot after {show(name)} was forgotten in the zone file"
    return ""


@rule(
    "DNS011",
    "collab-edge-peer-without-target",
    "A peer has no _collab-edge record",
    Severity.WARNING,
    sources=("MRA-15.2", "TA-118798"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("one peer gets no MRA clients", "_collab-edge"),
    clearing=Clearing.EDGE_SERVICE,
)
def collab_edge_incomplete(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the `_collab-edge._tls` records of each MRA domain lead to every peer of the cluster.

    Why it matters:
    A peer without one gets no sign-ins: it adds neither capacity nor a way round a peer that is down.

    How to fix:
    Add the missing record, with the priority and weight of the others.

    Example:
    Three peers, and records to exe1.example.com and exe2.example.com only.
    """
    for record in _edge_records(case):
        if isinstance(record, Unchecked):
            yield record
            continue
        served = {peer for peers in record.owners.values() for peer in peers}
        left_out = [peer for peer in case.plan.peers if peer not in served]
        if left_out:
            names = listed(show((_known_as(peer) or (peer.address,))[0]) for peer in left_out)
            yield Found(
                record_subject(record.answer, *left_out),
                f"{record.shown} in public DNS has no target for {names}; one for each peer is expected.",
                f"Add to {record.shown} one record with port {EDGE_PORT} for each of: {names}.",
                case.plan.where("dns", PUBLIC_VIEW),
                evidence=record.seen,
                about=About(view=PUBLIC_VIEW),
            )


@rule(
    "DNS012",
    "collab-edge-uneven",
    "The _collab-edge records of the peers differ in priority or weight",
    Severity.NOTICE,
    sources=("MRA-15.2",),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("uneven load of MRA clients", "SRV priority"),
    clearing=Clearing.EDGE_SERVICE,
)
def collab_edge_uneven(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the `_collab-edge._tls` records of one domain give all peers of the cluster the same priority and weight.

    Why it matters:
    Peers share the load by equal records. With unequal priorities the others are idle until the first one fails.

    How to fix:
    Give all peers the same priority and weight, such as 10 and 10.

    Example:
    10 10 8443 exe1.example.com and 20 10 8443 exe2.example.com.
    """
    for record in _edge_records(case):
        if isinstance(record, Unchecked):
            yield record
            continue
        own = [service for service, peers in record.owners.items() if peers]
        if len({(service.priority, service.weight) for service in own}) > 1:
            values = listed(f"{show(each.target)} {each.priority} {each.weight}" for each in own)
            yield Found(
                record.subject,
                f"{record.shown} in public DNS gives the peers different priorities or weights: {values}.",
                f"Give every target of {record.shown} the same priority and weight.",
                case.plan.where("dns", PUBLIC_VIEW),
                evidence=record.seen,
                about=About(view=PUBLIC_VIEW),
            )
