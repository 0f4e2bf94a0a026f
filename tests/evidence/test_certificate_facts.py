"""The facts of one certificate: as built, or a defect where they cannot be read."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from certplan.evidence.model import Certificate, KeyKind, San, SanKind
from certplan.evidence.pki import x509facts
from certplan.evidence.pki.certificates import (
    UnreadableCertificate,
    parse_certificate,
    read_certificates,
)
from certplan.evidence.pki.dn import name_facts
from certplan.evidence.pki.x509facts import public_key_facts
from tests.pki import LEAF_FROM, LEAF_UNTIL, Authority, Leaf, ec_key, name, rsa_key, self_signed

MATERIAL = Path(__file__).parents[2] / "fixtures" / "material"
ROOT = Authority.root(key=ec_key("root"))
ISSUING = ROOT.intermediate(key=ec_key("issuing"), path_length=0)
LEAF = ISSUING.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("exe1"))
OTHER = ISSUING.issue("exe2.example.com", ["exe2.example.com"], key=ec_key("exe2"))


class TestFacts:
    def test_of_a_leaf_are_those_it_was_built_with(self) -> None:
        leaf = ISSUING.issue(
            subject=name("expe.example.com", C="DE", O="Example"),
            sans=["exe1.example.com", ip_address("203.0.113.11"), ip_address("2001:db8::1"), "EXPE.example.com."],
            key=ec_key("facts"),
            serial=0xABC123,
            key_usage=("digitalSignature", "keyAgreement", "encipherOnly"),
            eku=("serverAuth", "1.2.3.4"),
            eku_critical=True,
        )
        facts = parse_certificate(leaf.der)
        assert facts == Certificate(
            der=leaf.der,
            sha256=leaf.certificate.fingerprint(hashes.SHA256()).hex(),
            subject="CN=expe.example.com,O=Example,C=DE",
            subject_der=leaf.certificate.subject.public_bytes(),
            subject_key=name_facts(leaf.certificate.subject.public_bytes()).key,
            issuer="CN=certplan test issuing",
            issuer_der=ISSUING.certificate.subject.public_bytes(),
            issuer_key=name_facts(ISSUING.certificate.subject.public_bytes()).key,
            common_names=("expe.example.com",),
            serial="abc123",
            not_before=LEAF_FROM,
            not_after=LEAF_UNTIL,
            key=public_key_facts(leaf.key.public_key()),
            signature_hash="sha256",
            signature_key=KeyKind.ECDSA,
            sans=(
                San(SanKind.DNS, "exe1.example.com"),
                San(SanKind.IP, "203.0.113.11"),
                San(SanKind.IP, "2001:db8::1"),
                San(SanKind.DNS, "EXPE.example.com."),
            ),
            eku=("serverAuth", "1.2.3.4"),
            eku_critical=True,
            key_usage=("digitalSignature", "keyAgreement", "encipherOnly"),
            is_ca=None,
            path_length=None,
            subject_key_id=x509.SubjectKeyIdentifier.from_public_key(leaf.key.public_key()).digest.hex(),
            authority_key_id=x509.SubjectKeyIdentifier.from_public_key(ISSUING.key.public_key()).digest.hex(),
            authority_serial=None,
            authority_issuer_key=None,
            netscape_types=None,
            self_issued=False,
        )
        assert facts.dns_names == ("exe1.example.com", "EXPE.example.com.")

    def test_of_a_ca_tell_its_constraints_and_that_it_signed_itself(self) -> None:
        root, issuing = parse_certificate(ROOT.der), parse_certificate(ISSUING.der)
        assert (root.is_ca, root.path_length, root.self_issued, root.self_signed) == (True, None, True, True)
        assert (issuing.is_ca, issuing.path_length, issuing.self_signed) == (True, 0, False)
        assert root.key_usage == ("keyCertSign", "cRLSign")
        assert root.eku is None
        assert root.sans == ()

    def test_what_is_absent_is_absent_and_no_defect(self) -> None:
        facts = parse_certificate(
            ISSUING.issue(None, eku=None, key_usage=None, ski=False, aki=False, key=ec_key("bare")).der
        )
        assert (facts.subject, facts.common_names, facts.sans) == ("", (), ())
        assert (facts.eku, facts.key_usage, facts.is_ca, facts.subject_key_id, facts.authority_key_id) == (None,) * 5
        assert facts.defects == ()

    def test_every_kind_of_san_keeps_its_value(self) -> None:
        xmpp = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")
        facts = parse_certificate(
            ISSUING.issue(
                sans=[
                    x509.UniformResourceIdentifier("sip:a@example.com"),
                    x509.RFC822Name("a@example.com"),
                    x509.OtherName(xmpp, b"\x0c\x0bexample.com"),
                    x509.OtherName(xmpp, b"\x02\x01\x05"),
                    x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x03a@b"),
                    x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
                    x509.DirectoryName(name("x")),
                ]
            ).der
        )
        assert facts.sans == (
            San(SanKind.URI, "sip:a@example.com"),
            San(SanKind.EMAIL, "a@example.com"),
            San(SanKind.XMPP_ADDRESS, "example.com"),
            San(SanKind.OTHER, "1.3.6.1.5.5.7.8.5:020105"),
            San(SanKind.OTHER, "1.3.6.1.4.1.311.20.2.3:a@b"),
            San(SanKind.OTHER, "1.2.3"),
            San(SanKind.OTHER, "CN=x"),
        )

    def test_several_common_names_are_all_given(self) -> None:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text) for text in ("a.example.com", "b")])
        assert parse_certificate(ISSUING.issue(subject=subject).der).common_names == ("a.example.com", "b")

    @pytest.mark.parametrize(
        ("leaf", "kind", "words", "bits"),
        [
            (lambda: self_signed(key=rsa_key(2048)), KeyKind.RSA, "RSA 2048", 2048),
            (lambda: self_signed(key=ec_key("k")), KeyKind.ECDSA, "ECDSA P-256", 256),
            (lambda: self_signed(key=ec.generate_private_key(ec.SECP384R1())), KeyKind.ECDSA, "ECDSA P-384", 384),
            (lambda: self_signed(key=ec.generate_private_key(ec.SECP521R1())), KeyKind.ECDSA, "ECDSA P-521", 521),
            (
                lambda: self_signed(key=ec.generate_private_key(ec.BrainpoolP256R1())),
                KeyKind.ECDSA,
                "ECDSA brainpoolP256r1",
                256,
            ),
            (lambda: self_signed(key=ed25519.Ed25519PrivateKey.generate()), KeyKind.OTHER, "Ed25519", 256),
        ],
    )
    def test_keys_are_named_as_people_say_and_verify_their_own_signature(
        self, leaf: Callable[[], Leaf], kind: KeyKind, words: str, bits: int
    ) -> None:
        facts = parse_certificate(leaf().der)
        assert facts.key is not None
        assert (facts.key.kind, facts.key.name, facts.key.bits) == (kind, words, bits)
        assert facts.self_signed
        assert facts.signature_hash == (None if words == "Ed25519" else "sha256")

    def test_self_issued_with_another_key_is_not_self_signed(self) -> None:
        rolled = ROOT.intermediate(subject=ROOT.certificate.subject, key=ec_key("new generation"))
        facts = parse_certificate(rolled.der)
        assert facts.self_issued
        assert not facts.self_signed

    def test_sha1_and_small_keys_are_seen_as_they_are(self) -> None:
        def facts(file: str) -> Certificate:
            ((located,), found) = read_certificates((MATERIAL / file).read_bytes(), file)
            assert found == ()
            return located.certificate

        assert facts("sha1-leaf.pem").signature_hash == "sha1"
        small = facts("rsa1024-leaf.pem")
        assert small.key is not None
        assert small.key.name == "RSA 1024"
        assert facts("expired-leaf.pem").not_after == datetime(2025, 1, 1, tzinfo=UTC)
        assert facts("weak-root.pem").self_signed
        assert not any(facts(file.name).defects for file in MATERIAL.glob("*.pem") if "malformed" not in file.name)

    def test_a_defect_is_that_of_its_certificate_alone(self) -> None:
        ((broken,), _) = read_certificates((MATERIAL / "malformed-san-leaf.pem").read_bytes(), "f.pem")
        assert broken.certificate.defects
        assert parse_certificate(ISSUING.issue("after", key=ec_key("after a defect")).der).defects == ()

    def test_a_malformed_san_leaves_names_and_usages_unknown_and_the_rest_known(self) -> None:
        data = (MATERIAL / "malformed-san-leaf.pem").read_bytes()
        ((located,), _) = read_certificates(data, "f.pem")
        facts = located.certificate
        assert (facts.sans, facts.eku, facts.is_ca) == (None, None, None)
        assert facts.defects == ("the extensions cannot be read, so its names (SAN) and usages are not known",)
        assert facts.subject == "CN=exe1.example.com"
        assert facts.dns_names == ()

    def test_a_subject_that_cannot_be_decoded_is_a_defect_and_keeps_its_bytes(self) -> None:
        broken = LEAF.der.replace(b"exe1.example.com", b"\xff\xfe\xff1.example.com", 1)
        facts = parse_certificate(broken)
        assert (facts.subject, facts.common_names) == ("", ())
        assert facts.defects == ("the subject cannot be read",)
        assert b"\xff\xfe\xff1.example.com" in facts.subject_der
        assert facts.issuer == "CN=certplan test issuing"

    def test_a_key_that_is_no_point_of_its_curve_is_a_defect(self) -> None:
        point = LEAF.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )[-64:]
        facts = parse_certificate(LEAF.der.replace(point, b"\1" * 64))
        assert facts.key is None
        assert facts.defects == ("the public key cannot be read: its algorithm is unknown or it is malformed",)

    def test_an_unknown_signature_algorithm_is_a_defect(self) -> None:
        ecdsa_with_sha256 = bytes.fromhex("06082a8648ce3d040302")
        facts = parse_certificate(LEAF.der.replace(ecdsa_with_sha256, bytes.fromhex("06082a8648ce3d04037f")))
        assert facts.signature_hash is None
        assert "the signature algorithm is unknown" in facts.defects

    @pytest.mark.parametrize(("octet", "serial"), [(b"\xff", "-1"), (b"\x00", "0")])
    def test_an_odd_serial_number_warns_nobody(self, octet: bytes, serial: str) -> None:
        der = ISSUING.issue(serial=0x7F, key=ec_key("serial")).der
        assert parse_certificate(der.replace(b"\x02\x01\x7f", b"\x02\x01" + octet, 1)).serial == serial

    def test_a_date_that_cannot_be_read_makes_it_unreadable(self) -> None:
        with pytest.raises(UnreadableCertificate, match="cannot be decoded"):
            parse_certificate(LEAF.der.replace(b"270101000000Z", b"279901000000Z"))

    def test_equal_bytes_are_parsed_once(self) -> None:
        assert parse_certificate(LEAF.der) is parse_certificate(bytes(bytearray(LEAF.der)))

    def test_those_of_a_list_are_those_of_each_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The certificates of a file are read a part at a time for all of them."""
        unreadable = LEAF.der.replace(b"270101000000Z", b"279901000000Z")
        nameless = OTHER.der.replace(b"exe2.example.com", b"\xff\xfe\xff2.example.com", 1)
        pems = [file.read_bytes() for file in sorted(MATERIAL.glob("*.pem")) if "key" not in file.name]
        pems += [ssl.DER_cert_to_PEM_cert(der).encode() for der in (LEAF.der, unreadable, nameless, LEAF.der)]
        monkeypatch.setattr(x509facts, "_known", {})
        together, problems = read_certificates(b"".join(pems), "all.pem")
        assert sum("cannot be decoded" in problem.what for problem in problems) == 1
        assert sum(bool(each.certificate.defects) for each in together) == 2
        monkeypatch.setattr(x509facts, "_known", {})
        assert [each.certificate for each in together] == [parse_certificate(each.certificate.der) for each in together]

    def test_key_fingerprint_is_that_of_the_subject_public_key_info(self) -> None:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(
            LEAF.key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        key = parse_certificate(LEAF.der).key
        assert key is not None
        assert key.sha256 == digest.finalize().hex()
