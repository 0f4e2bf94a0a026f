"""The drawing: it is sound SVG, it shows what there is, and it says of every fault what it is."""

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from certplan.handshake.model import Cause
from certplan.judgement import Judgement
from certplan.outcomes import Outcome
from certplan.report.drawing import draw_scene, drawing_style, scene_mermaid, scene_svg
from certplan.report.drawing.palette import INK, PALETTE, STROKES
from certplan.report.drawing.picture import Mark
from certplan.report.drawing.scene import Interface, InterfaceKind, Lane, NameState
from certplan.report.drawing.words import FAULT_WORDS, numbered
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import FAULTS, with_faults
from tests.hostile import FORMULA, LINK, LONG, MARKUP, SCRIPT, hostile_judgement

SVG = "{http://www.w3.org/2000/svg}"


def drawn(judgement: Judgement) -> str:
    """Every text that stands in the drawing, the full text of the shortened ones included."""
    root = ET.fromstring(scene_svg(draw_scene(judgement)))  # noqa: S314 - it is ours
    return "\n".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def addresses(judgement: Judgement) -> set[str]:
    lans = [lan for peer in judgement.plan.peers for lan in (peer.lan1, peer.lan2) if lan is not None]
    return {str(lan.ip) for lan in lans} | {str(lan.static_nat) for lan in lans if lan.static_nat is not None}


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_words(cause: Cause) -> None:
    assert 4 <= len(FAULT_WORDS[cause]) <= 32


def test_no_two_causes_share_their_words() -> None:
    assert len(set(FAULT_WORDS.values())) == len(Cause)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["expressway-e", "expressway-c"])
def test_every_address_and_every_fault_is_there(kind: str, fault: str, tmp_path: Path) -> None:
    judgement = with_faults(kind, 2, [(fault, 2)]).judge(tmp_path)
    text = drawn(judgement)
    assert {address for address in addresses(judgement) if address not in text} == set()
    expected_words = {
        FAULT_WORDS[step.cause] for hs in judgement.matrix.handshakes for step in hs.not_passed if step.cause
    }
    # A fault of more words may be broken into lines.
    assert {words for words in expected_words if words not in " ".join(text.split())} == set()


@pytest.mark.parametrize("draft", [expressway_e(6), expressway_c(4)], ids=["E", "C"])
def test_a_ready_cluster_has_no_word_of_any_fault(draft: Draft, tmp_path: Path) -> None:
    text = drawn(draft.judge(tmp_path))
    assert [words for words in FAULT_WORDS.values() if words in text] == []
    assert "rejected" not in text
    assert "not verified" not in text
    assert text.count("Every peer → every other\naccepted") == 1


def test_nothing_is_drawn_of_lines_that_are_not_there(tmp_path: Path) -> None:
    text = drawn(expressway_c(2).judge(tmp_path))
    assert "connection accepted" in text
    assert "connection rejected" not in text
    assert "static NAT" not in text


def test_those_who_dial_alike_stand_together(tmp_path: Path) -> None:
    scene = draw_scene(with_faults("expressway-e", 6, [("only_a_stranger_trusted", 4)]).judge(tmp_path))
    connections = [(connection.who, connection.verdict) for connection in scene.cards[0].connections]
    assert connections == [("Peers 2, 3, 5, 6 connect to", "accepted"), ("Peer 4 connects to", "rejected")]


def test_a_dial_leads_to_the_thing_that_has_the_address(tmp_path: Path) -> None:
    scene = draw_scene(with_faults("expressway-e", 4, [("swapped_mapping", 1), ("mapping_to_nat", 3)]).judge(tmp_path))
    interfaces = [card.connections[0].targets[0].interface for card in scene.cards[:3]]
    assert interfaces == [
        Interface(2, InterfaceKind.LAN1, InterfaceKind.LAN1),
        Interface(1, InterfaceKind.LAN1, InterfaceKind.LAN1),
        Interface(3, InterfaceKind.NAT, InterfaceKind.LAN2),
    ]


@pytest.mark.parametrize(
    ("fault", "state", "lane"),
    [
        ("private_in_public", NameState.CAUTION, Lane.INTERNET),
        ("stranger_in_public", NameState.WRONG, Lane.INTERNET),
        ("no_public_record", NameState.ABSENT, Lane.INTERNET),
        ("two_inside", NameState.WRONG, Lane.INSIDE),
        ("no_internal_record", NameState.ABSENT, Lane.INSIDE),
    ],
)
def test_what_dns_says_is_told_for_what_it_is(fault: str, state: NameState, lane: Lane, tmp_path: Path) -> None:
    scene = draw_scene(with_faults("expressway-e", 3, [(fault, 2)]).judge(tmp_path))
    states = {(card.number, record.lane): record.state for card in scene.cards for record in card.records}
    assert states.pop((2, lane)) is state
    assert set(states.values()) == {NameState.RIGHT}


