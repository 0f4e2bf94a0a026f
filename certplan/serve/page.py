"""What the workbench shows: the verdicts, what is open, what is suggested, the target's fields, today and target."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from certplan import __version__
from certplan.judgement import Judgement
from certplan.outcomes import Severity, Verdict
from certplan.plan.model import ClusterType, NotStatedError, Plan, TlsVerification, Unknown
from certplan.proposal.effect import Who
from certplan.report.document import Block, Section, Tone
from certplan.report.pages.zones import zone_sections
from certplan.report.review.contents import drawing_section
from certplan.report.review.parts.certificates import certificates
from certplan.report.review.parts.clustering import clustering, matrix
from certplan.report.review.parts.findings import findings, unchecked
from certplan.report.review.parts.timeline import timeline
from certplan.report.wording import VERDICT_WORDS, cluster_facts, verdict_details, verdict_meaning
from certplan.report.writers.html import blocks_html, page_style
from certplan.serve.downloads import DOWNLOADS
from certplan.serve.fields import FieldGroup, target_form
from certplan.serve.open_plan import JudgedText
from certplan.serve.workspace import Workspace
from certplan.text.names import show
from certplan.value import Value, replace

__all__ = ["Notice", "PageView", "script", "style", "view"]

_PARTS: tuple[tuple[str, str, Callable[[Judgement], Section]], ...] = (
    ("drawing", "Network diagram", drawing_section),
    ("clustering", "Clustering page under Enforce", clustering),
    ("matrix", "Peer-to-peer verification matrix", matrix),
    ("findings", "Findings", findings),
    ("unchecked", "Not verified", unchecked),
    ("certificates", "Certificates", certificates),
    ("timeline", "Timeline", timeline),
)


_NARROW = frozenset({"clustering", "matrix", "findings"})
_OF_JUDGEMENT: deque[tuple[tuple[object, ...], Markup]] = deque(maxlen=32)
_WRITTEN: deque[tuple[tuple[str, int, tuple[Block, ...]], Markup]] = deque(maxlen=32)


class Notice(Value):
    """What came of the last thing that was asked."""

    text: str
    lines: tuple[str, ...] = ()
    tone: Tone = Tone.PLAIN


class OpenQuestion(Value):
    """Something about today that no file says."""

    name: str
    label: str
    choices: tuple[str, ...]
    """Empty: rows of the mapping table, or `off`."""
    help: str
    rows: bool = False


class ShownState(Value):
    """One state of the cluster in the head of the page."""

    state: str
    title: str
    word: str
    tone: Tone
    headline: str
    details: str
    facts: str
    errors: int


class PagePart(Value):
    """One subject, for each state that is judged."""

    ident: str
    title: str
    states: tuple[tuple[str, Markup], ...]

    @property
    def narrow(self) -> bool:
        """Whether today and target fit beside each other on a wide screen."""
        return self.ident in _NARROW


class PageView(Value):
    """The page as it stands, in the regions that change each by itself; the head of the file and its forms stay."""

    title: str
    revision: int
    """0 where no plan is open."""
    regions: Mapping[str, Markup]
    """By ident, in order."""
    lists: Mapping[str, tuple[str, ...]]
    """The idents of the regions below each list of them."""

    @property
    def marks(self) -> Mapping[str, str]:
        """What tells the contents of each region apart from other contents."""
        return {
            ident: sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            for ident, text in self.regions.items()
        }

    def html(self) -> str:
        """The whole page."""
        return _environment().get_template("workbench.html").render(view=self, version=__version__)

    def changes(self, known: Mapping[str, str]) -> str:
        """The regions that are not as a page has them, as JSON.

        Args:
            known: the mark of each region of that page, by ident.
        """
        marks = self.marks
        changed = {ident: (mark, self.regions[ident]) for ident, mark in marks.items() if known.get(ident) != mark}
        return json.dumps({"title": self.title, "revision": self.revision, "lists": self.lists, "regions": changed})


def view(workspace: Workspace, notice: Notice | None, *, read_only: bool) -> PageView:
    """The page as it stands.

    Args:
        workspace: what is worked at.
        notice: what came of the last request.
        read_only: whether nothing is to be written.
    """
    open_plan = workspace.open_plan
    step = None if open_plan is None else open_plan.step(workspace.others())
    title = "No plan yet" if step is None else show(step.plan.cluster.name, 200)
    make = _macros()
    shown = () if step is None else tuple(_shown(step))
    fixed = {
        "head": make.head(open_plan, title, read_only),
        "verdicts": make.verdicts(shown),
        "notice": make.notice(notice, workspace, open_plan),
        "bar": make.bar(open_plan, DOWNLOADS, read_only),
        "questions": make.questions(() if step is None else tuple(_questions(step.plan))),
        "suggested": make.suggested(step, _simulated(step)),
        "choices": make.choices(step),
        "plans": make.plans(workspace, open_plan),
        "known-files": make.known_files(() if open_plan is None else open_plan.known_files()),
    }
    groups = () if open_plan is None or step is None else target_form(step.plan, open_plan.typed, open_plan.problems)
    fields = {f"fields-{group.ident}": _group(group) for group in groups}
    parts = {f"judged-{part.ident}": make.part(part) for part in (() if step is None else _parts(step))}
    lists = {"fields": tuple(fields), "judged": tuple(parts)}
    regions = {ident: Markup(text.strip()) for ident, text in {**fixed, **fields, **parts}.items()}  # noqa: S704 - from the templates
    return PageView(title, 0 if open_plan is None else open_plan.revision, regions, lists)


@lru_cache(maxsize=256)
def _group(group: FieldGroup) -> Markup:
    """Fields as HTML; most are as they were before an edit."""
    found: Markup = _macros().group(group)
    return found


@lru_cache(maxsize=1)
def _macros() -> Any:
    """What makes the regions, by their kinds."""
    return _environment().get_template("regions.html").module


def _shown(step: JudgedText) -> Iterator[ShownState]:
    today = step.judgement
    if today is None:
        for state, title in (("today", "Today"), ("target", "Target")):
            yield ShownState(state, title, VERDICT_WORDS[Verdict.UNDECIDED], Tone.OPEN, step.why, "", "", 0)
        return
    for state, title, judged in (("today", "Today", today), ("target", "Target", today.target or today)):
        yield ShownState(
            state,
            title,
            VERDICT_WORDS[judged.verdict],
            Tone.of_verdict(judged.verdict),
            _sentence(verdict_meaning(judged)),
            verdict_details(judged) if state == "today" or today.target else "The plan states no target yet.",
            cluster_facts(judged),
            sum(found.counts and found.severity is Severity.ERROR for found in judged.findings),
        )


def _sentence(meaning: str) -> str:
    return f"{meaning[:1].upper()}{meaning[1:]}"


def _simulated(step: JudgedText | None) -> str:
    """What the whole proposal leads to, where the target waits for certificates that are still to be issued."""
    if step is None or step.judgement is None or not step.proposals:
        return ""
    proposal = step.proposals[-1]
    if not proposal.changes:
        return ""
    simulated = any(change.who is Who.CERTIFICATES for change in proposal.changes)
    how = " (new certificates are simulated)" if simulated else ""
    return f"With all of these changes: {VERDICT_WORDS[proposal.after]}{how}."


def _questions(plan: Plan) -> Iterator[OpenQuestion]:
    cluster = plan.cluster
    if isinstance(cluster.stated_type, Unknown):
        yield OpenQuestion(
            "cluster.type", "Type", tuple(each.value for each in ClusterType), "Expressway-E or Expressway-C."
        )
    if isinstance(cluster.stated_release, Unknown):
        yield OpenQuestion("cluster.release", "Release", (), "Status > Overview, such as X14.3.4.")
    if isinstance(cluster.stated_tls_verification, Unknown):
        modes = tuple(each.value for each in TlsVerification)
        yield OpenQuestion("cluster.tls_verification", "TLS verification mode", modes, "System > Clustering, today.")
    if isinstance(cluster.stated_address_mapping, Unknown):
        text = "System > Clustering, today: off, or the rows, each an FQDN and its IP address on a line."
        yield OpenQuestion("cluster.address_mapping", "Cluster address mapping", (), text, rows=True)


def _parts(step: JudgedText) -> Iterator[PagePart]:
    today = step.judgement
    if today is None:
        return
    judged = [("Today", "today-", replace(today, target=None))]
    if today.target is not None:
        judged.append(("Target", "target-", today.target))
    for ident, title, make in _PARTS:
        states = tuple((label, _made(make, each, prefix)) for label, prefix, each in judged)
        yield PagePart(ident, title, states)
    zones = tuple(
        (label, Markup().join(_zone(section, prefix) for section in zone_sections(each)))
        for label, prefix, each in judged
        if each.zones
    )
    if zones:
        yield PagePart("zones", "Zones", zones)


def _made(make: Callable[[Judgement], Section], judgement: Judgement, prefix: str) -> Markup:
    """A part as HTML; what was judged but once is written but once."""
    base = (make, judgement.matrix, judgement.findings, judgement.zones, judgement.evidence)
    for known, found in _OF_JUDGEMENT:
        if all(one is other for one, other in zip(known, base, strict=True)):
            return found
    found = _written(make, judgement, prefix)
    _OF_JUDGEMENT.append((base, found))
    return found


def _written(make: Callable[[Judgement], Section], judgement: Judgement, prefix: str) -> Markup:
    try:
        return _blocks(make(judgement).blocks, prefix)
    except NotStatedError as error:
        return Markup('<p class="quiet">{}</p>').format(show(str(error), 400))
    except Exception as error:  # noqa: BLE001 - one part that fails costs its own answer alone
        what = f"This part failed unexpectedly ({type(error).__name__}). Please report it."
        return Markup('<p class="bad">{}</p>').format(what)


def _zone(section: Section, prefix: str) -> Markup:
    return Markup("<h3>{}</h3>").format(section.title) + _blocks(section.blocks, f"{prefix}zone-", level=4)


def _blocks(blocks: tuple[Block, ...], prefix: str, level: int = 3) -> Markup:
    """Blocks as HTML; most of what a change of the target leaves as it was is written once."""
    if not blocks:
        return Markup('<p class="quiet">None.</p>')
    for known, found in _WRITTEN:
        if known == (prefix, level, blocks):
            return found
    found = blocks_html(blocks, prefix, level=level)
    _WRITTEN.append(((prefix, level, blocks), found))
    return found


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("certplan.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: show(value, 4000) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda part: "group" if isinstance(part, FieldGroup) else "input"
    return environment


def _source(name: str) -> str:
    source, _, _ = PackageLoader("certplan.serve").get_source(_environment(), name)
    return source


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet: that of every page of certplan, and what a workbench has besides."""
    return f"{page_style()}\n{_source('workbench.css')}"


@lru_cache(maxsize=1)
def script() -> str:
    """The script."""
    return _source("workbench.js")
