"""Findings as annotations of a GitHub workflow run: they show beside the lines of a pull request that they are about.

Source: GitHub, Workflow commands for GitHub Actions, setting a notice, warning or error message. A line a finding;
in messages `%` and line ends are escaped, in properties the colon and the comma too, so that no text from a
certificate begins a command of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from certplan.judgement import Judgement
from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report.form import Form, Layout
from certplan.report.wording import headline
from certplan.text.escape import plain

__all__ = ["FORM"]

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}


def _piece(judgement: Judgement, _: Layout) -> str:
    found = [finding for finding in judgement.all_findings if finding.counts]
    lines = [
        _command(
            _LEVEL[finding.severity],
            finding.where,
            f"{finding.code} {finding.subject.name}",
            f"{finding.message} Fix: {finding.fix}",
        )
        for finding in found
    ]
    lines.append(_command("notice", Place(judgement.plan.file), judgement.plan.cluster.name, headline(judgement)))
    return "".join(lines)


def _unread(plan: str, problems: Sequence[PlanProblem]) -> str:
    return "".join(_command("error", problem.place, plan, problem.message) for problem in problems)


def _document(_: datetime, pieces: Iterable[str]) -> Iterator[str]:
    yield from pieces


FORM = Form(_piece, _unread, _document)


def _command(level: str, place: Place | None, title: str, message: str) -> str:
    properties = [] if place is None else [f"file={_property(place.file)}"]
    if place is not None and place.line:
        properties += [f"line={place.line}", *([f"col={place.column}"] if place.column else [])]
    properties.append(f"title={_property(title)}")
    return f"::{level} {','.join(properties)}::{_data(message)}\n"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
