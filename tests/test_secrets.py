"""Private keys in any wrapping are recognized, and never shown: in the function alone, and by every command."""

import base64
import json
import random
import re
import string
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from certplan.cli.app import app
from certplan.text.names import show
from certplan.text.secrets import HIDDEN, find_key, hide_keys
from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.logs.lines import Log
from tests.pki import ec_key, rsa_key

LONGEST_SEEN = 12
"""Consecutive bytes of a key that may not be seen, raw, as base64 or in hexadecimal."""
NAMES = (
    "exe1.example.com" * 3,
    "/home/User1/Documents/Customers/Acme2024/Expressway/plans/New",
    "a" * 64,
    "AB:CD:" * 10,
)
MORE_NAMES = (
    "CiscoExpresswayClusterNameLongerThanThat",
    "GlobalCollaborationEdgeExpresswayClusterFrankfurtDataCenter2026",
    "CN_Example_Issuing_CA_G2_for_TLS_Servers_and_Clients_of_DC_West_1",
    "Exe1-Prod-A1b2C3d4-cluster-01",
    "203.0.113.11 30.30.30.30",
)
FINGERPRINT = ":".join(["3082", "0201", "ab"] * 8)


def _ders() -> dict[str, bytes]:
    rsa, ec, edwards = (
        rsa_key(2048),
        ec_key("secret"),
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    )
    plain, locked = NoEncryption(), BestAvailableEncryption(b"correct horse")
    return {
        "pkcs8-rsa": rsa.private_bytes(Encoding.DER, PrivateFormat.PKCS8, plain),
        "pkcs1": rsa.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, plain),
        "pkcs8-ec": ec.private_bytes(Encoding.DER, PrivateFormat.PKCS8, plain),
        "sec1": ec.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, plain),
        "ed25519": edwards.private_bytes(Encoding.DER, PrivateFormat.PKCS8, plain),
        "encrypted": ec.private_bytes(Encoding.DER, PrivateFormat.PKCS8, locked),
        "pkcs12": pkcs12.serialize_key_and_certificates(b"x", ec, None, None, plain),
    }


def _openssh() -> str:
    return ec_key("secret").private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def _lines(text: str, width: int = 64) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


def _armored(label: str, der: bytes) -> str:
    body = "\n".join(_lines(base64.b64encode(der).decode()))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def _forms() -> Iterator[tuple[str, str, bytes]]:
    """Each with its name, its text, and the bytes that may not be seen."""
    ders = _ders()
    for name, der in ders.items():
        plain = base64.b64encode(der).decode()
        yield f"{name}-base64", plain, der
        yield f"{name}-folded", " ".join(_lines(plain)), der
        yield f"{name}-hex", der.hex(), der
    sec1, pkcs8 = ders["sec1"], ders["pkcs8-rsa"]
    plain = base64.b64encode(sec1).decode()
    yield "armor", _armored("EC PRIVATE KEY", sec1), sec1
    yield "armor-pkcs8", _armored("PRIVATE KEY", pkcs8), pkcs8
    yield "armor-encrypted", _armored("ENCRYPTED PRIVATE KEY", ders["encrypted"]), ders["encrypted"]
    yield "armor-folded", _armored("EC PRIVATE KEY", sec1).replace("\n", " "), sec1
    yield "armor-without-begin", _armored("EC PRIVATE KEY", sec1).partition("\n")[2], sec1
    yield "armor-without-end", _armored("EC PRIVATE KEY", sec1).partition("-----END")[0], sec1
    yield "armor-in-json", json.dumps(_armored("EC PRIVATE KEY", sec1)), sec1
    yield "spaced", " ".join(_lines(plain, 8)), sec1
    yield "list", "\n".join(f'- "{line}"' for line in _lines(plain)), sec1
    yield "colons", sec1.hex(":"), sec1
    yield "array", ", ".join(f"0x{byte:02x}" for byte in sec1), sec1
    # From a seed: of new keys one piece in ten thousand looks like words.
    middle = random.Random(7).randbytes(48)  # noqa: S311
    yield "middle", base64.b64encode(middle).decode(), middle
    # A piece that could be the label of a host's name, and stand where names are written as they are.
    label = "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=60))  # noqa: S311 - from a seed
    yield "middle-as-a-label", label, base64.b64decode(label)
    openssh = _openssh()
    body = base64.b64decode("".join(openssh.splitlines()[1:-1]))
    yield "openssh", openssh, body
    yield "openssh-base64", base64.b64encode(body).decode(), body
    yield "putty", f"PuTTY-User-Key-File-3: ecdsa\nPrivate-Lines: 1\n{plain}\nPrivate-MAC: 00\n", sec1
    yield "openssl-text", f"Private-Key: (256 bit)\npriv:\n    {sec1[7:39].hex(':')}\n", sec1[7:39]
    jwk = base64.urlsafe_b64encode(sec1[7:39]).decode().rstrip("=")
    yield "jwk", f'{{"kty": "EC", "crv": "P-256", "d": "{jwk}"}}', sec1[7:39]
    yield "xml", f"<RSAKeyValue><D>{plain}</D></RSAKeyValue>", sec1


