"""`certplan serve`: the workbench in a browser on this machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.emit import note
from certplan.cli.options import NoDns, clock
from certplan.cli.output import fail

__all__ = ["serve"]


def serve(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where plans are read and saved (default: here).")
    ] = Path(),
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0: any free one.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="Write nothing in FOLDER.")] = False,
    no_dns: NoDns = False,
) -> None:
    """Work on a plan in a browser: add exports, see the verdict, change the target, save. Listens on 127.0.0.1 alone.

    The address on standard output has a token that opens the session; whoever has it can use the workbench.

    Exit codes: 130 ended with Ctrl-C; 2 cannot be run.
    """
    if folder.exists() and not folder.is_dir():
        raise fail(f"{folder} is a file; name the folder that it is in.")
    from certplan.serve.app import workbench
    from certplan.serve.guard import Session
    from certplan.serve.run import listen, run
    from certplan.serve.workspace import Workspace

    try:
        listening = listen(port)
    except OSError as error:
        raise fail(f"--port {port}: cannot be listened on ({error.strerror}); name another, or 0 for any.") from None
    session = Session(listening.getsockname()[1])

    def ready() -> None:
        print(session.address, flush=True)
        note("the workbench runs until Ctrl-C; nothing is written before Save.")
        if not no_browser and sys.stdout.isatty():
            import webbrowser

            webbrowser.open(session.address)

    run(workbench(Workspace(folder, clock, live_dns=not no_dns), session, read_only=read_only), listening, ready)
