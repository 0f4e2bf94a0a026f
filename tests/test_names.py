"""The laws of names: keys, defects, comparison, the explanation of a miss, and safe showing."""

import string
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from service_identity import VerificationError
from service_identity.hazmat import DNS_ID, DNSPattern, verify_service_identity

from certplan.text.names import (
    NameDefect,
    defects,
    explain_miss,
    is_fqdn,
    is_ip,
    key,
    labels,
    matching,
    parent,
    same,
    show,
    typo,
)

_LETTERS = string.ascii_letters
_INNER = _LETTERS + string.digits + "-"

label = st.one_of(
    st.text(_LETTERS + string.digits, min_size=1, max_size=3),
    st.builds(
        lambda first, inner, last: first + inner + last,
        st.sampled_from(_LETTERS),
        st.text(_INNER, max_size=12),
        st.sampled_from(_LETTERS + string.digits),
    ),
)
last_label = st.builds(lambda first, rest: first + rest, st.sampled_from(_LETTERS), st.text(_LETTERS, max_size=5))
fqdn = st.builds(lambda front, last: ".".join([*front, last]), st.lists(label, min_size=1, max_size=4), last_label)
anything = st.text(max_size=60) | st.text("aA.-_*ü0é \u200b\u202e%:/[]\x1b\ud800", max_size=30)


class TestKey:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("EXE1.Example.COM", "exe1.example.com"),
            ("exe1.example.com.", "exe1.example.com"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("BU\u0308CHER.example.", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("", ""),
            (".", ""),
            ("a..", "a.."),
        ],
    )
    def test_is_a_labels_in_lower_case_without_the_root_dot(self, text: str, expected: str) -> None:
        assert key(text) == expected

    def test_keeps_what_cannot_be_an_a_label_in_lower_case(self) -> None:
        assert key("Ü_X.Example") == "ü_x.example"

    def test_does_not_drop_invisible_characters(self) -> None:
        assert key("exe1\u200b.example.com") != "exe1.example.com"
        assert key("\uff45\uff58\uff451.example.com") != "exe1.example.com"

    @given(anything)
    def test_of_a_key_is_itself_and_it_never_raises(self, text: str) -> None:
        assert key(key(text)) == key(text)

    def test_of_a_key_is_itself_for_every_character(self) -> None:
        for code in range(0, 0x11000, 7):
            for text in (chr(code), f"a{chr(code)}", f"{chr(code)}b."):
                assert key(key(text)) == key(text), text.encode("unicode_escape")

    @given(fqdn)
    def test_does_not_depend_on_case_or_root_dot(self, name: str) -> None:
        assert key(name) == key(name.upper()) == key(name.swapcase()) == key(f"{name}.")

    def test_of_a_monstrous_name_is_not_kept_in_memory(self) -> None:
        from certplan.text import names

        worked_out: list[int] = []

        @names._remembered
        def remembered(text: str) -> str:
            worked_out.append(len(text))
            return text

        for name in ("exe1", "exe1", "Ü" * 100_000, "Ü" * 100_000):
            assert remembered(name) == name
        assert worked_out == [4, 100_000, 100_000]
        assert key("Ü" * 100_000) == "ü" * 100_000