FORMS = list(_forms())
IDS = [name for name, *_ in FORMS]


def seen(shown: str, key: bytes) -> str:
    """Twelve bytes of the key that can be had out of what is shown; empty when there are none."""
    letters = re.sub(r"\\[nrt]|\\u000[ad]|[^A-Za-z0-9+/]", "", shown.replace("-", "+").replace("_", "/"))
    hexadecimal = re.sub(r"0x|\\x|[^0-9a-f]", "", shown.lower())
    for at in range(len(key) - LONGEST_SEEN + 1):
        piece = key[at : at + LONGEST_SEEN]
        if len(set(piece)) < 6:  # zeros and the like are nobody's
            continue
        for skipped in range(3):
            encoded = base64.b64encode(b"\0" * skipped + piece).decode()
            inner = encoded[4 if skipped else 0 :].rstrip("=")[:-1] if skipped else encoded
            if len(inner) >= 12 and inner in letters:
                return inner
        if piece.hex() in hexadecimal or piece.decode("latin-1") in shown:
            return piece.hex()
    return ""


@pytest.mark.parametrize(("text", "key"), [form[1:] for form in FORMS], ids=IDS)
def test_every_form_is_hidden_alone_in_a_sentence_and_shortened(text: str, key: bytes) -> None:
    assert seen(text, key)
    for whole in (text, f"the value {text}: is not a name", f"{text} and {text}"):
        hidden = hide_keys(whole)
        assert not seen(hidden, key)
        assert HIDDEN in hidden
        assert hide_keys(hidden) == hidden
        for limit in (20, 80, 4000):
            assert not seen(show(whole, limit), key)


@pytest.mark.parametrize("text", [*NAMES, *MORE_NAMES, FINGERPRINT])
def test_names_paths_and_fingerprints_are_shown(text: str) -> None:
    assert hide_keys(f"in {text}, seen") == f"in {text}, seen"
    assert find_key(text) is None


@given(st.integers(min_value=1, max_value=3), st.binary(min_size=1))
def test_any_piece_of_a_line_of_base64_is_hidden(number: int, seed: bytes) -> None:
    line = base64.b64encode(random.Random(seed).randbytes(48 * number)).decode()  # noqa: S311 - a test's, from a seed
    assert line not in hide_keys(f"a line {line} of it")


@given(st.text())
def test_hiding_again_changes_nothing(text: str) -> None:
    assert hide_keys(hide_keys(text)) == hide_keys(text)


@given(st.text(alphabet="M-AgEIBQ30820201 \n:", max_size=300))
def test_it_never_raises(text: str) -> None:
    hide_keys(text)


COMMANDS = {
    ("check", "--no-dns"): ("text", "json", "sarif", "junit", "csv", "markdown", "github"),
    ("map", "--no-dns"): ("text", "commands", "yaml", "json", "csv", "markdown", "html"),
    ("propose", "--no-dns", "--all"): ("text", "json", "markdown", "html"),
    ("runbook", "--no-dns"): ("text", "json", "markdown", "html"),
    ("ports",): ("text", "csv", "json", "markdown", "html"),
    ("capacity",): ("text", "json", "markdown", "html"),
    ("renew",): ("text", "json", "csv", "markdown", "icalendar", "html"),
    ("draw", "--no-dns"): ("svg", "mermaid"),
    ("review", "--no-dns"): ("html", "markdown", "text"),
    ("csr", "sheet"): ("text", "markdown", "json", "openssl", "html"),
    ("verify",): ("text", "json", "markdown"),
}
CASES = [(command, form) for command, forms in COMMANDS.items() for form in forms]
SOME = [
    form
    for form in FORMS
    if form[0] in {"sec1-base64", "armor", "armor-folded", "openssh", "spaced", "middle", "middle-as-a-label"}
]

OTHERS = [
    form
    for form in FORMS
    if form[0] in {"armor-folded", "openssh", "putty", "sec1-base64", "pkcs8-ec-hex", "jwk", "list"}
]


@pytest.mark.parametrize(("command", "form"), CASES, ids=[f"{'-'.join(c)}-{f}" for c, f in CASES])
def test_no_command_shows_a_key_that_a_text_holds(command: tuple[str, ...], form: str, tmp_path: Path) -> None:
    """In the place of the plan, in a plan's values, its keys and its zone file, and in its certificates' names."""
    runner = CliRunner()

    def run(*arguments: str) -> str:
        done = runner.invoke(app, list(arguments))
        assert isinstance(done.exception, SystemExit | None), done.exception
        return done.stdout + done.stderr

    for number, (_, text, key) in enumerate(SOME):
        folder = tmp_path / str(number)
        draft = expressway_e(2)
        flat = " ".join(text.split())
        draft.reissue(1, sans=["exe1.example.com", flat.replace(" ", "")])
        draft.plan["dns"] = {"public": {"zone_files": ["zone.txt"]}}
        plan = draft.write(folder)
        whole = plan.read_text()
        (folder / "zone.txt").write_text(text)
        with chdir(folder):
            shown = run(*command, "plan.yaml", "--format", form)
            for changed in (
                text,
                whole.replace("exe2.example.com", flat),
                whole[:-2] + f', "private_key": {json.dumps(text)}}}',
                whole[:-2] + f", {json.dumps(flat)}: 1}}",
                whole.replace('"certplan": 1', f'"certplan": {json.dumps(flat[:60])}'),
            ):
                Path("plan.yaml").write_text(changed)
                shown += run(*command, "plan.yaml", "--format", form)
            shown += run(*command, "--format", form, "--", flat[:200])
        assert not seen(shown, key), seen(shown, key)


