"""Which name each peer is to have, and what its certificate is to bear."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from certplan.evidence.model import Certificate, CertificateFile, Crl, Evidence, TrustList
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH, needed_roles
from certplan.handshake.model import Cause, Store
from certplan.handshake.trust import Chain, Truster, TrustIndex, name_key
from certplan.plan.model import CertificateAuthority, ClusterType, Peer, Plan
from certplan.proposal.model import Reissue
from certplan.rules.names.services import names_to_bear, shared_names
from certplan.text.names import is_fqdn, is_ip, key, matching, parent, slip
from certplan.vendor import public_lifetime
from certplan.vendor.releases import ECDSA_FROM, SERVER_ONLY_FROM, TWO_STORES_FROM

__all__ = ["WITHOUT_CLIENT_AUTH", "Wanted", "one_role_enough"]

WITHOUT_CLIENT_AUTH = "take a private CA, or upgrade to X15.5 with a client certificate from a private CA"
"""What to do where a public CA has given up clientAuth (225693). On X15.4 an Expressway-C still needs it in its server
certificate, and an Expressway-E still does for its zones."""

_PRIVATE_LIFETIME = 397
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
            rsa=peer.release < ECDSA_FROM,
        )

    def left_out(self, peer: Peer, store: Store) -> tuple[str, ...]:
        """Names of today's certificate that the new one is not to bear."""
        leaf = self.leaf(peer, store)
        borne = self._bears(peer, store)[1]
        return tuple(name for name in (leaf.dns_names if leaf else ()) if matching(name, borne) is None)

    def kept(self, peer: Peer, store: Store) -> tuple[str, ...]:
        """Names that the new certificate takes over from today's, for which the plan gives no reason."""
        stated = self._stated_names(peer)
        return tuple(name for name in self._bears(peer, store)[1] if matching(name, stated) is None)

    def slips(self, peer: Peer, store: Store) -> tuple[tuple[str, str, str], ...]:
        """Names of today's certificate that stand for one it lacks: the name, the one meant, what tells them apart.

        A name that differs from one the certificate does carry is no slip: peers and services are numbered.
        """
        leaf = self.leaf(peer, store)
        names = leaf.dns_names if leaf is not None else ()
        stated = self._stated_names(peer)
        lacking = [name for name in stated if matching(name, names) is None]
        return tuple(
            (name, meant, how)
            for name in names
            if matching(name, stated) is None
            for meant in lacking
            if (how := slip(meant, name)) is not None
        )

    def _days(self) -> int:
        if self.plan.certificate_authority is CertificateAuthority.PUBLIC:
            return public_lifetime(self.at.date()) or _PRIVATE_LIFETIME
        return _PRIVATE_LIFETIME

    def _roles(self, store: Store) -> tuple[str, ...]:
        if store is Store.CLIENT:
            return (CLIENT_AUTH,)
        public = self.plan.certificate_authority is CertificateAuthority.PUBLIC
        if public and all(one_role_enough(self.plan, each) for each in self.plan.peers):
            return (SERVER_AUTH,)
        return (SERVER_AUTH, CLIENT_AUTH)

    def _bears(self, peer: Peer, store: Store) -> tuple[str, tuple[str, ...]]:
        """CN and SANs: CN, peer, cluster name, service names, and today's names within the plan's domains.

        Source: Certificate Creation and Use guide X15.5, server certificate requirements.
        """
        cluster, own = self.plan.cluster.name, self._own_name(peer)
        leaf = self.leaf(peer, store)
        cn = cluster if is_fqdn(cluster) else own
        slips = {key(name) for name, _, _ in self.slips(peer, store)}
        others = {key(name) for name in self.names if name is not None} | {
            key(name) for each in self.plan.peers if each is not peer for name in _stated(each)
        }
        domains = {key(domain) for domain in self._domains()}
        today = [
            name
            for name in (leaf.dns_names if leaf else ())
            if is_fqdn(name) and key(name) not in others | slips and _within(key(name), domains)
        ]
        stated = sorted(self._stated_names(peer), key=lambda name: name != key(cn))
        return key(cn), tuple(dict.fromkeys((*stated, *map(key, today))))

    def _own_name(self, peer: Peer) -> str:
        return self.name(peer) or peer.fqdn or peer.address

    def _stated_names(self, peer: Peer) -> tuple[str, ...]:
        """What the plan asks of the peer's certificate: its own name, the cluster's, those of the services."""
        wanted = (self._own_name(peer), self.plan.cluster.name, *names_to_bear(self.plan, peer))
        return tuple(dict.fromkeys(key(name) for name in wanted if is_fqdn(name)))

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


def one_role_enough(plan: Plan, peer: Peer) -> bool:
    """Whether the server certificate of a peer may do without clientAuth.

    X15.4 does not look for it on cluster links, but its Expressway-C still takes no certificate without; from X15.5 on
    the client certificate has it (225482, 225693).
    """
    on_e = plan.cluster.type is ClusterType.EXPRESSWAY_E
    return peer.release >= (SERVER_ONLY_FROM if on_e else TWO_STORES_FROM)


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
