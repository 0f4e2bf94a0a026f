"""One plan being worked at: its states in memory, what each was judged to be, undo, and the way back to its file.

A state is the plan's text and the files that are not saved yet. Nothing but `save` writes, and never over an edit that
was made in the file meanwhile.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from certplan.assessment import assess
from certplan.evidence.gather import gather
from certplan.evidence.model import Evidence
from certplan.held import holding, name_of
from certplan.judgement import Judgement
from certplan.plan.editing import put
from certplan.plan.model import NotStatedError, Plan, same_state
from certplan.plan.reading import MAX_BYTES, read_plan, read_plan_bytes
from certplan.plan.schema import SCHEMA_FILE, schema_text
from certplan.plan.yamltext import Values
from certplan.proposal.model import Proposal
from certplan.serve.edits import CannotTake, units, with_edits
from certplan.serve.fields import Texts, target_texts
from certplan.serve.suggestions import Suggestion, proposals, suggestions, taken
from certplan.storage import ChangedError, rewrite_text, write_new_files
from certplan.value import Value, field, replace

__all__ = ["EditConflict", "JudgedText", "OpenPlan", "OutdatedPage", "PlanDraft"]

_MOST_STATES = 200
_SAME_TIME = timedelta(minutes=1)
"""For so long what does not change is judged as of one time, and so but once."""
_NO_FILES: Mapping[str, bytes] = {}
_NOTHING: Mapping[Path, bytes] = {}


class OutdatedPage(Exception):  # noqa: N818 - reads as what is the case
    """What was asked was thought out for an earlier state than the present one."""

    def __init__(self, conflicts: "tuple[EditConflict, ...]" = ()) -> None:
        super().__init__()
        self.conflicts = conflicts
        """The fields that were changed here and in another window."""


class EditConflict(Value):
    """A field that was changed in two windows; it stays as the first has it."""

    name: str
    typed: str
    present: str


class PlanDraft(Value):
    """A plan's text, and the files beside it that are not on the disk yet, by path."""

    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)


class JudgedText(Value):
    """What a state was judged to be."""

    plan: Plan
    judgement: Judgement | None
    """None where the plan does not say enough to be judged."""
    why: str
    """What it does not say, to be judged or to be given suggestions for; empty where it says enough."""
    proposals: tuple[Proposal, ...]
    suggestions: tuple[Suggestion, ...]


