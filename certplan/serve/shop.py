"""The folder that the workbench works in: its plans, those made of what was added, and the one on the bench."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath

from certplan.evidence.pki.certificates import read_certificates
from certplan.evidence.pki.material import UnreadableFile, read_material
from certplan.example import example_files
from certplan.held import holding
from certplan.plan.editing import put, value_at
from certplan.plan.model import ClusterType, Plan
from certplan.plan.reading import PLAN_NAME, PlanError
from certplan.plan.yamltext import EditRefusedError
from certplan.serve.bench import Bench, State
from certplan.sources.archive import MAX_KEPT, Budget, unpack
from certplan.sources.content import PRIVATE, holds_key
from certplan.sources.importing import ClusterPlan, plans_of, read_exports
from certplan.sources.merge import Given
from certplan.sources.model import Item, Refusal
from certplan.sources.updating import updated
from certplan.text.names import key, same
from certplan.text.words import counted

__all__ = ["Added", "Shop", "Upload"]

_HEAD = """\
yaml-language-server: $schema=plan.schema.json
A plan for certplan, made in certplan serve. The comment beside a value says where it is from: file:line.
What no file says is unknown, and what needs it is "could not check", never a pass.
"""
_ZONE = re.compile(rb"^\s*\$(?:ORIGIN|TTL)\b|^\S*\s+(?:\d+\s+)?IN\s+SOA\s", re.MULTILINE | re.IGNORECASE)
_PLAN = re.compile(rb"""^[ \t{]*["']?certplan["']?[ \t]*:[ \t]*["']?[0-9]""", re.MULTILINE)
_MOST_PLANS = 200
_HEAD_BYTES = 64 * 1024
Upload = tuple[str, bytes]
"""The name that a browser gives a file, and its contents."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of files that were added."""

    taken: tuple[str, ...]
    """What was read, or what changed, in sentences without their full stop."""
    refused: tuple[Refusal, ...]


class Shop:
    """All that one run of the workbench works at."""

    def __init__(self, folder: Path, clock: Callable[[], datetime], *, live_dns: bool = True) -> None:
        """Begin in a folder; the plan in it, if there is one, is put on the bench."""
        self.folder, self._clock, self._live_dns = folder.absolute(), clock, live_dns
        self._benches: dict[str, Bench] = {}
        self._current = ""
        self._items: list[Item] = []
        self.unread: PlanError | None = None
        """Why the plan of the folder cannot be opened."""
        if (self.folder / PLAN_NAME).exists():
            try:
                self.open(PLAN_NAME)
            except PlanError as error:
                self.unread = error

    @property
    def bench(self) -> Bench | None:
        return self._benches.get(self._current)

    @property
    def current(self) -> str:
        """The plan on the bench, by its path in the folder; empty where there is none."""
        return self._current

    def plans(self) -> tuple[str, ...]:
        """The plans there are, by their paths in the folder: on the disk, there or one folder down, or not saved."""
        found = dict.fromkeys(self._benches)
        try:
            files = sorted(islice(self._files(), _MOST_PLANS))
        except OSError:
            files = []
        found |= dict.fromkeys(files)
        return tuple(found)

    def _files(self) -> Iterator[str]:
        for pattern in ("*.yaml", "*.yml", "*/*.yaml", "*/*.yml"):
            for path in self.folder.glob(pattern):
                if path.is_file() and not path.is_symlink() and _PLAN.search(_head(path)):
                    yield path.relative_to(self.folder).as_posix()

    def open(self, name: str, *, again: bool = False) -> None:
        """Put a plan of the folder on the bench.

        Args:
            name: one of `plans`.
            again: read it from its file, whatever was done to it here.

        Raises:
            KeyError: when there is no such plan.
            PlanError: when it is no usable plan.
            OSError: when it cannot be read.
        """
        if name not in self._benches or again:
            if name != PLAN_NAME and name not in self.plans():
                raise KeyError(name)
            self._benches[name] = Bench.opened(self.folder / name, self._clock, live_dns=self._live_dns)
        self._current, self.unread = name, None

    def start_example(self) -> None:
        """Put the worked example on the bench; nothing of it is written until it is saved."""
        files = example_files(self._clock())
        text = files.pop(PLAN_NAME).decode()
        self._place(self._free(PLAN_NAME), State(text, files))

    def _free(self, name: str) -> str:
        taken = {*self._benches, *self.plans()}
        names = (name, *(f"plan-{number}/{PLAN_NAME}" for number in range(2, len(taken) + 3)))
        return next(each for each in names if each not in taken and not (self.folder / each).exists())

    def _place(self, name: str, state: State) -> None:
        self._benches[name] = Bench(self.folder / name, state, None, self._clock, live_dns=self._live_dns)
        self._current, self.unread = name, None

    def others(self) -> dict[Path, bytes]:
        """The files of the plans that are not on the bench and not saved; a zone may lead to such a plan."""
        found: dict[Path, bytes] = {}
        for name, bench in self._benches.items():
            if name != self._current and not bench.saved:
                found |= bench.held() | {bench.path: bench.state.text.encode()}
        return found

    def add(self, uploads: Sequence[Upload], *, to_target: bool = False, view: str = "") -> Added:
        """Take files in: exports make or update the plan, zone files go to a DNS view of it.

        Args:
            uploads: the files.
            to_target: certificates are what the peers are to have, and not what they have today.
            view: the DNS view of zone files; without it the one that the peers' own servers give.

        Raises:
            EditRefusedError: when the plan cannot be edited safely.
            NoPlan: when no plan can be made of what was read.
        """
        taken: list[str] = []
        refused = [Refusal(_shown(name), PRIVATE) for name, data in uploads if holds_key(data)]
        safe = [(name, data) for name, data in uploads if not holds_key(data)]
        zones = [(name, data) for name, data in safe if _is_zone(data)]
        rest = [(name, data) for name, data in safe if not _is_zone(data)]
        if to_target and self.bench is not None:
            for name, data in rest:
                said = self._certificate(name, data)
                if isinstance(said, Refusal):
                    refused.append(said)
                else:
                    taken.append(said)
        elif rest:
            found = self._exports(rest)
            taken, refused = [*taken, *found.taken], [*refused, *found.refused]
        for name, data in zones:
            if self.bench is None:
                refused.append(Refusal(_shown(name), "is a zone file: add what says which peers there are first"))
            else:
                taken.append(self._zone(self.bench, name, data, view))
        return Added(tuple(taken), tuple(refused))

    def _exports(self, uploads: Sequence[Upload]) -> Added:
        # A file that is added again stands for what it was before; what is kept is bounded in all.
        again = {_shown(name) for name, _ in uploads}
        earlier = [item for item in self._items if item.file.partition("[")[0] not in again]
        budget, read = Budget(kept=MAX_KEPT - sum(len(item.data) for item in earlier)), list[Item | Refusal]()
        for name, data in uploads:
            read += unpack(io.BytesIO(data), _shown(name), "added", budget)
        items = [each for each in read if isinstance(each, Item)]
        exports = read_exports([*earlier, *read])
        bad = {each.file for each in exports.refused}
        good = [item for item in items if item.file not in bad]
        self._items = [*earlier, *good]
        if not exports.clusters:
            waits = "is kept until an xConfiguration, a diagnostic log archive or the clustering page lists the peers"
            return Added(tuple(f"{item.file} {waits}" for item in good), exports.refused)
        plans = plans_of(exports, Given(), {}, _HEAD)
        counts = Counter(item.file.partition("[")[0] for item in good)
        taken = [
            f"{name}: {counted(count, 'file')} read" if count > 1 else f"{name} read" for name, count in counts.items()
        ]
        if self.bench is None:
            for plan in plans:
                name = str(PurePosixPath(plan.folder, PLAN_NAME))
                self._place(self._free(name), State(plan.text, dict(plan.imported.files)))
            self._current = next(iter(self._benches))
        else:
            taken += self._update(self.bench, plans)
        return Added(tuple(taken), exports.refused)

    def _update(self, bench: Bench, plans: Sequence[ClusterPlan]) -> list[str]:
        """Make today of the plan on the bench what the exports show."""
        own = _own(bench.plan, plans)
        if own is None:
            names = ", ".join(plan.imported.name for plan in plans)
            raise EditRefusedError(f"it is the plan of {bench.plan.cluster.name}, and the files are of {names}")
        with holding(bench.held()):
            update = updated(bench.state.text, own.imported, lambda file: _fingerprints(bench.path.parent / file))
        bench.replace_text(update.text, update.files)
        return [f"{name} changed" for name in update.changed]

    def _certificate(self, name: str, data: bytes) -> str | Refusal:
        """A new certificate of the target: it goes to the peer whose name it has."""
        bench = self.bench
        if bench is None:
            return Refusal(_shown(name), "belongs to no plan yet")
        located, _ = read_certificates(data, _shown(name))
        if not located:
            return Refusal(_shown(name), "holds no certificate that can be read")
        leaf, plan = located[0].certificate, bench.plan
        for peer in plan.peers:
            if any(same(own, san) for own in (peer.fqdn, peer.address) if own for san in leaf.dns_names):
                file = self._new_file(bench, f"certs/{_stem(peer.host_name or peer.address)}-new.pem")
                text = put(bench.state.text, ("target", "peers", peer.address, "server_certificate"), file)
                bench.replace_text(text, {file: data})
                return f"{_shown(name)} is the server certificate of {peer.address} in the target, as {file}"
        return Refusal(_shown(name), "names no peer of the plan in its SAN")

    def _zone(self, bench: Bench, name: str, data: bytes, view: str) -> str:
        inside = bench.plan.cluster.stated_type is ClusterType.EXPRESSWAY_C
        chosen = view or ("internal" if inside else "public")
        file = self._new_file(bench, f"zones/{_stem(_shown(name))}.zone")
        path = ("dns", chosen, "zone_files")
        stated = value_at(bench.state.text, path)
        files = [*map(str, stated), file] if isinstance(stated, list) else [file]
        bench.replace_text(put(bench.state.text, path, files), {file: data})
        return f"{_shown(name)} answers for DNS view {chosen}, as {file}"

    def _new_file(self, bench: Bench, name: str) -> str:
        path = PurePosixPath(name)
        names = (name, *(str(path.with_name(f"{path.stem}-{n}{path.suffix}")) for n in range(2, 1000)))
        taken = {*bench.plan.files(), *bench.state.files}
        return next(each for each in names if each not in taken and not (bench.path.parent / each).exists())


def _shown(name: str) -> str:
    """The last part of the name that a browser gives; it is shown and never a path."""
    return PureWindowsPath(name).name[:200] or "file"


def _stem(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", PurePosixPath(name.lower().split(".")[0]).name)[:60].strip("-") or "added"


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)
    except OSError:
        return b""


def _is_zone(data: bytes) -> bool:
    head = data[:_HEAD_BYTES]
    return b"-----BEGIN" not in head and b"\0" not in head and _ZONE.search(head) is not None


def _fingerprints(path: Path) -> tuple[str, ...]:
    """The certificates that a file has, by their SHA-256."""
    try:
        data = read_material(path)
    except UnreadableFile:
        return ()
    return tuple(each.certificate.sha256 for each in read_certificates(data, path.name)[0])


def _own(stated: Plan, plans: Sequence[ClusterPlan]) -> ClusterPlan | None:
    """The imported cluster that a plan is of: by its name, or by a peer."""
    named = [plan for plan in plans if key(plan.imported.name) == key(stated.cluster.name)]
    peers = {key(name) for peer in stated.peers for name in (peer.address, peer.fqdn) if name is not None}
    shared = [plan for plan in plans if any(key(peer.address) in peers for peer in plan.imported.peers)]
    return next(iter((*named, *shared)), None)