@pytest.mark.parametrize(
    "command",
    [
        ("check", "KEY"),
        ("check", "plan.yaml", "--at", "KEY"),
        ("check", "plan.yaml", "--format", "KEY"),
        ("check", "plan.yaml", "--KEY"),
        ("KEY",),
        ("explain", "KEY"),
        ("init", "new.yaml", "--name", "KEY", "--peer", "KEY"),
        ("rules", "-o", "nowhere/KEY"),
        ("review", "plan.yaml", "--title", "KEY"),
        ("csr", "sheet", "plan.yaml", "--san", "KEY"),
        ("csr", "sheet", "plan.yaml", "--organization", "KEY", "--peer", "KEY"),
        ("csr", "new", "plan.yaml", "-o", "keys", "--passphrase-env", "KEY"),
        ("csr", "show", "key.txt"),
        ("csr", "verify", "key.txt", "--plan", "plan.yaml"),
        ("csr", "unlock", "key.txt"),
        ("import", "key.txt", "-o", "imported"),
        ("runbook", "plan.yaml", "--add-peer", "KEY"),
    ],
    ids=" ".join,
)
def test_no_command_line_shows_a_key_that_stands_in_it(command: tuple[str, ...], tmp_path: Path) -> None:
    expressway_e(2).write(tmp_path)
    for _, text, key in (form for form in FORMS if form[0] in {"sec1-base64", "armor"}):
        (tmp_path / "key.txt").write_text(text)
        run = certplan(*(word.replace("KEY", text) for word in command), cwd=tmp_path)
        assert not seen(run.out + run.err, key), run.out + run.err


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_no_reader_of_exports_and_records_shows_a_key(form: str, tmp_path: Path) -> None:
    """In a log, an export, a target, and the records made of plan and certificates; whole, and within what is right."""
    runner = CliRunner()

    def run(*arguments: str) -> str:
        done = runner.invoke(app, [*arguments, "--format", form])
        assert isinstance(done.exception, SystemExit | None), done.exception
        return done.stdout + done.stderr

    for number, (_, text, key) in enumerate(OTHERS):
        folder = tmp_path / str(number)
        flat = " ".join(text.split())
        draft = expressway_e(2)
        draft.reissue(1, sans=["exe1.example.com", flat.replace(" ", "")])
        draft.write(folder)
        log = Log("exe1").sync(0).alarm(1, 20007, flat).refused(2, flat).mode(3, user=flat).lost(4, flat)
        with chdir(folder):
            Path("made.log").write_text(log.text)
            Path("key.log").write_text(text)
            Path("mixed.log").write_text(log.lines[0] + "\n" + text + "\n" + log.text)
            Path("set.txt").write_text(
                f'*c xConfiguration SystemUnit Name: "{flat}"\n*c xConfiguration {flat}: "x"\n{text}\n'
            )
            shown = run("log", "made.log", "key.log", "mixed.log", "--plan", "plan.yaml")
            shown += run("log", "made.log") + run("verify", "plan.yaml", "--log", "mixed.log")
            shown += run("import", "set.txt", "made.log", "-o", "imported", "--no-dns")
            shown += run("probe", "127.0.0.1:1", "--certificate", "key.log")
            for name in ("one", "two"):
                shown += runner.invoke(app, ["collect", "plan.yaml", "-o", name, "--no-dns"]).output
                draft.plan["target"] = {"release": "X15.5"}
                draft.write(folder)
            shown += run("diff", "one", "two")
            Path("two/record.json").write_text(Path("one/record.json").read_text().replace("expe.example.com", flat))
            shown += run("diff", "one", "two")
            Path("two/record.json").write_text(text)
            shown += run("diff", "one", "two")
            for item in ("release", flat):
                shown += runner.invoke(app, ["adopt", "plan.yaml", "--item", item]).output
            draft.plan["target"] = {"cluster": {"name": flat}}
            draft.write(folder)
            shown += runner.invoke(app, ["adopt", "plan.yaml", "--peer", flat]).output
        for words in (("probe", flat), ("probe", flat + ":1"), ("diff", "one", flat[:200])):
            done = certplan(*words, cwd=folder)
            shown += done.out + done.err
        assert not seen(shown, key), seen(shown, key)
