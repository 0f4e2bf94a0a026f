"""Changes of peer addresses, the cluster address mapping, interfaces and releases."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from certplan.intent.cluster import Intent
from certplan.plan.model import ExternalLan, IPAddress, IpVersion, MappingEntry
from certplan.proposal.effect import ChangeWords, Effect, Who, owner
from certplan.text.names import key, show
from certplan.text.words import listed
from certplan.value import replace
from certplan.vendor.releases import Release

if TYPE_CHECKING:
    from certplan.proposal.state import WorkingState

__all__ = [
    "DropEntry",
    "MoveNat",
    "SetAddress",
    "SetEntry",
    "SetExternalLan",
    "SetIpVersion",
    "SetLan1",
    "SetRelease",
    "SwitchMappingOn",
]

_MAPPING_PAGE = "On the primary, System > Clustering, Cluster address mapping"


def _entries(*entries: tuple[str, IPAddress]) -> Mapping[str, Any]:
    return {"entries": [{"fqdn": fqdn, "ip": str(ip)} for fqdn, ip in entries]}


class SetAddress(Effect):
    """Change `Peer N address`, on every peer."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "address"
    cost: ClassVar[int] = 15
    order: ClassVar[int] = 90

    peer: int
    to: str

    def make(self, state: "WorkingState") -> None:
        """Where the peer's intended name was only what its address said, it follows."""
        peer = state.peers[self.peer - 1]
        follows = peer.fqdn is None or peer.fqdn == peer.address
        state.change_peer(self.peer, address=self.to, fqdn=self.to if follows else peer.fqdn)

    def words(self, intent: Intent) -> ChangeWords:
        field = f"Peer {self.peer} address"
        detail = (
            f"On every peer, System > Clustering: change {field} from {owner(intent.plan, self.peer)} to"
            f" {show(self.to)} and save; then restart this peer alone."
        )
        return ChangeWords(f"Change {field}", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"from": intent.plan.peers[self.peer - 1].address, "to": self.to}


class SwitchMappingOn(Effect):
    """Set `Cluster address mapping enabled` to On, with these entries."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "mapping"
    cost: ClassVar[int] = 11
    order: ClassVar[int] = 60
    first: ClassVar[bool] = True

    entries: tuple[MappingEntry, ...]

    def make(self, state: "WorkingState") -> None:
        state.set_mapping(self.entries)

    def words(self, intent: Intent) -> ChangeWords:
        entries = listed(f"{show(entry.fqdn)} = {entry.ip}" for entry in self.entries)
        detail = f"{_MAPPING_PAGE} enabled: On, with the entries {entries}."
        return ChangeWords("Switch cluster address mapping On", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return _entries(*((entry.fqdn, entry.ip) for entry in self.entries))


class SetEntry(Effect):
    """Make this the only entry of the cluster address mapping for its FQDN."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "mapping"
    cost: ClassVar[int] = 10
    order: ClassVar[int] = 61

    fqdn: str
    ip: IPAddress
    instead: str = ""
    """The FQDN that an entry gives this address today and that is no peer's; this one takes its place."""

    def make(self, state: "WorkingState") -> None:
        if (today := state.mapping) is None:
            return
        gone = [entry for entry in today if key(entry.fqdn) == key(self.fqdn) or self.takes_place_of(entry)]
        at = next((n for n, entry in enumerate(today) if entry in gone), len(today))
        others = [entry for entry in today if entry not in gone]
        others.insert(min(at, len(others)), MappingEntry(self.fqdn, self.ip))
        state.set_mapping(tuple(others))

    def words(self, intent: Intent) -> ChangeWords:
        today = [e for e in intent.plan.cluster.address_mapping or () if key(e.fqdn) == key(self.fqdn)]
        entry = f"{show(self.fqdn)} = {self.ip}"
        if self.instead:
            detail = f"{_MAPPING_PAGE}s: {entry} in place of {show(self.instead)} = {self.ip}."
            return ChangeWords("Correct a mapping entry", detail)
        if not today:
            return ChangeWords("Add a mapping entry", f"{_MAPPING_PAGE}s: add {entry}.")
        was = listed(str(found.ip) for found in today)
        return ChangeWords("Correct a mapping entry", f"{_MAPPING_PAGE}s: {entry} alone; today it gives {was}.")

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return _entries((self.fqdn, self.ip))

    def takes_place_of(self, entry: MappingEntry) -> bool:
        """Whether it is an entry of today that gives this address to a name of no peer."""
        return bool(self.instead) and (key(entry.fqdn), entry.ip) == (key(self.instead), self.ip)


