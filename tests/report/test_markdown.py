"""Markdown for tickets and wikis, as a Markdown reader takes it."""

from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from certplan.judgement import Judgement
from certplan.places import Place
from certplan.plan.reading import PlanProblem
from certplan.report import find_form, render
from certplan.report.form import Layout
from certplan.text.escape import markdown
from certplan.vendor import source
from tests.clusters import Draft, expressway_e
from tests.pki import AT


def faulty() -> Draft:
    draft = expressway_e()
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    draft.peer(3)["private_key"] = draft.peer(1)["private_key"]
    del draft.peer(3)["trusted_cas"]
    draft.plan["waivers"] = [{"rule": "KEY001", "reason": "new key on its way", "until": "2026-07-01"}]
    return draft


def blocks(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def headings(text: str) -> list[tuple[str, str]]:
    tokens = blocks(text)
    found = (i for i, token in enumerate(tokens) if token.type == "heading_open")
    return [(tokens[i].tag, "".join(child.content for child in tokens[i + 1].children or ())) for i in found]


def rows(text: str) -> list[list[str]]:
    """The cells of every table, header rows too."""
    found: list[list[str]] = []
    tokens = blocks(text)
    for number, token in enumerate(tokens):
        if token.type == "tr_open":
            found.append([])
        elif token.type in {"th_open", "td_open"}:
            found[-1].append("".join(child.content for child in tokens[number + 1].children or ()))
    return found


def shown(text: str) -> str:
    return "\n".join("".join(child.content for child in token.children or ()) for token in blocks(text))


def faulty_judgement(folder: Path) -> Judgement:
    return faulty().judge(folder)


def test_it_has_the_parts_of_the_page(tmp_path: Path) -> None:
    judgement = faulty_judgement(tmp_path)
    counts = {
        severity: sum(finding.counts and finding.severity == severity for finding in judgement.findings)
        for severity in ("error", "warning", "notice")
    }
    named = [title for _, title in headings(render(judgement, "markdown"))]
    wanted = ["expe.example.com", f"Blocks Enforce ({counts['error']})"]
    wanted.append("System > Clustering, once TLS verification mode is Enforce")
    wanted.append("Peer-to-peer verification matrix")
    wanted += [
        f"{severity.capitalize()}s ({counts[severity]})" for severity in ("warning", "notice") if counts[severity]
    ]
    waived = sum(finding.waived is not None for finding in judgement.findings)
    missing = sum(not unknown.waived for unknown in judgement.unknowns)
    assert named[: len(wanted)] == wanted
    assert named[len(wanted) :] == [f"Not verified ({missing})", f"Waived ({waived})", "Expected alarms"]


def test_the_tables_are_the_matrix_and_what_is_missing(tmp_path: Path) -> None:
    table = rows(render(faulty_judgement(tmp_path), "markdown"))
    names = [f"{number} exe{number}.example.com" for number in (1, 2, 3)]
    assert table[0] == ["verifier \\ presented by", *names]
    assert [row[0] for row in table[1:4]] == names
    said = {"accepts": "pass", "rejects": "FAIL", "unknown": "?"}
    marks = [[said[cell.strip("*")] for cell in row[1:]] for row in table[1:4]]
    assert marks == [["pass", "FAIL", "pass"], ["pass", "FAIL", "pass"], ["?", "FAIL", "?"]]
    header, *rest = table[4:]
    assert header[0] == "Peer"
    column = header.index("trusted_cas")
    assert [row[0] for row in rest if row[column] == "missing"] == ["exe3.example.com"]


def test_each_finding_has_its_fix_and_links_to_its_sources(tmp_path: Path) -> None:
    judgement = faulty_judgement(tmp_path)
    text = render(judgement, "markdown")
    links = [
        child.attrs["href"] for token in blocks(text) for child in token.children or () if child.type == "link_open"
    ]
    wanted = [source(key).address for finding in judgement.findings if finding.counts for key in finding.rule.sources]
    assert sorted(map(str, links)) == sorted(wanted)
    page = shown(text)
    for finding in judgement.findings:
        if finding.counts:
            assert f"{finding.code} {finding.subject.name}" in page
            assert f"Fix: {finding.fix}" in page


def test_the_verdict_stands_above_everything_else(tmp_path: Path) -> None:
    ready = shown(render(expressway_e(2).judge(tmp_path), "markdown")).split("\n")
    said = next(number for number, line in enumerate(ready) if line.startswith("READY: every peer accepts"))
    assert any(line.startswith("Ready until 2027-01-01") for line in ready[said:])
    assert not any("Certificate: Valid" in line for line in ready[:said])


def test_a_plan_not_read_is_told_between_the_others(tmp_path: Path) -> None:
    form = find_form("markdown")
    problems = [PlanProblem(Place("b*d*.yaml", 2, 1), "unknown key `<b>`")]
    piece = form.piece(expressway_e(2).judge(tmp_path), Layout())
    text = "".join(form.document(AT, [piece, form.unread("b*d*.yaml", problems), piece]))
    named = [title for tag, title in headings(text) if tag == "h1"]
    assert named == ["expe.example.com", "b*d*.yaml", "expe.example.com"]
    assert "b*d*.yaml:2:1: unknown key `<b>`" in shown(text)


def test_addresses_and_formulas_are_not_made_live_by_the_extensions_of_wikis() -> None:
    """GitHub's readers link bare addresses and set what stands between dollars."""
    text = "https://evil.example and WWW.evil.example and $x$"
    assert markdown(text) == r"`https://evil.example` and `WWW.evil.example` and \$x\$"
    assert shown(markdown(text)).strip() == text
