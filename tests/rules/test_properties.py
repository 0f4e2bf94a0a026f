"""What must hold whatever is wrong with a cluster: laws of judging, tried on clusters with faults at random.

A finding is compared as code, outcome, kind and name of its subject, names in lower case; a pair by its addresses.
"""

import dataclasses
import random
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.evidence.gather import gather
from certplan.evidence.model import Evidence, Missing, PeerEvidence
from certplan.handshake.model import Cause
from certplan.judgement import Judgement, judge
from certplan.outcomes import Outcome, Verdict
from certplan.plan.model import Plan
from certplan.plan.reading import load_plan
from certplan.rules.model import Finding, SubjectKind
from certplan.value import replace
from tests.clusters import Draft
from tests.faults import FAULTS, OTHER_CA, deepcopy_of, rewritten, with_faults, with_names
from tests.pki import AT

ABOUT_LETTER_CASE = {"CLU012"}
"""The rules whose subject is how a name is spelled."""

DATED = {"TRU006", "TRU009", "TRU010", "TRU014", "TRU015", "TRU021", "TRU022", "TRU023", "EKU007", "EKU008", "CLU024"}
"""Rules beside VAL that look at the clock: CAs and CRLs that expire, what a CA will no longer issue, the verdict."""

DATED_CAUSES = {
    Cause.EXPIRED,
    Cause.NOT_YET_VALID,
    Cause.CA_EXPIRED,
    Cause.CA_NOT_YET_VALID,
    Cause.REVOKED,
    Cause.CRL_EXPIRED,
    Cause.CRL_UNUSABLE,
    Cause.ORDER_DECIDES,
}

FEW = settings(max_examples=60)

Fault = tuple[str, int]
faults = st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 4)), max_size=5)
clusters = st.builds(with_faults, st.sampled_from(["expressway-e", "expressway-c"]), st.integers(1, 5), faults)
shuffles = st.integers(0, 2**32).map(random.Random)


@dataclass(frozen=True)
class Scene:
    """A plan that was read, with its evidence: to be judged as it is, or with something taken away."""

    plan: Plan
    evidence: Evidence

    def judge(self, at: datetime = AT) -> Judgement:
        return judge(self.plan, self.evidence, at)


def seen(draft: Draft) -> Scene:
    with tempfile.TemporaryDirectory() as folder:
        plan = load_plan(draft.write(Path(folder)))
        return Scene(plan, gather(plan, AT, live_dns=False))


def pairs(judgement: Judgement) -> dict[tuple[str, str], Outcome]:
    return {
        (handshake.verifier.address.lower(), handshake.presenter.address.lower()): handshake.outcome
        for handshake in judgement.matrix.handshakes
    }


def said(finding: Finding) -> tuple[str, str, str, str]:
    name = Path(finding.subject.name).name if finding.subject.kind is SubjectKind.FILE else finding.subject.name.lower()
    if finding.subject.kind is SubjectKind.PAIR:
        name = " - ".join(sorted(name.split(" - ")))
    return finding.code, finding.outcome.value, finding.subject.kind.value, name


def all_said(judgement: Judgement) -> set[tuple[str, str, str, str]]:
    return {said(finding) for finding in judgement.findings}


def assert_alike(before: Judgement, after: Judgement, except_for: Iterable[str] = ()) -> None:
    assert after.verdict is before.verdict
    assert pairs(after) == pairs(before)
    differing = {line for line in all_said(before) ^ all_said(after) if line[0] not in except_for}
    assert not differing, sorted(differing)


@FEW
@given(clusters)
def test_judging_twice_gives_the_same_and_no_rule_breaks_off(draft: Draft) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = draft.judge(Path(folder)), draft.judge(Path(folder))
    assert first.matrix.handshakes == second.matrix.handshakes
    assert first.findings == second.findings
    assert first.status_changes == second.status_changes
    assert [finding.message for finding in first.findings if finding.code == "CPL001"] == []


@FEW
@given(clusters)
def test_a_finding_is_about_peers_of_the_plan_and_stands_in_one_of_its_files(draft: Draft) -> None:
    judgement = seen(draft).judge()
    addresses = {peer.address for peer in judgement.plan.peers}
    files = {judgement.plan.file, *(str(judgement.plan.folder / file) for file in _named_files(draft))}
    for finding in judgement.findings:
        assert set(finding.subject.peers) <= addresses, finding
        assert finding.where is None or finding.where.file in files, finding
        assert finding.message, finding
        assert finding.fix, finding


def _named_files(draft: Draft) -> set[str]:
    named: set[str] = set()
    for peer in draft.plan["peers"]:
        for field in ("server_certificate", "client_certificate", "private_key"):
            named.add(peer.get(field, ""))
        for field in ("trusted_cas", "crls"):
            named.update(peer.get(field, []))
    return named


@FEW
@given(clusters, shuffles)
def test_the_order_of_the_peers_changes_nothing(draft: Draft, shuffle: random.Random) -> None:
    other = deepcopy_of(draft)
    peers, first = other.plan["peers"], draft.plan["peers"][0]
    order = list(range(len(peers)))
    shuffle.shuffle(order)
    other.plan["peers"] = [draft.plan["peers"][number] for number in order]
    if draft.plan["cluster"]["primary"] == 1:
        other.plan["cluster"]["primary"] = 1 + other.plan["peers"].index(first)
    assert_alike(seen(draft).judge(), seen(other).judge())


