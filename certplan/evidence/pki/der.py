"""Just enough DER (X.690) to cut exact slices out of a certificate and to tell what some bytes are.

cryptography decodes; this gives what it does not: the names byte for byte as they were signed, also where they cannot
be decoded, and a word for a structure that is not the expected one.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "CertificateParts",
    "MaterialKind",
    "NotDer",
    "attribute_types",
    "certificate_list_issuer",
    "certificate_parts",
    "dotted",
    "element_text",
    "elements",
    "first_element",
    "kind_of",
]

_INTEGER, _BIT_STRING, _OCTET_STRING, _OID, _SEQUENCE, _CONTEXT_0 = 0x02, 0x03, 0x04, 0x06, 0x30, 0xA0
_LONGEST_OID = 64
_TEXTS = (0x0C, 0x16)
_TIMES = (0x17, 0x18)
_PKCS7 = bytes.fromhex("06092a864886f70d0107")
"""The start of every content type of PKCS#7 (1.2.840.113549.1.7.x), as an OID element."""
_PASSWORD_BASED = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))
"""The start of the encryption schemes of PKCS#5 (1.2.840.113549.1.5.x) and PKCS#12 (1.2.840.113549.1.12.1.x)."""


class NotDer(ValueError):  # noqa: N818 - reads as what is the case
    """The bytes are not DER, or not of the shape asked for."""


class MaterialKind(StrEnum):
    """What certificate files, key files and the like can hold, in words that follow "it is"."""

    CERTIFICATE = "a certificate"
    PKCS7 = "a PKCS#7 bundle"
    PKCS12 = "a PKCS#12 store"
    CSR = "a certificate signing request (CSR)"
    CRL = "a certificate revocation list (CRL)"
    PRIVATE_KEY = "a private key"
    ENCRYPTED_KEY = "an encrypted private key"
    PUBLIC_KEY = "a public key"
    PARAMETERS = "key parameters"
    UNKNOWN = "a block of an unknown kind"

    @property
    def is_private(self) -> bool:
        return self in (MaterialKind.PRIVATE_KEY, MaterialKind.ENCRYPTED_KEY)


class CertificateParts(NamedTuple):
    """Parts of a certificate as they stand in it, header included (RFC 5280 section 4.1)."""

    to_be_signed: bytes
    issuer: bytes
    subject: bytes


class _Element(NamedTuple):
    tag: int
    start: int
    content: int
    end: int


def first_element(data: bytes) -> bytes:
    """The first element of `data`, header included, without what follows it.

    Raises:
        NotDer: when there is none, or its length goes past the end.
    """
    return data[: _element(data, 0, len(data)).end]


