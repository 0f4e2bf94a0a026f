"""Gather everything a plan points at: files, trust lists, keys, CRLs and DNS answers.

What a plan is judged from is read here and nowhere else. Whatever goes wrong becomes a `Missing` or a `Problem`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TypeVar

from certplan.evidence.dns.question import SERVED_OUTSIDE, Question
from certplan.evidence.dns.zonefile import read_records
from certplan.evidence.dns.zoneload import load_zones
from certplan.evidence.dns.zones import ZoneContents, answer
from certplan.evidence.model import (
    CertificateFile,
    DnsAnswer,
    DnsOutcome,
    DnsView,
    Evidence,
    FarEnd,
    KeyFile,
    Missing,
    PeerEvidence,
    RecordType,
    ServerEvidence,
    TrustList,
)
from certplan.evidence.pki.certificates import load_certificate_file, load_crls, load_key_file, load_trust_list
from certplan.held import held
from certplan.plan.model import CertificateAuthority, DnsSource, IPAddress, IpVersion, Lan, Peer, Plan, Server, Zone
from certplan.plan.reading import PLAN_NAME, PlanError, load_plan
from certplan.text.addresses import reverse_name
from certplan.text.names import is_fqdn, is_ip, key, show
from certplan.value import replace

__all__ = ["DEFAULT_TIMEOUT", "gather", "questions"]

DEFAULT_TIMEOUT = 5.0
_MOST_NAMES_OF_A_CERTIFICATE = 200
_MOST_TARGETS_OF_A_VIEW = 50

T = TypeVar("T")
Answers = dict[tuple[str, RecordType], DnsAnswer]
AnswersByView = Mapping[str, Answers]
Answered = dict[tuple[str, ...], Answers]
"""What servers have said in this run or an earlier one, by those of a view. They are not asked that again."""


def gather(
    plan: Plan,
    now: datetime,
    *,
    live_dns: bool = True,
    timeout: float = DEFAULT_TIMEOUT,
    earlier: tuple[Plan, Evidence] | None = None,
) -> Evidence:
    """Read every file the plan names and ask every DNS view what judging needs to know.

    Args:
        plan: the plan; its files are read relative to `plan.folder`.
        now: the time recorded as the time of observation.
        live_dns: False asks no server; the answers are then `not-covered`.
        timeout: seconds for all live DNS questions together; the servers that only a far end names have as many.
        earlier: another state of the plan, and what was gathered for it. A view's servers are not asked again what they
            said of it, and not at all where they answered nothing.
    """
    answered: Answered = {}
    if earlier is not None:
        _add_answers(answered, *earlier)
    return _gather(plan, now, answered, live_dns=live_dns, timeout=timeout)


def _add_answers(answered: Answered, plan: Plan, evidence: Evidence) -> None:
    """Add what servers answered when this was gathered."""
    for source in plan.dns:
        view = evidence.views.get(source.view)
        if source.servers and view is not None:
            said = {place: answer for place, answer in view.answers.items() if answer.source in source.servers}
            answered.setdefault(source.servers, {}).update(said)
    for far in evidence.far_ends.values():
        if isinstance(far, FarEnd):
            _add_answers(answered, far.plan, far.evidence)


def _gather(plan: Plan, now: datetime, answered: Answered, *, live_dns: bool, timeout: float) -> Evidence:
    bundles: dict[tuple[str, ...], TrustList] = {}
    peers = tuple(_peer(plan, peer, bundles) for peer in plan.peers)
    return Evidence(
        peers=peers,
        views=_views(plan, peers, answered, live_dns=live_dns, timeout=timeout),
        gathered_at=now,
        servers=tuple(_server(plan, number, server) for number, server in enumerate(plan.servers or ())),
        far_ends={
            zone.far_end: _far_end(plan, zone, zone.far_end, now, answered, live_dns=live_dns, timeout=timeout)
            for zone in plan.zones or ()
            if zone.far_end is not None
        },
    )


def _server(plan: Plan, number: int, server: Server) -> ServerEvidence:
    """What there is for one server behind an Expressway-C."""
    owner, where = show(server.address), plan.where("servers", number)

    def unnamed(what: str, field: str) -> Missing:
        return Missing(f"{what} of {owner}", "the plan names none", f"Name it in the plan as {field}.", where)

    certificate: CertificateFile | Missing = unnamed("certificate", "certificate")
    if server.certificate is not None:
        certificate = load_certificate_file(*plan.located(server.certificate), f"certificate of {owner}")
    trust: TrustList | Missing = unnamed("trusted certificates", "trusted_cas")
    if server.trusted_cas is not None:
        paths = [plan.located(file) for file in server.trusted_cas]
        trust = load_trust_list(paths, f"trusted certificates of {owner}")
    return ServerEvidence(certificate, trust)


def _far_end(
    plan: Plan, zone: Zone, file: str, now: datetime, answered: Answered, *, live_dns: bool, timeout: float
) -> FarEnd | Missing:
    """The cluster at the far end of a zone in the same state as this one; its own far ends are not followed."""
    path, shown = plan.located(file)
    path = path / PLAN_NAME if path.is_dir() else path
    try:
        far = load_plan(path)
    except PlanError as error:
        why = f"{len(error.problems)} problems, the first: {error.problems[0]}"
        return Missing(f"the plan {shown}", why, "Correct the plan at the far end, or its name in far_end.")
    if plan.is_target:
        far = far.target_state() or far
    returning = frozenset(
        number for number, other in enumerate(far.zones or ()) if other.far_end and _leads_to(far, other.far_end, plan)
    )
    # What this end says of the zone may hold names that the other end's DNS has to be asked for.
    asked = replace(
        far, zones=(*(replace(other, far_end=None) for other in far.zones or ()), replace(zone, far_end=None))
    )
    evidence = _gather(asked, now, answered, live_dns=live_dns, timeout=timeout)
    return FarEnd(far, evidence, returning)


def _leads_to(there: Plan, far_end: str, here: Plan) -> bool:
    found = (there.folder / far_end).resolve()
    return found in (here.folder.resolve(), (here.folder / Path(here.file).name).resolve())


def _peer(plan: Plan, peer: Peer, bundles: dict[tuple[str, ...], TrustList]) -> PeerEvidence:
    """What there is for one peer. Peers that name the same files share one list out of `bundles`."""
    owner = show(peer.address)

    def unnamed(what: str, field: str) -> Missing:
        where = plan.where("peers", peer.number - 1)
        return Missing(f"{what} of {owner}", "the plan names none", f"Name it in the plan as {field}.", where)

    def paths(files: Sequence[str]) -> list[tuple[Path, str]]:
        return [plan.located(file) for file in files]

    def not_issued(files: Iterable[str], what: str, field: str) -> Missing | None:
        """A file that only the target names and that is not there: evidence to come."""
        coming = next((file for file in files if file in plan.coming and not _is_there(plan.located(file)[0])), None)
        if coming is None:
            return None
        _, shown = plan.located(coming)
        remedy = f"Put it in {shown} once it has been issued."
        return Missing(f"{what} of {owner}", "not issued yet", remedy, plan.where("peers", peer.number - 1, field))

    def certificate(file: str | None, what: str, field: str) -> CertificateFile | Missing:
        if file is None:
            return unnamed(what, field)
        return not_issued([file], what, field) or load_certificate_file(*plan.located(file), f"{what} of {owner}")

    def trust(files: tuple[str, ...] | None) -> TrustList | Missing:
        if files is None:
            return unnamed("trusted CA list", "trusted_cas")
        if (missing := not_issued(files, "trusted CA list", "trusted_cas")) is not None:
            return missing
        if files not in bundles:
            loaded = load_trust_list(paths(files), f"trusted CA list of {owner}")
            if isinstance(loaded, Missing):
                return loaded
            bundles[files] = loaded
        return bundles[files]

    crls, private_key = peer.crls, peer.private_key
    return PeerEvidence(
        server=_placed(
            certificate(peer.server_certificate, "server certificate", "server_certificate"), peer, "server_certificate"
        ),
        client=_placed(
            certificate(peer.client_certificate, "client certificate", "client_certificate"), peer, "client_certificate"
        ),
        trust=_placed(trust(peer.trusted_cas), peer, "trusted_cas"),
        key=_placed(
            unnamed("private key", "private_key")
            if private_key is None
            else not_issued([private_key], "private key", "private_key")
            or load_key_file(*plan.located(private_key), f"private key of {owner}"),
            peer,
            "private_key",
        ),
        crls=_placed(not_issued(crls, "CRLs", "crls") or load_crls(paths(crls), f"CRLs of {owner}"), peer, "crls")
        if crls
        else (),
    )


def _is_there(path: Path) -> bool:
    return held(path) is not None or path.exists()


def _placed(read: T | Missing, peer: Peer, field: str) -> T | Missing:
    """What was read; where it is missing, with the peer and the plan's field it is missing for."""
    if isinstance(read, KeyFile) and isinstance(read.key, Missing):
        return replace(read, key=_placed(read.key, peer, field))
    return replace(read, peer=peer.address, field=field) if isinstance(read, Missing) else read


