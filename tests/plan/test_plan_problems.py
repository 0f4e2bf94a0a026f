"""What is said of the fields of a plan file that mean nothing."""

import re

import pytest

from tests.plan.reading import LEAST, plan_of, problems_of, sample_with, the_problem


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        sample_with("14.3.4\n  tls", "15,4\n  tls")
        .replace("h323: true", "h323: maybe")
        .replace("certplan: 1", "certplan: 2")
        .replace("until: 2027-01-31", "untill: x")
    )
    assert problems_of(text) == [
        (
            'plan.yaml:1:11: certplan "2" is not a plan version this certplan reads; '
            'expected 1, the only one it knows; write "certplan: 1", or use a newer certplan'
        ),
        'plan.yaml:5:12: release "X15,4" is not an Expressway release; expected something like X14.3.4',
        'plan.yaml:28:11: peer 1 h323 "maybe" is neither yes nor no; expected true or false',
        (
            "plan.yaml:52:5: waiver 1 until is missing; "
            "expected the last day the waiver holds (UTC), such as 2027-01-31; add it"
        ),
        'plan.yaml:52:79: "untill" is not a key of waiver 1; did you mean until?',
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("type: expressway-e", "type: expe", "did you mean expressway-e?"),
        ("type: expressway-e", "type: Expressway Core", "did you mean expressway-c?"),
        ("verification: permissive", "verification: enforced", "did you mean enforce?"),
        ("ip_version: ipv4", "ip_version: both", "expected ipv4 or ipv6"),
        ("primary: 1", "primary: 0", "whole number from 1 on"),
        ("primary: 1", "primary: one", "whole number from 1 on"),
        ("primary: 1", "primary: 1.0", "whole number from 1 on"),
        ("primary: 1", f"primary: {'9' * 5000}", "whole number from 1 on"),
        ("ip: 10.20.0.11}", "ip: 10.20.0.11/24}", "expected the bare address 10.20.0.11"),
        ("ip: 10.20.0.11}", "ip: 010.20.0.11}", "is not an IP address"),
        ("10.20.0.11/24", "10.20.0.11/33", "expected one such as /24 or /255.255.255.0"),
        ("10.20.0.11/24", "10.20.0.11/0.0.0.255", "something other than a network mask"),
        ("10.20.0.11/24", "fe80::1%eth0/64", "is not an IP address"),
        ("host_name: exe1", "host_name: exe 1", "has white space"),
        ("host_name: exe1", 'host_name: ""', "is blank"),
        ("host_name: exe1", "host_name: " + "a" * 256, "256 characters; expected at most 255"),
        ("host_name: exe1", 'host_name: "a\\0"', "U+0000"),
        ("keys/exe1.key", "' '", "expected the name of a file"),
        ("ntp: [ntp1.example.com]", "ntp: ntp1.example.com", 'is the text "ntp1.example.com"; expected a list'),
        ("ntp: [ntp1.example.com]", "ntp: {a: b}", "is a section of keys; expected a list"),
        ("ntp: [ntp1.example.com]", "ntp: [[a]]", "ntp entry 1 is a list; expected a name"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: [10.20.0.11/24]", "expected a section with keys such as ip, static_nat"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: 10.20.0.300/24", 'peer 1 lan1.ip "10.20.0.300/24" is not an IP address'),
        ("    - {fqdn: exe1.example.com, ip: 10.20.0.11}", "    on", "expected a list of {fqdn, ip}, off or unknown"),
        ("corp.example.com: internal", "corp.example.com: inward", "is not a view of this plan"),
        ("port: 7001", "port: 70010", "is not a port; expected a whole number from 1 to 65535"),
        ("kind: unified-cm", "kind: cucm", "expected unified-cm, im-presence or unity"),
        ("    type: unified-communications-traversal", "    type: uc", "zone 1 type"),
        ("[exe2.example.com]\n", "[exe9.example.com]\n", "is not the address of a peer today"),
        ("removed_peers: [exe2.example.com]", "removed_peers: [exe1.example.com]", "is among removed_peers as well"),
        ("exe3.example.com: {address: exe3.example.com, lan1: {ip: 10.20.0.13/24}}",
         "exe3.example.com: {system_name: exe3}", "a peer to be added needs its lan1"),
        ("  tls_verification: enforce", "  tls_verification: unknown", "expected permissive or enforce"),
        ("{server: public, client: private}", "{server: public, clients: private}", "did you mean client?"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: [a]", "is a list; expected a section"),
        ("lan1: {ip: 10.20.0.11/24}", "lan1: {}", "peer 1 lan1.ip is missing"),
        ("dns: public  ", "dns: pubic  ", 'did you mean "public"?'),
        ("public:   {servers: [192.0.2.53]}", "public: {}", "dns.public says nowhere to ask"),
        ("public:   {servers: [192.0.2.53]}", "public: {records: []}", "dns.public says nowhere to ask"),
        ("servers: [192.0.2.53]", "servers: [ns1.example.com]", "expected an IP address, with a port as"),
        ("servers: [192.0.2.53]", 'servers: ["192.0.2.53:0"]', "expected one from 1 to 65535"),
        ("servers: [192.0.2.53]", "servers: [[2001:db8::53]:53]", "quote it"),
        ("lab:    {", '"la b": {', '"la b" is not a name for a view'),
        ("system_name: exe1", "system_name: ' '", "is blank; expected some text"),
        ("system_name: exe1", "system_name: " + "a" * 5000, "5000 characters; expected at most 4096"),
        ("keys/exe1.key", "a" * 5000, "5000 characters; expected at most 4096"),
        ('"exe1.example.com. A 203.0.113.11"', "' '", "is blank; expected a line of text"),
        ('"exe1.example.com. A 203.0.113.11"', "a" * 5000, "5000 characters; expected at most 4096"),
        ("[10.0.0.0/8]", "[10.0.0.1/8]", "first address: 10.0.0.0/8"),
        ("[10.0.0.0/8]", "[ten]", "expected one such as 10.0.0.0/8"),
        ('exe2.example.com": 12', 'exe1.example.com": 12', "names one peer twice"),
        ('exe2.example.com": 12', '": 12', "does not name two peers"),
        (": 12}", ": 12ms}", "without a unit"),
        (": 12}", ": -1}", "number of milliseconds"),
        (": 12}", ": nan}", "number of milliseconds"),
        ("12}", '12, "exe2.example.com exe1.example.com": 3}', "the same pair as on line 49"),
        ("NAM009: ignore", "NAM009: erorr", "did you mean error?"),
        ("NAM009: ignore", '"a rule": error', 'expected one that "certplan rules" lists'),
        ("NAM009: ignore", "NAM009: ignore, nam009: error", "the rule of line 50 again"),
        ("until: 2027-01-31", "until: 2027-02-30", "is not a day of the calendar"),
        ("until: 2027-01-31", "until: 20270131", "expected year-month-day"),
        ("rule: DNS006, ", "", "waiver 1 rule is missing"),
        ("certificate_authority: private  ", "certificate_authority: internal  ", "expected public, private or acme"),
    ],
)  # fmt: skip
def test_a_fault_is_said_in_plain_words(old: str, new: str, says: str) -> None:
    problem = the_problem(old, new)
    assert says in problem
    assert re.match(r"plan\.yaml:\d+:\d+: ", problem)
    assert not re.search(r"pydantic|validator|Value error|input_|Blank|NoneType|\bstr\b|\bdict\b", problem)


