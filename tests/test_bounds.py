"""Input that grows eightfold takes about eight times as long, and what is beyond a bound is told."""

from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from certplan.evidence.dns import zonefile
from certplan.evidence.dns.zonefile import read_zone
from certplan.report.review import render_review
from certplan.text.secrets import find_key, hide_keys
from tests.clusters import expressway_e

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


def elapsed(work: Callable[[int], None], size: int) -> float:
    best = float("inf")
    for _ in range(3):
        begun = process_time()
        work(size)
        best = min(best, process_time() - begun)
    return best


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
