"""`certplan import`: from what the appliances export to a plan and a verdict."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.check import ExitCode, exit_code_of
from certplan.cli.completion import releases
from certplan.cli.emit import FORMAT, Format, emit, is_quiet, layout_for, note
from certplan.cli.options import PLAN_HERE, At, NoDns, Timeout, clock, in_folder, moment_of
from certplan.cli.output import fail, write
from certplan.cli.prompts import can_ask

if TYPE_CHECKING:
    from certplan.report.pages.imported import ImportReport
    from certplan.sources.importing import ClusterPlan, Exports
    from certplan.sources.merge import Given
    from certplan.sources.model import Field, Sourced

__all__ = ["import_"]

_HEAD = """\
yaml-language-server: $schema=plan.schema.json
A plan for certplan, made by certplan import. The comment beside a value says where it is from: file:line.
What no file says is unknown, and what needs it is "not verified", never a pass. Fill it in, then run:
certplan check plan.yaml
"""


class Mode(StrEnum):
    PERMISSIVE = "permissive"
    ENFORCE = "enforce"


Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SOURCE...",
        help="Diagnostic log archives, folders, xConfiguration transcripts, status XML, certificate files.",
        show_default=False,
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="DIR", help="The folder to write to.", show_default=False),
]
UpdatedPlan = Annotated[
    Path | None,
    typer.Option(
        "--update",
        metavar="PLAN",
        help="Bring this plan up to date instead; its comments and its target stay.",
        show_default=False,
    ),
]
TlsMode = Annotated[
    Mode | None, typer.Option("--tls-verification", help="The mode that runs today.", show_default=False)
]
Table = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="off|FILE",
        help="Cluster address mapping: off, or a file with the page's rows, xCommand lines or CSV.",
        show_default=False,
    ),
]
Type = Annotated[str | None, typer.Option("--type", help="expressway-e or expressway-c (e, c).", show_default=False)]
ReleaseText = Annotated[
    str | None,
    typer.Option("--release", help="Software release, such as X14.3.4.", autocompletion=releases, show_default=False),
]
Views = Annotated[
    list[str] | None,
    typer.Option(
        "--dns",
        metavar="VIEW=SERVER|FILE",
        help="A DNS view's server or zone file, such as public=192.0.2.53; may be repeated.",
        show_default=False,
    ),
]
Here = Annotated[
    str | None,
    typer.Option("--here", metavar="VIEW", help="The view that this machine's own DNS gives.", show_default=False),
]


def import_(
    sources: Sources,
    output: Folder = None,
    update: UpdatedPlan = None,
    tls_verification: TlsMode = None,
    mapping: Table = None,
    kind: Type = None,
    release: ReleaseText = None,
    dns: Views = None,
    here: Here = None,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON], FORMAT] = Format.TEXT,
    no_dns: NoDns = False,
    timeout: Timeout = 5.0,
) -> None:
    """Make a plan, with its certificates, from what the appliances export, and judge it.

    Exit codes: 0 ready; 1 not ready, or an error was found; 3 undecided; 2 cannot be run.
    """
    from certplan.cli.import_files import items_of
    from certplan.cli.import_update import update_plan
    from certplan.cli.import_write import fresh_folder, write_plan
    from certplan.report.wording import VERDICT_WORDS
    from certplan.sources.importing import plans_of, read_exports, unanswered
    from certplan.sources.planfile import NoPlan

    if output is not None and update is not None:
        raise fail("-o and --update exclude each other: write a new plan, or bring one up to date.")
    moment = moment_of(at)
    folder = fresh_folder(output) if update is None else None
    given, zone_files = _given(tls_verification, mapping, kind, release, dns or [], here)
    exports = read_exports(items_of(sources))
    if not exports.clusters:
        raise _nothing(exports)
    answers = _answers(unanswered(exports, given)) if update is None else {}
    try:
        plans = plans_of(exports, given, answers, _HEAD)
    except NoPlan as error:
        raise fail("no plan can be made of these exports:", error.problems) from None
    if folder is not None:
        written = [(plan, write_plan(plan, folder / plan.folder, zone_files)) for plan in plans]
    else:
        file = in_folder(update or PLAN_HERE)
        written = [(update_plan(file, plans), file)]
    reports = [_report(plan, file, exports, moment, live_dns=not no_dns, timeout=timeout) for plan, file in written]
    _show(reports, form, moment)
    for report in reports:
        note(f"wrote {report.file}: {VERDICT_WORDS[report.judgement.verdict]}")
        note(f"next: certplan check {report.file}")
    codes = {exit_code_of(report.judgement) for report in reports}
    raise typer.Exit(next(code for code in ExitCode.WORST_FIRST if code in codes))


def _given(
    tls_verification: Mode | None,
    mapping: str | None,
    kind: str | None,
    release: str | None,
    dns: Sequence[str],
    here: str | None,
) -> "tuple[Given, dict[str, bytes]]":
    """What the options say, and the zone files they name, by their path beside the plan."""
    from certplan.cli.import_ask import release_named, type_named
    from certplan.sources.merge import Given

    if kind is not None and type_named(kind) is None:
        raise fail(f"--type {kind!r} is neither expressway-e nor expressway-c (e, c).")
    if release is not None and release_named(release) is None:
        raise fail(f"--release {release!r} is not a release; expected something like X14.3.4.")
    views, files = _views(dns, here)
    given = Given(
        tls_verification=None if tls_verification is None else tls_verification.value,
        mapping=None if mapping is None else _mapping(mapping),
        type=None if kind is None else type_named(kind),
        release=None if release is None else release_named(release),
        dns=views,
    )
    return given, files


def _mapping(word: str) -> "Sourced":
    from certplan.cli.plans import bytes_of
    from certplan.places import Place
    from certplan.sources.mapping import MappingProblem, read_mapping
    from certplan.sources.merge import STATED
    from certplan.sources.model import Sourced
    from certplan.sources.texts import plain_text

    if word.lower() == "off":
        return Sourced((), Place("--mapping off"), STATED)
    try:
        entries, where = read_mapping(plain_text(bytes_of(Path(word), "--mapping")), word)
    except MappingProblem as error:
        raise fail("--mapping:", error.problems) from None
    return Sourced(entries, where, STATED)


def _views(dns: Sequence[str], here: str | None) -> tuple[dict[str, dict[str, tuple[str, ...]]], dict[str, bytes]]:
    """The plan's `dns` section, and zone files to be put beside the plan."""
    from certplan.cli.plans import bytes_of
    from certplan.plan import scalars

    views: dict[str, dict[str, tuple[str, ...]]] = {}
    files: dict[str, bytes] = {}
    for text in dns:
        view, equals, source = text.partition("=")
        if not equals or not view.strip() or not source.strip():
            raise fail(f"--dns {text!r}: expected VIEW=SERVER or VIEW=FILE, such as public=192.0.2.53.")
        try:
            key, value = "servers", scalars.dns_server(source)
        except ValueError:
            key, value = "zone_files", f"zones/{Path(source).name}"
            files[value] = bytes_of(Path(source), f"--dns {view}")
        found = views.setdefault(view.strip(), {})
        found[key] = (*found.get(key, ()), value)
    if here is not None:
        views.setdefault(here, {})["servers"] = _own_servers()
    if (both := next((view for view, found in views.items() if len(found) > 1), None)) is not None:
        raise fail(f"--dns {both}: a view has either servers or zone files.")
    return views, files


