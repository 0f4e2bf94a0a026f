"""The command import: from exports to a plan."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from certplan.plan.kinds import Unknown
from certplan.plan.reading import load_plan
from tests.cli.importing import AS_OF, archives, mapping, node
from tests.cli.program import certplan
from tests.clusters import ISSUING
from tests.pki import bundle
from tests.sources.exports import peer_files, tar_gz, xconf


def test_a_newcomer_gets_from_archives_to_a_verdict(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    files = archives(tmp_path / "exports", *(node(n) for n in (1, 2, 3)))
    begun = time.monotonic()
    run = certplan("import", *files, "-o", "expe", "--at", AS_OF, cwd=tmp_path)
    assert run.code == 3, run.out
    assert re.search(r"TLS verification mode +unknown", run.out)
    assert "UNDECIDED" in run.err
    run = certplan(
        "import",
        *files,
        *("-o", "ready", "--tls-verification", "permissive", "--mapping", str(mapping(tmp_path)), "--at", AS_OF),
        cwd=tmp_path,
    )
    record_property("seconds", time.monotonic() - begun)
    assert run.code in (0, 3), run.out
    assert "NOT READY" not in run.out
    again = certplan("check", "ready/plan.yaml", "--at", AS_OF, cwd=tmp_path)
    assert again.code == run.code
    assert run.out.endswith(again.out)


def test_the_same_exports_give_the_same_bytes(tmp_path: Path) -> None:
    files = archives(tmp_path / "exports", node(1), node(2))
    for name, seed in (("one", 1), ("two", 2)):
        certplan("import", *files, "-o", name, "--at", AS_OF, cwd=tmp_path, hash_seed=seed)
    one, two = (
        {p.name: p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()} for name in ("one", "two")
    )
    assert one == two


def test_a_folder_with_a_plan_is_not_written_to(tmp_path: Path) -> None:
    files = archives(tmp_path, node(1))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "plan.yaml").write_text("mine")
    run = certplan("import", *files, "-o", "out", cwd=tmp_path)
    assert (run.code, (tmp_path / "out" / "plan.yaml").read_text()) == (2, "mine")
    assert "--update" in run.err
    assert not (tmp_path / "out" / "certs").exists()


def test_json_has_every_value_with_its_file_and_line(tmp_path: Path) -> None:
    (path,) = archives(tmp_path, node(1))
    document = certplan("import", path, "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path).json
    assert document["plan"] == str(Path("out/plan.yaml"))
    peer = document["peers"][0]
    assert peer["address"] == "exe1.example.com"
    assert len(peer["sources"]) == 5
    member = next(name for name in peer["sources"] if "xconf_dump" in name)
    line = xconf(node(1)).splitlines().index('*c xConfiguration IP DNS Hostname: "exe1"') + 1
    assert peer["known"]["host_name"] == {"value": "exe1", "file": member, "line": line}
    assert document["peers"][1]["unknown"]
    assert set(document) >= {"disagreements", "stale", "refused", "verdict", "schema_version", "certplan", "at"}


def test_exports_of_a_c_and_an_e_give_a_folder_each_linked_by_their_zones(tmp_path: Path) -> None:
    archives(tmp_path / "exports", *(node(n, stem) for stem in ("exe", "exc") for n in (1, 2, 3)))
    run = certplan("import", "exports", "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert {plan["plan"] for plan in run.json["plans"]} == {
        str(Path("out/expe.example.com/plan.yaml")),
        str(Path("out/expc.example.com/plan.yaml")),
    }
    edge, core = (load_plan(tmp_path / "out" / name / "plan.yaml") for name in ("expe.example.com", "expc.example.com"))
    assert (edge.cluster.type.value, core.cluster.type.value) == ("expressway-e", "expressway-c")
    assert edge.zones is not None
    assert core.zones is not None
    assert edge.zones[0].far_end == "../expc.example.com/plan.yaml"
    assert core.zones[0].far_end == "../expe.example.com/plan.yaml"
    assert core.services.mra is not None
    assert core.services.mra.domains == ("example.com",)
    judged = certplan("check", tmp_path / "out" / "expc.example.com", "--no-dns", "--at", AS_OF, "--format", "json")
    (zone,) = judged.json["plans"][0]["zones"]
    assert len(zone["handshakes"]) == 18
    steps = {(step["name"], step["outcome"]) for h in zone["handshakes"] for step in h["steps"]}
    assert {("identify", "pass"), ("trust", "pass"), ("role", "pass"), ("dates", "pass")} <= steps
    assert "fail" not in {outcome for _, outcome in steps}


def test_peers_that_disagree_keep_their_own_word(tmp_path: Path) -> None:
    odd = node(3, primary=2, cluster_name="EXPE.example.org", domain="Example.com")
    files = archives(tmp_path, node(1), node(2), odd)
    run = certplan("import", *files, "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    said = {each["what"]: each["said"] for each in run.json["disagreements"]}
    assert said["primary"] == {"exe1.example.com": "1", "exe2.example.com": "1", "exe3.example.com": "2"}
    assert {"cluster.name", "domain"} <= set(said)
    plan = load_plan(tmp_path / "out" / "plan.yaml")
    assert plan.cluster.name == "expe.example.com"
    assert plan.peers[2].clustering is not None
    assert (plan.peers[2].clustering.name, plan.peers[2].clustering.primary) == ("EXPE.example.org", 2)


LATER = (
    '2026-06-01T11:00:00.000+00:00 exe1 tvcs: Event="System Configuration Changed" '
    "Detail=\"xconfiguration IP DNS Hostname - changed from: 'exe1' to: 'exe9'\" UTCTime=\"2026-06-01 11:00:00,000\"\n"
    '2026-06-01T11:00:00.000+00:00 exe1 tvcs: Event="System Configuration Changed" '
    'Detail="xconfiguration clusterConfiguration tls_verify - changed from: Permissive to: Enforcing"\n'
)


def test_a_dump_older_than_a_change_in_its_log_is_stale(tmp_path: Path) -> None:
    own = node(1, extra={"loggingsnapshot_exe1_later.txt": LATER.encode()})
    run = certplan("import", *archives(tmp_path, own), "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert [(each["what"], each["said"], each["now"], each["line"]) for each in run.json["stale"]] == [
        ("ip dns hostname", "exe1", "exe9", 1)
    ]
    assert load_plan(tmp_path / "out/plan.yaml").cluster.tls_verification.value == "enforce"


def test_alarms_in_the_exports_are_compared_with_what_certplan_finds(tmp_path: Path) -> None:
    own = node(1, alarms=("Cluster TLS permissive", "Invalid release key"))
    run = certplan("import", *archives(tmp_path, own), "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert [(each["title"], each["predicted"]) for each in run.json["peers"][0]["alarms"]] == [
        ("Cluster TLS permissive", True),
        ("Invalid release key", False),
    ]
    assert load_plan(tmp_path / "out/plan.yaml").cluster.tls_verification.value == "permissive"


def test_a_private_key_is_refused_by_name_and_copied_nowhere(tmp_path: Path) -> None:
    leaf = ISSUING.issue(cn="exe1.example.com", sans=["exe1.example.com"])
    own = node(1, extra={"exe1.key": leaf.key_pem})
    run = certplan("import", *archives(tmp_path, own), "-o", "out", "--at", AS_OF, cwd=tmp_path)
    assert re.search(r"exe1\.tar\.gz\[exe1\.key\]\s+holds a private key", run.out)
    secret = leaf.key_pem.splitlines()[1].decode()
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert secret not in run.out + run.err + written
    assert "PRIVATE KEY" not in written


def test_loose_files_are_given_to_the_peers_they_name(tmp_path: Path) -> None:
    for n in (1, 2):
        own = node(n)
        (tmp_path / f"c{n}.crt").write_bytes(own.server)
        (tmp_path / f"{own.host}-trusted.pem").write_bytes(own.trusted)
    (tmp_path / "paste.txt").write_text("admin@exe1> xConfiguration\n" + xconf(node(1)))
    run = certplan(
        *("import", "paste.txt", "c1.crt", "c2.crt", "exe1-trusted.pem", "exe2-trusted.pem"),
        *("-o", "out", "--at", AS_OF, "--release", "X14.3.4"),
        cwd=tmp_path,
    )
    assert run.code in (1, 3), run.err
    plan = load_plan(tmp_path / "out/plan.yaml")
    assert [(peer.server_certificate, peer.trusted_cas) for peer in plan.peers] == [
        ("certs/exe1.pem", ("trust/exe1.pem",)),
        ("certs/exe2.pem", ("trust/exe2.pem",)),
        (None, None),
    ]


def test_what_belongs_to_no_peer_is_listed(tmp_path: Path) -> None:
    other = ISSUING.issue(cn="mail.example.com", sans=["mail.example.com"])
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / "mail.pem").write_bytes(other.pem)
    run = certplan("import", *archives(tmp_path, node(1), node(2)), "apart", "-o", "out", "--at", AS_OF, cwd=tmp_path)
    assert re.search(rf"{re.escape(str(Path('apart/mail.pem')))}\s+certificates", run.out)
    assert all(b"mail" not in path.read_bytes() for path in (tmp_path / "out/certs").iterdir())


def test_a_wrong_certificate_in_a_peers_own_folder_stays_that_peers(tmp_path: Path) -> None:
    for n in (1, 2):
        (tmp_path / f"exe{n}").mkdir()
        (tmp_path / f"exe{n}" / "xconf.txt").write_text(xconf(node(n)))
        (tmp_path / f"exe{n}" / "server.pem").write_bytes(node(2).server)
    certplan("import", "exe1", "exe2", "-o", "out", "--at", AS_OF, cwd=tmp_path)
    assert (tmp_path / "out/certs/exe1.pem").read_bytes() == node(2).server


def test_an_openssl_transcript_is_the_chain_that_was_sent(tmp_path: Path) -> None:
    own = node(1)
    transcript = (
        b"CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = expe.example.com\n"
        + own.server
        + bundle(ISSUING)
        + b"---\nServer certificate\n"
        + own.server
        + b"---\nSSL handshake has read 3000 bytes\n"
    )
    (tmp_path / "s_client.txt").write_bytes(transcript)
    (tmp_path / "xconf.txt").write_text(xconf(own))
    certplan("import", "s_client.txt", "xconf.txt", "-o", "out", "--at", AS_OF, cwd=tmp_path)
    assert (tmp_path / "out/certs/exe1.pem").read_bytes() == own.server
    assert (tmp_path / "out/certs/exe1-sent.pem").read_bytes() == own.server + bundle(ISSUING)


def test_values_that_no_plan_can_hold_are_left_out_and_said(tmp_path: Path) -> None:
    text = xconf(node(1)).replace('NTP Server 1 Address: "ntp1.example.com"', 'NTP Server 1 Address: "two words"')
    text = text.replace('Ethernet 1 IP V4 Address: "10.20.0.11"', 'Ethernet 1 IP V4 Address: "10.20.0.300"')
    (tmp_path / "x.txt").write_text(text)
    run = certplan("import", "x.txt", "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert any("two words" in remark for remark in run.json["remarks"])
    assert load_plan(tmp_path / "out/plan.yaml").peers[0].ntp is None


def test_one_table_and_one_release_for_two_clusters_go_where_they_fit(tmp_path: Path) -> None:
    archives(tmp_path / "exports", *(node(n, stem) for stem in ("exe", "exc") for n in (1, 2, 3)))
    run = certplan(
        *("import", "exports", "-o", "plans", "--mapping", str(mapping(tmp_path)), "--release", "X15.2"),
        *("--tls-verification", "permissive", "--at", AS_OF, "--format", "json"),
        cwd=tmp_path,
    )
    assert run.code in (0, 1, 3), run.err
    edge, core = (load_plan(tmp_path / "plans" / f"{name}.example.com" / "plan.yaml") for name in ("expe", "expc"))
    assert [entry.fqdn for entry in edge.cluster.known_entries] == [f"exe{n}.example.com" for n in (1, 2, 3)]
    assert core.cluster.known_entries == ()
    assert isinstance(core.cluster.stated_address_mapping, Unknown)
    remarks = [remark for each in run.json["plans"] for remark in each["remarks"]]
    assert len([remark for remark in remarks if "--release X15.2 is not used for" in remark]) == 2
    assert str(edge.cluster.release) == str(core.cluster.release) == "X14.3.4"


def test_an_expressway_e_learns_its_mra_domains_from_the_c_that_was_read_with_it(tmp_path: Path) -> None:
    archives(tmp_path / "exports", *(node(n, "exc") for n in (1, 2, 3)))
    for number in (1, 2, 3):
        files = peer_files(node(number))
        for name, data in files.items():
            files[name] = data.replace(b'CollaborationEdge Enabled: "Off"', b'CollaborationEdge Enabled: "On"')
        (tmp_path / "exports" / f"exe{number}.tar.gz").write_bytes(tar_gz(files))
    run = certplan("import", "exports", "-o", "out", "--at", AS_OF, cwd=tmp_path)
    assert run.code in (0, 1, 3), run.err
    edge = tmp_path / "out" / "expe.example.com" / "plan.yaml"
    services = load_plan(edge).services
    assert services.mra is not None
    assert services.mra.domains == ("example.com",)
    assert "of the Expressway-C at the far end" in edge.read_text(encoding="utf-8")
