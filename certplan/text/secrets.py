"""Private keys in text that is about to be shown, whatever they are wrapped in.

Everything shown of foreign text passes through `hide_keys`, most of it by way of `names.show`. A key is recognized by
its armor (RFC 7468, OpenSSH's and PuTTY's own), by the first bytes of its DER in base64, in hexadecimal or raw (PKCS#8
and its encrypted form, RFC 5958; PKCS#1, RFC 8017; SEC 1, RFC 5915; PKCS#12, RFC 7292), by the labels of `openssl
-text`, JSON Web Keys (RFC 7517) and XML signatures, and a piece of one by being long and random as only base64 is.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from math import ceil

__all__ = ["HIDDEN", "find_key", "hide_keys"]

HIDDEN = "[private key not shown]"
_SHORTEST = 20
"""Characters: a text below it holds no more of a key than anybody can guess."""
_REMEMBERED = 512

_OPENSSH_MAGIC = "openssh-key-v1"
_ARMOR = re.compile(r"-{2,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")
_ARMOR_END = re.compile(r"-{2,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?[ -]{0,6}")
_TO_THE_END = ("PuTTY-User-Key-File-", "Private-Lines:", "Proc-Type:", "DEK-Info:", _OPENSSH_MAGIC)
"""What begins a key whose end nothing tells: all behind it is hidden."""
_LABELS = ("priv", "prime", "expon", "coeff", '"', "P>", "Q>", "D>")
"""One of these is in every label."""
_LABELED = re.compile(
    r"""\b(?:priv|privateExponent|prime\d|exponent\d|coefficient):\s*(?:[0-9A-Fa-f]{2}[:\s\\n]*){12,}
    |\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s*:\s*\\?"[A-Za-z0-9_-]{16,}
    |<(?:D|P|Q|DP|DQ|InverseQ)>[A-Za-z0-9+/=\s]{16,}
    """,
    re.VERBOSE,
)
_LENGTH = rb"(?:[\x00-\x7f]|\x81.|\x82..)"
_HEAD = re.compile(
    rb"0" + _LENGTH + rb"(?:\x02\x01(?:[\x00\x01][0\x02\x04]|\x030)"
    rb"|0" + _LENGTH + rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05|\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01))",
    re.DOTALL,
)
"""SEQUENCE { version, ... } of a key or a PKCS#12 store, or SEQUENCE { SEQUENCE { a password-based scheme ..."""
_HEAD_BYTES = 24
_GAP = r"(?:\\[nrt]|\\u000[ad]|[^A-Za-z0-9+/]){0,8}"
_BASE64_HEAD = re.compile(
    # A letter before it is another word's, unless it is that of an escaped line end.
    f"(?<![A-Za-mo-qsu-z0-9+/])(?:M{_GAP}(?:[A-H]{_GAP}[AEIMQUYcgkosw048]|I{_GAP}[E-I])|b{_GAP}3{_GAP}B)"
)
_HEX_GAP = r"[^0-9A-Za-z.]{0,8}(?:0[xX]|\\x)?"
_HEX_HEAD = re.compile(f"(?<![0-9A-Fa-f.])(?:30(?:{_HEX_GAP}[0-9A-Fa-f]){{8}}|6[fF]{_HEX_GAP}70{_HEX_GAP}65)")
"""Where it is worth looking for a head, short of decoding."""
_NEVER_BASE64 = re.compile(r"\\[nrtu](?:000[ad])?|[^A-Za-z0-9+/]")
_NEVER_HEX = re.compile(r"0[xX](?=[0-9A-Fa-f]{2})|\\x|[^0-9A-Fa-f]")
_RAW_HEAD = re.compile(r"0(?:[\x00-\x7f]|\x81.|[\x82\udc82]..)\x02\x01[\x00\x01][0\x02\x04]", re.DOTALL)
_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_WINDOW = 24
_FEWEST_CHANGES = 11
"""Between capital, small letter and digit, in a window: base64 of random bytes has 15, names and paths have half of it.
"""
_FEWEST_OF_A_CASE = 4
_LONG = 40
"""Characters: in so many a share says more than any window."""
_CHANGES_OF_LONG = 0.3
"""Of base64 of random bytes 0.58 of the neighbors differ in kind, of words run together with capitals 0.35."""
_VOWELS_OF_LONG = 0.3
"""Of the letters: base64 of random bytes has 0.19, words have 0.38."""

Span = tuple[int, int]


def hide_keys(text: str) -> str:
    """The text with `HIDDEN` in place of every private key in it. Hiding again changes nothing."""
    if len(text) < _SHORTEST:
        return text
    return _remembered(text) if len(text) <= _REMEMBERED else _hidden(text)


def find_key(text: str) -> int | None:
    """Where the first private key in a text begins, recognized for certain; None where there is none."""
    return min((start for start, _ in _spans(text)), default=None)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    return _hidden(text)


_MOST_PASSES = 8


def _hidden(text: str) -> str:
    """What is hidden can uncover the beginning of another key, so it is looked again until nothing is found."""
    for _ in range(_MOST_PASSES):
        parts: list[str] = []
        at = 0
        for start, end in _merged(text, [*_spans(text), *_random_pieces(text)]):
            parts += [text[at:start], HIDDEN]
            at = end
        if not parts:
            return text
        hidden = "".join([*parts, text[at:]])
        if hidden == text:
            return text
        text = hidden
    return text


