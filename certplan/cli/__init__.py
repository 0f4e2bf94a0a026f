"""The command line: a thin module for each command. Only here is anything printed, and the clock read."""

import gc
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
    finally:
        gc.freeze()
