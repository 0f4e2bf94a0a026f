"""Addresses against the rows of IANA's registries themselves."""

import csv
from importlib.resources import files
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import dns.reversename
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.text.addresses import (
    AddressKind,
    IPAddress,
    IPNetwork,
    is_private,
    is_public_side,
    kind,
    overlap,
    parse_ip,
    reverse_name,
)

_INSIDE = {
    AddressKind.PRIVATE_USE,
    AddressKind.SHARED,
    AddressKind.LOOPBACK,
    AddressKind.LINK_LOCAL,
    AddressKind.UNIQUE_LOCAL,
}

addresses = st.ip_addresses()
networks = st.builds(
    lambda address, bits: (
        ip_network((int(address), bits % 33), strict=False)
        if address.version == 4
        else ip_network((address.packed, bits), strict=False)
    ),
    addresses,
    st.integers(0, 128),
)


def _rows() -> list[tuple[IPNetwork, str, str]]:
    """Block, name and reachability of every row, read here without certplan's own reader."""
    rows = {}
    for name in ("iana-ipv4-special-registry", "iana-ipv6-special-registry", "special-purpose-later"):
        text = files("certplan.vendor").joinpath(f"{name}.csv").read_text("utf-8")
        for row in csv.DictReader(text.splitlines(keepends=True)):
            for block in row["Address Block"].split(", "):
                network = ip_network(block.split()[0])
                rows[network] = (network, row["Name"], row["Globally Reachable"].split(" [")[0])
    return list(rows.values())


ROWS = _rows()


def _owner(address: IPAddress) -> tuple[IPNetwork, str, str]:
    """The most specific row that holds the address."""
    return max((row for row in ROWS if address in row[0]), key=lambda row: row[0].prefixlen)


def _expected(name: str, reachable: str) -> AddressKind:
    words = {
        "Private": AddressKind.PRIVATE_USE,
        "Shared": AddressKind.SHARED,
        "Loopback": AddressKind.LOOPBACK,
        "Link": AddressKind.LINK_LOCAL,
        "Unique": AddressKind.UNIQUE_LOCAL,
        "Documentation": AddressKind.DOCUMENTATION,
        "Unspecified": AddressKind.UNSPECIFIED,
        '"This host': AddressKind.UNSPECIFIED,
    }
    named = next((word for start, word in words.items() if name.startswith(start)), None)
    return named or (AddressKind.GLOBAL if reachable == "True" else AddressKind.RESERVED)


def test_the_registries_have_the_rows_known_to_be_in_them() -> None:
    blocks = {str(network) for network, _, _ in ROWS}
    assert len(ROWS) == 26 + 26
    assert {"10.0.0.0/8", "100.64.0.0/10", "192.0.0.171/32", "192.88.99.2/32", "255.255.255.255/32"} <= blocks
    assert {"3fff::/20", "5f00::/16", "100:0:0:1::/64", "fc00::/7", "2001:db8::/32", "2001:30::/28"} <= blocks


@pytest.mark.parametrize(("network", "name", "reachable"), ROWS, ids=[str(row[0]) for row in ROWS])
def test_the_first_and_last_address_of_every_row_are_of_its_kind(network: IPNetwork, name: str, reachable: str) -> None:
    for address in (network[0], network[-1]):
        owner = _owner(address)
        assert kind(address) is _expected(owner[1], owner[2])
        if owner[0] == network:
            assert kind(address) is _expected(name, reachable)
        if reachable != "True" and owner[0] == network and not name.startswith("Documentation"):
            assert not is_public_side(address)


