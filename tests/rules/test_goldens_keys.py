"""KEY: goldens for keys, key files and signatures."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from certplan.evidence.gather import gather
from certplan.evidence.model import Certificate, Located, TrustList
from certplan.judgement import Judgement, judge
from certplan.outcomes import Verdict
from certplan.plan.reading import load_plan
from certplan.value import replace
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, LEAF_FROM, LEAF_UNTIL, ec_key, key_pem, name, rsa_key
from tests.resign import resigned
from tests.rules.golden import Golden, fires, goldens_of, near_miss

MATERIAL = Path(__file__).parents[2] / "fixtures" / "material"
KEY_UNKNOWN = "KEY001 unknown exe1.example.com"
WEAK_NAMES = (
    "NAM016 fail server certificate of exe1.example.com",
    "NAM019 fail server certificate of exe1.example.com",
)
"""What the committed certificates, which bear the name of exe1 alone, make the name rules say."""


def _odd_key(label: str = "odd") -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(label.encode().ljust(32, b"."))


def _committed(file: str) -> Draft:
    """exe1 has a committed certificate; its root, RSA 2048 with SHA-256, is in every list."""
    draft = expressway_e()
    peer = draft.peer(1)
    draft.files[peer["server_certificate"]] = (MATERIAL / file).read_bytes()
    del peer["private_key"]
    for number in (1, 2, 3):
        draft.files[draft.peer(number)["trusted_cas"][0]] += (MATERIAL / "weak-root.pem").read_bytes()
    return draft


def _with_modulus(bits: int) -> Draft:
    """exe1's certificate is for an RSA key of `bits`, made of thin air: a certificate needs its public half only."""
    draft = expressway_e()
    public = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) | 1).public_key()
    issuing = draft.issuing
    builder = (
        x509.CertificateBuilder(
            issuing.certificate.subject, name("expe.example.com"), public, 4711, LEAF_FROM, LEAF_UNTIL
        )
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(n) for n in ("expe.example.com", "exe1.example.com", "example.com")]
            ),
            critical=False,
        )
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
    )
    certificate = builder.sign(issuing.key, hashes.SHA256())
    draft.files[draft.peer(1)["server_certificate"]] = certificate.public_bytes(Encoding.PEM)
    del draft.peer(1)["private_key"]
    return draft


@fires("KEY001", "KEY001 fail exe2.example.com")
def key_of_another_csr() -> Draft:
    """exe2: certificate for one key ── private_key is another's"""
    draft = expressway_e()
    draft.files[draft.peer(2)["private_key"]] = key_pem(ec_key("discarded CSR"))
    return draft


@near_miss("KEY001")
def key_in_another_layout() -> Draft:
    """exe2: the same key, written as SEC1 instead of PKCS#8"""
    draft = expressway_e()
    draft.files[draft.peer(2)["private_key"]] = key_pem(ec_key("exe2.example.com server"), traditional=True)
    return draft


@near_miss("KEY001")
def the_key_of_the_certificate() -> Draft:
    """exe2: reissued, and the plan names the key that belongs to it"""
    draft = expressway_e()
    draft.reissue(2, key=ec_key("anew"))
    return draft


@fires("KEY002", "KEY002 fail server certificate of exe1.example.com", KEY_UNKNOWN, *WEAK_NAMES)
def rsa_1024() -> Draft:
    """exe1: RSA 1024"""
    return _committed("rsa1024-leaf.pem")


@near_miss("KEY002")
def rsa_2048() -> Draft:
    """exe1: RSA 2048, the shortest the appliance offers"""
    draft = expressway_e()
    draft.reissue(1, key=rsa_key(2048))
    return draft


@fires("KEY003", "KEY003 fail server certificate of exe1.example.com", KEY_UNKNOWN)
def rsa_8192() -> Draft:
    """exe1: RSA 8192"""
    return _with_modulus(8192)


@near_miss("KEY003", KEY_UNKNOWN)
def rsa_4096() -> Draft:
    """exe1: RSA 4096, the longest the appliance offers"""
    return _with_modulus(4096)


@fires(
    "KEY004",
    "KEY004 fail server certificate of exe1.example.com",
    "KEY004 fail server certificate of exe2.example.com",
)
def ecdsa_on_x14_2() -> Draft:
    """X14.2.7: exe1 and exe2 have ECDSA P-256, exe3 has RSA; the CAs are ECDSA, which is allowed"""
    draft = expressway_e(release="X14.2.7")
    draft.reissue(3, key=rsa_key(2048))
    return draft


@near_miss("KEY004")
def ecdsa_on_x14_3() -> Draft:
    """X14.3, the first release with ECDSA"""
    return expressway_e(release="X14.3")


