"""The folder that the workbench works in: its plans, those made of what was added, and the one that is open."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count, islice
from pathlib import Path, PurePosixPath

from certplan.example import example_files
from certplan.held import holding
from certplan.plan.reading import PLAN_NAME, PlanError
from certplan.plan.yamltext import EditRefusedError
from certplan.serve.added_files import (
    HEAD_BYTES,
    Upload,
    is_plan,
    is_zone,
    name_of_plan,
    new_material,
    opened,
    shown,
    zone_file,
)
from certplan.serve.open_plan import OpenPlan, PlanDraft
from certplan.sources.archive import MAX_KEPT, Budget, unpack
from certplan.sources.content import PRIVATE, holds_key
from certplan.sources.importing import ClusterPlan, own_plan, plans_of, read_exports
from certplan.sources.merge import Given
from certplan.sources.model import Item, Refusal
from certplan.sources.updating import updated
from certplan.text.words import counted, listed
from certplan.value import Value

__all__ = ["Added", "Upload", "Workspace"]

_HEAD = """\
yaml-language-server: $schema=plan.schema.json
A plan for certplan, made in certplan serve. The comment beside a value says where it is from: file:line.
What no file says is unknown, and what needs it is "not verified", never a pass.
"""
_MOST_PLANS = 200


class Added(Value):
    """What became of files that were added."""

    taken: tuple[str, ...]
    """What was read, or what changed, in sentences without their full stop."""
    refused: tuple[Refusal, ...]


class Workspace:
    """All that one run of the workbench works at."""

    def __init__(self, folder: Path, clock: Callable[[], datetime], *, live_dns: bool = True) -> None:
        """Begin in a folder; the plan in it, if there is one, is opened."""
        self.folder, self._clock, self._live_dns = folder.absolute(), clock, live_dns
        self._open_plans: dict[str, OpenPlan] = {}
        self._current = ""
        self._exports_added: dict[str, tuple[Item, ...]] = {}
        """What was read of each file added, by its name."""
        self._revisions = count(1)
        self.unread: PlanError | None = None
        """Why the plan of the folder cannot be opened."""
        if (self.folder / PLAN_NAME).exists():
            try:
                self.open(PLAN_NAME)
            except PlanError as error:
                self.unread = error

    @property
    def open_plan(self) -> OpenPlan | None:
        return self._open_plans.get(self._current)

    @property
    def current(self) -> str:
        """The plan open, by its path in the folder; empty where there is none."""
        return self._current

    def plans(self) -> tuple[str, ...]:
        """The plans there are, by their paths in the folder: on the disk, there or one folder down, or not saved."""
        found = dict.fromkeys(self._open_plans)
        try:
            files = sorted(islice(self._files(), _MOST_PLANS))
        except OSError:
            files = []
        found |= dict.fromkeys(files)
        return tuple(found)

    def _files(self) -> Iterator[str]:
        for pattern in ("*.yaml", "*.yml", "*/*.yaml", "*/*.yml"):
            for path in self.folder.glob(pattern):
                if path.is_file() and not path.is_symlink() and is_plan(_read(path)):
                    yield path.relative_to(self.folder).as_posix()

    def open(self, name: str, *, again: bool = False) -> None:
        """Open a plan of the folder.

        Args:
            name: one of `plans`.
            again: read it from its file, whatever was done to it here.

        Raises:
            KeyError: when there is no such plan.
            PlanError: when it is no usable plan.
            OSError: when it cannot be read.
        """
        if name not in self._open_plans or again:
            if name != PLAN_NAME and name not in self.plans():
                raise KeyError(name)
            self._open_plans[name] = OpenPlan.opened(
                self.folder / name, self._clock, revisions=self._revisions, live_dns=self._live_dns
            )
        self._current, self.unread = name, None

    def start_example(self) -> None:
        """Open the worked example; nothing of it is written until it is saved."""
        files = example_files(self._clock())
        text = files.pop(PLAN_NAME).decode()
        self._place(self._free(PLAN_NAME), PlanDraft(text, files))

    def _free(self, name: str) -> str:
        taken = {*self._open_plans, *self.plans()}
        names = (name, *(f"plan-{number}/{PurePosixPath(name).name}" for number in range(2, len(taken) + 3)))
        return next(each for each in names if each not in taken and not (self.folder / each).exists())

    def _place(self, name: str, state: PlanDraft) -> None:
        self._open_plans[name] = OpenPlan(
            self.folder / name, state, None, self._clock, revisions=self._revisions, live_dns=self._live_dns
        )
        self._current, self.unread = name, None

    def others(self) -> dict[Path, bytes]:
        """The files of the plans that are not open and not saved; a zone may lead to such a plan."""
        found: dict[Path, bytes] = {}
        for name, open_plan in self._open_plans.items():
            if name != self._current and not open_plan.saved:
                found |= open_plan.held() | {open_plan.path: open_plan.state.text.encode()}
        return found

    def add(self, uploads: Sequence[Upload], *, to_target: bool = False, peer: str = "", view: str = "") -> Added:
        """Take files in: plans are opened, exports make or update one, zone files go to a DNS view of it.

        Args:
            uploads: the files.
            to_target: certificates are what the peers are to have, and not what they have today.
            peer: whose new certificates and CA lists they are; see `beside.new_material`.
            view: the DNS view of zone files; without it the one that the peers' own servers give.

        Raises:
            EditRefusedError: when the plan cannot be edited safely.
            NoPlan: when no plan can be made of what was read.
        """
        said: list[str | Refusal] = [Refusal(shown(name), PRIVATE) for name, data in uploads if holds_key(data)]
        safe = [each for each in uploads if not holds_key(each[1])]
        plans = [each for each in safe if is_plan(each[1])]
        rest = [each for each in safe if not is_plan(each[1])]
        for each in plans:
            rest = self._plan(each, rest, said)
        zones = [each for each in rest if is_zone(each[1])]
        rest = [each for each in rest if not is_zone(each[1])]
        if to_target and self.open_plan is not None:
            said += [new_material(self.open_plan, each, peer) for each in rest]
        elif rest:
            found = self._exports(rest)
            said += [*found.taken, *found.refused]
        for each in zones:
            if self.open_plan is None:
                said.append(Refusal(shown(each[0]), "is a zone file: add what says which peers there are first"))
            else:
                said.append(zone_file(self.open_plan, each, view))
        taken = tuple(each for each in said if isinstance(each, str))
        return Added(taken, tuple(each for each in said if isinstance(each, Refusal)))

    def _plan(self, upload: Upload, rest: list[Upload], said: list[str | Refusal]) -> list[Upload]:
        """Open a plan that was added; what is left of the other files."""
        name = name_of_plan(upload[0])
        if _read(self.folder / name, len(upload[1]) + 1) == upload[1]:
            self.open(name)
            said.append(f"{name} of the folder is open")
            return rest
        place = self._free(name)
        found = opened(upload, (self.folder / place).parent, rest)
        if isinstance(found, Refusal):
            said.append(found)
            return rest
        self._place(place, found)
        used = {PurePosixPath(file).name for file in found.files}
        said.append(f"{shown(upload[0])} is open as {place}{f', with {listed(sorted(used))}' if used else ''}")
        return [each for each in rest if shown(each[0]) not in used]

    def _exports(self, uploads: Sequence[Upload]) -> Added:
        # A file that is added again stands for what it was before; what is kept is bounded in all.
        again = {shown(name) for name, _ in uploads}
        earlier = {name: items for name, items in self._exports_added.items() if name not in again}
        budget = Budget(kept=MAX_KEPT - sum(len(item.data) for items in earlier.values() for item in items))
        read: dict[str, list[Item | Refusal]] = {}
        for name, data in uploads:
            read.setdefault(shown(name), []).extend(unpack(io.BytesIO(data), shown(name), "added", budget))
        exports = read_exports([item for items in (*earlier.values(), *read.values()) for item in items])
        bad = {each.file for each in exports.refused}
        good = {
            name: tuple(each for each in items if isinstance(each, Item) and each.file not in bad)
            for name, items in read.items()
        }
        self._exports_added = earlier | good
        if not exports.clusters:
            waits = "is kept until an xConfiguration, a diagnostic log archive or the clustering page lists the peers"
            return Added(tuple(f"{item.file} {waits}" for items in good.values() for item in items), exports.refused)
        plans = plans_of(exports, Given(), {}, _HEAD)
        taken = [
            f"{name}: {counted(len(items), 'file')} read" if len(items) > 1 else f"{name} read"
            for name, items in good.items()
            if items
        ]
        if self.open_plan is None:
            for plan in plans:
                name = str(PurePosixPath(plan.folder, PLAN_NAME))
                self._place(self._free(name), PlanDraft(plan.text, dict(plan.imported.files)))
            self._current = next(iter(self._open_plans))
        else:
            taken += self._update(self.open_plan, plans)
        return Added(tuple(taken), exports.refused)

    def _update(self, open_plan: OpenPlan, plans: Sequence[ClusterPlan]) -> list[str]:
        """Make today of the plan open what the exports show."""
        own = own_plan(open_plan.plan, plans)
        if own is None:
            names = listed(plan.imported.name for plan in plans)
            raise EditRefusedError(f"it is the plan of {open_plan.plan.cluster.name}, and the files are of {names}")
        with holding(open_plan.held()):
            update = updated(open_plan.state.text, own.imported, open_plan.path.parent)
        open_plan.replace_text(update.text, update.files)
        kept = [f"{name} is in no export, and stays" for name in update.in_no_export]
        return [*(f"{name} changed" for name in update.changed), *kept]


def _read(path: Path, most: int = HEAD_BYTES) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except OSError:
        return b""
