"""`certplan explain` finds rules by what an engineer has in hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.rules import catalog
from certplan.rules.model import Rule
from certplan.rules.search import search
from certplan.vendor import alarms
from tests.cli.program import certplan


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("nam001", "NAM001"),
        ("reverse-record-not-a-san", "DNS007"),
        ("Invalid Hostname", "DNS007"),
        ("identity was unacceptable", "NAM016"),
        ("Certificate: Invalid (Common Name in certificate does not match)", "NAM001"),
        ("SSL3_READ_BYTES: tlsv1 alert unknown ca", "TRU001"),
        ("routines:tls_process_server_certificate:certificate verify failed", "TRU001"),
        ("sslv3 alert certificate unknown", "TRU001"),
        ("SSL alert number 48 alert 48", "TRU001"),
        ("error 26 at 0 depth lookup: unsupported certificate purpose", "EKU002"),
        ("no certificate returned", "EKU002"),
        ("403 Forbidden on secure phone registration", "NAM023"),
        ("502 Bad Gateway from traffic_server", "TRU021"),
        ("7400 refused", "NIC009"),
        ("Waiting for traversal server info", "DNS016"),
        ("Cluster communication failure", "CLU024"),
        ("Cluster TLS permissive", "CLU023"),
        ("Subject alternative name must be a valid FQDN", "NAM007"),
        ("wildcard", "NAM008"),
    ],
)
def test_words_of_a_page_log_or_alarm_lead_to_the_rule(query: str, code: str) -> None:
    assert code in {rule.code for rule in search(query).rules}


@pytest.mark.parametrize("rule", catalog(), ids=lambda rule: rule.code)
def test_every_rule_has_symptoms_and_each_of_them_leads_to_it(rule: Rule) -> None:
    assert rule.symptoms
    for words in (rule.code, rule.slug, rule.title, *rule.symptoms):
        assert rule in search(words).rules, words
        assert rule in search(f"  {words.upper()}. ").rules, words


def test_every_alarm_is_found_by_number_and_by_title() -> None:
    for known in alarms():
        assert search(str(known.id)).alarms == (known,)
        assert known in search(known.title).alarms


@pytest.mark.parametrize(
    ("query", "near"),
    [("NAM0001", "NAM001"), ("Invalid Hostnam", "Invalid Hostname"), ("peer-adress-is-ip", "peer-address-is-ip")],
)
def test_a_slip_is_answered_with_what_comes_near(query: str, near: str) -> None:
    hits = search(query)
    assert not hits.rules
    assert near in hits.did_you_mean


@given(st.text(max_size=300))
def test_any_text_is_answered(query: str) -> None:
    hits = search(query)
    assert len(set(hits.rules)) == len(hits.rules)
    assert not (hits.did_you_mean and (hits.rules or hits.alarms))


def test_explain_shows_one_rule_whole_and_several_as_a_list() -> None:
    one = certplan("explain", "NAM001")
    assert "What it checks" in one.out
    several = certplan("explain", "Invalid", "Hostname")
    assert several.code == 0
    assert "DNS006" in several.out
    assert "DNS007" in several.out
    assert "What it checks" not in several.out
    alarm = certplan("explain", "Cluster communication failure")
    assert "20004" in alarm.out
    assert "CLU024" in alarm.out


def test_explain_of_nothing_known_says_what_comes_near() -> None:
    done = certplan("explain", "NAM0001")
    assert done.code == 2
    assert "did you mean NAM001" in done.err
    assert certplan("explain", "qqqqqqqq").code == 2
