"""Make changes on a copy of the plan and of what was seen of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from certplan.evidence.model import (
    Certificate,
    CertificateFile,
    Crl,
    DnsAnswer,
    DnsOutcome,
    DnsView,
    Evidence,
    KeyFile,
    Located,
    Missing,
    PeerEvidence,
    RecordType,
    TrustList,
)
from certplan.handshake import credentials
from certplan.handshake.model import Cause, Presentation, Store
from certplan.handshake.trust import Truster, TrustIndex, name_key
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.plan.model import DnsSource, MappingEntry, Peer, Plan
from certplan.proposal.model import (
    RECORD_TYPES,
    DropEntry,
    Effect,
    LoadCa,
    LoadNewCa,
    MoveNat,
    Reissue,
    RemoveCa,
    RenewCrl,
    SetAddress,
    SetAddresses,
    SetEntry,
    SetExternalLan,
    SetIpVersion,
    SetLan1,
    SetRelease,
    SetReverse,
    SetServices,
    SwitchMappingOn,
)
from certplan.proposal.standin import Bearing, StandIn, stand_in
from certplan.proposal.wanted import Wanted
from certplan.text.addresses import reverse_name
from certplan.text.names import key

__all__ = ["Applied", "apply"]

_UNKNOWN_ISSUER = frozenset({Cause.ISSUER_NOT_TRUSTED, Cause.SAME_NAME_OTHER_KEY})
_UNREVOKED = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_CRL_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Applied:
    """The plan and the evidence once the changes are made."""

    plan: Plan
    evidence: Evidence
    issuers: Mapping[tuple[int, Store], Certificate | str]
    """Who signs each certificate that is simulated, by peer and store; a name where no list has the CA."""


def apply(wanted: Wanted, effects: Iterable[Effect]) -> Applied:
    """Make `effects` on a copy of the plan and the evidence that `wanted` was told from.

    A certificate that is reissued is trusted by those peers that would trust one more certificate of its CA.
    """
    bench = _Bench(wanted)
    for effect in effects:
        bench.do(effect)
    return bench.done()


@dataclass
class _Bench:
    wanted: Wanted
    reissued: dict[tuple[int, Store], Reissue] = field(default_factory=dict)
    loaded: dict[str, set[int]] = field(default_factory=dict)
    """Peers that are given a CA which no list has, by the CA's name."""

    def __post_init__(self) -> None:
        plan, evidence = self.wanted.plan, self.wanted.evidence
        self.cluster = plan.cluster
        self.peers = list(plan.peers)
        self.sources = list(plan.dns)
        self.found = list(evidence.peers)
        self.answers = {name: dict(view.answers) for name, view in evidence.views.items()}
        self.at = self.wanted.at

    def do(self, effect: Effect) -> None:
        match effect:
            case Reissue():
                self.reissued[effect.peer, effect.store] = effect
            case LoadNewCa():
                self.loaded.setdefault(name_key(effect.name), set()).add(effect.peer)
            case LoadCa():
                self._trust(effect.peer, add=effect.certificates)
            case RemoveCa():
                self._trust(effect.peer, drop=effect.certificate)
            case RenewCrl():
                self._renew_crl(effect)
            case SetAddress():
                self._readdress(self.peers[effect.peer - 1], effect.to)
            case SwitchMappingOn() | SetEntry() | DropEntry():
                self._map(effect)
            case SetAddresses() | SetReverse() | SetServices():
                self._record(effect)
            case MoveNat():
                self._move_nat(self.peers[effect.peer - 1])
            case SetLan1():
                peer = self.peers[effect.peer - 1]
                network = peer.lan1.network if peer.lan1.network is None or effect.ip in peer.lan1.network else None
                self._peer(effect.peer, replace(peer, stated_lan1=replace(peer.lan1, ip=effect.ip, network=network)))
            case SetExternalLan():
                self._peer(effect.peer, replace(self.peers[effect.peer - 1], external_lan=effect.lan))
            case SetRelease():
                self.cluster = replace(self.cluster, stated_release=max(self.cluster.release, effect.release))
                self.peers = [replace(peer, stated_release=max(peer.release, effect.release)) for peer in self.peers]
            case SetIpVersion():
                self.cluster = replace(self.cluster, ip_version=effect.version)

    def done(self) -> Applied:
        plan = replace(self.wanted.plan, cluster=self.cluster, peers=tuple(self.peers), dns=tuple(self.sources))
        issuers = self._stand_in(plan)
        views = self.wanted.evidence.views
        shown = {name: DnsView(name, answers, views[name].problems) for name, answers in self.answers.items()}
        return Applied(plan, replace(self.wanted.evidence, peers=tuple(self.found), views=shown), issuers)

    def _peer(self, number: int, peer: Peer) -> None:
        self.peers[number - 1] = peer

    def _readdress(self, peer: Peer, address: str) -> None:
        """Where the peer's intended name was only what its address said, it follows."""
        follows = peer.fqdn is None or peer.fqdn == peer.address
        self._peer(peer.number, replace(peer, address=address, fqdn=address if follows else peer.fqdn))

    def _trust(self, number: int, add: Sequence[Certificate] = (), drop: Certificate | None = None) -> None:
        found = self.found[number - 1]
        if not isinstance(found.trust, TrustList):
            return
        kept = [one for one in found.trust.certificates if drop is None or one.certificate.sha256 != drop.sha256]
        held = {one.certificate.sha256 for one in kept}
        new = [Located(certificate, Place("to be loaded")) for certificate in add if certificate.sha256 not in held]
        self.found[number - 1] = replace(found, trust=replace(found.trust, certificates=(*kept, *new)))

    def _renew_crl(self, effect: RenewCrl) -> None:
        found = self.found[effect.peer - 1]
        if isinstance(found.crls, tuple):
            kept = [renewed for crl in found.crls if (renewed := self._renewed(crl, effect.issuer)) is not None]
            self.found[effect.peer - 1] = replace(found, crls=tuple(kept))

    def _renewed(self, crl: Crl, issuer: str) -> Crl | None:
        """The CRL as published today: the same revocations. One that its CA did not sign says nothing: it goes."""
        if name_key(crl.issuer) != name_key(issuer):
            return crl
        if crl.next_update is None or crl.next_update >= self.at:
            return None
        return replace(crl, last_update=self.at, next_update=self.at + _CRL_LIFE)

    def _map(self, effect: SwitchMappingOn | SetEntry | DropEntry) -> None:
        today = self.cluster.stated_address_mapping
        entries = list(self.cluster.known_entries)
        match effect:
            case SwitchMappingOn():
                entries = list(effect.entries)
            case SetEntry():
                at = next((n for n, entry in enumerate(entries) if key(entry.fqdn) == key(effect.fqdn)), len(entries))
                others = [entry for entry in entries if key(entry.fqdn) != key(effect.fqdn)]
                others.insert(min(at, len(others)), MappingEntry(effect.fqdn, effect.ip))
                entries = others
            case DropEntry():
                entries = [e for e in entries if (key(e.fqdn), e.ip) != (key(effect.fqdn), effect.ip)]
        if isinstance(today, tuple) or isinstance(effect, SwitchMappingOn):
            self.cluster = replace(self.cluster, stated_address_mapping=tuple(entries))

    def _move_nat(self, peer: Peer) -> None:
        nat, lan2 = peer.lan1.static_nat, peer.lan2
        if lan2 is not None and lan2.static_nat is None:
            lan2 = replace(lan2, static_nat=nat)
        self._peer(peer.number, replace(peer, stated_lan1=replace(peer.lan1, static_nat=None), lan2=lan2))

    def _record(self, effect: SetAddresses | SetReverse | SetServices) -> None:
        answers = self.answers.get(effect.view)
        if answers is None:
            return
        for answer, values in _answers(effect):
            answers[key(answer.name), answer.type] = answer
            self.sources = [
                _with_records(source, answer.name, answer.type, values) if source.view == effect.view else source
                for source in self.sources
            ]

    def _stand_in(self, plan: Plan) -> dict[tuple[int, Store], Certificate | str]:
        """Put stand-ins where certificates are reissued, or signed by a CA that no list has; see who trusts them."""
        issuers: dict[tuple[int, Store], Certificate | str] = {}
        made: list[tuple[Peer, Store, StandIn, Certificate | str]] = []
        for peer in plan.peers:
            for store in Store:
                known = self._bearing(peer, store)
                if known is not None:
                    bearing, issuer = known
                    issuers[peer.number, store] = issuer
                    made.append((peer, store, stand_in(bearing), issuer))
        if not made:
            return issuers
        indexes = [
            TrustIndex(o.certificate for o in f.trust.certificates) if isinstance(f.trust, TrustList) else None
            for f in self.found
        ]
        accepting = _Accepting(plan, indexes, tuple(self.found), self.at)
        for peer, store, made_up, issuer in made:
            for verifier in plan.peers:
                if isinstance(issuer, str):
                    accepted = verifier.number in self.loaded.get(name_key(issuer), ())
                else:
                    accepted = accepting.accepts(verifier, peer, store, made_up.leaf, issuer)
                if accepted:
                    self._trust(verifier.number, add=(made_up.root,))
            self._present(peer, store, made_up.leaf)
        return issuers

    def _bearing(self, peer: Peer, store: Store) -> tuple[Bearing, Certificate | str] | None:
        label = f"{store} certificate of peer {peer.number}"
        reissue = self.reissued.get((peer.number, store))
        if reissue is not None:
            usages = ("digitalSignature", "keyEncipherment") if reissue.rsa else ("digitalSignature",)
            bearing = Bearing(
                label,
                reissue.cn,
                reissue.names,
                reissue.roles,
                usages,
                reissue.not_before,
                reissue.not_after,
                reissue.rsa,
            )
            return bearing, "" if reissue.issuer is None else reissue.issuer
        leaf = self.wanted.leaf(peer, store)
        if leaf is None or not self.loaded:
            return None
        chain = self.wanted.chain(leaf)
        top = chain.path[-1].issuer
        if chain.trusted or chain.cause not in _UNKNOWN_ISSUER or name_key(top) not in self.loaded:
            return None
        cn = leaf.common_names[-1] if leaf.common_names else None
        label = f"the {label}, as it is"
        return Bearing(label, cn, leaf.dns_names, leaf.eku, leaf.key_usage, leaf.not_before, leaf.not_after), top

    def _present(self, peer: Peer, store: Store, leaf: Certificate) -> None:
        found = self.found[peer.number - 1]
        place = Place("to be issued")
        file = CertificateFile(
            (peer.server_certificate if store is Store.SERVER else peer.client_certificate) or "", leaf, place
        )
        if store is Store.SERVER:
            pair = found.key
            if isinstance(pair, KeyFile) and (peer.number, store) in self.reissued and leaf.key is not None:
                pair = KeyFile(pair.file, leaf.key, encrypted=False, final_newline=True)
            self.found[peer.number - 1] = replace(found, server=file, key=pair)
        else:
            self.found[peer.number - 1] = replace(found, client=file)


