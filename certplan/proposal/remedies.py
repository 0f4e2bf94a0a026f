"""Which change could fix a handshake that fails or cannot be judged.

Several changes may be named for one failure; whether a change is needed at all is decided by leaving it out
(`certplan.proposal.propose`). The order of remedies is the vendor's: mapping before DNS records, never a private
address in public DNS (Cluster Creation and Maintenance guide X15.4, chapter on FQDNs).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from certplan.evidence.model import Certificate, TrustList
from certplan.evidence.pki.dn import name_facts
from certplan.evidence.pki.signatures import signed_by
from certplan.handshake.chains import expiry
from certplan.handshake.credentials import CLIENT_AUTH
from certplan.handshake.model import Cause, Handshake, Step, Store
from certplan.handshake.trust import rfc4514_key
from certplan.intent.cluster import Intent, is_factory_ca
from certplan.intent.mapping import suggest_mapping
from certplan.intent.stated import PUBLIC_VIEW, names_of
from certplan.plan.model import IpVersion, MappingEntry, Peer, Plan
from certplan.proposal.address_changes import (
    MoveNat,
    SetAddress,
    SetEntry,
    SetIpVersion,
    SetLan1,
    SetRelease,
    SwitchMappingOn,
)
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue, RemoveCa, RenewCrl, UnseenCa
from certplan.proposal.effect import Effect
from certplan.proposal.record_changes import RECORD_TYPES, SetAddresses
from certplan.proposal.state import Applied
from certplan.text.addresses import is_private
from certplan.text.names import key
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM, NAT_ON_ONE_NIC_ALLOWED_FROM

__all__ = [
    "client_role",
    "load",
    "mapping_entries",
    "reissue",
    "remedies",
    "shares_lan1",
    "switch_mapping_on",
    "valid_path",
    "wants_certificate",
    "wants_mapping",
]

_LONGEST_PATH = 10
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
        Cause.CA_EXPIRED,
        Cause.CA_NOT_YET_VALID,
        Cause.SELF_SIGNED,
        Cause.NOT_A_CA,
        Cause.MAY_NOT_SIGN,
        Cause.PATH_TOO_LONG,
        Cause.ORDER_DECIDES,
        Cause.KEY_UNREADABLE,
        Cause.WEAK_SIGNATURE,
        Cause.CHAIN_REFUSED,
    }
)
_WRONG_CERTIFICATE = frozenset(
    {
        Cause.CERTIFICATE_UNREADABLE,
        Cause.SERVER_ROLE_MISSING,
        Cause.CA_ROLE_MISSING,
        Cause.EXPIRED,
        Cause.NOT_YET_VALID,
        Cause.REVOKED,
    }
)
_UNKNOWN_ISSUER = frozenset({Cause.ISSUER_NOT_TRUSTED, Cause.SAME_NAME_OTHER_KEY})


def remedies(intent: Intent, now: Applied, handshake: Handshake, step: Step) -> Iterator[Effect]:
    """The changes that may fix one failed step.

    Args:
        intent: what the cluster should have, worked out from the state before any change.
        now: the state that was judged, with the changes found so far.
        handshake: the handshake that does not pass, of that state.
        step: the step that failed or could not be judged.
    """
    presenter, store = handshake.presenter, step.store or Store.SERVER
    match step.cause:
        case Cause.ADDRESS_IS_IP | Cause.ADDRESS_NOT_FQDN | Cause.PEER_IP_WRONG:
            yield from _readdress(intent, presenter)
        case Cause.NAME_NOT_IN_SAN | Cause.NAME_ONLY_IN_CN:
            yield from _rename(intent, now, presenter, store)
        case Cause.WRONG_IP_VERSION:
            yield from _ip_version(intent, now, handshake)
        case Cause.NAT_ON_CLUSTERING_LAN:
            yield MoveNat(presenter.number)
        case Cause.NAT_ON_SINGLE_NIC:
            why = "From that release one NIC with static NAT may cluster on its own address."
            yield SetRelease(NAT_ON_ONE_NIC_ALLOWED_FROM, why)
        case Cause.CRL_EXPIRED | Cause.CRL_UNUSABLE:
            if isinstance(now.evidence.peers[handshake.verifier.number - 1].crls, tuple):
                yield RenewCrl(handshake.verifier.number, step.subject)
        case cause if cause in _WAYS:
            yield from _route_effects(intent, now, handshake)
        case cause if cause in _UNTRUSTED:
            yield from _trust(intent, now, handshake, store)
        case Cause.CLIENT_ROLE_MISSING:
            yield from client_role(intent, now, presenter, store)
        case cause if cause in _WRONG_CERTIFICATE:
            yield from reissue(intent, now, presenter, store)


def _readdress(intent: Intent, peer: Peer) -> Iterator[Effect]:
    name = intent.name(peer)
    if name is not None and key(peer.address) != name:
        yield SetAddress(peer.number, name)


def _rename(intent: Intent, now: Applied, peer: Peer, store: Store) -> Iterator[Effect]:
    """The name a peer is to have is settled first; then its certificate is asked to carry it."""
    name = intent.name(peer)
    if name is not None and key(peer.address) != name:
        yield SetAddress(peer.number, name)
    else:
        yield from reissue(intent, now, peer, store)


def wants_certificate(step: Step) -> bool:
    """Whether what keeps a step from passing is the certificate itself."""
    return step.cause in _WRONG_CERTIFICATE | {
        Cause.NAME_NOT_IN_SAN,
        Cause.NAME_ONLY_IN_CN,
        Cause.CLIENT_ROLE_MISSING,
        Cause.SELF_SIGNED,
    }


def reissue(intent: Intent, now: Applied, peer: Peer, store: Store) -> Iterator[Effect]:
    """A new certificate, where one can be had and none is simulated yet."""
    simulated = now.issuers.get((peer.number, store))
    ordered = simulated is not None and not (isinstance(simulated, UnseenCa) and simulated.name)
    decided = intent.certificate(peer, store)
    if not ordered and not decided.problems:
        yield Reissue.of(decided)


def client_role(intent: Intent, now: Applied, peer: Peer, store: Store) -> Iterator[Effect]:
    """A certificate with clientAuth; where the CA issues it no more, the first release that does without."""
    if CLIENT_AUTH in intent.certificate(peer, store).roles:
        yield from reissue(intent, now, peer, store)
    else:
        why = "From that release peers do not look for clientAuth, which the CA issues no more, on cluster links."
        yield SetRelease(CLIENT_ROLE_UNCHECKED_FROM, why)


def _ip_version(intent: Intent, now: Applied, handshake: Handshake) -> Iterator[Effect]:
    plan, peer = now.plan, handshake.presenter
    if (version := _version_of_all(plan)) is not None:
        yield SetIpVersion(version)
    elif len({each.lan1.ip.version for each in plan.peers}) == 1:
        yield from _readdress(intent, peer)
        yield from _route_effects(intent, now, handshake)


def _version_of_all(plan: Plan) -> IpVersion | None:
    """The IP version that LAN 1 of every peer has, where `Cluster IP version` is the other one."""
    found = {IpVersion.IPV6 if peer.lan1.ip.version == 6 else IpVersion.IPV4 for peer in plan.peers}
    return next(iter(found)) if len(found) == 1 and plan.ip_version not in found else None


def wants_mapping(plan: Plan, intent: Intent, view: str, peer: Peer) -> bool:
    """Whether mapping rather than a DNS record is to lead the peers that ask `view` to `peer`."""
    if suggest_mapping(plan, intent.evidence).needed is not False:
        return True
    return view == PUBLIC_VIEW and is_private(peer.lan1.ip, plan.internal_networks)


def shares_lan1(plan: Plan, peer: Peer) -> bool:
    """Whether another peer has the same LAN 1 address: then no name can lead to this peer alone."""
    return any(other.lan1.ip == peer.lan1.ip for other in plan.peers if other is not peer)


def mapping_entries(plan: Plan, intent: Intent) -> tuple[MappingEntry, ...]:
    """One entry a peer: the name it is to have, its LAN 1 address."""
    named = ((intent.name(peer), peer.lan1.ip) for peer in plan.peers)
    return tuple(MappingEntry(name, ip) for name, ip in named if name is not None)


def switch_mapping_on(plan: Plan, intent: Intent) -> Effect:
    """Mapping On with an entry for every peer, as the vendor asks."""
    return SwitchMappingOn(mapping_entries(plan, intent))


def _name_of_no_peer(intent: Intent, today: Iterable[MappingEntry], peer: Peer) -> str:
    """The name of no peer that an entry gives the peer's address; empty where none does."""
    given = [entry.fqdn for entry in today if entry.ip == peer.lan1.ip]
    if not given:
        return ""
    named = {key(name) for name in intent.names if name is not None}
    named |= {key(name) for each in intent.plan.peers for name in names_of(each)}
    return next((fqdn for fqdn in given if key(fqdn) not in named), "")