def test_an_unknown_key_elsewhere_known_is_sent_there() -> None:
    problem = the_problem("  primary: 1", "  lan2: {ip: 10.0.0.1}")
    assert problem.startswith('plan.yaml:8:3: "lan2" is not a key of cluster')
    assert "it belongs in a peer: move it there" in problem


def test_an_empty_value_is_told_to_be_filled_in_or_removed() -> None:
    assert the_problem("    h323: true", "    h323:") == (
        "plan.yaml:28:5: peer 1 h323 is empty; expected true or false; fill it in or remove the line"
    )
    assert the_problem("  release: X14.3.4\n  tls", "  release: ~\n  tls").endswith("; fill it in")
    assert the_problem("[trust/exe1.pem]", "[trust/exe1.pem, null]").endswith("; fill it in or remove the entry")


def test_a_key_without_its_colon_inside_braces_is_told_so() -> None:
    assert "has no colon and no value" in the_problem("static_nat: 203.0.113.11", "static_nat")
    assert "put a space behind the colon" in the_problem("static_nat: 203.0.113.11", "static_nat:203.0.113.11")
    assert "put text that has a comma in quotes" in the_problem("static_nat: 203.0.113.11", "outside")


def test_a_key_given_twice_is_reported_with_both_lines() -> None:
    assert the_problem("    domain: example.com", "    host_name: exe9") == (
        'plan.yaml:16:5: "host_name" is a duplicate key, the first is on line 15; keep one of the two'
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("system_name: exe1", "system_name: &a exe1", 'an anchor "&a"'),
        ("system_name: exe1", "system_name: *a", 'an alias "*a"'),
        ("system_name: exe1", "<<: {system_name: exe1}", 'a merge key "<<"'),
        ("system_name: exe1", "system_name: !!str exe1", 'a tag "!!str"'),
        ("system_name: exe1", "system_name: !python/name:os.system exe1", 'a tag "!python/name:os.system"'),
        ("system_name: exe1", "? [system_name]\n    : exe1", "a list as a key"),
        ("system_name: exe1", "? {a: b}\n    : {c: [d]}", "a mapping as a key"),
        ("waivers:", "---\nwaivers:", "a second document begins here"),
        ("system_name: exe1", "~: exe1", "a value without a key"),
    ],
)  # fmt: skip
def test_yaml_that_hides_what_it_says_is_refused(old: str, new: str, says: str) -> None:
    assert any(says in problem for problem in problems_of(sample_with(old, new)))


