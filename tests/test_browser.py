"""The browser that tests drive finds what is wrong with a page, and nothing where nothing is."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Browser, Page, pdf_words

pytestmark = [pytest.mark.system("chromium"), pytest.mark.system("poppler-utils")]

CSP = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
ROWS = "".join(
    f"<tr><th scope=row>exe{n}.example.com<td>The certificate of this peer names the others<td>{n}" for n in range(60)
)
TABLE = f"<table><caption>Peers</caption><thead><tr><th>Peer<th>What<th>Number</thead><tbody>{ROWS}</tbody></table>"
TALL = TABLE.replace("<td>The", f"<td>{'The<br>' * 11}The")
DRAWING = """<svg role=img viewBox="0 0 300 60" width=300><title>Two peers</title>
<text x=10 y=20>exe1</text><text x=10 y=40>exe2 <tspan font-weight=bold>expired</tspan></text></svg>"""
STYLE = "@page {margin: 15mm} tr {break-inside: avoid} thead {break-inside: avoid}"

Show = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Show:
    """Opens a page with this body; the rest of the page is in order."""

    def opened(body: str, head: str = CSP, **how: Any) -> AbstractContextManager[Page]:
        path = tmp_path / "page.html"
        frame = f"<!doctype html><html lang=en><meta charset=utf-8><title>A review</title>{head}"
        style = f"<style>{STYLE}</style><meta name=viewport content='width=device-width'>"
        path.write_text(f"{frame}{style}<main><h1>A review</h1>{body}</main>", encoding="utf-8")
        return browser.open(path, **how)

    return opened


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


@pytest.mark.parametrize("width", [360, 1024, 1600])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_in_order_has_no_faults(show: Show, width: int, scripts: bool) -> None:
    scroller = f"<div tabindex=0 role=region aria-label=Peers style='overflow-x:auto'>{TABLE}</div>"
    with show(scroller + DRAWING, width=width, scripts=scripts) as page:
        assert page.evaluate("innerWidth") == width
        assert page.overflow() == []
        assert page.svg_text() == []
        assert page.print_faults("A4") == []
        assert page.print_faults("Letter") == []
        if scripts:
            assert page.axe() == []
            assert page.violations() == []
        assert page.requests() == []
        assert page.console() == []
        assert page.evaluate("document.querySelectorAll('[data-mark]').length") == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>console.log('hello')</script>", "log: hello"),
        ("<script>console.warn('beware')</script>", "warning: beware"),
        ("<script>missing()</script>", "uncaught: missing is not defined"),
        ("<script>Promise.reject(new Error('late'))</script>", "uncaught: late"),
    ],
)
def test_the_console_is_heard(show: Show, body: str, said: str) -> None:
    with show(body, head="") as page:
        assert page.console() == [said]


@pytest.mark.parametrize(
    ("body", "directive"),
    [
        ("<script>document.title</script>", "script-src-elem"),
        ("<p onclick='document.title'>x", "script-src-attr"),
        ("<img alt=x src=data:image/gif;base64,R0lGODlhAQABAAAAACw=>", "img-src"),
    ],
)
def test_a_violation_of_the_policy_is_heard(show: Show, body: str, directive: str) -> None:
    with show(body) as page:
        # Whether a handler is compiled with the page or when it is first run is the browser's affair.
        page.evaluate("document.querySelector('main').lastElementChild.click()")
        assert set(page.violations()) == {directive}
        assert any(said.startswith("error: ") for said in page.console())


@pytest.mark.parametrize(
    "body",
    [
        "<img alt=x src={}>",
        "<link rel=prefetch href={}>",
        "<link rel=preconnect href={}>",
        "<link rel=dns-prefetch href={}>",
        "<link rel=stylesheet href={}>",
        "<link rel=icon href={}>",
        "<style>p {{background: url({})}}</style><p>x",
        "<style>@font-face {{font-family: f; src: url({})}} p {{font-family: f}}</style><p>x",
        "<iframe title=x src={}></iframe>",
        "<script>fetch('{}').catch(() => 0)</script>",
        "<script>navigator.sendBeacon('{}')</script>",
        "<script>new WebSocket('{}')</script>",
    ],
)
def test_whatever_a_page_asks_for_is_seen_and_reaches_nobody(show: Show, listener: socket.socket, body: str) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    with show(body.format(address), head="") as page:
        (asked,) = page.requests()
    assert asked.split(" ")[1].removeprefix("ws").removeprefix("http") == address.removeprefix("http")
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_forbidden_request_is_seen_too(show: Show) -> None:
    with show("<img alt=x src=http://example.com/x>") as page:
        assert page.requests() == ["image http://example.com/x"]


WIDE = "<div style='width:2000px'>A wide box</div>"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (WIDE, "A wide box"),
        ("<p>" + "exe1" * 200, "spills out of p"),
        (f"<div style='overflow:hidden'>{WIDE}</div>", "is cut off by div"),
        ("<p style='width:60px;overflow:hidden;white-space:nowrap'>exe1.example.com", "is cut off by p"),
        ("<p style='height:10px;overflow:clip'>one<br>two", "is cut off by p"),
        ("<table style='width:90px;table-layout:fixed'><td>exe1.example.com<td>x</table>", "spills out of td"),
        ("<p style='margin-left:-30px'>Begins left", "begins left of the window"),
        ("<p style='position:relative;left:1590px'>To the right", "beyond the window"),
    ],
)
def test_what_cannot_be_seen_is_reported(show: Show, body: str, fault: str) -> None:
    with show(body, width=1600) as page:
        assert any(fault in said for said in page.overflow()), page.overflow()


@pytest.mark.parametrize(
    "body",
    [
        f"<div style='overflow-x:auto'>{WIDE}</div>",
        f"<div hidden>{WIDE}</div>",
        f"<details><summary>More</summary>{WIDE}</details>",
        "<span style='position:absolute;width:1px;height:1px;overflow:hidden;white-space:nowrap'>For readers</span>",
        "<a href=#x style='position:absolute;left:-9999px'>Skip</a>",
    ],
)
def test_what_can_be_scrolled_to_or_is_meant_to_be_hidden_is_no_fault(show: Show, body: str) -> None:
    with show(body, width=360) as page:
        assert page.overflow() == []


def test_a_page_not_made_for_phones_is_reported(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><title>x</title><p>A page", encoding="utf-8")
    with browser.open(path, width=360) as page:
        assert page.overflow() == ["the page is laid out 980 px wide on a screen of 360"]


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        ("<text x=10 y=20>exe1</text><text x=20 y=25>exe2</text>", ['"exe1" and "exe2" overlap by']),
        ("<text x=10 y=20>exe1<tspan x=12>exe2</tspan></text>", ['"exe1" and "exe2" overlap by']),
        ("<text x=280 y=20>exe1.example.com</text>", ['"exe1.example.com" lies outside']),
        ("<text x=10 y=2>exe1</text>", ['"exe1" lies outside']),
        ("<text x=10 y=20>exe1</text><text x=10 y=39>exe2</text>", []),
        ("<text x=10 y=20>exe1</text><text x=10 y=20 visibility=hidden>exe2</text>", []),
    ],
)
@pytest.mark.parametrize("scripts", [True, False])
def test_text_that_collides_in_a_drawing_is_reported(show: Show, texts: str, faults: list[str], scripts: bool) -> None:
    with show(f"<svg viewBox='0 0 300 60' width=300>{texts}</svg>", scripts=scripts) as page:
        said = page.svg_text()
    assert [found.startswith(fault) for found, fault in zip(said, faults, strict=True)] == [True] * len(faults)


def test_an_svg_file_is_a_page_too(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "drawing.svg"
    text = "<text x='10' y='20'>exe1</text>"
    path.write_text(f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 99 60'>{text}{text}</svg>", encoding="utf-8")
    with browser.open(path) as page:
        (fault,) = page.svg_text()
        assert fault.startswith('"exe1" and "exe1" overlap')
        assert page.console() == page.requests() == []


def test_what_is_meant_to_be_left_out_is_not_missed_on_paper(show: Show) -> None:
    style = "<style>@media print {.aside {display: none}}</style>"
    with show(f"{style}<div class=aside>{TABLE}</div>{TABLE}") as page:
        assert page.print_faults(unprinted=".aside") == []
        assert page.print_faults() != []


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (f"<style>tr {{break-inside: auto !important}}</style>{TALL}", "is torn between pages [1, 2]"),
        (TABLE.replace("thead", "tbody"), "continues on page 2 without its header row"),
        (f"<div style='height:205mm'></div>{TALL}", "its header row stands alone on page 1"),
        (f"<style>@media print {{table {{display: none}}}}</style>{TABLE}", "row 1 is not printed whole"),
        (f"<details><summary>More</summary>{TABLE}</details>", "row 1 is not printed whole"),
        (f"<div style='overflow:hidden;height:200px'>{TABLE}</div>", "is not printed whole"),
        (f"<div style='overflow:hidden;width:200px'>{TABLE}</div>", "is not printed whole"),
        (f"<p style='white-space:nowrap'>{'exe1.example.com ' * 9}</p>", "shrunk to "),
        (f"<style>@page {{margin: 0 !important}}</style>{TABLE}", "more words are at or beyond the paper's edge"),
        (f"<style>@page {{size: 100mm 100mm}}</style>{TABLE}", "printed on 283 x 283 points, which is not Letter"),
    ],
)  # fmt: skip
def test_what_paper_spoils_is_reported(show: Show, table: str, fault: str) -> None:
    with show(table) as page:
        assert any(fault in said for said in page.print_faults("Letter")), page.print_faults("Letter")


def test_the_pdf_is_the_page(show: Show) -> None:
    with show(TABLE) as page:
        words = pdf_words(page.pdf("A4"))
    assert {word.text for word in words} >= {"exe0.example.com", "exe59.example.com"}
    assert [word.page for word in words if word.text == "Number"] == [1, 2]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<p style='color:#999'>Too pale", "color-contrast (serious)"),
        ("<img src=data:,>", "image-alt (critical)"),
        ("<table><tr><th><td>1<tr><td>2<td>3</table>", "empty-table-header (minor)"),
        ("<ul><p>x</ul>", "list (serious)"),
        ("<h4>Deeper</h4>", "heading-order (moderate)"),
        ("<input>", "label (critical)"),
        (f"<div style='overflow:auto;height:50px'>{TABLE}</div>", "scrollable-region-focusable (serious)"),
    ],
)
def test_axe_objects(show: Show, body: str, rule: str) -> None:
    with show(body) as page:
        assert any(rule in said for said in page.axe()), page.axe()


def test_what_axe_cannot_decide_is_told_on_request(show: Show) -> None:
    with show(DRAWING) as page:
        assert page.axe() == []
        (undecided,) = page.axe(undecided=True)
        assert undecided.startswith("color-contrast (serious)")


def test_axe_is_not_asked_where_it_could_not_answer(show: Show) -> None:
    with show("<input>", scripts=False) as page, pytest.raises(ValueError, match="scripts on"):
        page.axe()


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ("(prefers-color-scheme: dark)", {"scheme": "dark"}),
        ("(prefers-color-scheme: light)", {"scheme": "light"}),
        ("print", {"media": "print"}),
        ("screen", {}),
        ("(scripting: none)", {"scripts": False}),
        ("(prefers-reduced-motion)", {}),
    ],
)
def test_the_reader_is_whom_the_test_says(show: Show, query: str, how: dict[str, Any]) -> None:
    with show("", **how) as page:
        assert page.evaluate(f"matchMedia('{query}').matches")


def test_scripts_run_only_where_they_are_on(show: Show) -> None:
    script = "<script>document.body.id = 'ran'</script>"
    with show(script, head="") as page:
        assert page.evaluate("document.body.id") == "ran"
    with show(script, head="", scripts=False) as page:
        assert page.evaluate("document.body.id") == ""


def test_keys_and_clicks_reach_the_page(show: Show) -> None:
    body = "<a id=top href=#x>Top</a><details><summary class=more>More</summary>Text</details><button>Go</button>"
    with show(body) as page:
        assert page.focused() == "body"
        assert page.press("Tab") == 'a#top "Top"'
        assert page.press("Tab", "Enter") == 'summary.more "More"'
        assert page.evaluate("document.querySelector('details').open") is True
        page.click("summary")
        assert page.evaluate("document.querySelector('details').open") is False
        assert page.press("Tab") == 'button "Go"'
        assert page.press("Shift+Tab", "Shift+Tab") == 'a#top "Top"'


def test_a_screenshot_is_as_wide_as_the_window_and_as_high_as_the_page(show: Show, tmp_path: Path) -> None:
    with show("<p id=high style='height:3000px;width:50px;margin:0'>High", width=360) as page:
        page.screenshot(tmp_path / "whole.png")
        page.screenshot(tmp_path / "part.png", "#high")
    whole, part = ((tmp_path / name).read_bytes() for name in ("whole.png", "part.png"))
    assert whole.startswith(b"\x89PNG")
    size = [[int.from_bytes(png[at : at + 4]) for at in (16, 20)] for png in (whole, part)]
    assert size[0][0] == 360
    assert size[0][1] > 3000
    assert size[1][0] == 50
    assert size[1][1] in {3000, 3001}


def test_an_event_loop_of_the_program_can_run_beside_it(show: Show) -> None:
    async def answer() -> int:
        return 42

    with show(""):
        assert asyncio.run(answer()) == 42
