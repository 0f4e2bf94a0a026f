"""Exports damaged anywhere give a plan that reads back, or a reason in words; never anything else."""

import io
import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from certplan.plan.reading import read_plan
from certplan.sources.archive import Budget, unpack
from certplan.sources.importing import ClusterPlan, plans_of, read_exports
from certplan.sources.merge import Given
from certplan.sources.planfile import NoPlan
from tests.sources.exports import Node, peer_files, tar_gz, xconf
from tests.sources.test_import_law import clusters

NOISE = [
    *(
        "\n",
        "\r",
        '"',
        ":",
        " ",
        "*c xConfiguration ",
        "#",
        "{",
        "[",
        "- ",
        "\t",
        "\x00",
        "\x1b[31m",
        "\u202e",
        "é",
        "'",
    ),
    *(
        "unknown",
        "off",
        "../../etc/passwd",
        "null",
        "!!python/object",
        "&a",
        "*a",
        "|",
        ">",
        "%",
        "@",
        "`",
        "\U0001d54f",
        "\x85",
    ),
]


def damaged(text: str, seed: int, count: int) -> str:
    """The text with pieces taken out, doubled and put in at places that `seed` chooses."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(count):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(3):
            case 0:
                text = text[:at] + text[at + chance.randrange(20) :]
            case 1:
                text = text[:at] + chance.choice(NOISE) + text[at:]
            case _:
                end = at + chance.randrange(60)
                text = text[:end] + text[at:end] + text[end:]
    return text


def plans(files: dict[str, bytes]) -> tuple[ClusterPlan, ...]:
    exports = read_exports(unpack(io.BytesIO(tar_gz(files)), "archive", "folder", Budget()))
    try:
        return plans_of(exports, Given(), {}, "head")
    except NoPlan:
        return ()


@settings(max_examples=150, deadline=None)
@given(clusters(), st.integers(0, 2**32), st.integers(1, 30))
def test_damaged_exports_give_a_plan_or_a_reason(
    cluster: tuple[list[Node], dict[str, object]], seed: int, count: int
) -> None:
    node = cluster[0][0]
    files = peer_files(node)
    name = next(name for name in files if name.startswith("xconf"))
    files[name] = damaged(xconf(node), seed, count).encode()
    files["clustering.txt"] = damaged(
        f"Cluster name {node.cluster_name}\nTLS verification mode Enforce\nPeer 1 address {node.peers[0]}\n"
        "Certificate: Valid\nClustering: This system\n",
        seed,
        count // 3,
    ).encode()
    for plan in plans(files):
        assert read_plan(plan.text, "plan.yaml", Path()).peers
        assert all(".." not in file and not file.startswith("/") for file in plan.imported.files)
        assert "\u202e" not in plan.text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "IP DNS Hostname",
                    "IP DNS Domain Name",
                    "Alternates Peer 1 Address",
                    "Alternates Peer 2 Address",
                    "Alternates Cluster Name",
                    "Alternates ConfigurationPrimary",
                    "SystemUnit Name",
                    "NTP Server 1 Address",
                    "Option 1 Key",
                    "SIP Domain 1 Name",
                    "Zones Zone 1 Name",
                    "Zones Zone 1 TraversalServer SIP Port",
                    "Ethernet 1 IP V4 Address",
                    "Zones Zone 1 TraversalServer SIP TLS Verify Subject Name",
                ]
            ),
            st.text(max_size=80),
        ),
        max_size=20,
    )
)
def test_any_values_give_a_plan_or_a_reason(values: list[tuple[str, str]]) -> None:
    lines = [f'*c xConfiguration {path}: "{value}"' for path, value in values]
    lines += ["*c xConfiguration SIP Domain 1 Edge: On", "*c xConfiguration Zones Zone 1 Type: TraversalServer"]
    for plan in plans({"x.txt": "\n".join(lines).encode("utf-8", "replace")}):
        assert read_plan(plan.text, "plan.yaml", Path()).peers
