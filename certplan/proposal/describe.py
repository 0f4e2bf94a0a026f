"""A change in words: who does it, where, and with which values."""

from collections.abc import Iterable

from certplan.evidence.model import Certificate, DnsAnswer, RecordType, TrustList
from certplan.handshake.model import Cause, Store
from certplan.plan.model import CertificateAuthority, IpVersion, Plan
from certplan.proposal.model import (
    Change,
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
    Who,
)
from certplan.proposal.wanted import WITHOUT_CLIENT_AUTH, Wanted
from certplan.text.names import key, show

__all__ = ["describe"]

_MAPPING_PAGE = "On the primary, System > Clustering, Cluster address mapping"
_TRUST_PAGE = "Maintenance > Security > Trusted CA certificate"


def describe(wanted: Wanted, effect: Effect, answers: tuple[str, ...]) -> Change:
    """Put an effect into words, with the exact values for this cluster.

    Args:
        wanted: what is wanted of the peers, told from the state before any change.
        effect: the effect.
        answers: the codes of the rules it answers.
    """
    who, number, action, detail = _words(wanted, effect)
    peer = None if number is None else wanted.plan.peers[number - 1].address
    return Change(who, peer, action, detail, answers, effect)


def _words(wanted: Wanted, effect: Effect) -> tuple[Who, int | None, str, str]:
    plan = wanted.plan
    match effect:
        case Reissue():
            return Who.CERTIFICATES, effect.peer, f"Reissue the {effect.store} certificate", _reissue(wanted, effect)
        case LoadCa():
            names = _listed(show(certificate.subject, 200) for certificate in effect.certificates)
            source = _source(wanted, effect.certificates)
            detail = f"{_TRUST_PAGE} of {_owner(plan, effect.peer)}: append {names}{source}."
            return Who.EXPRESSWAY, effect.peer, "Load a CA", detail
        case LoadNewCa():
            return Who.EXPRESSWAY, effect.peer, "Load a CA", _new_ca(plan, effect)
        case RemoveCa():
            detail = (
                f"{_TRUST_PAGE} of {_owner(plan, effect.peer)}: remove {show(effect.certificate.subject, 200)} with the"
                f" SHA-256 fingerprint {effect.certificate.sha256}; it stands in the way of the CA of the same name."
            )
            return Who.EXPRESSWAY, effect.peer, "Remove a CA", detail
        case RenewCrl():
            detail = f"Load the CRL that {show(effect.issuer, 200)} publishes today on {_owner(plan, effect.peer)}."
            return Who.CERTIFICATES, effect.peer, "Renew a CRL", detail
        case SetAddress():
            today = show(plan.peers[effect.peer - 1].address)
            detail = (
                f"On every peer, System > Clustering: change Peer {effect.peer} address from {today} to {effect.to}"
                " and save; then restart this peer alone."
            )
            return Who.EXPRESSWAY, effect.peer, f"Change Peer {effect.peer} address", detail
        case SwitchMappingOn() | SetEntry() | DropEntry():
            return (Who.EXPRESSWAY, None, *_mapping(plan, effect))
        case SetAddresses() | SetReverse() | SetServices():
            return (Who.DNS, _peer_of(wanted, effect), *_record(wanted, effect))
        case MoveNat():
            return Who.NETWORK, effect.peer, "Move static NAT to LAN 2", _nat(plan, effect.peer)
        case SetLan1():
            shared = plan.peers[effect.peer - 1].lan1.ip
            detail = (
                f"Two peers have {shared} on LAN 1. {_owner(plan, effect.peer)} is looked for at {effect.ip}: give it"
                " that address, or correct the plan where it is a slip."
            )
            return Who.NETWORK, effect.peer, "Give LAN 1 an address of its own", detail
        case SetExternalLan():
            detail = f"System > Network interfaces > IP of {_owner(plan, effect.peer)}: External LAN interface LAN2."
            return Who.NETWORK, effect.peer, "Set External LAN interface", detail
        case SetRelease():
            detail = (
                f"Upgrade every peer to {effect.release} or later, the primary first, all in one window: from that"
                " release one NIC with static NAT may cluster on its own address."
            )
            return Who.EXPRESSWAY, None, f"Upgrade to {effect.release} or later", detail
        case SetIpVersion():
            version = "IPv6" if effect.version is IpVersion.IPV6 else "IPv4"
            detail = f"On every peer, System > Clustering: Cluster IP version {version}, which LAN 1 of every peer has."
            return Who.EXPRESSWAY, None, "Set Cluster IP version", detail