@dataclass(frozen=True)
class _Accepting:
    """Would a peer accept one more certificate of a CA that some list has?"""

    plan: Plan
    indexes: Sequence[TrustIndex | None]
    found: Sequence[PeerEvidence]
    at: datetime
    truster: Truster = field(default_factory=Truster)

    def accepts(self, verifier: Peer, presenter: Peer, store: Store, leaf: Certificate, issuer: Certificate) -> bool:
        trusted, own = self.indexes[verifier.number - 1], self.indexes[presenter.number - 1]
        if trusted is None:
            return False
        like = replace(leaf, issuer=issuer.subject, authority_key_id=issuer.subject_key_id)
        sent = own is not None and not issuer.self_signed and issuer in own.issuers(like)
        if issuer not in trusted.issuers(like) and not sent:
            return False
        chain = self.truster.chain(issuer, trusted, own, self.at)
        if not chain.trusted:
            return False
        path, shown = (like, *chain.path), Presentation(verifier, presenter, store, like)
        crls = self.found[verifier.number - 1].crls
        if credentials.role(shown, path).outcome is not Outcome.PASS:
            return False
        # CRLs that are not known leave the handshake undecided by themselves.
        return isinstance(crls, Missing) or credentials.revocation(shown, path, crls, self.at).outcome in _UNREVOKED


