"""What is not verified, as a table: which peer, which field of the plan, and which findings it leaves open."""

from collections.abc import Iterable

from certplan.evidence.model import Missing
from certplan.outcomes import Outcome
from certplan.rules.model import Finding
from certplan.value import Value

__all__ = ["MissingEvidence", "unknowns"]


class MissingEvidence(Value):
    """One piece of evidence that is missing, and every finding that needs it."""

    peer: str | None
    """The `Peer N address`; None where it is missing for the whole cluster."""
    field: str | None
    """The plan's field that would give it, such as `trusted_cas`; None where no field would."""
    missing: Missing
    codes: tuple[str, ...]
    """The rules that need it, in order."""
    waived: bool
    """Whether every finding that needs it is waived."""


def unknowns(findings: Iterable[Finding]) -> tuple[MissingEvidence, ...]:
    """Each missing piece once; what leaves most rules open comes first, then in the order of the findings."""
    open_: dict[tuple[str | None, str | None, str, str], tuple[Missing, set[str], list[bool]]] = {}
    for finding in findings:
        missing = finding.missing
        if finding.outcome is Outcome.UNKNOWN and missing is not None:
            piece = (missing.peer, missing.field, missing.what, missing.why)
            _, codes, waived = open_.setdefault(piece, (missing, set(), []))
            codes.add(finding.code)
            waived.append(finding.waived is not None)
    found = [
        MissingEvidence(missing.peer, missing.field, missing, tuple(sorted(codes)), all(waived))
        for missing, codes, waived in open_.values()
    ]
    return tuple(sorted(found, key=lambda unknown: -len(unknown.codes)))
