"""Ports and static NAT addresses: what they say, on one line or two, and how much room that takes."""

from collections.abc import Iterator, Sequence

from certplan.report.drawing.measure import Style, broken, width
from certplan.report.drawing.picture import Area, Styles, Text
from certplan.report.drawing.scene import LanPort

__all__ = ["Said", "chip_said", "height_of", "port_said", "said_texts", "said_width"]

_PAD = 12
_LONG = 300
"""Pixels beyond which an address, as most of IPv6, is broken in two."""
_LEADING = 15
Said = tuple[tuple[tuple[str, Style], ...], ...]
"""The lines of a port, each in its styles."""


def port_said(port: LanPort) -> Said:
    """What a port says: `LAN 2 192.168.50.11/24 external`."""
    return _said(port.interface.kind.value, port.address, " external" if port.external else "")


def chip_said(port: LanPort) -> Said:
    """What the static NAT address of a port says."""
    return _said("static NAT", port.nat or "", "")


def _said(label: str, address: str, after: str) -> Said:
    lead, tail = (f"{label} ", Styles.LABEL), (after, Styles.SMALL)
    if width(lead[0], lead[1]) + width(address, Styles.CODE) + width(after, tail[1]) <= _LONG:
        return ((lead, (address, Styles.CODE), *([tail] if after else [])),)
    first, *rest = broken(address, Styles.CODE, width(address, Styles.CODE) / 2 + 24, 3)
    lines = [(lead, (first, Styles.CODE)), *(((line, Styles.CODE),) for line in rest)]
    lines[-1] = (*lines[-1], *([tail] if after else []))
    return tuple(lines)


def said_width(said: Said) -> float:
    """Pixels that a port takes at least."""
    return max(sum(width(text, style) for text, style in line) for line in said) + 2 * _PAD


def height_of(ports: Sequence[Said]) -> float:
    """Pixels that each of these takes, the same for all."""
    return 9 + _LEADING * max(map(len, ports), default=1)


def said_texts(said: Said, area: Area) -> Iterator[Text]:
    """The lines of a port in the middle of its height."""
    y = area.middle - _LEADING * len(said) / 2 + 12
    for line in said:
        yield Text(area.x + _PAD, y, line, area)
        y += _LEADING