def test_an_ascii_name_does_not_import_idna() -> None:
    program = (
        "import sys; from certplan.text import names; names.key('EXE1.example.com'); names.defects('exe1.example.com');"
        "assert 'idna' not in sys.modules; names.key('bücher.example'); assert 'idna' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


class TestDefects:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("exe1.example.com", set()),
            ("xn--bcher-kva.example", set()),
            ("1exe.example.com", set()),
            ("", {NameDefect.EMPTY}),
            ("10.0.0.1", {NameDefect.IP_ADDRESS}),
            ("2001:db8::1", {NameDefect.IP_ADDRESS}),
            ("exe1", {NameDefect.SINGLE_LABEL}),
            ("exe1.", {NameDefect.SINGLE_LABEL, NameDefect.TRAILING_DOT}),
            ("*.example.com", {NameDefect.WILDCARD}),
            ("e*1.example.com", {NameDefect.WILDCARD}),
            ("exe_1.example.com", {NameDefect.UNDERSCORE}),
            ("exe1.example.com.", {NameDefect.TRAILING_DOT}),
            ("exe1..example.com", {NameDefect.EMPTY_LABEL}),
            (".example.com", {NameDefect.EMPTY_LABEL}),
            (".", {NameDefect.EMPTY_LABEL, NameDefect.TRAILING_DOT}),
            (f"{'a' * 63}.example.com", set()),
            (f"{'a' * 64}.example.com", {NameDefect.LABEL_TOO_LONG}),
            (".".join(["a" * 62] * 3 + ["b" * 64]), {NameDefect.LABEL_TOO_LONG}),
            (".".join(["a" * 63] * 3 + ["b" * 61]), set()),
            (".".join(["a" * 63] * 3 + ["b" * 62]), {NameDefect.NAME_TOO_LONG}),
            ("-exe1.example.com", {NameDefect.HYPHEN_AT_EDGE}),
            ("exe1.example-.com", {NameDefect.HYPHEN_AT_EDGE}),
            ("exe1.example.4com", {NameDefect.LAST_LABEL_NOT_ALPHABETIC_START}),
            ("10.0.0.256", {NameDefect.LAST_LABEL_NOT_ALPHABETIC_START}),
            ("exe 1.example.com", {NameDefect.ILLEGAL_CHARACTER}),
            ("exe1.example.com\x00", {NameDefect.ILLEGAL_CHARACTER}),
            ("exe1\u200b.example.com", {NameDefect.ILLEGAL_CHARACTER}),
            ("bücher.example", {NameDefect.NOT_ASCII}),
            ("bücher.exa mple", {NameDefect.NOT_ASCII, NameDefect.ILLEGAL_CHARACTER}),
        ],
    )
    def test_are_all_found_and_nothing_else(self, text: str, expected: set[NameDefect]) -> None:
        assert set(defects(text)) == expected

    @given(fqdn)
    def test_a_clean_name_has_none_and_its_rooted_form_only_the_dot(self, name: str) -> None:
        assume(not is_ip(name) and len(name) <= 253)
        assert defects(name) == ()
        assert defects(f"{name}.") == (NameDefect.TRAILING_DOT,)
        assert is_fqdn(name)
        assert is_fqdn(f"{name}.")

    @given(anything)
    def test_never_raises_and_a_name_without_defects_is_made_of_legal_characters(self, text: str) -> None:
        if not defects(text):
            assert set(text) <= set(_INNER + ".")
            assert 1 < len(labels(text)) <= 127

    def test_each_has_words_of_its_own_that_complete_a_sentence(self) -> None:
        words = [defect.words for defect in NameDefect]
        assert len(set(words)) == len(words)
        assert all(phrase.split()[0] in {"has", "is", "ends"} for phrase in words)


@pytest.mark.parametrize("text", ["fe80::1%eth0", "10.0.0", "010.0.0.1", "[2001:db8::1]", "exe1.example.com", ""])
def test_no_other_text_is_an_ip_address(text: str) -> None:
    assert not is_ip(text)


def test_labels_and_parent_are_as_spelled_without_the_root_dot() -> None:
    assert labels("Exe1.Example.COM.") == ("Exe1", "Example", "COM")
    assert labels("") == labels(".") == ()
    assert parent("Exe1.Example.COM.") == "Example.COM"
    assert parent("exe1") == parent("") == ""


