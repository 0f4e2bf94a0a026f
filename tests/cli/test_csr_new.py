"""`certplan csr new` and `unlock`: what is made, read by OpenSSL, signed by a CA, and judged ready."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certplan.evidence.pki.requests import RequestFile, SigningRequest, load_request_file
from tests.cli.program import Run, certplan
from tests.clusters import Draft, expressway_c, expressway_e
from tests.issuing import signed
from tests.pki import openssl

AT = ("--at", "2026-06-01")
FAST = ("--algorithm", "ecdsa-256")


def read(path: Path) -> SigningRequest:
    found = load_request_file(path, path.name, "CSR")
    assert isinstance(found, RequestFile)
    return found.request


def no_key_in(run: Run, folder: Path) -> None:
    """Not a line of any key in what was printed."""
    for key in folder.rglob("*.key"):
        for line in key.read_text().splitlines():
            assert line not in run.out + run.err
    assert "PRIVATE KEY" not in run.out + run.err


class TestMade:
    @pytest.mark.system("openssl")
    @pytest.mark.parametrize(
        ("algorithm", "digest", "said"),
        [
            ("rsa-4096", "sha256", "Public-Key: (4096 bit)"),
            ("rsa-2048", "sha384", "Public-Key: (2048 bit)"),
            ("ecdsa-256", "sha256", "NIST CURVE: P-256"),
            ("ecdsa-384", "sha512", "NIST CURVE: P-384"),
            ("ecdsa-521", "sha512", "NIST CURVE: P-521"),
        ],
    )
    def test_openssl_reads_and_verifies_every_kind(
        self, tmp_path: Path, algorithm: str, digest: str, said: str
    ) -> None:
        plan = expressway_e().write(tmp_path)
        out = tmp_path / "out"
        run = certplan("csr", "new", plan, "-o", out, "--peer", "2", "--algorithm", algorithm, "--digest", digest)
        assert run.code == 0, run.err
        text = openssl("req", "-in", "exe2.csr", "-verify", "-noout", "-text", cwd=out).decode()
        assert said in text
        assert "DNS:expe.example.com, DNS:exe2.example.com, DNS:example.com" in text
        assert "TLS Web Server Authentication, TLS Web Client Authentication" in text
        assert digest in text.lower()
        assert b"Key is valid" in openssl("pkey", "-in", "exe2.key", "-check", "-noout", cwd=out)
        assert sorted(path.name for path in out.iterdir()) == ["exe2.csr", "exe2.key"]
        no_key_in(run, out)

    def test_a_pair_for_each_peer_listed_as_json(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", *FAST, "--format", "json")
        assert run.code == 0
        listed = run.json["requests"]
        assert [each["peer"] for each in listed] == [f"exe{n}.example.com" for n in (1, 2, 3)]
        for each in listed:
            request = read(Path(each["csr"]))
            assert list(request.dns_names) == each["sans"]
            assert request.common_names == (each["cn"],)
            assert request.signature_valid
            assert Path(each["key"]).exists()
        assert "(3 of 3)" in run.err
        assert run.json["schema_version"] == 1

    def test_the_subject_is_as_asked_for(self, tmp_path: Path) -> None:
        plan = expressway_e(1).write(tmp_path)
        subject: tuple[str, ...] = (
            "--country",
            "pt",
            "--state",
            "Lisboa",
            "--locality",
            "Lisboa",
            "--organization",
            "Exemplo, S.A.",
        )
        subject += ("--organizational-unit", "Voz", "--email", "a@b.pt")
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", *FAST, *subject)
        assert run.code == 0, run.err
        subject_text = read(tmp_path / "out" / "exe1.csr").subject
        for part in ("C=PT", "ST=Lisboa", "L=Lisboa", "O=Exemplo\\, S.A.", "OU=Voz", "CN=exe1.example.com", "a@b.pt"):
            assert part in subject_text

    def test_both_stores_on_x15_5(self, tmp_path: Path) -> None:
        plan = expressway_c(1, release="X15.5").write(tmp_path)
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", *FAST, "--store", "both")
        assert run.code == 0, run.err
        names = sorted(path.name for path in (tmp_path / "out").iterdir())
        assert names == ["exc1-client.csr", "exc1-client.key", "exc1.csr", "exc1.key"]

    @pytest.mark.parametrize(
        ("role", "stem", "usages"), [("server", "exc1", ("serverAuth",)), ("client", "exc1-client", ("clientAuth",))]
    )
    def test_one_role(self, tmp_path: Path, role: str, stem: str, usages: tuple[str, ...]) -> None:
        plan = expressway_c(1, release="X15.5").write(tmp_path)
        assert certplan("csr", "new", plan, "-o", tmp_path / "out", *FAST, "--role", role).code == 0
        assert read(tmp_path / "out" / f"{stem}.csr").eku == usages


class TestRefused:
    def test_everything_wrong_at_once_with_its_place_and_no_key_is_made(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["services"]["mra"]["domains"] = ["*.example.com"]
        draft.plan["services"]["xmpp_federation"] = {"domains": ["im_1.example.com"]}
        plan = draft.write(tmp_path)
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", "--country", "usa", "--san", "10.0.0.1")
        assert run.code == 2
        assert len(run.err.splitlines()) == 4
        assert f"{plan}:" in run.err
        assert "--country: usa" in run.err
        assert not (tmp_path / "out").exists()

    def test_nothing_is_overwritten_and_all_that_is_there_is_named(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        out = tmp_path / "out"
        assert certplan("csr", "new", plan, "-o", out, *FAST).code == 0
        before = {path.name: path.read_bytes() for path in out.iterdir()}
        run = certplan("csr", "new", plan, "-o", out, *FAST)
        assert run.code == 2
        assert "exe1.key" in run.err
        assert "exe3.csr" in run.err
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--peer", "exe9"), "no peer of the plan"),
            (("--encrypt",), "no terminal"),
            (("--passphrase-env", "NOT_SET_ANYWHERE"), "no environment variable"),
            (("--passphrase-fd", "0"), "empty"),
            (("--passphrase-fd", "99"), "cannot be read"),
            (("--passphrase-fd", "0", "--passphrase-env", "HOME"), "exclude each other"),
            (("--existing-key", "missing.key", "--peer", "1"), "no such file"),
            (("--existing-key", "keys/exe1.key"), "share one key"),
        ],
    )
    def test_options_that_will_not_do(self, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
        plan = expressway_e().write(tmp_path)
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", *FAST, *options, cwd=tmp_path)
        assert run.code == 2
        assert said in run.err
        assert not (tmp_path / "out").exists()

    def test_a_plan_that_cannot_be_read(self, tmp_path: Path) -> None:
        run = certplan("csr", "new", tmp_path / "none.yaml", "-o", tmp_path / "out")
        assert run.code == 2
        assert "no such file" in run.err


class TestPassphrases:
    def test_encrypted_at_rest_and_unlocked_for_the_appliance(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KEY_PASS", "corréct horse")
        plan, out = expressway_e(1).write(tmp_path), tmp_path / "out"
        made = certplan("csr", "new", plan, "-o", out, *FAST, "--passphrase-env", "KEY_PASS")
        assert made.code == 0, made.err
        assert (out / "exe1.key").read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
        run = certplan("csr", "unlock", out / "exe1.key", "--passphrase-fd", "0", stdin="corréct horse\n")
        assert run.code == 0, run.err
        plain = out / "exe1-plain.key"
        assert plain.read_text().startswith("-----BEGIN PRIVATE KEY-----\n")
        assert plain.read_text().endswith("\n")
        if sys.platform != "win32":
            assert plain.stat().st_mode & 0o777 == 0o600
        for each in (made, run):
            no_key_in(each, out)
            assert "horse" not in each.out + each.err
        matched = certplan("csr", "verify", out / "exe1.csr", "--plan", plan, "--key", plain)
        assert matched.code == 0, matched.out

    def test_a_wrong_passphrase_writes_nothing_and_is_not_repeated(self, tmp_path: Path) -> None:
        plan, out = expressway_e(1).write(tmp_path), tmp_path / "out"
        certplan("csr", "new", plan, "-o", out, *FAST, "--passphrase-fd", "0", stdin="right")
        run = certplan("csr", "unlock", out / "exe1.key", "--passphrase-fd", "0", stdin="wr0ng!")
        assert run.code == 2
        assert "wr0ng!" not in run.err
        assert sorted(path.name for path in out.iterdir()) == ["exe1.csr", "exe1.key"]

    def test_unlock_overwrites_nothing(self, tmp_path: Path) -> None:
        plan, out = expressway_e(1).write(tmp_path), tmp_path / "out"
        certplan("csr", "new", plan, "-o", out, *FAST, "--passphrase-fd", "0", stdin="right")
        run = certplan("csr", "unlock", out / "exe1.key", "-o", out / "exe1.csr", "--passphrase-fd", "0", stdin="right")
        assert run.code == 2
        assert "CERTIFICATE REQUEST" in (out / "exe1.csr").read_text()

    def test_a_plain_key_needs_no_unlocking(self, tmp_path: Path) -> None:
        plan, out = expressway_e(1).write(tmp_path), tmp_path / "out"
        certplan("csr", "new", plan, "-o", out, *FAST)
        run = certplan("csr", "unlock", out / "exe1.key")
        assert run.code == 2
        assert "not encrypted" in run.err

    @pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of POSIX")
    def test_asked_twice_at_a_terminal_and_never_shown(self, tmp_path: Path) -> None:
        import pty

        plan, out = expressway_e(1).write(tmp_path), tmp_path / "out"
        ours, theirs = pty.openpty()
        # A session of its own whose first terminal is ours: what it asks, it asks here.
        code = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); from certplan.cli import main; main()"
        with subprocess.Popen(
            [sys.executable, "-c", code, "csr", "new", str(plan), "-o", str(out), *FAST, "--encrypt"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            shown = b""
            for prompt in (b"new keys: ", b"more: "):
                while prompt not in shown:
                    shown += os.read(ours, 1024)
                os.write(ours, b"s3same\n")
            while part := _rest(ours):
                shown += part
        os.close(ours)
        assert process.returncode == 0, shown
        assert b"s3same" not in shown
        assert "ENCRYPTED" in (out / "exe1.key").read_text()


def _rest(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1024)
    except OSError:
        return b""


class TestExistingKey:
    def test_only_a_csr_is_written_and_it_is_the_keys(self, tmp_path: Path) -> None:
        plan, out = expressway_e().write(tmp_path), tmp_path / "out"
        key = tmp_path / "keys" / "exe1.key"
        before = key.read_bytes()
        run = certplan("csr", "new", plan, "-o", out, "--peer", "exe1.example.com", "--existing-key", key)
        assert run.code == 0, run.err
        assert [path.name for path in out.iterdir()] == ["exe1.csr"]
        assert key.read_bytes() == before
        assert certplan("csr", "verify", out / "exe1.csr", "--plan", plan, "--key", key).code == 0

    @pytest.mark.system("openssl")
    def test_a_key_the_release_does_not_take_is_refused(self, tmp_path: Path) -> None:
        plan = expressway_e(1, release="X14.2").write(tmp_path)
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", "--existing-key", tmp_path / "keys" / "exe1.key")
        assert run.code == 2
        assert "ECDSA P-256" in run.err
        openssl("genrsa", "-out", "small.pem", "1024", cwd=tmp_path)
        run = certplan("csr", "new", plan, "-o", tmp_path / "out", "--existing-key", tmp_path / "small.pem")
        assert run.code == 2
        assert "RSA 1024" in run.err


@pytest.mark.system("openssl")
class TestIssued:
    """Requests signed by a CA made with OpenSSL, its certificates put into the plan."""

    @pytest.mark.parametrize(
        ("make", "options"),
        [
            (expressway_e, ("--algorithm", "rsa-2048")),
            (expressway_c, FAST),
            (expressway_e, (*FAST, "--cn", "peer", "--names", "all")),
        ],
    )
    def test_check_says_ready(self, tmp_path: Path, make: Any, options: tuple[str, ...]) -> None:
        draft: Draft = make()
        plan = draft.write(tmp_path)
        assert certplan("csr", "new", plan, "-o", tmp_path / "out", *options).code == 0
        for number, peer in enumerate(draft.plan["peers"], 1):
            host = peer["host_name"]
            issued = signed(tmp_path, tmp_path / "out" / f"{host}.csr", f"{host}.pem")
            peer |= {
                "server_certificate": issued.name,
                "private_key": f"out/{host}.key",
                "trusted_cas": ["ca/ca.pem"],
            }
            assert draft.peer(number) is peer
        draft.files.clear()
        plan = draft.write(tmp_path)
        run = certplan("check", plan, *AT, "--no-dns", "--format", "json", "--fail-on", "error")
        assert run.json["plans"][0]["verdict"] == "ready", run.out
        assert run.code == 0
        for peer in draft.plan["peers"]:
            host = peer["host_name"]
            more = ("--csr", tmp_path / "out" / f"{host}.csr", "--key", tmp_path / "out" / f"{host}.key")
            verified = certplan("csr", "verify", tmp_path / f"{host}.pem", "--plan", plan, "--peer", host, *more, *AT)
            assert verified.code == 0, verified.out
