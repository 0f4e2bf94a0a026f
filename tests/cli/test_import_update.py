"""`certplan import --update`: today becomes what the exports show; comments, names and the rest of the target stay."""

from dataclasses import replace
from pathlib import Path

import pytest

from certplan.plan.reading import load_plan
from tests.cli.importing import AS_OF, archives, mapping, node, zone
from tests.cli.program import certplan
from tests.clusters import ISSUING, ROOT
from tests.pki import bundle, ec_key
from tests.sources.exports import ZoneLine


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan imported once, with a comment of the engineer's own and fields that no export has."""
    files = archives(tmp_path / "exports", *(node(n) for n in (1, 2, 3)))
    run = certplan(
        "import",
        *files,
        *("-o", "expe", "--mapping", str(mapping(tmp_path)), "--tls-verification", "permissive", "--at", AS_OF),
        cwd=tmp_path,
    )
    assert run.code in (0, 3), run.err
    path = tmp_path / "expe" / "plan.yaml"
    text = path.read_text().replace("    h323: true", "    platform: medium-vm  # asked the VM team\n    h323: true")
    path.write_text(text + "\n# kept: ours\ncertificate_authority: private\n")
    return path


def update(tmp_path: Path, *nodes: object, target: str = "") -> tuple[str, str]:
    """Import these nodes into the plan; the text before and after."""
    path = tmp_path / "expe" / "plan.yaml"
    path.write_text(path.read_text() + target)
    before = path.read_text()
    files = archives(tmp_path / "later", *nodes)  # type: ignore[arg-type]
    run = certplan("import", *files, "--update", path, "--at", AS_OF, cwd=tmp_path)
    assert run.code in (0, 1, 3), run.err
    return before, path.read_text()


def test_the_same_exports_change_nothing(plan: Path, tmp_path: Path) -> None:
    before, after = update(tmp_path, *(node(n) for n in (1, 2, 3)))
    assert after == before


def test_what_changed_is_exchanged_in_its_place_and_the_rest_stays(plan: Path, tmp_path: Path) -> None:
    changed = node(2, lan1="10.20.0.22", ntp=("ntp2.example.com",))
    before, after = update(tmp_path, node(1), changed, node(3))
    peer = load_plan(plan).peers[1]
    assert (str(peer.lan1.ip), peer.ntp) == ("10.20.0.22", ("ntp2.example.com",))
    assert after.count("# asked the VM team") == 3
    assert "# kept: ours" in after
    lines = {one for one, other in zip(before.splitlines(), after.splitlines(), strict=True) if one != other}
    assert len(lines) == 2


def test_a_new_peer_is_added_and_one_that_left_is_taken_out(plan: Path, tmp_path: Path) -> None:
    peers = ("exe1.example.com", "exe2.example.com", "exe4.example.com")
    fourth = replace(node(3, peers=peers), host="exe4", lan1="10.20.0.14")
    update(tmp_path, node(1, peers=peers), node(2, peers=peers), fourth)
    assert [peer.address for peer in load_plan(plan).peers] == list(peers)
    assert str(load_plan(plan).peers[2].lan1.ip) == "10.20.0.14"


def test_a_new_certificate_gets_a_new_file_and_nothing_is_overwritten(plan: Path, tmp_path: Path) -> None:
    old = (plan.parent / "certs/exe1.pem").read_bytes()
    fresh = ISSUING.issue(cn="expe.example.com", sans=["exe1.example.com"], key=ec_key("fresh"))
    update(tmp_path, node(1, server=fresh.pem), node(2), node(3))
    assert (plan.parent / "certs/exe1.pem").read_bytes() == old
    named = load_plan(plan).peers[0].server_certificate
    assert named is not None
    assert named != "certs/exe1.pem"
    assert (plan.parent / named).read_bytes() == fresh.pem


def test_what_has_come_true_is_taken_out_of_the_target(plan: Path, tmp_path: Path) -> None:
    fresh = ISSUING.issue(cn="expe.example.com", sans=["exe1.example.com"], key=ec_key("fresh"))
    (plan.parent / "certs/exe1-2027.pem").write_bytes(fresh.pem)
    target = """
target:
  tls_verification: enforce
  release: X15.5
  peers:
    exe1.example.com: {server_certificate: certs/exe1-2027.pem}
    exe2.example.com: {ntp: [ntp9.example.com]}
"""
    one = node(1, release="X15.5", server=fresh.pem)
    _, after = update(tmp_path, one, node(2, release="X15.5"), node(3, release="X15.5"), target=target)
    stated = load_plan(plan)
    assert str(stated.cluster.release) == "X15.5"
    assert stated.peers[0].server_certificate == "certs/exe1-2027.pem"
    left = after[after.index("target:") :]
    assert "release" not in left
    assert "exe1-2027" not in left
    assert "ntp9.example.com" in left
    assert "tls_verification: enforce" in left


def test_a_target_that_is_carried_out_whole_goes(plan: Path, tmp_path: Path) -> None:
    _, after = update(
        tmp_path,
        *(node(n, release="X15.5") for n in (1, 2, 3)),
        target="\ntarget: {tls_verification: permissive, release: X15.5}\n",
    )
    assert load_plan(plan).target is None, after