def _route_effects(intent: Intent, now: Applied, handshake: Handshake) -> Iterator[Effect]:
    plan, peer, view = now.plan, handshake.presenter, handshake.verifier.dns
    name = intent.name(peer)
    if (version := _version_of_all(plan)) is not None:
        # Names are looked up in the version that no peer has an address of.
        yield SetIpVersion(version)
        return
    if shares_lan1(plan, peer):
        yield from _own_lan1(plan, handshake)
        return
    if name is None:
        return
    yield from _readdress(intent, peer)
    if isinstance(plan.cluster.stated_address_mapping, tuple):
        yield SetEntry(name, peer.lan1.ip, _name_of_no_peer(intent, plan.cluster.known_entries, peer))
        return
    spoken = _was_answered(now, view, name, peer)
    if wants_mapping(plan, intent, view, peer):
        # Where it is not settled that a mapping is needed, a view that has not spoken may make it unnecessary.
        if spoken or suggest_mapping(plan, intent.evidence).needed:
            yield switch_mapping_on(plan, intent)
    elif spoken:
        yield SetAddresses(view, name, (peer.lan1.ip,))


def _own_lan1(plan: Plan, handshake: Handshake) -> Iterator[Effect]:
    """The address a peer is looked for at, where no other peer has it."""
    peer, target = handshake.presenter, handshake.target
    ports = {ip for each in plan.peers for ip in (each.lan1.ip, each.lan2.ip if each.lan2 else None, each.static_nat)}
    if target is not None and target not in ports and target.version == peer.lan1.ip.version:
        yield SetLan1(peer.number, target)


