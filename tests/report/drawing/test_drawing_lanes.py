"""Which lanes a drawing has, what stands between and beside them, and how links between peers are drawn."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from certplan.outcomes import Outcome
from certplan.report.drawing import draw_scene, scene_mermaid, scene_svg, states_svg
from certplan.report.drawing.layout import lay_out
from certplan.report.drawing.picture import DrawnPicture, Stroke
from certplan.report.drawing.scene import Lane
from certplan.report.drawing.states import lay_out_states
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import with_faults
from tests.report.drawing.geometry import flaws
from tests.review.reading import judged
from tests.zones.pairs import pair

A4_LANDSCAPE = 277 / 190
"""Width by height of a sheet without its margins."""


def lanes(picture: DrawnPicture) -> list[str]:
    return [box.kind.removeprefix("lane-") for box in picture.lanes if box.kind.startswith("lane-")]


def words(picture: DrawnPicture) -> list[str]:
    return ["".join(part for part, _ in each.parts) for each in picture.texts]


class TestLanes:
    def test_an_expressway_e_has_three_with_firewalls_between(self) -> None:
        picture = lay_out(draw_scene(judged(expressway_e(2))))
        assert lanes(picture) == ["internet", "dmz", "inside"]
        assert [box.kind for box in picture.lanes].count("firewall") == 2
        assert words(picture).count("firewall") == 2

    def test_an_expressway_c_has_no_empty_lane(self) -> None:
        picture = lay_out(draw_scene(judged(expressway_c(2))))
        assert lanes(picture) == ["inside"]
        assert "firewall" not in words(picture)

    def test_networks_stand_at_the_head_of_the_lane(self) -> None:
        picture = lay_out(draw_scene(judged(expressway_e(2))))
        assert "DMZ  LAN 2 192.168.50.0/24, LAN 1 10.20.0.0/24" in words(picture)


class TestBeside:
    @pytest.mark.parametrize(("side", "lane", "title"), [("c", "dmz", "Expressway-E"), ("e", "inside", "Expressway-C")])
    def test_the_cluster_at_the_far_end_of_a_zone_is_there(
        self, side: str, lane: str, title: str, tmp_path: Path
    ) -> None:
        scene = draw_scene(pair().judge(tmp_path, side=side))
        (beside,) = scene.context
        assert (beside.lane, beside.outcome) == (Lane(lane), Outcome.PASS)
        assert beside.title.startswith(title)
        picture = lay_out(scene)
        assert lane in lanes(picture)
        assert flaws(picture) == []
        assert "UC traversal" in scene_svg(scene)
        assert "UC traversal" in scene_mermaid(scene)

    def test_a_zone_that_fails_is_drawn_so(self, tmp_path: Path) -> None:
        both = pair()
        both.zone_e["verify_subject_name"] = "another.example.com"
        scene = draw_scene(both.judge(tmp_path, side="e"))
        assert scene.context[0].outcome is Outcome.FAIL
        assert any(path.stroke is Stroke.REFUSED for path in lay_out(scene).paths)

    def test_servers_stand_behind_an_expressway_c(self) -> None:
        draft = expressway_c(2)
        draft.plan["servers"] = [{"kind": "unified-cm", "address": "cucm1.corp.example.com"}]
        scene = draw_scene(judged(draft))
        assert [each.lines for each in scene.context] == [("cucm1.corp.example.com",)]
        assert flaws(lay_out(scene)) == []

    def test_what_dns_says_of_every_peer_alike_is_said_once(self) -> None:
        assert words(lay_out(draw_scene(judged(expressway_e(6))))).count("each peer's name") == 2


class TestLinks:
    @pytest.mark.parametrize("count", [2, 3])
    def test_of_few_peers_every_pair_is_drawn_both_ways(self, count: int) -> None:
        scene = draw_scene(judged(expressway_e(count)))
        ends = [tuple((each.verifiers[0], each.number) for each in pair.connections) for pair in scene.pairs]
        assert ends == [((one, other), (other, one)) for one, other in combinations(range(1, count + 1), 2)]
        assert not [card for card in scene.cards if card.connections]

    @pytest.mark.parametrize("count", [1, 4, 6])
    def test_of_more_those_who_connect_alike_stand_together(self, count: int) -> None:
        scene = draw_scene(judged(expressway_e(count)))
        assert scene.pairs == ()
        assert [len(card.connections) for card in scene.cards] == [1] * count

    def test_each_end_says_how_it_judges_the_other(self) -> None:
        (link,) = draw_scene(judged(with_faults("expressway-e", 2, [("wrong_san", 2)]))).pairs
        assert [(each.who, each.verdict) for each in link.connections] == [
            ("Peer 1 connects to", "rejected"),
            ("Peer 2 connects to", "accepted"),
        ]


@pytest.mark.parametrize(
    "draft",
    [expressway_e(6), with_faults("expressway-e", 6, [("wrong_san", 2), ("missing_ca", 3), ("mapping_to_nat", 4)])],
    ids=["ready", "faults"],
)
def test_six_peers_are_legible_on_a_sheet_of_a4_in_landscape(draft: Draft) -> None:
    picture = lay_out(draw_scene(judged(draft)))
    assert points_on_a4(picture) >= 5.9
    assert 0.75 * A4_LANDSCAPE < picture.width / picture.height < 1.35 * A4_LANDSCAPE


def test_the_description_has_every_link(tmp_path: Path) -> None:
    root = ET.fromstring(scene_svg(draw_scene(judged(expressway_e(3)))))  # noqa: S314 - it is ours
    described = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    for verifier in (1, 2, 3):
        for presenter in (1, 2, 3):
            said = f"Peer {verifier} connects to exe{presenter}.example.com by mapping"
            assert (said in described) is (verifier != presenter)


def points_on_a4(picture: DrawnPicture) -> float:
    """The size in points of the smallest text, where the drawing fills a sheet of A4 in landscape, margins of 10 mm."""
    smallest = min(style.size for text in picture.texts for _, style in text.parts)
    return smallest * min(277 / picture.width, 190 / picture.height) / 25.4 * 72


def with_ipv6(draft: Draft) -> Draft:
    """The same cluster on IPv6, static NAT included."""
    plan = draft.plan
    plan["cluster"]["ip_version"] = "ipv6"
    plan["dns"] = {"public": {"records": []}, "internal": {"records": []}}
    for number, (peer, entry) in enumerate(zip(plan["peers"], plan["cluster"]["address_mapping"], strict=True), 1):
        inside, outside = f"2001:db8:0:12::{number}1", f"2001:db8:ffff:aaaa::{number}"
        peer["lan1"] = {"ip": f"{inside}/64"}
        peer["lan2"] = {"ip": f"fd00:0:0:50::{number}1/64", "static_nat": outside}
        entry["ip"] = inside
        for view, address in (("public", outside), ("internal", inside)):
            draft.records(view).append(f"{peer['address']}. AAAA {address}")
    return draft


@pytest.mark.parametrize(
    ("draft", "least"),
    [(expressway_e(6), 6.5), (expressway_c(6), 8), (with_ipv6(expressway_e(6)), 6)],
    ids=["E", "C", "IPv6 with NAT"],
)
def test_text_of_six_peers_is_as_large_as_a_footnote(draft: Draft, least: float) -> None:
    assert points_on_a4(lay_out(draw_scene(judged(draft)))) >= least


def test_links_that_differ_in_their_ends_alone_are_one() -> None:
    said = words(lay_out(draw_scene(judged(with_faults("expressway-e", 6, [("wrong_san", 2)])))))
    assert "Peers 2 to 6 → peers 1, 3 to 6" not in said
    assert "Every peer → every other" not in said
    assert said.count("Peers 1 to 6 → peers 1, 3 to 6") == 1
    assert said.count("Peers 1, 3 to 6 connect to") == 1


class TestLines:
    def ends(self, picture: DrawnPicture, kind: str) -> list[tuple[float, float]]:
        frame = next(box.area for box in picture.cards if box.kind == "frame")
        blocks = [box.area for box in picture.boxes if box.kind == kind]
        return [
            (path.points[0][0], path.points[-1][0])
            for path in picture.paths
            for block in blocks
            if {path.points[0][0], path.points[-1][0]} & {block.x, block.right}
            and {path.points[0][0], path.points[-1][0]} & {frame.x, frame.right}
        ]

    def test_servers_have_a_line_from_the_cluster(self) -> None:
        draft = expressway_c(2)
        draft.plan["servers"] = [{"kind": "unified-cm", "address": "cucm1.example.com"}]
        picture = lay_out(draw_scene(judged(draft)))
        ((start, end),) = self.ends(picture, "context")
        assert start < end

    def test_a_zone_has_a_line_from_the_inner_side(self) -> None:
        draft = expressway_e(2)
        draft.plan["zones"] = [{"name": "UC", "type": "unified-communications-traversal", "port": 7001}]
        picture = lay_out(draw_scene(judged(draft)))
        ((start, end),) = self.ends(picture, "context")
        assert start > end


def test_before_and_after_stand_in_one_drawing() -> None:
    draft = expressway_e(2)
    judgement = judged(draft)
    today, target = draw_scene(judgement), draw_scene(judgement, title="other")
    picture = lay_out_states((today, target))
    # The legend of the upper one has its samples above lanes, where lines have to end at something.
    assert [flaw for flaw in flaws(picture) if "in the air" not in flaw] == []
    assert picture.height == sum(lay_out(each).height for each in (today, target))
    text = states_svg(today, today)
    assert "expe.example.com, today" in text
    assert "expe.example.com, target" in text
    assert text.count("<svg") == 1