def elements(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """The elements that `data` consists of, each as its tag and its contents.

    Raises:
        NotDer: when it does not consist of whole elements.
    """
    found: list[tuple[int, bytes]] = []
    at, limit = 0, len(data)
    while at < limit:
        content, end = _bounds(data, at, limit)
        found.append((data[at], data[content:end]))
        at = end
    return tuple(found)


def element_text(data: bytes) -> str:
    """The text of a UTF8String or IA5String that is the whole of `data`.

    Raises:
        NotDer: when it is anything else.
    """
    only = _element(data, 0, len(data))
    if only.tag not in _TEXTS or only.end != len(data):
        raise NotDer("not text")
    try:
        return data[only.content :].decode()
    except UnicodeDecodeError as error:
        raise NotDer("not text") from error


def certificate_parts(der: bytes) -> CertificateParts:
    """Cut a certificate up without decoding its names.

    Raises:
        NotDer: when it is not built as RFC 5280 section 4.1 has it.
    """
    limit = len(der)
    start, _ = _bounds(der, 0, limit)
    at, end = _bounds(der, start, limit)
    fields = []  # where serial number, signature algorithm, issuer, validity and subject begin, and where subject ends
    if der[at : at + 1] == b"\xa0":  # the version, absent in a v1 certificate
        at = _bounds(der, at, end)[1]
    for _ in range(5):
        fields.append(at)
        at = _bounds(der, at, end)[1]
    return CertificateParts(der[start:end], der[fields[2] : fields[3]], der[fields[4] : at])


def attribute_types(name: bytes) -> tuple[str, ...]:
    """The object identifiers of a name's attributes (RFC 5280 section 4.1.2.4), dotted, in order, each once.

    What cannot be cut up is left out: a name may be hostile.
    """
    found: dict[str, None] = {}
    try:
        for part in _within(name, _element(name, 0, len(name))):
            for pair in _within(name, part):
                kind = _element(name, pair.content, pair.end)
                if kind.tag == _OID and kind.end - kind.content <= _LONGEST_OID:
                    found[dotted(name[kind.content : kind.end])] = None
    except (NotDer, IndexError):
        pass
    return tuple(found)


def dotted(content: bytes) -> str:
    """The contents of an OBJECT IDENTIFIER as people write it."""
    arcs, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        return ""
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def certificate_list_issuer(der: bytes) -> bytes:
    """Cut the issuer's name out of a CRL (RFC 5280 section 5.1).

    Raises:
        NotDer: when it is not built so.
    """
    at, end = _bounds(der, _bounds(der, 0, len(der))[0], len(der))
    if der[at : at + 1] == b"\x02":  # the version, absent in a v1 list
        at = _bounds(der, at, end)[1]
    issuer = _bounds(der, at, end)[1]  # past the signature algorithm
    return der[issuer : _bounds(der, issuer, end)[1]]


def kind_of(data: bytes) -> MaterialKind:
    """Tell by its shape what a DER structure is. Nothing in it is decoded, least of all a key."""
    try:
        return _kind_of(data)
    except NotDer:
        return MaterialKind.UNKNOWN


def _kind_of(data: bytes) -> MaterialKind:
    outer = _element(data, 0, len(data))
    if outer.tag != _SEQUENCE:
        return MaterialKind.UNKNOWN
    parts = list(_within(data, outer))
    tags = tuple(part.tag for part in parts)
    if tags[:2] == (_OID, _CONTEXT_0) and data.startswith(_PKCS7, parts[0].start):
        return MaterialKind.PKCS7
    if tags[:2] == (_INTEGER, _SEQUENCE):
        return MaterialKind.PKCS12 if data.startswith(_PKCS7, parts[1].content) else MaterialKind.PRIVATE_KEY
    if tags[:2] == (_INTEGER, _OCTET_STRING) or (len(tags) >= 9 and set(tags[:9]) == {_INTEGER}):
        return MaterialKind.PRIVATE_KEY
    if tags == (_SEQUENCE, _OCTET_STRING) and data.startswith(_PASSWORD_BASED, parts[0].content):
        return MaterialKind.ENCRYPTED_KEY
    if tags == (_SEQUENCE, _BIT_STRING):
        return MaterialKind.PUBLIC_KEY
    if tags == (_SEQUENCE, _SEQUENCE, _BIT_STRING):
        return _kind_of_signed(tuple(part.tag for part in _within(data, parts[0])))
    return MaterialKind.UNKNOWN


def _kind_of_signed(tags: tuple[int, ...]) -> MaterialKind:
    """Tell certificates, CSRs (RFC 2986) and CRLs (RFC 5280 section 5.1) apart by the fields that are signed."""
    if tags == (_INTEGER, _SEQUENCE, _SEQUENCE, _CONTEXT_0):
        return MaterialKind.CSR
    unversioned = tags[1:] if tags[:1] == (_INTEGER,) else tags
    if unversioned[:2] == (_SEQUENCE, _SEQUENCE) and unversioned[2:3] and unversioned[2] in _TIMES:
        return MaterialKind.CRL
    if tags[:1] == (_CONTEXT_0,) or tags[:5] == (_INTEGER, *[_SEQUENCE] * 4):
        return MaterialKind.CERTIFICATE
    return MaterialKind.UNKNOWN


def _within(data: bytes, outer: _Element) -> Iterator[_Element]:
    at = outer.content
    while at < outer.end:
        element = _element(data, at, outer.end)
        yield element
        at = element.end


def _element(data: bytes, at: int, limit: int) -> _Element:
    content, end = _bounds(data, at, limit)
    return _Element(data[at], at, content, end)


def _bounds(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Where the contents of the element at `at` begin and end."""
    content = at + 2
    if content > limit:
        raise NotDer("ends too soon")
    length = data[at + 1]
    if length & 0x80:
        octets = length & 0x7F
        content += octets
        if not 1 <= octets <= 4 or content > limit:
            raise NotDer("not a definite length")
        length = int.from_bytes(data[at + 2 : content])
    if content + length > limit:
        raise NotDer("ends too soon")
    return content, content + length