def _own_servers() -> tuple[str, ...]:
    """The DNS servers that this machine asks."""
    from dns.exception import DNSException
    from dns.resolver import Resolver

    try:
        return tuple(str(server) for server in Resolver().nameservers)
    except (DNSException, OSError):
        raise fail("--here: this machine has no DNS servers configured; name one with --dns.") from None


def _nothing(exports: "Exports") -> typer.Exit:
    refused = "".join(f"\n  {each.file} {each.why}" for each in exports.refused)
    left = "".join(f"\n  {each.file} ({each.kind.value}) belongs to no peer" for each in exports.left)
    return fail(
        "no file says which peers the cluster has; expected an xConfiguration dump or transcript, a diagnostic log "
        f"archive, or System > Clustering pasted as text.{refused}{left}"
    )


def _answers(open_: "Sequence[tuple[str, Field]]") -> "dict[tuple[str, Field], Sourced]":
    """Ask at a terminal, and only there."""
    if not can_ask():
        return {}
    from certplan.cli.import_ask import ask_field

    found = ((question, ask_field(*question)) for question in open_)
    return {question: sourced for question, sourced in found if sourced is not None}


def _report(
    plan: "ClusterPlan", file: Path, exports: "Exports", moment: datetime, *, live_dns: bool, timeout: float
) -> "ImportReport":
    from certplan.assessment import assess
    from certplan.cli.plans import plan_or_exit
    from certplan.report.pages.imported import ImportReport

    stated = plan_or_exit(file)
    judgement = assess(stated, clock(), moment, live_dns=live_dns, timeout=timeout)
    return ImportReport(plan, str(file), judgement, exports.refused, exports.left)


def _show(reports: "Sequence[ImportReport]", form: Format, moment: datetime) -> None:
    from certplan.report import find_form
    from certplan.report.pages.imported import import_answer, import_document
    from certplan.report.writers.json import dumps

    if form is Format.JSON:
        write([dumps(import_document(reports, moment)), "\n"], None)
        return
    if is_quiet():
        return
    verdict = find_form(Format.TEXT)
    for report in reports:
        emit(import_answer(report, moment), Format.TEXT)
        piece = verdict.piece(report.judgement, layout_for(None))
        write(["\n", *verdict.document(moment, [piece])], None)
