"""A cluster address mapping table as people have it: the page's rows pasted, `xCommand` lines, or CSV."""

import re
from itertools import pairwise

from certplan.places import Place
from certplan.sources.texts import lines_of
from certplan.text.addresses import parse_ip

__all__ = ["MappingProblem", "mapping_entries", "read_mapping"]

_COMMAND = re.compile(r"xcommand\s+cluster\s+address\s+mapping\s+(add|delete)\s+(.*)$", re.IGNORECASE)
_LABEL = re.compile(r"\b(fqdn|ip\s*address|ip)\s*[:=]", re.IGNORECASE)
_APART = re.compile(r"[\s,;|\"']+")
_HEADINGS = frozenset({"fqdn", "ip", "address", "ipaddress", "peer", "cluster", "mapping", "mappings", "note", "name"})
_NAME = re.compile(r"[A-Za-z0-9_*](?:[A-Za-z0-9_.*-]{0,253}[A-Za-z0-9_.])?")


class MappingProblem(ValueError):  # noqa: N818 - reads as what is the case
    """A table that is not read. `problems` has every line that is wrong, with its place."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_mapping(text: str, file: str) -> tuple[tuple[str, ...], Place]:
    """Read a table: one entry a line, FQDN and IP address apart by blanks, tabs, commas or semicolons.

    Headings and blank lines are passed over. Columns after the address are too, as `certplan map --format csv` has.

    Returns:
        One text an entry, the FQDN, a blank and the address, and the first entry's place.

    Raises:
        MappingProblem: when a line is no entry, or there is none.
    """
    entries: list[str] = []
    first = Place(file)
    wrong: list[str] = []
    for number, line in lines_of(text):
        where = Place(file, number)
        if line.lstrip().startswith("#"):
            continue
        words = _words(line)
        if words is None or all(word.lower() in _HEADINGS for word in words):
            continue
        entry = _entry(words)
        if entry is None:
            found = " ".join(words)[:80]
            wrong.append(
                f'{where}: "{found}" is not a mapping entry; expected an FQDN and an IP address, such as '
                "exe1.example.com 10.20.0.11; correct the line or take it out"
            )
            continue
        if not entries:
            first = where
        if entry not in entries:
            entries.append(entry)
    if wrong:
        raise MappingProblem(*wrong[:20])
    if not entries:
        raise MappingProblem(
            f"{file}: no mapping entry in it; expected lines such as exe1.example.com 10.20.0.11, "
            "or --mapping off where the mapping is Off"
        )
    return tuple(entries), first


def mapping_entries(text: str, file: str) -> tuple[tuple[str, Place], ...]:
    """The entries among other text: lines that are an FQDN and an IP address and nothing more."""
    found: list[tuple[str, Place]] = []
    for number, line in lines_of(text):
        words = _words(line)
        if words is not None and len(words) == 2 and (entry := _entry(words)) is not None:
            found.append((entry, Place(file, number)))
    return tuple(found)


def _words(line: str) -> list[str] | None:
    """The words of a line without the page's labels; None for a command that takes an entry away."""
    if (command := _COMMAND.search(line)) is not None:
        if command[1].lower() == "delete":
            return None
        line = command[2]
    return [word for word in _APART.split(_LABEL.sub(" ", line)) if word]


def _entry(words: list[str]) -> str | None:
    """`fqdn ip` where an FQDN and an address stand next to each other; a table of certplan has the peer before."""
    for one, other in pairwise(words):
        ip = parse_ip(other)
        if ip is not None and parse_ip(one) is None and _NAME.fullmatch(one) and "." in one:
            return f"{one} {ip}"
    return None
