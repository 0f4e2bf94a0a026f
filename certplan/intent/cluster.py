"""What one cluster should have: names, certificates and mapping, decided from the plan and from what was seen."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from certplan.evidence.model import (
    Certificate,
    CertificateFile,
    Evidence,
    FarEnd,
    Missing,
    PeerEvidence,
    TrustList,
)
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH, needed_roles
from certplan.handshake.model import Cause, Store
from certplan.handshake.trust import Chain, ChainVerifier, TrustIndex
from certplan.intent.dates import PRIVATE_LIFETIME, client_role_ends, lifetime, taken_for_public
from certplan.intent.mapping import MappingSuggestion, suggest_mapping
from certplan.intent.names import (
    BY_DEFAULT,
    NameChoices,
    NameFor,
    RequestedName,
    RequiredName,
    each_once,
    name_problems,
    required_names,
    shared_names,
)
from certplan.intent.naming import Naming, name_peers
from certplan.intent.stated import authority_of, on_expressway_e
from certplan.intent.zones import zone_names, zone_roles
from certplan.plan.model import CertificateAuthority, Peer, Plan
from certplan.plan.problems import PlanProblem
from certplan.text.names import defects, is_fqdn, key, matching, typo
from certplan.value import Value
from certplan.vendor import is_internal_name
from certplan.vendor.releases import ECDSA_FROM, SERVER_ONLY_FROM, TWO_STORES_FROM

if TYPE_CHECKING:
    from certplan.intent.shadow import ShadowPki

__all__ = [
    "CertificateIntent",
    "DroppedName",
    "Intent",
    "is_factory_ca",
    "one_role_enough",
    "stores_of",
    "without_client_auth",
]

_FACTORY_CA = re.compile(r"(^|,)CN=Temporary CA\b", re.IGNORECASE)
_SHORTEST = timedelta(days=1)
"""A CA that ends sooner is none to order from."""
_ON_THE_PEER = frozenset({Cause.EXPIRED, Cause.NOT_YET_VALID})


class DroppedName(Value):
    """A name of today's certificate that the next one does not carry."""

    name: str
    meant: str = ""
    """The name it is a typing error for; empty where it is none."""
    how: str = ""
    """What tells the two apart."""


class CertificateIntent(Value):
    """The next certificate of one store of one peer."""

    peer: Peer
    store: Store
    names: tuple[RequestedName, ...]
    """The SANs, the CN first, those kept from today's certificate last."""
    roles: tuple[str, ...]
    """Extended key usages: those needed that the CA still issues."""
    issuer: Certificate | None
    """The CA that signs it; None where no list that was read has one that could."""
    not_before: datetime
    not_after: datetime
    rsa: bool
    """The release takes no ECDSA keys."""
    problems: tuple[PlanProblem, ...]
    """Why no certificate can have these names; then none is asked for."""
    dropped: tuple[DroppedName, ...]

    @property
    def cn(self) -> str:
        return self.names[0].name

    @property
    def sans(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.names)

    @property
    def kept(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.names if each.why is NameFor.KEPT)