def questions(plan: Plan, peers: Sequence[PeerEvidence]) -> tuple[Question, ...]:
    """What every view is asked: addresses of all names in play, PTRs of the peers' addresses, service records."""
    asked = list(_address_questions(plan, _names(plan, peers)))
    asked += [Question(reverse_name(ip), RecordType.PTR) for ip in _addresses(plan)]
    if plan.services.mra is not None:
        for domain in plan.services.mra.domains:
            asked += [
                Question(f"{service}.{domain}", RecordType.SRV)
                for service in ("_collab-edge._tls", "_cisco-uds._tcp", "_cuplogin._tcp")
            ]
    if (federation := plan.services.xmpp_federation) is not None:
        served = (*federation.domains, *federation.chat_node_aliases)
        asked += [Question(f"_xmpp-server._tcp.{domain}", RecordType.SRV) for domain in served]
    distinct = {(key(question.name), question.type): question for question in asked}
    return tuple(distinct.values())


def _address_questions(plan: Plan, names: Iterable[str]) -> Iterator[Question]:
    """The addresses of `names`: in the cluster's IP version, and in any other that a peer has an address of."""
    types = {RecordType.AAAA if plan.ip_version is IpVersion.IPV6 else RecordType.A}
    types |= {RecordType.AAAA if ip.version == 6 else RecordType.A for ip in _addresses(plan)}
    return (Question(name, record_type) for name in names for record_type in sorted(types))


