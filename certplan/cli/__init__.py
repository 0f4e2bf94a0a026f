"""The command line: a thin module for each command. Only here is anything printed, and the clock read."""

import gc
import io
import os
import sys

__all__ = ["main"]

INTERRUPTED = 130
CANNOT_RUN = 2


def main() -> None:
    """Run `certplan` and end the process with its exit code."""
    # What a run makes lasts to its end: to look for garbage in it, then and on the way, takes a fifth of the time.
    gc.set_threshold(100_000)
    # Looking for plugins means reading about every package that is installed, and a plan is to be read by none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter gets its escape: a report is worth more than its spelling.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    from certplan.cli.app import app

    try:
        app(prog_name="certplan")
    except KeyboardInterrupt:
        print("certplan: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader went away (as `| head` does); what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CANNOT_RUN)
    except Exception as error:
        if (unstated := _unstated(error)) is not None:
            print(unstated, file=sys.stderr)
            sys.exit(CANNOT_RUN)
        if os.environ.get("CERTPLAN_DEBUG"):
            raise
        print(f"certplan: {_apology(error)}", file=sys.stderr)
        sys.exit(CANNOT_RUN)
    finally:
        gc.freeze()


def _unstated(error: Exception) -> str | None:
    """What the plan gives as unknown and a command cannot do without, where that is what went wrong."""
    from certplan.plan.model import NotStatedError

    return str(error) if isinstance(error, NotStatedError) else None


def _apology(error: Exception) -> str:
    from certplan.text.names import show

    what = f"{type(error).__name__}: {show(str(error), 200)}"
    return f"failed unexpectedly ({what}). Please report it; with CERTPLAN_DEBUG=1 it shows where."