def _was_answered(now: Applied, view: str, name: str, peer: Peer) -> bool:
    """Whether the view says what it has of the name, or was never asked for it: its silence is no lack of a record."""
    if view not in now.evidence.views:
        return False
    answer = now.evidence.views[view].answers.get((key(name), RECORD_TYPES[peer.lan1.ip.version]))
    return answer is None or answer.outcome.answered


def _trust(intent: Intent, now: Applied, handshake: Handshake, store: Store) -> Iterator[Effect]:
    verifier, presenter = handshake.verifier, handshake.presenter
    issuer = now.issuers.get((presenter.number, store))
    if isinstance(issuer, UnseenCa):
        yield LoadNewCa(verifier.number, issuer)
        yield from _remove(now, verifier, _namesakes(intent, issuer))
        return
    leaf = intent.leaf(presenter, store)
    if issuer is not None:
        path = valid_path(intent, issuer, at_once=True)
    elif leaf is not None:
        path = valid_path(intent, leaf)[1:]
    else:
        return
    if path:
        below = issuer or leaf
        rivals = [] if below is None else [*intent.pool.with_name(path[0].subject), *intent.pool.above(below)]
        yield from load(now, verifier, path, rivals)
        yield from _renew(intent, verifier, path)
    elif leaf is not None and issuer is None:
        yield from _without_valid_path(intent, now, handshake, leaf, store)


def _namesakes(intent: Intent, ca: UnseenCa) -> list[Certificate]:
    """The CAs that OpenSSL would take in the place of one that has not been read, and those they rest on."""
    read = list(intent.pool.with_name(ca.name)) if ca.name else []
    return [*read, *(above for each in read for above in intent.pool.above(each) if above.not_after < intent.at)]


