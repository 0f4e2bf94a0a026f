"""The law of import: exports made from a plan give that plan back, field by field, and it is judged the same."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.cli.import_files import items_of
from certplan.cli.import_write import write_plan
from certplan.evidence.gather import gather
from certplan.held import holding, name_of
from certplan.judgement import Judgement, judge
from certplan.places import Place
from certplan.plan.model import Plan
from certplan.plan.reading import load_plan, read_plan
from certplan.sources.archive import Budget, unpack
from certplan.sources.importing import ClusterPlan, plans_of, read_exports
from certplan.sources.merge import Given
from certplan.sources.model import Item, Refusal, Sourced
from certplan.sources.updating import updated
from tests.clusters import ISSUING, ROOT
from tests.pki import AT, bundle, ec_key
from tests.sources.exports import Node, ZoneLine, peer_files, tar_gz, zipped

RELEASES = ("X12.6", "X12.7.1", "X14.0.8", "X14.2", "X14.3.4", "X15.0", "X15.2", "X15.3", "X15.4", "X15.5")
DOMAIN = "example.com"


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[Node], dict[str, Any]]:
    """Appliances, and the plan that says the same."""
    edge = draw(st.booleans())
    count = draw(st.integers(1, 6))
    release = draw(st.sampled_from(RELEASES))
    dual = edge and draw(st.booleans())
    nat = edge and draw(st.booleans())
    on_ips = draw(st.booleans())
    mapped = draw(st.booleans())
    mra = draw(st.sampled_from([(), (DOMAIN,), (DOMAIN, "corp.example.net")])) if not edge else ()
    dns = draw(st.sampled_from([(), ("10.20.0.53",), ("10.20.0.53", "10.20.0.54")]))
    stem = "exe" if edge else "exc"
    name = f"{stem[:-1]}p{stem[-1]}.{DOMAIN}"
    addresses = [f"10.20.0.1{n}" if on_ips else f"{stem}{n}.{DOMAIN}" for n in range(1, count + 1)]
    zone = _zone(edge)
    nodes = [
        Node(
            host=f"{stem}{n}",
            domain=DOMAIN,
            lan1=f"10.20.0.1{n}",
            mask1=draw(st.sampled_from(["255.255.255.0", "255.255.0.0", "255.255.255.128"])),
            peers=addresses,
            cluster_name=name,
            primary=draw(st.just(1 + count // 2)),
            release=release,
            lan2=f"192.168.50.1{n}" if dual else None,
            nat1=f"203.0.113.1{n}" if nat and not dual else None,
            nat2=f"203.0.113.1{n}" if nat and dual else None,
            h323=draw(st.booleans()),
            ntp=draw(st.sampled_from([(), ("ntp1.example.com",), ("10.20.0.5", "ntp2.example.com")])),
            option_keys=draw(st.sampled_from([(), ("116341E00-1-12345678",)])),
            mra=mra,
            dns=dns,
            zones=(zone,),
            old_names=release < "X14",
            system_name=draw(st.sampled_from([f"{stem}{n}", f"Expressway {n}: main", "Zürich #1"])),
            **_certificates(f"{stem}{n}", name, release),
        )
        for n in range(1, count + 1)
    ]
    plan: dict[str, Any] = {
        "certplan": 1,
        "cluster": {
            "name": name,
            "type": "expressway-e" if edge else "expressway-c",
            "release": release,
            "tls_verification": draw(st.sampled_from(["permissive", "enforce"])),
            "primary": 1 + count // 2,
        },
        "peers": [_peer(node, address) for node, address in zip(nodes, addresses, strict=True)],
        "services": {"mra": {"domains": list(mra)}},
        "zones": [_planned(zone)],
    }
    if dns:
        plan["dns"] = {"public" if edge else "internal": {"servers": list(dns)}}
    if mapped:
        plan["cluster"]["address_mapping"] = [{"fqdn": f"{node.host}.{DOMAIN}", "ip": node.lan1} for node in nodes]
    return nodes, plan


def _zone(edge: bool) -> ZoneLine:
    shared = {"Collaboration Edge": "On", "SIP Port": "7001", "SIP TLS Verify Mode": "On"}
    if edge:
        return ZoneLine(
            3, "UC traversal", "TraversalServer", {**shared, "SIP TLS Verify Subject Name": "exc.example.com"}
        )
    peers = {"Peer 1 Address": "far1.example.com", "Peer 2 Address": "far2.example.com", "Peer 3 Address": ""}
    return ZoneLine(3, "UC traversal", "TraversalClient", {**shared, **peers})


def _planned(zone: ZoneLine) -> dict[str, Any]:
    own: dict[str, Any] = (
        {"verify_subject_name": "exc.example.com"}
        if zone.type == "TraversalServer"
        else {"peers": ["far1.example.com", "far2.example.com"]}
    )
    return {"name": zone.name, "type": "unified-communications-traversal", "port": 7001, "tls_verify": True, **own}


def _certificates(host: str, cluster: str, release: str) -> dict[str, Any]:
    leaf = ISSUING.issue(cn=cluster, sans=[cluster, f"{host}.{DOMAIN}"], key=ec_key(f"{host} law"))
    own = {"server": leaf.pem, "trusted": bundle(ISSUING, ROOT)}
    if release == "X15.5":
        own["client"] = ISSUING.issue(cn=cluster, sans=[f"{host}.{DOMAIN}"], key=ec_key(f"{host} law client")).pem
    return own


def _peer(node: Node, address: str) -> dict[str, Any]:
    bits = {"255.255.255.0": 24, "255.255.0.0": 16, "255.255.255.128": 25}
    peer: dict[str, Any] = {
        "address": address,
        "system_name": node.system_name,
        "host_name": node.host,
        "domain": node.domain,
        "lan1": {"ip": f"{node.lan1}/{bits[node.mask1]}", **({"static_nat": node.nat1} if node.nat1 else {})},
        "h323": node.h323,
        "ntp": list(node.ntp),
        "option_keys": list(node.option_keys),
        "server_certificate": f"certs/{node.host}.pem",
        "trusted_cas": [f"trust/{node.host}.pem"],
    }
    if node.lan2:
        peer["lan2"] = {"ip": f"{node.lan2}/24", **({"static_nat": node.nat2} if node.nat2 else {})}
        peer["external_lan"] = "lan2"
    if node.client:
        peer["client_certificate"] = f"certs/{node.host}-client.pem"
    return peer


def _sources(nodes: list[Node], form: str, folder: Path) -> list[Item | Refusal]:
    if form == "folders":
        for node in nodes:
            below = folder / node.host
            below.mkdir(parents=True)
            for name, data in peer_files(node).items():
                (below / name).write_bytes(data)
        return list(items_of([folder]))
    found: list[Item | Refusal] = []
    for node in nodes:
        pack = {"tar.gz": tar_gz, "zip": zipped}[form]
        found += unpack(io.BytesIO(pack(peer_files(node))), f"{node.host}.{form}", ".", Budget())
    return found


def imported(items: list[Item | Refusal], given_: Given) -> ClusterPlan:
    exports = read_exports(items)
    assert not exports.refused
    assert not exports.left
    (plan,) = plans_of(exports, given_, {}, "head")
    assert not plan.dropped
    return plan


def stated(plan: Mapping[str, Any]) -> Given:
    mapping = plan["cluster"].get("address_mapping", [])
    entries = tuple(f"{row['fqdn']} {row['ip']}" for row in mapping)
    return Given(tls_verification=plan["cluster"]["tls_verification"], mapping=Sourced(entries, Place("mapping")))


def dump_yaml(plan: Mapping[str, Any]) -> str:
    return yaml.safe_dump(plan, sort_keys=False, allow_unicode=True)


def comparable(plan: Plan) -> tuple[Any, ...]:
    return plan.cluster, plan.peers, plan.services, plan.zones, plan.servers, plan.dns


def outcome(judgement: Judgement) -> tuple[Any, ...]:
    findings = sorted((f.code, f.outcome.value, f.subject.name, f.subject.peers) for f in judgement.findings)
    return judgement.verdict, [h.outcome for h in judgement.matrix.handshakes], findings, judgement.alarms


@settings(max_examples=60, deadline=None)
@given(clusters(), st.sampled_from(["tar.gz", "zip", "folders"]))
def test_exports_of_a_plan_give_the_plan_back_and_judge_the_same(
    cluster: tuple[list[Node], dict[str, Any]], form: str
) -> None:
    nodes, original = cluster
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        found = imported(_sources(nodes, form, folder / "exports"), stated(original))
        back = load_plan(write_plan(found, folder / "out", {}))
        for node in nodes:
            for name, data in (("certs", node.server), ("trust", node.trusted)):
                assert (folder / "out" / name / f"{node.host}.pem").read_bytes() == data
        (folder / "out" / "original.yaml").write_text(json.dumps(original), encoding="utf-8")
        expected = load_plan(folder / "out" / "original.yaml")
        assert comparable(back) == comparable(expected)
        at_once = [judge(plan, gather(plan, AT, live_dns=False), AT) for plan in (back, expected)]
        assert outcome(at_once[0]) == outcome(at_once[1])
        again = imported(_sources(nodes, form, folder / "exports2"), stated(original))
        assert again.imported.files == found.imported.files


@settings(max_examples=40, deadline=None)
@given(clusters(), st.data())
def test_every_value_has_its_file_and_the_order_of_the_files_does_not_matter(
    cluster: tuple[list[Node], dict[str, Any]], data: st.DataObject
) -> None:
    nodes, original = cluster
    items = [item for node in nodes for item in unpack(io.BytesIO(tar_gz(peer_files(node))), node.host, ".", Budget())]
    found = imported(items, stated(original))
    for peer in found.imported.peers:
        assert not peer.unknown
        assert all(said.where.file in peer.sources or said.where.file for said in peer.known.values())
    shuffled = imported(data.draw(st.permutations(items)), stated(original))
    assert {entry.path: entry.value for entry in shuffled.entries} == {
        entry.path: entry.value for entry in found.entries
    }


@settings(max_examples=30, deadline=None)
@given(clusters())
def test_bringing_a_plan_up_to_date_with_its_own_exports_changes_nothing(
    cluster: tuple[list[Node], dict[str, Any]],
) -> None:
    nodes, original = cluster
    found = imported(_sources(nodes, "tar.gz", Path()), stated(original))
    folder = Path("there")
    with holding({name_of(folder / name): data for name, data in found.imported.files.items()}):
        update = updated(found.text, found.imported, folder)
    assert (update.text, update.changed, update.files) == (found.text, [], {})


@settings(max_examples=30, deadline=None)
@given(clusters(), st.data())
def test_bringing_any_plan_up_to_date_gives_what_the_exports_say(
    cluster: tuple[list[Node], dict[str, Any]], data: st.DataObject
) -> None:
    nodes, original = cluster
    found = imported(_sources(nodes, "tar.gz", Path()), stated(original))
    peer = data.draw(st.sampled_from(original["peers"]))
    for field in data.draw(
        st.sets(st.sampled_from(["host_name", "domain", "ntp", "h323", "system_name", "option_keys"]))
    ):
        del peer[field]
    peer["lan1"] = {"ip": "10.99.0.1/24"}
    match data.draw(st.sampled_from(["as it was", "another port", "gone"])) if original["zones"] else "as it was":
        case "another port":
            original["zones"][0]["port"] = 7099
        case "gone":
            del original["zones"]
    old = dump_yaml(original) if data.draw(st.booleans()) else json.dumps(original)
    update = updated(old, found.imported, Path("nowhere"))
    assert comparable(read_plan(update.text, "plan", Path())) == comparable(read_plan(found.text, "plan", Path()))
    again = updated(update.text, found.imported, Path("nowhere"))
    assert again.text == update.text
