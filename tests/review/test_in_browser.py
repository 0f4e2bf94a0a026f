"""The review as people see it: in a real browser, at every width, in both schemes, on paper, without scripts."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.judgement import Judgement, judge
from certplan.plan.reading import load_plan
from certplan.report.review import render_review
from tests.browser import Browser, pdf_words
from tests.browser.paper import Paper
from tests.browser.window import Scheme
from tests.clusters import expressway_e
from tests.faults import with_faults
from tests.hostile import hostile_judgement

pytestmark = [pytest.mark.system("chromium"), pytest.mark.system("poppler-utils")]

AS_OF = datetime(2027, 1, 1, tzinfo=UTC)
"""When the fixture clusters are what their README says."""
ROOT = Path(__file__).parents[2]
MANY_FAULTS = [("wrong_san", 2), ("missing_ca", 3), ("mapping_to_nat", 4), ("expired_leaf", 5), ("no_trust_list", 6)]


def _fixture(name: str) -> Callable[[Path], Judgement]:
    def judged(_: Path) -> Judgement:
        plan = load_plan(ROOT / "fixtures" / name)
        return judge(plan, gather(plan, AS_OF, live_dns=False), AS_OF)

    return judged


CLUSTERS: dict[str, Callable[[Path], Judgement]] = {
    "one peer": lambda folder: expressway_e(1).judge(folder),
    "two peers": _fixture("lab/expressway-e-without-mapping.yaml"),
    "three peers of IPv6": _fixture("clusters/expressway-e-ipv6.yaml"),
    "four peers": _fixture("clusters/expressway-e-four-peers.yaml"),
    "six peers": _fixture("clusters/expressway-c-six-peers.yaml"),
    "six peers with many faults": lambda folder: with_faults("expressway-e", 6, MANY_FAULTS).judge(folder),
    "six hostile peers": hostile_judgement,
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The review of a cluster by its name, written once."""
    folder = tmp_path_factory.mktemp("reviews")

    def page(name: str) -> Path:
        file = folder / f"{name.replace(' ', '-')}.html"
        if not file.exists():
            (folder / name).mkdir()
            file.write_text(render_review(CLUSTERS[name](folder / name)), encoding="utf-8")
        return file

    return page


ACCEPTED = ".accepted"
"""The steps of handshakes that nothing is wrong with, which paper is spared."""
FOLDED = ".accepted, .unprinted"
"""What paper is spared where nobody asks for all of it: the evidence, too."""
Pages = Callable[[str], Path]


@pytest.mark.parametrize("name", CLUSTERS)
class TestEveryCluster:
    @pytest.mark.parametrize("width", [360, 1024, 1600])
    def test_nothing_overflows_or_collides(self, browser: Browser, pages: Pages, name: str, width: int) -> None:
        with browser.open(pages(name), width=width) as page:
            assert page.overflow() == []
            assert page.svg_text() == []

    def test_nothing_is_asked_for_and_nothing_complains(self, browser: Browser, pages: Pages, name: str) -> None:
        with browser.open(pages(name)) as page:
            assert page.requests() == []
            assert page.console() == []

    def test_axe_finds_nothing(self, browser: Browser, pages: Pages, name: str) -> None:
        with browser.open(pages(name)) as page:
            assert page.axe() == []

    def test_paper_cuts_no_table(self, browser: Browser, pages: Pages, name: str) -> None:
        with browser.open(pages(name)) as page:
            assert page.print_faults("A4", unprinted=FOLDED) == []

    def test_it_reads_without_scripts(self, browser: Browser, pages: Pages, name: str) -> None:
        with browser.open(pages(name), scripts=False, width=360) as page:
            assert page.overflow() == []
            assert page.console() == []
            assert not page.evaluate("document.querySelector('#filter')?.checkVisibility() ?? false")
            findings = page.evaluate("[...document.querySelectorAll('.finding')].map((f) => f.checkVisibility())")
            assert all(findings)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1024, 1600])
def test_axe_finds_nothing_in_what_is_folded_away(browser: Browser, pages: Pages, width: int, scheme: Scheme) -> None:
    with browser.open(pages("four peers"), width=width, scheme=scheme) as page:
        page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        assert page.axe() == []


@pytest.mark.parametrize("name", ["four peers", "six peers with many faults"])
def test_letter_paper_cuts_no_table_either(browser: Browser, pages: Pages, name: str) -> None:
    with browser.open(pages(name)) as page:
        assert page.print_faults("Letter", unprinted=FOLDED) == []


@pytest.mark.parametrize("name", ["four peers", "six hostile peers"])
def test_paper_cuts_no_table_of_the_evidence_either(browser: Browser, name: str, tmp_path: Path) -> None:
    file = tmp_path / "full.html"
    file.write_text(render_review(CLUSTERS[name](tmp_path), full=True), encoding="utf-8")
    with browser.open(file) as page:
        assert page.print_faults("A4", unprinted=ACCEPTED) == []


