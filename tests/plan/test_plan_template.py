"""The plan that init writes reads back, whatever it was asked for."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.plan.model import ClusterType, Plan
from certplan.plan.reading import read_plan
from certplan.plan.template import plan_template
from certplan.vendor.releases import Release

WORDS = st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)
ADDRESSES = (
    st.from_regex(r"[a-z][a-z0-9-]{0,10}(\.[a-z0-9]{1,8}){0,3}", fullmatch=True)
    | st.ip_addresses().map(str)
    | st.sampled_from(
        ["no", "null", "~", "22:22:22", "1.10", "{a", "a: b".replace(" ", ""), "#x", "&a", "*a", "- ".strip()]
    )
    | WORDS
)
RELEASES = st.sampled_from(["X12.6", "x14.3.4", "15.5", "14"])
EXAMPLES = [ip_network(block) for block in ("10.0.0.0/8", "192.168.0.0/16", "203.0.113.0/24")]


def read(text: str) -> Plan:
    return read_plan(text, "plan.yaml", Path())


def uncommented(text: str) -> str:
    """Take away the `#` that touches a key, and those of the lines under it."""
    return re.sub(r"(?m)^( *)#(?=\S|  )", r"\1", text)


@given(
    name=WORDS,
    cluster_type=st.sampled_from(ClusterType),
    release=RELEASES,
    peers=st.lists(ADDRESSES, min_size=1, max_size=8),
    dual_nic=st.booleans(),
    static_nat=st.booleans(),
)
def test_any_combination_of_options_reads_back(
    name: str, cluster_type: ClusterType, release: str, peers: list[str], dual_nic: bool, static_nat: bool
) -> None:
    text = plan_template(
        name=name, type=cluster_type, release=release, peers=peers, dual_nic=dual_nic, static_nat=static_nat
    )
    plan = read(text)
    assert (plan.cluster.name, plan.cluster.type) == (name, cluster_type)
    assert plan.cluster.release == Release.parse(release)
    assert [peer.address for peer in plan.peers] == peers
    for peer in plan.peers:
        assert peer.dual_nic == dual_nic
        assert (peer.static_nat is not None) == static_nat
        assert (peer.external_lan is not None) == dual_nic


@given(
    cluster_type=st.sampled_from(ClusterType),
    peers=st.integers(1, 64),
    dual_nic=st.booleans(),
    static_nat=st.booleans(),
)
def test_a_number_of_peers_gives_that_many_and_every_example_in_it_is_right(
    cluster_type: ClusterType, peers: int, dual_nic: bool, static_nat: bool
) -> None:
    text = plan_template(
        name="expe.example.com",
        type=cluster_type,
        release="X14.3.4",
        peers=peers,
        dual_nic=dual_nic,
        static_nat=static_nat,
    )
    plan = read(text)
    assert len({peer.fqdn for peer in plan.peers}) == len({peer.lan1.ip for peer in plan.peers}) == peers
    for peer in plan.peers:
        for address in (peer.lan1.ip, peer.lan2 and peer.lan2.ip, peer.static_nat):
            assert address is None or any(address in block for block in EXAMPLES)
    full = read(uncommented(text))
    assert full.peers[0].h323 is True
    assert full.cluster.address_mapping is not None
    assert [source.view for source in full.dns] == ["public", "internal", "lab"]
    assert full.waivers[0].reason == "PTR ordered, ticket CHG-1"
    assert len(full.round_trip_ms) == (1 if peers > 1 else 0)


def test_what_only_the_engineer_knows_stays_unknown() -> None:
    plan = read(
        plan_template(
            name="expe.example.com",
            type=ClusterType.EXPRESSWAY_E,
            release="X14.3.4",
            peers=2,
            dual_nic=True,
            static_nat=True,
        )
    )
    peer = plan.peers[0]
    assert (plan.cluster.address_mapping, plan.cluster.ip_version, plan.certificate_authority) == (None, None, None)
    assert (peer.h323, peer.ntp, peer.option_keys, peer.platform, peer.crls, peer.private_key) == (None,) * 6
    assert (plan.dns, plan.waivers, dict(plan.severity), dict(plan.round_trip_ms)) == ((), (), {}, {})


def test_peers_known_by_address_have_it_on_lan_1() -> None:
    plan = read(
        plan_template(
            name="expc.example.com",
            type=ClusterType.EXPRESSWAY_C,
            release="X15",
            peers=["10.9.8.7", "2001:db8::7"],
            dual_nic=False,
            static_nat=False,
        )
    )
    assert [peer.lan1.ip for peer in plan.peers] == [ip_address("10.9.8.7"), ip_address("2001:db8::7")]
    assert [peer.fqdn for peer in plan.peers] == [None, None]


def test_each_line_stays_readable() -> None:
    text = plan_template(
        name="expe.example.com",
        type=ClusterType.EXPRESSWAY_E,
        release="X14.3.4",
        peers=6,
        dual_nic=True,
        static_nat=True,
    )
    assert max(len(line) for line in text.splitlines()) <= 120
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("name", "release", "peers", "says"),
    [
        ("two words", "X14", 2, 'the cluster name "two words" has white space'),
        ("a", "fourteen", 2, "release"),
        ("a", "X14", 0, "1 to 64 peers"),
        ("a", "X14", 65, "1 to 64 peers"),
        ("a", "X14", [], "1 to 64 peers"),
        ("a", "X14", ["a", "b c"], 'a peer\'s address "b c" has white space'),
    ],
)
def test_what_no_plan_can_hold_is_refused(name: str, release: str, peers: list[str] | int, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        plan_template(
            name=name, type=ClusterType.EXPRESSWAY_C, release=release, peers=peers, dual_nic=False, static_nat=False
        )
