"""Status XML (`/status.xml`, `getxml`, `xstat_dump*.xml`): release, interfaces, alarms.

Read as bytes with a parser that refuses entities and document types, element by element. Namespaces are left aside.
Source: a public answer of X8.11.3 (github.com/jasonneurohr/py-expressway, tests/status.xml) gives the names.
"""

import io
from collections.abc import Callable
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from certplan.places import Place
from certplan.sources.model import Field, FileKind, FileReading, RaisedAlarm, Sourced
from certplan.sources.settings import with_mask
from certplan.value import Value

__all__ = ["UnreadableXml", "read_status", "root_of"]

MAX_DEPTH, MAX_ELEMENTS, MAX_TEXT = 64, 500_000, 4096
_BOOLEANS = {"true": "true", "false": "false"}


class UnreadableXml(ValueError):  # noqa: N818 - reads as what is the case
    """XML that is not read. The text says why, in words that follow the file's name."""


class _Element(Value):
    path: tuple[str, ...]
    """Names below the root in lower case, each known list's with its item: `ethernet[1]`."""
    text: str
    line: int


class _Enough(Exception):  # noqa: N818
    """The root is known."""


_LISTS = frozenset({"ethernet", "server", "warning", "domain", "alarm", "cucm"})


class _Reader(ContentHandler):
    def __init__(self, *, only_root: bool) -> None:
        super().__init__()
        self.root = ""
        self.attributes: dict[str, str] = {}
        self.elements: list[_Element] = []
        self._only_root = only_root
        self._line: Callable[[], int | None] = lambda: 0
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._count = 0

    def setDocumentLocator(self, locator: object) -> None:  # noqa: N802 - the interface's name
        self._line = locator.getLineNumber  # type: ignore[attr-defined]

    def startElement(self, name: str, attrs: object) -> None:  # noqa: N802
        plain = name.rpartition(":")[2].lower()
        values = dict(attrs.items())  # type: ignore[attr-defined]
        if not self.root:
            self.root, self.attributes = plain, values
            if self._only_root:
                raise _Enough
        self._count += 1
        if len(self._path) >= MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise UnreadableXml(
                f"is not read: over {MAX_DEPTH} levels or {MAX_ELEMENTS} elements, more than a status has"
            )
        item = values.get("item", "1")
        self._path.append(f"{plain}[{item[:9]}]" if plain in _LISTS else plain)
        self._texts.append([])

    def characters(self, content: str) -> None:
        if self._texts and len(self._texts[-1]) < 64:
            self._texts[-1].append(content[:MAX_TEXT])

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802
        text = "".join(self._texts.pop()).strip()[:MAX_TEXT]
        if text and len(self._path) > 1:
            self.elements.append(_Element(tuple(self._path[1:]), text, self._line() or 0))
        self._path.pop()


def root_of(data: bytes) -> str | None:
    """The name of the root element in lower case; None where the bytes are no XML up to there."""
    try:
        return _read(data, only_root=True).root or None
    except UnreadableXml:
        return None


def read_status(data: bytes, file: str, bundle: str) -> FileReading:
    """Read a status document.

    Raises:
        UnreadableXml: when it is not well-formed, declares entities, or is larger than any status is.
    """
    document = _read(data, only_root=False)
    found = {element.path: element for element in document.elements}

    def at(*path: str) -> Sourced | None:
        element = found.get(path)
        return None if element is None else Sourced(element.text, Place(file, element.line))

    software = ("systemunit", "software")
    facts = {
        Field.RELEASE: at(*software, "version") or _root_version(document, file),
        Field.DUAL_NIC: _flag(at(*software, "configuration", "dualnetworkinterfaces")),
        Field.SERIAL: at("systemunit", "hardware", "serialnumber"),
        Field.DOMAIN: at("ip", "dns", "domain[1]", "name"),
        Field.LAN1: _lan(at, 1),
        Field.LAN2: _lan(at, 2),
        Field.DNS_SERVERS: _dns(at),
        Field.MRA_DOMAINS: _mra(document, file),
    }
    return FileReading(
        file,
        bundle,
        FileKind.STATUS,
        {field: sourced for field, sourced in facts.items() if sourced is not None},
        alarms=_alarms(document, file),
        servers=_servers(document, file),
    )


def _read(data: bytes, *, only_root: bool) -> _Reader:
    from defusedxml import DefusedXmlException  # noqa: PLC0415 - only where there is XML
    from defusedxml.sax import make_parser  # noqa: PLC0415

    reader = _Reader(only_root=only_root)
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(reader)
    try:
        parser.parse(io.BytesIO(data))
    except _Enough:
        pass
    except DefusedXmlException:
        raise UnreadableXml("is not read: it declares a document type or entities, which no status does") from None
    except (SAXException, ValueError, LookupError) as error:
        if isinstance(error, UnreadableXml):
            raise
        line = getattr(error, "getLineNumber", lambda: None)()
        where = f" at line {line}" if line else ""
        raise UnreadableXml(f"is not well-formed XML{where}: export it again") from None
    return reader


def _root_version(document: _Reader, file: str) -> Sourced | None:
    version = document.attributes.get("version")
    return Sourced(version, Place(file, 1)) if version and version[:1] in "Xx" and version[1:2].isdigit() else None


def _flag(sourced: Sourced | None) -> Sourced | None:
    value = None if sourced is None else _BOOLEANS.get(str(sourced.value).lower())
    return None if sourced is None or value is None else Sourced(value, sourced.where)


def _lan(at: Callable[..., Sourced | None], number: int) -> Sourced | None:
    address = at(f"ethernet[{number}]", "ipv4", "address")
    if address is None:
        return None
    mask = at(f"ethernet[{number}]", "ipv4", "subnetmask")
    value = with_mask(str(address.value), None if mask is None else str(mask.value))
    return None if value is None else Sourced(value, address.where)


def _dns(at: Callable[..., Sourced | None]) -> Sourced | None:
    found = [sourced for n in range(1, 6) if (sourced := at("ip", "dns", f"server[{n}]", "address")) is not None]
    return Sourced(tuple(str(sourced.value) for sourced in found), found[0].where) if found else None


def _mra(document: _Reader, file: str) -> Sourced | None:
    found = [
        element
        for element in document.elements
        if element.path[:2] == ("collaborationedge", "domains") and element.path[-1] in ("name", "displayname")
    ]
    names = tuple(dict.fromkeys(element.text for element in found))
    return Sourced(names, Place(file, found[0].line)) if found else None


def _servers(document: _Reader, file: str) -> tuple[Sourced, ...]:
    return tuple(
        Sourced(element.text, Place(file, element.line))
        for element in document.elements
        if element.path[:2] == ("collaborationedge", "cucms") and element.path[-1] in ("address", "name")
    )


def _alarms(document: _Reader, file: str) -> tuple[RaisedAlarm, ...]:
    """`Warnings/Warning[n]/{ID,Reason,State}`: Reason is the alarm's title, a dash and its description."""
    states = {e.path[:-1]: e.text for e in document.elements if e.path[0] == "warnings" and e.path[-1] == "state"}
    return tuple(
        RaisedAlarm(
            None,
            element.text.partition(" - ")[0].strip(),
            Place(file, element.line),
            acknowledged=states.get(element.path[:-1], "").lower() == "acknowledged",
        )
        for element in document.elements
        if element.path[0] == "warnings" and element.path[-1] == "reason"
    )
