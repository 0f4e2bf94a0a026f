"""How commands get at a plan and its peers: everything wrong with it is reported, and the command ends with 2."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from certplan.cli.emit import note
from certplan.cli.output import CANNOT_RUN, fail, say_line
from certplan.text.names import show_all
from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.plan.model import Peer, Plan
    from certplan.plan.reading import PlanProblem
    from certplan.plan.yamltext import Values

__all__ = [
    "STDIN",
    "bytes_of",
    "chosen_peers",
    "edit_plan",
    "plan_or_exit",
    "problems_exit",
    "read_stated",
    "write_target",
]

STDIN = Path("-")


def read_stated(path: Path) -> "Plan":
    """Read a plan from its file, or from standard input, where its other files are relative to this folder.

    Raises:
        PlanError: when it is no usable plan.
    """
    from certplan.cli.evidence import recorded_plan
    from certplan.plan.reading import MAX_BYTES, load_plan, read_plan_bytes

    if (plan := recorded_plan(path)) is not None:
        return plan
    if path != STDIN:
        return load_plan(path)
    return read_plan_bytes(sys.stdin.buffer.read(MAX_BYTES + 1), "-", Path())


def plan_or_exit(path: Path) -> "Plan":
    """Read a plan.

    Raises:
        typer.Exit: with 2, when it is no usable plan; everything wrong with it is on standard error.
    """
    from certplan.plan.reading import PlanError

    try:
        return read_stated(path)
    except PlanError as error:
        raise problems_exit(error.problems) from None


def problems_exit(problems: "Sequence[PlanProblem]") -> typer.Exit:
    """Tell what is wrong with a plan, or with what was asked for, on standard error; raise what comes back."""
    for problem in problems:
        say_line(str(problem))
    return typer.Exit(CANNOT_RUN)


def chosen_peers(plan: "Plan", addresses: Sequence[str]) -> "tuple[Peer, ...]":
    """The peers that `--peer` names, by address, FQDN, host name or number, in the plan's order; all without it.

    Raises:
        typer.Exit: with 2, when one of them is not in the plan.
    """
    from certplan.text.names import key, show

    numbers: set[int] = set()
    for word in addresses:
        found = [
            peer.number
            for peer in plan.peers
            if word == str(peer.number)
            or key(word) in {key(name) for name in (peer.address, peer.fqdn, peer.host_name) if name is not None}
        ]
        if not found:
            known = show_all(peer.address for peer in plan.peers)
            raise fail(f"--peer {show(word)}: no peer of the plan; it has {known}.")
        numbers.update(found)
    return tuple(peer for peer in plan.peers if not addresses or peer.number in numbers)


def bytes_of(path: Path, what: str, limit: int = 16 * 1024 * 1024) -> bytes:
    """A file that an option names, whole.

    Raises:
        typer.Exit: with 2, when it cannot be read or has more than `limit` bytes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise fail(f"{what}: {path} cannot be read ({error.strerror or error}).") from None
    if len(data) > limit:
        raise fail(f"{what}: {path} is larger than {limit >> 20} MiB.")
    return data


def write_target(path: Path, changes: "Mapping[str, Values]", *, seen: str | None = None) -> None:
    """Put `changes` under the target of a plan file, and say what was written, and that no appliance was touched.

    Raises:
        typer.Exit: with 2, when the file cannot be edited safely; it is then as it was.
    """
    from certplan.plan.targets import with_target

    if not edit_plan(path, lambda text: with_target(text, changes), seen=seen):
        note(f"{path} has this under target: already; it is left as it is.")
        return
    written = listed(changes) or "tls_verification"
    note(
        f"wrote {written} under target: in {path}. Nothing was changed on any appliance;"
        " certplan adopt says that it has been carried out."
    )


def edit_plan(path: Path, edit: "Callable[[str], str]", *, seen: str | None = None) -> bool:
    """Edit a plan file's text in its place, whole or not at all; whether anything changed.

    Args:
        path: the plan file.
        edit: makes the new text of the old.
        seen: the text that the changes were made for; a file that has another by now is left alone.

    Raises:
        typer.Exit: with 2, when it is refused or cannot be written; the file is then as it was.
    """
    from certplan.cli.files import ChangedError, rewrite_text
    from certplan.plan.yamltext import EditRefusedError
    from certplan.storage import Kept

    if path == STDIN:
        raise fail("standard input cannot be written to; name the plan file.")
    try:
        return rewrite_text(path, edit, seen)
    except (EditRefusedError, UnicodeError) as error:
        raise fail(f"{path}: {error}; it is left as it is. Edit it by hand.") from None
    except ChangedError:
        raise fail(
            f"{path} was changed by somebody else meanwhile; it is left as it is. Run the command again."
        ) from None
    except Kept as error:
        raise fail(f"{path} {error}; it is left as it is. Edit it by hand.") from None
    except OSError as error:
        raise fail(f"{path}: cannot be written: {error.strerror}. It is left as it is.") from error
