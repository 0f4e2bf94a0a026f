"""The time line: the drawing is sound and legible, and the tables and the chart say the same."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.judgement import Judgement
from certplan.report.document import Picture, Section, Tone
from certplan.report.review.parts.timeline import timeline, timeline_style
from certplan.report.review.parts.timeline_picture import Bar, Stretch, TimeLine, draw, gantt
from certplan.text.names import show
from tests.clusters import ISSUING, ROOT, Draft, expressway_e
from tests.faults import with_faults
from tests.pki import AT, Authority, ec_key
from tests.review.reading import ODD, judged, odd, row, table, text, words

SVG = "{http://www.w3.org/2000/svg}"
LONG = "expressway-edge-of-the-north.very-long-department-name.emea.corporate.example.com"


def picture(section: Section) -> Picture:
    return next(block for block in section.blocks if isinstance(block, Picture))


def drawn(judgement: Judgement) -> ET.Element:
    return ET.fromstring(picture(timeline(judgement)).svg)  # noqa: S314 - our own


def shown_texts(svg: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in svg.iter(f"{SVG}text")]


def rows(svg: ET.Element, standing: str) -> list[str]:
    """The full names of the rows of one standing."""
    groups = [each for each in svg.iter(f"{SVG}g") if f"tl-{standing}" in each.get("class", "").split()]
    return [title.text or "" for each in groups if (title := each.find(f"{SVG}title")) is not None]


def at(draft: Draft, moment: datetime) -> Judgement:
    with TemporaryDirectory() as folder:
        return draft.judge(Path(folder), moment)


def sound(svg: str) -> ET.Element:
    """The parsed drawing, once it is proved to hold nothing but shapes and texts of its own."""
    root = ET.fromstring(svg)  # noqa: S314 - our own
    allowed = {"svg", "title", "desc", "g", "text", "tspan", "line", "rect", "polygon"}
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= allowed
    for each in root.iter():
        assert not {"style", "href", "fill", "stroke"} & set(each.attrib)
        assert not any(name.startswith("on") for name in each.attrib)
        assert not any("url(" in value or "//" in value for value in each.attrib.values())
    assert root.get("role") == "img"
    idents = {each.get("id"): each for each in root.iter() if each.get("id")}
    assert all(idents[ident].text for ident in root.get("aria-labelledby", "").split())
    return root


# --- what it says -----------------------------------------------------------------------------------------------------


def test_a_perfect_cluster_shows_every_certificate_and_ca_until_its_end() -> None:
    judgement = judged(expressway_e(2))
    found = timeline(judgement)
    assert row(table(found, "Certificates and CAs"), "2 exe2") == (
        "2 exe2.example.com | server certificate",
        "2026-01-01",
        "2027-01-01",
        "214 days left",
        "exe2.example.com",
    )
    assert row(table(found, "Certificates and CAs"), "test root")[3:] == (
        "13 years left",
        "every peer",
    )
    assert row(table(found, "What changes"), "1")[1:3] == ("2027-01-01 00:00 UTC", "not ready")
    texts = shown_texts(drawn(judgement))
    assert "as of 2026-06-01" in texts
    assert "13 years left, until 2040-01-01" in texts
    assert any(each.startswith("ready until 2027-01-01") for each in texts)
    assert found.note == "next end 2027-01-01"


def test_expired_lapsing_and_coming_certificates_bear_their_words_and_class() -> None:
    faults = [("expired_leaf", 1), ("leaf_lapsing_soon", 2), ("leaf_of_tomorrow", 3)]
    found = drawn(judged(with_faults("expressway-e", 4, faults)))
    assert rows(found, "expired") == ["1 exe1.example.com, server certificate: expired 31 days ago, on 2026-05-01"]
    assert rows(found, "soon") == ["2 exe2.example.com, server certificate: 9 days left, until 2026-06-10"]
    assert rows(found, "future") == ["3 exe3.example.com, server certificate: not yet valid, begins 2026-08-01"]
    assert rows(found, "valid")[0].startswith("4 exe4.example.com")
    assert "expired 31 days ago, on 2026-05-01" in shown_texts(found)
    assert timeline(judged(with_faults("expressway-e", 4, faults))).note == "1 expired"


def test_a_ca_that_lapses_before_the_certificates_is_a_turn_and_comes_first() -> None:
    judgement = judged(with_faults("expressway-e", 3, [("by_a_lapsing_ca", 2)]))
    found = timeline(judgement)
    assert row(table(found, "What changes"), "1")[1].startswith("2026-08-0")
    kinds = [cells[0][1].text for cells in table(found, "Certificates and CAs").rows]
    names = [cells[0][0].text for cells in table(found, "Certificates and CAs").rows]
    assert names[kinds.index("intermediate CA")] == "expiring issuing"
    assert any(each.startswith("ready until 2026-08-0") for each in shown_texts(drawn(judgement)))


def test_a_certificate_for_both_stores_is_told_once_and_two_are_told_apart() -> None:
    draft = expressway_e(2, release="X15.5")
    draft.peer(1)["client_certificate"] = draft.peer(1)["server_certificate"]
    draft.reissue(2, store="client", eku=("clientAuth",))
    kinds = [cells[0][1].text for cells in table(timeline(judged(draft)), "Certificates and CAs").rows]
    assert kinds[:3] == ["server and client certificate", "server certificate", "client certificate"]


def test_what_is_not_known_has_a_row_that_says_so_and_no_bar() -> None:
    judgement = judged(with_faults("expressway-e", 3, [("no_certificate", 2)]))
    found = timeline(judgement)
    assert row(table(found, "Certificates and CAs"), "2 exe2")[1] == "not verified"
    assert (found.note, found.tone) == ("not verified: 1", Tone.OPEN)
    (group,) = [each for each in drawn(judgement).iter(f"{SVG}g") if "tl-unknown" in each.get("class", "")]
    assert group.find(f"{SVG}polygon") is None
    assert any("not verified" in each for each in group.itertext())


def test_many_cas_are_counted_and_those_that_end_first_are_drawn() -> None:
    twins = [
        Authority.root(
            "certplan test root",
            key=ec_key("clusters root"),
            not_after=datetime(2030 + n, 1, 1, tzinfo=UTC),
            serial=n + 1,
        )
        for n in range(60)
    ]
    draft = expressway_e(2)
    draft.trust(1, ROOT, ISSUING, *twins)
    judgement = judged(draft)
    found = timeline(judgement)
    assert "The drawing leaves out 50 more CAs" in text(found)
    assert "The table leaves out 22 more CAs" in text(found)
    assert len(table(found, "Certificates and CAs").rows) == 42
    assert "root CA" in " ".join(rows(drawn(judgement), "valid"))
    assert "until 2030-01-01" in " ".join(rows(drawn(judgement), "valid"))


# --- that it is legible -----------------------------------------------------------------------------------------------


def extent(each: ET.Element) -> tuple[float, float]:
    """From where to where a text goes at least, by a narrow estimate of 5 pixels a character."""
    wide = 5.0 * len("".join(each.itertext()))
    x = float(each.get("x", "0"))
    start = {"middle": x - wide / 2, "end": x - wide}.get(each.get("text-anchor", "start"), x)
    return start, start + wide


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_no_label_touches_another_or_leaves_the_drawing(count: int) -> None:
    draft = expressway_e(count, release="X15.5")
    for number in range(1, count + 1):
        draft.peer(number)["address"] = f"{number}-{LONG}"
        draft.reissue(number, not_after=datetime(2026, 6 + number, 3 * number, tzinfo=UTC))
        draft.reissue(number, store="client", not_after=datetime(2026, 6, 2 + number, tzinfo=UTC))
    found = drawn(judged(draft))
    width, height = float(found.get("width", "0")), float(found.get("height", "0"))
    lines: dict[float, list[tuple[float, float]]] = {}
    for each in found.iter(f"{SVG}text"):
        start, end = extent(each)
        assert start >= 0
        assert end <= width
        assert 0 < float(each.get("y", "0")) < height
        lines.setdefault(float(each.get("y", "0")), []).append((start, end))
    for extents in lines.values():
        ordered = sorted(extents)
        assert all(before[1] < after[0] for before, after in pairwise(ordered))
    assert any(LONG in title for title in rows(found, "soon") + rows(found, "ahead") + rows(found, "valid"))


def test_a_bar_that_goes_on_ends_in_a_point_and_its_end_is_said() -> None:
    found = drawn(judged(expressway_e(2)))
    corners = {
        (title.text or "").split(",")[0]: len((polygon.get("points") or "").split())
        for group in found.iter(f"{SVG}g")
        if (polygon := group.find(f"{SVG}polygon")) is not None and (title := group.find(f"{SVG}title")) is not None
    }
    assert corners["1 exe1.example.com"] == 4
    assert corners["certplan test root"] == 6


MOMENTS = st.datetimes(timezones=st.just(UTC))
SPANS = st.tuples(MOMENTS, MOMENTS).map(sorted)


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.lists(SPANS, max_size=4), st.lists(MOMENTS, max_size=20), st.text(max_size=30))
def test_any_dates_and_names_give_a_sound_drawing_and_chart(
    moment: datetime, spans: Sequence[Sequence[datetime]], later: Sequence[datetime], name: str
) -> None:
    status_changes = tuple(sorted(each for each in later if each > moment))
    bars = tuple(Bar(show(name), "server certificate", span[0], span[1], "valid", "some days left") for span in spans)
    line = TimeLine(show(name), moment, "ready", (Stretch(moment, None, "ready", "good"),), status_changes, bars, bars)
    found = sound(draw(line))
    assert draw(line) == draw(line)
    for each in found.iter():
        for key in ("x", "x1", "x2"):
            assert 0 <= float(each.get(key, "0")) <= 720
    charted(gantt(line))


# --- the chart --------------------------------------------------------------------------------------------------------

TASK = re.compile(r"    [\w .()/@+-]+ :(?:(?:crit|active|done), )?[vca]\d+, (\d{4}-\d\d-\d\d), (\d{4}-\d\d-\d\d)")
HEAD = re.compile(
    r"gantt|    (title|dateFormat|axisFormat|todayMarker|section) [\w %.()/@+-]+|    As of .* :milestone, .*"
)


def charted(chart: str) -> list[str]:
    """The tasks of a chart, once it is proved that every line is one that Mermaid takes as it is meant."""
    tasks = []
    for line in chart.rstrip("\n").split("\n"):
        if (task := TASK.fullmatch(line)) is not None:
            assert task[1] < task[2]
            tasks.append(line.strip())
        else:
            assert HEAD.fullmatch(line), line
    return tasks


def test_the_chart_tells_each_certificate_in_words() -> None:
    chart = picture(timeline(judged(with_faults("expressway-e", 2, [("expired_leaf", 1)])))).mermaid
    tasks = charted(chart)
    assert any(
        task.startswith("server certificate of 1 exe1.example.com - expired 31 days ago on 2026-05-01 :crit, c1, ")
        for task in tasks
    )
    assert any("root CA certplan test root - 13 years left until 2040-01-01" in task for task in tasks)


# --- every cluster ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD)
def test_any_judgement_gives_a_sound_section(name: str) -> None:
    found = timeline(odd(name))
    assert found.ident == "timeline"
    assert found.note
    assert all(line.text for line in words(found))
    sound(picture(found).svg)
    charted(picture(found).mermaid)
    assert found == timeline(odd(name))


def test_hostile_names_are_texts_in_the_drawing() -> None:
    found = drawn(odd("hostile"))
    assert any("<script>alert(1)</script>" in title for title in rows(found, "unknown"))
    assert not list(found.iter(f"{SVG}script"))
    assert "\u202e" not in picture(timeline(odd("hostile"))).svg


@pytest.mark.parametrize("moment", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC), AT])
def test_a_time_line_is_drawn_at_any_time(moment: datetime) -> None:
    found = timeline(at(expressway_e(2), moment))
    assert "<svg" in picture(found).svg
    sound(picture(found).svg)
    charted(picture(found).mermaid)


def test_the_style_lies_under_its_root_and_reaches_for_nothing() -> None:
    style = timeline_style()
    assert "url(" not in style
    assert "@import" not in style
    bare = re.sub(r"@media[^{]*\{|\{[^{}]*\}|\}", "", style)
    selectors = [each.strip() for each in bare.replace("\n", ",").split(",") if each.strip()]
    assert selectors
    assert all(each.startswith(".timeline") for each in selectors)


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""

    def luminance(color: str) -> float:
        parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(scheme: str) -> None:
    style = timeline_style()
    dark = style.index("@media")
    colors = dict(re.findall(r"--tl-([a-z]+): (#[0-9a-f]{6})", style[:dark] if scheme == "light" else style[dark:]))
    for name in ("ink", "quiet", "now", "bad", "warn", "open"):
        assert _contrast(colors[name], colors["paper"]) >= 4.5, name
    for name in ("good", "bad", "open"):
        assert _contrast(colors["inside"], colors[name]) >= 4.5, name
    for name in ("fine", "good", "bad", "warn", "open"):
        assert _contrast(colors[name], colors["paper"]) >= 3, name


def test_the_window_holds_the_certificates_but_not_the_decades_of_the_roots() -> None:
    line = TimeLine(
        "c",
        AT,
        "ready",
        (Stretch(AT, None, "ready", "good"),),
        (),
        (Bar("a", "server certificate", AT - timedelta(days=90), AT + timedelta(days=300), "valid", "w"),),
        (Bar("r", "root CA", datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC), "valid", "w"),),
    )
    start, end = line.window
    assert AT - timedelta(days=120) < start < AT - timedelta(days=90)
    assert AT + timedelta(days=300) < end < AT + timedelta(days=330)


def test_certificates_of_the_same_dates_are_one_row() -> None:
    found = table(timeline(judged(expressway_e(4))), "Certificates and CAs in use")
    merged = row(found, "4 server certificates")
    assert merged[0] == "4 server certificates | with the same dates"
    assert merged[4] == "every peer"
    draft = expressway_e(4)
    draft.reissue(2, not_after=datetime(2027, 1, 15, tzinfo=UTC))
    apart = table(timeline(judged(draft)), "Certificates and CAs in use")
    assert row(apart, "2 exe2.example.com")[2] == "2027-01-15"
    assert row(apart, "3 server certificates")[4] == "exe1.example.com | exe3.example.com | exe4.example.com"