def _reissue(wanted: Wanted, effect: Reissue) -> str:
    peer = wanted.plan.peers[effect.peer - 1]
    issuer = "a CA of your choice" if effect.issuer is None else show(effect.issuer.subject, 200)
    text = (
        f"CN {effect.cn}; SANs {_listed(effect.names)}; roles {' and '.join(effect.roles)}."
        f" Issued by {issuer}, whose chain every peer must trust before it is loaded."
    )
    file = peer.server_certificate if effect.store is Store.SERVER else peer.client_certificate
    if file is not None:
        text += f" Put it in {show(file)} and check again."
    decided = wanted.certificate(peer, effect.store)
    if slips := [each for each in decided.dropped if each.meant]:
        named = (f"{show(each.name)} for {show(each.meant)} ({each.how})" for each in slips)
        text += f" Dropped as a probable typo: {_listed(named)}."
    if left := [each.name for each in decided.dropped if not each.meant]:
        text += f" Today's certificate also has {_listed(map(show, left))}, which this one does not."
    if decided.kept:
        kept = _listed(map(show, decided.kept))
        text += f" Also included because the current certificate has it: {kept} (remove if unused)."
    leaf = wanted.leaf(peer, effect.store)
    if leaf is not None and leaf.not_before > wanted.at and wanted.chain(leaf).cause is Cause.NOT_YET_VALID:
        text += f" Or wait until {leaf.not_before:%Y-%m-%d}, when today's begins."
    if "clientAuth" in effect.roles and wanted.plan.certificate_authority is CertificateAuthority.PUBLIC:
        way_out = WITHOUT_CLIENT_AUTH if effect.store is Store.SERVER else "take a private CA"
        text += f" Public CAs are giving up clientAuth: where yours has, {way_out}."
    return text


def _new_ca(plan: Plan, effect: LoadNewCa) -> str:
    page = f"{_TRUST_PAGE} of {_owner(plan, effect.peer)}: append"
    if not effect.name:
        return f"{page} the root and intermediates of the CA that issues the new certificates."
    return (
        f"{page} {show(effect.name, 200)} and the CAs above it. No list that was read has it: get it from whoever"
        " issued the certificate."
    )


def _source(wanted: Wanted, certificates: Iterable[Certificate]) -> str:
    """Where on file the CAs are, for the first of them."""
    first = next(iter(certificates))
    places = {
        located.where
        for found in wanted.evidence.peers
        if isinstance(found.trust, TrustList)
        for located in found.trust.certificates
        if located.certificate.sha256 == first.sha256
    }
    return f" (from {show(str(min(places)), 200)})" if places else ""


def _mapping(plan: Plan, effect: SwitchMappingOn | SetEntry | DropEntry) -> tuple[str, str]:
    match effect:
        case SwitchMappingOn():
            entries = _listed(f"{show(entry.fqdn)} = {entry.ip}" for entry in effect.entries)
            return "Switch cluster address mapping On", f"{_MAPPING_PAGE} enabled: On, with the entries {entries}."
        case DropEntry():
            return "Delete a mapping entry", f"{_MAPPING_PAGE}s: delete {show(effect.fqdn)} = {effect.ip}."
        case SetEntry():
            today = [e for e in plan.cluster.known_entries if key(e.fqdn) == key(effect.fqdn)]
            entry = f"{show(effect.fqdn)} = {effect.ip}"
            if not today:
                return "Add a mapping entry", f"{_MAPPING_PAGE}s: add {entry}."
            was = _listed(str(found.ip) for found in today)
            return "Correct a mapping entry", f"{_MAPPING_PAGE}s: {entry} alone; today it gives {was}."


def _record(wanted: Wanted, effect: SetAddresses | SetReverse | SetServices) -> tuple[str, str]:
    view = show(effect.view)
    match effect:
        case SetReverse():
            name = f"{effect.ip.reverse_pointer}"
            return "Set a PTR record", f"In {view} DNS: {name} PTR {show(effect.name)}, and no other."
        case SetServices():
            values = _listed(f"SRV {s.priority} {s.weight} {s.port} {show(s.target)}" for s in effect.services)
            return "Set service records", f"In {view} DNS: {show(effect.name)} {values}."
        case SetAddresses():
            today = [
                address
                for record_type in (RecordType.A, RecordType.AAAA)
                for address in _answer(wanted, effect.view, effect.name, record_type)
            ]
            values = _listed(f"{'AAAA' if ip.version == 6 else 'A'} {ip}" for ip in effect.addresses)
            was = f"; today it has {_listed(today)}" if today else ""
            action = "Alter a record" if today else "Add a record"
            return action, f"In {view} DNS: {show(effect.name)} {values}, and no other address{was}."


def _answer(wanted: Wanted, view: str, name: str, record_type: RecordType) -> tuple[str, ...]:
    known = wanted.evidence.views.get(view)
    answer: DnsAnswer | None = known.answers.get((key(name), record_type)) if known is not None else None
    return () if answer is None else answer.addresses


def _peer_of(wanted: Wanted, effect: SetAddresses | SetReverse | SetServices) -> int | None:
    if isinstance(effect, SetServices):
        return None
    named = (number for number, name in enumerate(wanted.names, 1) if name is not None and key(effect.name) == name)
    return next(named, None)


def _nat(plan: Plan, number: int) -> str:
    peer = plan.peers[number - 1]
    lan2 = "" if peer.lan2 is None else f", to LAN 2 ({peer.lan2.ip})"
    if peer.lan2 is not None and peer.lan2.static_nat is not None:
        lan2 = f"; LAN 2 keeps its own ({peer.lan2.static_nat})"
    return (
        f"System > Network interfaces > IP of {_owner(plan, number)}: take IPv4 static NAT ({peer.lan1.static_nat})"
        f" off LAN 1{lan2}. Have the firewall translate to LAN 2."
    )


def _owner(plan: Plan, number: int) -> str:
    return show(plan.peers[number - 1].address)


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)
