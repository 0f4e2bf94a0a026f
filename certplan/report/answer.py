"""What a command has to say, in every form it can be had in.

A page module in `report/pages/` makes an `Answer` from the value that the command computed; the command hands it to
`cli.emit.emit`:

    def ports_answer(plan: Plan, found: PortPlan, at: datetime) -> Answer:
        return Answer(
            page=lambda: _page(plan, found),
            data=lambda: {**head_json(at), "flows": [...]},
            rows=lambda: Rows(("from", "to", "port"), [...]),
        )

Only the form that is asked for is made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from certplan.formats import Format
from certplan.report.document import Document
from certplan.report.writers.terminal import Layout
from certplan.text.words import listed
from certplan.value import Value, field

__all__ = ["Answer", "Rows", "rendered"]


class Rows(Value):
    """A table for programs: every cell a text, not yet escaped; each row as long as `columns`."""

    columns: tuple[str, ...]
    rows: Iterable[Sequence[str]]


class Answer(Value):
    """What a command has to say. Each part is made when its form is asked for."""

    page: Callable[[], Document] | None = None
    """For people: text, Markdown, HTML."""
    data: Callable[[], dict[str, Any]] | None = None
    """For programs: the JSON object, head included (`writers.json.head_json`)."""
    rows: Callable[[], Rows] | None = None
    """For spreadsheets: CSV."""
    others: Mapping[Format, Callable[[], str]] = field(default_factory=dict)
    """Forms of the command's own, such as an iCalendar file, whole."""
    verdict: str = ""
    """The verdict in a word, such as `NOT READY`, to be said of a file that is written; empty: it has none."""

    @property
    def formats(self) -> tuple[Format, ...]:
        """The forms it can be had in."""
        pages = (Format.TEXT, Format.MARKDOWN, Format.HTML) if self.page is not None else ()
        data = (Format.JSON,) if self.data is not None else ()
        rows = (Format.CSV,) if self.rows is not None else ()
        return (*pages, *data, *rows, *self.others)


def rendered(answer: Answer, form: Format, layout: Layout | None = None) -> str:
    """The answer in one form, ending with a line feed; each writer's libraries are loaded when it is asked for.

    Args:
        answer: what the command has to say.
        form: one of `answer.formats`.
        layout: width, colors and links of a text page.

    Raises:
        ValueError: when it cannot be had in that form.
    """
    if form in answer.others:
        return answer.others[form]()
    if form is Format.JSON and answer.data is not None:
        from certplan.report.writers.json import dumps  # noqa: PLC0415

        return dumps(answer.data()) + "\n"
    if form is Format.CSV and answer.rows is not None:
        from certplan.text.escape import csv_text  # noqa: PLC0415

        table = answer.rows()
        return csv_text(table.columns, table.rows)
    if answer.page is not None and form in (Format.TEXT, Format.MARKDOWN, Format.HTML):
        return _page(answer.page(), form, layout)
    raise ValueError(f"no form {form.value!r}; there are {listed(answer.formats)}")


def _page(document: Document, form: Format, layout: Layout | None) -> str:
    if form is Format.MARKDOWN:
        from certplan.report.writers.markdown import markdown  # noqa: PLC0415

        return markdown(document)
    if form is Format.HTML:
        from certplan.report.writers.html import html  # noqa: PLC0415

        return html(document)
    from certplan.report.writers.terminal import terminal  # noqa: PLC0415

    return terminal(document, layout)
