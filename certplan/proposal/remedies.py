"""Which change could mend a handshake that fails or cannot be judged.

Several changes may be named for one trouble; whether a change is needed at all is decided by leaving it out
(`certplan.proposal.propose`). The order of remedies is the vendor's: mapping before DNS records, never a private
address in public DNS (Cluster Creation and Maintenance guide X15.4, chapter on FQDNs).
"""

from collections.abc import Iterator

from certplan.evidence.model import Certificate, TrustList
from certplan.handshake.model import Cause, Handshake, Step, Store
from certplan.handshake.trust import name_key
from certplan.intent.mapping import suggest_mapping
from certplan.plan.model import IpVersion, MappingEntry, Peer, Plan
from certplan.proposal.apply import Applied
from certplan.proposal.model import (
    RECORD_TYPES,
    Effect,
    LoadCa,
    LoadNewCa,
    MoveNat,
    RemoveCa,
    RenewCrl,
    SetAddress,
    SetAddresses,
    SetEntry,
    SetIpVersion,
    SetLan1,
    SetRelease,
    SwitchMappingOn,
)
from certplan.proposal.wanted import Wanted
from certplan.text.addresses import is_private
from certplan.text.names import key
from certplan.vendor.releases import NAT_ON_ONE_NIC_ALLOWED_FROM

__all__ = ["mapping_entries", "remedies", "shares_lan1", "switch_mapping_on", "wants_mapping"]

_PUBLIC_VIEW = "public"
_WAYS = frozenset(
    {
        Cause.NAME_ABSENT,
        Cause.DNS_SILENT,
        Cause.SEVERAL_ADDRESSES,
        Cause.DNS_WRONG_ADDRESS,
        Cause.MAPPING_NEEDED,
        Cause.MAPPING_AMBIGUOUS,
        Cause.MAPPING_ENTRY_MISSING,
        Cause.MAPPING_WRONG_ADDRESS,
        Cause.MAPPING_NAME_NOT_IN_SAN,
    }
)
_UNTRUSTED = frozenset(
    {
        Cause.ISSUER_NOT_TRUSTED,
        Cause.INTERMEDIATE_MISSING,
        Cause.SAME_NAME_OTHER_KEY,
        Cause.CA_LAPSED,
        Cause.CA_NOT_YET_VALID,
        Cause.SELF_SIGNED,
        Cause.NOT_A_CA,
        Cause.CHAIN_REFUSED,
    }
)
_WRONG_CERTIFICATE = frozenset(
    {
        Cause.CERTIFICATE_UNREADABLE,
        Cause.SERVER_ROLE_MISSING,
        Cause.CLIENT_ROLE_MISSING,
        Cause.CA_ROLE_MISSING,
        Cause.LAPSED,
        Cause.NOT_YET_VALID,
        Cause.REVOKED,
    }
)
_UNKNOWN_ISSUER = frozenset({Cause.ISSUER_NOT_TRUSTED, Cause.SAME_NAME_OTHER_KEY})


def remedies(wanted: Wanted, now: Applied, handshake: Handshake, step: Step) -> Iterator[Effect]:
    """The changes that may mend one trouble.

    Args:
        wanted: what is wanted of the peers, told from the state before any change.
        now: the state that was judged, with the changes found so far.
        handshake: the handshake in trouble, of that state.
        step: the step that failed or could not be judged.
    """
    presenter, store = handshake.presenter, step.store or Store.SERVER
    match step.cause:
        case Cause.ADDRESS_IS_IP | Cause.ADDRESS_NOT_FQDN | Cause.PEER_IP_WRONG:
            yield from _readdress(wanted, presenter)
        case Cause.NAME_NOT_IN_SAN | Cause.NAME_ONLY_IN_CN:
            yield from _rename(wanted, now, presenter, store)
        case Cause.WRONG_IP_VERSION:
            yield from _ip_version(wanted, now, handshake)
        case Cause.NAT_ON_CLUSTERING_LAN:
            yield MoveNat(presenter.number)
        case Cause.NAT_ON_SINGLE_NIC:
            yield SetRelease(NAT_ON_ONE_NIC_ALLOWED_FROM)
        case Cause.CRL_LAPSED | Cause.CRL_UNUSABLE:
            if isinstance(now.evidence.peers[handshake.verifier.number - 1].crls, tuple):
                yield RenewCrl(handshake.verifier.number, step.about)
        case cause if cause in _WAYS:
            yield from _way(wanted, now, handshake)
        case cause if cause in _UNTRUSTED:
            yield from _trust(wanted, now, handshake, store)
        case cause if cause in _WRONG_CERTIFICATE:
            yield wanted.reissue(presenter, store)


def _readdress(wanted: Wanted, peer: Peer) -> Iterator[Effect]:
    name = wanted.name(peer)
    if name is not None and key(peer.address) != name:
        yield SetAddress(peer.number, name)


def _rename(wanted: Wanted, now: Applied, peer: Peer, store: Store) -> Iterator[Effect]:
    """The name a peer is to have is settled first; then its certificate is asked to carry it."""
    name = wanted.name(peer)
    if name is not None and key(peer.address) != name:
        yield SetAddress(peer.number, name)
    elif (peer.number, store) not in now.issuers or isinstance(now.issuers[peer.number, store], str):
        yield wanted.reissue(peer, store)