def _without_valid_path(
    intent: Intent, now: Applied, handshake: Handshake, leaf: Certificate, store: Store
) -> Iterator[Effect]:
    """What may help a certificate that no CA which was read leads to a root at this time."""
    verifier, presenter = handshake.verifier, handshake.presenter
    chain = intent.chain(leaf)
    top, failing = chain.path[-1], chain.failing
    if chain.cause in (Cause.CA_EXPIRED, Cause.CA_NOT_YET_VALID) and failing is not None and failing is not leaf:
        below = next((low for low, high in pairwise(chain.path) if high is failing), leaf)
        cross_signed = below is not leaf and _organization(below) != _organization(failing)
        like = below if cross_signed else failing
        yield LoadNewCa(verifier.number, UnseenCa(like.subject, like=like))
        yield from _remove(now, verifier, [failing, *([below] if cross_signed else [])])
        yield from _by_another_ca(intent, now, presenter, store)
    elif chain.cause in _UNKNOWN_ISSUER and not is_factory_ca(top.issuer):
        unseen = UnseenCa(top.issuer, below=top)
        yield LoadNewCa(verifier.number, unseen)
        if intent.pool.with_name(top.issuer):
            yield from _remove(now, verifier, _namesakes(intent, unseen))
            yield from _by_another_ca(intent, now, presenter, store)
    else:
        yield from reissue(intent, now, presenter, store)


def _by_another_ca(intent: Intent, now: Applied, presenter: Peer, store: Store) -> Iterator[Effect]:
    """A new certificate where a CA that was read and is sound can sign it: that can be proved."""
    if intent.certificate(presenter, store).issuer is not None:
        yield from reissue(intent, now, presenter, store)


def _organization(ca: Certificate) -> str:
    """The organization of a CA's subject; the whole subject where it states none."""
    return next(iter(name_facts(ca.subject_der).organizations), ca.subject)


def valid_path(intent: Intent, certificate: Certificate, *, at_once: bool = False) -> tuple[Certificate, ...]:
    """From a certificate up to a self-signed root, by signatures, through CAs that are valid; empty where none leads.

    The certificate's own dates do not count, unless `at_once`.
    """
    if at_once and not _valid(certificate, intent.at):
        return ()
    if certificate.self_signed:
        return (certificate,)
    paths: list[tuple[Certificate, ...]] = [(certificate,)]
    while paths:
        path = paths.pop(0)
        for ca in intent.pool.issuers(path[-1]):
            if ca in path or ca.is_ca is False or not _valid(ca, intent.at) or not signed_by(path[-1], ca):
                continue
            if ca.self_signed:
                return (*path, ca)
            if len(path) < _LONGEST_PATH:
                paths.append((*path, ca))
    return ()


def _valid(certificate: Certificate, at: datetime) -> bool:
    return certificate.not_before <= at < expiry(certificate)


def load(now: Applied, verifier: Peer, path: Sequence[Certificate], rivals: Iterable[Certificate]) -> Iterator[Effect]:
    """Load what a list does not have of a path; where it has all, remove what OpenSSL may take in its place."""
    trust = now.evidence.peers[verifier.number - 1].trust
    if not isinstance(trust, TrustList):
        return
    held = {located.certificate.sha256 for located in trust.certificates}
    missing = [ca for ca in path if ca.sha256 not in held]
    if missing:
        yield from (LoadCa(verifier.number, ca) for ca in missing)
    else:
        on_path = {ca.sha256 for ca in path}
        yield from _remove(now, verifier, [ca for ca in rivals if ca.sha256 not in on_path])


def _remove(now: Applied, verifier: Peer, cas: Iterable[Certificate]) -> Iterator[Effect]:
    """Remove those of `cas` that the peer's list has."""
    trust = now.evidence.peers[verifier.number - 1].trust
    if isinstance(trust, TrustList):
        held = {located.certificate.sha256 for located in trust.certificates}
        yield from (RemoveCa(verifier.number, ca) for ca in {ca.sha256: ca for ca in cas}.values() if ca.sha256 in held)


def _renew(intent: Intent, verifier: Peer, path: Sequence[Certificate]) -> Iterator[Effect]:
    crls = intent.evidence.peers[verifier.number - 1].crls
    if isinstance(crls, tuple):
        issuers = {rfc4514_key(ca.subject) for ca in path}
        for name in dict.fromkeys(crl.issuer for crl in crls):
            if rfc4514_key(name) in issuers:
                yield RenewCrl(verifier.number, name)
