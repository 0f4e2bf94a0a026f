"""The drawing is legible whatever the cluster: nothing lies on anything, nothing leaves its box or the canvas."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.report.drawing import draw_scene
from certplan.report.drawing.layout import lay_out
from certplan.report.drawing.measure import Style, broken, short, width
from certplan.report.drawing.picture import DrawnPicture, Styles
from certplan.report.drawing.scene import Scene
from certplan.text.names import show
from certplan.value import replace
from tests.clusters import Draft, expressway_e
from tests.faults import FAULTS, with_faults
from tests.hostile import hostile_judgement
from tests.report.drawing.geometry import flaws

FACULTY = st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 6)), max_size=10)
STYLES = st.sampled_from([Styles.TITLE, Styles.NAME, Styles.CODE, Styles.SMALL])
ADDRESSES = st.sampled_from(["long-name", "ipv6", "single", "nat-on-single", "no-nat", "plain"])


def scene_of(draft: Draft) -> Scene:
    with TemporaryDirectory() as folder:
        return draw_scene(draft.judge(Path(folder)))


def changed(draft: Draft, how: str) -> Draft:
    """The same cluster with other networks or names."""
    plan = draft.plan
    for number, peer in enumerate(plan["peers"], 1):
        if how == "long-name":
            name = f"host{number}." + ".".join(["x" * 58] * 4)
            peer["address"] = peer["fqdn"] = name
            peer["system_name"] = "W" * 100
            for view in plan["dns"]:
                draft.records(view).append(f"{name}. A 10.20.0.1{number}")
        elif how == "ipv6":
            peer["lan1"] = {"ip": f"2001:db8:1234:5678:9abc:def0:1234:567{number}/64"}
            if "lan2" in peer:
                peer["lan2"] = {
                    "ip": f"fd00:1234:5678:9abc:def0:1234:5678:9ab{number}/64",
                    "static_nat": f"2001:db8:ffff:eeee:dddd:cccc:bbbb:aaa{number}",
                }
        elif how in ("single", "nat-on-single"):
            peer.pop("lan2", None)
            peer.pop("external_lan", None)
            if how == "nat-on-single":
                peer["lan1"]["static_nat"] = f"203.0.113.1{number}"
        elif how == "no-nat" and "lan2" in peer:
            peer["lan2"].pop("static_nat", None)
    return draft


@given(st.sampled_from(["expressway-e", "expressway-c"]), st.integers(1, 6), FACULTY, ADDRESSES, st.booleans())
@settings(max_examples=60)
def test_nothing_is_hard_to_read(kind: str, count: int, faults: list[tuple[str, int]], how: str, heading: bool) -> None:
    scene = scene_of(changed(with_faults(kind, count, faults), how))
    assert flaws(lay_out(scene, heading=heading)) == []


def test_the_hostile_cluster_is_legible(tmp_path: Path) -> None:
    assert flaws(lay_out(draw_scene(hostile_judgement(tmp_path)))) == []


class TestTheMeasure:
    @pytest.fixture
    def picture(self) -> DrawnPicture:
        return lay_out(scene_of(expressway_e(2)))

    def test_a_text_on_another_is_found(self, picture: DrawnPicture) -> None:
        spoiled = replace(picture, texts=(*picture.texts, picture.texts[-1]))
        assert any("lie on each other" in flaw for flaw in flaws(spoiled))

    def test_a_text_out_of_its_box_is_found(self, picture: DrawnPicture) -> None:
        port = next(text for text in picture.texts if text.parts[0][0].startswith("LAN 1"))
        spoiled = replace(picture, texts=(replace(port, x=port.x + 300),))
        assert any("leaves its box" in flaw for flaw in flaws(spoiled))

    def test_a_line_that_ends_in_the_air_is_found(self, picture: DrawnPicture) -> None:
        path = picture.paths[0]
        spoiled = replace(picture, paths=(replace(path, points=((300.0, 150.0), (320.0, 150.0))),))
        assert any("in the air" in flaw for flaw in flaws(spoiled))


class TestFitting:
    @given(st.text(min_size=1, max_size=300).map(lambda text: show(text, 300)), STYLES, st.integers(60, 400))
    def test_a_broken_text_fits(self, text: str, style: Style, room: int) -> None:
        lines = broken(text, style, room, 2)
        assert len(lines) <= 2
        assert all(width(line, style) <= room for line in lines)

    @given(st.text("abc.-", min_size=1, max_size=30))
    def test_a_text_that_fits_stays_as_it_is(self, text: str) -> None:
        assert short(text, Styles.CODE, 400) == text

    def test_a_name_is_broken_behind_a_dot(self) -> None:
        assert broken("exe1.example.com", Styles.CODE, 100, 2) == ("exe1.example.", "com")
