"""`certplan csr verify` and `csr show`: what a CA changed is found, and hostile contents do no harm."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.cli.program import Run, certplan
from tests.clusters import ISSUING, ROOT, Draft, expressway_c, expressway_e
from tests.issuing import signed
from tests.pki import LEAF_FROM, bundle, ec_key, rsa_key, self_signed

AT = ("--at", "2026-06-01")
NO_CSR = b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"
NAMES = ("expe.example.com", "exe1.example.com", "example.com")


def issued(**changes: Any) -> bytes:
    wanted: dict[str, Any] = {"cn": NAMES[0], "sans": NAMES, "key": ec_key("verify")} | changes
    return ISSUING.issue(**wanted).pem


def verified(folder: Path, contents: bytes, *options: str | Path, draft: Draft | None = None) -> Run:
    """The comparison of a file with the plan, as JSON."""
    plan = (draft or expressway_e()).write(folder)
    (folder / "returned.pem").write_bytes(contents)
    return certplan(
        "csr", "verify", folder / "returned.pem", "--plan", plan, "--peer", "1", *AT, "--format", "json", *options
    )


def differences(run: Run) -> list[tuple[str, str]]:
    assert run.code == 1, run.err
    assert run.json["matches"] is False
    return [(each["what"], f"{each['expected']} / {each['found']}") for each in run.json["differences"]]


@dataclass(frozen=True)
class Ordered:
    """A request made by certplan, about to be signed."""

    folder: Path
    plan: Path

    @property
    def csr(self) -> Path:
        return self.folder / "out" / "exe1.csr"

    def verify(self, certificate: Path) -> Run:
        key = self.folder / "out" / "exe1.key"
        more = ("--csr", self.csr, "--key", key, "--format", "json", *AT)
        return certplan("csr", "verify", certificate, "--plan", self.plan, "--peer", "exe1", *more)


@pytest.fixture
def ordered(tmp_path: Path) -> Ordered:
    draft = expressway_e()
    draft.peer(1)["trusted_cas"] = ["ca/ca.pem"]
    plan = draft.write(tmp_path)
    out = tmp_path / "out"
    assert certplan("csr", "new", plan, "-o", out, "--peer", "1", "--algorithm", "ecdsa-256").code == 0
    return Ordered(tmp_path, plan)


@pytest.mark.system("openssl")
class TestWhatACaChanges:
    def test_nothing(self, ordered: Ordered) -> None:
        run = ordered.verify(signed(ordered.folder, ordered.csr, "issued.pem"))
        assert run.code == 0, run.out
        assert run.json["matches"] is True
        assert run.json["differences"] == []
        assert run.json["files"][0]["compared_with"] == ["the plan", "its CSR", "its key"]

    def test_a_name_stripped(self, ordered: Ordered) -> None:
        names = "subjectAltName=DNS:expe.example.com,DNS:example.com"
        usage = "extendedKeyUsage=serverAuth,clientAuth"
        certificate = signed(ordered.folder, ordered.csr, "issued.pem", names, usage, copy="none")
        ((what, said),) = differences(ordered.verify(certificate))
        assert what == "SAN"
        assert "exe1.example.com" in said
        assert "which its CSR has" in said

    def test_a_name_added(self, ordered: Ordered) -> None:
        names = "subjectAltName=" + ",".join(f"DNS:{name}" for name in (*NAMES, "www.example.com"))
        usage = "extendedKeyUsage=serverAuth,clientAuth"
        certificate = signed(ordered.folder, ordered.csr, "issued.pem", names, usage, copy="none")
        ((what, said),) = differences(ordered.verify(certificate))
        assert (what, "www.example.com" in said) == ("SAN", True)

    def test_the_cn_stripped(self, ordered: Ordered) -> None:
        certificate = signed(ordered.folder, ordered.csr, "issued.pem", subject="/O=Example")
        run = ordered.verify(certificate)
        ((what, said),) = differences(run)
        assert what == "CN"
        assert said.endswith("/ none")
        assert "40052" in run.json["differences"][0]["refused"]

    def test_client_auth_stripped(self, ordered: Ordered) -> None:
        names = "subjectAltName=" + ",".join(f"DNS:{name}" for name in NAMES)
        certificate = signed(
            ordered.folder, ordered.csr, "issued.pem", names, "extendedKeyUsage=serverAuth", copy="none"
        )
        assert differences(ordered.verify(certificate)) == [("extended key usage", "clientAuth / serverAuth")]

    def test_the_key_changed(self, ordered: Ordered) -> None:
        (ordered.folder / "ca").mkdir()
        (ordered.folder / "ca" / "ca.pem").write_bytes(bundle(ROOT, ISSUING))
        (ordered.folder / "other.pem").write_bytes(issued())
        found = differences(ordered.verify(ordered.folder / "other.pem"))
        assert [what for what, _ in found] == ["public key", "public key"]


class TestAgainstThePlan:
    def test_a_certificate_as_the_plan_has_it_matches(self, tmp_path: Path) -> None:
        run = verified(tmp_path, issued())
        assert run.code == 0, run.out

    @pytest.mark.parametrize(
        ("changes", "what", "said"),
        [
            ({"cn": None}, "CN", "none"),
            ({"cn": "10.20.0.11"}, "CN", "10.20.0.11"),
            ({"cn": "example.net", "sans": (*NAMES, "example.net")}, "CN", "example.net"),
            ({"sans": (*NAMES, IPv4Address("10.20.0.11"))}, "SAN", "IP address 10.20.0.11"),
            ({"sans": (*NAMES, "exe1")}, "SAN", "bare host name"),
            ({"sans": (*NAMES, "*.example.com")}, "SAN", "wildcard"),
            ({"sans": (*NAMES, "exe2.example.com")}, "SAN", "shared identity"),
            ({"sans": NAMES[:1] + NAMES[2:]}, "SAN", "exe1.example.com (peer FQDN)"),
            ({"sans": (NAMES[0], "exe1.exmaple.com", NAMES[2])}, "SAN", "two letters swapped"),
            ({"sans": NAMES[1:]}, "SAN", "expe.example.com"),
            ({"eku": ("serverAuth",)}, "extended key usage", "clientAuth"),
            ({"eku": ("clientAuth",)}, "extended key usage", "serverAuth"),
            ({"key_usage": ("keyCertSign",)}, "key usage", "digitalSignature"),
            ({"key": rsa_key(1024)}, "public key", "RSA 1024"),
            ({"not_after": LEAF_FROM + timedelta(days=30)}, "validity", "expired"),
            ({"not_before": datetime.fromisoformat("2026-07-01T00:00Z")}, "validity", "not yet valid"),
            ({"not_after": datetime.fromisoformat("2051-01-01T00:00Z")}, "validity", "2050"),
            ({"basic_constraints": x509.BasicConstraints(ca=True, path_length=None)}, "basic constraints", "CA"),
        ],
    )
    def test_each_departure_is_found(self, tmp_path: Path, changes: dict[str, Any], what: str, said: str) -> None:
        found = differences(verified(tmp_path, issued(**changes)))
        assert any(each == what and said in text for each, text in found), found

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"cn": "exe1"}, "Common name must be a valid FQDN"),
            ({"sans": (*NAMES, "exe1")}, "Subject alternative name must be a valid FQDN"),
            ({"eku": ("serverAuth",)}, "refused where Unified Communications are on"),
        ],
    )
    def test_what_the_upload_refuses_is_told_in_its_words(
        self, tmp_path: Path, changes: dict[str, Any], words: str
    ) -> None:
        run = verified(tmp_path, issued(**changes))
        assert words in [each["refused"] for each in run.json["differences"]]

    def test_longer_than_a_public_ca_may_issue(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.plan["certificate_authority"] = "public"
        begin = datetime.fromisoformat("2026-04-01T00:00Z")
        run = verified(tmp_path, issued(not_before=begin, not_after=begin + timedelta(days=201)), draft=draft)
        assert ("validity", True) in [(what, "200 days" in said) for what, said in differences(run)]
        within = issued(not_before=begin, not_after=begin + timedelta(days=199))
        assert verified(tmp_path, within, draft=draft).code == 0

    def test_shorter_than_ordered(self, tmp_path: Path) -> None:
        assert differences(verified(tmp_path, issued(), "--days", "398"))[0][0] == "validity"
        assert verified(tmp_path, issued(), "--days", "365").code == 0

    def test_the_leaf_alone_belongs_in_the_file(self, tmp_path: Path) -> None:
        found = differences(verified(tmp_path, issued() + bundle(ISSUING, ROOT)))
        assert [(what, "chain in order" in said) for what, said in found] == [("file", True)]
        found = differences(verified(tmp_path, issued() + bundle(ROOT, ISSUING)))
        assert "certificate 2 did not issue certificate 1" in found[0][1]

    def test_a_leaf_behind_its_cas_is_still_found(self, tmp_path: Path) -> None:
        found = differences(verified(tmp_path, bundle(ISSUING) + issued()))
        assert found[0] == ("file", "the peer's own certificate first / it is number 2 of 2")
        assert {what for what, _ in found} == {"file"}

    def test_a_ca_that_is_not_loaded(self, tmp_path: Path) -> None:
        draft = expressway_e()
        draft.trust(1, ROOT)
        ((what, said),) = differences(verified(tmp_path, issued(), draft=draft))
        assert what == "chain"
        assert "certplan test issuing" in said

    def test_no_trusted_ca_list_is_no_pass_in_silence(self, tmp_path: Path) -> None:
        draft = expressway_e()
        del draft.peer(1)["trusted_cas"]
        run = verified(tmp_path, issued(), draft=draft)
        assert any("not checked" in note for note in run.json["files"][0]["notes"])

    def test_self_signed(self, tmp_path: Path) -> None:
        run = verified(tmp_path, self_signed(cn=NAMES[0], sans=NAMES).pem)
        assert "issuer" in [what for what, _ in differences(run)]

    def test_either_mra_format_will_do_and_is_noted(self, tmp_path: Path) -> None:
        run = verified(tmp_path, issued(sans=(*NAMES[:2], "collab-edge.example.com")))
        assert run.code == 0, run.out
        assert any("collab-edge" in note for note in run.json["files"][0]["notes"])

    def test_further_names_ordered(self, tmp_path: Path) -> None:
        contents = issued(sans=(*NAMES, "extra.example.com"))
        assert verified(tmp_path, contents).code == 1
        assert verified(tmp_path, contents, "--san", "extra.example.com").code == 0

    @pytest.mark.parametrize("release", ["X15.3", "X15.4", "X15.5"])
    def test_server_auth_alone_by_release(self, tmp_path: Path, release: str) -> None:
        on_e = verified(tmp_path, issued(eku=("serverAuth",)), draft=expressway_e(release=release))
        assert on_e.code == (1 if release == "X15.3" else 0)
        names = ("excl.corp.example.com", "exc1.corp.example.com")
        contents = issued(cn=names[0], sans=names, eku=("serverAuth",))
        on_c = verified(tmp_path, contents, draft=expressway_c(release=release))
        assert on_c.code == (0 if release == "X15.5" else 1)

    def test_the_client_store_wants_client_auth(self, tmp_path: Path) -> None:
        draft = expressway_e(release="X15.5")
        only_server = verified(tmp_path, issued(eku=("serverAuth",)), "--store", "client", draft=draft)
        assert differences(only_server) == [("extended key usage", "clientAuth / serverAuth")]
        assert verified(tmp_path, issued(eku=("clientAuth",)), "--store", "client", draft=draft).code == 0


class TestRequests:
    def test_a_spoilt_signature_is_found(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        certplan("csr", "new", plan, "-o", tmp_path / "out", "--peer", "1", "--algorithm", "ecdsa-256")
        der = bytearray(x509.load_pem_x509_csr((tmp_path / "out" / "exe1.csr").read_bytes()).public_bytes(Encoding.DER))
        with_faults = der.replace(b"exe1", b"exe9")
        run = verified(tmp_path, bytes(with_faults))
        assert "signature" in [what for what, _ in differences(run)]

    def test_a_text_page_says_which_file_differs_and_in_what(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        out = tmp_path / "out"
        certplan("csr", "new", plan, "-o", out, "--algorithm", "ecdsa-256")
        run = certplan("csr", "verify", *sorted(out.glob("*.csr")), "--plan", plan)
        assert run.code == 0
        assert run.out.count(" (matches)") == 3
        run = certplan("csr", "verify", out / "exe1.csr", "--plan", plan, "--peer", "exe2")
        assert run.code == 1
        assert "exe2.example.com" in run.out.partition("Expected")[2]

    def test_markdown_has_a_heading_for_each_file_and_a_table_of_what_differs(self, tmp_path: Path) -> None:
        run = verified(tmp_path, issued(eku=("serverAuth",)), "--format", "markdown")
        assert run.code == 1
        _, verdict, heading, whose, header, _, row, *notes = (line for line in run.out.splitlines() if line)
        assert verdict == "**Files that differ: 1 of 1.**"
        assert heading.endswith("/returned.pem (differs in 1 point)")
        assert whose.startswith("certificate for the server store of exe1.example.com;")
        assert header == "| What | Expected | Found | At upload |"
        assert row.startswith("| extended key usage | clientAuth | serverAuth |")
        assert all(note.startswith("- ") for note in notes)

    def test_csv_has_a_line_for_each_difference_and_for_each_file_that_matches(self, tmp_path: Path) -> None:
        with_faults = verified(tmp_path, issued(cn=None, eku=("serverAuth",)), "--format", "csv")
        rows = list(csv.DictReader(with_faults.out.splitlines()))
        assert [(row["matches"], row["what"]) for row in rows] == [("no", "CN"), ("no", "extended key usage")]
        (row,) = csv.DictReader(verified(tmp_path, issued(), "--format", "csv").out.splitlines())
        assert (row["matches"], row["peer"], row["what"]) == ("yes", "exe1.example.com", "")

    @pytest.mark.parametrize(
        ("contents", "options", "said"),
        [
            (b"nothing at all", (), "neither PEM"),
            (
                b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                (),
                "cannot be decoded",
            ),
            (b"", (), "empty"),
            (issued(), ("--key", "missing.key"), "no such file"),
            (issued(), ("--csr", "plan.yaml"), "neither PEM"),
            (issued(), ("--store", "both"), "one store"),
            (issued(), ("--peer", "exe7"), "no peer of the plan"),
            (issued(), ("--store", "client"), "no client certificate"),
        ],
    )
    def test_bad_input_ends_with_2(self, tmp_path: Path, contents: bytes, options: tuple[str, ...], said: str) -> None:
        absolute = tuple(str(tmp_path / each) if each.endswith((".key", ".yaml")) else each for each in options)
        run = verified(tmp_path, contents, *absolute)
        assert run.code == 2
        assert said in run.err
        assert run.out == ""

    def test_whose_it_is_has_to_be_known(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        (tmp_path / "x.pem").write_bytes(issued(sans=("expe.example.com",)))
        run = certplan("csr", "verify", tmp_path / "x.pem", "--plan", plan)
        assert run.code == 2
        assert "--peer" in run.err


EVIL = "\x1b[31m[red]evil[/red]<b>\u202e"


class TestShow:
    def evil_csr(self, folder: Path) -> Path:
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, EVIL), x509.NameAttribute(NameOID.LOCALITY_NAME, EVIL)]
        )
        sans = [x509.DNSName("[bold]x\x1b[2J.example.com"), x509.UniformResourceIdentifier("https://a\x07b/")]
        builder = x509.CertificateSigningRequestBuilder(name).add_extension(x509.SubjectAlternativeName(sans), False)
        file = folder / "evil.csr"
        file.write_bytes(builder.sign(ec_key("evil"), hashes.SHA256()).public_bytes(Encoding.PEM))
        return file

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_hostile_contents_do_not_act_on_the_terminal(self, tmp_path: Path, form: str) -> None:
        run = certplan("csr", "show", self.evil_csr(tmp_path), "--format", form)
        assert run.code == 0
        assert run.out.replace("\n", "").isprintable()
        assert "evil" in run.out
        assert "[red]" in run.out

    def test_hostile_contents_in_a_comparison(self, tmp_path: Path) -> None:
        run = verified(tmp_path, self.evil_csr(tmp_path).read_bytes(), "--format", "text")
        assert run.code == 1
        assert run.out.replace("\n", "").isprintable()

    def test_hostile_contents_in_a_comparison_are_no_markup(self, tmp_path: Path) -> None:
        run = verified(tmp_path, self.evil_csr(tmp_path).read_bytes(), "--format", "markdown")
        assert run.code == 1
        assert run.out.replace("\n", "").isprintable()
        assert r"\[red\]evil\[/red\]\<b\>" in run.out
        assert r"\[bold\]x" in run.out

    def test_hostile_contents_in_a_comparison_are_no_formula(self, tmp_path: Path) -> None:
        run = verified(tmp_path, issued(cn="=cmd|calc", sans=(*NAMES, "=cmd|calc")), "--format", "csv")
        found = [row["found"] for row in csv.DictReader(run.out.splitlines())]
        assert any("=cmd|calc" in cell for cell in found)
        assert not any(cell.startswith("=") for row in csv.reader(run.out.splitlines()) for cell in row)

    def test_every_certificate_of_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "all.pem").write_bytes(issued() + bundle(ISSUING, ROOT))
        run = certplan("csr", "show", tmp_path / "all.pem", "--format", "json")
        assert [each["is_ca"] for each in run.json["documents"]] == [None, True, True]
        assert run.json["documents"][0]["sans"] == [f"dns:{name}" for name in NAMES]

    def test_a_private_key_is_never_shown(self, tmp_path: Path) -> None:
        expressway_e().write(tmp_path)
        run = certplan("csr", "show", tmp_path / "keys" / "exe1.key")
        assert run.code == 2
        assert run.out == ""
        for line in (tmp_path / "keys" / "exe1.key").read_text().splitlines():
            assert line not in run.err

    @pytest.mark.parametrize("contents", [b"", b"\0\1\2", b"-----BEGIN CERTIFICATE-----\n", b"0\x82\xff\xff"])
    def test_what_cannot_be_read_ends_with_2(self, tmp_path: Path, contents: bytes) -> None:
        (tmp_path / "x").write_bytes(contents)
        run = certplan("csr", "show", tmp_path / "x")
        assert run.code == 2
        assert run.err.startswith("certplan: ")


def test_a_file_with_no_peers_name_says_so_and_one_with_several_how_many(tmp_path: Path) -> None:
    plan = expressway_e().write(tmp_path)
    for names, said in (
        (("expe.example.com",), "no peer's FQDN is in it, so it is not known whose it is"),
        (("exe1.example.com", "exe2.example.com"), "it has the FQDNs of 2 peers, so"),
    ):
        (tmp_path / "returned.pem").write_bytes(issued(sans=names))
        run = certplan("csr", "verify", tmp_path / "returned.pem", "--plan", plan, *AT)
        assert run.code == 2
        assert said in run.err


def test_the_last_second_counts_for_a_public_ca_only(tmp_path: Path) -> None:
    for authority, length in (
        ("private", "(365 days)."),
        ("public", "(366 days: its last second counts, by the Baseline Requirements for public CAs)."),
    ):
        draft = expressway_e()
        draft.plan["certificate_authority"] = authority
        certificate = issued(not_before=LEAF_FROM, not_after=LEAF_FROM + timedelta(days=365))
        notes = verified(tmp_path / authority, certificate, draft=draft).json["files"][0]["notes"]
        assert any(note.endswith(length) for note in notes), notes
    public = expressway_e()
    public.plan["certificate_authority"] = "public"
    whole = issued(not_before=LEAF_FROM, not_after=LEAF_FROM + timedelta(days=90) - timedelta(seconds=1))
    assert "(90 days)." in " ".join(verified(tmp_path / "whole", whole, draft=public).json["files"][0]["notes"])


def test_a_foreign_oid_in_the_subject_is_told_before_the_upload(tmp_path: Path) -> None:
    oid = "1.3.6.1.4.1.6449.1.2.1.5.1"
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0]), x509.NameAttribute(x509.ObjectIdentifier(oid), "DE")]
    found = differences(verified(tmp_path, issued(subject=x509.Name(parts))))
    assert [what for what, _ in found] == ["subject and issuer"]
    assert oid in found[0][1]
