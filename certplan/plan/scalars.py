"""Plan values from text. Every reader takes what stands in the file and says in plain words what is wrong with it.

A reader raises ValueError whose text goes on where the quoted value ends: `is not an IP address; expected ...`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network
from typing import TypeVar

from certplan.plan.kinds import IPAddress, IPNetwork, PlanPath
from certplan.text.secrets import hide_keys
from certplan.vendor.releases import Release

__all__ = [
    "SAFE_KEY",
    "boolean",
    "choice",
    "day",
    "dns_server",
    "file_name",
    "ip",
    "label",
    "lan_address",
    "line",
    "milliseconds",
    "name",
    "nearest",
    "network",
    "page",
    "peer_number",
    "plan_version",
    "port",
    "prose",
    "release",
    "rule_key",
    "shown",
]

PLAN_VERSION = 1
MAX_NAME = 255
MAX_LINE = 4096
MAX_PAGE = 65536
_ESCAPES = {'"': '\\"', "\\": "\\\\"}
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_RULE_CODE = re.compile(r"[A-Z]{3}[0-9]{3}")
_RULE_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ONE_OF = {
    "peers": "peer",
    "waivers": "waiver",
    "address_mapping": "address mapping entry",
    "zones": "zone",
    "servers": "server",
}
SAFE_KEY = re.compile(r"[A-Za-z0-9_.-]{1,60}")

E = TypeVar("E", bound=StrEnum)


def shown(text: str, limit: int = 80) -> str:
    r"""Quote text from a file for a message: control and invisible characters as `\x1b`, at most `limit` characters.

    A private key in it is not shown.
    """
    parts: list[str] = []
    room = limit - 2
    for char in hide_keys(text):
        part = _ESCAPES.get(char) or (char if char.isprintable() else char.encode("unicode_escape").decode())
        parts.append(part)
        room -= len(part)
        if room < 0:
            while room < 1:
                room += len(parts.pop())
            parts.append("…")
            break
    return f'"{"".join(parts)}"'


def nearest(word: str, allowed: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The allowed word most like `word`, letter case and separators aside, or None when none is much like it."""
    import difflib  # noqa: PLC0415 - only what is wrong needs it

    folded = {_fold(candidate): candidate for candidate in allowed}
    found = difflib.get_close_matches(_fold(word[:64]), folded, n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def label(path: PlanPath) -> str:
    """How to name a value to the user: `release`, `peer 2 lan1.ip`, `waiver 1 until`."""
    words: list[str] = []
    joined = False
    for step in path:
        if isinstance(step, int):
            last = words.pop()
            words.append(f"{_ONE_OF.get(last, f'{last} entry')} {step + 1}")
            joined = False
            continue
        key = step if SAFE_KEY.fullmatch(step) else shown(step, 60)
        if joined and words != ["cluster"]:
            words[-1] += f".{key}"
        elif joined:
            words = [key]
        else:
            words.append(key)
        joined = True
    return " ".join(words)


def _fold(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).casefold()


def _printable(text: str) -> str:
    if not text.isprintable():
        bad = next(char for char in text if not char.isprintable())
        raise ValueError(f"has the unprintable character U+{ord(bad):04X} in it; type it again without")
    return text


def name(text: str) -> str:
    """A name of any kind, not judged beyond being one word of 1 to 255 visible characters."""
    if not text.strip():
        raise ValueError("is blank; expected a name")
    if text.split() != [text]:
        raise ValueError("has white space in it; expected one name, and a list of names in brackets: [a, b]")
    if len(text) > MAX_NAME:
        raise ValueError(f"has {len(text)} characters; expected at most {MAX_NAME}")
    return _printable(text)


def prose(text: str) -> str:
    """Free text on one line: runs of white space become one space."""
    words = " ".join(text.split())
    if not words:
        raise ValueError("is blank; expected some text")
    if len(words) > MAX_LINE:
        raise ValueError(f"has {len(words)} characters; expected at most {MAX_LINE}")
    return _printable(words)


def line(text: str) -> str:
    """One line of text kept as it is, tabs included, such as a DNS record."""
    if not text.strip():
        raise ValueError("is blank; expected a line of text")
    if len(text) > MAX_LINE:
        raise ValueError(f"has {len(text)} characters; expected at most {MAX_LINE}")
    _printable(text.replace("\t", " "))
    return text


def page(text: str) -> str:
    """Text of several lines, kept as it is, such as a page of the web interface."""
    if not text.strip():
        raise ValueError("is blank; expected the text of the page")
    if len(text) > MAX_PAGE:
        raise ValueError(f"has {len(text)} characters; expected at most {MAX_PAGE}")
    _printable(re.sub(r"[\t\r\n]", " ", text))
    return text


def port(text: str) -> int:
    """A TCP port."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError("is not a port; expected a whole number from 1 to 65535")
    return int(text)


def file_name(text: str) -> str:
    """A path relative to the plan's folder, or absolute."""
    if not text.strip():
        raise ValueError("is blank; expected the name of a file")
    if len(text) > MAX_LINE:
        raise ValueError(f"has {len(text)} characters; expected at most {MAX_LINE}")
    return _printable(text)


def release(text: str) -> Release:
    """A software release such as `X14.3.4`."""
    try:
        return Release.parse(text)
    except ValueError:
        raise ValueError("is not an Expressway release; expected something like X14.3.4") from None


def boolean(text: str) -> bool:
    """`true`, `yes`, `on` and their opposites, in any letter case."""
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("is neither yes nor no; expected true or false") from None


def plan_version(text: str) -> int:
    """The version of the plan file's format."""
    if text != str(PLAN_VERSION):
        raise ValueError(
            f"is not a plan version this certplan reads; expected {PLAN_VERSION}, the only one it knows; "
            f'write "certplan: {PLAN_VERSION}", or use a newer certplan'
        )
    return PLAN_VERSION


def peer_number(text: str) -> int:
    """N of `Peer N`, from 1. Whether there is such a peer is a rule's to say."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise ValueError("is not a peer number; expected a whole number from 1 on")
    return int(text)


def milliseconds(text: str) -> float:
    """A duration in milliseconds, 0 or more."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ValueError("is not a number of milliseconds; expected one such as 12 or 0.8, without a unit")
    return float(text)


def day(text: str) -> date:
    """A calendar day, `YYYY-MM-DD` (ISO 8601)."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("is not a date; expected year-month-day, such as 2027-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar; expected year-month-day, such as 2027-01-31") from None


def ip(text: str) -> IPAddress:
    """One IPv4 or IPv6 address without a mask."""
    address = _address(text)
    if address is not None:
        return address
    bare, slash, _ = text.partition("/")
    if slash and _address(bare) is not None:
        raise ValueError(f"has a mask; expected the bare address {bare}")
    raise ValueError("is not an IP address; expected one such as 10.20.0.11 or 2001:db8::11")


def _address(text: str) -> IPAddress | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return None if isinstance(address, IPv6Address) and address.scope_id is not None else address


def lan_address(text: str) -> tuple[IPAddress, IPNetwork | None]:
    """A LAN port's address and, when a mask stands behind it, its network. The mask is `/24` or `/255.255.255.0`."""
    bare, slash, mask = text.partition("/")
    address = _address(bare)
    if address is None:
        raise ValueError("is not an IP address; expected one such as 10.20.0.11/24 or 2001:db8::11/64")
    if not slash:
        return address, None
    try:
        interface = ip_interface(text)
    except ValueError:
        interface = None
    # ipaddress takes an inverted mask such as 0.0.0.255 too; on a LAN port that is a mistake.
    if interface is None or ("." in mask and str(interface.netmask) != mask):
        expected = "/24 or /255.255.255.0" if isinstance(address, IPv4Address) else "/64"
        raise ValueError(f"has something other than a network mask behind the slash; expected one such as {expected}")
    return address, interface.network


def network(text: str) -> IPNetwork:
    """An address block such as `10.0.0.0/8`."""
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        whole = ip_network(text, strict=False)
    except ValueError:
        raise ValueError("is not an address block; expected one such as 10.0.0.0/8 or fd00::/8") from None
    raise ValueError(f"has address bits set behind the mask; expected the block's first address: {whole}")


def dns_server(text: str) -> str:
    """A DNS server: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or `[2001:db8::53]:5353`."""
    address = _address(text)
    if address is not None:
        return str(address)
    match = re.fullmatch(r"\[([^\[\]]+)\](?::([0-9]{1,5}))?|([^:\[\]]+):([0-9]{1,5})", text)
    address = _address(match[1] or match[3]) if match else None
    if match is None or address is None:
        raise ValueError(
            'is not a DNS server; expected an IP address, with a port as 192.0.2.53:5353 or "[2001:db8::53]:5353"'
        )
    port = match[2] or match[4]
    if port is None:
        return str(address)
    if not 1 <= int(port) <= 65535:
        raise ValueError(f"names port {port}; expected one from 1 to 65535")
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"


def rule_key(text: str) -> str:
    """A rule's code (in any letter case) or slug, as the catalog spells it."""
    if _RULE_CODE.fullmatch(text.upper()):
        return text.upper()
    if _RULE_SLUG.fullmatch(text):
        return text
    raise ValueError('is neither a rule\'s code nor its slug; expected one that "certplan rules" lists')


def choice(
    enum: type[E], *, same: Mapping[str, E] | None = None, meant: Mapping[str, E] | None = None
) -> Callable[[str], E]:
    """Make a reader of one of an enum's values, letter case, spaces, hyphens and underscores aside.

    Args:
        enum: the values.
        same: other spellings that are accepted, such as the ones the appliance's logs use.
        meant: spellings that are refused, with the value to suggest.
    """
    known = {_fold(member.value): member for member in enum} | {
        _fold(key): member for key, member in (same or {}).items()
    }
    values = [member.value for member in enum]
    listed = f"{', '.join(values[:-1])} or {values[-1]}"

    def read(text: str) -> E:
        folded = _fold(text)
        if folded in known:
            return known[folded]
        suggestion = (meant or {}).get(folded) or nearest(text, values)
        raise ValueError(
            f"is none of the choices; expected {listed}" + (f"; did you mean {suggestion}?" if suggestion else "")
        )

    return read