def _ip_version(wanted: Wanted, now: Applied, handshake: Handshake) -> Iterator[Effect]:
    plan, peer = now.plan, handshake.presenter
    versions = {each.lan1.ip.version for each in plan.peers}
    own = 6 if plan.ip_version is IpVersion.IPV6 else 4
    if versions == {own}:
        yield from _readdress(wanted, peer)
        yield from _way(wanted, now, handshake)
    elif len(versions) == 1:
        yield SetIpVersion(IpVersion.IPV6 if own == 4 else IpVersion.IPV4)


def wants_mapping(plan: Plan, wanted: Wanted, view: str, peer: Peer) -> bool:
    """Whether mapping rather than a DNS record is to lead the peers that ask `view` to `peer`."""
    if suggest_mapping(plan, wanted.evidence).needed is not False:
        return True
    return view == _PUBLIC_VIEW and is_private(peer.lan1.ip, plan.internal_networks)


def shares_lan1(plan: Plan, peer: Peer) -> bool:
    """Whether another peer has the same LAN 1 address: then no name can lead to this peer alone."""
    return any(other.lan1.ip == peer.lan1.ip for other in plan.peers if other is not peer)


def mapping_entries(plan: Plan, wanted: Wanted) -> tuple[MappingEntry, ...]:
    """One entry a peer: the name it is to have, its LAN 1 address."""
    named = ((wanted.name(peer), peer.lan1.ip) for peer in plan.peers)
    return tuple(MappingEntry(name, ip) for name, ip in named if name is not None)


def switch_mapping_on(plan: Plan, wanted: Wanted) -> Effect:
    """Mapping On with an entry for every peer, as the vendor asks."""
    return SwitchMappingOn(mapping_entries(plan, wanted))


def _way(wanted: Wanted, now: Applied, handshake: Handshake) -> Iterator[Effect]:
    plan, peer, view = now.plan, handshake.presenter, handshake.verifier.dns
    name = wanted.name(peer)
    if shares_lan1(plan, peer):
        yield from _own_lan1(plan, handshake)
        return
    if name is None:
        return
    yield from _readdress(wanted, peer)
    if isinstance(plan.cluster.stated_address_mapping, tuple):
        yield SetEntry(name, peer.lan1.ip)
        return
    spoken = _has_spoken(now, view, name, peer)
    if wants_mapping(plan, wanted, view, peer):
        # Where it is not settled that a mapping is needed, a view that has not spoken may make it needless.
        if spoken or suggest_mapping(plan, wanted.evidence).needed:
            yield switch_mapping_on(plan, wanted)
    elif spoken:
        yield SetAddresses(view, name, (peer.lan1.ip,))


def _own_lan1(plan: Plan, handshake: Handshake) -> Iterator[Effect]:
    """The address a peer is looked for at, where no other peer has it."""
    peer, target = handshake.presenter, handshake.target
    ports = {ip for each in plan.peers for ip in (each.lan1.ip, each.lan2.ip if each.lan2 else None, each.static_nat)}
    if target is not None and target not in ports and target.version == peer.lan1.ip.version:
        yield SetLan1(peer.number, target)


def _has_spoken(now: Applied, view: str, name: str, peer: Peer) -> bool:
    """Whether the view told what it has of the name, or was never asked for it: its silence is no lack of a record."""
    if view not in now.evidence.views:
        return False
    answer = now.evidence.views[view].answers.get((key(name), RECORD_TYPES[peer.lan1.ip.version]))
    return answer is None or answer.outcome.answered


def _trust(wanted: Wanted, now: Applied, handshake: Handshake, store: Store) -> Iterator[Effect]:
    verifier, presenter = handshake.verifier, handshake.presenter
    issuer = now.issuers.get((presenter.number, store))
    if isinstance(issuer, str):
        yield LoadNewCa(verifier.number, issuer)
        return
    if issuer is not None:
        yield from _load(now, verifier, wanted.chain(issuer).path)
        yield from _renew(wanted, verifier, wanted.chain(issuer).path)
        return
    leaf = wanted.leaf(presenter, store)
    if leaf is None:
        return
    chain = wanted.chain(leaf)
    if chain.trusted or (chain.cause in (Cause.LAPSED, Cause.NOT_YET_VALID) and len(chain.path) > 1):
        yield from _load(now, verifier, chain.path[1:])
    elif chain.cause in _UNKNOWN_ISSUER:
        yield LoadNewCa(verifier.number, chain.path[-1].issuer)
    else:
        yield wanted.reissue(presenter, store)


def _load(now: Applied, verifier: Peer, path: tuple[Certificate, ...]) -> Iterator[Effect]:
    """Load what a peer lacks of a chain; where it lacks nothing, take off namesakes that stand in the way."""
    trust = now.evidence.peers[verifier.number - 1].trust
    if not isinstance(trust, TrustList):
        return
    held = {located.certificate.sha256: located.certificate for located in trust.certificates}
    lacking = tuple(ca for ca in path if ca.sha256 not in held)
    if lacking:
        yield LoadCa(verifier.number, lacking)
        return
    on_path, names = {ca.sha256 for ca in path}, {name_key(ca.subject) for ca in path}
    for fingerprint, ca in held.items():
        if fingerprint not in on_path and name_key(ca.subject) in names:
            yield RemoveCa(verifier.number, ca)


def _renew(wanted: Wanted, verifier: Peer, path: tuple[Certificate, ...]) -> Iterator[Effect]:
    crls = wanted.evidence.peers[verifier.number - 1].crls
    if isinstance(crls, tuple):
        issuers = {name_key(ca.subject) for ca in path}
        for name in dict.fromkeys(crl.issuer for crl in crls):
            if name_key(name) in issuers:
                yield RenewCrl(verifier.number, name)
