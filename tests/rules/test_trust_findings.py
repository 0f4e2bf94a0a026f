"""TRU: words and severity of the findings about trust."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from certplan.evidence.gather import gather
from certplan.evidence.model import Certificate, CertificateFile, Located, Missing, PeerEvidence, TrustList
from certplan.judgement import judge
from certplan.plan.reading import load_plan
from certplan.value import replace
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, Authority, bundle, ec_key
from tests.rules.trust_drafts import (
    ALL_E,
    OLD_ISSUING,
    OTHER_ROOT,
    RECENT,
    SOON,
    issued_by,
    with_ca_ending,
    with_cas,
    with_crls,
    with_self_signed,
)


def _message(draft: Draft, folder: Path, code: str) -> str:
    return next(finding.message for finding in draft.judge(folder).findings if finding.code == code)


def test_mra_makes_a_trusted_self_signed_certificate_an_error(tmp_path: Path) -> None:
    def severities(draft: Draft, folder: str) -> set[str]:
        with_cas(draft, with_self_signed(draft, 1))
        judgement = draft.judge(tmp_path / folder)
        return {finding.severity.value for finding in judgement.findings if finding.code == "TRU019"}

    assert severities(expressway_e(), "with") == {"error"}
    without = expressway_e()
    del without.plan["services"]
    assert severities(without, "without") == {"warning"}
    idle = expressway_e()
    idle.plan["services"] = {"xmpp_federation": {"domains": [], "chat_node_aliases": []}}
    assert severities(idle, "idle") == {"warning"}


def test_peers_that_share_one_file_are_told_each_and_the_file_once(tmp_path: Path) -> None:
    draft = expressway_e()
    gone = Authority.root("gone", key=ec_key("gone"), not_after=RECENT)
    for number in (1, 2, 3):
        draft.peer(number)["trusted_cas"] = ["trust/all.pem"]
    draft.files["trust/all.pem"] = bundle(draft.root, draft.issuing, gone) + OTHER_ROOT.pem[:200]
    findings = draft.judge(tmp_path).findings
    assert [f.subject.name for f in findings if f.code == "TRU015"] == list(ALL_E)
    (broken,) = [f for f in findings if f.code == "TRU020"]
    assert broken.subject.peers == ALL_E
    assert broken.subject.name == "trust/all.pem"
    assert broken.evidence[0].startswith(f"{tmp_path / 'trust' / 'all.pem'}:")


def test_a_lapsing_ca_is_told_with_its_day_and_the_lists_it_stands_in(tmp_path: Path) -> None:
    draft = expressway_e()
    ending = with_ca_ending(draft, SOON)
    with_cas(issued_by(draft, ending, 1), ending, numbers=(1, 3))
    (finding,) = [f for f in draft.judge(tmp_path).findings if f.code == "TRU014"]
    assert "CN=ending on 2026-06-15" in finding.message
    assert finding.fix.endswith("exe1.example.com, exe3.example.com.")


def test_a_hostile_subject_is_shown_escaped(tmp_path: Path) -> None:
    bell = Authority.root("bell\a\u202etxt", key=ec_key("bell"), not_after=RECENT)
    message = _message(with_cas(expressway_e(), bell, numbers=(1,)), tmp_path, "TRU015")
    assert message.isprintable()
    assert "\u202e" not in message


def test_many_cas_are_counted_and_not_all_spelled_out(tmp_path: Path) -> None:
    gone = [Authority.root(f"gone {n}", key=ec_key("gone"), not_after=RECENT) for n in range(40)]
    message = _message(with_cas(expressway_e(), *gone, numbers=(2,)), tmp_path, "TRU015")
    assert "40 CAs" in message
    assert message.count("CN=gone") == 8
    assert "and 32 more" in message


def test_the_order_of_a_list_changes_nothing_that_is_said(tmp_path: Path) -> None:
    extra = [
        OTHER_ROOT,
        Authority.root("gone", key=ec_key("gone"), not_after=RECENT),
        Authority.root("root of 1998", key=ec_key("1998"), basic_constraints=False, key_usage=None),
    ]

    def findings_with(order: list[Authority], folder: str) -> set[tuple[str, str, str]]:
        draft = expressway_e()
        draft.trust(1, *order)
        return {(f.code, f.subject.name, f.message) for f in draft.judge(tmp_path / folder).findings}

    draft = expressway_e()
    everything = [draft.root, draft.issuing, *extra]
    assert findings_with(everything, "one") == findings_with(everything[::-1], "other")


UNREADABLE: dict[str, Any] = {
    "sans": None,
    "key": None,
    "signature_hash": None,
    "eku": None,
    "key_usage": None,
    "is_ca": None,
    "subject_key_id": None,
    "authority_key_id": None,
    "issuer": "",
}


def _with_fault(found: PeerEvidence, **parts: Any) -> PeerEvidence:
    """The evidence of a peer with these parts of all its certificates, and of its CAs, as given."""

    def spoil(certificate: Certificate) -> Certificate:
        return replace(certificate, **parts)

    def file(read: CertificateFile | Missing) -> CertificateFile | Missing:
        return read if isinstance(read, Missing) else replace(read, leaf=spoil(read.leaf))

    assert isinstance(found.trust, TrustList)
    cas = tuple(Located(spoil(each.certificate), each.where) for each in found.trust.certificates)
    trust = replace(found.trust, certificates=cas)
    return replace(found, server=file(found.server), client=file(found.client), trust=trust)


@pytest.mark.parametrize("part", [*UNREADABLE, "all"])
@pytest.mark.parametrize("release", ["X14.3.4", "X15.4", "X15.5"])
def test_no_rule_breaks_on_what_cannot_be_read(part: str, release: str, tmp_path: Path) -> None:
    parts = UNREADABLE if part == "all" else {part: UNREADABLE[part]}
    draft = with_crls(expressway_c(release=release), 1, expressway_c().issuing.crl().pem)
    draft.plan["certificate_authority"] = "public"
    draft.reissue(1, store="client", not_after=SOON)
    with_cas(draft, OTHER_ROOT, OLD_ISSUING, Authority.root("gone", key=ec_key("gone"), not_after=RECENT), numbers=(1,))
    plan = load_plan(draft.write(tmp_path))
    evidence = gather(plan, AT, live_dns=False)
    with_faults = replace(evidence, peers=tuple(_with_fault(found, **parts) for found in evidence.peers))
    for at in (AT, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        assert [f.message for f in judge(plan, with_faults, at).findings if f.code == "CPL001"] == []
