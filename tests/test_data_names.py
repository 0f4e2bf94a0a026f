"""The vendor's facts: internal names, capacity and alarms."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan import vendor as data
from certplan.plan.model import Platform
from certplan.vendor import AlarmSeverity
from certplan.vendor.releases import Release

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
    def test_whatever_lies_under_an_internal_domain_is_internal(self, text: str) -> None:
        assert data.is_internal_name(f"{text}.local")

    @given(st.text(max_size=60).filter(lambda text: not text.endswith(".")))
    def test_a_dot_at_the_end_changes_nothing(self, text: str) -> None:
        assert data.is_internal_name(text) == data.is_internal_name(f"{text}.")


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