@fires(
    "KEY005", "KEY005 fail server certificate of exe1.example.com", "KEY005 fail server certificate of exe2.example.com"
)
def algorithms_unknown_to_the_appliance() -> Draft:
    """exe1: Ed25519; exe2: ECDSA on secp256k1"""
    draft = expressway_e()
    draft.reissue(1, key=_odd_key())
    draft.reissue(2, key=ec.derive_private_key(4711, ec.SECP256K1()))
    return draft


@near_miss("KEY005")
def the_three_curves() -> Draft:
    """P-256, P-384 and P-521"""
    draft = expressway_e()
    draft.reissue(2, key=ec.derive_private_key(4711, ec.SECP384R1()))
    draft.reissue(3, key=ec.derive_private_key(4711, ec.SECP521R1()))
    return draft


@fires("KEY006", "KEY006 fail server certificate of exe1.example.com", KEY_UNKNOWN, *WEAK_NAMES)
def signed_with_sha1() -> Draft:
    """exe1: signed with SHA-1"""
    return _committed("sha1-leaf.pem")


@near_miss("KEY006")
def signed_with_sha512() -> Draft:
    """exe1: signed with SHA-512"""
    draft = expressway_e()
    draft.reissue(1, digest=hashes.SHA512())
    return draft


@fires("KEY007", "KEY007 fail expe.example.com")
def one_key_on_two_peers() -> Draft:
    """exe1 and exe3: two certificates, one key"""
    draft = expressway_e()
    draft.reissue(1, key=ec_key("copied"))
    draft.reissue(3, key=ec_key("copied"))
    return draft


@near_miss("KEY007")
def one_key_in_both_stores() -> Draft:
    """X15.5: each peer's server and client certificate share the peer's own key, as after an upgrade"""
    draft = expressway_e(release="X15.5")
    for number in (1, 2, 3):
        peer = draft.peer(number)
        draft.reissue(number, store="client", key=ec_key(f"{peer['fqdn']} server"))
    return draft


@fires("KEY008", "KEY008 fail exe2.example.com", "KEY001 unknown exe2.example.com")
def key_with_a_password() -> Draft:
    """exe2: -----BEGIN ENCRYPTED PRIVATE KEY-----"""
    draft = expressway_e()
    draft.files[draft.peer(2)["private_key"]] = key_pem(ec_key("exe2.example.com server"), password=b"secret")
    return draft


@near_miss("KEY008", "KEY001 unknown exe2.example.com")
def key_that_is_damaged() -> Draft:
    """exe2: a plain key whose contents are no key: it cannot be compared, but no password protects it"""
    draft = expressway_e()
    draft.files[draft.peer(2)["private_key"]] = b"-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----\n"
    return draft


@fires("KEY009", "KEY009 fail exe2.example.com")
def key_without_a_newline() -> Draft:
    """exe2: ...-----END PRIVATE KEY-----<end of file>"""
    draft = expressway_e()
    draft.files[draft.peer(2)["private_key"]] = draft.files[draft.peer(2)["private_key"]].rstrip(b"\n")
    return draft


@near_miss("KEY009")
def key_of_windows() -> Draft:
    """exe2: lines that end in CR LF, the last one too"""
    draft = expressway_e()
    draft.files[draft.peer(2)["private_key"]] = draft.files[draft.peer(2)["private_key"]].replace(b"\n", b"\r\n")
    return draft


KEY_UNREAD = ("KEY002", "KEY003", "KEY005")


# --- KEY002 and KEY006 in CAs, and by release ---


@fires("KEY002", *(f"KEY002 fail server certificate of exc{number}.corp.example.com" for number in (1, 2)))
def an_issuing_ca_with_a_short_key() -> Draft:
    """root ── issuing CA with RSA 1024 ── excN"""
    draft = expressway_c()
    short = draft.root.intermediate("short key", key=rsa_key(1024))
    for number in (1, 2):
        draft.reissue(number, issuer=short)
        draft.trust(number, draft.root, short)
    return draft


def _signed_with_sha1(release: str) -> Draft:
    draft = expressway_c(release=release)
    leaf = draft.reissue(2)
    again = resigned(leaf.certificate, ec_key("clusters issuing"), sha1=True)
    draft.files[draft.peer(2)["server_certificate"]] = again.public_bytes(Encoding.PEM)
    return draft


@pytest.mark.parametrize(
    ("release", "severity", "verdict"),
    [("X14.3.4", "warning", Verdict.READY), ("X15.1", "warning", Verdict.READY), ("X15.2", "error", Verdict.NOT_READY)],
)
def test_sha1_ends_with_x15_2(release: str, severity: str, verdict: Verdict, tmp_path: Path) -> None:
    judgement = _signed_with_sha1(release).judge(tmp_path)
    (found,) = (finding for finding in judgement.findings if finding.code == "KEY006")
    assert (found.severity.value, judgement.verdict) == (severity, verdict)
    assert found.subject.peers == ("exc2.corp.example.com",)


# --- KEY010: a key that cannot be read ---


