"""Changes of certificates, trusted CA lists and CRLs."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from certplan.evidence.model import Certificate, Crl, TrustList
from certplan.handshake.credentials import CLIENT_AUTH
from certplan.handshake.model import Cause, Store
from certplan.handshake.trust import rfc4514_key
from certplan.intent.cluster import CertificateIntent, Intent
from certplan.plan.model import Peer, Plan
from certplan.proposal.effect import ChangeWords, Effect, Who, owner
from certplan.text.names import show
from certplan.text.words import joined, listed
from certplan.value import Value, replace

if TYPE_CHECKING:
    from certplan.proposal.state import WorkingState

__all__ = ["LoadCa", "LoadNewCa", "Reissue", "RemoveCa", "RenewCrl", "UnseenCa", "new_file", "new_list"]

_TRUST_PAGE = "Maintenance > Security > Trusted CA certificate"
_CRL_LIFE = timedelta(days=7)


class Reissue(Effect):
    """A new certificate for a peer: its names and roles, and the CA that signs it."""

    who: ClassVar[Who] = Who.CERTIFICATES
    kind: ClassVar[str] = "certificate"
    cost: ClassVar[int] = 90
    order: ClassVar[int] = 50

    peer: int
    store: Store
    cn: str
    names: tuple[str, ...]
    """The SANs, the CN first."""
    kept: tuple[str, ...]
    """Those of them that only today's certificate has."""
    roles: tuple[str, ...]
    issuer: Certificate | None
    """None: a CA that no list read has; it has to be loaded with `LoadNewCa`."""
    not_before: datetime
    not_after: datetime
    rsa: bool = False
    """The release does not take ECDSA keys."""

    @classmethod
    def of(cls, decided: CertificateIntent) -> "Reissue":
        """The order for what was decided."""
        return cls(
            peer=decided.peer.number,
            store=decided.store,
            cn=decided.cn,
            names=decided.sans,
            kept=decided.kept,
            roles=decided.roles,
            issuer=decided.issuer,
            not_before=decided.not_before,
            not_after=decided.not_after,
            rsa=decided.rsa,
        )

    def make(self, state: "WorkingState") -> None:
        state.reissued[self.peer, self.store] = self
        file = new_file(state.intent.plan, self.peer, self.store)
        state.change_peer(self.peer, **{f"{self.store}_certificate": file})

    def words(self, intent: Intent) -> ChangeWords:
        return ChangeWords(f"Reissue the {self.store} certificate", " ".join(self._sentences(intent)))

    def _sentences(self, intent: Intent) -> Iterator[str]:
        peer, public = intent.plan.peers[self.peer - 1], intent.public(intent.plan.peers[self.peer - 1], self.store)
        issuer = show(self.issuer.subject, 200) if self.issuer is not None else "a CA of your choice"
        if self.issuer is None and self.store is Store.CLIENT and public:
            issuer = "a private CA, since public CAs issue no clientAuth"
        yield (
            f"CN {show(self.cn)}; SANs {listed(map(show, self.names))}; roles {joined(self.roles)}. Issued by"
            f" {issuer}, whose chain every peer must trust before it is loaded."
        )
        yield f"Save it as {show(new_file(intent.plan, self.peer, self.store))} and check again."
        dropped = intent.certificate(peer, self.store).dropped
        if typos := [each for each in dropped if each.meant]:
            named = (f"{show(each.name)} for {show(each.meant)} ({each.how})" for each in typos)
            yield f"Dropped as a probable typo: {listed(named)}."
        if others := [each.name for each in dropped if not each.meant]:
            yield f"Today's certificate also has {listed(map(show, others))}, which this one does not."
        if self.kept:
            kept = listed(map(show, self.kept))
            yield f"Also included because the current certificate has it: {kept} (remove if unused)."
        leaf = intent.leaf(peer, self.store)
        if leaf is not None and leaf.not_before > intent.at and intent.chain(leaf).cause is Cause.NOT_YET_VALID:
            yield f"Or wait until {leaf.not_before:%Y-%m-%d}, when today's begins."
        if CLIENT_AUTH in self.roles and public and self.store is Store.SERVER:
            yield (
                "Public CAs are dropping clientAuth. If yours no longer issues it, upgrade to X15.4 or later, or use a"
                " private CA."
            )

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {
            "store": self.store.value,
            "cn": self.cn,
            "sans": list(self.names),
            "kept_sans": list(self.kept),
            "roles": list(self.roles),
            "issuer": _ca(None if self.issuer is None else self.issuer.subject, self.issuer),
            "file": new_file(intent.plan, self.peer, self.store),
        }


def new_file(plan: Plan, number: int, store: Store) -> str:
    """Where a new certificate goes: a name that the plan gives to no other file, beside today's."""
    peer = plan.peers[number - 1]
    today = peer.server_certificate if store is Store.SERVER else peer.client_certificate
    suffix = "" if store is Store.SERVER else "-client"
    if today is None or (store is Store.CLIENT and today == peer.server_certificate):
        beside = peer.server_certificate or f"certs/{_stem(peer)}.pem"
        today = str(PurePosixPath(beside).with_name(f"{PurePosixPath(beside).stem}{suffix}.pem"))
    return _unused(plan, today)


def new_list(plan: Plan, number: int) -> str:
    """Where the list of a peer as it is to be goes."""
    peer = plan.peers[number - 1]
    return _unused(plan, peer.trusted_cas[0] if peer.trusted_cas else f"trust/{_stem(peer)}.pem")


