"""The record of a review: fingerprints that others can recompute, and the plan's lines where places say they are."""

import hashlib
import json
import string
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from certplan import __version__
from certplan.evidence.model import DnsAnswer, DnsOutcome, DnsView, RecordType
from certplan.judgement import Judgement
from certplan.plan.nodes import TextPlaces
from certplan.plan.reading import read_plan
from certplan.report.document import Table, Tone, Verbatim
from certplan.report.review.parts.record import plan_text, record
from certplan.value import replace
from tests.clusters import ROOT, expressway_e
from tests.faults import with_faults
from tests.pki import Authority, ec_key
from tests.review.reading import ODD, blocks, column, judged, odd, row, table, text, texts, words

BREAKS = ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x0c"]


class TestFingerprints:
    def test_the_plan_has_that_of_its_file(self, tmp_path: Path) -> None:
        draft = expressway_e()
        judgement = draft.judge(tmp_path)
        digest = hashlib.sha256((tmp_path / "plan.yaml").read_bytes()).hexdigest()
        assert digest in text(record(judgement))
        assert __version__ in text(record(judgement))

    def test_a_certificate_has_that_of_its_der_and_its_dates(self) -> None:
        draft = expressway_e()
        leaf = x509.load_pem_x509_certificate(draft.files["certs/exe2-server.pem"])
        _, file, valid, digest = row(table(record(judged(draft)), "Certificates"), "exe2.example.com")
        assert digest == leaf.fingerprint(hashes.SHA256()).hex()
        assert file.endswith("certs/exe2-server.pem:1")
        assert valid == "from 2026-01-01 | until 2027-01-01 00:00:00 UTC"

    def test_a_private_key_has_that_of_its_public_half(self) -> None:
        draft = expressway_e()
        key = load_pem_private_key(draft.files["keys/exe2.key"], None)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        shown = row(table(record(judged(draft)), "Private keys"), "exe2.example.com")
        assert shown[1].endswith("keys/exe2.key")
        assert shown[2:] == ("ECDSA P-256", hashlib.sha256(public).hexdigest())

    def test_a_trusted_ca_list_has_that_of_its_certificates_in_order(self) -> None:
        draft = expressway_e()
        draft.trust(3, draft.issuing, draft.root)
        section = record(judged(draft))
        prints = [
            x509.load_pem_x509_certificate(ca.pem).fingerprint(hashes.SHA256()).hex()
            for ca in (draft.root, draft.issuing)
        ]
        whole = hashlib.sha256("".join(f"{each}\n" for each in prints).encode()).hexdigest()
        found = column(table(section, "Trusted CA lists"), "Fingerprint of the list")
        assert found[0] == found[1] == whole
        assert found[2] != whole
        assert column(table(section, "CAs of those"), "In the list of") == ["every peer", "every peer"]

    def test_other_certificates_of_a_file_are_there_too(self) -> None:
        section = record(judged(with_faults("expressway-e", 3, [("chain_in_the_file", 1)])))
        assert row(table(section, "Certificates"), "beside it in the file")[1].endswith("certs/exe1-server.pem:14")


class TestWhatIsMissing:
    def test_a_certificate_that_was_not_read_could_not_be_checked(self) -> None:
        section = record(judged(with_faults("expressway-e", 3, [("no_certificate", 2)])))
        assert row(table(section, "Certificates"), "exe2")[1] == "not verified | the plan names none"

    def test_a_locked_key_is_said_to_be_encrypted(self) -> None:
        shown = row(table(record(judged(with_faults("expressway-e", 3, [("locked_key", 2)]))), "Private keys"), "exe2")
        assert "encrypted" in shown[2]
        assert shown[3].startswith("not verified")

    def test_a_client_certificate_is_missed_only_where_it_counts(self) -> None:
        assert "client certificate" not in text(record(judged(expressway_e())))
        shown = row(table(record(odd("two stores")), "Certificates"), "client certificate of exe1.example.com")
        assert shown[1].startswith("not verified")

    def test_nothing_known_is_never_green(self) -> None:
        section = record(odd("nothing known"))
        assert sum(each.text == "not verified" for each in words(section)) >= 9
        assert not [each for each in words(section) if each.tone is Tone.GOOD]


class TestLongLists:
    def test_a_long_trusted_ca_list_is_cut_behind_the_cas_in_use(self) -> None:
        draft = expressway_e()
        others = [Authority.root(f"other {number}", key=ec_key(f"record {number}")) for number in range(60)]
        for number in (1, 2, 3):
            draft.trust(number, *others, draft.root, draft.issuing)
        section = record(judged(draft))
        names = column(table(section, "CAs of those"), "CA")
        assert len(names) == 40
        assert {"CN=certplan test root", "CN=certplan test issuing"} == set(names[:2])
        assert "And 22 more CAs" in text(section)
        assert column(table(section, "Trusted CA lists"), "CAs") == ["62"] * 3


class TestCrls:
    def test_a_crl_has_its_dates_and_holders(self) -> None:
        draft = expressway_e()
        listed = ROOT.crl()
        draft.files["root.crl"] = listed.pem
        draft.peer(2)["crls"] = ["root.crl"]
        shown = row(table(record(judged(draft)), "CRLs"), "certplan test root")
        assert shown[1].endswith("root.crl:1")
        assert shown[2] == "from 2026-05-25 00:00:00 UTC | until 2026-07-01 00:00:00 UTC"
        assert shown[3] == "exe2.example.com"

    def test_without_any_it_says_so(self) -> None:
        assert "No CRL was given." in text(record(judged(expressway_e())))


