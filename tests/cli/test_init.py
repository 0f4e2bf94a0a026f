"""`certplan init`: a plan from options or from questions, with what stands beside it."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from certplan.plan.model import ExternalLan
from certplan.plan.reading import load_plan
from tests.cli.program import certplan
from tests.cli.terminal import at_a_terminal


def test_peers_are_written_with_the_interfaces_that_were_said(tmp_path: Path) -> None:
    run = certplan(
        *("init", "--type", "e", "--name", "expe.example.com", "--release", "x15.5"),
        *("--peer", "exe1.example.com=10.20.0.11/24,lan2=192.168.50.11/24,nat=203.0.113.11"),
        *("--peer", "exe2.example.com=10.20.0.12/24"),
        *("--peer", "10.20.0.13"),
        cwd=tmp_path,
    )
    assert run.code == 0, run.err
    plan = load_plan(tmp_path / "plan.yaml")
    one, two, three = plan.peers
    assert (str(one.lan1.ip), str(one.static_nat), one.external_lan) == ("10.20.0.11", "203.0.113.11", ExternalLan.LAN2)
    assert (two.lan2, two.static_nat) == (None, None)
    assert three.address == "10.20.0.13"
    assert str(plan.cluster.release) == "X15.5"
    assert all((tmp_path / name).is_dir() for name in ("certs", "trust", "zones"))


def test_the_schema_stands_beside_the_plan_under_its_modelines_name(tmp_path: Path) -> None:
    certplan("init", "below/plan.yaml", cwd=tmp_path)
    text = (tmp_path / "below" / "plan.yaml").read_text()
    name = text.splitlines()[0].partition("$schema=")[2]
    schema = json.loads((tmp_path / "below" / name).read_text())
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ("exe1.example.com=10.20.0.300", '"10.20.0.300"'),
        ("exe1.example.com=10.20.0.11/24,lan3=10.0.0.1", "lan3"),
        ("exe1.example.com=10.20.0.11/24,nat=there", "nat"),
        ("exe 1=10.20.0.11", "exe 1"),
        ("exe1.example.com=10.20.0.11,10.20.0.12", "not understood"),
    ],
)
def test_a_peer_that_is_none_ends_with_2(peer: str, said: str, tmp_path: Path) -> None:
    run = certplan("init", "--peer", peer, cwd=tmp_path)
    assert (run.code, (tmp_path / "plan.yaml").exists()) == (2, False)
    assert said in run.err


def test_questions_are_asked_again_after_a_typo(tmp_path: Path) -> None:
    answers = [
        *("two words", "expe.example.com", "x", "e", "fifteen", "X15.4"),
        *("exe1.example.com", "10.20.0.300", "10.20.0.11/24", "192.168.50.11/24", "203.0.113.11"),
        *("exe2.example.com", "10.20.0.12/24", "", ""),
        "",
    ]
    run = at_a_terminal("init", answers="\n".join(answers) + "\n", cwd=tmp_path)
    assert run.code == 0, run.err
    assert run.out == ""
    assert run.err.count("try again") == 4
    plan = load_plan(tmp_path / "plan.yaml")
    assert [(peer.address, str(peer.lan1.ip), peer.dual_nic) for peer in plan.peers] == [
        ("exe1.example.com", "10.20.0.11", True),
        ("exe2.example.com", "10.20.0.12", False),
    ]


def test_the_end_of_the_input_leaves_the_defaults(tmp_path: Path) -> None:
    run = at_a_terminal("init", answers="", cwd=tmp_path)
    assert run.code == 0, run.err
    assert load_plan(tmp_path / "plan.yaml").cluster.name == "expe.example.com"
