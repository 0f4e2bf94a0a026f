"""Input that grows eightfold takes about eight times as long, and what is beyond a bound is reported."""

import json
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from time import process_time

import pytest
from typer.testing import CliRunner

from certplan.cli.app import app
from certplan.evidence.dns import zonefile
from certplan.evidence.dns.zonefile import read_zone
from certplan.evidence.gather import gather
from certplan.outcomes import Severity
from certplan.plan.problems import PlanProblem
from certplan.plan.reading import PlanError, load_plan, read_plan
from certplan.proposal import propose as proposing
from certplan.proposal.propose import propose
from certplan.report.review import render_review
from certplan.text.secrets import find_key, hide_keys
from tests.clusters import Draft, expressway_e
from tests.pki import AT

FACTOR = 8
MOST = 3 * FACTOR
"""A quadratic curve would take 64 times as long."""


def zone_without_soa(size: int) -> None:
    read_zone("".join(f"h{i}.d{i}.example{i % 97}.com. 300 IN A 10.0.0.1\n" for i in range(size)), "zone.txt")


def zone_with_soa(size: int) -> None:
    head = "$ORIGIN example.com.\n@ 300 IN SOA ns hostmaster 1 2 3 4 5\n"
    read_zone(head + "".join(f"h{i} 300 IN A 10.0.0.1\n" for i in range(size)), "zone.txt")


def words_with_capitals(size: int) -> None:
    hide_keys("MIE MIE " * size)


def brackets(size: int) -> None:
    find_key("30 30:" * size)


def armor(size: int) -> None:
    hide_keys("-----BEGIN PRIVATE KEY" * size)


def elapsed(work: Callable[[int], None], size: int, rounds: int = 3) -> float:
    best = float("inf")
    for _ in range(rounds):
        begun = process_time()
        work(size)
        best = min(best, process_time() - begun)
    return best


def many_domains(size: int) -> Draft:
    draft = expressway_e(2)
    draft.plan["services"]["mra"]["domains"] = [f"d{n}.example{n % 7}.com" for n in range(size)]
    return draft


def many_entries(size: int) -> Draft:
    draft = expressway_e(2)
    draft.plan["cluster"]["address_mapping"] += [
        {"fqdn": f"h{n}.example.com", "ip": f"10.1.2.{n}"} for n in range(size)
    ]
    return draft


def many_sans(size: int) -> Draft:
    draft = expressway_e(2)
    draft.reissue(2, sans=["expe.example.com", "exe2.example.com", *(f"host{n}.example.com" for n in range(size))])
    return draft


COMMANDS = [
    ("check", "--no-dns"),
    ("map", "--no-dns"),
    ("propose", "--no-dns", "--all"),
    ("runbook", "--no-dns"),
    ("review", "--no-dns", "-o", "-"),
    ("csr", "sheet"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("make", "size"), [(many_domains, 50), (many_entries, 31), (many_sans, 700)])
def test_a_plan_of_many_entries_costs_little_more_for_each(
    make: Callable[[int], Draft], size: int, command: tuple[str, ...], tmp_path: Path
) -> None:
    def work(count: int) -> None:
        with chdir(tmp_path / str(count)):
            done = CliRunner().invoke(app, [*command, "plan.yaml"])
        assert done.exit_code in (0, 1), done.output

    for count in (1, size, FACTOR * size):
        make(count).write(tmp_path / str(count))
    work(1)
    assert elapsed(work, FACTOR * size, rounds=1) < MOST * max(elapsed(work, size), 0.02)


def test_changes_of_one_kind_are_left_out_together_where_they_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []
    open_errors = vars(proposing)["_open_errors"]

    def counted(*given: object) -> object:
        judged.append(given)
        return open_errors(*given)

    monkeypatch.setattr(proposing, "_open_errors", counted)
    for count, least, most in ((60, 60, 80), (200, 2, 20)):
        plan = load_plan(many_entries(count).write(tmp_path / str(count)))
        found = propose(plan, gather(plan, AT, live_dns=False), AT, severity=Severity.NOTICE)
        assert sum(change.effect.kind == "drop-mapping" for change in found.changes) == count
        assert least <= len(judged) <= most
        judged.clear()


@pytest.mark.parametrize(
    ("path", "entry", "most"),
    [
        (("services", "mra", "domains"), "d{}.example.com", 1000),
        (("zones",), {"name": "z{}", "type": "neighbor"}, 1000),
        (("waivers",), {"rule": "NAM00{}", "reason": "r", "until": "2030-01-01"}, 1000),
        (("dns", "public", "records"), "h{}.example.com. A 10.0.0.1", 10_000),
        (("cluster", "address_mapping"), {"fqdn": "h{}.example.com", "ip": "10.0.0.1"}, 256),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else None,
)
def test_a_list_of_a_plan_beyond_its_bound_is_a_problem_with_its_place(
    path: tuple[str, ...], entry: object, most: int
) -> None:
    draft = expressway_e(2)
    section = draft.plan
    for step in path[:-1]:
        section = section[step]
    for count in (most, most + 1):
        section[path[-1]] = [json.loads(json.dumps(entry).replace("{}", str(n))) for n in range(count)]
        said = refusal(draft)
        assert bool(said) == (count > most), said
    (problem,) = said
    assert f"has {most + 1:,} entries; expected at most {most:,}" in str(problem)
    assert problem.place.line > 1


def test_round_trip_times_of_every_pair_are_taken_and_no_more() -> None:
    draft = expressway_e(2)
    for count in (2016, 2017):
        draft.plan["round_trip_ms"] = {f"a{n}.example.com b.example.com": 1 for n in range(count)}
        assert len(refusal(draft)) == (count > 2016)


def refusal(draft: Draft) -> list[PlanProblem]:
    try:
        read_plan(json.dumps(draft.plan, indent=1), "plan.yaml", Path())
    except PlanError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize(
    ("work", "size"),
    [(zone_without_soa, 1000), (zone_with_soa, 1000), (words_with_capitals, 2000), (brackets, 4000), (armor, 2000)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_curve_is_straight(work: Callable[[int], None], size: int) -> None:
    work(10)
    assert elapsed(work, FACTOR * size) < MOST * max(elapsed(work, size), 0.002)


def test_a_zone_beyond_its_bound_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zonefile, "MAX_RECORDS", 5)
    read = [read_zone("a.example.com. IN A 10.0.0.1\n" * count, "zone.txt") for count in (5, 6)]
    assert [len(zone.records) for zone in read] == [5, 5]
    assert [[problem.what for problem in zone.problems] for zone in read] == [
        [],
        ["5 records so far; the rest was not read"],
    ]


def test_a_review_does_not_grow_with_the_names_of_a_certificate(tmp_path: Path) -> None:
    pages = []
    for count in (500, 2000):
        draft = expressway_e(2)
        draft.reissue(2, sans=["expe.example.com", "exe2.example.com", *(f"host{n}.example.com" for n in range(count))])
        pages.append(render_review(draft.judge(tmp_path / str(count))))
    assert abs(len(pages[1]) - len(pages[0])) < 200
