"""IP addresses: which kind each is, by IANA's registries and the plan's own internal networks.

The standard library's `is_private` is not asked: its answers differ between Python versions, count documentation
networks as private and shared address space as neither.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from certplan.outcomes import WordedEnum
from certplan.vendor import SpecialPurposeBlock, special_purpose_blocks

__all__ = [
    "AddressKind",
    "IPAddress",
    "IPNetwork",
    "is_private",
    "is_public_side",
    "kind",
    "overlap",
    "parse_ip",
    "reverse_name",
]

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network


class AddressKind(WordedEnum):
    """What an address is for. `words` completes the sentence "10.0.0.1 is ..."."""

    GLOBAL = "global", "a global address"
    PRIVATE_USE = "private-use", "a private address (RFC 1918)"
    SHARED = "shared", "a shared carrier address (RFC 6598)"
    LOOPBACK = "loopback", "a loopback address"
    LINK_LOCAL = "link-local", "a link-local address"
    UNIQUE_LOCAL = "unique-local", "a unique local address (RFC 4193)"
    INTERNAL = "internal", "an address of the plan's internal networks"
    DOCUMENTATION = "documentation", "an address for documentation"
    MULTICAST = "multicast", "a multicast address"
    UNSPECIFIED = "unspecified", "the unspecified address"
    RESERVED = "reserved", "a reserved address"


_INSIDE = frozenset(
    {
        AddressKind.PRIVATE_USE,
        AddressKind.SHARED,
        AddressKind.LOOPBACK,
        AddressKind.LINK_LOCAL,
        AddressKind.UNIQUE_LOCAL,
        AddressKind.INTERNAL,
    },
)
_PUBLIC_SIDE = frozenset({AddressKind.GLOBAL, AddressKind.DOCUMENTATION})

# The registries' own names for the blocks that matter here; every other block is judged by its reachability.
_NAMED = {
    "Private-Use": AddressKind.PRIVATE_USE,
    "Shared Address Space": AddressKind.SHARED,
    "Loopback": AddressKind.LOOPBACK,
    "Loopback Address": AddressKind.LOOPBACK,
    "Link Local": AddressKind.LINK_LOCAL,
    "Link-Local Unicast": AddressKind.LINK_LOCAL,
    "Unique-Local": AddressKind.UNIQUE_LOCAL,
    '"This host on this network"': AddressKind.UNSPECIFIED,
    "Unspecified Address": AddressKind.UNSPECIFIED,
}

# Beside the special-purpose registries: multicast (RFC 5771, RFC 4291 section 2.7), and for IPv6 the only space from
# which global unicast addresses are given out (RFC 4291 section 2.4, IANA's IPv6 Address Space registry).
_MULTICAST = (IPv4Network("224.0.0.0/4"), IPv6Network("ff00::/8"))
_IPV6_GLOBAL_UNICAST = IPv6Network("2000::/3")


def kind(address: IPAddress, internal: Sequence[IPNetwork] = ()) -> AddressKind:
    """The kind of `address`. Of the registries' blocks the longest match decides.

    `internal` are the plan's `internal_networks`. They make an address `INTERNAL` that the registries do not already
    place inside: a private address in one of them stays a private address.
    """
    registered = _registered_kind(address)
    if registered in _INSIDE or not any(address in network for network in internal):
        return registered
    return AddressKind.INTERNAL


def is_private(address: IPAddress, internal: Sequence[IPNetwork] = ()) -> bool:
    """Whether `address` belongs to an inside network.

    That is private-use, unique-local, shared, loopback and link-local space and the plan's `internal_networks`.
    Documentation networks are not among them: see `is_public_side`.
    """
    return kind(address, internal) in _INSIDE


def is_public_side(address: IPAddress, internal: Sequence[IPNetwork] = ()) -> bool:
    """Whether `address` belongs on the public side: global, or of a documentation network.

    Documentation networks (RFC 5737, RFC 3849, RFC 9637) stand for public addresses in examples, and only there.
    Reserved, multicast and unspecified addresses are neither private nor on the public side.
    """
    return kind(address, internal) in _PUBLIC_SIDE


def overlap(one: IPNetwork, other: IPNetwork) -> bool:
    """Whether two networks have an address in common; networks of different IP versions never have."""
    return one.version == other.version and one.overlaps(other)


_LONGEST_IP = 45
"""An IPv6 address that ends in an IPv4 address, every digit written."""


def parse_ip(text: str) -> IPAddress | None:
    """The address that `text` is, or None. A zone (`fe80::1%eth0`) makes it none: no plan or record may have one."""
    return None if "%" in text or len(text) > _LONGEST_IP else _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def reverse_name(address: IPAddress) -> str:
    """The name of the PTR record of `address`, without a trailing dot (RFC 1035 section 3.5, RFC 3596 section 2.5)."""
    return address.reverse_pointer


@lru_cache(maxsize=4096)
def _registered_kind(address: IPAddress) -> AddressKind:
    for network, registered in _registry(address.version):
        if address in network:
            return registered
    if isinstance(address, IPv6Address) and address not in _IPV6_GLOBAL_UNICAST:
        return AddressKind.RESERVED
    return AddressKind.GLOBAL


@cache
def _registry(version: int) -> tuple[tuple[IPNetwork, AddressKind], ...]:
    """Every special block of one IP version, the longest prefix first."""
    blocks = [(ip_network(block.network), _block_kind(block)) for block in special_purpose_blocks()]
    blocks += [(network, AddressKind.MULTICAST) for network in _MULTICAST]
    return tuple(sorted((b for b in blocks if b[0].version == version), key=lambda b: b[0].prefixlen, reverse=True))


def _block_kind(block: SpecialPurposeBlock) -> AddressKind:
    if block.name in _NAMED:
        return _NAMED[block.name]
    if block.name.startswith("Documentation"):
        return AddressKind.DOCUMENTATION
    return AddressKind.GLOBAL if block.globally_reachable else AddressKind.RESERVED
