"""What certplan says of the fixture clusters, kept as files. `python -m tests.snapshots` writes them anew."""

from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from typer.testing import CliRunner

from certplan.cli.app import app

__all__ = ["FOLDER", "ROOT", "SNAPSHOTS", "Snapshot", "difference", "main", "orphans"]

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
SPOILT = ("clusters/expressway-e-four-peers.yaml",)
TOLD = (*SPOILT, "clusters/expressway-e-one-nic.yaml")
AT = "--at 2027-01-01"

# The file's name, the command, and the plans of which it is kept. The command is told the plan behind its name.
TABLE = (
    ("check.txt", f"check {AT}", EVERY),
    ("check.md", f"check {AT} --format markdown", EVERY),
    ("check.json", f"check {AT} --format json", EVERY),
    ("check.csv", f"check {AT} --format csv", SPOILT),
    ("check.xml", f"check {AT} --format junit", SPOILT),
    ("check.sarif", f"check {AT} --format sarif", SPOILT),
    ("map.txt", "map", EVERY),
    ("map.md", "map --format markdown", TOLD),
    ("propose.txt", f"propose {AT}", EVERY),
    ("propose-all.txt", f"propose {AT} --all --severity notice", SPOILT),
    ("propose.md", f"propose {AT} --format markdown", SPOILT),
    ("runbook.txt", f"runbook {AT}", TOLD),
    ("runbook.md", f"runbook {AT} --format markdown", SPOILT),
    ("runbook-replace.txt", f"runbook {AT} --replace-certificates", ("clusters/expressway-e-ipv6.yaml",)),
    ("propose.json", f"propose {AT} --format json", SPOILT),
    ("runbook.json", f"runbook {AT} --format json", SPOILT),
    ("ports.txt", "ports", TOLD),
    ("ports.json", f"ports {AT} --format json", SPOILT),
    ("ports.md", "ports --format markdown", SPOILT),
    ("capacity.txt", "capacity", ("clusters/expressway-c-six-peers.yaml", *TOLD)),
    ("capacity.md", "capacity --format markdown", SPOILT),
    ("renew.txt", f"renew {AT}", (*TOLD, "clusters/expressway-c-six-peers.yaml")),
    ("renew.md", f"renew {AT} --format markdown", TOLD),
    ("renew.csv", f"renew {AT} --format csv", TOLD),
    ("renew.ics", f"renew {AT} --format icalendar", SPOILT),
    ("csr-sheet.txt", "csr sheet", SPOILT),
    ("review.md", f"review {AT} --format markdown", EVERY),
    ("cluster.svg", f"draw {AT}", EVERY),
    ("cluster.mmd", f"draw {AT} --format mermaid", TOLD),
    ("map.json", f"map {AT} --format json", TOLD),
)


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
        return run.stdout_bytes


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
    told = "".join([*lines[:_LAST_LINES], *more])
    return f"{name} is not what certplan says now. If the change is meant: {UPDATE}\n{told}"


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