@pytest.mark.parametrize("name", ["one peer", "three peers of IPv6", "six peers with many faults"])
def test_the_summary_is_one_sheet_in_landscape(browser: Browser, name: str, tmp_path: Path) -> None:
    file = tmp_path / "summary.html"
    file.write_text(render_review(CLUSTERS[name](tmp_path), summary=True), encoding="utf-8")
    with browser.open(file) as page:
        assert page.overflow() == []
        assert page.axe() == []
        words = pdf_words(page.pdf())
    assert {word.page for word in words} == {1}
    wide, high = words[0].paper
    assert wide > high
    assert [word.text for word in words if word.text in ("Page", "1", "of")][-4:] == ["Page", "1", "of", "1"]


def test_every_sheet_has_the_title_and_its_number(browser: Browser, pages: Pages) -> None:
    with browser.open(pages("two peers")) as page:
        words = pdf_words(page.pdf())
    last = max(word.page for word in words)
    for number in range(1, last + 1):
        said = " ".join(word.text for word in words if word.page == number)
        assert f"Page {number} of {last}" in said
        assert "certplan" in said


def test_wide_windows_keep_the_contents_in_sight(browser: Browser, pages: Pages) -> None:
    top = "document.querySelector('nav').getBoundingClientRect().top"
    with browser.open(pages("four peers"), width=1600) as page:
        page.evaluate("document.querySelector('#runbook').scrollIntoView({behavior: 'instant'})")
        assert 0 <= page.evaluate(top) < 50
    with browser.open(pages("four peers"), width=1024) as page:
        page.evaluate("document.querySelector('#runbook').scrollIntoView({behavior: 'instant'})")
        assert page.evaluate(top) < 0