def test_a_hand_written_plan_keeps_its_layout(plan: Path, tmp_path: Path) -> None:
    plan.write_text(
        "# by hand\ncertplan: 1\ncluster: {name: expe.example.com, type: expressway-e, release: X14.3.4}  # ours\n"
        "peers:\n  - {address: exe1.example.com, lan1: 10.20.0.99/24}  # one\n"
        "  - {address: exe2.example.com, lan1: 10.20.0.12/24}\n  - {address: exe3.example.com, lan1: 10.20.0.13/24}\n"
    )
    _, after = update(tmp_path, node(1), node(2), node(3))
    assert after.startswith("# by hand\ncertplan: 1\n")
    assert "# ours" in after
    assert "# one" in after
    peer = load_plan(plan).peers[0]
    assert (str(peer.lan1.ip), str(peer.static_nat)) == ("10.20.0.11", "203.0.113.11")
    assert (plan.parent / (peer.trusted_cas or ("",))[0]).read_bytes() == bundle(ISSUING, ROOT)


def test_exports_of_another_cluster_are_refused(plan: Path, tmp_path: Path) -> None:
    before = plan.read_text()
    run = certplan("import", *archives(tmp_path / "c", node(1, "exc")), "--update", plan, cwd=tmp_path)
    assert (run.code, plan.read_text()) == (2, before)
    assert "expc.example.com" in run.err


def test_the_far_ends_plan_stays_where_the_engineer_has_it(plan: Path, tmp_path: Path) -> None:
    plan.write_text(plan.read_text().replace("    port: 7001", "    far_end: ../../core/plan.yaml\n    port: 7001"))
    update(tmp_path, *(node(n, stem) for stem in ("exe", "exc") for n in (1, 2, 3)))
    zones = load_plan(plan).zones
    assert zones is not None
    assert [zone.far_end for zone in zones] == ["../../core/plan.yaml"]


def test_a_new_plan_and_an_update_exclude_each_other(plan: Path, tmp_path: Path) -> None:
    run = certplan("import", *archives(tmp_path, node(1)), "-o", "out", "--update", plan, cwd=tmp_path)
    assert (run.code, "exclude each other" in run.err) == (2, True)


def test_a_zone_is_updated_by_its_name_and_a_new_one_is_put_in(plan: Path, tmp_path: Path) -> None:
    (stated,) = load_plan(plan).zones or ()
    assert (stated.name, stated.port) == ("UC", 7001)
    other = ZoneLine(7, "B2B", "TraversalServer", {"SIP Port": "7002", "SIP TLS Verify Mode": "Off"})
    changed = replace(zone("exe"), values={**zone("exe").values, "SIP Port": "7011"})
    before, after = update(tmp_path, *(node(n, zones=(changed, other)) for n in (1, 2, 3)))
    zones = load_plan(plan).zones or ()
    assert [(each.name, each.port) for each in zones] == [("UC", 7011), ("B2B", 7002)]
    assert before.splitlines()[:8] == after.splitlines()[:8]
    files = archives(tmp_path / "fewer", *(node(n, zones=(changed,)) for n in (1, 2, 3)))
    run = certplan("import", *files, "--update", plan, "--at", AS_OF, cwd=tmp_path)
    assert "zones.B2B is in no export; it stays" in run.err
    assert "zones.UC is" not in run.err
    assert len(load_plan(plan).zones or ()) == 2


def test_a_second_interface_that_is_gone_is_taken_out(plan: Path, tmp_path: Path) -> None:
    assert load_plan(plan).peers[1].lan2 is not None
    nodes = [node(1), node(2, lan2=None, nat2=None, nat1="203.0.113.12"), node(3)]
    update(tmp_path, *nodes)
    first, second, third = load_plan(plan).peers
    assert (second.lan2, str(second.lan1.static_nat)) == (None, "203.0.113.12")
    assert first.lan2 is not None
    assert third.lan2 is not None


def test_a_removal_that_has_come_true_is_taken_out_of_the_target(plan: Path, tmp_path: Path) -> None:
    left = ("exe1.example.com", "exe2.example.com")
    target = "\ntarget:\n  release: X15.5\n  removed_peers: [exe3.example.com]\n"
    update(tmp_path, node(1, peers=left), node(2, peers=left), target=target)
    stated = load_plan(plan)
    assert [peer.address for peer in stated.peers] == list(left)
    assert stated.target is not None
    assert str(stated.target.cluster.release) == "X15.5"
    assert "removed_peers" not in plan.read_text()


def test_the_servers_behind_an_expressway_c_are_known_by_their_address(tmp_path: Path) -> None:
    def cucm(*addresses: str) -> ZoneLine:
        peers = {f"Peer {n} Address": address for n, address in enumerate(addresses, 1)}
        return ZoneLine(9, "CEtls-cucm", "Neighbor", {"SIP Port": "5061", "SIP TLS Verify Mode": "On", **peers})

    path = tmp_path / "expc" / "plan.yaml"
    for folder, *addresses in (("first", "cucm1.example.com"), ("later", "cucm1.example.com", "cucm2.example.com")):
        nodes = (node(n, "exc", zones=(zone("exc"), cucm(*addresses))) for n in (1, 2, 3))
        files = archives(tmp_path / folder, *nodes)
        where = ("--update", path) if path.exists() else ("-o", "expc", "--mapping", "off")
        run = certplan("import", *files, *where, "--tls-verification", "permissive", "--at", AS_OF, cwd=tmp_path)
        assert run.code in (0, 1, 3), run.err
        assert [server.address for server in load_plan(path).servers or ()] == addresses
