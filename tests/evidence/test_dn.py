"""Distinguished names against OpenSSL's own comparison (`X509_NAME_cmp`, which pyOpenSSL names compare by)."""

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from OpenSSL import crypto

from certplan.evidence.pki.certificates import parse_certificate
from certplan.evidence.pki.dn import canonical_name
from tests.pki import Authority, ec_key

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")

TEXTS = st.sampled_from(
    ["Lab Root", "Lab Root ", " Lab Root", "lab  ROOT", "Lab\tRoot", "LabRoot", "Lab Root.", "Straße", "STRASSE", " "]
)
TYPES = st.sampled_from([_ASN1Type.UTF8String, _ASN1Type.BMPString, _ASN1Type.PrintableString])
OIDS = st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME])


@st.composite
def attributes(draw: st.DrawFn) -> "x509.NameAttribute[str]":
    text, kind = draw(TEXTS), draw(TYPES)
    if kind is _ASN1Type.PrintableString and not (text.isascii() and text.isprintable()):
        kind = _ASN1Type.UTF8String
    return x509.NameAttribute(draw(OIDS), text, kind)


RDNS = st.lists(attributes(), min_size=1, max_size=2, unique_by=lambda a: a.oid).map(x509.RelativeDistinguishedName)
NAMES = st.lists(RDNS, max_size=3).map(x509.Name)


def in_openssl(name: x509.Name) -> crypto.X509Name:
    root = Authority.root(subject=name, key=ec_key("names"))
    return crypto.load_certificate(crypto.FILETYPE_ASN1, root.der).get_subject()


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@given(one=NAMES, other=NAMES)
@example(one=named("Lab Root "), other=named("Lab Root"))
@example(one=x509.Name([]), other=x509.Name([]))
@settings(max_examples=300)
def test_names_are_equal_where_openssl_says_so(one: x509.Name, other: x509.Name) -> None:
    equal = canonical_name(one.public_bytes()) == canonical_name(other.public_bytes())
    event(f"equal: {equal}")
    assert equal == (in_openssl(one) == in_openssl(other))


@pytest.mark.parametrize(
    "der", ["", "30", "3003310130", "300b3109300706035504030c01ff", "300d310b300906035504031e03004100"]
)
def test_a_name_that_cannot_be_decoded_equals_itself_alone(der: str) -> None:
    unreadable = bytes.fromhex(der)
    assert canonical_name(unreadable) == canonical_name(bytes(unreadable))
    assert canonical_name(unreadable) != canonical_name(x509.Name([]).public_bytes())
    assert canonical_name(unreadable) != canonical_name(unreadable + b"\0")


def test_a_certificate_tells_its_names_in_that_form() -> None:
    root = Authority.root(subject=named("Lab Root "), key=ec_key("blank"))
    below = Authority(root.certificate, root.key).intermediate("issuing", key=ec_key("below blank"))
    assert parse_certificate(below.der).issuer_key == canonical_name(named("lab root").public_bytes())