def _merged(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order; those that overlap, or have nothing worth reading between them, are one."""
    merged: Span | None = None
    for start, end in sorted(spans):
        if merged is not None and (start <= merged[1] or not any(map(str.isalnum, text[merged[1] : start]))):
            merged = merged[0], max(end, merged[1])
            continue
        if merged is not None:
            yield merged
        merged = start, end
    if merged is not None:
        yield merged


def _spans(text: str) -> Iterator[Span]:
    if "PRIVATE KEY" in text:
        yield from _armored(text)
    yield from ((text.find(sign), len(text)) for sign in _TO_THE_END if sign in text)
    if any(label in text for label in _LABELS):
        yield from (found.span() for found in _LABELED.finditer(text))
    yield from _structures(text)


def _armored(text: str) -> Iterator[Span]:
    """From each BEGIN to its END; a BEGIN that is lost was before the text, an END that is lost behind it."""
    at = 0
    for end in _ARMOR_END.finditer(text):
        begin = _ARMOR.search(text, at, end.start())
        yield at if begin is None else begin.start(), end.end()
        at = end.end()
    begin = _ARMOR.search(text, at)
    if begin is not None:
        yield begin.start(), len(text)


def _structures(text: str) -> Iterator[Span]:
    """Keys without armor. Blanks, quotes, escapes and the like may stand within."""
    for likely, never, digits_a_byte, decode in (
        (_BASE64_HEAD, _NEVER_BASE64, 4 / 3, _decoded_base64),
        (_HEX_HEAD, _NEVER_HEX, 2, _decoded_hex),
    ):
        behind = 0
        for found in likely.finditer(text):
            if (at := found.start()) < behind:
                continue
            digits = never.sub("", text[at : at + 12 * _HEAD_BYTES])[: int(digits_a_byte * _HEAD_BYTES)]
            head = decode(digits)
            if head.startswith(_OPENSSH_MAGIC.encode()):
                yield at, len(text)
            elif _HEAD.match(head):
                behind = _end(text, at, ceil(_der_size(head) * digits_a_byte), never)
                yield at, behind
    if "\x02\x01" in text:
        yield from ((found.start(), len(text)) for found in _RAW_HEAD.finditer(text))


def _decoded_base64(digits: str) -> bytes:
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


def _decoded_hex(digits: str) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _der_size(head: bytes) -> int:
    """Bytes of the element whose header is at the start of `head` (X.690 section 8.1.3)."""
    if head[1] < 0x80:
        return 2 + head[1]
    octets = head[1] & 0x7F
    return 2 + octets + int.from_bytes(head[2 : 2 + octets])


def _end(text: str, at: int, digits: int, never: re.Pattern[str]) -> int:
    """Behind the last of so many digits, what can be none not counted; a DER's own length says where it ends."""
    for gap in never.finditer(text, at):
        if gap.start() - at >= digits:
            break
        digits -= gap.start() - at
        at = gap.end()
    end = min(len(text), at + digits)
    return end + len(text[end : end + 2]) - len(text[end : end + 2].lstrip("="))


def _random_pieces(text: str) -> Iterator[Span]:
    """Base64 out of the middle of something, or of something that is not known."""
    if max(map(len, text.split()), default=0) < _WINDOW:
        return
    for token in _TOKEN.finditer(text):
        if _looks_random(token[0]):
            yield token.span()


def _looks_random(token: str) -> bool:
    """Whether any window of it has the changes of case and digit that base64 of random bytes has."""
    kinds = ["u" if char.isupper() else "l" if char.islower() else "d" if char.isdigit() else "" for char in token]
    if min(kinds.count("u"), kinds.count("l")) < _FEWEST_OF_A_CASE:
        return False
    changed = [bool(a and b and a != b) for a, b in pairwise(kinds)]
    changes = sum(changed[: _WINDOW - 1])
    uppers, lowers = kinds[:_WINDOW].count("u"), kinds[:_WINDOW].count("l")
    for at in range(len(token) - _WINDOW + 1):
        if changes >= _FEWEST_CHANGES and min(uppers, lowers) >= _FEWEST_OF_A_CASE and "d" in kinds[at : at + _WINDOW]:
            return True
        if at + _WINDOW < len(token):
            changes += changed[at + _WINDOW - 1] - changed[at]
            uppers += (kinds[at + _WINDOW] == "u") - (kinds[at] == "u")
            lowers += (kinds[at + _WINDOW] == "l") - (kinds[at] == "l")
    return len(token) >= _LONG and _is_random_as_a_whole(token, kinds, sum(changed))


def _is_random_as_a_whole(token: str, kinds: list[str], changes: int) -> bool:
    """Whether a long token mixes its cases more than names do, and has fewer vowels than words."""
    letters = kinds.count("u") + kinds.count("l")
    return (
        min(kinds.count("u"), kinds.count("l")) >= len(token) / 8
        and changes >= _CHANGES_OF_LONG * (len(token) - 1)
        and sum(char in "aeiou" for char in token.lower()) < _VOWELS_OF_LONG * letters
    )
