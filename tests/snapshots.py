"""What certplan says of the fixture clusters, kept as files. `python -m tests.snapshots` writes them anew."""

import json
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from certplan.cli.app import app

__all__ = [
    "EVERY",
    "FOLDER",
    "MOST_LINES",
    "ROOT",
    "SNAPSHOTS",
    "ZONES",
    "Snapshot",
    "difference",
    "kept",
    "main",
    "orphans",
]

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "fixtures" / "snapshots"
UPDATE = "python -m tests.snapshots"
CANNOT_RUN = 2
_LAST_LINES = 200

EVERY = (
    "lab/expressway-c.yaml",
    "lab/expressway-c-other-name.yaml",
    "lab/expressway-e.yaml",
    "lab/expressway-e-without-mapping.yaml",
    "clusters/expressway-e-one-nic.yaml",
    "clusters/expressway-e-four-peers.yaml",
    "clusters/expressway-c-six-peers.yaml",
    "clusters/expressway-e-ipv6.yaml",
)
ZONES = ("lab/expressway-c-zone.yaml", "lab/expressway-e-zone.yaml", "lab/expressway-c-zone-other-name.yaml")
SPOILT = ("clusters/expressway-e-four-peers.yaml",)
TOLD = (*SPOILT, "clusters/expressway-e-one-nic.yaml")
AT = "--at 2027-01-01"

# The file's name, the command, and the plans of which it is kept. The plan follows the name of the command.
TABLE = (
    ("check.txt", f"check {AT}", (*EVERY, *ZONES)),
    ("check.json", f"check {AT} --format json", EVERY),
    ("check.md", f"check {AT} --format markdown", TOLD),
    ("check.csv", f"check {AT} --format csv", SPOILT),
    ("check.xml", f"check {AT} --format junit", SPOILT),
    ("check.sarif", f"check {AT} --format sarif", SPOILT),
    ("check-github.txt", f"check {AT} --format github", SPOILT),
    ("map.txt", "map", EVERY),
    ("map.json", f"map {AT} --format json", EVERY),
    ("map.md", "map --format markdown", SPOILT),
    ("map-commands.txt", "map --format commands", SPOILT),
    ("map.yaml", "map --format yaml", SPOILT),
    ("map.csv", "map --format csv", SPOILT),
    ("propose.txt", f"propose {AT}", EVERY),
    ("propose.json", f"propose {AT} --format json", EVERY),
    ("propose-all.txt", f"propose {AT} --all --severity notice", SPOILT),
    ("propose.md", f"propose {AT} --format markdown", SPOILT),
    ("runbook.txt", f"runbook {AT}", TOLD),
    ("runbook.json", f"runbook {AT} --format json", SPOILT),
    ("runbook.csv", f"runbook {AT} --format csv", SPOILT),
    ("runbook.md", f"runbook {AT} --format markdown", SPOILT),
    ("runbook-replace.txt", f"runbook {AT} --replace-certificates", ("clusters/expressway-e-ipv6.yaml",)),
    ("ports.txt", "ports", TOLD),
    ("ports.json", f"ports {AT} --format json", SPOILT),
    ("ports.csv", "ports --format csv", SPOILT),
    ("ports.md", "ports --format markdown", SPOILT),
    ("capacity.txt", "capacity", ("clusters/expressway-c-six-peers.yaml", *TOLD)),
    ("capacity.json", f"capacity {AT} --format json", SPOILT),
    ("capacity.md", "capacity --format markdown", SPOILT),
    ("renew.txt", f"renew {AT}", (*TOLD, "clusters/expressway-c-six-peers.yaml")),
    ("renew.json", f"renew {AT} --format json", SPOILT),
    ("renew.md", f"renew {AT} --format markdown", TOLD),
    ("renew.csv", f"renew {AT} --format csv", SPOILT),
    ("renew.ics", f"renew {AT} --format icalendar", SPOILT),
    ("csr-sheet.txt", "csr sheet", SPOILT),
    ("csr-sheet.md", "csr sheet --format markdown", SPOILT),
    ("review.md", f"review {AT} --format markdown", TOLD),
    ("cluster.svg", f"draw {AT}", TOLD),
    ("cluster.mmd", f"draw {AT} --format mermaid", TOLD),
)
_WIDEST = 120
MOST_LINES = 16_000
"""Of all snapshots together: what is expected has to be read by somebody."""


def kept(name: str, made: bytes) -> bytes:
    """What is kept of an output: JSON with an object a line where it holds no other, and everything else as it is."""
    if not name.endswith((".json", ".sarif")):
        return made
    return f"{_folded(json.loads(made), 0)}\n".encode()


def _nested(value: Any) -> bool:
    """Whether it holds objects: what holds none is kept on one line, however long."""
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(each, dict) or _nested(each) for each in within)


def _folded(value: Any, indent: int) -> str:
    whole = json.dumps(value, ensure_ascii=False)
    if len(whole) + indent <= _WIDEST or not _nested(value):
        return whole
    blank = " " * (indent + 1)
    if isinstance(value, dict):
        items = [f"{blank}{json.dumps(key)}: {_folded(each, indent + 1)}" for key, each in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{' ' * indent}}}"
    return "[\n" + ",\n".join(blank + _folded(each, indent + 1) for each in value) + f"\n{' ' * indent}]"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One file, and the command line that gives it, run in the folder `ROOT`."""

    name: str
    """The plan's own name, a slash and the file's."""
    arguments: tuple[str, ...]

    @property
    def file(self) -> Path:
        return FOLDER / self.name

    def made(self) -> bytes:
        """What the command writes, in this process.

        Raises:
            RuntimeError: when it cannot be run.
        """
        with chdir(ROOT):
            run = CliRunner().invoke(app, self.arguments)
        if run.exit_code == CANNOT_RUN or not isinstance(run.exception, SystemExit | None):
            raise RuntimeError(f"certplan {' '.join(self.arguments)}: {run.stderr}") from run.exception
        return kept(self.name, run.stdout_bytes)


SNAPSHOTS = tuple(
    Snapshot(f"{Path(plan).stem}/{name}", (*command.split(), f"fixtures/{plan}"))
    for name, command, plans in TABLE
    for plan in plans
)


def difference(snapshot: Snapshot, made: bytes) -> str:
    """What has changed since the file was written, as a unified diff and the command that updates; or nothing."""
    stored = snapshot.file.read_bytes() if snapshot.file.exists() else b""
    if made == stored:
        return ""
    before, after = (each.decode().splitlines(keepends=True) for each in (stored, made))
    name = snapshot.file.relative_to(ROOT).as_posix()
    lines = list(unified_diff(before, after, name, f"certplan {' '.join(snapshot.arguments)}"))
    more = [f"... and {len(lines) - _LAST_LINES} more lines\n"] if len(lines) > _LAST_LINES else []
    shown = "".join([*lines[:_LAST_LINES], *more])
    return f"{name} is not what certplan says now. If the change is meant: {UPDATE}\n{shown}"


def orphans() -> Iterator[Path]:
    """Files in the folder that no snapshot is kept in."""
    known = {snapshot.file for snapshot in SNAPSHOTS} | {FOLDER / "README.md"}
    return (path for path in sorted(FOLDER.rglob("*")) if path.is_file() and path not in known)


def main() -> None:
    """Write every snapshot, and delete the files of those that are no more."""
    for path in orphans():
        path.unlink()
    for snapshot in SNAPSHOTS:
        snapshot.file.parent.mkdir(parents=True, exist_ok=True)
        snapshot.file.write_bytes(snapshot.made())


if __name__ == "__main__":
    main()