class OpenPlan:
    """A plan that is open. Times come from `clock`; all of it is used by one request at a time."""

    def __init__(
        self,
        path: Path,
        state: PlanDraft,
        seen: bytes | None,
        clock: Callable[[], datetime],
        *,
        revisions: Iterator[int],
        live_dns: bool = True,
    ) -> None:
        """Open a plan.

        Args:
            path: the plan's file, absolute.
            state: where work begins.
            seen: what the file holds; None where there is no such file yet.
            clock: gives the present time, aware.
            revisions: numbers that no other open plan has, rising.
            live_dns: whether DNS servers that the plan names are asked.
        """
        self.path, self._seen, self._clock, self._live_dns = path, seen, clock, live_dns
        self._states, self._revisions = [state], revisions
        self._plan: Plan | None = None
        self._time: datetime | None = None
        self.revision = next(revisions)
        self.typed: Texts = {}
        """What was typed and cannot be taken yet."""
        self.problems: dict[str, str] = {}
        self._shown: dict[int, Texts] = {}
        """The values of the fields at each revision."""
        self._step: JudgedText | None = None
        self._before: JudgedText | None = None
        self.saved = seen is not None

    @classmethod
    def opened(
        cls, path: Path, clock: Callable[[], datetime], *, revisions: Iterator[int], live_dns: bool = True
    ) -> "OpenPlan":
        """A plan from its file.

        Raises:
            PlanError: when it is no usable plan.
            OSError: when it cannot be read.
        """
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        plan = read_plan_bytes(data, path.name, path.parent)
        return cls(path, PlanDraft(plan.text), data, clock, revisions=revisions, live_dns=live_dns)

    @property
    def state(self) -> PlanDraft:
        return self._states[-1]

    @property
    def can_undo(self) -> bool:
        return len(self._states) > 1 or bool(self.typed)

    @property
    def plan(self) -> Plan:
        """The plan as it is now; its files are relative to its folder."""
        if self._plan is None:
            self._plan = self._read(self.state)
        return self._plan

    def known_files(self) -> tuple[str, ...]:
        """The files that a field of the plan can name: those that it names, keys excepted, and those added."""
        keys = {peer.private_key for peer in self.plan.peers}
        target = self.plan.target_state()
        named = (*self.plan.files(), *(() if target is None else target.files()), *self.state.files)
        return tuple(sorted({file for file in named if file not in keys}))

    def _read(self, state: PlanDraft) -> Plan:
        return read_plan(state.text, self.path.name, self.path.parent)

    def held(self) -> dict[Path, bytes]:
        """The files that are not saved yet, as `certplan.held` takes them."""
        return {name_of(self.path.parent / name): data for name, data in self.state.files.items()}

    def step(self, others: Mapping[Path, bytes] = _NOTHING) -> JudgedText:
        """What the present state is judged to be; judged once.

        Args:
            others: files of other open plans that are not saved yet.
        """
        if self._step is None:
            with holding({**others, **self.held()}):
                self._step = self._judged()
            self._before = self._step
            self._shown[self.revision] = {**target_texts(self._step.plan), **self.typed}
        return self._step

    def _judged(self) -> JudgedText:
        plan, before = self.plan, self._before
        now, known = self._now(), None if before is None else before.judgement
        try:
            judgement = assess(plan, now, now, live_dns=self._live_dns, observe=self._observe, known=known)
        except NotStatedError as error:
            return JudgedText(plan, None, str(error), (), ())
        first = None
        if before is not None and before.proposals and same_state(before.plan, plan):
            first = before.proposals[0]
        try:
            found = proposals(judgement, first)
            shown = tuple(suggestions(judgement, found, self.state.files))
        except NotStatedError as error:
            return JudgedText(plan, judgement, str(error), (), ())
        return JudgedText(plan, judgement, "", found, shown)

    def _now(self) -> datetime:
        now = self._clock()
        if self._time is None or not timedelta() <= now - self._time < _SAME_TIME:
            self._time = now
        return self._time

    def _observe(
        self, plan: Plan, now: datetime, *, live_dns: bool, timeout: float, earlier: tuple[Plan, Evidence] | None = None
    ) -> Evidence:
        """Gather what a state points at; what servers have answered for the same view, they are not asked again."""
        known = None if self._before is None else self._before.judgement
        if earlier is None and known is not None:
            earlier = known.plan, known.evidence
        return gather(plan, now, live_dns=live_dns, timeout=timeout, earlier=earlier)

    def _push(self, state: PlanDraft, plan: Plan | None = None) -> None:
        if state != self.state:
            self._states = [*self._states[-_MOST_STATES:], state]
            self.saved = False
        self._turn(plan)

    def _turn(self, plan: Plan | None = None) -> None:
        self.revision = next(self._revisions)
        self._step, self._plan = None, plan
        for old in list(self._shown)[:-_MOST_STATES]:
            del self._shown[old]

    def knows(self, revision: int) -> bool:
        """Whether a page of that revision showed this very plan."""
        return revision in self._shown

    def check(self, revision: int) -> None:
        """Refuse what was asked of an earlier state.

        Raises:
            OutdatedPage: when the page was made for another state than the present one.
        """
        if revision != self.revision:
            raise OutdatedPage

    def edit(self, fields: Mapping[str, str], revision: int) -> tuple[EditConflict, ...]:
        """Take what a page's form says of the target; what cannot be taken yet stays typed, with the reason.

        Fields that the page showed as they are sent were not touched in it, whatever they are by now. Those that were
        changed in another window, too, stay as they are by now, and come back.

        Raises:
            OutdatedPage: when every field was changed in another window, too, or the page is too old to tell.
        """
        self.step()
        shown, present = self._shown.get(revision), self._shown[self.revision]
        changed = {name: text for name, text in fields.items() if text.strip() != (shown or present).get(name, "")}
        conflicts = tuple(
            EditConflict(name, text.strip(), present.get(name, ""))
            for name, text in changed.items()
            if shown is None or present.get(name, "") not in (shown.get(name, ""), text.strip())
        )
        if shown is None or (conflicts and len(conflicts) == len(changed)):
            raise OutdatedPage(conflicts)
        entered = {**self.typed, **changed}
        for conflict in conflicts:
            del entered[conflict.name]
        plan, self.typed, self.problems = self.plan, {}, {}
        for names in units(entered, plan).values():
            part = {name: entered[name] for name in names}
            try:
                plan = with_edits(plan, part)
            except CannotTake as error:
                self.typed |= part
                self.problems |= dict.fromkeys(error.names or names, str(error))
        self._push(replace(self.state, text=plan.text), plan)
        return conflicts

    def answer(self, fields: Mapping[str, Values]) -> None:
        """Put answers to open questions into today, by path such as `cluster.type`.

        Raises:
            EditRefusedError: when the text cannot be edited safely.
            PlanError: when an answer makes no plan.
        """
        text = self.state.text
        for name, value in fields.items():
            text = _said(put(text, tuple(name.split(".")), value), name.rpartition(".")[2])
        state = replace(self.state, text=text)
        self._read(state)
        self._push(state)

    def replace_text(self, text: str, files: Mapping[str, bytes] = _NO_FILES) -> None:
        """Go on with another text and further files.

        Raises:
            PlanError: when it is no usable plan.
        """
        state = PlanDraft(text, {**self.state.files, **files})
        self._read(state)
        self._push(state)

    def accept(self, ident: str) -> bool:
        """Take one suggested change into the target; False where it is suggested no more.

        Raises:
            EditRefusedError: when the plan's text cannot be edited safely.
        """
        found = self.step()
        if found.judgement is None:
            return False
        made = taken(found.judgement, found.proposals, ident, self.state.files)
        if made is None:
            return False
        self.typed, self.problems = {}, {}
        self._push(PlanDraft(made.text, {**self.state.files, **made.files}))
        return True

    def undo(self) -> None:
        """Go back by one state; what was typed and not taken goes first."""
        if self.typed:
            self.typed, self.problems = {}, {}
        elif len(self._states) > 1:
            self._states.pop()
            self.saved = False
        self._turn()

    @property
    def changed_on_disk(self) -> bool:
        """Whether the file holds something else than it did when it was opened or saved here."""
        return self._on_disk() != self._seen

    def _on_disk(self) -> bytes | None:
        try:
            with self.path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None

    def save(self) -> tuple[str, ...]:
        """Write the plan and the files that are not there yet; the names written come back, the plan's last.

        Raises:
            ChangedError: when the plan's file was changed meanwhile; then nothing is written.
            FileExistsError: when a file of other contents has one of the names.
            OSError: when something cannot be written.
        """
        if self.changed_on_disk:
            raise ChangedError
        folder = self.path.parent
        named = frozenset(self.state.files if self._seen is None else self._needed())
        new = {
            name: data for name, data in self.state.files.items() if name in named and not _same(folder / name, data)
        }
        text = self.state.text
        if self._seen is None:
            if not (folder / SCHEMA_FILE).exists():
                new = {SCHEMA_FILE: schema_text().encode(), **new}
            write_new_files(folder, {**new, self.path.name: text.encode()})
        else:
            if new:
                write_new_files(folder, new)
            rewrite_text(self.path, lambda _: text, read_plan_bytes(self._seen, self.path.name, folder).text)
        self._seen, self.saved = self._on_disk(), True
        self._states[-1] = PlanDraft(text, {name: data for name, data in self.state.files.items() if name not in named})
        return (*new, self.path.name)

    def _needed(self) -> Iterable[str]:
        """The files in memory that the plan names, today or in its target."""
        plan = self.plan
        for each in (plan, plan.target_state()):
            if each is not None:
                yield from each.files()


def _said(text: str, key: str) -> str:
    """The text, the comment of an import on this field brought up to date: it is the engineer's word now."""
    return re.sub(rf"(?m)^([ \t]+{key}:.*?)[ \t]+# no file says .*$", r"\1  # stated in certplan serve", text, count=1)


def _same(path: Path, data: bytes) -> bool:
    """Whether a file has these contents already."""
    try:
        return path.read_bytes() == data
    except FileNotFoundError:
        return False
