"""What the DNS rules share: the views a plan has, what each has said, and what its silence leaves open."""

from collections.abc import Iterator

from certplan.evidence.model import CertificateFile, DnsAnswer, DnsOutcome, Missing, RecordType
from certplan.handshake.model import Cause, Route, Store
from certplan.handshake.resolving import addresses_of, how_to_get_an_answer
from certplan.intent.stated import PUBLIC_VIEW, public_address
from certplan.plan.model import ClusterType, IPAddress, Peer
from certplan.rules.model import Case, Subject, SubjectKind, Unchecked
from certplan.text.addresses import is_private, is_public_side, reverse_name
from certplan.text.names import key, show
from certplan.text.words import clauses, listed

__all__ = [
    "address_answer",
    "address_in_words",
    "address_owner",
    "addresses_in_words",
    "asked_by_peers",
    "hosts_in_san",
    "inside_views",
    "is_the_caution",
    "judged_by_handshake",
    "not_answered",
    "not_gathered",
    "reverse_answer",
    "view_answer",
    "why_silent",
    "without_inside_view",
    "without_public_view",
]


def view_answer(case: Case, view: str, name: str, record_type: RecordType) -> DnsAnswer:
    """The answer of `view` to one question; `not-covered` where there is none."""
    known = case.evidence.views.get(view)
    answer = known.answers.get((key(name), record_type)) if known is not None else None
    if answer is not None:
        return answer
    why = "nothing was gathered for this view" if known is None else "it was not asked"
    return DnsAnswer(view, name, record_type, DnsOutcome.NOT_COVERED, why=why)


def address_answer(case: Case, view: str, name: str, like: IPAddress) -> DnsAnswer:
    """What `view` says of the address of `name`, in the IP version of `like`."""
    return view_answer(case, view, name, RecordType.AAAA if like.version == 6 else RecordType.A)


def reverse_answer(case: Case, view: str, ip: IPAddress) -> DnsAnswer:
    """What `view` says of the PTR record of `ip`."""
    return view_answer(case, view, reverse_name(ip), RecordType.PTR)


def inside_views(case: Case) -> tuple[str, ...]:
    """Every view of the plan but the public one."""
    return tuple(source.view for source in case.plan.dns if source.view != PUBLIC_VIEW)


def asked_by_peers(case: Case) -> tuple[str, ...]:
    """The views that the peers' own DNS servers give."""
    return tuple(dict.fromkeys(peer.dns for peer in case.plan.peers))


def is_the_caution(case: Case, peer: Peer, ip: IPAddress) -> bool:
    """Whether `ip` in public DNS is what the vendor's Caution forbids for this peer's name.

    It is when it is the peer's own LAN 1 behind another public address, or private while the declared one is not. An
    address that is the declared one never is, so that a lab may use private addresses as its public side.
    """
    declared, internal = public_address(peer), case.plan.internal_networks
    if ip == declared:
        return False
    return ip == peer.lan1.ip or (is_private(ip, internal) and is_public_side(declared, internal))


def hosts_in_san(case: Case, peer: Peer) -> tuple[str, ...] | Unchecked:
    """The names a peer's server certificate carries, or what it means that they are not known."""
    file = case.evidence.peers[peer.number - 1].server
    subject = Subject.certificate(peer, Store.SERVER)
    if not isinstance(file, CertificateFile):
        return Unchecked(subject, file)
    if file.leaf.sans is None:
        why = f"they cannot be read ({show(clauses(file.leaf.defects))})"
        remedy = f"Have the server certificate of {show(peer.address)} reissued."
        what = f"names in the server certificate of {show(peer.address)}"
        return Unchecked(subject, Missing(what, why, remedy, file.where, peer.address, "server_certificate"))
    return file.leaf.dns_names


def judged_by_handshake(case: Case, peer: Peer, view: str, *causes: Cause) -> bool:
    """Whether peers that ask `view` connect to this peer by it, and failed for one of `causes` (any, if none)."""
    asking = (verifier for verifier in case.plan.peers if verifier.dns == view)
    return any(
        not causes or any(step.cause in causes for step in handshake.not_passed)
        for handshake in (case.matrix.between(verifier, peer) for verifier in asking)
        if handshake.route is Route.DNS
    )


