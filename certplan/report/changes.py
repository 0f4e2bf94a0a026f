"""What `certplan propose` says: the changes, grouped by who makes them, and the verdict with them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from certplan.changes.model import Advice, Change, Proposal, Who
from certplan.changes.planfile import plan_values
from certplan.outcomes import Verdict
from certplan.report.escape import markdown, plain
from certplan.report.jsonview import SCHEMA_VERSION, Json, dumps, moment
from certplan.report.terminal import render

__all__ = ["proposal_json", "proposal_markdown", "proposal_text"]

_WHO = {
    Who.CERTIFICATES: "Certificates: to order from the CA",
    Who.NETWORK: "Network: interfaces, NAT and firewall",
    Who.DNS: "DNS: records",
    Who.EXPRESSWAY: "Expressway: pages of the appliance",
}
_STYLE = {Verdict.READY: "bold green", Verdict.NOT_READY: "bold red", Verdict.UNDECIDED: "bold yellow"}
_WORDS = {Verdict.READY: "READY", Verdict.NOT_READY: "NOT READY", Verdict.UNDECIDED: "UNDECIDED"}
_BY_SIMULATION = (
    "New certificates are judged as stand-ins with these names, roles and dates, trusted where their CA's chain is."
)


def proposal_json(version: str, at: datetime, proposal: Proposal) -> str:
    """The whole document: `before`, `after`, `changes`, `in_the_way`, `advice`, `plan`."""
    document: Json = {
        "schema_version": SCHEMA_VERSION,
        "certplan": version,
        "at": moment(at),
        "before": proposal.before.value,
        "after": proposal.after.value,
        "changes": [_change(change) for change in proposal.changes],
        "in_the_way": [_advice(advice) for advice in proposal.in_the_way],
        "advice": [_advice(advice) for advice in proposal.advice],
        "plan": plan_values(proposal.plan),
    }
    return dumps(document) + "\n"


def proposal_text(at: datetime, proposal: Proposal, *, width: int, color: bool) -> str:
    """The page for the terminal."""
    return render(_page(at, proposal), width=width, color=color)


def proposal_markdown(at: datetime, proposal: Proposal) -> str:
    """The same as Markdown."""
    return "\n".join(_markdown(at, proposal)) + "\n"


def _change(change: Change) -> Json:
    return {
        "who": change.who.value,
        "peer": change.peer,
        "action": change.action,
        "detail": change.detail,
        "answers": list(change.answers),
    }


def _advice(advice: Advice) -> Json:
    return {"codes": list(advice.codes), "subject": advice.subject, "message": advice.message, "fix": advice.fix}


def _page(at: datetime, proposal: Proposal) -> Iterator[RenderableType]:
    plan = proposal.plan
    yield Text.assemble(
        (plain(plan.cluster.name), "bold"), f"  {plain(plan.file)}, judged as of {at:%Y-%m-%d %H:%M} UTC"
    )
    yield Text.assemble("Today: ", (_WORDS[proposal.before], _STYLE[proposal.before]), " for Enforce")
    yield ""
    number = 0
    for who, changes in _grouped(proposal.changes):
        yield Text(_WHO[who], "bold")
        for change in changes:
            number += 1
            yield _listed_change(number, change)
        yield ""
    if not proposal.changes:
        yield Text(_nothing(proposal))
        yield ""
    yield from _advised("Still in the way", proposal.in_the_way)
    yield from _advised("Left to you", proposal.advice)
    yield Text.assemble(
        "With these changes: " if proposal.changes else "", (_WORDS[proposal.after], _STYLE[proposal.after])
    )
    if any(change.who is Who.CERTIFICATES for change in proposal.changes):
        yield Text(_BY_SIMULATION, "dim")


def _nothing(proposal: Proposal) -> str:
    if proposal.before is Verdict.READY:
        return "Nothing has to change."
    return "No change to the cluster is known that would bring it nearer: see what is in the way."


def _listed_change(number: int, change: Change) -> RenderableType:
    whose = f"  {plain(change.peer)}" if change.peer is not None else ""
    head = Text.assemble(f"  {number:>2}  ", (change.action, "bold"), whose)
    body = Text.assemble(plain(change.detail), (f"  [{', '.join(change.answers)}]" if change.answers else "", "dim"))
    return Group(head, Padding(body, (0, 0, 0, 6)))


def _advised(title: str, advices: Iterable[Advice]) -> Iterator[RenderableType]:
    listed = list(advices)
    if not listed:
        return
    yield Text(f"{title} ({len(listed)})", "bold")
    for advice in listed:
        codes = f"  [{', '.join(advice.codes)}]" if advice.codes else ""
        head = Text.assemble("  ", (plain(advice.subject), "bold"), (codes, "dim"))
        yield Group(head, Padding(Text(f"{plain(advice.message)}\nTo do: {plain(advice.fix)}"), (0, 0, 0, 6)))
    yield ""


def _grouped(changes: Iterable[Change]) -> Iterator[tuple[Who, list[Change]]]:
    return ((who, list(group)) for who, group in groupby(changes, key=lambda change: change.who))


def _markdown(at: datetime, proposal: Proposal) -> Iterator[str]:
    plan = proposal.plan
    yield f"# Changes for {markdown(plan.cluster.name)}"
    yield ""
    yield f"{markdown(plan.file)}, judged as of {at:%Y-%m-%d %H:%M} UTC."
    yield f"Today: **{_WORDS[proposal.before]}** for Enforce."
    for who, changes in _grouped(proposal.changes):
        yield from ("", f"## {_WHO[who]}", "")
        for change in changes:
            whose = f" ({markdown(change.peer)})" if change.peer is not None else ""
            answers = f" _{', '.join(change.answers)}_" if change.answers else ""
            yield f"- [ ] **{change.action}**{whose}: {markdown(change.detail)}{answers}"
    if not proposal.changes:
        yield from ("", _nothing(proposal))
    for title, advices in (("Still in the way", proposal.in_the_way), ("Left to you", proposal.advice)):
        if advices:
            yield from ("", f"## {title}", "")
            for advice in advices:
                codes = f" _{', '.join(advice.codes)}_" if advice.codes else ""
                yield f"- **{markdown(advice.subject)}**: {markdown(advice.message)} {markdown(advice.fix)}{codes}"
    yield from (
        "",
        f"With these changes: **{_WORDS[proposal.after]}**." if proposal.changes else f"**{_WORDS[proposal.after]}**.",
    )