@FEW
@given(clusters, shuffles)
def test_the_order_of_mapping_entries_records_cas_and_sans_changes_nothing(
    draft: Draft, shuffle: random.Random
) -> None:
    def shuffled(names: list[x509.GeneralName]) -> list[x509.GeneralName]:
        return shuffle.sample(names, len(names))

    other = rewritten(draft, shuffled)
    shuffle.shuffle(other.plan["cluster"].get("address_mapping", []))
    for view in other.plan["dns"].values():
        shuffle.shuffle(view["records"])
    for file in (name for name in other.files if name.startswith("trust/")):
        blocks = other.files[file].split(b"-----BEGIN")[1:]
        other.files[file] = b"".join(b"-----BEGIN" + block for block in shuffle.sample(blocks, len(blocks)))
    assert_alike(seen(draft).judge(), seen(other).judge())


def _capitals_of_certificates(draft: Draft) -> Draft:
    def capitals(names: list[x509.GeneralName]) -> list[x509.GeneralName]:
        return [x509.DNSName(name.value.upper()) if isinstance(name, x509.DNSName) else name for name in names]

    return rewritten(draft, capitals)


def _capitals_of_the_plan(draft: Draft) -> Draft:
    return with_names(draft, str.upper)


def _capitals_of_the_records(draft: Draft) -> Draft:
    spelled = with_names(draft, str.upper)
    return dataclasses.replace(deepcopy_of(draft), plan={**draft.plan, "dns": spelled.plan["dns"]})


@FEW
@given(clusters, st.sampled_from([_capitals_of_certificates, _capitals_of_the_plan, _capitals_of_the_records]))
def test_letter_case_changes_nothing_but_what_rules_say_of_it(draft: Draft, spell: Callable[[Draft], Draft]) -> None:
    assert_alike(seen(draft).judge(), seen(spell(draft)).judge(), ABOUT_LETTER_CASE)


@FEW
@given(clusters, st.sets(st.integers(0, 3), min_size=1))
def test_a_ca_that_has_nothing_to_do_with_it_makes_no_pair_fail(draft: Draft, numbers: set[int]) -> None:
    other = deepcopy_of(draft)
    for number in numbers:
        for file in draft.plan["peers"][number % len(draft.plan["peers"])].get("trusted_cas", []):
            other.files[file] = draft.files[file] + OTHER_CA.pem
    before, after = pairs(seen(draft).judge()), pairs(seen(other).judge())
    assert {pair for pair, outcome in after.items() if outcome is Outcome.FAIL} <= {
        pair for pair, outcome in before.items() if outcome is Outcome.FAIL
    }


Loss = tuple[str, int]
losses = st.lists(
    st.tuples(st.sampled_from(["server", "client", "trust", "crls", "key", "public", "internal"]), st.integers(0, 3)),
    min_size=1,
    max_size=2,
    unique=True,
)


def without(scene: Scene, lost: list[Loss]) -> Scene:
    """The same scene, with pieces of evidence gone. What was not there cannot be lost."""
    peers, views = list(scene.evidence.peers), dict(scene.evidence.views)
    for what, number in lost:
        place = number % len(peers)
        gone = Missing(f"{what} of {scene.plan.peers[place].address}", "it was lost", "Give it again.")
        if what in ("public", "internal"):
            views.pop(what, None)
        elif getattr(peers[place], what) and not isinstance(getattr(peers[place], what), Missing):
            peers[place] = _without(peers[place], what, gone)
    return dataclasses.replace(scene, evidence=replace(scene.evidence, peers=tuple(peers), views=views))


def _without(peer: PeerEvidence, what: str, gone: Missing) -> PeerEvidence:
    match what:
        case "server":
            return replace(peer, server=gone)
        case "client":
            return replace(peer, client=gone)
        case "trust":
            return replace(peer, trust=gone)
        case "crls":
            return replace(peer, crls=gone)
        case _:
            return replace(peer, key=gone)


@settings(max_examples=150)
@given(clusters, losses)
def test_losing_evidence_never_makes_anything_better(draft: Draft, lost: list[Loss]) -> None:
    scene = seen(draft)
    before, after = scene.judge(), without(scene, lost).judge()
    peers = scene.plan.peers
    robbed = {peers[number % len(peers)].address for _, number in lost}
    for pair, outcome in pairs(before).items():
        if outcome is not Outcome.PASS:
            assert pairs(after)[pair] is not Outcome.PASS, pair
    if before.verdict is not Verdict.READY:
        assert after.verdict is not Verdict.READY
    for finding in before.findings:
        kept = [later for later in after.findings if later.code == finding.code]
        assert any(_still(finding, later, robbed) for later in kept), (lost, finding.code, finding.subject)


def _still(finding: Finding, later: Finding, robbed: set[str]) -> bool:
    """Whether `later` keeps open what `finding` of the same rule said.

    It does when it speaks of one of the same peers or of the whole cluster, or says that the rule hangs on a peer
    whose evidence is gone: a CA that exe2 lacks may be one that exe1 would send.
    """
    mine, its = set(finding.subject.peers), set(later.subject.peers)
    return not mine or not its or bool(mine & its) or (later.outcome is Outcome.UNKNOWN and bool(its & robbed))


@FEW
@given(clusters, st.integers(1, 1500))
def test_a_later_day_changes_only_what_dates_explain(draft: Draft, days: int) -> None:
    scene = seen(draft)
    before, after = scene.judge(), scene.judge(AT + timedelta(days=days))
    for old, new in zip(before.matrix.handshakes, after.matrix.handshakes, strict=True):
        if old.outcome is not new.outcome:
            assert {step.cause for step in (*old.not_passed, *new.not_passed)} & DATED_CAUSES
    differing = {
        line for line in all_said(before) ^ all_said(after) if line[0] not in DATED and not line[0].startswith("VAL")
    }
    assert not differing, sorted(differing)
