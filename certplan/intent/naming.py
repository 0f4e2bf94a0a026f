"""Which FQDN each peer is to be known by.

It has to be a SAN of that peer's certificate and, before Enforce, its `Peer N address` (Cluster Creation and
Maintenance guide X15.4, chapter on FQDNs). So a name that the certificate carries goes before one that it would first
have to be reissued for, and the plan's word goes before a guess. Nothing here depends on the order of the peers.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property

from certplan.evidence.model import Certificate, CertificateFile, Evidence
from certplan.handshake.resolving import addresses_of, resolve
from certplan.intent.stated import PUBLIC_VIEW, own_name, public_address
from certplan.plan.model import Peer, Plan
from certplan.text.names import is_fqdn, is_ip, key, labels, matching, parent, show, show_all
from certplan.value import Value, replace

__all__ = ["NameSource", "Naming", "name_peers"]

_MOST_LISTED = 4


class NameSource(StrEnum):
    """What a name was taken from."""

    CERTIFICATE = "certificate"
    """The certificate carries it."""
    PLAN = "plan"
    TABLE = "table"
    """Today's cluster address mapping; nothing else tells it."""
    NONE = "none"


class Naming(Value):
    """The name found for one peer."""

    fqdn: str | None
    """As `names.key` gives it; None when nothing tells it."""
    source: NameSource
    why: str = ""
    """A sentence: why it is no name that could be taken as it is, or why there is none."""


def name_peers(plan: Plan, evidence: Evidence) -> tuple[Naming, ...]:
    """Find the name of every peer, in plan order.

    No two peers get one name, and none gets one that the plan gives to another peer. A name that several peers state
    is the one's whose own host name and domain agree with it.
    """
    owners = _owners(plan)
    found = [_Search(plan, evidence, peer, owners).name() for peer in plan.peers]
    times = Counter(naming.fqdn for naming in found)
    return tuple(
        replace(naming, fqdn=None, source=NameSource.NONE, why=_contested(naming.fqdn))
        if naming.fqdn is not None and times[naming.fqdn] > 1
        else naming
        for naming in found
    )


def _owners(plan: Plan) -> dict[str, frozenset[int]]:
    """Who has the best claim to each name that the plan states as a peer's: one peer, or several with claims alike."""
    claims: dict[str, dict[int, int]] = {}
    for peer in plan.peers:
        for name, weight in ((peer.fqdn, 2), (peer.address, 1)):
            if name is not None and is_fqdn(name):
                by_peer = claims.setdefault(key(name), {})
                by_peer[peer.number] = by_peer.get(peer.number, 0) + weight
    for peer in plan.peers:
        by_peer = claims.get(key(own_name(peer) or ""), {})
        if peer.number in by_peer:
            by_peer[peer.number] += 1
    return {
        name: frozenset(number for number, weight in by_peer.items() if weight == max(by_peer.values()))
        for name, by_peer in claims.items()
    }


def _contested(name: str) -> str:
    return f"More than one peer has the name {show(name)} in the plan: state each peer's own fqdn."


