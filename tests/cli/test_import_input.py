"""The command import: questions, options and bad input."""

from pathlib import Path

import pytest

from certplan.plan.reading import load_plan
from tests.cli.importing import AS_OF, archives, node
from tests.cli.program import certplan
from tests.cli.terminal import at_a_terminal
from tests.sources.exports import tar_gz, xconf


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.tar.gz",), "there is no such file or folder"),
        (("x.txt", "--type", "f"), "--type 'f'"),
        (("x.txt", "--release", "fifteen"), "--release 'fifteen'"),
        (("x.txt", "--mapping", "absent"), "--mapping: absent cannot be read"),
        (("x.txt", "--mapping", "x.txt"), "is not a mapping entry"),
        (("x.txt", "--dns", "public"), "--dns 'public'"),
        (("hello.txt",), "no file says which peers the cluster has"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_to_do(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "x.txt").write_text(xconf(node(1)))
    (tmp_path / "hello.txt").write_text("hello")
    run = certplan("import", *arguments, "-o", "out", cwd=tmp_path)
    assert run.code == 2
    assert said in run.err
    assert not (tmp_path / "out" / "plan.yaml").exists()


def test_dns_views_are_taken_from_the_options(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(xconf(node(1)))
    (tmp_path / "in.zone").write_text("$ORIGIN example.com.\nexe1 A 10.20.0.11\n")
    certplan(
        "import",
        "x.txt",
        "-o",
        "out",
        "--dns",
        "internal=in.zone",
        "--dns",
        "public=127.0.0.1:9",
        "--no-dns",
        cwd=tmp_path,
    )
    plan = load_plan(tmp_path / "out/plan.yaml")
    assert {source.view: source.servers or source.zone_files for source in plan.dns} == {
        "internal": ("zones/in.zone",),
        "public": ("127.0.0.1:9",),
    }
    assert (tmp_path / "out/zones/in.zone").exists()


def test_what_no_file_says_is_asked_at_a_terminal_again_after_a_typo(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(xconf(node(1)))
    answers = [
        "fifteen",
        "14.3.4",
        "maybe",
        "enforcing",
        "exe1.example.com 10.20.0",
        "",
        "exe1.example.com 10.20.0.11",
        "",
    ]
    run = at_a_terminal("import", "x.txt", "-o", "out", "--at", AS_OF, answers="\n".join(answers) + "\n", cwd=tmp_path)
    assert run.code in (1, 3), run.err
    assert run.err.lower().count("try again") == 3
    cluster = load_plan(tmp_path / "out/plan.yaml").cluster
    assert (str(cluster.release), cluster.tls_verification.value) == ("X14.3.4", "enforce")
    assert [(entry.fqdn, str(entry.ip)) for entry in cluster.known_entries] == [("exe1.example.com", "10.20.0.11")]


def test_no_answer_leaves_it_unknown(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(xconf(node(1)))
    run = at_a_terminal("import", "x.txt", "-o", "out", "--at", AS_OF, answers="\n\n\n", cwd=tmp_path)
    assert run.code in (1, 3), run.err
    assert "address_mapping: unknown" in (tmp_path / "out/plan.yaml").read_text()


PAGE = """System > Clustering
Cluster name expe.example.com
Configuration primary 1
Cluster IP version IPv4
TLS verification mode Permissive
Cluster address mapping enabled On
Cluster address mappings
FQDN: exe1.example.com IP: 10.20.0.11
FQDN: exe2.example.com IP: 10.20.0.12
FQDN: exe3.example.com IP: 10.20.0.13
Peer 1 address exe1.example.com
Certificate: Valid
Clustering: This system
Peer 2 address exe2.example.com
Certificate: {}
Clustering: Active as exe2 (Resolved 'exe2.example.com' as '10.20.0.12')
Peer 3 address exe3.example.com
Certificate: Valid
Clustering: Active as exe3 (Resolved 'exe3.example.com' as '10.20.0.13')
"""


def test_the_clustering_page_closes_what_no_export_holds(tmp_path: Path) -> None:
    files = archives(tmp_path, *(node(n) for n in (1, 2, 3)))
    (tmp_path / "clustering.txt").write_text(PAGE.format("Valid"))
    run = certplan("import", *files, "clustering.txt", "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert run.json["verdict"] == "ready", run.json["disagreements"]
    plan = load_plan(tmp_path / "out/plan.yaml")
    assert [str(entry.ip) for entry in plan.cluster.known_entries] == ["10.20.0.11", "10.20.0.12", "10.20.0.13"]
    assert plan.peers[0].page is not None
    assert (plan.peers[1].page, run.json["unassigned"], run.json["disagreements"]) == (None, [], [])


def test_a_page_that_shows_otherwise_makes_the_pair_unknown(tmp_path: Path) -> None:
    files = archives(tmp_path, *(node(n) for n in (1, 2, 3)))
    (tmp_path / "clustering.txt").write_text(PAGE.format("Invalid (Common Name in certificate does not match)"))
    run = certplan("import", *files, "clustering.txt", "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert run.json["verdict"] == "undecided"


def test_a_bomb_ends_with_2_and_names_the_member(tmp_path: Path) -> None:
    (tmp_path / "bomb.tar.gz").write_bytes(tar_gz({"zeros.txt": bytes(80 << 20)}))
    run = certplan("import", "bomb.tar.gz", "-o", "out", cwd=tmp_path)
    assert run.code == 2
    assert "bomb.tar.gz[zeros.txt]" in run.err


def test_entities_in_a_status_are_refused_and_the_rest_is_judged(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Status>&b;</Status>'
    own = node(1, extra={"xstat_dump_bad.xml": laughs.encode()})
    run = certplan("import", *archives(tmp_path, own), "-o", "out", "--at", AS_OF, "--format", "json", cwd=tmp_path)
    assert run.code in (1, 3)
    (refused,) = run.json["refused"]
    assert refused["file"].endswith("exe1.tar.gz[xstat_dump_bad.xml]")
    assert "entities" in refused["why"]


def test_names_in_exports_are_shown_escaped(tmp_path: Path) -> None:
    text = xconf(node(1)).replace('SystemUnit Name: "exe1"', 'SystemUnit Name: "\u202eexe1 [red]x[/red] <b>"')
    (tmp_path / "x.txt").write_text(text)
    run = certplan("import", "x.txt", "-o", "out", "--at", AS_OF, cwd=tmp_path)
    assert run.code in (1, 3), run.err
    assert "\u202e" not in run.out + run.err
    assert "[red]x[/red] <b>" in run.out


def test_imported_plans_go_through_every_command(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(xconf(node(1)))
    certplan("import", "x.txt", "-o", "out", "--at", AS_OF, cwd=tmp_path)
    for command in ("check", "map", "propose", "runbook", "ports", "capacity", "renew", "draw", "review"):
        run = certplan(command, tmp_path / "out", *(("-o", "review.html") if command == "review" else ()), cwd=tmp_path)
        assert run.code in (0, 1, 2, 3), command
        assert run.code != 2 or "unknown" in run.err or "no certificate" in run.err, (command, run.err)