def _names(plan: Plan, peers: Sequence[PeerEvidence]) -> Iterator[str]:
    stated = [plan.cluster.name, *(entry.fqdn for entry in plan.cluster.known_entries)]
    stated += [name for peer in plan.peers for name in (peer.address, peer.fqdn) if name is not None]
    stated += [address for zone in plan.zones or () for address in zone.peers or ()]
    stated += [server.address for server in plan.servers or ()]
    if plan.authorities.server is CertificateAuthority.ACME and plan.services.mra is not None:
        stated += [name for domain in plan.services.mra.domains for name in (domain, f"collab-edge.{domain}")]
    for found in peers:
        for file in (found.server, found.client):
            if isinstance(file, CertificateFile):
                stated += file.leaf.dns_names[:_MOST_NAMES_OF_A_CERTIFICATE]
    return (name for name in stated if not is_ip(name) and is_fqdn(name))


def _addresses(plan: Plan) -> Iterator[IPAddress]:
    for peer in plan.peers:
        for lan in (peer.stated_lan1, peer.lan2):
            if isinstance(lan, Lan):
                yield lan.ip
                if lan.static_nat is not None:
                    yield lan.static_nat


def _views(
    plan: Plan, peers: Sequence[PeerEvidence], answered: Answered, *, live_dns: bool, timeout: float
) -> Mapping[str, DnsView]:
    asked = questions(plan, peers)
    live = {source.view: source.servers for source in plan.dns if source.servers} if live_dns else {}
    read = {source.view: _contents(plan, source, asked) for source in plan.dns}
    started = monotonic()
    said = _ask(live, dict.fromkeys(live, asked), timeout, answered)
    found = {source.view: _answers(source, read[source.view], asked, said.get(source.view)) for source in plan.dns}
    # What service records lead to is known only now; it is asked within the time that is left.
    more = {view: targets for view, answers in found.items() if (targets := _target_questions(plan, answers))}
    left = max(timeout - (monotonic() - started), 0.1)
    said = _ask(live, {view: targets for view, targets in more.items() if view in live}, left, answered)
    for source in plan.dns:
        targets = more.get(source.view, [])
        found[source.view] |= _answers(source, read[source.view], targets, said.get(source.view))
    return {
        view: DnsView(view, answers, contents.problems if (contents := read[view]) is not None else ())
        for view, answers in found.items()
    }