class TestSame:
    @given(fqdn)
    def test_is_reflexive_on_clean_names_in_any_case(self, name: str) -> None:
        assert same(name, name)
        assert same(name.lower(), name.upper())

    @given(fqdn, fqdn)
    def test_is_symmetric_on_clean_names(self, one: str, other: str) -> None:
        assert same(one, other) == same(other, one)

    @given(fqdn)
    def test_forgives_the_root_dot_in_the_plan_only(self, name: str) -> None:
        assert same(f"{name}.", name)
        assert not same(name, f"{name}.")
        assert not same(f"{name}.", f"{name}.")

    @given(fqdn)
    def test_never_matches_by_wildcard(self, name: str) -> None:
        wildcard = f"*.{parent(name)}"
        assert not same(name, wildcard)
        assert not same(wildcard, wildcard)

    @given(fqdn, label)
    def test_takes_the_whole_name(self, name: str, more: str) -> None:
        assert not same(name, f"{more}.{name}")
        assert not same(f"{more}.{name}", name)

    def test_wants_a_labels_in_the_certificate(self) -> None:
        assert same("bücher.example", "XN--bcher-kva.example")
        assert not same("bücher.example", "bücher.example")

    def test_nothing_is_the_same_as_an_empty_name(self) -> None:
        assert not same("", "")
        assert not same(".", "")

    @given(anything, anything)
    def test_never_raises(self, wanted: str, offered: str) -> None:
        assert same(wanted, offered) in {True, False}

    @given(fqdn, st.lists(fqdn | anything, max_size=5))
    def test_matching_gives_the_first_that_is_the_same(self, wanted: str, offered: list[str]) -> None:
        assert matching(wanted, offered) == next((name for name in offered if same(wanted, name)), None)

    # Few letters, so that equal names come up often.
    few = st.builds(".".join, st.lists(st.text("aAbB1", min_size=1, max_size=2), min_size=1, max_size=2)).map(
        "{}.Ab".format
    )

    @given(few | fqdn, few | fqdn)
    def test_agrees_with_service_identity_where_both_have_an_answer(self, wanted: str, offered: str) -> None:
        try:
            pattern = DNSPattern.from_bytes(offered.encode())
            service = DNS_ID(wanted)
        except (ValueError, VerificationError):
            assume(False)
        try:
            verify_service_identity([pattern], obligatory_ids=[service], optional_ids=[])
        except VerificationError:
            expected = False
        else:
            expected = True
        assert same(wanted, offered) is expected

    def test_service_identity_agrees_on_international_names(self) -> None:
        pattern = DNSPattern.from_bytes(b"xn--bcher-kva.example")
        assert verify_service_identity([pattern], obligatory_ids=[DNS_ID("bücher.example")], optional_ids=[])
        assert same("bücher.example", "xn--bcher-kva.example")