class _Search(Value, dict=True):
    plan: Plan
    evidence: Evidence
    peer: Peer
    owners: Mapping[str, frozenset[int]]

    def name(self) -> Naming:
        stated, leaf = self._stated(), self._leaf(self.peer)
        if leaf is not None and leaf.sans is not None:
            carried = next((name for name in stated if matching(name, leaf.dns_names)), None)
            if carried is not None:
                return Naming(carried, NameSource.CERTIFICATE)
        if stated:
            return Naming(self._intended(stated), NameSource.PLAN, self._unread())
        return self._guessed(leaf)

    def _guessed(self, leaf: Certificate | None) -> Naming:
        """A name that only the certificate, or else today's table, tells."""
        tabled = self._tabled()
        offers = self._own(leaf.dns_names) if leaf is not None else []
        chosen = self._distinguished(offers, tabled)
        if chosen is not None:
            return Naming(chosen, NameSource.CERTIFICATE)
        if len(tabled) == 1 and not offers:
            why = f"Only today's table gives the name. {self._unread()}".rstrip()
            return Naming(tabled[0], NameSource.TABLE, why)
        own = show(self.peer.address)
        if offers:
            names = show_all(offers[:_MOST_LISTED])
            more = f" and {len(offers) - _MOST_LISTED} more" if len(offers) > _MOST_LISTED else ""
            why = f"Several names of its certificate could be the peer's own ({names}{more}): state which as fqdn."
        else:
            why = f"Nothing determines the FQDN of {own} that is no other's: state its fqdn in the plan."
        return Naming(None, NameSource.NONE, why)

    def _unread(self) -> str:
        file = self.evidence.peers[self.peer.number - 1].server
        if not isinstance(file, CertificateFile):
            return "The name is the plan's: no certificate was read."
        if file.leaf.sans is None:
            return "The name is the plan's: the names in the certificate cannot be read."
        return ""

    def _stated(self) -> list[str]:
        """What the plan calls the peer: as typed today, as intended, as the system's own page has it.

        The cluster's name is a peer's where nothing else is, as on a system on its own.
        """
        peer = self.peer
        names = [peer.address, peer.fqdn, own_name(peer)]
        if peer.domain is not None and not is_ip(peer.address):
            names.append(f"{peer.address}.{peer.domain}")
        fqdns = list(dict.fromkeys(key(name) for name in names if name is not None and is_fqdn(name)))
        own = [name for name in fqdns if name not in self._others]
        cluster = key(self.plan.cluster.name)
        return own if len(self.plan.peers) == 1 else [name for name in own if name != cluster] or own

    def _intended(self, stated: Sequence[str]) -> str:
        intended = None if self.peer.fqdn is None else key(self.peer.fqdn)
        return next((name for name in stated if name == intended), stated[0])

    @cached_property
    def _others(self) -> set[str]:
        """The names that other peers have the better claim to."""
        return {name for name, numbers in self.owners.items() if self.peer.number not in numbers}

    @cached_property
    def _taken(self) -> set[str]:
        """What a name that the plan does not state can not be."""
        return {key(self.plan.cluster.name), *self._others}

    def _tabled(self) -> list[str]:
        """The names that today's table gives the peer's LAN 1 address."""
        rows = self.plan.cluster.known_entries
        names = {key(row.fqdn) for row in rows if row.ip == self.peer.lan1.ip and is_fqdn(row.fqdn)}
        return sorted(names - self._taken)

    def _leaf(self, peer: Peer) -> Certificate | None:
        file = self.evidence.peers[peer.number - 1].server
        return file.leaf if isinstance(file, CertificateFile) else None

    def _own(self, carried: Sequence[str]) -> list[str]:
        """Names of a certificate that may be the peer's own: not the cluster's, a service's, a domain's, a peer's."""
        names = _fit_to_match(carried)
        known = {*names, *self._taken, *(name for peer in self.plan.peers if (name := own_name(peer)) is not None)}
        domains = {domain for name in known for domain in _domains(key(name))}
        unfit = self._taken | set(self._services()) | domains
        return sorted(name for name in names if name not in unfit and not name.startswith("collab-edge."))

    def _services(self) -> Iterator[str]:
        services = self.plan.services
        named = [*(services.phone_security_profiles or ()), *(services.cms_web_proxy or ())]
        if services.mra is not None:
            named += services.mra.domains
        if services.xmpp_federation is not None:
            named += [*services.xmpp_federation.domains, *services.xmpp_federation.chat_node_aliases]
        return map(key, named)

    def _distinguished(self, offers: Sequence[str], tabled: Sequence[str]) -> str | None:
        """The one name that stands out: alone, by the host's name, by DNS, by the table, or on no other certificate."""
        tests: tuple[Callable[[str], bool], ...] = (
            bool,
            self._is_host,
            self._is_in_dns,
            lambda name: name in tabled,
            self._is_on_no_other,
        )
        for test in tests:
            left = [name for name in offers if test(name)]
            if len(left) == 1:
                return left[0]
        return None

    def _is_host(self, name: str) -> bool:
        return labels(name)[0] in {key(host) for host in (self.peer.host_name, self.peer.system_name) if host}

    def _is_in_dns(self, name: str) -> bool:
        expected = {PUBLIC_VIEW: public_address(self.peer)}
        for view in self.evidence.views:
            found = addresses_of(resolve(self.evidence, self.plan, view, name))
            if found == (expected.get(view, self.peer.lan1.ip),):
                return True
        return False

    def _is_on_no_other(self, name: str) -> bool:
        return name not in self._on_others

    @cached_property
    def _on_others(self) -> set[str]:
        others = (leaf for peer in self.plan.peers if peer is not self.peer and (leaf := self._leaf(peer)) is not None)
        return {name for leaf in others for name in _fit_to_match(leaf.dns_names)}


def _fit_to_match(carried: Sequence[str]) -> set[str]:
    """The keys of those names of a certificate that can match a peer's: FQDNs as A-labels, without a final dot."""
    return {key(name) for name in carried if name.isascii() and is_fqdn(name) and not name.endswith(".")}


def _domains(name: str) -> Iterator[str]:
    """Everything that `name` lies under."""
    while name := parent(name):
        yield name
