"""The command line: a thin module for each command. Only here is anything printed, and the clock read."""

import gc
import io
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

__all__ = ["main"]

INTERRUPTED = 130
CANNOT_RUN = 2


def main() -> NoReturn:
    """Run `certplan` and end the process with its exit code."""
    interrupts = _Interrupts()
    code = CANNOT_RUN
    try:
        _prepare()
        code = _run()
        interrupts.raising = False
    except BaseException as error:  # noqa: BLE001 - whatever it is, the user gets a sentence
        interrupts.raising = False
        code = _code_of(error, interrupts)
    interrupts.end()
    if interrupts.came:
        # Whatever became of it: a library may have swallowed it, or turned it into an error of its own.
        code = INTERRUPTED
        _report("interrupted")
    code = _flushed(code)
    gc.freeze()
    sys.exit(code)


class _Interrupts:
    """Ctrl-C, remembered: libraries that are being imported turn it into errors of their own, or lose it."""

    def __init__(self) -> None:
        self.came = False
        self.raising = True
        self._unraisable = sys.unraisablehook
        sys.unraisablehook = self._report
        # Where it is ignored, as behind nohup, it stays so.
        self._own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self._own:
            signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
        if self.raising:
            raise KeyboardInterrupt

    def _report(self, problem: "sys.UnraisableHookArgs") -> None:
        if not self.came:
            self._unraisable(problem)

    def end(self) -> None:
        """The rest is a few instructions: let it be done. While Python ends, a handler of its own would be in force."""
        if self._own:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _prepare() -> None:
    # What a run makes lasts to its end: to look for garbage in it, then and on the way, takes a fifth of the time.
    gc.set_threshold(100_000)
    # Looking for plugins means reading about every package that is installed, and a plan is to be read by none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # Else the next file that is opened would take the place of a standard stream.
            os.open(os.devnull, os.O_RDWR)
    # Python's own word for a stream that was closed before it began is None.
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout = sys.stdout or _Closed()
    sys.stderr = sys.stderr or _Closed()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter gets its escape: a report is worth more than its spelling.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Closed(io.StringIO):
    """A standard stream that was closed before the program began."""

    def write(self, _text: str) -> int:
        raise OSError("it is closed")


def _run() -> int:
    from certplan.cli.app import app
    from certplan.cli.coercion import read_plainly
    from certplan.cli.guarded import watch_reading

    watch_reading()
    read_plainly()
    code = app(prog_name="certplan", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _code_of(error: BaseException, interrupts: _Interrupts) -> int:
    """Tell what ended the run; the exit code comes back."""
    if isinstance(error, KeyboardInterrupt) or interrupts.came:
        interrupts.came = True
        return INTERRUPTED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else CANNOT_RUN
    if isinstance(error, BrokenPipeError):
        # The reader went away, as `| head` does.
        return CANNOT_RUN
    if os.environ.get("CERTPLAN_DEBUG") and _unforeseen(error):
        raise error
    with suppress(OSError, KeyboardInterrupt):
        _explain(error)
    return CANNOT_RUN


def _explain(error: BaseException) -> None:
    from certplan.text.names import show
    from certplan.text.secrets import hide_keys

    if hasattr(error, "show") and hasattr(error, "format_message"):
        # A usage error: its text quotes the command line, so it is made safe line by line.
        page = io.StringIO()
        error.show(file=page)
        for line in hide_keys(page.getvalue()).splitlines():
            _report(show(line, 4000), name="")
    elif type(error).__name__ == "Abort":
        _report("aborted")
    elif isinstance(error, OSError):
        place = f"{show(str(error.filename), 400)}: " if error.filename is not None else ""
        _report(f"{place}{show(error.strerror or str(error), 400)}")
    elif (unstated := _unstated(error)) is not None:
        _report(show(unstated, 4000), name="")
    elif isinstance(error, MemoryError):
        _report("there is not enough memory for this")
    else:
        what = f"{type(error).__name__}: {show(str(error), 200)}"
        _report(f"failed unexpectedly ({what}). Please report it; with CERTPLAN_DEBUG=1 it shows where.")


def _unforeseen(error: BaseException) -> bool:
    usage = hasattr(error, "format_message") or type(error).__name__ == "Abort"
    return not (usage or isinstance(error, OSError | MemoryError) or _unstated(error) is not None)


def _unstated(error: BaseException) -> str | None:
    """What the plan gives as unknown and a command cannot do without, where that is what went wrong."""
    from certplan.plan.model import NotStatedError

    return str(error) if isinstance(error, NotStatedError) else None


def _report(line: str, name: str = "certplan: ") -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{name}{line}\n")
        sys.stderr.flush()


def _flushed(code: int) -> int:
    """The exit code, once what is left in the buffers is out: a full or closed stream is no success.

    A run that could not be done has said why, and a stream that took nothing may have been the reason.
    """
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            if not isinstance(error, BrokenPipeError) and code != CANNOT_RUN:
                _report(f"standard {'output' if number == 1 else 'error'}: cannot be written.")
            code = CANNOT_RUN
            # What is left has nowhere to go, and the interpreter would try once more.
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    return code