@pytest.mark.parametrize("name", ["four peers", "six peers", "six peers with many faults"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_drawing_stands_on_one_sheet(browser: Browser, pages: Pages, name: str, paper: Paper) -> None:
    with browser.open(pages(name)) as page:
        words = pdf_words(page.pdf(paper))
    lanes = {word.page for word in words if word.text == "INSIDE"}
    legend = {
        one.page
        for one, other in pairwise(words)
        if one.text == "connection" and other.text in ("accepted", "rejected")
    }
    assert len(lanes) == 1
    assert lanes <= legend


LATER = "new Promise((done) => setTimeout(done))"
"""When what the page has put off is done."""


def _shown(page_findings: str = "true") -> str:
    return f"[...document.querySelectorAll('.finding:not([hidden])')].filter((f) => {page_findings}).map((f) => f.id)"


class TestFilter:
    def test_each_control_leaves_what_it_says(self, browser: Browser, pages: Pages) -> None:
        with browser.open(pages("four peers")) as page:
            every = page.evaluate(_shown())
            assert len(every) > 4
            page.click("#filter input[value=error]")
            without = page.evaluate(_shown())
            others = page.evaluate("[...document.querySelectorAll('.finding:not(.error)')].map((f) => f.id)")
            assert without == others
            assert page.evaluate("document.querySelector('#filter output').textContent") == (
                f"{len(without)} of {len(every)} shown"
            )
            page.click("#filter button[type=reset]")
            page.evaluate(LATER)
            assert page.evaluate(_shown()) == every

    def test_by_peer_and_by_group_together(self, browser: Browser, pages: Pages) -> None:
        with browser.open(pages("four peers")) as page:
            choose = """((name, label) => { const select = document.querySelector(`#filter select[name=${name}]`);
              select.value = [...select.options].find((option) => option.text === label).value;
              select.dispatchEvent(new Event('input', {bubbles: true})); })"""
            page.evaluate(f"{choose}('peer', 'exe3.example.com')")
            of_peer = page.evaluate(_shown())
            assert of_peer
            subjects = "document.querySelector(`#${f}`).textContent.includes('exe3.example.com')"
            assert page.evaluate(f"{of_peer}.every((f) => {subjects})")
            page.evaluate(f"{choose}('group', 'names')")
            both = page.evaluate(_shown())
            assert both
            assert set(both) < set(of_peer)
            assert page.evaluate(_shown("f.dataset.group !== 'names'")) == []

    def test_a_link_to_a_finding_that_is_filtered_out_shows_it(self, browser: Browser, pages: Pages) -> None:
        with browser.open(pages("four peers")) as page:
            page.click("#filter input[value=error]")
            assert not page.evaluate("document.querySelector('.finding.error').checkVisibility()")
            page.evaluate("location.hash = document.querySelector('.finding.error').id")
            page.evaluate(f"{LATER}.then(() => {LATER})")
            assert page.evaluate("document.querySelector('.finding.error').checkVisibility()")


class TestMatrix:
    CELL = "tr:first-child > td > [data-handshake][href='#handshake-1-3']"
    FOLD = "summary:has(#matrix)"

    def test_pointing_at_a_cell_shows_that_handshake(self, browser: Browser, pages: Pages) -> None:
        with browser.open(pages("four peers")) as page:
            page.click(self.FOLD)
            assert not page.evaluate("document.querySelector('#handshake').checkVisibility()")
            page.evaluate(
                f"document.querySelector(\"{self.CELL}\").dispatchEvent(new MouseEvent('mouseover', {{bubbles: true}}))"
            )
            card = page.evaluate("document.querySelector('#handshake').innerText")
            assert card.startswith("exe1.example.com checks exe3.example.com")
            assert "NAM001" in card

    def test_so_does_the_keyboard(self, browser: Browser, pages: Pages) -> None:
        with browser.open(pages("four peers")) as page:
            page.evaluate(f"location.hash = 'matrix'; {LATER}")
            page.evaluate("document.querySelector(\"[data-handshake][href='#handshake-1-2']\").focus()")
            assert "rejects" in page.press("Tab")
            card = page.evaluate("document.querySelector('#handshake').innerText")
            assert card.startswith("exe1.example.com checks exe3.example.com")

    def test_following_a_cell_unfolds_its_steps(self, browser: Browser, pages: Pages) -> None:
        for scripts in (True, False):
            with browser.open(pages("four peers"), scripts=scripts) as page:
                assert not page.evaluate("document.querySelector('#handshake-1-3 table').checkVisibility()")
                page.click(self.FOLD)
                page.click(self.CELL)
                assert page.evaluate("document.querySelector('#handshake-1-3 table').checkVisibility()")


def test_the_keyboard_reaches_the_review_first(browser: Browser, pages: Pages) -> None:
    with browser.open(pages("two peers")) as page:
        assert "Skip to the content" in page.press("Tab")
        page.press("Enter")
        assert page.focused().startswith("main#review")


def test_every_handshake_that_is_not_accepted_is_printed_in_full(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "full.html"
    file.write_text(render_review(CLUSTERS["two peers"](tmp_path), full=True), encoding="utf-8")
    with browser.open(file) as page:
        words = " ".join(word.text for word in pdf_words(page.pdf()))
    assert "expe01.apolo.local checks expe02.apolo.local" in words
    assert "Find the" in words


HEADINGS = """[...document.querySelectorAll("h1, h2, h3, h4, caption, summary")].map(each => each.innerText)"""
WORDS = """[...document.querySelectorAll("h1, h2, h3, h4, p, li, th, td, dt, dd, caption")]
    .filter(each => each.checkVisibility()).map(each => each.innerText).join(" ")"""
WHOLE = re.compile(r"[A-Za-z]{4,22}")


def lines_of(pdf: bytes) -> list[list[str]]:
    """The lines of each sheet, from top to bottom, blanks as they come, without the line at its foot."""
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    sheets = [[" ".join(line.split()) for line in sheet.splitlines()] for sheet in text.decode().split("\f")]
    return [[line for line in sheet if line and not line.startswith("Page ")] for sheet in sheets]


@pytest.mark.parametrize("name", ["two peers", "four peers", "six peers with many faults"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_no_heading_stands_alone_at_the_foot_of_a_sheet(
    browser: Browser, name: str, paper: Paper, tmp_path: Path
) -> None:
    file = tmp_path / "full.html"
    file.write_text(render_review(CLUSTERS[name](tmp_path), full=True), encoding="utf-8")
    with browser.open(file) as page:
        headings = {" ".join(each.split()) for each in page.evaluate(HEADINGS)}
        sheets = [sheet for sheet in lines_of(page.pdf(paper)) if sheet]
    assert len(sheets) > 3
    assert [sheet[-1] for sheet in sheets[:-1] if sheet[-1] in headings] == []


@pytest.mark.parametrize("name", ["four peers", "six peers with many faults"])
def test_no_word_is_broken_on_paper(browser: Browser, name: str, tmp_path: Path) -> None:
    file = tmp_path / "full.html"
    file.write_text(render_review(CLUSTERS[name](tmp_path), full=True), encoding="utf-8")
    with browser.open(file, media="print") as page:
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
        shown = set(WHOLE.findall(page.evaluate(WORDS)))
        printed = set(WHOLE.findall(" ".join(word.text for word in pdf_words(page.pdf()))))
    # A long name may be broken behind a dot, and so may what it is made of: words of their own never are.
    assert len(shown) > 200
    assert sorted(shown - printed) == []