def test_a_side_whose_dns_is_not_known_says_so(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["dns"] = {}
    text = " ".join(drawn(draft.judge(tmp_path)).split())
    assert "Public DNS: not verified" in text
    assert "Internal DNS: not verified" in text


def test_a_view_that_is_silent_could_not_be_checked(tmp_path: Path) -> None:
    draft = expressway_e(2)
    draft.plan["dns"]["public"] = {"servers": ["192.0.2.53"]}
    scene = draw_scene(draft.judge(tmp_path))
    assert {record.state for card in scene.cards for record in card.records if record.lane is Lane.INTERNET} == {
        NameState.UNCHECKED
    }


def test_an_unlike_release_and_the_primary_are_named(tmp_path: Path) -> None:
    text = drawn(with_faults("expressway-e", 3, [("another_release", 2)]).judge(tmp_path))
    assert "X14.0, not the cluster's" in text
    assert text.count("\nprimary") == 1


def test_seven_and_more_peers_are_drawn_too(tmp_path: Path) -> None:
    draft = expressway_e(9)
    assert "exe9.example.com" in drawn(draft.judge(tmp_path))


def test_the_description_tells_who_is_broken_and_why(tmp_path: Path) -> None:
    judgement = with_faults("expressway-e", 4, [("wrong_san", 2)]).judge(tmp_path)
    described = ET.fromstring(scene_svg(draw_scene(judgement))).findtext(f"{SVG}desc") or ""  # noqa: S314
    said = "Peers 1, 3, 4 connect to exe2.example.com by mapping to 10.20.0.12 (LAN 1), rejected: name not in SAN."
    assert said in described
    assert "Peer 1, the primary, exe1.example.com: LAN 2 192.168.50.11/24 with static NAT 203.0.113.11" in described


class TestSvg:
    def test_it_is_one_picture_with_a_name_and_a_description(self, tmp_path: Path) -> None:
        root = ET.fromstring(scene_svg(draw_scene(expressway_e(2).judge(tmp_path)), ident="one"))  # noqa: S314
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        named = {element.get("id") for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
        assert set((root.get("aria-labelledby") or "").split()) == named == {"one-title", "one-desc"}
        assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"

    def test_it_asks_for_nothing_and_runs_nothing(self, tmp_path: Path) -> None:
        judgement = hostile_judgement(tmp_path)
        root = ET.fromstring(scene_svg(draw_scene(judgement), style=False))  # noqa: S314
        allowed = {"svg", "title", "desc", "rect", "path", "text", "tspan"}
        assert {element.tag.removeprefix(SVG) for element in root.iter()} == allowed
        names = {name for element in root.iter() for name in element.attrib}
        assert not names & {"style", "href", "{http://www.w3.org/1999/xlink}href", "filter", "marker-end"}
        assert not [name for name in names if name.startswith("on")]

    def test_its_style_can_stand_elsewhere(self, tmp_path: Path) -> None:
        scene = draw_scene(expressway_e(2).judge(tmp_path))
        whole, bare = scene_svg(scene), scene_svg(scene, style=False)
        assert whole.replace(f"<style>{drawing_style()}</style>\n", "") == bare

    def test_its_style_touches_nothing_else(self) -> None:
        selectors = re.findall(r"(?:^|[{}])([^{}@]+)\{", drawing_style())
        assert len(selectors) > 40
        for selector in selectors:
            assert all(one.startswith(".certplan-drawing") for one in selector.split(",")), selector
        assert not {"url(", "@import", "</", "expression"} & set(
            re.findall(r"url\(|@import|</|expression", drawing_style())
        )

    def test_two_runs_give_the_same_bytes(self, tmp_path: Path) -> None:
        draft = with_faults("expressway-e", 4, [("wrong_san", 2), ("mapping_off", 1)])
        one, other = (draft.judge(tmp_path / name) for name in ("a", "b"))
        assert scene_svg(draw_scene(one)) == scene_svg(draw_scene(other))
        assert scene_mermaid(draw_scene(one)) == scene_mermaid(draw_scene(other))

    def test_a_heading_can_be_left_to_the_page(self, tmp_path: Path) -> None:
        scene = draw_scene(expressway_e(2).judge(tmp_path), title="The review of May")
        assert ">The review of May<" in scene_svg(scene)
        assert ">The review of May<" not in scene_svg(scene, heading=False)

    def test_the_hostile_cluster_is_harmless_and_visible(self, tmp_path: Path) -> None:
        judgement = hostile_judgement(tmp_path)
        document = scene_svg(draw_scene(judgement))
        text = drawn(judgement)
        for tried in (SCRIPT, LINK, MARKUP, FORMULA):
            assert tried in text
        assert "<script" not in document
        assert LONG[:500] not in document
        assert all(char.isprintable() or char == "\n" for char in document)

    def test_a_hostile_title_is_harmless(self, tmp_path: Path) -> None:
        scene = draw_scene(expressway_e(2).judge(tmp_path), title="</title><script>\x1b[31m\u202e\ud800&\x00")
        root = ET.fromstring(scene_svg(scene))  # noqa: S314
        assert (root.findtext(f"{SVG}title") or "").endswith(r"</title><script>\u001b[31m\u202e\ud800&\u0000")


class TestColors:
    @staticmethod
    def contrast(one: str, other: str) -> float:
        """WCAG 2.2, contrast ratio."""

        def luminance(color: str) -> float:
            parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
            linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

        dark, light = sorted((luminance(one), luminance(other)))
        return (light + 0.05) / (dark + 0.05)

    def test_the_measure_is_right(self) -> None:
        assert self.contrast("#ffffff", "#000000") == pytest.approx(21)
        assert self.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)

    @pytest.mark.parametrize("scheme", ["day", "night"])
    def test_texts_stand_out(self, scheme: str) -> None:
        shade = {name: getattr(shade, scheme) for name, shade in PALETTE.items()}
        for mark, name in INK.items():
            grounds = ["badge"] if mark is Mark.INVERSE else ["paper", "outer", "middle", "inner", "card", "port"]
            for ground in grounds:
                assert self.contrast(shade[name], shade[ground]) >= 4.5, (name, ground)

    @pytest.mark.parametrize("scheme", ["day", "night"])
    def test_lines_and_borders_stand_out(self, scheme: str) -> None:
        shade = {name: getattr(shade, scheme) for name, shade in PALETTE.items()}
        for name in {color for color, _, _ in STROKES.values()} | {"card edge", "box edge"}:
            for ground in ("paper", "outer", "middle", "inner", "card"):
                assert self.contrast(shade[name], shade[ground]) >= 3, (name, ground)

    def test_no_two_kinds_of_line_differ_by_color_alone(self) -> None:
        for (one, (_, wide, dashes)), (other, (_, width, marks)) in combinations(STROKES.items(), 2):
            # A refused way is crossed out besides.
            assert (wide, dashes) != (width, marks), (one, other)


class TestMermaid:
    def test_it_is_a_flowchart_of_the_lanes(self, tmp_path: Path) -> None:
        chart = scene_mermaid(draw_scene(expressway_e(2).judge(tmp_path)))
        assert chart.startswith("flowchart LR\n")
        assert re.findall(r"^  subgraph (\w+)", chart, re.MULTILINE) == ["internet", "dmz", "inside"]
        assert "p1lan2nat --- p1lan2" in chart
        assert re.search(r"p1link1 -->\|\"accepted\"\| p1lan1$", chart, re.MULTILINE)

    def test_the_words_of_the_faults_are_there(self, tmp_path: Path) -> None:
        judgement = with_faults("expressway-e", 3, [("wrong_san", 2), ("signed_by_a_stranger", 3)]).judge(tmp_path)
        chart = scene_mermaid(draw_scene(judgement))
        causes = {s.cause for h in judgement.matrix.handshakes for s in h.not_passed if s.outcome is Outcome.FAIL}
        assert len(causes) >= 2
        for cause in causes:
            assert cause is not None
            assert FAULT_WORDS[cause] in chart

    def test_edges_join_nodes_that_are_there(self, tmp_path: Path) -> None:
        chart = scene_mermaid(draw_scene(hostile_judgement(tmp_path)))
        nodes = set(re.findall(r"^\s*(?:subgraph )?(\w+)\[", chart, re.MULTILINE))
        edges = re.findall(r"^  (\w+) (?:-->|==x|-\.->|---)(?:\|\"[^\"]*\"\|)? (\w+)$", chart, re.MULTILINE)
        assert edges
        assert {end for edge in edges for end in edge} <= nodes

    def test_the_hostile_cluster_cannot_leave_its_labels(self, tmp_path: Path) -> None:
        chart = scene_mermaid(draw_scene(hostile_judgement(tmp_path)))
        for label in re.findall(r'\["(.*)"\]', chart):
            bare = re.sub(r"<br>|#\d+;", "", label)
            assert not set(bare) & set("<>\"'`&#;{}()[]|\\*_~$@=%:"), label
        assert not re.search(r"\bclick\b|%%", chart)


def test_numbers_are_listed_as_people_do() -> None:
    assert numbered([6, 1, 3, 4, 5]) == "1, 3 to 6"
    assert numbered([2, 1]) == "1, 2"
