"""What the tests of zone files read."""

from certplan.evidence.dns.zones import ZoneContents
from certplan.evidence.model import Srv


def problems_of(contents: ZoneContents) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in contents.problems]


def facts(contents: ZoneContents) -> list[tuple[str, str, str | Srv | None]]:
    return [(record.owner, record.type, record.value) for record in contents.records]


def values(contents: ZoneContents) -> list[str | Srv | None]:
    return [record.value for record in contents.records]
