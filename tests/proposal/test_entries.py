"""Rows of the cluster address mapping that no peer's name stands in: their place is taken, as `certplan map` says."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.plan.model import MappingEntry
from certplan.proposal.address_changes import SetEntry
from certplan.proposal.mapping_advice import RowAction, advise_mapping
from certplan.proposal.propose import propose
from certplan.runbook.enforce import mapping_values
from certplan.text.names import key
from tests.clusters import Draft, expressway_e
from tests.pki import AT
from tests.proposal.proposing import seen

OLD = "old.example.com"


def mapped(*rows: tuple[str, str]) -> Draft:
    """Three peers whose names lead to their public addresses, and this table."""
    draft = expressway_e(3)
    draft.plan["cluster"]["address_mapping"] = [{"fqdn": fqdn, "ip": ip} for fqdn, ip in rows]
    return draft


def test_a_former_name_of_an_address_goes_when_its_peer_gets_its_row(tmp_path: Path) -> None:
    draft = mapped(("exe1.example.com", "10.20.0.11"), (OLD, "10.20.0.12"), ("exe3.example.com", "10.20.0.13"))
    plan, evidence = seen(draft, tmp_path)
    proposal = propose(plan, evidence, AT)
    (change,) = proposal.changes
    assert isinstance(change.effect, SetEntry)
    assert (change.effect.fqdn, change.effect.instead) == ("exe2.example.com", OLD)
    words = change.effect.words(proposal.intent)
    assert words.action == "Correct a mapping entry"
    assert f"exe2.example.com = 10.20.0.12 in place of {OLD} = 10.20.0.12" in words.detail
    assert [entry.fqdn for entry in proposal.plan.cluster.known_entries] == [f"exe{n}.example.com" for n in (1, 2, 3)]
    today = plan.cluster.known_entries
    assert [value for _, value in mapping_values(today, change.effect)] == [
        f"{OLD} / 10.20.0.12",
        "exe2.example.com / 10.20.0.12",
    ]


def test_a_row_of_another_peer_is_left_to_its_own_correction(tmp_path: Path) -> None:
    draft = mapped(("exe1.example.com", "10.20.0.11"), ("exe3.example.com", "10.20.0.12"))
    plan, evidence = seen(draft, tmp_path)
    changes = [change.effect for change in propose(plan, evidence, AT).changes]
    assert {(each.fqdn, each.instead) for each in changes if isinstance(each, SetEntry)} == {
        ("exe2.example.com", ""),
        ("exe3.example.com", ""),
    }


NAMES = st.sampled_from(["exe1.example.com", "exe2.example.com", "EXE3.example.com", OLD, "older.example.com"])
ADDRESSES = st.sampled_from([f"10.20.0.1{n}" for n in (1, 2, 3)])
ROWS = st.lists(st.tuples(NAMES, ADDRESSES), max_size=4, unique_by=lambda row: row[0].lower())


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_propose_ends_with_the_rows_that_map_asks_for(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        plan, evidence = seen(mapped(*rows), Path(folder))
    advised = advise_mapping(plan, evidence).rows
    asked = {(key(row.suggested.fqdn), row.suggested.ip) for row in advised if row.suggested is not None}
    to_delete = {(key(row.today.fqdn), row.today.ip) for row in advised if row.action is RowAction.DELETE and row.today}
    table: list[MappingEntry] = list(plan.cluster.known_entries)
    for change in propose(plan, evidence, AT).changes:
        assert isinstance(change.effect, SetEntry)
        gone = {value for field, value in mapping_values(table, change.effect) if "delete" in field}
        table = [entry for entry in table if f"{entry.fqdn} / {entry.ip}" not in gone]
        table.append(MappingEntry(change.effect.fqdn, change.effect.ip))
    left = {(key(entry.fqdn), entry.ip) for entry in table}
    assert asked <= left
    assert left - asked <= to_delete