def address_in_words(case: Case, ip: IPAddress, of: Peer | None = None) -> str:
    """Whose address it is, in brackets with a blank before; empty for an unknown one. `of` is the peer spoken of."""
    owner = address_owner(case, ip, of)
    return f" ({owner})" if owner else ""


def address_owner(case: Case, ip: IPAddress, of: Peer | None = None) -> str:
    """`its LAN 1` or `LAN 2 of exe2.example.com`; empty for an unknown address. `of` is the peer spoken of."""
    for peer in case.plan.peers if of is None else (of, *case.plan.peers):
        what = _port(peer, ip)
        if what:
            return f"its {what}" if peer is of else f"{what} of {show(peer.address)}"
    return ""


def _port(peer: Peer, ip: IPAddress) -> str:
    if ip == peer.lan1.ip:
        return "LAN 1"
    if ip in (peer.lan1.static_nat, peer.static_nat):
        return "static NAT address"
    return "LAN 2" if peer.lan2 is not None and ip == peer.lan2.ip else ""


def addresses_in_words(case: Case, answer: DnsAnswer, of: Peer | None = None) -> str:
    """The addresses of an answer, each with whose it is. `of` is the peer spoken of."""
    return listed(f"{ip}{address_in_words(case, ip, of)}" for ip in addresses_of(answer))


def not_answered(case: Case, subject: Subject, answer: DnsAnswer, what: str) -> Unchecked:
    """A "not verified" for an answer that a view did not give. `what` is the record in words."""
    what = f"{what} in the {show(answer.view)} DNS view"
    where = case.plan.where("dns", answer.view)
    missing = Missing(what, why_silent(answer), how_to_get_an_answer(answer), where, field=f"dns.{answer.view}")
    return Unchecked(subject, missing)


def without_public_view(case: Case) -> Iterator[Unchecked]:
    """The one "not verified" of a rule about the public side of an Expressway-E whose public DNS is not known."""
    if case.plan.cluster.type is ClusterType.EXPRESSWAY_E and PUBLIC_VIEW not in case.evidence.views:
        missing = Missing(
            "public DNS view",
            "the plan gives none",
            f"Add the view `{PUBLIC_VIEW}` to the plan's dns section, with servers, zone_files or records.",
            case.plan.where("dns"),
            field=f"dns.{PUBLIC_VIEW}",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)


def not_gathered(case: Case) -> Iterator[Unchecked]:
    """A "not verified" for each view of the plan of which the evidence has nothing, as an old record may."""
    for source in case.plan.dns:
        if source.view not in case.evidence.views:
            missing = Missing(
                f"{show(source.view)} DNS view",
                "the evidence has nothing of it",
                "Gather the evidence again with the plan as it is.",
                case.plan.where("dns", source.view),
                field=f"dns.{source.view}",
            )
            yield Unchecked(Subject(SubjectKind.VIEW, source.view), missing)


def without_inside_view(case: Case, subject: Subject, answer: DnsAnswer | None, what: str) -> Unchecked:
    """A "not verified" for an internal record of an Expressway-E of which no view has spoken.

    `answer` is the answer of a view that was asked, if any was, and `what` the record in words.
    """
    if answer is not None and answer.view != PUBLIC_VIEW:
        return not_answered(case, subject, answer, what)
    zone = (
        f" with the zone {show(answer.missing_zone)}," if answer is not None and answer.missing_zone is not None else ""
    )
    why = why_silent(answer) if answer is not None else "the plan gives no view of the internal DNS"
    remedy = f"Add a view of the DNS that Expressway-C asks, such as `internal`,{zone} to the plan's dns section."
    return Unchecked(subject, Missing(what, why, remedy, case.plan.where("dns"), field="dns.internal"))


def why_silent(answer: DnsAnswer) -> str:
    """Why a view said nothing."""
    return answer.why or f"the view answered {answer.outcome.value}"
