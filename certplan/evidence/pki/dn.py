"""Distinguished names as OpenSSL compares them.

OpenSSL holds two names equal when their canonical forms are: every text value as UTF-8, without blanks at its ends,
with runs of blanks drawn together and ASCII letters in lower case (RFC 5280 section 7.1, as `X509_NAME_cmp` does it).
"""

import functools
import re
from collections.abc import Iterator

from certplan.evidence.pki.der import NotDer, elements

__all__ = ["canonical_name"]

_SEQUENCE, _SET, _OID = 0x30, 0x31, 0x06
_ENCODINGS = {
    0x0C: "utf-8",  # UTF8String
    0x13: "latin-1",  # PrintableString
    0x14: "latin-1",  # T61String
    0x16: "latin-1",  # IA5String
    0x1A: "latin-1",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_BLANKS = re.compile(rb"[ \t\n\v\f\r]+")
_LOWER = bytes(byte + 32 if 0x41 <= byte <= 0x5A else byte for byte in range(256))


@functools.lru_cache(maxsize=8192)
def canonical_name(der: bytes) -> bytes:
    """The form of a Name (RFC 5280 section 4.1.2.4) by which names are compared: equal bytes, equal names.

    A name that cannot be decoded equals only itself, byte for byte, and never the empty name.
    """
    try:
        return b"".join(_sized(b"".join(sorted(_parts(rdn)))) for rdn in _rdns(der))
    except (NotDer, ValueError):
        return b"\xff" + der


def _rdns(der: bytes) -> tuple[tuple[int, bytes], ...]:
    ((tag, contents),) = elements(der)
    if tag != _SEQUENCE:
        raise NotDer("not a name")
    return elements(contents)


def _parts(rdn: tuple[int, bytes]) -> Iterator[bytes]:
    tag, contents = rdn
    if tag != _SET:
        raise NotDer("not a relative distinguished name")
    for attribute, pair in elements(contents):
        (kind, oid), (encoding, value) = elements(pair)
        if attribute != _SEQUENCE or kind != _OID:
            raise NotDer("not an attribute")
        yield _sized(oid) + _sized(_canonical(encoding, value))


def _canonical(tag: int, value: bytes) -> bytes:
    encoding = _ENCODINGS.get(tag)
    if encoding is None:
        return bytes((tag,)) + value
    text = value.decode(encoding).encode()
    return b"\x0c" + _BLANKS.sub(b" ", text).strip(b" ").translate(_LOWER)


def _sized(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value
