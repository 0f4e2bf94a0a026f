"""Zones in the review: both clusters in a drawing, each zone with its verdict, matrix and findings."""

from pathlib import Path

from certplan.report.document import Fold, Picture, Tone
from certplan.report.review.contents import write_review
from certplan.report.review.parts.zones import zones
from certplan.report.writers.html import html
from certplan.report.writers.markdown import markdown
from tests.clusters import expressway_e
from tests.zones.pairs import pair
from tests.zones.test_zone import change_verify_name


def test_a_perfect_zone_is_drawn_and_listed(tmp_path: Path) -> None:
    section = zones(pair().judge(tmp_path))
    picture, fold = section.blocks
    assert isinstance(picture, Picture)
    assert isinstance(fold, Fold)
    assert section.tone is Tone.GOOD
    for name in ("exc1.corp.example.com", "exe2.example.com", "Firewall between the Expressway-E and the Expressway-C"):
        assert name in picture.mermaid
    assert "READY" in fold.title.text.upper()
    assert 'id="zones-title"' in picture.svg


def test_a_broken_zone_has_its_findings(tmp_path: Path) -> None:
    both = pair()
    change_verify_name(both)
    judgement = both.judge(tmp_path)
    assert zones(judgement).tone is Tone.BAD
    review = write_review(judgement)
    assert "ZON004" in html(review)
    assert "ZON004" in markdown(review)


def test_a_far_end_that_is_not_given_leaves_the_cluster_alone_in_the_drawing(tmp_path: Path) -> None:
    both = pair()
    del both.c.plan["zones"][0]["far_end"]
    section = zones(both.judge(tmp_path))
    assert section.tone is Tone.OPEN
    (picture,) = [block for block in section.blocks if isinstance(block, Picture)]
    assert "exe1.example.com" not in picture.mermaid


def test_without_zones_there_is_no_such_section(tmp_path: Path) -> None:
    assert zones(expressway_e(2).judge(tmp_path)).blocks == ()
