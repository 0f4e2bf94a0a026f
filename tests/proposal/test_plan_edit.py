"""Entries put into a plan's text: just these entries, and every other character as it was."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from certplan.plan.model import ClusterType, Plan
from certplan.plan.reading import read_plan
from certplan.plan.template import plan_template
from certplan.proposal.mapping_advice import RowAction, TableRow, advise_mapping, entries_to_write, table_rows
from certplan.proposal.plan_edit import EditRefusedError, with_mapping
from tests.proposal.layouts import cluster, clusters, evidence_of, peer

PEERS = """\
peers:
  - {address: exe1.example.com, lan1: {ip: 10.20.0.11/24}, lan2: {ip: 192.168.50.11/24}}
  - {address: exe2.example.com, lan1: {ip: 10.20.0.12/24}, lan2: {ip: 192.168.50.12/24}}
"""
HEAD = "certplan: 1\ncluster:\n  name: expe.example.com\n  type: expressway-e\n  release: X14.3.4  # today\n"


def read(text: str) -> Plan:
    return read_plan(text, "plan.yaml", Path())


def rows_for(plan: Plan) -> tuple[TableRow, ...]:
    return advise_mapping(plan, evidence_of(plan, [None] * len(plan.peers))).rows


def edited(text: str) -> str:
    return with_mapping(text, rows_for(read(text)))


class TestInsertion:
    def test_behind_the_last_key_of_a_block_with_comments_round_it(self) -> None:
        text = f"# mine\n{HEAD}  # about nothing\n\n{PEERS}"
        assert edited(text) == (
            f"# mine\n{HEAD}  address_mapping:\n    - {{fqdn: exe1.example.com, ip: 10.20.0.11}}\n"
            f"    - {{fqdn: exe2.example.com, ip: 10.20.0.12}}\n  # about nothing\n\n{PEERS}"
        )

    def test_the_indentation_and_line_ends_are_the_files_own(self) -> None:
        text = (HEAD.replace("\n  ", "\n      ") + PEERS).replace("\n", "\r\n")
        assert edited(text) == text.replace(
            "# today\r\n",
            "# today\r\n      address_mapping:\r\n        - {fqdn: exe1.example.com, ip: 10.20.0.11}\r\n"
            "        - {fqdn: exe2.example.com, ip: 10.20.0.12}\r\n",
        )

    def test_at_the_end_of_a_file_without_a_last_line_end(self) -> None:
        text = "certplan: 1\n" + PEERS + HEAD.removeprefix("certplan: 1\n").rstrip()
        assert edited(text) == (
            f"{text}\n  address_mapping:\n    - {{fqdn: exe1.example.com, ip: 10.20.0.11}}\n"
            "    - {fqdn: exe2.example.com, ip: 10.20.0.12}"
        )

    def test_within_braces(self) -> None:
        text = "certplan: 1\ncluster: {name: expe.example.com, type: expressway-e, release: X14.3.4 }  # all\n" + PEERS
        assert "release: X14.3.4, address_mapping: [{fqdn: exe1.example.com, ip: 10.20.0.11}, {" in edited(text)
        assert edited(text).endswith(" }  # all\n" + PEERS)

    def test_json_stays_json(self) -> None:
        values = cluster([peer(1), peer(2)])
        for indent in (None, 1, 4):
            text = json.dumps(values, indent=indent)
            written = json.loads(edited(text))
            assert written["cluster"].pop("address_mapping") == [
                {"fqdn": "exe1.example.com", "ip": "10.20.0.11"},
                {"fqdn": "exe2.example.com", "ip": "10.20.0.12"},
            ]
            assert written == values

    def test_the_plan_that_init_writes(self) -> None:
        text = plan_template(
            name="expe.example.com",
            type=ClusterType.EXPRESSWAY_E,
            release="X14.3.4",
            peers=2,
            dual_nic=True,
            static_nat=True,
        )
        new = edited(text)
        added = [line for line in new.splitlines() if line not in text.splitlines()]
        assert len(added) == 3
        assert [line for line in new.splitlines() if line not in added] == text.splitlines()


class TestReplacement:
    TABLE = (
        "  address_mapping:\n"
        "    # the first\n"
        "    - {fqdn: exe1.example.com, ip: 203.0.113.11}   # was public\n"
        "    - fqdn: 'exe2.corp.example.com'  # the inside name\n"
        "      ip: 10.20.0.12\n"
        "    - {fqdn: exe9.example.com, ip: 10.9.9.9}  # left over\n"
        "    # the end\n"
    )

    def test_only_what_differs_is_exchanged_and_comments_stay(self) -> None:
        table = (
            "  address_mapping:\n"
            "    # the first\n"
            "    - {fqdn: exe1.example.com, ip: 10.20.0.11}   # was public\n"
            "    - fqdn: exe2.example.com  # the inside name\n"
            "      ip: 10.20.0.12\n"
            "    # the end\n"
        )
        assert edited(HEAD + self.TABLE + PEERS) == HEAD + table + PEERS

    def test_a_row_is_added_in_the_column_of_the_others(self) -> None:
        table = "  address_mapping:\n  - {fqdn: exe2.example.com, ip: 10.20.0.12}  # here\n"
        assert edited(HEAD + table + PEERS) == (f"{HEAD}{table}  - {{fqdn: exe1.example.com, ip: 10.20.0.11}}\n{PEERS}")

    def test_a_right_table_is_not_touched_at_all(self) -> None:
        table = (
            "  address_mapping: [{ip: 10.20.0.12, fqdn: EXE2.example.com}, {fqdn: exe1.example.com, ip: 10.20.0.11}]\n"
        )
        assert edited(HEAD + table + PEERS) == HEAD + table + PEERS

    def test_twice_is_once(self) -> None:
        once = edited(HEAD + self.TABLE + PEERS)
        assert edited(once) == once

    def test_an_empty_table_in_brackets_is_filled(self) -> None:
        assert edited(f"{HEAD}  address_mapping: []  # On\n{PEERS}") == (
            f"{HEAD}  address_mapping: [\n    {{fqdn: exe1.example.com, ip: 10.20.0.11}},\n"
            f"    {{fqdn: exe2.example.com, ip: 10.20.0.12}}]  # On\n{PEERS}"
        )

    def test_ipv6_addresses_are_put_in_quotes(self) -> None:
        peers = "peers:\n  - {address: exe1.example.com, lan1: {ip: 'fd00::11/64'}, lan2: {ip: '2001:db8::11/64'}}\n"
        assert '    - {fqdn: exe1.example.com, ip: "fd00::11"}\n' in edited(HEAD + peers)


class TestRefusal:
    def test_comments_in_brackets_would_be_lost(self) -> None:
        row = "{fqdn: exe1.example.com, ip: 10.20.0.11}"
        table = f"  address_mapping: [\n    {row},  # one\n    {{fqdn: x.y, ip: 10.9.9.9}}]\n"
        with pytest.raises(EditRefusedError, match="comments"):
            edited(HEAD + table + PEERS)

    def test_a_hyphen_on_a_line_of_its_own(self) -> None:
        table = "  address_mapping:\n    -\n      fqdn: exe9.example.com\n      ip: 10.9.9.9\n"
        with pytest.raises(EditRefusedError, match="hyphen"):
            edited(HEAD + table + PEERS)

    def test_a_value_as_a_block_of_text(self) -> None:
        table = "  address_mapping:\n    - fqdn: |-\n        exe1.example.com.example.com\n      ip: 10.20.0.11\n"
        with pytest.raises(EditRefusedError, match="not understood"):
            edited(HEAD + table + PEERS)

    def test_a_text_that_is_no_plan_any_more(self) -> None:
        with pytest.raises(EditRefusedError, match="no plan"):
            with_mapping("certplan: 2", rows_for(read(HEAD + PEERS)))


def block(value: Any, indent: int, draw: st.DataObject) -> list[str]:
    """Lines of YAML for plain values, in any mixture of blocks, brackets, quotes, comments and blank lines."""
    lead = " " * indent
    noise = draw.draw(st.sampled_from([[], [], [f"{lead}# a: comment - {{x}}"], [""]]))
    tail = draw.draw(st.sampled_from(["", "", "  # behind: [it]", "   "]))
    items = list(value.items()) if isinstance(value, dict) else [(None, each) for each in value]
    lines: list[str] = []
    step = draw.draw(st.integers(1, 4))
    for name, each in items:
        head = f"{lead}- " if name is None else f"{lead}{draw.draw(st.sampled_from([name, json.dumps(name)]))}: "
        lines += noise
        if isinstance(each, dict | list) and each and draw.draw(st.booleans()):
            nested = block(each, len(head) if name is None else indent + step, draw)
            if name is None:
                first = next(n for n, line in enumerate(nested) if line.strip() and not line.lstrip().startswith("#"))
                lines += [line for line in nested[:first] if not line.strip()]
                lines += [head + nested[first].lstrip(), *nested[first + 1 :]]
            else:
                lines += [head.rstrip() + tail, *nested]
        else:
            text = flow(each, draw)
            lines.append(f"{head}{text}{tail}")
    return lines


def flow(value: Any, draw: st.DataObject) -> str:
    blank = draw.draw(st.sampled_from(["", " "]))
    if isinstance(value, dict):
        return f"{{{blank}{', '.join(f'{json.dumps(k)}: {flow(v, draw)}' for k, v in value.items())}{blank}}}"
    if isinstance(value, list):
        return f"[{blank}{', '.join(flow(v, draw) for v in value)}{blank}]"
    return draw.draw(st.sampled_from([json.dumps(str(value)), f"'{value}'"]))


def comments(text: str) -> list[str]:
    """Every comment of a text that has no other number sign, in order."""
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


class TestLaws:
    @settings(max_examples=60)
    @given(clusters(), st.data())
    def test_what_is_read_back_is_the_plan_with_just_these_entries(self, drawn: Any, data: st.DataObject) -> None:
        values, names = drawn
        keys = data.draw(st.permutations(list(values["cluster"])))
        values = {**values, "cluster": {key: values["cluster"][key] for key in keys}}
        text = "\n".join(block(values, 0, data))
        text = (text + data.draw(st.sampled_from(["", "\n", "\n\n", "\n# the end"]))).replace(
            "\n", data.draw(st.sampled_from(["\n", "\r\n"]))
        )
        plan = read(text)
        rows = table_rows(plan, advise_mapping(plan, evidence_of(plan, names)).suggestion.entries)
        wanted = entries_to_write(rows)
        try:
            new = with_mapping(text, rows)
        except EditRefusedError as error:
            refused = str(error)
        else:
            refused = ""
        if refused:
            # Nothing this writes is beyond editing but for the comments that brackets would lose.
            assert not wanted or "comments" in refused
            return
        assert read(new) == replace(plan, cluster=replace(plan.cluster, stated_address_mapping=wanted))
        if all(row.action is not RowAction.DELETE for row in rows):
            assert comments(new) == comments(text)
        again = table_rows(read(new), advise_mapping(read(new), evidence_of(plan, names)).suggestion.entries)
        if entries_to_write(again) == wanted:
            assert with_mapping(new, again) == new

    @given(st.text(alphabet="certplan: 1\n{}[]#-'\"|>&*!?,xyz", max_size=60))
    @example("")
    def test_no_text_makes_it_raise_anything_else(self, text: str) -> None:
        with pytest.raises(EditRefusedError):
            with_mapping(text, rows_for(read(HEAD + PEERS)))