class Intent(Value, dict=True):
    """What should be, worked out from the plan and the evidence as they are today, at the time `at` (aware)."""

    plan: Plan
    evidence: Evidence
    at: datetime

    @classmethod
    def unseen(cls, plan: Plan, at: datetime) -> "Intent":
        """The same where nothing was looked at."""
        none = Missing("evidence", "nothing was gathered", "Gather the evidence.")
        found = tuple(PeerEvidence(none, none, none, none, ()) for _ in plan.peers)
        return cls(plan, Evidence(peers=found, views={}, gathered_at=at), at)

    @cached_property
    def namings(self) -> tuple[Naming, ...]:
        return name_peers(self.plan, self.evidence)

    @cached_property
    def names(self) -> tuple[str | None, ...]:
        """The FQDN of every peer, in plan order; None where nothing tells it. No two peers have the same."""
        return tuple(naming.fqdn for naming in self.namings)

    @cached_property
    def _shared(self) -> tuple[RequiredName, ...]:
        return shared_names(self.plan)

    def name(self, peer: Peer) -> str | None:
        return self.names[peer.number - 1]

    @cached_property
    def mapping(self) -> MappingSuggestion:
        """Whether cluster address mapping is needed, and its entries."""
        return suggest_mapping(self.plan, self.evidence, self.namings)

    def leaf(self, peer: Peer, store: Store = Store.SERVER) -> Certificate | None:
        """Today's certificate, where it was read."""
        found = self.evidence.peers[peer.number - 1]
        file = found.server if store is Store.SERVER else found.client
        return file.leaf if isinstance(file, CertificateFile) else None

    def public(self, peer: Peer, store: Store) -> bool:
        """Whether a public CA issues it: as the plan says, or else by the name of today's CA."""
        if (stated := authority_of(self.plan, store)) is not None:
            return stated is CertificateAuthority.PUBLIC
        leaf = self.leaf(peer, store)
        return leaf is not None and taken_for_public(leaf.issuer)

    def required(
        self, peer: Peer, store: Store = Store.SERVER, choices: NameChoices = BY_DEFAULT
    ) -> tuple[RequiredName, ...]:
        """Every name that the certificate must carry for the cluster and its zones, the CN first, with doubles."""
        public = self.public(peer, store)
        own = required_names(self.plan, peer, self.names, self._shared, choices, public=public)
        accepted = {key(spelling) for name in own for spelling in name.accepted}
        zones = zone_names(self.plan, self.evidence, peer, store, public=public)
        return (*own, *(name for name in zones if key(name.name) not in accepted))

    def certificate(self, peer: Peer, store: Store, choices: NameChoices = BY_DEFAULT) -> CertificateIntent:
        """The next certificate of a store: what `propose` asks for, `csr new` makes and `csr verify` expects."""
        peer = self.plan.peers[peer.number - 1]
        required, public = self.required(peer, store, choices), self.public(peer, store)
        problems = tuple(
            dict.fromkeys(name_problems(self.plan, peer, self.name(peer), required, choices, public=public))
        )
        kept, dropped = ((), ()) if choices.only_required else self._today(peer, store, required)
        names = bare = each_once(required)
        names += tuple(RequestedName(name, NameFor.KEPT) for name in kept)
        begin = self.at.replace(microsecond=0)
        issuer, roles = (None, self._roles(peer, store)) if problems else self._signer(peer, store, names)
        if issuer is None and kept and not problems:
            # The CA may be limited to other names than those it once signed.
            issuer, roles = self._signer(peer, store, bare)
            if issuer is not None:
                names, dropped = bare, (*dropped, *map(DroppedName, kept))
        return CertificateIntent(
            peer=peer,
            store=store,
            names=names,
            roles=roles,
            issuer=issuer,
            not_before=begin,
            not_after=self._end(peer, store, issuer),
            rsa=peer.release < ECDSA_FROM,
            problems=problems,
            dropped=dropped,
        )

    def _today(
        self, peer: Peer, store: Store, required: Iterable[RequiredName]
    ) -> tuple[tuple[str, ...], tuple[DroppedName, ...]]:
        """The names of today's certificate that are kept, and those that are dropped."""
        leaf = self.leaf(peer, store)
        if leaf is None:
            return (), ()
        accepted = {key(spelling) for each in required for spelling in each.accepted}
        missing = [key(each.name) for each in required if not any(matching(s, leaf.dns_names) for s in each.accepted)]
        kept, dropped = [], []
        for name in leaf.dns_names:
            if key(name) in accepted:
                continue
            meant = next(((each, how) for each in missing if (how := typo(each, name)) is not None), None)
            if meant is not None:
                dropped.append(DroppedName(name, *meant))
            elif self._may_stay(peer, store, name):
                kept.append(key(name))
            else:
                dropped.append(DroppedName(name))
        return tuple(dict.fromkeys(kept)), tuple(dropped)

    def _may_stay(self, peer: Peer, store: Store, name: str) -> bool:
        """Whether a name is legal, no other peer's, and one that the CA may certify."""
        others = {each for each in self.names if each is not None} | {
            key(each) for other in self.plan.peers if other is not peer for each in (other.address, other.fqdn) if each
        }
        internal = self.public(peer, store) and is_internal_name(key(name))
        return is_fqdn(name) and not defects(name) and key(name) not in others and not internal

    def _roles(self, peer: Peer, store: Store) -> tuple[str, ...]:
        """The roles to ask for where the CA issues all of them."""
        if store is Store.CLIENT:
            return (CLIENT_AUTH,)
        enough = all(one_role_enough(self.plan, each) for each in self.plan.peers)
        by_zones = zone_roles(self.plan, self.evidence, peer, store)
        if self.public(peer, store) and enough and CLIENT_AUTH not in by_zones:
            return (SERVER_AUTH,)
        return (SERVER_AUTH, CLIENT_AUTH)

    def client_role_ends(self, issuer: str | None, peer: Peer, store: Store) -> date:
        """The first day on which the CA of that name issues no clientAuth."""
        return client_role_ends(issuer, public=self.public(peer, store))

    def _issues(self, issuer: str, roles: Iterable[str], peer: Peer, store: Store) -> bool:
        return CLIENT_AUTH not in roles or self.at.date() < self.client_role_ends(issuer, peer, store)

    def _end(self, peer: Peer, store: Store, issuer: Certificate | None) -> datetime:
        leaf = self.leaf(peer, store)
        name = issuer.subject if issuer is not None else leaf.issuer if leaf is not None else None
        days = lifetime(name, self.at.date(), public=self.public(peer, store)) or PRIVATE_LIFETIME
        # The last second counts (Baseline Requirements, section 6.3.2).
        last = self.at + timedelta(days=days, seconds=-1)
        if issuer is not None:
            last = min(last, *(certificate.not_after for certificate in self.chain(issuer).path))
        return last.replace(microsecond=0)

    def _signer(
        self, peer: Peer, store: Store, names: tuple[RequestedName, ...]
    ) -> tuple[Certificate | None, tuple[str, ...]]:
        """The CA of today's certificate if it still serves, else one of another certificate of the cluster.

        A public CA that issues clientAuth no more still serves for serverAuth alone: the release must then do without.
        """
        own, needed = self.leaf(peer, store), self._roles(peer, store)
        leaves = [leaf for leaf in (own, *self._leaves) if leaf is not None]
        choices = [needed, (SERVER_AUTH,)] if store is Store.SERVER else [needed]
        for roles in dict.fromkeys(choices):
            for leaf in leaves if roles == needed else [own] if own is not None else []:
                issuer = self._valid_issuer(leaf)
                if issuer is None or not self._issues(issuer.subject, roles, peer, store):
                    continue
                if self._passes(peer, store, names, roles, issuer):
                    return issuer, roles
        ended = self.at.date() >= self.client_role_ends(None, peer, store)
        return None, (SERVER_AUTH,) if store is Store.SERVER and ended else needed

    @cached_property
    def _leaves(self) -> tuple[Certificate, ...]:
        found = (self.leaf(peer, store) for store in Store for peer in self.plan.peers)
        return tuple(leaf for leaf in found if leaf is not None)

    def _valid_issuer(self, leaf: Certificate) -> Certificate | None:
        """The CA that signed a certificate, where it is known, valid, not revoked, and no factory's."""
        chain = self.chain(leaf)
        if leaf.self_issued or len(chain.path) < 2 or not (chain.trusted or chain.cause in _ON_THE_PEER):
            return None
        issuer = chain.path[1]
        above = self.chain(issuer)
        ends = min(ca.not_after for ca in above.path)
        if ends < self.at + _SHORTEST or not above.trusted or is_factory_ca(issuer.subject):
            return None
        if any(map(self._revoked, above.path)):
            return None
        return issuer

    def _passes(
        self, peer: Peer, store: Store, names: tuple[RequestedName, ...], roles: tuple[str, ...], issuer: Certificate
    ) -> bool:
        """Whether a certificate of these names and roles passes under this CA, by its name constraints too."""
        from certplan.intent.shadow import Contents, Unsignable  # noqa: PLC0415 - it loads cryptography

        sans = tuple(each.name for each in names)
        contents = Contents(f"{store} {peer.number}", sans[0], sans, roles, self.at, self.at + timedelta(days=1))
        try:
            leaf = self.shadow.issue(contents, issuer)
            copies = [self.shadow.copy(ca) for ca in (issuer, *self.pool.above(issuer))]
        except Unsignable:
            return False
        chain = self._chain_verifier.chain(leaf, TrustIndex(copies), None, self.at)
        limited = (ca.eku for ca in chain.path[1:] if ca.eku is not None)
        asked = {r for verifier in self.plan.peers for r in needed_roles(verifier, peer, store)}
        needed = (asked | set(zone_roles(self.plan, self.evidence, peer, store))) & set(roles)
        return chain.trusted and all(role in eku for eku in limited for role in needed)

    @cached_property
    def pool(self) -> TrustIndex:
        """Every CA that any peer's list has, those of the clusters at the far ends of zones after the cluster's own."""
        far_ends = (far for far in self.evidence.far_ends.values() if isinstance(far, FarEnd))
        clusters = (self.evidence, *(far.evidence for far in far_ends))
        lists = (found.trust for evidence in clusters for found in evidence.peers)
        distinct = {
            located.certificate.sha256: located.certificate
            for trust in lists
            if isinstance(trust, TrustList)
            for located in trust.certificates
        }
        return TrustIndex(distinct.values())

    @cached_property
    def shadow(self) -> "ShadowPki":
        from certplan.intent.shadow import ShadowPki  # noqa: PLC0415

        return ShadowPki(self.pool)

    def chain(self, certificate: Certificate) -> Chain:
        """What OpenSSL would say if one list had every CA known."""
        return self._chain_verifier.chain(certificate, self.pool, None, self.at)

    @cached_property
    def _chain_verifier(self) -> ChainVerifier:
        return ChainVerifier()

    def _revoked(self, certificate: Certificate) -> bool:
        crls = (crl for found in self.evidence.peers if isinstance(found.crls, tuple) for crl in found.crls)
        return any(
            crl.issuer_key == certificate.issuer_key
            and (since := crl.revoked.get(certificate.serial)) is not None
            and since <= self.at
            for crl in crls
        )


