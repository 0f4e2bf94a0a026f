"""`certplan log`: what happened, from diagnostic logs of one or more peers."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from certplan.cli.emit import FORMAT, Format, emit
from certplan.cli.options import At, Output, clock, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit
from certplan.cli.progress import bytes_read
from certplan.text.words import clauses

__all__ = ["log"]


def log(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE...", help="Logs, folders or diagnostic log archives.", show_default=False),
    ],
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN", help="The plan that explains what is refused.", show_default=False),
    ] = None,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Answer from diagnostic logs: TLS mode, restarts, replication, lost peers, failed names, refusals, alarms.

    Exit codes: 0 nothing is wrong; 1 a mode did not reach a peer, replication did not finish, two peers are called
    primary or a certificate was refused; 2 usage or input error.
    """
    from certplan.logs.answers import answers_of
    from certplan.logs.joined import differences
    from certplan.logs.reading import read_logs
    from certplan.report.pages.log import log_answer
    from certplan.text.names import show

    for source in sources:
        if not source.exists():
            raise fail(f"{show(str(source))}: no such file or directory.")
    judgement = plan = None
    now = clock()
    if plan_file is not None:
        from certplan.evidence.gather import gather
        from certplan.judgement import judge

        plan = plan_or_exit(plan_file)
        judgement = judge(plan, gather(plan, now, live_dns=False), moment_of(at))
    with bytes_read("Reading logs") as progress:
        read = read_logs(sources, progress)
    if not read.files:
        why = clauses(f"{show(each.file)}: {each.why}" for each in read.not_read[:10]) or "nothing to read"
        raise fail(f"no log was found ({why}). Name a diagnostic log, its archive or a folder of them.")
    answers = answers_of(read.events, read.coverage)
    differing = () if plan is None else tuple(differences(plan, read.events))
    emit(log_answer(read, answers, moment_of(at), judgement, differing), form, output)
    raise typer.Exit(1 if answers.wrong else 0)