def test_an_anchor_refused_does_not_hide_the_faults_within_it() -> None:
    problems = problems_of(sample_with("lan1: {ip: 10.20.0.11/24}", "lan1: &a {ip: ten}"))
    assert ["an anchor" in problems[0], "is not an IP address" in problems[1]] == [True, True]


@pytest.mark.parametrize(("text", "says"), [("*a", "an alias"), ("{[a]: b}", "a list as a key")])
def test_a_plan_that_is_refused_whole_is_one_problem(text: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert says in problem


def test_a_cut_off_key_of_odd_white_space_is_only_an_unknown_key() -> None:
    assert r'"\xa0" is not a key of peer 1 lan2' in the_problem("static_nat: 203.0.113.11", "\u00a0")


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 'x\nb: c\n", "1:4", "this quote is never closed"),
        ("a: [1\nb: 2\n", "2:2", 'begun on line 1 is not closed, or a comma is missing; expected "," or "]"'),
        ("\ta: b\n", "1:1", "a tab in the indentation"),
        ("a: b: c\n", "1:5", "a colon out of place"),
        ("certplan:1\ncluster: x\n", "2:8", "put a space behind every key's colon"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "does not fit the section begun on line 1"),
        ("a: @x\n", "1:4", 'a value cannot begin with "@"; put the value in quotes'),
        ('a: "C:\\dir"\n', "1:7", "a backslash inside double quotes"),
        ('a: "\\ud800"\n', "1:7", "represents no character"),
        ("a: 1\nfoo\nb: 2\n", "3:1", 'a line begun on line 2 that is not "key: value"'),
        (" a: b\nc: d\n", "2:1", "indent the keys of a section alike"),
        ("a: ]\n", "1:4", 'a value was expected before "]"'),
        ("a: [2001:db8::]\n", "1:14", "put the value in quotes"),
    ],
)
def test_a_slip_of_yaml_is_one_problem_in_plain_words(text: str, place: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"plan.yaml:{place}: not YAML: ")
    assert says in problem


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the plan is empty"),
        ("# nothing\n", "the plan is empty"),
        ("---\n", "the plan is empty"),
        ("~\n", "the plan is empty"),
        ("- a\n", "the file holds a list"),
        ("-----BEGIN CERTIFICATE-----\nMII\n", 'the file holds one piece of text "-----BEGIN CERTIFICATE----- MII"'),
    ],
)
def test_what_is_no_plan_at_all_is_told_how_to_begin(text: str, says: str) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"plan.yaml:1:1: {says}")
    assert "certplan init" in problem


def test_no_peers_is_a_problem_and_seven_are_left_to_the_rules() -> None:
    head = "certplan: 1\ncluster: {name: a, type: expressway-c, release: X15}\npeers:"
    assert problems_of(f"{head} []\n") == ["plan.yaml:3:8: peers has no entries; expected 1 to 64"]
    peer = "\n  - {address: a, lan1: {ip: 10.0.0.1}}"
    assert len(plan_of(head + peer * 7).peers) == 7
    assert problems_of(head + peer * 65) == ["plan.yaml:4:3: peers has 65 entries; expected 1 to 64"]


def test_problems_of_one_peer_do_not_make_the_peers_too_few() -> None:
    text = LEAST.replace("lan1: {ip: 10.30.0.11}", "lan1: {ip: x}")
    assert len(problems_of(text)) == 1


def test_a_peer_may_name_the_usual_views_when_the_plan_has_no_dns_but_no_other() -> None:
    assert plan_of(f"{LEAST}    dns: public\n").peers[0].dns == "public"
    assert 'dns "lab" is not a view of this plan' in problems_of(f"{LEAST}    dns: lab\n")[0]


def test_problems_beyond_number_are_counted_not_listed() -> None:
    text = "".join(f"k{number}: v\n" for number in range(1000))
    problems = problems_of(text)
    assert len(problems) == 201
    assert "and 803 more problems" in problems[-1]


def test_what_users_wrote_is_shown_escaped_and_short() -> None:
    problem = the_problem("h323: true", 'h323: "\\e[31m\\u202e' + "x" * 500 + '"')
    assert r"\x1b[31m\u202e" in problem
    assert "…" in problem
    assert len(problem) < 200
    assert problem.isprintable()


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{" * 200_000, "- " * 200_000, "? " * 200_000, "a: " + "[" * 40 + "]" * 40],
)
def test_deep_nesting_is_refused_not_followed(text: str) -> None:
    assert any("nested over 32 deep" in problem for problem in problems_of(text))


def test_too_many_values_are_refused() -> None:
    assert any("over 100000 values" in problem for problem in problems_of("a: [" + "a," * 100_000 + "]"))
