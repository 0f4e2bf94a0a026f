"""The review as a page: sound HTML whose policy lets nothing in, the same to the byte, whatever the cluster holds."""

import base64
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from certplan.report.review import render_review
from certplan.vendor import sources
from tests.clusters import Draft, expressway_c, expressway_e
from tests.faults import FAULTS, with_faults
from tests.hostile import FORMULA, LINK, LONG, MARKUP, SCRIPT, hostile_judgement
from tests.report.test_hostile import VISIBLE, harmless

VOID = {"meta", "br", "input", "link", "img", "hr"}
OURS = re.compile(
    "html|head|meta|title|style|script|body|header|footer|main|nav|section|article|div|p|span|a|ul|ol|li|h[1-5]|table"
    "|caption|thead|tbody|tr|th|td|code|br|strong|dl|dt|dd|details|summary|form|fieldset|legend|label|input|select"
    "|option|button|output|svg|desc|g|rect|text|tspan|line|path|polyline|polygon|circle|defs|marker"
)
"""The elements that the page and its drawings are made of."""


@dataclass
class Page(HTMLParser):
    """What a parser makes of the page: its elements with their attributes, and its texts."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    """Every text with its element, in order."""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append((self.open[-1] if self.open else "", data))

    def texts(self, wanted: str) -> list[str]:
        """The texts of the elements of this name."""
        return [text for tag, text in self.said if tag == wanted]

    @property
    def shown(self) -> str:
        """The text a reader sees."""
        return "".join(text for tag, text in self.said if tag not in {"style", "script"})


def read(html: str) -> Page:
    """Parse it, after proving that every element is closed where it ought to be, and that it is one of ours."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    assert {tag for tag, _ in page.elements if not OURS.fullmatch(tag)} == set()
    return page


def sound(html: str) -> Page:
    """The laws that every page keeps."""
    harmless(html)
    page = read(html)
    idents = Counter(value for _, attributes in page.elements if (value := attributes.get("id")) is not None)
    assert [ident for ident, count in idents.items() if count > 1] == []
    known = {document.address for document in sources()}
    for tag, attributes in page.elements:
        assert not {
            name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}
        }
        for name in ("href", "xlink:href"):
            if (target := attributes.get(name)) is not None:
                assert target.removeprefix("#") in idents if target.startswith("#") else target in known
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert set((attributes.get(name) or "").split()) <= set(idents), tag
    return page


def policy(page: Page) -> str:
    return next(
        attributes["content"] or ""
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )


@pytest.mark.parametrize(
    "draft", [expressway_e(2), expressway_e(6), expressway_c(3), expressway_e(1)], ids=["e2", "e6", "c3", "e1"]
)
def test_a_perfect_cluster_gives_a_sound_page(draft: Draft, tmp_path: Path) -> None:
    page = sound(render_review(draft.judge(tmp_path)))
    assert "READY: every peer accepts every other under Enforce." in page.shown


@pytest.mark.parametrize("fault", FAULTS)
def test_a_cluster_with_any_fault_gives_a_sound_page_and_document(fault: str, tmp_path: Path) -> None:
    judgement = with_faults("expressway-e", 3, [(fault, 2)]).judge(tmp_path)
    page = sound(render_review(judgement))
    harmless(render_review(judgement, "markdown"))
    for finding in judgement.findings:
        assert not finding.counts or finding.message.replace("`", "") in page.shown


def test_the_policy_allows_this_style_and_script_and_nothing_else(tmp_path: Path) -> None:
    page = sound(render_review(expressway_e(2).judge(tmp_path)))
    rules = dict(rule.split(" ", 1) for rule in policy(page).split("; "))
    for name in ("style", "script"):
        (text,) = page.texts(name)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert set(rules.values()) == {"'none'"}
    assert "default-src" in rules


def test_the_style_fetches_nothing(tmp_path: Path) -> None:
    (style,) = sound(render_review(expressway_e(2).judge(tmp_path))).texts("style")
    assert not re.search(r"url\(|@import|image-set|src:", style)


def test_the_hostile_cluster_is_shown_as_text(tmp_path: Path) -> None:
    html = render_review(hostile_judgement(tmp_path), title=f"{SCRIPT}{LINK}{MARKUP}{FORMULA}{LONG}")
    assert LONG[:5000] not in html
    page = sound(html)
    assert [text for text in VISIBLE if text not in page.shown] == []
    assert Counter(tag for tag, _ in page.elements)["script"] == 1


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_two_reviews_of_the_same_are_the_same_to_the_byte(form: str, tmp_path: Path) -> None:
    judgement = with_faults("expressway-e", 4, [("wrong_san", 2), ("missing_ca", 3)]).judge(tmp_path)
    assert render_review(judgement, form) == render_review(judgement, form)


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected one of html, markdown"):
        render_review(expressway_e(2).judge(tmp_path), "pdf")
