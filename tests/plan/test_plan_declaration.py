"""A field of the plan is added in one place: reading, schema, template, docs, writing, editing and forms follow.

That is tried out: into a copy of the package a field is put, a few lines in the one place that declares it, and
everything is asked of that copy.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import certplan
from certplan.plan.model import ClusterType
from certplan.plan.reading import PlanError, read_plan
from certplan.plan.schema import plan_schema
from certplan.plan.targets import adopt, with_target
from certplan.plan.template import plan_template
from certplan.plan.writing import difference, plan_values
from certplan.serve.edits import with_edits
from certplan.serve.fields import target_form, target_texts
from tests.docs import PARTS, ROOT

PACKAGE = Path(certplan.__file__).parent
ADDED = {
    "peers.py": (
        '    h323: Annotated[Flag | None, Stated("whether `H.323 mode` is On", example="true")] = None\n',
        '    rack: Annotated[Words | None, Stated("the rack", example="R12", note="room and rack")] = None\n',
    ),
    "sections.py": (
        "    @property\n    def type(self) -> ClusterType:\n",
        '    site: Annotated[Words | None, Stated("the site", target="the site to be", example="Bonn")] = None\n',
    ),
    "model.py": (
        "    is_target: bool = False\n",
        '    wardens: Annotated[tuple[Name, ...] | None, Stated("who may log on", example="[amy]")] = None\n',
    ),
}
"""By module of `certplan/plan`: the line before which, and what is put there."""
TEXT = """\
certplan: 1
cluster:
  name: expc.example.com
  type: expressway-c
  release: X15.5
  site: Köln
wardens: [amy, bob]
peers:
  - address: exc1.example.com
    lan1: {ip: 10.30.0.11/24}
    rack: R7  # by the door
"""


def plan_of(text: str) -> Any:
    return read_plan(text, "plan.yaml", Path())


def problems_of(text: str) -> list[str]:
    with pytest.raises(PlanError) as caught:
        plan_of(text)
    return [str(problem) for problem in caught.value.problems]


def read_with_its_place() -> None:
    plan = plan_of(TEXT)
    assert (plan.peers[0].rack, plan.cluster.site, plan.wardens) == ("R7", "Köln", ("amy", "bob"))
    assert (plan.where("peers", 0, "rack").line, plan.where("wardens", 1).column) == (11, 16)
    without = [line for line in TEXT.split("\n") if line.split(":")[0].strip() not in ("rack", "site", "wardens")]
    left_out = plan_of("\n".join(without))
    assert (left_out.peers[0].rack, left_out.cluster.site, left_out.wardens) == (None, None, None)


def faulted_in_plain_words() -> None:
    text = TEXT.replace("rack: R7", "rack: [R7]").replace("site: Köln", "sitte: Köln").replace("[amy, bob]", "amy")
    assert problems_of(text) == [
        'plan.yaml:6:3: "sitte" is not a key of cluster; did you mean site?',
        (
            'plan.yaml:7:10: wardens is the text "amy"; expected a list, each entry on its own line behind "- ", '
            "or in brackets: [a, b]"
        ),
        "plan.yaml:11:11: peer 1 rack is a list; expected some text",
    ]


def described_in_the_schema_and_the_docs() -> None:
    schema: Any = plan_schema()
    for section, key, words in (
        (schema["$defs"]["Peer"], "rack", "the rack"),
        (schema["$defs"]["TargetPeer"], "rack", "the rack"),
        (schema["$defs"]["Cluster"], "site", "the site"),
        (schema["$defs"]["Target"], "site", "the site to be"),
        (schema, "wardens", "who may log on"),
    ):
        assert section["properties"][key]["description"] == words
        assert key not in section.get("required", ())
    assert schema["properties"]["wardens"]["type"] == "array"
    assert "wardens" not in schema["$defs"]["Target"]["properties"]
    table = PARTS[ROOT / "docs" / "plan-file.md"]["fields"]()
    assert table.count("| `rack` |  | the rack |") == 1
    assert "| `site` |  | the site to be |" in table


def suggested_by_the_template() -> None:
    text = plan_template(
        name="expc.example.com",
        type=ClusterType.EXPRESSWAY_C,
        release="X15.5",
        peers=2,
        dual_nic=False,
        static_nat=False,
    )
    lines = text.split("\n")
    assert lines.count("    #rack: R12  # room and rack") == 2
    assert lines.count("  #site: Bonn") == lines.count("#wardens: [amy]") == 1
    plan = plan_of(text.replace("#rack", "rack").replace("#site", "site").replace("#wardens", "wardens"))
    assert (plan.peers[1].rack, plan.cluster.site, plan.wardens) == ("R12", "Bonn", ("amy",))


def written_back() -> None:
    values = plan_values(plan_of(TEXT))
    assert (values["peers"][0]["rack"], values["cluster"]["site"], values["wardens"]) == ("R7", "Köln", ["amy", "bob"])


def in_the_target_where_it_belongs() -> None:
    text = with_target(TEXT, {"site": "Bonn", "peers": {"exc1.example.com": {"rack": "R9"}}})
    assert "R7  # by the door" in text
    today = plan_of(text)
    target = today.target_state()
    assert (today.cluster.site, target.cluster.site, target.peers[0].rack) == ("Köln", "Bonn", "R9")
    assert target.where("peers", 0, "rack").line > today.where("peers", 0, "rack").line
    assert difference(today, target) == {"site": "Bonn", "peers": {"exc1.example.com": {"rack": "R9"}}}
    adopted = adopt(text, date(2027, 1, 1))
    done = plan_of(adopted)
    assert (done.cluster.site, done.peers[0].rack, done.target_state()) == ("Bonn", "R9", None)
    assert '"wardens" is not a key of target' in problems_of(f"{TEXT}target: {{wardens: [amy]}}\n")[0]


def in_the_forms_of_the_workbench() -> None:
    plan = plan_of(TEXT)
    fields = {field.name: field for group in target_form(plan, {}, {}) for field in group.inputs()}
    assert (fields["target.site"].value, fields["target.site"].help) == ("Köln", "the site to be")
    assert (fields["target.peers.0.rack"].value, fields["target.peers.0.rack"].label) == ("R7", "Rack")
    edited: Any = with_edits(plan, {"target.peers.0.rack": "R9", "target.site": "Bonn"})
    assert target_texts(edited)["target.peers.0.rack"] == edited.target.peers[0].rack == "R9"


LAWS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        read_with_its_place,
        faulted_in_plain_words,
        described_in_the_schema_and_the_docs,
        suggested_by_the_template,
        written_back,
        in_the_target_where_it_belongs,
        in_the_forms_of_the_workbench,
    )
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, in which three fields are declared."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, folder / "certplan", ignore=shutil.ignore_patterns("__pycache__"))
    for module, (before, added) in ADDED.items():
        file = folder / "certplan" / "plan" / module
        code = file.read_text(encoding="utf-8")
        assert code.count(before) == 1
        file.write_text(code.replace(before, added + before), encoding="utf-8")
    return folder


@pytest.mark.parametrize("law", LAWS)
def test_a_field_that_is_declared_is(law: str, copy: Path) -> None:
    code = f"from tests.plan.test_plan_declaration import LAWS, PACKAGE; LAWS[{law!r}](); print(PACKAGE)"
    paths = os.pathsep.join([str(copy), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=copy,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()) == copy / "certplan"
