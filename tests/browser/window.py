"""Chromium and a page in it, without `async` for those who ask.

Playwright drives the system's Chromium over a pipe; its own browsers are never downloaded. It lives on a thread of its
own: its event loop would otherwise be "running" in the tests' thread, where `asyncio.run` of the program would refuse
to start. Each question has a deadline, so a page that hangs is a failed test.
"""

import asyncio
import shutil
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeVar

from playwright.async_api import Browser as Chromium
from playwright.async_api import Page as Tab
from playwright.async_api import async_playwright

from tests.browser.paper import Marks, Paper, paper_faults

__all__ = ["Browser", "Page", "chromium"]

DEADLINE = 60
"""Seconds for one question: generous, since a busy machine is no fault of the page."""

PHONE = 600
"""Narrower than this is a phone: one that ignores `<meta name=viewport>` would lay the page out 980 pixels wide."""

NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: nothing leaves the machine, whatever a page tries."""

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

HINTS = """[...document.querySelectorAll("link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=icon]")]
    .map(link => link.href).filter(address => !address.startsWith("data:"))"""
"""The browser makes connections for these, or asks behind the page's back, and reports none of it."""

LISTENER = """document.addEventListener("securitypolicyviolation",
    event => (window.violations ??= []).push(event.effectiveDirective))"""
"""Notes what the page's policy forbade, by the standard's own event: a browser words its console as it likes."""

QUESTIONS = Path(__file__).with_name("page.js").read_text(encoding="utf-8")

Scheme = Literal["light", "dark"]
Media = Literal["screen", "print"]
T = TypeVar("T")


class Loop:
    """An event loop on its own thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="browser", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, slots=True)
class Page:
    """One open page. Questions may be asked in any order; printing leaves the page as it was."""

    _loop: Loop
    _tab: Tab
    _width: int
    _scripts: bool
    _console: list[str] = field(default_factory=list)
    _requests: list[str] = field(default_factory=list)

    def console(self) -> list[str]:
        """All the console has had so far, and uncaught errors: `kind: text`. CSP violations are of the kind `error`."""
        self._settle()
        return list(self._console)

    def violations(self) -> list[str]:
        """The directives of the page's policy that were violated so far, such as `img-src`. Needs scripts on."""
        self._settle()
        found: list[str] = self.evaluate("window.violations ?? []")
        return found

    def requests(self) -> list[str]:
        """What was asked for so far, `kind address`, whether answered, refused or forbidden; the page itself is not."""
        self._settle()
        hints = [f"link {address}" for address in self.evaluate(HINTS)]
        return list(dict.fromkeys([*self._requests, *hints]))

    def overflow(self) -> list[str]:
        """What a reader cannot see by scrolling downwards, or within a scroll container, alone; and spilled text."""
        faults: list[str] = self._ask("overflow", self._width)
        return faults

    def svg_text(self) -> list[str]:
        """Pieces of text in drawings that collide with another or lie outside of their drawing."""
        faults: list[str] = self._ask("svg_text")
        return faults

    def axe(self, *, undecided: bool = False) -> list[str]:
        """What axe-core objects to: `rule (impact): help: element; element`.

        Args:
            undecided: also what it could not decide, such as contrast on a picture, and of all text in drawings.
        """
        if not self._scripts:
            raise ValueError("axe-core needs a page with scripts on")
        self.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
        kinds = ["violations", "incomplete"] if undecided else ["violations"]
        options = {"runOnly": TAGS, "resultTypes": kinds}
        found = self._loop.do(self._tab.evaluate("options => axe.run(options)", options))
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: "
            + "; ".join(" ".join(str(step) for step in node["target"]) for node in rule["nodes"])
            for kind in kinds
            for rule in found[kind]
        ]

    def pdf(self, paper: Paper = "A4") -> bytes:
        """The page as printed; its own `@page` margins and size are heeded."""
        return self._loop.do(self._tab.pdf(format=paper, prefer_css_page_size=True, print_background=True, tagged=True))

    def print_faults(self, paper: Paper = "A4", *, unprinted: str = "x-nothing") -> list[str]:
        """What paper spoils: rows torn or lost, pages without the header row, text shrunk or cut off at the edge.

        Args:
            paper: the sheet.
            unprinted: a selector of what is meant to be left out on paper.
        """
        marks: Marks = self._ask("marks", unprinted)
        try:
            return paper_faults(self.pdf(paper), paper, marks)
        finally:
            self._ask("marks")

    def screenshot(self, path: Path, selector: str | None = None) -> None:
        """A PNG of the whole page, or of one element, for eyes."""
        if selector is None:
            self._loop.do(self._tab.screenshot(path=path, full_page=True))
        else:
            self._loop.do(self._tab.locator(selector).screenshot(path=path))

    def press(self, *keys: str) -> str:
        """Press keys (`Tab`, `Shift+Tab`, `Enter`, `ArrowDown`, `a`) one after the other; what has the focus then."""
        for key in keys:
            self._loop.do(self._tab.keyboard.press(key))
        return self.focused()

    def focused(self) -> str:
        """The element with the focus as `tag#id.class "text"`; `body` where nothing has it."""
        focus: str = self._ask("focused")
        return focus

    def fill(self, selector: str, value: str) -> None:
        """Type a value into the one field that the selector names, and leave it."""
        field = self._tab.locator(selector)
        self._loop.do(field.fill(value))
        self._loop.do(field.blur())

    def choose(self, selector: str, value: str) -> None:
        """Choose one of the values that a field offers."""
        self._loop.do(self._tab.locator(selector).select_option(value))

    def give_files(self, selector: str, *files: Path) -> None:
        """Choose files in a field for files."""
        self._loop.do(self._tab.locator(selector).set_input_files(list(files)))

    def choose_files_on(self, key: str, *files: Path) -> None:
        """Press a key that opens the system's dialog for files, and choose these in it."""
        self._loop.do(self._chosen(key, files))

    async def _chosen(self, key: str, files: tuple[Path, ...]) -> None:
        async with self._tab.expect_file_chooser() as opened:
            await self._tab.evaluate("0")  # the browser has to know of it before the key
            await self._tab.keyboard.press(key)
        await (await opened.value).set_files(list(files))

    def download_on(self, key: str) -> bytes:
        """Press a key that downloads a file; its contents."""
        return self._loop.do(self._downloaded(key))

    async def _downloaded(self, key: str) -> bytes:
        async with self._tab.expect_download() as begun:
            await self._tab.keyboard.press(key)
        path = await (await begun.value).path()
        return path.read_bytes()

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression in the page is true."""
        self._loop.do(asyncio.wait_for(self._until(condition), DEADLINE / 2))

    async def _until(self, condition: str) -> None:
        # Playwright's own way evaluates text in the page, which a strict content security policy forbids.
        while not await self._tab.evaluate(condition):  # noqa: ASYNC110 - the page tells nobody
            await asyncio.sleep(0.02)

    def go(self, address: str) -> None:
        """Open another address in the same tab."""
        self._loop.do(self._tab.goto(address))

    def click(self, selector: str) -> None:
        """Click the one element that the selector names, once it can be clicked."""
        self._loop.do(self._tab.locator(selector).click())

    def submit(self, selector: str) -> None:
        """Click the one button that the selector names, and wait until the page that answers it is loaded."""
        self._loop.do(self._submitted(selector))

    async def _submitted(self, selector: str) -> None:
        async with self._tab.expect_navigation():
            await self._tab.locator(selector).click()

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page. Where scripts are off it must not be a promise."""
        return self._loop.do(self._tab.evaluate(expression))

    def _settle(self) -> None:
        """Half a second without a request: prefetches and late loads have begun by then."""
        self._loop.do(self._tab.wait_for_load_state("networkidle"))

    def _ask(self, question: str, argument: float | str | None = None) -> Any:
        """The answer of one of the functions in page.js."""
        return self._loop.do(self._tab.evaluate(f"argument => {{{QUESTIONS}; return {question}(argument);}}", argument))