def _ask(
    live: Mapping[str, tuple[str, ...]],
    asked: Mapping[str, Sequence[Question]],
    timeout: float,
    answered: Answered,
) -> AnswersByView:
    """What the servers of each view say, added to `answered`. Views with the same servers ask once."""
    asking = {servers: view for view, servers in live.items()}
    left: dict[str, dict[tuple[str, RecordType], Question]] = {}
    for view, questions in asked.items():
        known = _known(view, questions, answered.get(live[view], {}))
        unknown = {question.key: question for question in questions if question.key not in known}
        if unknown:
            left.setdefault(asking[live[view]], {}).update(unknown)
    if left:
        from certplan.evidence.dns.live import ask  # noqa: PLC0415 - needed only where servers are asked

        said = ask(live, {view: tuple(unknown.values()) for view, unknown in left.items()}, timeout=timeout)
        for view, answers in said.items():
            answered.setdefault(live[view], {}).update(answers)
    return {view: _known(view, questions, answered.get(live[view], {})) for view, questions in asked.items()}


def _known(view: str, questions: Iterable[Question], said: Answers) -> Answers:
    """The answers that were given before; servers that have answered nothing so far are given up."""
    silent = next(iter(said.values()), None)
    if any(answer.outcome is not DnsOutcome.TIMEOUT for answer in said.values()):
        silent = None
    return {
        question.key: replace(known, view=view, name=question.name, type=question.type)
        for question in questions
        if (known := said.get(question.key, silent)) is not None
    }


def _target_questions(plan: Plan, answers: Answers) -> list[Question]:
    """The addresses of service targets that have not been asked for yet."""
    targets = {
        key(service.target): service.target
        for answer in answers.values()
        if key(answer.name).startswith(SERVED_OUTSIDE)
        for service in answer.services
        if not is_ip(service.target) and is_fqdn(service.target)
    }
    names = list(targets.values())[:_MOST_TARGETS_OF_A_VIEW]
    return [question for question in _address_questions(plan, names) if question.key not in answers]


def _answers(
    source: DnsSource,
    contents: ZoneContents | None,
    asked: Sequence[Question],
    earlier: Mapping[tuple[str, RecordType], DnsAnswer] | None,
) -> Answers:
    """Records and zone files speak first; servers, where the view has any, for what those do not cover."""
    answers: Answers = {}
    for question in asked:
        found = answer(source.view, question, contents) if contents is not None else None
        if (found is None or found.outcome is DnsOutcome.NOT_COVERED) and source.servers:
            found = _not_asked(source.view, question) if earlier is None else earlier[question.key]
        if found is not None:
            answers[question.key] = found
    return answers


def _not_asked(view: str, question: Question) -> DnsAnswer:
    why = "live DNS questions are switched off (--no-dns)"
    return DnsAnswer(view, question.name, question.type, DnsOutcome.NOT_COVERED, why=why)


def _contents(plan: Plan, source: DnsSource, asked: Iterable[Question]) -> ZoneContents | None:
    if not source.records and not source.zone_files:
        return None
    placed = [
        (record, plan.where("dns", source.view, "records", number)) for number, record in enumerate(source.records)
    ]
    records = [read_records(placed)] if placed else []
    return load_zones(
        [plan.located(file) for file in source.zone_files], {question.name for question in asked}, records
    )