def _unused(plan: Plan, file: str) -> str:
    taken = set(plan.files())
    path = PurePosixPath(file)
    names = (path.with_name(f"{path.stem}-new{count}{path.suffix}") for count in ("", *range(2, len(taken) + 3)))
    return next(str(name) for name in names if str(name) not in taken)


def _stem(peer: Peer) -> str:
    return peer.host_name if peer.host_name and peer.host_name.isalnum() else f"peer{peer.number}"


def _ca(subject: str | None, certificate: Certificate | None) -> Mapping[str, str | None]:
    return {"subject": subject, "sha256": None if certificate is None else certificate.sha256}


class LoadCa(Effect):
    """Add a CA that another peer's list has to a peer's trusted CA list."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "load-ca"
    cost: ClassVar[int] = 50
    order: ClassVar[int] = 20

    peer: int
    certificate: Certificate

    def make(self, state: "WorkingState") -> None:
        state.trust(self.peer, add=self.certificate)

    def words(self, intent: Intent) -> ChangeWords:
        ca = self.certificate
        places = {
            located.where
            for found in intent.evidence.peers
            if isinstance(found.trust, TrustList)
            for located in found.trust.certificates
            if located.certificate.sha256 == ca.sha256
        }
        source = f" (from {show(str(min(places)), 200)})" if places else ""
        detail = f"{_TRUST_PAGE} of {owner(intent.plan, self.peer)}: append {show(ca.subject, 200)}{source}."
        return ChangeWords("Load a CA", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"ca": _ca(self.certificate.subject, self.certificate)}


class UnseenCa(Value):
    """A CA that no list read has; one name, one such CA."""

    name: str
    """Its subject; empty for the CA that issues what has to be reissued."""
    like: Certificate | None = None
    """A CA of that name that was read, whose key it has: its renewal, or the self-signed root of a cross-signed CA."""
    below: Certificate | None = None
    """The certificate that it signed, where one was read."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnseenCa) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class LoadNewCa(Effect):
    """Add the chain of a CA, which no list read has, to a peer's trusted CA list."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "load-ca"
    cost: ClassVar[int] = 80
    order: ClassVar[int] = 25

    peer: int
    ca: UnseenCa

    @property
    def name(self) -> str:
        return self.ca.name

    def make(self, state: "WorkingState") -> None:
        state.load_unseen(self.peer, self.ca)

    def words(self, intent: Intent) -> ChangeWords:
        page = f"{_TRUST_PAGE} of {owner(intent.plan, self.peer)}: append"
        name, like = show(self.name, 200), self.ca.like
        if not self.name:
            detail = f"{page} the root and intermediates of the CA that issues the new certificates."
        elif like is not None and not like.self_issued:
            detail = (
                f"{page} the self-signed {name}, whose key the CA of this name in the list has too. No file read holds"
                " it: get it from the CA, and check again."
            )
        elif like is not None:
            detail = (
                f"{page} the present {name} of the same key, if its owner has renewed it. No file read holds it: get it"
                " from the CA, and check again."
            )
        elif intent.pool.with_name(self.name):
            detail = (
                f"{page} the {name} whose key signed the certificate; the CA of this name that was read is another. No"
                " file read holds it: get it from whoever issued the certificate, and check again."
            )
        else:
            detail = (
                f"{page} {name} and the CAs above it. No list that was read has it: get it from whoever issued the"
                " certificate."
            )
        return ChangeWords("Load a CA", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"ca": _ca(self.name or None, None)}


class RemoveCa(Effect):
    """Take a CA off a peer's trusted CA list."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "remove-ca"
    cost: ClassVar[int] = 70
    order: ClassVar[int] = 30

    peer: int
    certificate: Certificate

    def make(self, state: "WorkingState") -> None:
        state.trust(self.peer, drop=self.certificate)

    def words(self, intent: Intent) -> ChangeWords:
        ca = self.certificate
        why = "OpenSSL takes it before the CA that the certificates need"
        if ca.not_after < intent.at:
            why = f"it expired on {ca.not_after:%Y-%m-%d}"
        detail = (
            f"{_TRUST_PAGE} of {owner(intent.plan, self.peer)}: remove {show(ca.subject, 200)} with the SHA-256"
            f" fingerprint {ca.sha256}; {why}."
        )
        return ChangeWords("Remove a CA", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"ca": _ca(self.certificate.subject, self.certificate)}


class RenewCrl(Effect):
    """Load the CRL that a CA publishes today in the place of the one a peer has."""

    who: ClassVar[Who] = Who.CERTIFICATES
    kind: ClassVar[str] = "crl"
    cost: ClassVar[int] = 60
    order: ClassVar[int] = 40

    peer: int
    issuer: str

    def make(self, state: "WorkingState") -> None:
        found = state.found[self.peer - 1]
        if isinstance(found.crls, tuple):
            kept = [renewed for crl in found.crls if (renewed := self._renewed(crl, state.at)) is not None]
            state.found[self.peer - 1] = replace(found, crls=tuple(kept))

    def _renewed(self, crl: Crl, at: datetime) -> Crl | None:
        """The CRL as published today: the same revocations. One that its CA did not sign says nothing: it goes."""
        if rfc4514_key(crl.issuer) != rfc4514_key(self.issuer):
            return crl
        if crl.next_update is None or crl.next_update >= at:
            return None
        return replace(crl, last_update=at, next_update=at + _CRL_LIFE)

    def words(self, intent: Intent) -> ChangeWords:
        detail = f"Load the CRL that {show(self.issuer, 200)} publishes today on {owner(intent.plan, self.peer)}."
        return ChangeWords("Renew a CRL", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"ca": _ca(self.issuer, None)}
