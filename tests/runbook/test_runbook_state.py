"""`runbook` where a cluster is not as it should be: what is known of today is said, and nothing is asked in vain."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.judgement import judge
from certplan.outcomes import Verdict
from certplan.plan.model import MappingEntry
from certplan.plan.reading import load_plan
from certplan.proposal.address_changes import DropEntry, SetEntry, SwitchMappingOn
from certplan.proposal.certificate_changes import LoadCa, RemoveCa
from certplan.proposal.propose import propose
from certplan.proposal.state import apply
from certplan.runbook.enforce import mapping_values
from certplan.runbook.model import Procedure, Runbook, RunbookStep
from certplan.runbook.procedures import ProcedureRequest, runbook
from tests.clusters import ISSUING, ROOT, Draft, expressway_c, expressway_e
from tests.faults import OTHER_CA
from tests.pki import AT, Authority, ec_key

EXPIRED = ROOT.intermediate("Expired CA", key=ec_key("runbook lapsed"), not_after=AT - timedelta(days=1))
OLD_ROOT = Authority.root("Old Root", key=ec_key("runbook old root"), not_after=AT - timedelta(days=1))
TO_ENFORCE = ProcedureRequest()
YESTERDAY = datetime(2026, 5, 31, tzinfo=UTC)


def written(draft: Draft, folder: Path, request: ProcedureRequest = TO_ENFORCE) -> Runbook:
    plan = load_plan(draft.write(folder))
    return runbook(plan, gather(plan, AT, live_dns=False), AT, request)


def enforced(draft: Draft) -> Draft:
    draft.plan["cluster"]["tls_verification"] = "enforce"
    return draft


def cut_off(number: int = 2) -> Draft:
    """An enforced cluster of three; the certificate of one peer expired yesterday."""
    draft = enforced(expressway_e())
    draft.reissue(number, not_after=YESTERDAY)
    return draft


def step(book: Runbook, beginning: str) -> RunbookStep:
    return next(step for step in book.steps if step.title.startswith(beginning))


def raised(found: RunbookStep) -> dict[int | None, list[str]]:
    """The alarms that are normal in a step, by number: where they stand."""
    by_number: dict[int | None, list[str]] = {}
    for alarm in found.alarms:
        by_number.setdefault(alarm.number, []).append(alarm.where)
    return by_number


class TestOldCas:
    def test_a_ca_that_issues_the_new_certificates_too_stays(self, tmp_path: Path) -> None:
        """Same CA before and after: taking it off would part the cluster."""
        book = written(enforced(expressway_e()), tmp_path, ProcedureRequest(Procedure.REPLACE))
        assert not any("Remove CAs" in found.title for found in book.steps)
        assert not any("Remove the CAs" in text for found in book.steps for text in found.do)

    def leaving(self, authority: Authority) -> Draft:
        """Peer 2 leaves a CA that every list has; the new certificate comes from the others' CA."""
        draft = enforced(expressway_e())
        draft.reissue(2, issuer=authority)
        for number in (1, 2, 3):
            draft.trust(number, ROOT, ISSUING, authority)
        return draft

    def test_one_that_no_certificate_uses_any_more_goes_by_name(self, tmp_path: Path) -> None:
        book = written(self.leaving(OLD_ROOT), tmp_path)
        off = step(book, "Remove CAs")
        text = " ".join(off.do)
        assert "Old Root" in text
        assert sha256(OLD_ROOT.der).hexdigest() in text
        assert "the plan does not say" in text
        assert not off.apart
        assert book.after is Verdict.READY

    def test_the_root_above_it_stays_where_the_others_need_it(self, tmp_path: Path) -> None:
        text = " ".join(step(written(self.leaving(EXPIRED), tmp_path), "Remove CAs").do)
        assert "Expired CA" in text
        assert text.count("Remove ") == 1

    def test_a_client_certificate_keeps_its_ca(self, tmp_path: Path) -> None:
        """The server's certificate leaves the CA, a client certificate of X15.5 does not."""
        draft = enforced(expressway_e(release="X15.5"))
        for number in (1, 2, 3):
            draft.reissue(number, store="client", issuer=OTHER_CA if number == 3 else None)
            draft.trust(number, ROOT, ISSUING, OTHER_CA)
        draft.reissue(2, issuer=OTHER_CA, not_after=YESTERDAY)
        book = written(draft, tmp_path, ProcedureRequest(Procedure.REPLACE))
        assert book.after is Verdict.READY
        assert not any("stranger" in text for found in book.steps if "Remove CAs" in found.title for text in found.do)

    def test_what_is_taken_off_leaves_the_cluster_ready(self, tmp_path: Path) -> None:
        """Carried out: the same lists without the CAs that the step names are judged again."""
        draft = self.leaving(OLD_ROOT)
        plan = load_plan(draft.write(tmp_path))
        evidence = gather(plan, AT, live_dns=False)
        proposal = propose(plan, evidence, AT)
        from certplan.evidence.pki.x509facts import parse_certificate
        from certplan.intent.cluster import Intent

        effects = [change.effect for change in proposal.changes]
        assert not any(isinstance(effect, LoadCa) for effect in effects)
        off = [RemoveCa(number, parse_certificate(OLD_ROOT.der)) for number in (1, 2, 3)]
        made = apply(Intent(plan, evidence, AT), [*effects, *off])
        assert judge(made.plan, made.evidence, AT).verdict is Verdict.READY


