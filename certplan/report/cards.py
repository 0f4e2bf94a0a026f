"""A finding as a card of a document, and the documents that it rests on."""

from collections.abc import Iterable

from certplan.outcomes import Confidence
from certplan.report.document import FindingCard, Fold, Points, Section, Words
from certplan.rules.model import Finding
from certplan.vendor import source

__all__ = ["finding_card", "finding_ident", "source_fold", "source_section", "source_words"]


def finding_ident(number: int) -> str:
    """The ident of the finding at this place (from 0) in `judgement.findings`."""
    return f"finding-{number + 1}"


def finding_card(finding: Finding, number: int, where: Words | None = None) -> FindingCard:
    """One finding, whole.

    Args:
        finding: of `judgement.findings`.
        number: its place there, from 0.
        where: its place in the plan or in a file, as it is to be shown; None: none.
    """
    return FindingCard(
        ident=finding_ident(number),
        code=finding.code,
        group=finding.rule.group.about,
        title=finding.rule.title,
        severity=finding.severity,
        outcome=finding.outcome,
        confidence="" if finding.confidence is Confidence.DOCUMENTED else finding.confidence.value,
        subject=finding.subject.name,
        peers=finding.subject.peers,
        message=finding.message,
        fix=finding.fix,
        where=where,
        evidence=finding.evidence,
        sources=finding.rule.sources,
        waived=finding.waived,
    )


def source_words(key: str) -> Words:
    """A document, leading to its address. `key` is one of `certplan.vendor.source`."""
    document = source(key)
    title = f"{document.title}, {document.release}" if document.release else document.title
    return Words(title, link=document.address)


def source_section(keys: Iterable[str]) -> Section:
    """The documents that a page rests on, each once; without any it has no blocks. `keys` as for `source_words`."""
    listed = Points.of(map(source_words, dict.fromkeys(keys)))
    return Section("sources", "Sources", (listed,) if listed.items else ())


def source_fold(keys: Iterable[str]) -> Fold:
    """The same within a section, folded away."""
    return Fold("", Words("Sources"), source_section(keys).blocks, open=False)