class TestDns:
    def test_a_view_says_where_its_answers_come_from(self) -> None:
        judgement = judged(expressway_e())
        shown = row(table(record(judgement), "DNS views"), "public")
        assert shown[1] == "12 records of the plan"
        assert shown[2].startswith(str(len(judgement.evidence.views["public"].answers)))
        assert shown[3] == "not asked live"

    def test_the_slowest_answer_is_named(self) -> None:
        judgement = judged(expressway_e())
        answers = {
            (name, RecordType.A): DnsAnswer("public", name, RecordType.A, DnsOutcome.ANSWER, milliseconds=time)
            for name, time in (("a.example.com", 12.0), ("b.example.com", 250.4))
        }
        views = {**judgement.evidence.views, "public": DnsView("public", answers)}
        section = record(replace(judgement, evidence=replace(judgement.evidence, views=views)))
        assert row(table(section, "DNS views"), "public")[3] == "250 ms | b.example.com A"

    def test_a_view_that_was_not_gathered_could_not_be_checked(self) -> None:
        judgement = judged(expressway_e())
        views = {"public": judgement.evidence.views["public"]}
        section = record(replace(judgement, evidence=replace(judgement.evidence, views=views)))
        assert row(table(section, "DNS views"), "internal")[2] == "not verified | nothing was asked"


class TestChoices:
    def test_a_waiver_tells_whether_it_matched_and_whether_it_has_ended(self) -> None:
        draft = with_faults("expressway-e", 3, [("wrong_san", 2)])
        draft.plan["waivers"] = [
            {"rule": "NAM001", "peer": "exe2*", "reason": "ordered", "until": "2026-12-31"},
            {"rule": "NAM001", "peer": "exe3*", "reason": "not so", "until": "2026-12-31"},
            {"rule": "nam001", "reason": "over", "until": "2026-05-31"},
        ]
        # What a plan says of these rules must not change what is recorded.
        draft.plan["severity"] = {"CPL003": "ignore"}
        found = table(record(judged(draft)), "Waivers")
        assert column(found, "Findings") == ["matches 1 | NAM001", "matches none", "would match 1 | NAM001"]
        assert column(found, "Until") == ["2026-12-31", "2026-12-31", "2026-05-31 | expired"]
        assert "peer exe2*" in column(found, "Rule")[0]

    def test_a_severity_of_the_plan_is_told_beside_the_rules_own(self) -> None:
        draft = expressway_e()
        draft.plan["severity"] = {"CLU023": "ignore"}
        assert "CLU023 (" in text(record(judged(draft)))
        assert "by itself notice: ignored" in text(record(judged(draft)))

    def test_a_plan_that_chooses_nothing_says_so(self) -> None:
        assert "The plan waives nothing, and every rule keeps its severity." in text(record(judged(expressway_e())))


class TestPlanText:
    def test_lines_are_the_plans_own(self) -> None:
        judgement = judged(expressway_e())
        (block,) = plan_text(judgement).blocks
        assert isinstance(block, Verbatim)
        assert block.ident == "plan"
        assert "\n".join(block.lines) == judgement.plan.text

    @given(st.lists(st.sampled_from([*BREAKS[:6], "a", "# b", " ", "é"]), max_size=30).map("".join))
    def test_lines_are_counted_as_places_count_them(self, comment: str) -> None:
        text_ = f"#{comment}\nend"
        (block,) = plan_text(_with_text(text_)).blocks
        assert isinstance(block, Verbatim)
        place = TextPlaces(text_, "plan.yaml").at(text_.index("end"))
        assert block.lines[place.line - 1][place.column - 1 :] == "end"
        assert len(block.lines) == place.line

    @pytest.mark.parametrize("ending", BREAKS[:6], ids=ascii)
    def test_a_place_of_a_plan_finds_its_value_whatever_ends_its_lines(self, ending: str, tmp_path: Path) -> None:
        # YAML takes U+0085, U+2028 and U+2029 for line breaks too; places count those that editors do.
        written = json.dumps(expressway_e().plan, indent=1).replace("\n", ending)
        plan = read_plan(f"# one{ending}# two\n{written}", "plan.yaml", tmp_path)
        (block,) = plan_text(_with_text(plan.text)).blocks
        assert isinstance(block, Verbatim)
        place = plan.where("cluster", "name")
        assert block.lines[place.line - 1][place.column - 1 :].startswith('"expe.example.com"')

    def test_a_long_line_is_kept_whole(self) -> None:
        long = "# " + string.ascii_letters * 500
        (block,) = plan_text(_with_text(f"{long}\nend\n")).blocks
        assert isinstance(block, Verbatim)
        assert block.lines == (long, "end")

    def test_a_plan_without_words_says_so(self) -> None:
        assert "not read from a file" in text(plan_text(odd("no text")))


def _with_text(own: str) -> Judgement:
    judgement = odd("perfect E")
    return replace(judgement, plan=replace(judgement.plan, text=own))


@pytest.mark.parametrize("name", ODD)
def test_every_cluster_has_a_record(name: str) -> None:
    judgement = odd(name)
    section = record(judgement)
    assert len(table(section, "Trusted CA lists").rows) == len(judgement.plan.peers)
    known = {f"plan-{number}" for number, _ in enumerate(texts(plan_text(judgement)), 1)}
    assert {each.link for each in words(section) if each.link.startswith("plan-")} <= known
    assert all(each.rows for each in blocks(section) if isinstance(each, Table))
