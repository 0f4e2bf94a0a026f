"""Which name each peer is to have, and what its certificate is to bear."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from certplan.changes.model import Reissue
from certplan.data import public_lifetime
from certplan.evidence.model import Certificate, CertificateFile, Crl, Evidence, TrustList
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH, needed_roles
from certplan.handshake.model import Cause, Store
from certplan.handshake.trust import Chain, Truster, TrustIndex, name_key
from certplan.names import is_fqdn, is_ip, key, matching, parent
from certplan.plan.model import CertificateAuthority, Peer, Plan, Release
from certplan.rules.names_services import names_to_bear, shared_names

__all__ = ["Wanted"]

_PRIVATE_LIFETIME = 397
_ECDSA_FROM = Release.parse("X14.3")
_ONE_ROLE_ENOUGH_FROM = Release.parse("X15.4")
_LEAF_ONLY = frozenset({Cause.LAPSED, Cause.NOT_YET_VALID})


@dataclass(frozen=True)
class Wanted:
    """What is wanted of every peer, told from the plan and the evidence as they are today, at the time `at`."""

    plan: Plan
    evidence: Evidence
    at: datetime

    @cached_property
    def names(self) -> tuple[str | None, ...]:
        """The FQDN each peer's address is to be; None where nothing tells it. No two peers get the same.

        The address stays where the certificate carries it. Otherwise it is the intended FQDN, by preference one that
        the certificate carries; else a name that can only be the peer's own.
        """
        claims = {peer.number: key(peer.fqdn) for peer in self.plan.peers if peer.fqdn is not None}
        taken: dict[str, int] = {}
        # A peer whose host name agrees with its address goes before one that has another's address by mistake.
        for peer in sorted(self.plan.peers, key=lambda peer: key(peer.address) != key(_system_fqdn(peer) or "")):
            for name in self._name_offers(peer):
                rivals = {number for number, claim in claims.items() if claim == name}
                if name not in taken and (peer.number in rivals or not rivals):
                    taken[name] = peer.number
                    break
        by_peer = {number: name for name, number in taken.items()}
        return tuple(by_peer.get(peer.number) for peer in self.plan.peers)

    def name(self, peer: Peer) -> str | None:
        return self.names[peer.number - 1]

    def leaf(self, peer: Peer, store: Store = Store.SERVER) -> Certificate | None:
        """Today's certificate, where it was read."""
        found = self.evidence.peers[peer.number - 1]
        file = found.server if store is Store.SERVER else found.client
        return file.leaf if isinstance(file, CertificateFile) else None

    @cached_property
    def pool(self) -> TrustIndex:
        """Every CA that any peer's list has."""
        lists = (found.trust for found in self.evidence.peers)
        distinct = {
            located.certificate.sha256: located.certificate
            for trust in lists
            if isinstance(trust, TrustList)
            for located in trust.certificates
        }
        return TrustIndex(distinct.values())

    def chain(self, certificate: Certificate) -> Chain:
        """What OpenSSL would say if one list had every CA known."""
        return self._truster.chain(certificate, self.pool, None, self.at)

    @cached_property
    def _truster(self) -> Truster:
        return Truster()

    def reissue(self, peer: Peer, store: Store) -> Reissue:
        """The certificate to be ordered for a peer."""
        issuer = self._issuer(peer, store)
        last = self.at + timedelta(days=self._days())
        if issuer is not None:
            last = min(last, *(certificate.not_after for certificate in self.chain(issuer).path))
        cn, names = self._bears(peer, store)
        return Reissue(
            peer=peer.number,
            store=store,
            cn=cn,
            names=names,
            roles=self._roles(store),
            issuer=issuer,
            not_before=self.at.replace(microsecond=0),
            not_after=last.replace(microsecond=0),
            rsa=peer.release < _ECDSA_FROM,
        )

    def left_out(self, peer: Peer, store: Store) -> tuple[str, ...]:
        """Names of today's certificate that the plan gives no reason for."""
        leaf = self.leaf(peer, store)
        borne = self._bears(peer, store)[1]
        return tuple(name for name in (leaf.dns_names if leaf else ()) if matching(name, borne) is None)

    def _days(self) -> int:
        if self.plan.certificate_authority is CertificateAuthority.PUBLIC:
            return public_lifetime(self.at.date()) or _PRIVATE_LIFETIME
        return _PRIVATE_LIFETIME

    def _roles(self, store: Store) -> tuple[str, ...]:
        if store is Store.CLIENT:
            return (CLIENT_AUTH,)
        public = self.plan.certificate_authority is CertificateAuthority.PUBLIC
        if public and min(each.release for each in self.plan.peers) >= _ONE_ROLE_ENOUGH_FROM:
            return (SERVER_AUTH,)
        return (SERVER_AUTH, CLIENT_AUTH)

    def _bears(self, peer: Peer, store: Store) -> tuple[str, tuple[str, ...]]:
        """CN and SANs: CN, peer, cluster name, service names, and today's names within the plan's domains.

        Source: Certificate Creation and Use guide X15.5, server certificate requirements.
        """
        plan, cluster, own = self.plan, self.plan.cluster.name, self.name(peer) or peer.fqdn or peer.address
        leaf = self.leaf(peer, store)
        cn = cluster if is_fqdn(cluster) else own
        others = {key(name) for name in self.names if name is not None} | {
            key(name) for each in plan.peers if each is not peer for name in _stated(each)
        }
        domains = {key(domain) for domain in self._domains()}
        today = [
            name
            for name in (leaf.dns_names if leaf else ())
            if is_fqdn(name) and key(name) not in others and _within(key(name), domains)
        ]
        wanted = [cn, own, cluster, *names_to_bear(plan, peer), *today]
        legal = {key(name): key(name) for name in wanted if is_fqdn(name)}
        return key(cn), tuple(legal.values())

    def _domains(self) -> Iterator[str]:
        for peer in self.plan.peers:
            yield from (parent(name) for name in _stated(peer))
            if peer.domain is not None:
                yield peer.domain
        yield parent(self.plan.cluster.name)
        if (mra := self.plan.services.mra) is not None:
            yield from mra.domains
        if (federation := self.plan.services.xmpp_federation) is not None:
            yield from federation.domains

    def _issuer(self, peer: Peer, store: Store) -> Certificate | None:
        """The CA of today's certificate if it is sound, or else one that another certificate of the cluster has."""
        roles = {role for verifier in self.plan.peers for role in needed_roles(verifier, peer, store)}
        own = self.leaf(peer, store)
        for leaf in (own, *self._leaves()):
            if leaf is not None and (issuer := self._sound_issuer(leaf, roles)) is not None:
                return issuer
        return None

    def _leaves(self) -> Iterable[Certificate]:
        found = (self.leaf(peer, store) for store in Store for peer in self.plan.peers)
        return [leaf for leaf in found if leaf is not None]

    def _sound_issuer(self, leaf: Certificate, roles: Iterable[str]) -> Certificate | None:
        chain = self.chain(leaf)
        if leaf.self_issued or len(chain.path) < 2 or not (chain.trusted or chain.cause in _LEAF_ONLY):
            return None
        issuer = chain.path[1]
        above = self.chain(issuer)
        if not above.trusted or any(self._revoked(ca) for ca in above.path):
            return None
        limited = (ca.eku for ca in above.path if ca.eku is not None)
        return None if any(role not in eku for eku in limited for role in roles) else issuer

    def _revoked(self, certificate: Certificate) -> bool:
        return any(
            name_key(crl.issuer) == name_key(certificate.issuer)
            and (since := crl.revoked.get(certificate.serial)) is not None
            and since <= self.at
            for crl in self._crls
        )

    @cached_property
    def _crls(self) -> tuple[Crl, ...]:
        return tuple(crl for found in self.evidence.peers if isinstance(found.crls, tuple) for crl in found.crls)

    def _name_offers(self, peer: Peer) -> Iterator[str]:
        leaf = self.leaf(peer)
        carried = leaf.dns_names if leaf is not None else ()
        stated = list(_stated(peer))
        intended = [name for name in stated if peer.fqdn is not None and key(name) == key(peer.fqdn)]
        ordered = [*(name for name in stated if matching(name, carried)), *intended, *stated]
        own = sorted(self._own(carried), key=lambda name: (name.split(".")[0] != _host(peer), name))
        if not ordered and not is_ip(peer.address) and peer.domain is not None:
            own.append(f"{peer.address}.{peer.domain}")
        yield from dict.fromkeys(key(name) for name in (*ordered, *own) if is_fqdn(name))

    def _own(self, carried: Iterable[str]) -> Iterator[str]:
        """Names of a certificate that can only be the peer's own: not the cluster's nor a service's."""
        domains = {key(name) for name in (*shared_names(self.plan), self.plan.cluster.name)}
        return (key(name) for name in carried if is_fqdn(name) and key(name) not in domains)


def _stated(peer: Peer) -> Iterator[str]:
    """The FQDNs the plan gives for a peer: as typed today first, then as intended."""
    for name in dict.fromkeys((peer.address, peer.fqdn, _system_fqdn(peer))):
        if name is not None and not is_ip(name) and is_fqdn(name):
            yield name


def _system_fqdn(peer: Peer) -> str | None:
    """`System host name` and `Domain name` together, where both are stated."""
    return f"{peer.host_name}.{peer.domain}" if peer.host_name and peer.domain else None


def _host(peer: Peer) -> str:
    return key(peer.host_name or peer.system_name or peer.address.split(".")[0])


def _within(name: str, domains: Iterable[str]) -> bool:
    return any(domain and (name == domain or name.endswith(f".{domain}")) for domain in domains)
