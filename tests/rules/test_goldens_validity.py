"""VAL: goldens for the dates of certificates. The perfect ones: 2026-01-01 to 2027-01-01; the CAs: 2020 to 2040."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, CA_FROM, Authority, ec_key
from tests.rules.golden import Golden, fires, goldens_of, near_miss

SECOND = timedelta(seconds=1)


def _until(number: int, end: datetime, draft: Draft | None = None) -> Draft:
    draft = draft or expressway_e()
    draft.reissue(number, not_after=end)
    return draft


def _two_stores(draft: Draft) -> Draft:
    """Give every peer of an X15.5 cluster a client certificate."""
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, store="client")
    return draft


def _public(days: int, begin: datetime) -> Draft:
    """Expressway-E with certificates of a public CA, that of exe1 for so many days, its last second included."""
    draft = expressway_e()
    draft.plan["certificate_authority"] = "public"
    for other in (1, 2, 3):
        draft.reissue(other, not_before=datetime(2026, 5, 1, tzinfo=UTC), not_after=datetime(2026, 10, 1, tzinfo=UTC))
    draft.reissue(1, not_before=begin, not_after=begin + timedelta(days=days) - SECOND)
    return draft


# --- VAL001 to VAL005: not yet, no longer, not for long ---


@fires("VAL001", "VAL001 fail exe2.example.com")
def it_lapsed_a_second_ago() -> Draft:
    """exe2 until one second before the moment asked about"""
    return _until(2, AT - SECOND)


@near_miss("VAL001", "VAL003 fail server certificate of exe2.example.com")
def its_last_second() -> Draft:
    """exe2 until the very second asked about, which counts as valid"""
    return _until(2, AT)


@fires("VAL001", "VAL001 fail exc1.corp.example.com")
def the_client_certificate_has_lapsed() -> Draft:
    """X15.5: the server certificate was renewed, the client certificate was not"""
    draft = _two_stores(expressway_c(release="X15.5"))
    draft.reissue(1, store="client", not_after=AT - timedelta(days=3))
    return draft


@fires("VAL002", "VAL002 fail exe2.example.com")
def a_certificate_from_tomorrow() -> Draft:
    """exe2 from 2026-06-02, today is 2026-06-01"""
    draft = expressway_e()
    draft.reissue(2, not_before=AT + timedelta(days=1))
    return draft


@near_miss("VAL002")
def a_certificate_from_this_second_on() -> Draft:
    """exe2 from the very second asked about"""
    draft = expressway_e()
    draft.reissue(2, not_before=AT)
    return draft


@fires("VAL003", "VAL003 fail server certificate of exe2.example.com")
def it_ends_this_evening() -> Draft:
    """exe2 until 18:00 of the day"""
    return _until(2, AT + timedelta(hours=18))


@near_miss("VAL003", "VAL004 fail server certificate of exe2.example.com")
def it_ends_at_the_first_second_of_tomorrow() -> Draft:
    """exe2 until 00:00:00 of the next day"""
    return _until(2, AT + timedelta(days=1))


@fires("VAL004", "VAL004 fail server certificate of exe2.example.com")
def it_ends_in_three_weeks() -> Draft:
    """exe2 until the last second of the 21st day"""
    return _until(2, AT + timedelta(days=22) - SECOND)


@near_miss("VAL004")
def it_ends_in_three_weeks_and_a_day() -> Draft:
    """exe2 until the first second of the 22nd day"""
    return _until(2, AT + timedelta(days=22))


@near_miss("VAL004", "EKU009 fail exe2.example.com")
def a_client_certificate_before_there_is_a_store() -> Draft:
    """X14.3: a client certificate in the plan, expiring soon, does not matter"""
    draft = expressway_e()
    draft.reissue(2, store="client", not_after=AT + timedelta(days=9))
    return draft


@fires("VAL005", "VAL005 fail client certificate of exc2.corp.example.com")
def the_client_certificate_was_forgotten() -> Draft:
    """X15.5: exc2's client certificate ends in nine days, its server certificate next year"""
    draft = _two_stores(expressway_c(release="X15.5"))
    draft.reissue(2, store="client", not_after=AT + timedelta(days=9))
    return draft


@near_miss("VAL005")
def the_client_certificate_has_a_month() -> Draft:
    """X15.5: exc2's client certificate ends in 30 days"""
    draft = _two_stores(expressway_c(release="X15.5"))
    draft.reissue(2, store="client", not_after=AT + timedelta(days=30))
    return draft


# --- VAL006: longer than public CAs may ---


@fires("VAL006", "VAL006 fail server certificate of exe1.example.com")
def a_day_and_a_second_too_much() -> Draft:
    """public, issued 2026-03-15 for 200 days and a second, which makes 201"""
    begin = datetime(2026, 3, 15, tzinfo=UTC)
    draft = _public(200, begin)
    draft.reissue(1, not_before=begin, not_after=begin + timedelta(days=200))
    return draft


@near_miss("VAL006")
def to_the_day_what_is_allowed() -> Draft:
    """public, issued 2026-03-15 for 200 days"""
    return _public(200, datetime(2026, 3, 15, tzinfo=UTC))


@near_miss("VAL006", "EKU008 fail expe.example.com")
def the_day_before_the_step() -> Draft:
    """public, issued on the last second of 2026-03-14 for 398 days: into the time without clientAuth"""
    return _public(398, datetime(2026, 3, 15, tzinfo=UTC) - SECOND)


@near_miss("VAL006")
def a_private_ca_may_give_what_it_likes() -> Draft:
    """private, for five years"""
    return _until(1, datetime(2031, 1, 1, tzinfo=UTC))


