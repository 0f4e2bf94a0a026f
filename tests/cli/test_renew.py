"""`certplan renew`: when to order, how long it lasts, what the CA will still issue, and the calendar of it."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.evidence.gather import gather
from certplan.evidence.pki.x509facts import parse_certificate
from certplan.handshake.model import Store
from certplan.plan.reading import load_plan
from certplan.renewal import Due, Renewal, RenewalSchedule, StatedLifetime, renewals, steps
from certplan.report.pages.renewal import calendar
from certplan.vendor import public_lifetime
from tests.cli.program import certplan
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import Authority, ec_key, name

AT = datetime(2026, 6, 1, tzinfo=UTC)
CALENDAR_NAMES = {"BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "DTSTART", "DTEND"}
CALENDAR_NAMES |= {"SUMMARY", "DESCRIPTION", "STATUS", "TRANSP"}


def outlook(draft: Draft, folder: Path, at: datetime = AT, **options: Any) -> RenewalSchedule:
    plan = load_plan(draft.write(folder))
    return renewals(plan, gather(plan, at, live_dns=False), at, **options)


def public(draft: Draft, until: datetime, organization: str = "Example Public CA") -> Draft:
    """The cluster with certificates of a public CA, which end at `until`."""
    draft.plan["certificate_authority"] = "public"
    issuer = Authority.root(subject=name("Issuing", O=organization), key=ec_key(organization))
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, issuer=issuer, not_after=until)
    return draft


def orders(found: RenewalSchedule) -> list[tuple[date, int]]:
    return [(each.order_by, each.days) for each in found.due[0].orders]


class TestOrders:
    def test_a_private_certificate_is_ordered_a_month_ahead_and_lasts_as_long_again(self, tmp_path: Path) -> None:
        found = outlook(expressway_e(1), tmp_path)
        assert orders(found) == [(date(2026, 12, 2), 365)]
        assert found.due[0].days_left == 214
        assert found.due[0].next.roles == ("serverAuth", "clientAuth")

    def test_a_public_one_lasts_by_the_rules_of_the_day_it_is_ordered(self, tmp_path: Path) -> None:
        found = outlook(public(expressway_e(1), datetime(2026, 12, 1, tzinfo=UTC)), tmp_path)
        assert orders(found) == [(date(2026, 11, 1), 200), (date(2027, 4, 20), 100)]

    @pytest.mark.parametrize(
        ("at", "days"), [("2026-03-14", 398), ("2026-03-15", 200), ("2027-03-15", 100), ("2029-03-15", 47)]
    )
    def test_every_step_counts_from_its_day(self, tmp_path: Path, at: str, days: int) -> None:
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        draft = public(expressway_e(1), moment + timedelta(days=5))
        assert orders(outlook(draft, tmp_path, moment))[0] == (moment.date(), days)

    def test_what_is_overdue_is_to_be_ordered_today(self, tmp_path: Path) -> None:
        found = outlook(expressway_e(1), tmp_path, datetime(2027, 2, 1, tzinfo=UTC))
        assert found.due[0].next.order_by == date(2027, 2, 1)
        assert found.due[0].days_left < 0

    def test_the_soonest_order_comes_first(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.reissue(2, not_after=datetime(2026, 7, 1, tzinfo=UTC))
        assert outlook(draft, tmp_path).due[0].peer.number == 2

    def test_the_cas_own_lifetime_never_exceeds_the_rules(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2026, 12, 1, tzinfo=UTC))
        assert orders(outlook(draft, tmp_path, lifetimes=[StatedLifetime(90)]))[0][1] == 90
        assert orders(outlook(draft, tmp_path, lifetimes=[StatedLifetime(900)]))[0][1] == 200

    def test_a_stated_lifetime_holds_for_its_ca_and_from_its_day(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2026, 12, 1, tzinfo=UTC), "DigiCert Inc")
        said = [StatedLifetime(150), StatedLifetime(40, ca="other"), StatedLifetime(60, since=date(2027, 1, 1))]
        assert orders(outlook(draft, tmp_path, lifetimes=said)) == [
            (date(2026, 11, 1), 150),
            (date(2027, 3, 1), 60),
            (date(2027, 4, 10), 60),
            (date(2027, 5, 20), 60),
        ]
        said = [StatedLifetime(60, since=date(2020, 1, 1)), StatedLifetime(70, ca="digicert")]
        assert orders(outlook(draft, tmp_path, lifetimes=said))[0][1] == 70

    def test_let_s_encrypt_gives_what_it_has_announced_and_acme_renews_by_itself(self, tmp_path: Path) -> None:
        """90 days, 64 from 2027-02-10, 45 from 2028-02-16; renewed at two thirds of the lifetime."""
        issuer = Authority.root(subject=name("Issuing", O="Let's Encrypt"), key=ec_key("Let's Encrypt"))
        begin, end = datetime(2026, 11, 2, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)
        for release, note in (
            ("X14.3.4", "switch the ACME scheduler off"),
            ("X15.5", "the ACME service renews it by itself about this day"),
        ):
            draft = public(expressway_e(1, release=release), end, "Let's Encrypt")
            draft.reissue(1, issuer=issuer, not_before=begin, not_after=end, eku=("serverAuth",))
            found = outlook(draft, tmp_path, datetime(2026, 11, 28, tzinfo=UTC))
            assert orders(found)[:3] == [(date(2027, 1, 1), 90), (date(2027, 3, 2), 64), (date(2027, 4, 14), 64)]
            assert found.due[0].acme
            assert note in found.due[0].next.note

    def test_an_order_beyond_the_coming_year_is_not_counted_in_it(self, tmp_path: Path) -> None:
        draft = expressway_e(1)
        draft.reissue(1, not_after=AT + timedelta(days=730))
        found = outlook(draft, tmp_path)
        assert len(found.due[0].orders) == 1
        assert found.a_year == 0

    @pytest.mark.parametrize("text", ["0", "none", "2027-02-10=", "CA=x"])
    def test_a_lifetime_that_is_none_is_refused(self, tmp_path: Path, text: str) -> None:
        run = certplan("renew", expressway_e(1).write(tmp_path), "--lifetime", text)
        assert run.code == 2
        assert f"--lifetime {text}: expected days" in run.err

    def test_how_many_a_year(self) -> None:
        assert [(step.days, step.a_year) for step in steps(AT)] == [(200, 3), (100, 6), (47, 12)]

    def test_what_cannot_be_read_is_not_passed_over(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(3)["server_certificate"]
        (missing,) = outlook(draft, tmp_path).missing
        assert "exe3.example.com" in missing.what

    def test_a_client_store_that_the_plan_names_nothing_for_is_not_passed_over(self, tmp_path: Path) -> None:
        found = outlook(expressway_e(2, release="X15.5"), tmp_path)
        assert [missing.what for missing in found.missing] == [
            "client certificate of exe1.example.com",
            "client certificate of exe2.example.com",
        ]
        assert not outlook(expressway_e(2, release="X15.4"), tmp_path).missing

    def test_a_plan_that_does_not_say_which_ca(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2026, 12, 1, tzinfo=UTC), "DigiCert Inc")
        del draft.plan["certificate_authority"]
        found = outlook(draft, tmp_path)
        assert found.due[0].public
        assert "taken for public" in found.notes[0]

    @given(
        st.integers(0, 4000), st.integers(1, 900), st.integers(0, 200), st.booleans(), st.none() | st.integers(1, 900)
    )
    def test_orders_keep_the_rules_and_leave_no_gap(
        self, start: int, span: int, lead: int, is_public: bool, lifetime: int | None
    ) -> None:
        from certplan.renewal import _orders, _Terms, _Usages

        at = AT + timedelta(days=start)
        issuer = Authority.root(key=ec_key("law"))
        leaf = parse_certificate(
            issuer.issue(
                key=ec_key("law leaf"), not_before=at - timedelta(days=1), not_after=at + timedelta(days=span)
            ).der
        )
        plan = load_once()
        usages = _Usages(plan, plan.peers[0], Store.SERVER, leaf, at.date(), public=is_public)
        stated = () if lifetime is None else (StatedLifetime(lifetime),)
        found = list(_orders(usages, _Terms(lead, stated)))
        end = leaf.not_after.date()
        assert found
        for order in found:
            assert at.date() <= order.order_by <= end
            if is_public:
                assert order.days <= (public_lifetime(order.order_by) or 0)
            end = order.order_by + timedelta(days=order.days)
        days = [order.order_by for order in found]
        assert days == sorted(set(days))


def load_once() -> Any:
    import json

    from certplan.plan.reading import read_plan

    return read_plan(json.dumps(expressway_e(1).plan), "plan.yaml", Path())


class TestRoles:
    def roles(self, draft: Draft, folder: Path, at: str) -> Renewal:
        return outlook(draft, folder, datetime.fromisoformat(at).replace(tzinfo=UTC)).due[0].next

    def test_a_ca_that_has_stopped_issues_server_auth_alone(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2027, 3, 20, tzinfo=UTC), "DigiCert Inc")
        order = self.roles(draft, tmp_path, "2027-03-02")
        assert order.roles == ("serverAuth",)
        assert "DigiCert" in order.note
        assert "Enforce on X14.3.4 needs" in order.note

    def test_before_that_it_has_to_be_asked_for(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2027, 2, 1, tzinfo=UTC), "DigiCert Inc")
        order = self.roles(draft, tmp_path, "2027-01-20")
        assert order.roles == ("serverAuth", "clientAuth")
        assert "asked for at DigiCert" in order.note

    def test_the_root_program_stops_the_others(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2027, 3, 20, tzinfo=UTC))
        assert self.roles(draft, tmp_path, "2027-03-14").roles == ("serverAuth", "clientAuth")
        assert self.roles(draft, tmp_path, "2027-03-15").roles == ("serverAuth",)

    def test_a_release_that_does_without_is_not_alarmed(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1, release="X15.5"), datetime(2027, 3, 20, tzinfo=UTC))
        assert "needs" not in self.roles(draft, tmp_path, "2027-03-16").note

    def test_before_the_end_there_is_a_last_day_to_order_with_both(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2027, 4, 26, tzinfo=UTC))
        (due,) = outlook(draft, tmp_path, datetime(2027, 1, 1, tzinfo=UTC)).due
        assert due.next.order_by == date(2027, 3, 27)
        assert "no clientAuth from 2027-03-15 on" in due.next.note
        assert "order before 2027-03-15 to get clientAuth once more" in due.next.note
        assert due.last_call == date(2027, 3, 15)
        assert [bool(order.note) for order in due.orders] == [True] + [False] * (len(due.orders) - 1)
        lines = calendar(RenewalSchedule((due,), (), (), date(2027, 6, 1)), AT).replace("\r\n ", "").split("\r\n")
        last = lines.index("SUMMARY:Last day to order the server certificate of exe1.example.com with clientAuth")
        assert "DTSTART;VALUE=DATE:20270314" in lines[last - 3 : last]

    def test_from_the_end_on_it_is_too_late_for_that(self, tmp_path: Path) -> None:
        draft = public(expressway_e(1), datetime(2027, 4, 26, tzinfo=UTC))
        (due,) = outlook(draft, tmp_path, datetime(2027, 3, 15, tzinfo=UTC)).due
        assert "once more" not in due.next.note
        assert "since 2027-03-15" in due.next.note
        assert due.last_call is None

    def test_a_hierarchy_outside_the_program_has_no_end(self, tmp_path: Path) -> None:
        """A public CA, and one that Cisco names as going on."""
        draft = public(expressway_e(1), datetime(2027, 4, 26, tzinfo=UTC))
        issuer = Authority.root(subject=name("DigiCert Assured ID CA G2", O="DigiCert Inc"), key=ec_key("assured"))
        draft.reissue(1, issuer=issuer, not_after=datetime(2027, 4, 26, tzinfo=UTC))
        (due,) = outlook(draft, tmp_path, datetime(2027, 3, 20, tzinfo=UTC)).due
        assert due.next.roles == ("serverAuth", "clientAuth")
        assert due.last_call is None

    def test_an_expressway_c_on_x15_4_needs_both_still(self, tmp_path: Path) -> None:
        draft = public(expressway_c(1, release="X15.4"), datetime(2027, 3, 20, tzinfo=UTC))
        note = self.roles(draft, tmp_path, "2027-03-16").note
        assert "which an Expressway-C on X15.4 needs" in note
        on_e = public(expressway_e(1, release="X15.4"), datetime(2027, 3, 20, tzinfo=UTC))
        assert "needs" not in self.roles(on_e, tmp_path, "2027-03-16").note

    def test_the_way_out_is_the_rules(self, tmp_path: Path) -> None:
        """EKU008 and the renewals say the same of the upgrade."""
        draft = public(expressway_e(1), datetime(2027, 4, 26, tzinfo=UTC))
        at = datetime(2027, 1, 1, tzinfo=UTC)
        (finding,) = [found for found in draft.judge(tmp_path, at).findings if found.code == "EKU008"]
        upgrade = "upgrade to X15.4 or later"
        assert upgrade in finding.fix
        assert upgrade in outlook(draft, tmp_path, at).due[0].next.note

    @pytest.mark.parametrize(
        ("release", "store", "today", "roles"),
        [
            ("X15.5", "server", ("serverAuth",), ("serverAuth",)),
            ("X15.5", "client", ("clientAuth",), ("clientAuth",)),
            ("X15.5", "client", ("serverAuth", "clientAuth"), ("serverAuth", "clientAuth")),
            ("X15.5", "client", ("serverAuth",), ("serverAuth", "clientAuth")),
            ("X14.3.4", "server", ("serverAuth",), ("serverAuth", "clientAuth")),
        ],
    )
    def test_a_private_ca_goes_on_as_today_with_what_the_store_needs(
        self, release: str, store: str, today: tuple[str, ...], roles: tuple[str, ...], tmp_path: Path
    ) -> None:
        draft = expressway_e(1, release=release)
        draft.reissue(1, store=store, eku=today)
        (due,) = [due for due in outlook(draft, tmp_path).due if due.store.value == store]
        assert due.next.roles == roles

    def test_a_private_ca_goes_on_issuing_both(self, tmp_path: Path) -> None:
        assert self.roles(expressway_c(1), tmp_path, "2029-06-01").roles == ("serverAuth", "clientAuth")


class TestCalendar:
    def lines(self, text: str) -> list[str]:
        return text.replace("\r\n ", "").split("\r\n")

    def test_an_event_for_each_order_and_each_lapse(self, tmp_path: Path) -> None:
        text = calendar(outlook(expressway_e(2), tmp_path), AT)
        lines = self.lines(text)
        assert lines[0] == "BEGIN:VCALENDAR"
        assert lines[-2:] == ["END:VCALENDAR", ""]
        assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 4
        assert "DTSTART;VALUE=DATE:20261202" in lines
        assert "SUMMARY:Order the server certificate of exe1.example.com" in lines
        assert text.replace("\r\n", "").isprintable()

    def test_uids_are_unique_and_the_same_another_day(self, tmp_path: Path) -> None:
        def uids(at: datetime) -> list[str]:
            found = self.lines(calendar(outlook(expressway_e(2), tmp_path, at), at))
            return [line for line in found if line.startswith("UID:")]

        assert len(set(uids(AT))) == 4
        assert uids(AT) == uids(AT + timedelta(days=40))

    @given(st.text(max_size=200))
    def test_no_text_breaks_out_of_its_line(self, file: str) -> None:
        plan = load_once()
        leaf = parse_certificate(Authority.root(key=ec_key("law")).issue(key=ec_key("law leaf")).der)
        due = Due(
            plan.peers[0], Store.SERVER, file, leaf, False, 1, (Renewal(date(2026, 12, 2), 365, ("serverAuth",)),)
        )
        text = calendar(RenewalSchedule((due,), (), (), date(2027, 6, 1)), AT)
        raw = text.split("\r\n")
        assert all(len(line.encode()) <= 75 for line in raw)
        assert all("\n" not in line and "\r" not in line for line in raw)
        names = {line.partition(":")[0].partition(";")[0] for line in self.lines(text)[:-1]}
        assert names <= CALENDAR_NAMES


class TestCommand:
    def test_text_says_when_to_order_what(self, tmp_path: Path) -> None:
        run = certplan("renew", expressway_e().write(tmp_path), "--at", "2026-06-01")
        assert run.code == 0
        assert run.out.count("Order by  2026-12-02: 365 days, serverAuth and clientAuth") == 3
        assert run.err == ""

    def test_no_line_is_wider_than_the_page_but_for_a_name_that_is(self, tmp_path: Path) -> None:
        plan = public(expressway_e(2), datetime(2027, 4, 26, tzinfo=UTC)).write(tmp_path)
        lines = certplan("renew", plan, "--at", "2027-01-01").out.splitlines()
        # The path of the plan is a name, too, and long where tests run side by side.
        assert all(len(line) <= 100 or len(line.split()) == 1 or str(tmp_path) in line for line in lines)
        assert any(line.startswith(" " * 12) for line in lines)
        joined = " ".join(" ".join(lines).split())
        assert "then upgrade to X15.4 or later" in joined

    def test_json(self, tmp_path: Path) -> None:
        plan = public(expressway_e(2), datetime(2026, 12, 1, tzinfo=UTC)).write(tmp_path)
        run = certplan("renew", plan, "--at", "2026-06-01", "--format", "json")
        assert run.json["at"] == "2026-06-01T00:00:00Z"
        assert run.json["renewals_in_the_coming_year"] == 4
        assert run.json["certificates"][0]["order_by"] == "2026-11-01"
        assert [step["days"] for step in run.json["public_lifetimes"]] == [200, 100, 47]

    def test_markdown_has_a_heading_for_each_certificate_with_its_orders(self, tmp_path: Path) -> None:
        draft = public(expressway_e(2), datetime(2026, 12, 1, tzinfo=UTC))
        draft.peer(2)["server_certificate"] = "certs/none.pem"
        plan = draft.write(tmp_path).name
        run = certplan("renew", plan, "--at", "2026-11-05", "--format", "markdown", cwd=tmp_path)
        head, *rest = run.out.split("\n### ")[1:]
        assert head.startswith(
            "exe1.example.com, server certificate\n\n- File: certs/exe1-server.pem\n- Expires: 2026-12-01 "
        )
        assert "- Order by: **2026-11-05, NOW: 200 days, " in head
        assert not rest
        rows = [line for line in run.out.splitlines() if line.startswith("| 202")]
        assert rows[0].startswith("| 2026-03-15 | 200 days |")
        assert "- server certificate of exe2.example.com: certs/none.pem: no such file.; Fix: " in run.out

    def test_csv_has_a_line_for_each_order_and_each_gap(self, tmp_path: Path) -> None:
        draft = public(expressway_e(2), datetime(2026, 12, 1, tzinfo=UTC))
        del draft.peer(2)["server_certificate"]
        run = certplan("renew", draft.write(tmp_path), "--at", "2026-06-01", "--format", "csv")
        *rows, gap = csv.DictReader(run.out.splitlines())
        assert [(row["order_by"], row["days"], row["peer"]) for row in rows] == [
            ("2026-11-01", "200", "exe1.example.com"),
            ("2027-04-20", "100", "exe1.example.com"),
        ]
        assert rows[0]["not_after"] == "2026-12-01T00:00:00Z"
        assert (gap["order_by"], "exe2.example.com" in gap["note"]) == ("", True)

    def test_nothing_from_the_plan_or_a_certificate_is_markup_or_formula(self, tmp_path: Path) -> None:
        draft = expressway_e(1)
        issuer = Authority.root(subject=name("<b>[x](y)|\x1b"), key=ec_key("hostile issuer"))
        draft.reissue(1, issuer=issuer)
        draft.peer(1)["address"] = "=cmd|'<b>[x](y)"
        del draft.plan["certificate_authority"]
        plan = draft.write(tmp_path)
        text = certplan("renew", plan, "--at", "2026-06-01", "--format", "markdown").out
        assert r"=cmd\|'\<b\>\[x\](y)" in text
        assert r"\[x\](y)\|" in text[text.index("## Notes") :]
        table = certplan("renew", plan, "--at", "2026-06-01", "--format", "csv").out
        assert "'=cmd|'<b>[x](y)" in table
        assert not any(cell.startswith("=") for row in csv.reader(table.splitlines()) for cell in row)
        assert (text + table).replace("\n", "").isprintable()

    def test_a_calendar_file_ends_its_lines_as_it_must(self, tmp_path: Path) -> None:
        out = tmp_path / "renew.ics"
        run = certplan(
            "renew", expressway_e().write(tmp_path), "--at", "2026-06-01", "--format", "icalendar", "-o", out
        )
        assert run.code == 0
        data = out.read_bytes()
        assert data.startswith(b"BEGIN:VCALENDAR\r\n")
        assert data.count(b"\n") == data.count(b"\r\n")

    def test_no_certificate_at_all_ends_with_2(self, tmp_path: Path) -> None:
        draft = expressway_e(1)
        del draft.peer(1)["server_certificate"]
        run = certplan("renew", draft.write(tmp_path))
        assert run.code == 2
        assert "server_certificate" in run.err
