"""The text page: its columns, its names, its reasons."""

from pathlib import Path

import pytest

from certplan.report import render
from certplan.report.wording import clustering_title, peer_labels
from certplan.rules import catalog
from tests.clusters import Draft, expressway_c, expressway_e

LONG = "frankfurt-main-collaboration-expressway-core-0{}.emea.corp.example.com"


def long_names() -> Draft:
    """Three peers whose names are long and begin alike; the trusted CA list of the third is not in the plan."""
    draft = expressway_c(3)
    for number in (1, 2, 3):
        name = LONG.format(number)
        draft.peer(number)["address"] = draft.peer(number)["fqdn"] = name
        draft.records("internal").append(f"{name}. A 10.30.0.1{number}")
        draft.reissue(number, sans=["excl.corp.example.com", name])
    del draft.peer(3)["trusted_cas"]
    return draft


def page(draft: Draft, folder: Path) -> list[str]:
    return render(draft.judge(folder), width=90).splitlines()


class TestLabels:
    def labels(self, draft: Draft, folder: Path, limit: int = 40) -> tuple[str, ...]:
        return peer_labels(draft.judge(folder).plan.peers, limit)

    def test_long_names_keep_the_end_that_tells_them_apart(self, tmp_path: Path) -> None:
        labels = self.labels(long_names(), tmp_path)
        assert [label[-3:] for label in labels] == ["-01", "-02", "-03"]
        assert all(len(label) <= 40 for label in labels)

    def test_short_ones_are_shown_whole(self, tmp_path: Path) -> None:
        assert self.labels(expressway_c(2), tmp_path) == ("exc1.corp.example.com", "exc2.corp.example.com")

    def test_hosts_alike_are_told_by_their_system_names_or_else_whole(self, tmp_path: Path) -> None:
        draft = expressway_c(2)
        for number in (1, 2):
            draft.peer(number)["address"] = f"core.{'x' * 40}{number}.example.com"
        assert self.labels(draft, tmp_path / "a") == ("exc1", "exc2")
        draft.peer(2)["system_name"] = "exc1"
        assert self.labels(draft, tmp_path / "b") == tuple(draft.peer(number)["address"] for number in (1, 2))


def test_the_matrix_tells_long_names_apart(tmp_path: Path) -> None:
    lines = page(long_names(), tmp_path)
    start = next(number for number, line in enumerate(lines) if "verifier" in line)
    assert len({line.split()[1] for line in lines[start + 1 : start + 4]}) == 3


def test_a_reason_that_several_peers_share_is_told_once(tmp_path: Path) -> None:
    text = " ".join(" ".join(page(long_names(), tmp_path)).split())
    head = text[: text.index("Peer-to-peer")]
    assert head.count("the plan names none") == 1
    assert head.count("not verified - as for Peer 1") == 2
    assert "as for Peer" not in " ".join(page(expressway_c(2), tmp_path / "whole"))


def test_wrapped_lines_go_on_under_what_they_continue(tmp_path: Path) -> None:
    lines = page(long_names(), tmp_path)
    codes = {rule.code for rule in catalog()}
    first = lines.index("")
    last = next(number for number, line in enumerate(lines) if line.startswith("Not verified"))
    for line in lines[first:last]:
        words = line.split()
        lead = bool(words) and (words[0] in codes or words[0] == "Peer")
        indent = len(line) - len(line.lstrip())
        matrix = bool(words) and (words[0].isdigit() or words[0] == "verifier")
        assert not words or lead or matrix or indent in (0, 10, 15), line


@pytest.mark.parametrize(("mode", "title"), [("permissive", "once TLS"), ("enforce", "as it is under Enforce today")])
def test_the_heading_goes_by_the_mode_of_today(mode: str, title: str, tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["cluster"]["tls_verification"] = mode
    judgement = draft.judge(tmp_path)
    assert title in clustering_title(judgement)
    for form in ("text", "markdown"):
        assert clustering_title(judgement) in render(judgement, form).replace("\\>", ">")


def test_a_valid_certificate_beside_a_failed_link_says_who_refuses_whom(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.reissue(2, sans=["expe.example.com", "exe3.example.com", "example.com"])
    judgement = draft.judge(tmp_path)
    said = "Clustering: Failed - exe1.example.com refuses the certificate of exe2.example.com"
    text = " ".join(render(judgement).split())
    assert said in text
    assert said in render(judgement, "markdown")
    assert "has no SAN exe2.example.com: the nearest is `exe3.example.com`, one digit off" in text
    assert text.count("Clustering: Failed") == 2
    assert text.count("refuses the certificate") == 1