# --- VAL007: 2050 ---

LATE = datetime(2126, 1, 1, tzinfo=UTC)


@fires(
    "VAL007", "VAL007 fail server certificate of exe1.example.com", "VAL009 fail server certificate of exe1.example.com"
)
def a_certificate_for_a_hundred_years() -> Draft:
    """exe1 until 2126, below CAs until 2040"""
    return _until(1, LATE)


@fires("VAL007", "VAL007 fail expe.example.com")
def a_root_for_a_hundred_years() -> Draft:
    """a root until 2126 ── exe1"""
    draft = expressway_e()
    root = Authority.root("for ever", key=ec_key("for ever"), not_after=LATE)
    draft.reissue(1, issuer=root)
    for number in (1, 2, 3):
        draft.trust(number, draft.root, draft.issuing, root)
    return draft


@near_miss("VAL007")
def a_root_for_a_hundred_years_that_nothing_hangs_on() -> Draft:
    """a root until 2126 in all lists, above none of the certificates"""
    draft = expressway_e()
    root = Authority.root("for ever", key=ec_key("for ever"), not_after=LATE)
    for number in (1, 2, 3):
        draft.trust(number, draft.root, draft.issuing, root)
    return draft


# --- VAL008: renewals together ---


def _both(first: datetime, second: datetime) -> Draft:
    return _until(3, second, _until(1, first))


@fires("VAL008", "VAL008 fail expe.example.com")
def two_in_one_week() -> Draft:
    """exe1 in 40 days, exe3 in 47, exe2 next year"""
    return _both(AT + timedelta(days=40), AT + timedelta(days=47))


@near_miss("VAL008")
def two_in_two_weeks() -> Draft:
    """exe1 in 40 days, exe3 in 48"""
    return _both(AT + timedelta(days=40), AT + timedelta(days=48))


@near_miss("VAL008")
def two_in_one_week_far_off() -> Draft:
    """exe1 in 61 days, exe3 in 62"""
    return _both(AT + timedelta(days=61), AT + timedelta(days=62))


@near_miss("VAL008")
def two_stores_of_one_peer() -> Draft:
    """X15.5: the two certificates of exc1 end together: one peer, one renewal"""
    draft = _two_stores(expressway_c(release="X15.5"))
    for store in ("server", "client"):
        draft.reissue(1, store=store, not_after=AT + timedelta(days=40))
    return draft


# --- VAL009: the CA ends first ---


def _below(end: datetime, *more: Authority) -> Draft:
    draft = expressway_e()
    short = draft.root.intermediate("short", key=ec_key("short"), not_after=end)
    draft.reissue(1, issuer=short)
    for number in (1, 2, 3):
        draft.trust(number, draft.root, draft.issuing, short, *more)
    return draft


@fires("VAL009", "VAL009 fail server certificate of exe1.example.com")
def the_issuing_ca_ends_a_month_earlier() -> Draft:
    """short, until 2026-12-01 ── exe1, until 2027-01-01"""
    return _below(datetime(2026, 12, 1, tzinfo=UTC))


@near_miss("VAL009")
def they_end_on_the_same_second() -> Draft:
    """short and exe1, both until 2027-01-01"""
    return _below(datetime(2027, 1, 1, tzinfo=UTC))


@near_miss("VAL009")
def the_ca_was_renewed_with_its_key() -> Draft:
    """short until 2026-12-01 and short until 2040, one key"""
    draft = expressway_e()
    return _below(datetime(2026, 12, 1, tzinfo=UTC), draft.root.intermediate("short", key=ec_key("short")))


@near_miss("VAL009", "TRU014 fail expe.example.com")
def what_ends_in_two_weeks_is_told_as_such() -> Draft:
    """short until 2026-06-15: a warning of its own says so"""
    return _below(datetime(2026, 6, 15, tzinfo=UTC))


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()


def _said(draft: Draft, folder: Path, code: str) -> tuple[str, str]:
    (finding,) = [finding for finding in draft.judge(folder).findings if finding.code == code]
    return finding.severity.value, finding.message


def test_days_left_are_counted_from_day_to_day(tmp_path: Path) -> None:
    assert "expires in 1 day, on 2026-06-02" in _said(_until(2, AT + timedelta(hours=25)), tmp_path, "VAL004")[1]


def test_a_client_certificate_that_ends_today_is_an_error(tmp_path: Path) -> None:
    draft = _two_stores(expressway_c(release="X15.5"))
    draft.reissue(1, store="client", not_after=AT + timedelta(hours=3))
    severity, message = _said(draft, tmp_path, "VAL005")
    assert severity == "error"
    assert message.endswith("expires today.")


@pytest.mark.parametrize(
    ("begin", "most"), [((2026, 3, 14), 398), ((2026, 3, 15), 200), ((2027, 3, 15), 100), ((2029, 3, 15), 47)]
)
def test_the_step_on_the_day_of_issue_counts(begin: tuple[int, int, int], most: int, tmp_path: Path) -> None:
    issued = datetime(*begin, tzinfo=UTC)
    for days, expected in ((most, False), (most + 1, True)):
        findings = _public(days, issued).judge(tmp_path / str(days), issued).findings
        messages = [finding.message for finding in findings if finding.code == "VAL006"]
        assert bool([message for message in messages if "exe1.example.com" in message]) is expected
        assert all(f"at most {most} days" in message for message in messages if "exe1" in message)


def test_a_certificate_older_than_every_known_step_is_left_alone(tmp_path: Path) -> None:
    draft = _public(800, CA_FROM)
    assert not [f for f in draft.judge(tmp_path, CA_FROM).findings if f.code == "VAL006" and "exe1" in f.subject.name]
