"""What a rule is, what it may say, and what it looks at."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from inspect import getdoc
from typing import Any

from certplan.evidence.model import CertificateFile, Evidence, Missing, PeerEvidence, ServerEvidence
from certplan.handshake.model import Cause, Handshake, Matrix, Step, StepName, Store
from certplan.intent.cluster import Intent
from certplan.outcomes import Confidence, Outcome, Severity
from certplan.places import Place
from certplan.plan.model import ClusterType, Peer, Plan, Server
from certplan.rules.facts import NOTHING_MORE, About, Subject, SubjectKind
from certplan.text.names import show
from certplan.text.words import listed
from certplan.value import Value
from certplan.vendor.releases import TWO_STORES_FROM, Release
from certplan.zones.view import ZoneView

__all__ = [
    "About",
    "Case",
    "Check",
    "Clearing",
    "Finding",
    "Found",
    "Group",
    "Rule",
    "RuleText",
    "Subject",
    "SubjectKind",
    "Unchecked",
    "rule",
]


class Group(StrEnum):
    """The first three letters of a rule's code."""

    NAM = "NAM"
    TRU = "TRU"
    KEY = "KEY"
    VAL = "VAL"
    EKU = "EKU"
    NIC = "NIC"
    MAP = "MAP"
    DNS = "DNS"
    CLU = "CLU"
    ZON = "ZON"
    SRV = "SRV"
    CPL = "CPL"

    @property
    def about(self) -> str:
        """What the rules of the group are about."""
        return _ABOUT[self]


_ABOUT = {
    Group.NAM: "names",
    Group.TRU: "trust",
    Group.KEY: "keys",
    Group.VAL: "validity",
    Group.EKU: "roles",
    Group.NIC: "interfaces",
    Group.MAP: "address mapping",
    Group.DNS: "DNS",
    Group.CLU: "the cluster",
    Group.ZON: "zones to other clusters",
    Group.SRV: "servers behind an Expressway-C",
    Group.CPL: "certplan itself",
}


class Found(Value):
    """A rule is broken."""

    subject: Subject
    message: str
    """What was found and what was expected, one or two sentences, in the appliance's words."""
    fix: str
    """One thing to do, in the imperative."""
    where: Place | None = None
    evidence: tuple[str, ...] = ()
    """What it was seen in: places, records, fingerprints."""
    severity: Severity | None = None
    """Where this case weighs otherwise than the rule does by default."""
    confidence: Confidence | None = None
    alarms: tuple[int, ...] | None = None
    """Where this case raises other alarms than the rule does by default."""
    about: About = NOTHING_MORE


class Unchecked(Value):
    """A rule is not verified for one subject, for want of some evidence."""

    subject: Subject
    missing: Missing
    about: About = NOTHING_MORE


Check = Callable[["Case"], Iterable[Found | Unchecked]]


class RuleText(Value):
    """The parts of a rule's docstring."""

    what: str
    why: str
    fix: str
    example: str


_PARTS = {"What it checks:": "what", "Why it matters:": "why", "How to fix:": "fix", "Example:": "example"}


class Clearing(StrEnum):
    """A kind of change that clears the findings of a rule."""

    PUBLIC_ADDRESSES = "public address records"
    INSIDE_ADDRESSES = "internal address records"
    REVERSE = "PTR records"
    EDGE_SERVICE = "records of the edge service"
    FEDERATION_SERVICE = "records of XMPP federation"
    EXTERNAL_LAN2 = "External LAN interface LAN2"
    MAPPING_ON = "cluster address mapping On"
    STALE_ENTRIES = "mapping entries deleted"
    CERTIFICATE_NAMES = "a certificate with the required names"


