"""What a group of rules has found, at the head of its section."""

from certplan.report.document import Tone
from certplan.report.review.links import with_links
from certplan.report.review.parts.group import group_findings, group_note
from certplan.rules.model import Group
from tests.clusters import expressway_e
from tests.faults import with_faults
from tests.review.reading import judged, odd

FAULTS = [("no_way_back", 1), ("no_public_way_back", 2)]


def test_the_note_counts_what_was_found_and_takes_the_tone_of_the_worst() -> None:
    assert group_note(judged(with_faults("expressway-e", 3, FAULTS)), Group.DNS) == ("1 error, 1 warning", Tone.BAD)
    assert group_note(judged(expressway_e()), Group.DNS) == ("", Tone.PLAIN)


def test_what_could_not_be_checked_is_counted_and_told_with_its_reason() -> None:
    judgement = odd("nothing known")
    note, tone = group_note(judgement, Group.DNS)
    assert note.endswith("not verified")
    assert tone is Tone.OPEN
    (found,) = group_findings(judgement, Group.DNS)
    assert {cells[0][1].tone for cells in found.rows} == {Tone.OPEN}
    assert any(line.text == "the evidence has nothing of it" for cells in found.rows for line in cells[1])


def test_findings_lead_to_their_cards_worst_first() -> None:
    judgement = judged(with_faults("expressway-e", 3, FAULTS))
    (found,) = group_findings(judgement, Group.DNS)
    assert [[line.text for line in cells[0]] for cells in found.rows] == [["DNS006", "error"], ["DNS006", "warning"]]
    for cells in found.rows:
        finding = judgement.findings[int(cells[0][0].link.removeprefix("finding-")) - 1]
        assert (finding.code, finding.message) == ("DNS006", cells[1][0].text)


def test_a_waived_finding_is_shown_as_waived_and_does_not_count() -> None:
    draft = with_faults("expressway-e", 3, FAULTS[:1])
    draft.plan["waivers"] = [{"rule": "DNS006", "reason": "ordered", "until": "2027-01-01"}]
    judgement = judged(draft)
    assert group_note(judgement, Group.DNS) == ("", Tone.PLAIN)
    (found,) = group_findings(judgement, Group.DNS)
    assert [line.text for line in found.rows[0][0]] == ["DNS006", "error, waived"]


def test_a_remark_leads_to_the_finding_about_its_name_and_to_none_of_another_peer() -> None:
    judgement = judged(with_faults("expressway-e", 3, [("stranger_in_public", 1), ("stranger_in_public", 2)]))
    _, link = with_links(judgement, "wrong", Tone.BAD, ["DNS008"], "exe2.example.com", name="exe2.example.com")
    finding = judgement.findings[int(link.link.removeprefix("finding-")) - 1]
    assert finding.subject.name == "exe2.example.com"
    assert with_links(judgement, "right", Tone.GOOD, ["DNS008"], "exe3.example.com") == with_links(
        judgement, "right", Tone.GOOD
    )