@dataclass(frozen=True, slots=True)
class Browser:
    """A running Chromium."""

    _loop: Loop
    _chromium: Chromium

    @contextmanager
    def open(
        self,
        path: Path | str,
        *,
        width: int = 1024,
        scheme: Scheme = "light",
        scripts: bool = True,
        media: Media = "screen",
    ) -> Iterator[Page]:
        """Open a file as a user does, by its `file:` address, in a profile of its own; or an `http:` address.

        Args:
            path: the HTML or SVG file, or the address.
            width: of the window in CSS pixels; a narrow one is a phone.
            scheme: what `prefers-color-scheme` says.
            scripts: whether the page may run any.
            media: which style sheets count; `overflow` of the printed page is asked with `print`.
        """
        address = path if isinstance(path, str) else path.resolve().as_uri()
        page = self._loop.do(self._opened(address, width, scheme, scripts, media))
        try:
            yield page
        finally:
            self._loop.do(page._tab.context.close())

    async def _opened(self, address: str, width: int, scheme: Scheme, scripts: bool, media: Media) -> Page:
        context = await self._chromium.new_context(
            viewport={"width": width, "height": 900},
            is_mobile=width < PHONE,
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            service_workers="block",
        )
        tab = await context.new_page()
        await tab.add_init_script(LISTENER)
        page = Page(self._loop, tab, width, scripts)
        tab.on("console", lambda message: page._console.append(f"{message.type}: {message.text}"))
        tab.on("pageerror", lambda error: page._console.append(f"uncaught: {error}"))
        tab.on("websocket", lambda socket: page._requests.append(f"websocket {socket.url}"))
        tab.on("request", lambda asked: page._requests.append(f"{asked.resource_type} {asked.url}"))
        if media == "print":  # "screen" would hold for the PDF too
            await tab.emulate_media(media=media)
        await tab.goto(address)
        page._requests.remove(f"document {address}")
        return page


@contextmanager
def chromium(*, loopback: bool = False) -> Iterator[Browser]:
    """Run the system's Chromium, as root or not, until the block ends; with `loopback` it reaches this machine."""
    loop = Loop()
    try:
        playwright = loop.do(async_playwright().start())
        try:
            program = loop.do(
                playwright.chromium.launch(
                    executable_path=shutil.which("chromium"),
                    args=["--disable-quic", "--font-render-hinting=none"],
                    proxy={"server": NOWHERE, "bypass": "127.0.0.1" if loopback else "<-loopback>"},
                )
            )
            try:
                yield Browser(loop, program)
            finally:
                loop.do(program.close())
        finally:
            loop.do(playwright.stop())
    finally:
        loop.close()