class Rule(Value):
    """One rule: its identity, its weight, what it rests on, and the pure function that checks it."""

    code: str
    slug: str
    title: str
    severity: Severity
    check: Check
    sources: tuple[str, ...]
    """Keys of `certplan.vendor.source`."""
    confidence: Confidence = Confidence.DOCUMENTED
    types: frozenset[ClusterType] = frozenset(ClusterType)
    since: Release | None = None
    """The first cluster release it applies to."""
    until: Release | None = None
    """The first cluster release it no longer applies to."""
    effective: date | None = None
    """The day from which it applies."""
    answers: frozenset[Cause] = frozenset()
    """The causes of a failed or undecided handshake between peers that this rule explains."""
    stages: frozenset[StepName] = frozenset()
    """The stages of a zone's handshakes that this rule explains."""
    alarms: tuple[int, ...] = ()
    """Alarms the appliance raises in the state this rule finds."""
    clearing: Clearing | None = None
    """What clears its findings, where that is always the same; None: what its group or the finding tells."""
    symptoms: tuple[str, ...] = ()
    """What an engineer sees or searches for when this is wrong: words of status lines, logs and upload pages."""

    def __hash__(self) -> int:
        return hash(self.code)

    @property
    def group(self) -> Group:
        return Group(self.code[:3])

    @property
    def releases(self) -> str:
        """The releases it applies to, in words."""
        if self.since and self.until:
            return f"{self.since} to before {self.until}"
        if self.since:
            return f"{self.since} and later"
        return f"before {self.until}" if self.until else "all"

    @property
    def text(self) -> RuleText:
        """The docstring of the check, part by part.

        Raises:
            ValueError: when a part is missing.
        """
        parts: dict[str, list[str]] = {}
        lines = parts.setdefault("", [])
        for line in (getdoc(self.check) or _docstring_in_source(self.check)).splitlines():
            part = _PARTS.get(line.strip())
            if part is not None:
                lines = parts.setdefault(part, [])
            else:
                lines.append(line.strip())
        absent = [heading for heading, part in _PARTS.items() if not any(parts.get(part, []))]
        if absent:
            raise ValueError(f"{self.code}: its docstring is missing {listed(absent)}")
        return RuleText(**{part: "\n".join(parts[part]).strip() for part in _PARTS.values()})

    def applies(self, plan: Plan, at: datetime) -> bool:
        """Whether it has a bearing on this cluster at this time: for one peer's release is enough.

        Raises:
            NotStatedError: when that hangs on a type or a release that the plan gives as unknown.
        """
        if not self.begun(at):
            return False
        if len(self.types) < len(ClusterType) and plan.cluster.type not in self.types:
            return False
        if self.since is None and self.until is None:
            return True
        return self.suits((plan.cluster.release, *(peer.release for peer in plan.peers)))

    def begun(self, at: datetime) -> bool:
        """Whether its first day has come."""
        return self.effective is None or self.effective <= at.date()

    def suits(self, releases: Iterable[Release]) -> bool:
        """Whether it applies to one of these releases at least."""
        if self.since is None and self.until is None:
            return True
        return any(
            (self.since is None or release >= self.since) and (self.until is None or release < self.until)
            for release in releases
        )


def _docstring_in_source(check: object) -> str:
    """The docstring that Python leaves out where it is asked to (`-OO`, `PYTHONOPTIMIZE=2`)."""
    import ast  # noqa: PLC0415 - for that case alone
    from inspect import cleandoc, getsource  # noqa: PLC0415

    try:
        (function,) = ast.parse(cleandoc(getsource(check))).body  # type: ignore[arg-type]
    except (OSError, SyntaxError, ValueError):
        return ""
    return (ast.get_docstring(function) if isinstance(function, ast.FunctionDef) else None) or ""


def rule(
    code: str,
    slug: str,
    title: str,
    severity: Severity,
    *,
    sources: tuple[str, ...],
    confidence: Confidence = Confidence.DOCUMENTED,
    only: ClusterType | None = None,
    since: str | None = None,
    until: str | None = None,
    effective: date | None = None,
    answers: Iterable[Cause] = (),
    stages: Iterable[StepName] = (),
    alarms: tuple[int, ...] = (),
    clearing: Clearing | None = None,
    symptoms: tuple[str, ...] = (),
) -> Callable[[Check], Rule]:
    """Make a `Rule` of a check function. The rule takes the function's place in its module."""

    def make(check: Check) -> Rule:
        return Rule(
            code=code,
            slug=slug,
            title=title,
            severity=severity,
            check=check,
            sources=sources,
            confidence=confidence,
            types=frozenset(ClusterType) if only is None else frozenset({only}),
            since=None if since is None else Release.parse(since),
            until=None if until is None else Release.parse(until),
            effective=effective,
            answers=frozenset(answers),
            stages=frozenset(stages),
            alarms=alarms,
            clearing=clearing,
            symptoms=symptoms,
        )

    return make