def is_factory_ca(name: str) -> bool:
    """Whether a CA is the one that an appliance makes for its own certificate: nobody can order from it.

    Source: Certificate Creation and Use Deployment Guide X15.5 (the default certificate).
    """
    return _FACTORY_CA.search(name) is not None


def one_role_enough(plan: Plan, peer: Peer) -> bool:
    """Whether the server certificate of a peer may do without clientAuth.

    X15.4 does not look for it on cluster links, but its Expressway-C still takes no certificate without; from X15.5 on
    the client certificate has it (225482, 225693).
    """
    return peer.release >= (SERVER_ONLY_FROM if on_expressway_e(plan) else TWO_STORES_FROM)


def without_client_auth(plan: Plan) -> str:
    """What to do where a public CA issues no clientAuth any more, as words that follow "then".

    On an Expressway-E that serves the public a private CA is no answer (225482, Caution); an Expressway-C needs
    clientAuth in its server certificate until X15.5, where the client certificate has it (225693).
    """
    if on_expressway_e(plan):
        return f"upgrade to {SERVER_ONLY_FROM} or later"
    return f"take a private CA, or upgrade to {TWO_STORES_FROM} with a client certificate from a private CA"


def stores_of(peer: Peer) -> Iterator[Store]:
    """The stores that a peer has: from X15.5 one for the client certificate too."""
    yield Store.SERVER
    if peer.release >= TWO_STORES_FROM:
        yield Store.CLIENT