class DropEntry(Effect):
    """Delete an entry of the cluster address mapping."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "drop-mapping"
    cost: ClassVar[int] = 12
    order: ClassVar[int] = 62

    fqdn: str
    ip: IPAddress

    def make(self, state: "WorkingState") -> None:
        state.drop_entry(self.fqdn, self.ip)

    def words(self, intent: Intent) -> ChangeWords:
        return ChangeWords("Delete a mapping entry", f"{_MAPPING_PAGE}s: delete {show(self.fqdn)} = {self.ip}.")

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return _entries((self.fqdn, self.ip))


class MoveNat(Effect):
    """Take static NAT off LAN 1 of a peer with two NICs; LAN 2 carries it."""

    who: ClassVar[Who] = Who.NETWORK
    kind: ClassVar[str] = "interface"
    cost: ClassVar[int] = 25
    order: ClassVar[int] = 71

    peer: int

    def make(self, state: "WorkingState") -> None:
        peer = state.peers[self.peer - 1]
        nat, lan2 = peer.lan1.static_nat, peer.lan2
        if lan2 is not None and lan2.static_nat is None:
            lan2 = replace(lan2, static_nat=nat)
        state.change_peer(self.peer, stated_lan1=replace(peer.lan1, static_nat=None), lan2=lan2)

    def words(self, intent: Intent) -> ChangeWords:
        peer = intent.plan.peers[self.peer - 1]
        lan2 = "" if peer.lan2 is None else f", to LAN 2 ({peer.lan2.ip})"
        if peer.lan2 is not None and peer.lan2.static_nat is not None:
            lan2 = f"; LAN 2 keeps its own ({peer.lan2.static_nat})"
        detail = (
            f"System > Network interfaces > IP of {owner(intent.plan, self.peer)}: take IPv4 static NAT"
            f" ({peer.lan1.static_nat}) off LAN 1{lan2}. Have the firewall translate to LAN 2."
        )
        return ChangeWords("Move static NAT to LAN 2", detail)


class SetLan1(Effect):
    """Give a peer that shares its LAN 1 address with another one of its own."""

    who: ClassVar[Who] = Who.NETWORK
    kind: ClassVar[str] = "interface"
    cost: ClassVar[int] = 24
    order: ClassVar[int] = 70

    peer: int
    ip: IPAddress

    def make(self, state: "WorkingState") -> None:
        lan1 = state.peers[self.peer - 1].lan1
        network = lan1.network if lan1.network is None or self.ip in lan1.network else None
        state.change_peer(self.peer, stated_lan1=replace(lan1, ip=self.ip, network=network))

    def words(self, intent: Intent) -> ChangeWords:
        shared = intent.plan.peers[self.peer - 1].lan1.ip
        detail = (
            f"Two peers have {shared} on LAN 1. The others look for {owner(intent.plan, self.peer)} at {self.ip}: give"
            " it that address, or correct the plan where it is a typo."
        )
        return ChangeWords("Give LAN 1 an address of its own", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"from": str(intent.plan.peers[self.peer - 1].lan1.ip), "to": str(self.ip)}


class SetExternalLan(Effect):
    who: ClassVar[Who] = Who.NETWORK
    kind: ClassVar[str] = "interface"
    cost: ClassVar[int] = 20
    order: ClassVar[int] = 72

    peer: int
    lan: ExternalLan

    def make(self, state: "WorkingState") -> None:
        state.change_peer(self.peer, external_lan=self.lan)

    def words(self, intent: Intent) -> ChangeWords:
        page = f"System > Network interfaces > IP of {owner(intent.plan, self.peer)}"
        return ChangeWords("Set External LAN interface", f"{page}: External LAN interface {self.lan.value.upper()}.")


class SetRelease(Effect):
    """Upgrade every peer that runs an earlier release."""

    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "release"
    cost: ClassVar[int] = 100
    order: ClassVar[int] = 10

    release: Release
    why: str = ""
    """What the release is needed for, as a sentence."""

    def make(self, state: "WorkingState") -> None:
        state.cluster = replace(state.cluster, stated_release=max(state.cluster.release, self.release))
        for peer in state.peers:
            state.change_peer(peer.number, stated_release=max(peer.release, self.release))

    def words(self, intent: Intent) -> ChangeWords:
        why = f" {self.why}" if self.why else ""
        detail = f"Upgrade every peer to {self.release} or later, the primary first, all in one window.{why}"
        return ChangeWords(f"Upgrade to {self.release} or later", detail)

    def fields(self, intent: Intent) -> Mapping[str, Any]:
        return {"release": str(self.release)}


class SetIpVersion(Effect):
    who: ClassVar[Who] = Who.EXPRESSWAY
    kind: ClassVar[str] = "ip-version"
    cost: ClassVar[int] = 22
    order: ClassVar[int] = 73

    version: IpVersion

    def make(self, state: "WorkingState") -> None:
        state.cluster = replace(state.cluster, ip_version=self.version)

    def words(self, intent: Intent) -> ChangeWords:
        version = "IPv6" if self.version is IpVersion.IPV6 else "IPv4"
        detail = f"On every peer, System > Clustering: Cluster IP version {version}, which LAN 1 of every peer has."
        return ChangeWords("Set Cluster IP version", detail)
