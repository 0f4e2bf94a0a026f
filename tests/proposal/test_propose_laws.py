"""Laws of proposals: any mixture of faults on any cluster."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from certplan.evidence.model import Evidence, Missing
from certplan.intent.cluster import Intent
from certplan.intent.shadow import MARK
from certplan.outcomes import Severity, Verdict
from certplan.plan.model import Plan
from certplan.plan.reading import PlanError
from certplan.proposal.certificate_changes import RenewCrl
from certplan.proposal.propose import propose
from certplan.proposal.record_changes import SetAddresses
from certplan.proposal.state import apply
from tests.faults import FAULTS, with_faults
from tests.pki import AT
from tests.proposal.proposing import done, effects, proposed, seen

MIXTURES = st.tuples(
    st.sampled_from(["expressway-e", "expressway-c"]),
    st.integers(2, 5),
    st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.integers(1, 5)), min_size=1, max_size=7),
)


thoroughly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lacks_evidence(plan: Plan, evidence: Evidence) -> bool:
    """Whether something that only the engineer can give is missing."""
    for peer, found in zip(plan.peers, evidence.peers, strict=True):
        asked = [found.server, found.trust, found.crls, *([found.client] if peer.release.key >= (15, 5) else [])]
        if any(isinstance(part, Missing) for part in asked):
            return True
    return False


def seen_with(mixture: tuple[str, int, list[tuple[str, int]]]) -> tuple[Plan, Evidence]:
    """The plan and evidence of a cluster with these faults; what is no plan is passed over."""
    with TemporaryDirectory() as folder:
        try:
            return seen(with_faults(*mixture), Path(folder))
        except PlanError:
            assume(False)
            raise


class TestAnyMixtureOfFaults:
    @thoroughly
    @given(MIXTURES)
    def test_what_it_says_gives_ready_and_nothing_of_it_is_superfluous(
        self, mixture: tuple[str, int, list[tuple[str, int]]]
    ) -> None:
        plan, evidence = seen_with(mixture)
        proposal = propose(plan, evidence, AT)
        intent = Intent(plan, evidence, AT)
        made = apply(intent, [change.effect for change in proposal.changes])
        assert made.judged(intent).verdict is proposal.after
        versions = {peer.lan1.ip.version for peer in plan.peers}
        if not lacks_evidence(plan, evidence) and len(versions) == 1:
            assert proposal.after is Verdict.READY
            assert not proposal.cluster_blockers
        if proposal.after is Verdict.READY:
            for left_out in proposal.changes:
                rest = [change.effect for change in proposal.changes if change is not left_out]
                without = apply(intent, rest)
                assert without.judged(intent).verdict is not Verdict.READY, left_out
        else:
            assert proposal.cluster_blockers
        for change in proposal.changes:
            assert change.answers

    @thoroughly
    @given(MIXTURES)
    def test_it_holds_when_it_is_really_done_with_real_cas(
        self, mixture: tuple[str, int, list[tuple[str, int]]]
    ) -> None:
        kind, count, faults = mixture
        draft = with_faults(kind, count, faults)
        with TemporaryDirectory() as folder:
            try:
                proposal = proposed(draft, Path(folder))
            except PlanError:
                assume(False)
        assume(not any(isinstance(effect, RenewCrl) for effect in effects(proposal)))
        with TemporaryDirectory() as folder:
            assert done(draft, proposal).judge(Path(folder)).verdict is proposal.after

    @settings(thoroughly, max_examples=25)
    @given(MIXTURES, st.sampled_from([Severity.ERROR, Severity.WARNING, Severity.NOTICE]))
    def test_clearing_findings_too_never_costs_the_verdict(
        self, mixture: tuple[str, int, list[tuple[str, int]]], severity: Severity
    ) -> None:
        plan, evidence = seen_with(mixture)
        proposal = propose(plan, evidence, AT, severity=severity)
        assert proposal.after is propose(plan, evidence, AT).after
        assert not any(MARK in advice.message for advice in proposal.advice)
        for effect in effects(proposal):
            if isinstance(effect, SetAddresses) and effect.view == "public":
                assert not any(ip in {peer.lan1.ip for peer in plan.peers if peer.dual_nic} for ip in effect.addresses)
