"""The data room: complete, sourced, in order, and read only when asked."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan import vendor as data
from certplan.plan.model import Platform
from certplan.vendor import AlarmSeverity, SourceStatus
from certplan.vendor.releases import Release

TOML = sorted(item.name for item in files("certplan.vendor").iterdir() if item.name.endswith(".toml"))

# The alarms named in the vendor facts: the cluster table (with its certificate and CRL rows) and the import table.
CLUSTER_ALARMS = {
    *range(20003, 20010),
    20011,
    20012,
    *range(20014, 20022),
    20024,
    20025,
    20026,
    40049,
    40052,
    40055,
    40068,
    40069,
    40075,
    40076,
    40078,
    40079,
    15022,
    15028,
    25030,
    25031,
    *range(30012, 30018),
    40001,
    40002,
    40006,
    40007,
    40034,
}
IMPORT_ALARMS = {
    *(15005, 15009, 15013, 15022, 15028),
    *range(20003, 20010),
    *(20011, 20012),
    *range(20014, 20022),
    *(20024, 20025, 20026),
    *(25001, 25002, 25003, 25004, 25006, 25009, 25010, 25013, 25014, 25020, 25021, 25022, 25030, 25031),
    *range(30012, 30018),
    *(35013, 35014, 35016),
    *(40002, 40006, 40040, 40046, 40048, 40049, 40051, 40052, 40055, 40061, 40062, 40063, 40064, 40068, 40069),
    *(55127, 55129, 55130),
}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("certplan.vendor").joinpath(name).read_text("utf-8"))


def _walk(value: Any, key: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in _walk(inner, name)]
    if isinstance(value, list):
        return [found for inner in value for found in _walk(inner, key)]
    return [(key, value)]


class TestSources:
    def test_every_address_is_https_and_whole(self) -> None:
        for source in data.sources():
            parts = urlsplit(source.address)
            assert parts.scheme == "https", source.key
            assert "." in parts.netloc, source.key
            assert " " not in source.address, source.key
            assert "…" not in source.address, source.key
            assert source.title, source.key

    def test_a_chapter_has_an_address_of_its_own_below_its_book(self) -> None:
        chapter = data.source("CG-15.4-fqdn")
        assert chapter.release == "X15.4"
        assert chapter.title.startswith("Cisco Expressway Cluster Creation and Maintenance Deployment Guide, ")
        assert chapter.address.endswith("-x154/exwy_m_optional-use-fully-qualified-domain.html")
        assert data.source("CG-15.4").address.endswith("-x154/exwy_m_clustering-basics.html")

    @pytest.mark.parametrize(
        "key",
        [
            *("CG-15.4-form", "CG-15.4-requirements", "CG-15.4-reference", "CG-15.4-change", "CG-14.0.2-form"),
            *("AG-15.5-clustering", "AG-15.5-security", "AG-15.5-network", "AG-15.5-alarms", "AG-15.5-maintenance"),
            *("CERT-15.5-csr", "CERT-15.5-loading", "CERT-15.5-requirements", "CERT-15.5-acme", "CERT-15.5-crl"),
            *("BC-14.0", "PORT-15.0", "MRA-15.2", "RN-14.2", "INST-15.4", "XMPP-14.0.2", "FN-74362"),
            *("TA-217230", "TA-225482", "TA-225693", "TA-213872", "TA-218034", "TA-215670", "TA-215405"),
            *("BR-2.2.6", "CHROME-1.8", "SC-081v3", "RFC-5280", "RFC-9525", "RFC-5922", "RFC-1035"),
        ],
    )
    def test_the_documents_of_the_vendor_facts_are_there(self, key: str) -> None:
        assert data.source(key).key == key

    def test_an_unknown_key_is_an_error_of_the_program(self) -> None:
        with pytest.raises(KeyError):
            data.source("CG-99")

    def test_two_documents_never_share_title_release_and_address(self) -> None:
        documents = [data.source(key) for key in _read("sources.toml")["document"]]
        assert len({(s.title, s.release, s.address) for s in documents}) == len(documents)


class TestFiles:
    @pytest.mark.parametrize("name", TOML)
    def test_every_file_says_where_it_is_from_when_it_was_read_and_how_to_update_it(self, name: str) -> None:
        head = files("certplan.vendor").joinpath(name).read_text("utf-8").partition("\n\n")[0]
        assert "# Source: " in head
        assert "# Date read: 202" in head
        assert "# To update: " in head

    def test_the_tables_without_comments_have_their_account_in_the_readme(self) -> None:
        readme = files("certplan.vendor").joinpath("README.md").read_text("utf-8")
        for item in files("certplan.vendor").iterdir():
            if item.name.endswith((".toml", ".csv")):
                assert f"`{item.name}`" in readme

    @pytest.mark.parametrize("name", TOML)
    def test_every_source_key_resolves(self, name: str) -> None:
        keys = [value for key, value in _walk(_read(name)) if key in {"source", "sources"}]
        assert keys or name == "sources.toml"
        for key in keys:
            assert data.source(key).key == key

    @pytest.mark.parametrize("name", TOML)
    def test_no_text_has_a_fact_number_of_the_authors(self, name: str) -> None:
        assert not re.search(r"\b(CL|CE|FM)-\d", files("certplan.vendor").joinpath(name).read_text("utf-8"))

    def test_nothing_is_read_on_import(self) -> None:
        program = (
            "import sys; opened = []\n"
            "import certplan.text.addresses\n"
            "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
            "for name in [m for m in sys.modules if m.startswith('certplan.vendor')]: del sys.modules[name]\n"
            "import certplan.vendor\n"
            "assert not [path for path in opened if path.endswith(('.toml', '.csv'))], opened\n"
            "assert 'tomllib' not in sys.modules and 'csv' not in sys.modules\n"
            "certplan.vendor.alarms(); assert any(path.endswith('alarms.toml') for path in opened), opened\n"
            "opened.clear(); certplan.vendor.alarm(20004); assert not opened"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    @pytest.mark.parametrize(
        "load",
        [
            data.sources,
            data.special_purpose_blocks,
            data.lifetime_steps,
            data.eku_sunsets,
            data.special_use_names,
            data.capacity,
            data.alarms,
            data.ports,
        ],
    )
    def test_a_second_reading_gives_the_same_frozen_values(self, load: Callable[[], object]) -> None:
        assert load() == load()
        hash(load())


class TestLifetimes:
    @pytest.mark.parametrize(
        ("issued", "days"),
        [
            (date(2020, 8, 31), None),
            (date(2020, 9, 1), 398),
            (date(2026, 3, 14), 398),
            (date(2026, 3, 15), 200),
            (date(2027, 3, 14), 200),
            (date(2027, 3, 15), 100),
            (date(2029, 3, 14), 100),
            (date(2029, 3, 15), 47),
            (date(2099, 1, 1), 47),
            (datetime(2026, 3, 15, tzinfo=UTC), 200),
        ],
    )
    def test_depend_on_the_day_of_issue(self, issued: date, days: int | None) -> None:
        assert data.public_lifetime(issued) == days

    @given(st.dates(min_value=date(2020, 9, 1), max_value=date(2100, 1, 1)))
    def test_never_grow(self, issued: date) -> None:
        today, tomorrow = data.public_lifetime(issued), data.public_lifetime(issued + timedelta(days=1))
        assert today is not None
        assert tomorrow is not None
        assert tomorrow <= today

    def test_steps_are_in_order(self) -> None:
        starts = [step.issued_from for step in data.lifetime_steps()]
        assert starts == sorted(set(starts))


class TestEkuSunset:
    def test_the_root_program_is_the_one_without_issuers(self) -> None:
        assert [entry for entry in data.eku_sunsets() if not entry.issuers] == [data.root_program_sunset()]
        assert data.root_program_sunset().ends == date(2027, 3, 15)

    @pytest.mark.parametrize(
        ("issuer", "authority", "ends"),
        [
            ("CN=R11,O=Let's Encrypt,C=US", "Let's Encrypt", date(2026, 7, 8)),
            ("DigiCert Inc", "DigiCert", date(2027, 3, 1)),
            ("Sectigo Limited", "Sectigo", date(2027, 2, 10)),
            ("GoDaddy.com, Inc.", "GoDaddy", date(2026, 6, 15)),
            ("SSL Corporation", "SSL.com", None),
            ("IdenTrust", "IdenTrust", None),
        ],
    )
    def test_an_issuer_is_known_by_its_organization(self, issuer: str, authority: str, ends: date | None) -> None:
        entry = data.eku_sunset(issuer)
        assert entry is not None
        assert (entry.authority, entry.ends) == (authority, ends)

    def test_a_private_authority_has_no_entry(self) -> None:
        assert data.eku_sunset("CN=Example Corporate Root CA,O=Example") is None
        assert data.eku_sunset("") is None

    def test_dates_are_in_order_and_their_status_is_honest(self) -> None:
        latest = data.root_program_sunset().ends
        assert latest is not None
        for entry in data.eku_sunsets():
            if entry.ends is not None:
                assert entry.ends <= latest
                assert entry.default_from is None or entry.default_from < entry.ends
            if entry.status is SourceStatus.CONFIRMED:
                assert entry.ends is not None
            if entry.status is SourceStatus.UNKNOWN:
                assert entry.ends is None
            assert entry.note

    def test_no_two_authorities_claim_one_issuer(self) -> None:
        pieces = [piece for entry in data.eku_sunsets() for piece in entry.issuers]
        assert all(piece == piece.lower() for piece in pieces)
        for entry in data.eku_sunsets():
            assert all(data.eku_sunset(piece) is entry for piece in entry.issuers)


class TestInternalNames:
    @pytest.mark.parametrize(
        "name",
        ["exe1.corp.local", "LOCAL", "exe1.Internal.", "nas.home.arpa", "exe1.lan", "exe1", "11.0.20.10.in-addr.arpa"],
    )
    def test_a_public_ca_may_not_certify_them(self, name: str) -> None:
        assert data.is_internal_name(name)

    @pytest.mark.parametrize(
        "name",
        [
            "exe1.example.com",
            "expe.example",
            "example.org",
            "exe1.cisco.com",
            "local.cisco.com",
            "exe1.notlocal",
            "arpa.net",
            "",
        ],
    )
    def test_public_and_documentation_names_are_not_internal(self, name: str) -> None:
        assert not data.is_internal_name(name)

    def test_the_longest_set_aside_domain_counts(self) -> None:
        entry = data.special_use("exe1.example.com")
        assert entry is not None
        assert (entry.name, entry.internal) == ("example.com", False)
        assert data.special_use("exe1.cisco.com") is None

    @given(st.text(max_size=60))
    def test_no_text_makes_it_raise(self, text: str) -> None:
        data.is_internal_name(text)


class TestCapacity:
    def test_every_platform_has_figures_and_only_the_ce1300_lacks_a_cluster(self) -> None:
        capacity = data.capacity()
        assert {row.platform for row in capacity.standalone} == set(Platform)
        assert {row.platform for row in capacity.four_peers} == set(Platform) - {Platform.CE1300}
        assert any("CE1300" in note.text for note in capacity.notes)

    @pytest.mark.parametrize(("platform", "figure"), [("ce1200", "7500"), ("large-vm", "4000"), ("medium-vm", "3000")])
    def test_fast_path_registration_is_noted_where_the_guides_have_it(self, platform: str, figure: str) -> None:
        noted = [note for note in data.capacity().notes if "Fast Path Registration" in note.text]
        assert [figure in note.text for note in noted if platform in note.platforms] == [True]

    @pytest.mark.parametrize("table", ["standalone", "four_peers"])
    def test_rows_of_one_platform_follow_each_other_without_overlap(self, table: str) -> None:
        rows = getattr(data.capacity(), table)
        for platform in {row.platform for row in rows}:
            own = [row for row in rows if row.platform == platform]
            for row, following in pairwise(own):
                assert row.before == following.since
            for row in own:
                assert not row.before or Release.parse(row.since) < Release.parse(row.before)

    @pytest.mark.parametrize(
        ("platform", "release", "figures"),
        [
            ("ce1200", "X15.4", (5000, 500, 1000, 500, 7000, 6000)),
            ("ce1300", "X15.4", (5000, 500, 1000, 500, 8500, 6000)),
            ("large-vm", "X14.0", (5000, 500, 1000, 500, 3500, 6000)),
            ("medium-vm", "X14.2.1", (2500, 100, 200, 100, 3000, 1800)),
            ("medium-vm", "X14.3", (2500, 150, 300, 150, 2500, 1800)),
            ("small-vm", "X15.5", (2000, 40, 40, 75, 200, 1800)),
        ],
    )
    def test_the_figures_are_those_of_the_guides(self, platform: str, release: str, figures: tuple[int, ...]) -> None:
        (row,) = [
            row
            for row in data.capacity().standalone
            if row.platform == platform
            and Release.parse(row.since) <= Release.parse(release)
            and (not row.before or Release.parse(release) < Release.parse(row.before))
        ]
        assert figures == (
            row.registrations,
            row.calls_video,
            row.calls_audio,
            row.rms,
            row.mra_registrations,
            row.turn_relays,
        )

    def test_four_peers_carry_four_times_one_except_where_the_guides_say_otherwise(self) -> None:
        single = {row.platform: row for row in data.capacity().standalone if row.since == "X14.0"}
        for row in data.capacity().four_peers:
            factor = 1 if row.platform == Platform.SMALL_VM else 4
            assert row.calls_audio == factor * single[row.platform].calls_audio
            assert row.turn_relays == factor * single[row.platform].turn_relays

    def test_each_release_has_one_scaling_rule_with_its_contradictions(self) -> None:
        early, late = data.capacity().scaling
        assert early.before == late.since == "X14.2"
        assert early.factors == (1, 2, 3, 4, 4, 4)
        assert late.factors == (1, 1, 2, 3, 4, 5)
        assert early.conflicts
        assert late.conflicts

    def test_small_machines_gain_nothing_from_clustering(self) -> None:
        gains = {machine.platform: machine.clustering_gains_capacity for machine in data.capacity().machines}
        assert gains == {"small-vm": False, "medium-vm": True, "large-vm": True}


class TestAlarms:
    def test_every_alarm_of_the_vendor_facts_is_there_and_no_other(self) -> None:
        assert {alarm.id for alarm in data.alarms()} == CLUSTER_ALARMS | IMPORT_ALARMS

    def test_each_tells_what_it_means_and_what_to_do(self) -> None:
        for alarm in data.alarms():
            assert alarm.title
            assert alarm.meaning.endswith("."), alarm.id
            assert alarm.remedy.endswith("."), alarm.id
            assert alarm.sources, alarm.id

    def test_those_of_the_cluster_table_have_a_first_release(self) -> None:
        for number in CLUSTER_ALARMS:
            alarm = data.alarm(number)
            assert alarm is not None
            assert Release.parse(alarm.since) >= Release.parse("X14.0"), number

    @pytest.mark.parametrize(
        ("number", "title", "severity", "since"),
        [
            (20004, "Cluster communication failure", AlarmSeverity.WARNING, "X14.0"),
            (20025, "Failed to synchronize database", AlarmSeverity.CRITICAL, "X14.0.2"),
            (25031, "Certificate verification failed", AlarmSeverity.ERROR, "X14.0"),
            (40049, "Cluster TLS permissive", AlarmSeverity.NOTICE, "X14.0"),
            (40051, "CMS not Identified by Server Certificate", AlarmSeverity.NOT_PRINTED, "X14.0"),
            (40052, "Certificate error", AlarmSeverity.NOT_PRINTED, "X14.0"),
            (40069, "Server certificate validity", AlarmSeverity.ALERT, "X14.0"),
            (40078, "Client certificate has expired", AlarmSeverity.CRITICAL, "X15.5"),
            (
                40079,
                "Client certificate is expiring within the configured warning period",
                AlarmSeverity.ALERT,
                "X15.5",
            ),
        ],
    )
    def test_title_severity_and_first_release_are_as_printed(
        self,
        number: int,
        title: str,
        severity: AlarmSeverity,
        since: str,
    ) -> None:
        alarm = data.alarm(number)
        assert alarm is not None
        assert (alarm.title, alarm.severity, alarm.since) == (title, severity, since)

    @pytest.mark.parametrize("number", [20009, 20011, 20014, 20017])
    def test_the_replication_alarms_give_the_one_procedure(self, number: int) -> None:
        alarm = data.alarm(number)
        assert alarm is not None
        for step in ("xCommand ForceConfigUpdate", "backup", "never on the primary", "upgrade the primary again"):
            assert step in alarm.remedy, step

    def test_every_alarm_has_a_first_release(self) -> None:
        for alarm in data.alarms():
            assert Release.parse(alarm.since) >= Release.parse("X14.0"), alarm.id

    def test_an_alarm_of_another_kind_is_not_known(self) -> None:
        assert data.alarm(10001) is None
