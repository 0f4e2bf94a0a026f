"""The parts of one record: TTL, type, names and data, each in the forms that zone files have.

Ordinary names, addresses and numbers are read here; whatever is spelled in an unusual way is left to dnspython, which
has the last word and is only then imported.
"""

import re
import struct
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from certplan.evidence.dns.zoneentry import RelativeNameError, Token
from certplan.evidence.model import Srv
from certplan.text.names import key, show

__all__ = ["EXPECTED", "absolute", "plain_owner", "plain_value", "seconds_of", "type_of", "unusual_value"]

_TTL = re.compile(r"[0-9]{1,10}|(?:[0-9]{1,10}[smhdw])+", re.IGNORECASE)
_TTL_PART = re.compile(r"([0-9]+)([smhdw]?)", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MAX_TTL = 2**32 - 1
_PLAIN_NAME = re.compile(r"(?:[A-Za-z0-9_-]{1,63}|\*)(?:\.[A-Za-z0-9_-]{1,63})*+\.?")
_OWNER = re.compile(rf"{_PLAIN_NAME.pattern}(?=[ \t])")
_MAX_NAME = 253

EXPECTED = {
    "A": "one IPv4 address",
    "AAAA": "one IPv6 address",
    "CNAME": "one name",
    "NS": "one name",
    "PTR": "one name",
    "SOA": "two names and five numbers",
    "SRV": "priority, weight, port and target",
}
"""The types that matter, and what their data should be."""

_VENDOR_TYPES = frozenset({"ALIAS", "ANAME", "WINS", "WINSR", "WINS-R", "NBSTAT", "LUA", "PF"})
"""Types without a number that some servers and providers have."""

_LONGEST_TYPE = 16


def seconds_of(text: str) -> int | None:
    """The seconds of a TTL, with units or without (`3600`, `1h30m`). None when it is none."""
    if not _TTL.fullmatch(text):
        return None
    seconds = sum(int(count) * _UNITS[unit.lower()] for count, unit in _TTL_PART.findall(text))
    return seconds if seconds <= _MAX_TTL else None


@lru_cache(maxsize=1024)
def type_of(text: str) -> str | None:
    """The record type in capitals, None when nobody knows it."""
    if len(text) > _LONGEST_TYPE:
        return None
    upper = text.upper()
    if upper in EXPECTED or upper in _VENDOR_TYPES:
        return upper
    import dns.rdatatype  # noqa: PLC0415 - most records need nothing of dnspython, which is slow to import

    try:
        return dns.rdatatype.to_text(dns.rdatatype.from_text(text))
    except (dns.rdatatype.UnknownRdatatype, ValueError):
        return None


def absolute(text: str, origin: str | None) -> str | None:
    """The absolute name without its trailing dot; the root is `.`. None when it is no name.

    Raises:
        RelativeNameError: when it is relative and there is no origin.
    """
    if not text.isascii():
        text = key(text) + ("." if text.endswith(".") else "")
    if text == "@":
        if origin is None:
            raise RelativeNameError(
                "`@` needs to know its domain; add a line `$ORIGIN example.com.` at the top of the file"
            )
        return origin or "."
    relative = not text.endswith(".") or text.endswith("\\.")
    if relative and origin is None:
        what = f"`{show(text)}` is a relative name, and the file does not say of which domain"
        raise RelativeNameError(f"{what}; add a line such as `$ORIGIN example.com.` at the top of the file")
    whole = f"{text}.{origin}" if relative and origin else text.removesuffix(".")
    if _PLAIN_NAME.fullmatch(text) and len(whole) <= _MAX_NAME:
        return whole
    import dns.exception  # noqa: PLC0415
    import dns.name  # noqa: PLC0415

    # Before dnspython 2.9 an escape beyond a byte, such as \\300, fails where the name is packed.
    try:
        name = dns.name.from_text(text, dns.name.from_text(origin or "."))
    except (dns.exception.DNSException, ValueError, struct.error):
        return None
    return name.to_text(omit_final_dot=True)


def plain_owner(line: str, origin: str | None) -> str | None:
    """The absolute name that a line begins with, in its ordinary spelling; None where it has another or none."""
    found = _OWNER.match(line)
    if found is None or origin is None:
        return None
    name = found.group()
    whole = name[:-1] if name.endswith(".") else f"{name}.{origin}" if origin else name
    return whole if len(whole) <= _MAX_NAME else None


def plain_value(type_: str, data: list[str], origin: str | None) -> str | Srv | None:
    """The value of a record in its ordinary spelling."""
    try:
        match type_, data:
            case "A", [address]:
                return str(IPv4Address(address))
            case "AAAA", [address]:
                return str(IPv6Address(address)) if "%" not in address else None
            case (("CNAME" | "NS" | "PTR"), [name]):
                return absolute(name, origin)
            case "SRV", [priority, weight, port, name]:
                target = absolute(name, origin)
                return Srv(_number(priority), _number(weight), _number(port), target) if target else None
            case "SOA", [primary, mailbox, serial, *times] if len(times) == 4 and seconds_of(serial) is not None:
                timed = all(seconds_of(time) is not None for time in times)
                return absolute(primary, origin) if timed and absolute(mailbox, origin) else None
    except ValueError:
        return None
    return None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 0xFFFF):
        raise ValueError(text)
    return int(text)


def unusual_value(type_: str, data: list[Token], origin: str | None) -> str | Srv | None:
    r"""The value as dnspython reads it, the generic form `\# 4 cb00710b` (RFC 3597) among others."""
    import dns.exception  # noqa: PLC0415
    import dns.name  # noqa: PLC0415
    import dns.rdata  # noqa: PLC0415

    text = " ".join(f'"{token.text}"' if token.quoted else token.text for token in data)
    try:
        base = dns.name.from_text(origin) if origin else dns.name.root
        rdata = dns.rdata.from_text("IN", type_, text, origin=base, relativize=False)
    except (dns.exception.DNSException, ValueError, struct.error):
        return None
    return plain_value(type_, rdata.to_text().split(), "")
