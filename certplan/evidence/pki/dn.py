"""Distinguished names: their text, and the form in which OpenSSL compares them.

OpenSSL holds two names equal when their canonical forms are: every text value as UTF-8, without blanks at its ends,
with runs of blanks drawn together and ASCII letters in lower case (RFC 5280 section 7.1, as `X509_NAME_cmp` does it).
A list has hundreds of CAs, so each name is read once, for all that is asked of it.
"""

import functools
import re
from typing import NamedTuple

from certplan.evidence.pki.der import NotDer, dotted, elements
from certplan.value import Value

__all__ = ["NameFacts", "name_facts"]

_SEQUENCE, _SET, _OID = 0x30, 0x31, 0x06
_COMMON_NAME, _ORGANIZATION = "CN", "O"
_KEYWORDS = {
    b"\x55\x04\x03": _COMMON_NAME,
    b"\x55\x04\x07": "L",
    b"\x55\x04\x08": "ST",
    b"\x55\x04\x0a": _ORGANIZATION,
    b"\x55\x04\x0b": "OU",
    b"\x55\x04\x06": "C",
    b"\x55\x04\x09": "STREET",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19": "DC",
    b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01": "UID",
}
"""The attribute types that RFC 4514 section 3 writes as words, by their object identifiers."""
_ONE_BYTE = "latin-1"
_ENCODINGS = {
    0x0C: "utf-8",  # UTF8String
    0x13: _ONE_BYTE,  # PrintableString
    0x14: _ONE_BYTE,  # T61String
    0x16: _ONE_BYTE,  # IA5String
    0x1A: _ONE_BYTE,  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_NUMERIC_STRING = 0x12
"""Text too, but OpenSSL compares it byte for byte."""
_BLANKS = re.compile(rb"[ \t\n\v\f\r]+")
_SPECIAL = re.compile(r'[\\"+,;<>]|^[# ]| \Z')


class NameFacts(Value):
    """A distinguished name (RFC 5280 section 4.1.2.4)."""

    key: bytes
    """The form by which names are compared: equal bytes, equal names."""
    text: str
    """RFC 4514 text."""
    common_names: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    readable: bool = True
    """False where it cannot be decoded: it then equals only itself, byte for byte, and has no text."""


class _Attribute(NamedTuple):
    key: bytes
    kind: str
    value: str | None
    """None where it is no text."""
    shown: str


@functools.lru_cache(maxsize=8192)
def name_facts(der: bytes) -> NameFacts:
    """Read a Name. That of an issuer comes back in every certificate it signed, so it is kept."""
    try:
        rdns = _rdns(der)
    except (NotDer, ValueError):
        return NameFacts(b"\xff" + der, "", readable=False)
    return NameFacts(
        key=b"".join([_sized(b"".join(sorted([attribute.key for attribute in rdn]))) for rdn in rdns]),
        text=",".join(["+".join([f"{each.kind}={each.shown}" for each in rdn]) for rdn in reversed(rdns)]),
        common_names=_values(rdns, _COMMON_NAME),
        organizations=_values(rdns, _ORGANIZATION),
    )


def _rdns(der: bytes) -> list[list[_Attribute]]:
    ((tag, contents),) = elements(der)
    if tag != _SEQUENCE:
        raise NotDer("not a name")
    return [_rdn(*element) for element in elements(contents)]


def _values(rdns: list[list[_Attribute]], kind: str) -> tuple[str, ...]:
    return tuple([each.value for rdn in rdns for each in rdn if each.kind == kind and each.value is not None])


def _rdn(tag: int, contents: bytes) -> list[_Attribute]:
    if tag != _SET:
        raise NotDer("not a relative distinguished name")
    return [_attribute(*element) for element in elements(contents)]


def _attribute(tag: int, contents: bytes) -> _Attribute:
    (kind, oid), (encoding, encoded) = elements(contents)
    if tag != _SEQUENCE or kind != _OID:
        raise NotDer("not an attribute")
    keyword = _KEYWORDS.get(oid) or dotted(oid)
    if encoding not in _ENCODINGS:
        value = encoded.decode("ascii") if encoding == _NUMERIC_STRING else None
        shown = f"#{encoded.hex()}" if value is None else _escaped(value)
        return _Attribute(_sized(oid) + _sized(bytes((encoding,)) + encoded), keyword, value, shown)
    value = encoded.decode(_ENCODINGS[encoding])
    compared = _BLANKS.sub(b" ", value.encode()).strip(b" ").lower()
    if not encoded.isascii() and _ENCODINGS[encoding] == _ONE_BYTE:
        value = _as_meant(encoded, value)
    return _Attribute(_sized(oid) + _sized(b"\x0c" + compared), keyword, value, _escaped(value))


def _as_meant(encoded: bytes, value: str) -> str:
    """Much software writes UTF-8 whatever the type says; OpenSSL compares it byte for byte all the same."""
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        return value


def _escaped(value: str) -> str:
    """As RFC 4514 section 2.4 has it."""
    return _SPECIAL.sub(r"\\\g<0>", value).replace("\0", "\\00")


def _sized(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value