def _answers(effect: SetAddresses | SetReverse | SetServices) -> Iterable[tuple[DnsAnswer, tuple[str, ...]]]:
    """What the view will answer, and the same as record values."""
    said = DnsOutcome.ANSWER
    match effect:
        case SetReverse():
            name = reverse_name(effect.ip)
            yield DnsAnswer(effect.view, name, RecordType.PTR, said, targets=(effect.name,)), (f"{effect.name}.",)
        case SetServices():
            values = tuple(f"{s.priority} {s.weight} {s.port} {s.target}." for s in effect.services)
            yield DnsAnswer(effect.view, effect.name, RecordType.SRV, said, services=effect.services), values
        case SetAddresses():
            for record_type in sorted({RECORD_TYPES[ip.version] for ip in effect.addresses}):
                texts = tuple(sorted(str(ip) for ip in effect.addresses if RECORD_TYPES[ip.version] is record_type))
                yield DnsAnswer(effect.view, effect.name, record_type, said, addresses=texts), texts


def _with_records(source: DnsSource, name: str, record_type: RecordType, values: tuple[str, ...]) -> DnsSource:
    """The records of a view that the plan itself holds; zone files and servers are not the plan's to change."""
    if not source.records:
        return source
    replaced = {record_type.value} | ({"CNAME"} if record_type in (RecordType.A, RecordType.AAAA) else set())
    kept = [record for record in source.records if not _is(record, name, replaced)]
    return replace(source, records=(*kept, *(f"{name}. {record_type} {value}" for value in values)))


def _is(record: str, name: str, types: set[str]) -> bool:
    words = record.split()
    return bool(words) and key(words[0]) == key(name) and bool(types & {word.upper() for word in words[1:4]})
