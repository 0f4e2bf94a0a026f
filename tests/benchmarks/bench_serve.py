"""An edit in the workbench: judged, proposals included, and the page made, for six peers."""

from pathlib import Path

import pytest

from certplan.serve.page import view
from certplan.serve.shop import Shop
from tests.benchmarks.conftest import Figures
from tests.benchmarks.measure import cpu_of
from tests.clusters import expressway_e
from tests.pki import AT

MOST = 0.3
"""Seconds of CPU from an edit to the page that shows its verdict."""


@pytest.mark.parametrize("address", ["203.0.113.13", "10.20.0.13"])
def test_an_edit_of_six_peers(figures: Figures, tmp_path: Path, address: str) -> None:
    expressway_e(6).write(tmp_path)
    shop = Shop(tmp_path, lambda: AT, live_dns=False)
    bench = shop.bench
    assert bench is not None
    view(shop, None, read_only=False).html()
    count = iter(range(1, 1000))

    def edit() -> None:
        fields = {"target.address_mapping.2.ip": address, "target.peers.0.system_name": f"exe{next(count)}"}
        bench.edit(fields, bench.revision)
        view(shop, None, read_only=False).changes({})

    edit()
    figures.at_most(MOST, f"seconds of CPU for an edit, {address}", min(cpu_of(edit) for _ in range(5)), "s")