class TestMapping:
    ROWS = (
        MappingEntry("exe1.example.com", ip_address("10.20.0.11")),
        MappingEntry("exe4.example.com", ip_address("203.0.113.14")),
    )

    def test_a_row_that_changes_is_deleted_before_it_is_added(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
        found = step(written(draft, tmp_path), "Enter the cluster address mapping")
        assert found.values == (
            ("FQDN / IP, to be deleted", "exe3.example.com / 203.0.113.13"),
            ("FQDN / IP", "exe3.example.com / 10.20.0.13"),
        )
        assert any("no second entry" in text for text in found.do)
        assert "Off" not in found.rollback.text

    @pytest.mark.parametrize(
        ("effect", "values"),
        [
            (SetEntry("exe3.example.com", ip_address("10.20.0.13")), [("+", "exe3.example.com / 10.20.0.13")]),
            (SetEntry("EXE1.example.com", ip_address("10.20.0.11")), []),
            (
                SetEntry("exe4.example.com", ip_address("10.20.0.14")),
                [("-", "exe4.example.com / 203.0.113.14"), ("+", "exe4.example.com / 10.20.0.14")],
            ),
            (
                DropEntry("exe4.example.com", ip_address("203.0.113.14")),
                [("-", "exe4.example.com / 203.0.113.14")],
            ),
            (
                SwitchMappingOn((ROWS[0],)),
                [("-", "exe4.example.com / 203.0.113.14"), ("+", "exe1.example.com / 10.20.0.11")],
            ),
        ],
    )
    def test_what_each_change_does_to_the_rows(
        self, effect: SetEntry | DropEntry | SwitchMappingOn, values: list[tuple[str, str]]
    ) -> None:
        signs = {"FQDN / IP": "+", "FQDN / IP, to be deleted": "-"}
        assert [(signs[field], value) for field, value in mapping_values(self.ROWS, effect)] == values

    def test_a_table_that_could_not_replicate_waits_for_permissive(self, tmp_path: Path) -> None:
        """Enforced, and a wrong entry parts the cluster: the corrected table would not reach the peer cut off."""
        draft = enforced(expressway_e())
        draft.plan["cluster"]["address_mapping"][2]["ip"] = "203.0.113.13"
        book = written(draft, tmp_path)
        order = [found.title for found in book.steps]
        table = order.index("Enter the cluster address mapping on the primary")
        assert order.index("Restart exe3.example.com into Permissive") < table
        assert not book.steps[table - 1].apart
        assert book.after is Verdict.READY


class TestPeersCutOff:
    def test_permissive_is_set_on_their_own_page_and_not_awaited_from_the_primary(self, tmp_path: Path) -> None:
        found = step(written(cut_off(), tmp_path), "Set Permissive")
        assert found.peers == ("exe1.example.com", "exe2.example.com")
        assert any(text.startswith("exe2.example.com is isolated from the primary") for text in found.do)
        within = [text for text in found.verify if "within a minute" in text]
        assert within == ["System > Clustering of exe1.example.com, exe3.example.com shows Permissive within a minute."]
        assert found.abort_if == "exe3.example.com still shows Enforce: it does not replicate"

    def test_an_isolated_primary_is_asked_nothing_of_the_others(self, tmp_path: Path) -> None:
        found = step(written(cut_off(1), tmp_path), "Set Permissive")
        assert found.peers == ("exe1.example.com", "exe2.example.com", "exe3.example.com")
        assert "still shows Enforce" not in found.abort_if

    def test_in_a_whole_cluster_it_is_set_on_the_primary_alone(self, tmp_path: Path) -> None:
        found = step(written(enforced(expressway_e()), tmp_path, ProcedureRequest(Procedure.REPLACE)), "Set Permissive")
        assert found.title == "Set Permissive on the primary"
        assert found.peers == ("exe1.example.com",)
        assert found.abort_if == "any of exe2.example.com, exe3.example.com still shows Enforce: it does not replicate"

    def test_one_that_could_not_be_checked_is_not_awaited_either(self, tmp_path: Path) -> None:
        draft = cut_off()
        del draft.peer(3)["trusted_cas"]
        found = step(written(draft, tmp_path), "Set Permissive")
        assert any(
            "Whether exe3.example.com can communicate with the primary is not verified" in text for text in found.do
        )
        assert "exe3.example.com" not in found.abort_if

    def test_isolated_peers_do_not_go_on(self, tmp_path: Path) -> None:
        warnings = step(written(cut_off(), tmp_path), "Restart exe1").warnings
        assert warnings[0].endswith("; exe2.example.com, exe3.example.com are each alone meanwhile.")
        assert "cannot communicate" in warnings[1]

    def test_of_four_those_who_communicate_go_on(self, tmp_path: Path) -> None:
        draft = enforced(expressway_e(4))
        draft.reissue(2, not_after=YESTERDAY)
        (warning, *_) = step(written(draft, tmp_path), "Restart exe1").warnings
        assert warning.endswith("; exe3.example.com, exe4.example.com go on and exe2.example.com is alone meanwhile.")


class TestKnownToday:
    def test_what_is_active_today_is_listed_and_only_other_things_abort(self, tmp_path: Path) -> None:
        first = written(cut_off(), tmp_path).steps[0]
        everyone = "exe1.example.com, exe2.example.com, exe3.example.com"
        assert raised(first) == {20004: [everyone], 20006: [everyone], 40068: ["exe2.example.com"]}
        assert "between other peers than exe1.example.com and exe2.example.com" in first.abort_if
        assert first.abort_if.endswith("an alarm about the cluster is active that is not listed as active today")

    def test_what_is_active_today_is_said_once_at_the_head(self, tmp_path: Path) -> None:
        book = written(cut_off(), tmp_path)
        assert book.active_alarms == book.steps[0].alarms
        assert book.steps[0].raised == ()
        assert not any(40068 in {alarm.number for alarm in found.raised} for found in book.steps)
        gone = [found.title for found in book.steps if 40068 in {alarm.number for alarm in found.cleared}]
        assert gone == ["Restart exe2.example.com with its new certificate"]

    def test_a_ready_cluster_that_enforces_has_no_active_alarm(self, tmp_path: Path) -> None:
        first = written(enforced(expressway_e()), tmp_path, ProcedureRequest(Procedure.REPLACE)).steps[0]
        assert first.alarms == ()
        assert first.abort_if.startswith("a row shows Failed, or an alarm")

    def test_alarms_of_certificates_and_dns_are_active_until_they_are_fixed(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(1, not_after=AT + timedelta(days=17))
        draft.records("public").remove("12.113.0.203.in-addr.arpa. PTR exe2.example.com.")
        for found in written(draft, tmp_path).steps:
            alarms = raised(found)
            assert alarms[25030] == ["exe2.example.com"], found.title
            assert alarms[40069] == ["exe1.example.com"], found.title

    def test_while_it_goes_over_to_permissive_each_step_has_the_alarms_that_wait_for_a_restart(
        self, tmp_path: Path
    ) -> None:
        book = written(cut_off(), tmp_path)
        first, second, third = (step(book, f"Restart exe{n}") for n in (1, 2, 3))
        for found in (first, second, third):
            assert raised(found)[40049] == ["every peer"]
        waiting = "exe2.example.com, exe3.example.com"
        assert [raised(found).get(20020) for found in (first, second, third)] == [[waiting], ["exe3.example.com"], None]
        assert raised(first)[15028] == ["exe2.example.com"]
        assert 15028 not in raised(second)
        assert raised(first)[40068] == ["exe2.example.com"]
        assert 40068 not in raised(second)

    def test_an_alarm_that_outlasts_the_restart_is_not_said_to_pass_with_it(self, tmp_path: Path) -> None:
        links = [alarm for alarm in step(written(cut_off(), tmp_path), "Restart exe1").alarms if alarm.number == 20004]
        assert [alarm.until for alarm in links] == ["all peers can communicate"]
        later = [alarm for alarm in step(written(cut_off(), tmp_path), "Restart exe2").alarms if alarm.number == 20004]
        assert ["5 minutes" in alarm.until for alarm in later] == [True]

    def test_on_the_way_into_enforce_permissive_stands_where_no_restart_was(self, tmp_path: Path) -> None:
        book = written(expressway_c(), tmp_path)
        assert raised(step(book, "Set Enforce"))[40049] == ["every peer"]
        assert raised(step(book, "Restart exc1"))[40049] == ["exc2.corp.example.com"]
        assert 40049 not in raised(step(book, "Restart exc2"))

    @pytest.mark.parametrize("kind", [Procedure.RESTART, Procedure.REMOVE_PEER, Procedure.CHANGE_PRIMARY])
    def test_in_a_permissive_cluster_no_step_forgets_its_alarm(self, kind: Procedure, tmp_path: Path) -> None:
        book = written(expressway_e(), tmp_path, ProcedureRequest(kind, "2"))
        assert all(40049 in raised(found) for found in book.steps if found.rows)

    def test_no_alarm_is_listed_twice_in_a_step(self, tmp_path: Path) -> None:
        for found in written(cut_off(), tmp_path).steps:
            keys = [(alarm.number, alarm.where) for alarm in found.alarms]
            assert len(keys) == len(set(keys))
            assert all(alarm.title for alarm in found.alarms)
