"""Distinguished names against OpenSSL's own comparison (`X509_NAME_cmp`, which pyOpenSSL names compare by), and their
text against cryptography's."""

from string import ascii_lowercase, ascii_uppercase

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from OpenSSL import crypto

from certplan.evidence.pki.certificates import parse_certificate
from certplan.evidence.pki.dn import name_facts
from tests.pki import Authority, ec_key

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")

TEXTS = st.sampled_from(
    ["Lab Root", "Lab Root ", " Lab Root", "lab  ROOT", "Lab\tRoot", "LabRoot", "Lab Root.", "Straße", "STRASSE", " "]
)
HOSTILE_TEXTS = st.text(alphabet=st.sampled_from('ab #"+,;<>=\\\0\n\r\té😀'), min_size=1, max_size=6)
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


MANY_OIDS = st.sampled_from(
    [
        NameOID.COMMON_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.LOCALITY_NAME,
        NameOID.STATE_OR_PROVINCE_NAME,
        NameOID.STREET_ADDRESS,
        NameOID.DOMAIN_COMPONENT,
        NameOID.USER_ID,
        NameOID.EMAIL_ADDRESS,
        x509.ObjectIdentifier("1.3.6.1.4.1.99999.1.300"),
    ]
)
SHOWN = st.lists(
    st.lists(st.builds(x509.NameAttribute, MANY_OIDS, HOSTILE_TEXTS), min_size=1, max_size=2, unique_by=repr).map(
        x509.RelativeDistinguishedName
    ),
    max_size=4,
).map(x509.Name)


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
    equal = name_facts(one.public_bytes()).key == name_facts(other.public_bytes()).key
    event(f"equal: {equal}")
    assert equal == (in_openssl(one) == in_openssl(other))


@given(name=SHOWN)
@example(
    name=x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "NO"), x509.NameAttribute(NameOID.COMMON_NAME, "#1 ")])
)
@settings(max_examples=300)
def test_names_read_as_rfc_4514_has_them(name: x509.Name) -> None:
    der = name.public_bytes()  # which puts the attributes of a set in order
    facts, name = name_facts(der), x509.Name.from_bytes(der)
    assert facts.readable
    assert facts.text == name.rfc4514_string()
    assert facts.common_names == tuple(each.value for each in name.get_attributes_for_oid(NameOID.COMMON_NAME))
    assert facts.organizations == tuple(each.value for each in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("0603550405 1203313233", "2.5.4.5=123"),  # NumericString
        ("0603550403 1e040061004f", "CN=aO"),  # BMPString
        ("0603550403 1c0400000061", "CN=a"),  # UniversalString
        ("0603550403 1401e9", "CN=é"),  # T61String, as OpenSSL takes it
        ("0603550403 1402c3a9", "CN=é"),  # T61String with what should be a UTF8String
        ("0603550403 1e02c3a9", "CN=\uc3a9"),  # BMPString whose bytes would be other text in UTF-8
        ("0603550403 1a0161", "CN=a"),  # VisibleString
        ("060355042d 03020780", "2.5.4.45=#0780"),  # BIT STRING
        ("060355042d 17023031", "2.5.4.45=#3031"),  # UTCTime
    ],
)
def test_a_value_is_shown_by_its_type(attribute: str, text: str) -> None:
    pair = bytes.fromhex(attribute)
    rdn = bytes((0x31, len(pair) + 2, 0x30, len(pair))) + pair
    facts = name_facts(bytes((0x30, len(rdn))) + rdn)
    assert (facts.text, facts.readable) == (text, True)
    assert facts.common_names == ((text[3:],) if text.startswith("CN=") else ())


def test_letters_of_either_case_are_one() -> None:
    upper, lower = (name_facts(named(letters).public_bytes()).key for letters in (ascii_uppercase, ascii_lowercase))
    assert upper == lower
    assert name_facts(named("[").public_bytes()).key != name_facts(named("{").public_bytes()).key


@pytest.mark.parametrize("place", [0, 2, 4, 6])
@pytest.mark.parametrize("tag", [0x05, 0x7F])
def test_a_name_of_other_elements_cannot_be_decoded(place: int, tag: int) -> None:
    """A name is a sequence of sets of sequences that begin with an object identifier (RFC 5280 section 4.1.2.4)."""
    der = bytearray(named("a").public_bytes())
    der[place] = tag
    assert not name_facts(bytes(der)).readable


@pytest.mark.parametrize(
    "der", ["", "30", "3003310130", "300b3109300706035504030c01ff", "300d310b300906035504031e03004100"]
)
def test_a_name_that_cannot_be_decoded_equals_itself_alone(der: str) -> None:
    unreadable = bytes.fromhex(der)
    assert (name_facts(unreadable).readable, name_facts(unreadable).text) == (False, "")
    assert name_facts(unreadable).key != name_facts(x509.Name([]).public_bytes()).key
    assert name_facts(unreadable).key != name_facts(unreadable + b"\0").key


def test_a_certificate_tells_its_names_in_that_form() -> None:
    root = Authority.root(subject=named("Lab Root "), key=ec_key("blank"))
    below = Authority(root.certificate, root.key).intermediate("issuing", key=ec_key("below blank"))
    assert parse_certificate(below.der).issuer_key == name_facts(named("lab root").public_bytes()).key