class TestExplainMiss:
    @pytest.mark.parametrize(
        ("offered", "expected"),
        [
            ([], "no names at all"),
            (["exe2.exmaple.com"], "the nearest is `exe2.exmaple.com`, two letters swapped"),
            (["exe2.exampl.com"], "the nearest is `exe2.exampl.com`, one letter off"),
            (["exe2.exammple.com"], "the nearest is `exe2.exammple.com`, one letter off"),
            (["exw2.example.com"], "the nearest is `exw2.example.com`, one letter off"),
            (["exe1.example.com"], "the nearest is `exe1.example.com`, one digit off"),
            (["exe2.example.net"], "same host in another domain (`exe2.example.net`)"),
            (["EXE2.Example.Com."], "`EXE2.Example.Com.` ends in a dot"),
            (
                ["*.example.com"],
                "wildcard `*.example.com` would cover it, but wildcard certificates are not supported",
            ),
            (["exe2"], "the bare host name `exe2`"),
            (["exe2.example.com "], "`exe2.example.com ` has a blank"),
            (["exe2\u200b.example.com"], "`exe2\\u200b.example.com` has a character that does not show"),
            (["exe2\x00.example.com"], "`exe2\\u0000.example.com` has a character that does not show"),
            (["a.example.net", "cluster.example.com"], "only `cluster.example.com`, `a.example.net`"),
            (["a", "b", "c", "d", "e", "e"], "only `a`, `b`, `c` and 2 more"),
            ([""], "only an empty name"),
            # The nearest wins, wherever it stands: the neighbor's name is the last thing to be taken for a slip.
            (["exe1.example.com", "exe2.exmaple.com"], "the nearest is `exe2.exmaple.com`, two letters swapped"),
            (["exe1.example.com", "exe2.other.net"], "same host in another domain (`exe2.other.net`)"),
        ],
    )
    def test_names_the_nearest_and_why_it_misses(self, offered: list[str], expected: str) -> None:
        assert explain_miss("exe2.example.com", offered) == expected

    def test_gives_the_a_label_that_is_due(self) -> None:
        expected = "`bücher.example` is not written as the A-label `xn--bcher-kva.example`"
        assert explain_miss("bücher.example", ["bücher.example"]) == expected

    @given(anything | fqdn, st.lists(anything | fqdn, max_size=6))
    def test_never_raises_is_never_empty_and_shows_nothing_hidden(self, wanted: str, offered: list[str]) -> None:
        why = explain_miss(wanted, offered)
        assert why
        assert why.isprintable()

    @given(fqdn, st.data())
    def test_finds_any_one_slip_of_the_finger(self, name: str, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(name) - 1))
        typed = name[:place] + "q" + name[place + data.draw(st.integers(0, 1)) :]
        assume(key(typed) != key(name) and not is_ip(name) and not is_ip(typed))
        assert show(typed) in explain_miss(name, [typed])
        assert "one letter off" in explain_miss(name, [typed])

    @pytest.mark.parametrize(
        ("offered", "how"),
        [
            ("EXE3.example.com", "one digit off"),
            ("exe2.exmaple.com.", "two letters swapped"),
            ("exee2.example.com", "one letter off"),
            ("exe2.example.com", None),
            ("exe2.example.org", None),
            ("edge2.example.com", None),
        ],
    )
    def test_a_slip_is_one_error_and_no_other_name(self, offered: str, how: str | None) -> None:
        assert typo("exe2.example.com", offered) == how

    def test_copes_with_a_hundred_thousand_names(self) -> None:
        offered = [f"host{number}.example.com" for number in range(100_000)]
        assert explain_miss("exe2.example.org", offered).endswith("and 99997 more")


class TestShow:
    @given(st.text(max_size=200), st.integers(3, 120))
    def test_has_nothing_hidden_keeps_the_limit_and_is_stable(self, text: str, limit: int) -> None:
        shown = show(text, limit)
        assert len(shown) <= limit
        assert shown.isprintable()
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)
        assert show(shown, limit) == shown

    @given(st.text(string.ascii_letters + string.digits + "äß中 .-*`<>&|", max_size=80))
    def test_keeps_printable_text(self, text: str) -> None:
        assert show(text) == text

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("\x1b[31mred", "\\u001b[31mred"),
            ("a\x9bb", "a\\u009bb"),
            ("exe\u202emoc.", "exe\\u202emoc."),
            ("a\u2066b\u2069", "a\\u2066b\\u2069"),
            ("\ufeffa\u00ad\u3164", "\\ufeffa\\u00ad\\u3164"),
            ("a\u00a0b\u2028", "a\\u00a0b\\u2028"),
            ("\ud800", "\\ud800"),
            ("\U000e0041", "\\U000e0041"),
            ("\r\n\t", "\\u000d\\u000a\\u0009"),
        ],
    )
    def test_escapes_what_would_hide_or_mislead(self, text: str, expected: str) -> None:
        assert show(text) == expected

    def test_takes_the_middle_out_of_long_text(self) -> None:
        shown = show(f"{'a' * 500}.example.com", 40)
        assert shown == f"{'a' * 26}…a.example.com"

    def test_does_not_work_through_monstrous_text(self) -> None:
        assert show("\x00" * 10_000_000, 20) == "\\u0000\\u0000\\…\\u0000"