@fires(
    "KEY010",
    "KEY010 fail exe2.example.com",
    "KEY001 unknown exe2.example.com",
    *(f"{code} unknown server certificate of exe2.example.com" for code in KEY_UNREAD),
)
def a_point_off_its_curve() -> Draft:
    """exe2: rightly signed, and its EC key is no point of P-256"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    off = resigned(leaf.certificate, ec_key("clusters issuing"), off_curve=True)
    draft.files[draft.peer(2)["server_certificate"]] = off.public_bytes(Encoding.PEM)
    del draft.peer(2)["private_key"]
    return draft


@near_miss("KEY010")
def the_same_signed_again() -> Draft:
    """exe2: signed again with its own key"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    again = resigned(leaf.certificate, ec_key("clusters issuing"))
    draft.files[draft.peer(2)["server_certificate"]] = again.public_bytes(Encoding.PEM)
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()


def _judged_with(draft: Draft, folder: Path, change: dict[str, dict[str, object]], *extra: Certificate) -> Judgement:
    """Judge with the facts of the CAs of these subjects changed, and `extra` appended to every list."""
    plan = load_plan(draft.write(folder))
    evidence = gather(plan, AT, live_dns=False)
    peers = []
    for found in evidence.peers:
        assert isinstance(found.trust, TrustList)
        cas = [
            Located(replace(ca.certificate, **change.get(ca.certificate.subject, {})), ca.where)
            for ca in found.trust.certificates
        ]
        cas += [Located(certificate, cas[0].where) for certificate in extra]
        peers.append(replace(found, trust=TrustList(tuple(cas))))
    return judge(plan, replace(evidence, peers=tuple(peers)), AT)


def _weak(judgement: Judgement) -> list[str]:
    return [f"{f.subject.name}: {f.message}" for f in judgement.findings if f.code == "KEY006"]


ISSUING_SUBJECT, ROOT_SUBJECT = "CN=certplan test issuing", "CN=certplan test root"


def test_an_issuing_ca_signed_with_sha1_is_found_for_every_certificate_below_it(tmp_path: Path) -> None:
    found = _weak(_judged_with(expressway_c(), tmp_path, {ISSUING_SUBJECT: {"signature_hash": "sha1"}}))
    assert [text.partition(":")[0] for text in found] == [
        "server certificate of exc1.corp.example.com",
        "server certificate of exc2.corp.example.com",
    ]
    assert all("CA CN=certplan test issuing, which is signed with SHA-1" in text for text in found)


def test_a_roots_signature_of_itself_does_not_matter(tmp_path: Path) -> None:
    assert not _weak(_judged_with(expressway_c(), tmp_path, {ROOT_SUBJECT: {"signature_hash": "sha1"}}))


def test_a_weak_ca_that_signed_nobody_here_does_not_matter(tmp_path: Path) -> None:
    draft = expressway_c()
    other = draft.root.intermediate("an old CA", key=ec_key("old"))
    draft.trust(1, draft.root, draft.issuing, other)
    assert not _weak(_judged_with(draft, tmp_path, {"CN=an old CA": {"signature_hash": "md5"}}))


def test_an_old_edition_of_a_ca_does_not_matter_beside_a_sound_one(tmp_path: Path) -> None:
    plan = load_plan(expressway_c().write(tmp_path))
    trusted = gather(plan, AT, live_dns=False).peers[0].trust
    assert isinstance(trusted, TrustList)
    sound = next(ca.certificate for ca in trusted.certificates if ca.certificate.subject == ISSUING_SUBJECT)
    old = replace(sound, signature_hash="sha1", sha256="0" * 64)
    assert not _weak(_judged_with(expressway_c(), tmp_path, {}, old))


def test_a_missing_newline_is_an_error_with_mra_and_a_warning_without(tmp_path: Path) -> None:
    def severity(draft: Draft, folder: str) -> str:
        draft.files[draft.peer(1)["private_key"]] = draft.files[draft.peer(1)["private_key"]].rstrip(b"\n")
        judgement = draft.judge(tmp_path / folder)
        return next(f.severity.value for f in judgement.findings if f.code == "KEY009")

    assert severity(expressway_e(), "e") == "error"
    assert severity(expressway_c(), "c") == "warning"


def test_a_certificate_whose_key_cannot_be_read_is_never_a_pass_nor_a_mismatch(tmp_path: Path) -> None:
    draft = expressway_c()
    plan = load_plan(draft.write(tmp_path))
    evidence = gather(plan, AT, live_dns=False)
    server = evidence.peers[0].server
    assert not hasattr(server, "why")
    blind = replace(server, leaf=replace(server.leaf, key=None, defects=("the public key cannot be read",)))
    peers = (replace(evidence.peers[0], server=blind), *evidence.peers[1:])
    findings = judge(plan, replace(evidence, peers=peers), AT).findings
    said = {(f.code, f.outcome.value) for f in findings if f.code.startswith("KEY")}
    assert said == {(code, "unknown") for code in ("KEY001", "KEY002", "KEY003", "KEY005")}
