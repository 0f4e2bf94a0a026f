"""A real headless Chromium for the tests, and the questions they ask of a page.

    with browser.open(tmp_path / "review.html", width=360, scheme="dark") as page:
        assert page.console() == []                 console messages, uncaught errors, CSP violations
        assert page.requests() == []                whatever it asked of anyone, answered or not
        assert page.overflow() == []                what sticks out, is clipped, or spills over its neighbor
        assert page.svg_text() == []                text in drawings that collides or leaves the drawing
        assert page.axe() == []                     WCAG 2.2 AA and best practice, by axe-core
        assert page.print_faults("A4") == []        tables torn, headless, cut or off the paper

`browser` is a fixture: one Chromium for a whole run (for each worker of pytest-xdist), a fresh profile for each page.
Every answer is a list of sentences, empty where all is well. Tests that use it bear `@pytest.mark.system("chromium")`,
those that print also `@pytest.mark.system("poppler-utils")`.
"""

from tests.browser.paper import Paper, pdf_words
from tests.browser.window import Browser, Page, chromium

__all__ = ["Browser", "Page", "Paper", "chromium", "pdf_words"]