@pytest.mark.parametrize("network", [row[0] for row in ROWS], ids=str)
def test_just_outside_a_row_the_row_no_longer_decides(network: IPNetwork) -> None:
    for number in (int(network[0]) - 1, int(network[-1]) + 1):
        if not 0 <= number < 2**network.max_prefixlen:
            continue
        address = IPv4Address(number) if network.version == 4 else IPv6Address(number)
        holders = [row for row in ROWS if address in row[0]]
        if holders:
            assert kind(address) is _expected(*_owner(address)[1:])
        else:
            assert kind(address) in {AddressKind.GLOBAL, AddressKind.MULTICAST, AddressKind.RESERVED}
            assert address.version == 6 or kind(address) is not AddressKind.RESERVED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.8.8.8", AddressKind.GLOBAL),
        ("10.20.0.11", AddressKind.PRIVATE_USE),
        ("172.31.255.255", AddressKind.PRIVATE_USE),
        ("172.32.0.0", AddressKind.GLOBAL),
        ("100.64.0.1", AddressKind.SHARED),
        ("203.0.113.11", AddressKind.DOCUMENTATION),
        ("127.0.0.1", AddressKind.LOOPBACK),
        ("169.254.1.1", AddressKind.LINK_LOCAL),
        ("224.0.0.1", AddressKind.MULTICAST),
        ("0.0.0.0", AddressKind.UNSPECIFIED),
        ("0.0.0.1", AddressKind.RESERVED),
        ("240.0.0.1", AddressKind.RESERVED),
        ("192.0.0.9", AddressKind.GLOBAL),
        ("2600::1", AddressKind.GLOBAL),
        ("2001:1::1", AddressKind.GLOBAL),
        ("fd12::1", AddressKind.UNIQUE_LOCAL),
        ("fe80::1", AddressKind.LINK_LOCAL),
        ("ff02::1", AddressKind.MULTICAST),
        ("2001:db8::1", AddressKind.DOCUMENTATION),
        ("3fff::1", AddressKind.DOCUMENTATION),
        ("2002::1", AddressKind.RESERVED),
        ("4000::1", AddressKind.RESERVED),
        ("fec0::1", AddressKind.RESERVED),
        ("::ffff:10.0.0.1", AddressKind.RESERVED),
        ("::1", AddressKind.LOOPBACK),
        ("::", AddressKind.UNSPECIFIED),
    ],
)
def test_an_address_has_the_kind_the_registries_give_it(text: str, expected: AddressKind) -> None:
    assert kind(ip_address(text)) is expected


@given(addresses, st.lists(networks, max_size=4))
def test_no_address_is_on_both_sides_and_the_plan_decides_only_for_its_own_networks(
    address: IPAddress,
    internal: list[IPNetwork],
) -> None:
    assert not (is_private(address, internal) and is_public_side(address, internal))
    covered = any(address.version == network.version and address in network for network in internal)
    assert is_private(address, internal) == (covered or kind(address) in _INSIDE)
    if kind(address) in _INSIDE or not covered:
        assert kind(address, internal) is kind(address)
    else:
        assert kind(address, internal) is AddressKind.INTERNAL


def test_a_company_that_uses_public_space_inside_says_so_in_its_plan() -> None:
    address = ip_address("51.1.2.3")
    assert is_public_side(address)
    internal = [ip_network("51.0.0.0/8"), ip_network("2001:db8:1::/48")]
    assert kind(address, internal) is AddressKind.INTERNAL
    assert is_private(address, internal)
    assert not is_public_side(address, internal)
    assert is_public_side(ip_address("52.1.2.3"), internal)


def test_every_kind_has_words_of_its_own() -> None:
    words = [kind.words for kind in AddressKind]
    assert len(set(words)) == len(words)
    assert all(phrase.startswith(("a ", "an ", "the ")) for phrase in words)


@given(networks, networks)
def test_networks_overlap_when_one_holds_the_others_first_address(one: IPNetwork, other: IPNetwork) -> None:
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, one)
    if one.version != other.version:
        assert not overlap(one, other)
    else:
        assert overlap(one, other) == (one[0] in other or other[0] in one)


@given(addresses)
def test_an_address_is_read_back_from_its_text(address: IPAddress) -> None:
    assert parse_ip(str(address)) == address
    assert parse_ip(address.exploded) == address


@pytest.mark.parametrize(
    "text", ["", "exe1.example.com", "10.0.0.0/8", "10.0.0.1.", " 10.0.0.1", "fe80::1%eth0", "010.0.0.1"]
)
def test_other_text_is_no_address(text: str) -> None:
    assert parse_ip(text) is None


@given(st.text(max_size=40))
def test_any_text_is_no_address_or_one_that_is_read_again(text: str) -> None:
    found = parse_ip(text)
    assert found is None or parse_ip(str(found)) == found


@given(addresses)
def test_the_reverse_name_is_the_one_dns_libraries_give(address: IPAddress) -> None:
    expected = dns.reversename.from_address(str(address)).to_text(omit_final_dot=True)
    # dnspython unwraps IPv4-mapped addresses; the PTR of the address as such is the ip6.arpa one.
    if not (isinstance(address, IPv6Address) and address.ipv4_mapped):
        assert reverse_name(address) == expected
    assert not reverse_name(address).endswith(".")
