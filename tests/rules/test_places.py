"""Where findings are said to stand opens from where the engineer is, wherever the plan lies."""

from datetime import timedelta
from pathlib import Path

import pytest

from certplan.evidence.gather import gather
from certplan.judgement import Judgement, judge
from certplan.plan.reading import load_plan
from certplan.report import render
from tests.clusters import Draft, expressway_e
from tests.pki import AT


def faulty() -> Draft:
    draft = expressway_e()
    draft.reissue(1, not_after=AT + timedelta(days=17))
    draft.reissue(2, sans=["expe.example.com", "exe2.exmaple.com", "example.com"])
    draft.reissue(3, not_after=AT.replace(day=1, month=AT.month - 1))
    draft.peer(1)["trusted_cas"] = ["trust/all.pem"]
    draft.files["trust/all.pem"] = draft.root.pem + draft.issuing.pem + draft.root.pem[:200]
    draft.plan["dns"]["public"] = {"zone_files": ["zones/example.com.zone"]}
    records = ["$ORIGIN example.com.", "@ SOA ns1 mail 1 2 3 4 5", "exe1 A 10.20.0.11", "exe2 A 203.0.113.12"]
    draft.files["zones/example.com.zone"] = "\n".join([*records, "exe3 A 203.0.113\n"]).encode()
    return draft


@pytest.fixture
def judgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judgement:
    faulty().write(tmp_path / "clusters" / "one")
    monkeypatch.chdir(tmp_path)
    plan = load_plan(Path("clusters/one/plan.yaml"))
    return judge(plan, gather(plan, AT), AT)


def test_every_place_is_a_file_that_is_there(judgement: Judgement) -> None:
    places = {finding.where.file for finding in judgement.findings if finding.where is not None}
    assert {"clusters/one/plan.yaml", "clusters/one/certs/exe2-server.pem", "clusters/one/trust/all.pem"} <= places
    assert all(Path(place).is_file() for place in places), places
    seen = {item.split(":")[0] for finding in judgement.findings for item in finding.evidence if ".zone" in item}
    assert seen == {"clusters/one/zones/example.com.zone"}


@pytest.mark.parametrize(("code", "peer"), [("NAM001", 2), ("VAL001", 3), ("VAL004", 1)])
def test_what_is_amiss_in_a_certificate_stands_in_its_file(judgement: Judgement, code: str, peer: int) -> None:
    places = [str(finding.where) for finding in judgement.findings if finding.code == code]
    assert places == [f"clusters/one/certs/exe{peer}-server.pem:1"]


def test_a_certificate_that_was_not_read_is_named_where_the_plan_names_it(tmp_path: Path) -> None:
    draft = faulty()
    del draft.peer(2)["server_certificate"]
    judgement = draft.judge(tmp_path)
    (gap,) = [finding for finding in judgement.findings if finding.code == "NAM006"]
    assert gap.where is not None
    assert gap.where.file == judgement.plan.file


@pytest.mark.parametrize("form", ["text", "markdown", "junit", "json", "csv", "sarif"])
def test_every_form_joins_the_folder_once(judgement: Judgement, form: str) -> None:
    shown = render(judgement, form, width=200).replace("\\", "")
    assert "clusters/one/certs/exe2-server.pem" in shown
    assert shown.count("certs/exe2-server.pem") == shown.count("clusters/one/certs/exe2-server.pem")
    assert "clusters/one/clusters" not in shown


def test_a_file_is_called_as_the_plan_calls_it_so_that_waivers_and_fingerprints_stay(judgement: Judgement) -> None:
    names = {finding.subject.name for finding in judgement.findings if finding.code in ("TRU020", "DNS019")}
    assert names == {"trust/all.pem", "zones/example.com.zone"}


def test_a_file_named_whole_stays_as_it_is(tmp_path: Path) -> None:
    draft = faulty()
    path = draft.write(tmp_path)
    whole = str(tmp_path / "certs" / "exe2-server.pem")
    path.write_text(path.read_text().replace("certs/exe2-server.pem", whole))
    plan = load_plan(path)
    (finding,) = [found for found in judge(plan, gather(plan, AT), AT).findings if found.code == "NAM001"]
    assert finding.where is not None
    assert finding.where.file == whole
