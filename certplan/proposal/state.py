"""The plan and what was seen of it, once changes are made; certificates to come are simulated under their real CAs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from certplan.evidence.model import (
    Certificate,
    CertificateFile,
    DnsAnswer,
    DnsView,
    Evidence,
    FarEnd,
    KeyFile,
    Located,
    Missing,
    RecordType,
    TrustList,
)
from certplan.handshake.model import Cause, Handshake, Matrix, Step, StepName, Store
from certplan.handshake.simulate import simulate
from certplan.handshake.trust import TrustIndex, rfc4514_key
from certplan.intent.cluster import Intent
from certplan.intent.links import links
from certplan.intent.shadow import Contents, Unsignable
from certplan.outcomes import Outcome
from certplan.places import Place
from certplan.plan.model import DnsSource, IPAddress, MappingEntry, Plan
from certplan.proposal.certificate_changes import Reissue, UnseenCa, new_list
from certplan.proposal.effect import Effect
from certplan.text.names import key, show
from certplan.value import Value, field, replace
from certplan.zones.handshake import ZoneSimulation
from certplan.zones.view import ZoneView

__all__ = ["Applied", "WorkingState", "apply"]


class Applied(Value):
    """The plan and the evidence once the changes are made."""

    plan: Plan
    evidence: Evidence
    issuers: Mapping[tuple[int, Store], Certificate | UnseenCa] = field(default_factory=dict)
    """Who signs each certificate that is simulated, by peer and store."""
    unproven: Mapping[tuple[int, int, Store], str] = field(default_factory=dict)
    """Verifier, presenter and store whose trust rests on an unseen CA of a name that was read, with that name."""

    def simulated(self, intent: Intent) -> Matrix:
        """Every handshake of this state, if every CA that is loaded is the right one."""
        return simulate(self.plan, self.evidence, intent.at)

    def zones(self, intent: Intent) -> tuple[ZoneView, ...]:
        """Every zone of this state, with what comes of its connections."""
        return tuple(ZoneView(link, ZoneSimulation(link).matrix(intent.at)) for link in links(self.plan, self.evidence))

    def judged(self, intent: Intent) -> Matrix:
        """Every handshake of this state; what rests on an unproven CA is unknown."""
        matrix = self.simulated(intent)
        if not self.unproven:
            return matrix
        return replace(matrix, handshakes=tuple(map(self._doubted, matrix.handshakes)))

    def _doubted(self, handshake: Handshake) -> Handshake:
        pair = handshake.verifier.number, handshake.presenter.number
        return replace(handshake, steps=tuple(self._step(handshake, pair, step) for step in handshake.steps))

    def _step(self, handshake: Handshake, pair: tuple[int, int], step: Step) -> Step:
        name = self.unproven.get((*pair, step.store)) if step.store is not None else None
        if name is None or step.name is not StepName.TRUST or step.outcome is not Outcome.PASS:
            return step
        verifier = show(handshake.verifier.address)
        missing = Missing(
            what=f"the CA {show(name)} that {verifier} is to load",
            why="another CA of that name was read, and no file holds the one that is needed",
            remedy="Get it from the CA, name it in the plan, and check again.",
        )
        reason = f"whether {verifier} then trusts it is not known: {missing.why}"
        return replace(
            step, outcome=Outcome.UNKNOWN, cause=Cause.SAME_NAME_OTHER_KEY, subject=name, reason=reason, missing=missing
        )


def apply(intent: Intent, effects: Iterable[Effect]) -> Applied:
    """Make `effects` on a copy of the plan and the evidence that `intent` was worked out from."""
    state = WorkingState(intent)
    for effect in effects:
        effect.make(state)
    return state.finished()


class WorkingState:
    """A copy of the plan and the evidence, being changed."""

    def __init__(self, intent: Intent) -> None:
        plan, evidence = intent.plan, intent.evidence
        self.intent, self.at = intent, intent.at
        self.cluster = plan.cluster
        self.peers = list(plan.peers)
        self.sources = list(plan.dns)
        self.stated_zones = None if plan.zones is None else list(plan.zones)
        self.found = list(evidence.peers)
        self.reissued: dict[tuple[int, Store], Reissue] = {}
        self._answers = {name: dict(view.answers) for name, view in evidence.views.items()}
        self._dropped: set[tuple[str, IPAddress]] = set()
        """Mapping entries that are deleted once the table is asked for: all at once, for there may be many."""
        self._unseen: dict[UnseenCa, set[int]] = {}
        """Peers that are given a CA which no list has."""

    @property
    def mapping(self) -> tuple[MappingEntry, ...] | None:
        self._drop()
        return self.cluster.address_mapping

    def drop_entry(self, fqdn: str, ip: IPAddress) -> None:
        """Take an entry off the mapping table as it is now."""
        self._dropped.add((key(fqdn), ip))

    def _drop(self) -> None:
        if self._dropped and (today := self.cluster.address_mapping) is not None:
            self.set_mapping(tuple(entry for entry in today if (key(entry.fqdn), entry.ip) not in self._dropped))

    def set_mapping(self, entries: tuple[MappingEntry, ...]) -> None:
        self._dropped.clear()
        self.cluster = replace(self.cluster, stated_address_mapping=entries)

    def change_peer(self, number: int, **changes: Any) -> None:
        self.peers[number - 1] = replace(self.peers[number - 1], **changes)

    def change_zone(self, position: int, **changes: Any) -> None:
        if self.stated_zones is not None:
            self.stated_zones[position] = replace(self.stated_zones[position], **changes)

    def trust(self, number: int, add: Certificate | None = None, drop: Certificate | None = None) -> None:
        """Append a CA to the list of a peer, or take one off."""
        found = self.found[number - 1]
        if not isinstance(found.trust, TrustList):
            return
        kept = [one for one in found.trust.certificates if drop is None or one.certificate.sha256 != drop.sha256]
        if add is not None and all(one.certificate.sha256 != add.sha256 for one in kept):
            kept.append(Located(add, Place("to be loaded")))
        self.found[number - 1] = replace(found, trust=replace(found.trust, certificates=tuple(kept)))
        self.change_peer(number, trusted_cas=(new_list(self.intent.plan, number),))

    def load_unseen(self, number: int, ca: UnseenCa) -> None:
        """Append a CA that no list has to the list of a peer."""
        self._unseen.setdefault(ca, set()).add(number)
        self.change_peer(number, trusted_cas=(new_list(self.intent.plan, number),))

    def answer(self, answer: DnsAnswer, values: Sequence[str]) -> None:
        """Have a view give this answer, and the plan's own records of it say so; `values` is the record's text."""
        answers = self._answers.get(answer.view)
        if answers is None:
            return
        answers[key(answer.name), answer.type] = answer
        self.sources = [
            _with_records(source, answer.name, answer.type, values) if source.view == answer.view else source
            for source in self.sources
        ]

    def finished(self) -> Applied:
        """The changed plan and evidence, certificates to come put in their places."""
        stated = self.intent.plan
        self._drop()
        zones = None if self.stated_zones is None else tuple(self.stated_zones)
        plan = replace(stated, cluster=self.cluster, peers=tuple(self.peers), dns=tuple(self.sources), zones=zones)
        simulated = _Simulated(self, self._unseen)
        issuers, unproven = simulated.put()
        views = self.intent.evidence.views
        shown = {name: DnsView(name, answers, views[name].problems) for name, answers in self._answers.items()}
        far_ends = simulated.far_ends(self.intent.evidence.far_ends)
        evidence = replace(self.intent.evidence, peers=tuple(self.found), views=shown, far_ends=far_ends)
        return Applied(plan, evidence, issuers, unproven)


class _Simulated:
    """The certificates to come, and those under a CA that has not been read, as copies under copies of their CAs."""

    def __init__(self, state: WorkingState, unseen: Mapping[UnseenCa, set[int]]) -> None:
        self._state, self._unseen = state, unseen
        self._intent, self._shadow = state.intent, state.intent.shadow
        self._pool = self._with_loaded(state)
        self.issuers: dict[tuple[int, Store], Certificate | UnseenCa] = {}
        self._copies: dict[str, None] = {}
        """Fingerprints of the CAs that are copied."""

    @staticmethod
    def _with_loaded(state: WorkingState) -> TrustIndex:
        held = (
            located.certificate
            for found in state.found
            if isinstance(found.trust, TrustList)
            for located in found.trust.certificates
        )
        return TrustIndex({ca.sha256: ca for ca in held}.values())

    def put(self) -> tuple[Mapping[tuple[int, Store], Certificate | UnseenCa], Mapping[tuple[int, int, Store], str]]:
        """Present the copies, and put those of the CAs into the lists that have the originals, in their order."""
        made = list(self._made())
        if not made:
            return self.issuers, {}
        for number, store, leaf in made:
            self._present(number, store, leaf)
        for number in range(1, len(self._state.peers) + 1):
            self._extend(number)
        return self.issuers, dict(self._doubts())

    def _made(self) -> Iterator[tuple[int, Store, Certificate]]:
        for peer in self._state.peers:
            for store in Store:
                reissue = self._state.reissued.get((peer.number, store))
                try:
                    leaf = self._issued(reissue) if reissue is not None else self._copied(peer.number, store)
                except Unsignable:
                    continue
                if leaf is not None:
                    yield peer.number, store, leaf

    def _issued(self, reissue: Reissue) -> Certificate:
        at = (reissue.peer, reissue.store)
        contents = Contents(
            f"{reissue.store} certificate of peer {reissue.peer}",
            reissue.cn,
            reissue.names,
            reissue.roles,
            reissue.not_before,
            reissue.not_after,
            reissue.rsa,
        )
        self.issuers[at] = UnseenCa("") if reissue.issuer is None else reissue.issuer
        if reissue.issuer is None:
            return self._shadow.issue_unseen(contents)
        leaf = self._shadow.issue(contents, reissue.issuer)
        self._copy_above(reissue.issuer)
        self._copies.update(dict.fromkeys(ca.sha256 for ca in self._pool.with_name(reissue.issuer.subject)))
        return leaf

    def _copied(self, number: int, store: Store) -> Certificate | None:
        """Today's certificate under a CA that is to be loaded and has not been read; None where it needs none."""
        leaf = self._intent.leaf(self._intent.plan.peers[number - 1], store)
        if leaf is None:
            return None
        named = {rfc4514_key(ca.issuer) for ca in (leaf, *self._intent.pool.above(leaf))}
        unseen = next((ca for ca in self._unseen if ca.name and rfc4514_key(ca.name) in named), None)
        if unseen is None:
            return None
        self.issuers[number, store] = unseen
        self._copy_above(leaf)
        return self._shadow.copy_leaf(leaf)

    def _copy_above(self, certificate: Certificate) -> None:
        self._copies.update(dict.fromkeys(ca.sha256 for ca in self._intent.pool.above(certificate)))
        self._copies.update(dict.fromkeys(ca.sha256 for ca in self._pool.above(certificate)))
        if certificate.is_ca:
            self._copies[certificate.sha256] = None

    def far_ends(self, found: Mapping[str, FarEnd | Missing]) -> Mapping[str, FarEnd | Missing]:
        """The clusters at the far ends of zones: who trusts a CA there trusts the copy of it."""
        return {name: self._far_end(far) if isinstance(far, FarEnd) else far for name, far in found.items()}

    def _far_end(self, far: FarEnd) -> FarEnd:
        peers = tuple(
            replace(peer, trust=self._with_copies(peer.trust)) if isinstance(peer.trust, TrustList) else peer
            for peer in far.evidence.peers
        )
        return replace(far, evidence=replace(far.evidence, peers=peers))

    def _with_copies(self, trust: TrustList) -> TrustList:
        held = [one.certificate for one in trust.certificates if one.certificate.sha256 in self._copies]
        copies = (Located(copy, Place("simulated")) for ca in held if (copy := self._copy(ca)) is not None)
        return replace(trust, certificates=(*trust.certificates, *copies))

    def _extend(self, number: int) -> None:
        found = self._state.found[number - 1]
        if not isinstance(found.trust, TrustList):
            return
        held = [one.certificate for one in found.trust.certificates if one.certificate.sha256 in self._copies]
        cas = [copy for ca in held if (copy := self._copy(ca)) is not None]
        cas += [self._root(ca) for ca, numbers in self._unseen.items() if number in numbers]
        crls = found.crls
        if isinstance(crls, tuple):
            names = {rfc4514_key(ca.subject) for ca in held}
            for crl in crls:
                if rfc4514_key(crl.issuer) in names:
                    try:
                        crls = (*crls, self._shadow.copy_crl(crl))
                    except Unsignable:
                        continue
        listed = (*found.trust.certificates, *(Located(ca, Place("simulated")) for ca in cas))
        self._state.found[number - 1] = replace(found, trust=replace(found.trust, certificates=listed), crls=crls)

    def _copy(self, ca: Certificate) -> Certificate | None:
        try:
            return self._shadow.copy(ca)
        except Unsignable:
            return None

    def _root(self, ca: UnseenCa) -> Certificate:
        if ca.like is not None:
            return self._shadow.self_signed(ca.like)
        return self._shadow.chosen if ca.below is None else self._shadow.unseen_issuer(ca.below)

    def _doubts(self) -> Iterator[tuple[tuple[int, int, Store], str]]:
        """Which pairs rest on an unseen CA whose name was read."""
        for (presenter, store), issuer in self.issuers.items():
            if isinstance(issuer, UnseenCa) and issuer.name and self._intent.pool.with_name(issuer.name):
                for verifier in self._unseen.get(issuer, ()):
                    yield (verifier, presenter, store), issuer.name

    def _present(self, number: int, store: Store, leaf: Certificate) -> None:
        found, peer = self._state.found[number - 1], self._state.peers[number - 1]
        file = (peer.server_certificate if store is Store.SERVER else peer.client_certificate) or ""
        shown = CertificateFile(file, leaf, Place("to be issued"))
        if store is Store.CLIENT:
            self._state.found[number - 1] = replace(found, client=shown)
            return
        pair = found.key
        if isinstance(pair, KeyFile) and (number, store) in self._state.reissued and leaf.key is not None:
            pair = KeyFile(pair.file, leaf.key, encrypted=False, final_newline=True)
        self._state.found[number - 1] = replace(found, server=shown, key=pair)


def _with_records(source: DnsSource, name: str, record_type: RecordType, values: Sequence[str]) -> DnsSource:
    """The records of a view that the plan itself holds; zone files and servers are not the plan's to change."""
    if not source.records:
        return source
    replaced = {record_type.value} | ({"CNAME"} if record_type in (RecordType.A, RecordType.AAAA) else set())
    kept = [record for record in source.records if not _is(record, name, replaced)]
    return replace(source, records=(*kept, *(f"{name}. {record_type} {value}" for value in values)))


def _is(record: str, name: str, types: set[str]) -> bool:
    words = record.split()
    return bool(words) and key(words[0]) == key(name) and bool(types & {word.upper() for word in words[1:4]})
