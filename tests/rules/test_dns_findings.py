"""DNS: words and severity of the findings about DNS."""

from pathlib import Path

from tests.clusters import Draft, expressway_e
from tests.rules.dns_drafts import replaced


def _without_reverse_zone(view: str) -> Draft:
    """The peers' LAN 1 addresses are of no zone that the view has; with `public`, there is no other view."""
    draft = expressway_e()
    internal = draft.plan["dns"].pop("internal")["records"]
    if view != "public":
        draft.plan["dns"][view] = {"records": [record for record in internal if "PTR" not in record]}
    else:
        # A lab, whose public view has PTR records of private addresses.
        for number in (1, 2, 3):
            draft.peer(number)["lan2"]["static_nat"] = f"10.88.246.1{number}"
            replaced(draft, view, f"1{number}.113.", f"1{number}.246.88.10.in-addr.arpa. PTR exe{number}.example.com.")
            replaced(draft, view, f"exe{number}.", f"exe{number}.example.com. A 10.88.246.1{number}")
    return draft


def test_a_view_without_the_reverse_zone_is_to_be_given_it(tmp_path: Path) -> None:
    inside = "Add the zone 0.20.10.in-addr.arpa to the internal view in the plan's dns section."
    lab = "such as `internal`, with the zone 0.20.10.in-addr.arpa, to the plan's dns section."
    for view, wanted in (("internal", inside), ("public", f"Add a view of the DNS that Expressway-C asks, {lab}")):
        open_ = [
            finding
            for finding in _without_reverse_zone(view).judge(tmp_path / view).findings
            if finding.code == "DNS006"
        ]
        assert {finding.fix for finding in open_} == {wanted}
        assert len({finding.missing.why for finding in open_ if finding.missing is not None}) == 1
        assert len(open_) == 3


def test_without_any_view_of_the_inside_one_is_asked_for_and_no_zone(tmp_path: Path) -> None:
    draft = expressway_e()
    del draft.plan["dns"]["internal"]
    fixes = {finding.fix for finding in draft.judge(tmp_path).findings if finding.code == "DNS006"}
    assert fixes == {"Add a view of the DNS that Expressway-C asks, such as `internal`, to the plan's dns section."}
