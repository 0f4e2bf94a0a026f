"""Any document as one HTML file that needs nothing else: its style and script are in it, and nothing more may run."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from certplan import __version__
from certplan.outcomes import Outcome, Severity
from certplan.report.cards import source_words
from certplan.report.document import LONGEST, Block, Document, FindingCard, Findings, Fold
from certplan.report.drawing import drawing_style
from certplan.report.drawing.words import peers_in_words
from certplan.report.review.parts.timeline import timeline_style
from certplan.text.names import show

__all__ = ["blocks_html", "html", "page_style"]

_SEVERITIES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTICE: "quiet"}
_WORDS = {Outcome.PASS: "accepts", Outcome.FAIL: "rejects", Outcome.UNKNOWN: "unknown"}
_WEB = "https://"
_REFERENCE = re.compile(r'((?: id| href)="#?|url\(#)((?<=#)[^")]+|(?<= id=")[^"]+)')
_REFERENCES = re.compile(r'( aria-(?:labelledby|describedby))="([^"]*)"')
_LONGEST_HEAD = 90
"""Characters of the title on top of each sheet."""
_LONGEST_WORD = 22
"""Characters of a word that is never broken; names and values that are longer break where they must."""
_LONGEST_IN_CELL = 800
"""Characters of one line of a cell: a row must fit a sheet of paper."""


def html(document: Document) -> str:
    """The whole file.

    Everything is escaped by the template engine after `names.show` has made hidden characters visible; only the
    drawings are taken as they are. The content security policy lets this very style and script work and forbids all
    else (Content Security Policy Level 3, section 2.3.1, hash sources).
    """
    environment = _environment()
    style = "\n".join((page_style(), _running_head(document)))
    script = _file(environment, "page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    page = environment.get_template("page.html").render(
        document=document,
        version=__version__,
        policy=Markup(policy),  # noqa: S704 - our own; a hash in it is no key to hide
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        filtered=True,
        **_filters(block for section in document.shown for block in section.blocks),
    )
    return page.rstrip("\n") + "\n"


def page_style() -> str:
    """The style sheet of every page."""
    return "\n".join((_file(_environment(), "style.css"), drawing_style(), timeline_style()))


def blocks_html(blocks: Iterable[Block], prefix: str, *, level: int = 3) -> Markup:
    """Blocks as they stand in a page, to be put into another one.

    Args:
        blocks: what to show.
        prefix: begins every ident in it, so that one page can show several documents.
        level: of the headings.
    """
    chosen = tuple(blocks)
    template = _environment().get_template("sections.html")
    found = template.render(blocks=chosen, level=level, filtered=False, **_filters(chosen))
    return Markup(_with_prefix(found, prefix))  # noqa: S704 - the template engine has escaped it


def _with_prefix(found: str, prefix: str) -> str:
    """The idents, and what refers to them, with a prefix. Quotes that are no markup have been escaped."""
    found = _REFERENCE.sub(lambda match: f"{match[1]}{prefix}{match[2]}", found)
    return _REFERENCES.sub(lambda match: f'{match[1]}="{" ".join(prefix + each for each in match[2].split())}"', found)


def _filters(blocks: Iterable[Block]) -> dict[str, Any]:
    """What the findings among the blocks can be filtered by."""
    cards = _cards(tuple(blocks))
    return {"peers": _numbered(cards), "groups": tuple(dict.fromkeys(card.group for card in cards))}


def _running_head(document: Document) -> str:
    """The title on every sheet of paper. CSS takes any character by its number (CSS Syntax Level 3, escaping)."""
    title = show(document.title, _LONGEST_HEAD)
    words = "".join(char if char.isascii() and char.isalnum() else f"\\{ord(char):x} " for char in title)
    return f'@media print{{@page{{@top-left{{content:"{words}"}}}}}}'


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The template engine with what the templates ask for; a template is compiled once."""
    environment = Environment(
        loader=PackageLoader("certplan.report.writers"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters |= {
        "cut": show,
        "document": source_words,
        "kind": _kind,
        "peers_in_words": lambda numbers: peers_in_words(tuple(numbers)),
        "picture": Markup,
        "said": _said,
        "target": _target,
        "whole": _whole,
    }
    environment.globals |= {
        "longest": LONGEST,
        "longest_in_cell": _LONGEST_IN_CELL,
        "longest_word": _LONGEST_WORD,
        "outcomes": _WORDS,
        "severities": _SEVERITIES,
    }
    return environment


def _file(environment: Environment, name: str) -> str:
    """A file of the templates' folder as it is."""
    source, _, _ = PackageLoader("certplan.report.writers").get_source(environment, name)
    return source.strip()


def _hash(text: str) -> str:
    # A browser hashes what stands between the tags, to the byte.
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _shown(value: object) -> object:
    """What every expression of the template goes through: hidden characters made visible, long texts shortened."""
    return show(value, LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


def _said(text: str, limit: int = LONGEST) -> Markup:
    """A sentence, the names it has between backticks in a fixed pitch."""
    parts = show(text, limit).split("`")
    if len(parts) % 2 == 0:
        return _breakable("`".join(parts))
    return Markup().join(_code(part) if number % 2 else _breakable(part) for number, part in enumerate(parts))


def _code(text: str) -> Markup:
    if len(text) > _LONGEST_WORD:
        return Markup('<code class="long">{}</code>').format(text)
    return Markup("<code>{}</code>").format(text)


def _breakable(text: str) -> Markup:
    """A text whose longest words may be broken, and no others."""
    return Markup(" ").join(
        Markup('<span class="long">{}</span>').format(word) if len(word) > _LONGEST_WORD else word
        for word in text.split(" ")
    )


def _whole(text: str) -> Markup:
    """A text shown at any length."""
    return Markup.escape(show(text, max(LONGEST, 12 * len(text))))


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


def _target(link: str) -> str:
    return link if link.startswith(_WEB) else f"#{link}"


def _cards(blocks: tuple[Block, ...]) -> tuple[FindingCard, ...]:
    found: list[FindingCard] = []
    for block in blocks:
        if isinstance(block, Findings):
            found += block.cards
        elif isinstance(block, Fold):
            found += _cards(block.blocks)
    return tuple(found)


def _numbered(cards: tuple[FindingCard, ...]) -> Mapping[str, int]:
    """The peers that findings concern, each with a number of its own to filter by."""
    peers = dict.fromkeys(peer for card in cards for peer in card.peers)
    return {peer: number for number, peer in enumerate(sorted(peers), 1)}