class Finding(Value):
    """What a rule said of one subject, made complete by the engine."""

    rule: Rule
    outcome: Outcome
    """`fail` or `unknown`."""
    severity: Severity
    confidence: Confidence
    subject: Subject
    message: str
    fix: str
    where: Place | None = None
    evidence: tuple[str, ...] = ()
    missing: Missing | None = None
    alarms: tuple[int, ...] = ()
    """Alarms the appliance raises for what was found."""
    waived: str | None = None
    """The waiver's reason, when the plan waives it."""
    about: About = NOTHING_MORE

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def store(self) -> Store | None:
        """Which certificate of its peers it means; None where it means none, or both."""
        return self.about.store or self.subject.store

    @property
    def counts(self) -> bool:
        """Whether it is a failure that is not waived."""
        return self.outcome is Outcome.FAIL and self.waived is None


class Case(Value, dict=True):
    """What every rule looks at: the plan, the evidence, the time, and the handshakes simulated from them."""

    plan: Plan
    evidence: Evidence
    at: datetime
    """Aware, in UTC."""
    matrix: Matrix
    zones: tuple[ZoneView, ...] = ()
    """The zones that are judged in this run; none where the cluster itself is."""
    servers: tuple[tuple[Server, ServerEvidence], ...] = ()
    """The servers behind the Expressway-C that are judged in this run."""

    @cached_property
    def intent(self) -> Intent:
        """What should be: names, certificates and mapping."""
        return Intent(self.plan, self.evidence, self.at)

    @cached_property
    def kept(self) -> dict[object, Any]:
        """What was worked out of this case, by what asked for it."""
        return {}

    @property
    def peers(self) -> Iterator[tuple[Peer, PeerEvidence]]:
        """Every peer with what was found for it."""
        return zip(self.plan.peers, self.evidence.peers, strict=True)

    def stores(self, peer: Peer) -> Iterator[tuple[Store, CertificateFile | Missing]]:
        """The certificates that count for a peer: the server's, and from X15.5 the client's where one is given."""
        found = self.evidence.peers[peer.number - 1]
        yield Store.SERVER, found.server
        if peer.client_certificate is not None and peer.release >= TWO_STORES_FROM:
            yield Store.CLIENT, found.client

    @property
    def certificates(self) -> Iterator[tuple[Peer, Store, CertificateFile]]:
        """Every server and client certificate that was read."""
        for peer in self.plan.peers:
            for store, file in self.stores(peer):
                if isinstance(file, CertificateFile):
                    yield peer, store, file

    def unread(self) -> Iterator[Unchecked]:
        """One "not verified" for each certificate that was not read."""
        for peer in self.plan.peers:
            for store, file in self.stores(peer):
                if isinstance(file, Missing):
                    yield Unchecked(Subject.certificate(peer, store), file)

    def not_passed(self, *causes: Cause) -> Iterator[tuple[Handshake, Step]]:
        """The handshake steps that ended for one of `causes`, in matrix order for each cause."""
        for cause in causes:
            yield from self.matrix.not_passed.get(cause, ())

    def unstated(self, peer: Peer, field: str) -> Unchecked:
        """A "not verified" for a field of a peer that the plan leaves out."""
        missing = Missing(
            what=f"{field} of {show(peer.address)}",
            why="the plan does not say",
            remedy=f"Add {field} to each peer in the plan.",
            where=self.where(peer),
            peer=peer.address,
            field=field,
        )
        return Unchecked(Subject.peer(peer), missing)

    def where_certificate(self, peer: Peer, store: Store | None) -> Place:
        """The place of a peer's certificate in its own file; where it was not read, of the plan's word on it."""
        found = self.evidence.peers[peer.number - 1]
        file = found.client if store is Store.CLIENT else found.server
        return file.where if isinstance(file, CertificateFile) else self.where(peer, f"{store}_certificate")

    def where(self, peer: Peer, *path: str | int) -> Place:
        """The place of a peer's field in the plan file."""
        return self.plan.where("peers", peer.number - 1, *path)
