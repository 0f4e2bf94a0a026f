"""Changes of DNS records."""

from typing import TYPE_CHECKING, ClassVar

from certplan.evidence.model import DnsAnswer, DnsOutcome, RecordType, Srv
from certplan.intent.cluster import Intent
from certplan.plan.model import IPAddress
from certplan.proposal.effect import ChangeWords, Effect, Who
from certplan.text.addresses import reverse_name
from certplan.text.names import key, show
from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.proposal.state import WorkingState

__all__ = ["RECORD_TYPES", "SetAddresses", "SetReverse", "SetServices"]

RECORD_TYPES = {4: RecordType.A, 6: RecordType.AAAA}
"""The record type that holds an address of each IP version."""


def _named(intent: Intent, name: str) -> int | None:
    return next((number for number, each in enumerate(intent.names, 1) if each is not None and key(name) == each), None)


class SetAddresses(Effect):
    """Give a name these addresses, and no other, in one DNS view."""

    who: ClassVar[Who] = Who.DNS
    kind: ClassVar[str] = "record"
    cost: ClassVar[int] = 30
    order: ClassVar[int] = 91

    view: str
    name: str
    addresses: tuple[IPAddress, ...]

    def peer_number(self, intent: Intent) -> int | None:
        return _named(intent, self.name)

    def make(self, state: "WorkingState") -> None:
        for record_type in sorted({RECORD_TYPES[ip.version] for ip in self.addresses}):
            texts = tuple(sorted(str(ip) for ip in self.addresses if RECORD_TYPES[ip.version] is record_type))
            state.answer(DnsAnswer(self.view, self.name, record_type, DnsOutcome.ANSWER, addresses=texts), texts)

    def words(self, intent: Intent) -> ChangeWords:
        view = intent.evidence.views.get(self.view)
        answers = [] if view is None else [view.answers.get((key(self.name), kind)) for kind in RECORD_TYPES.values()]
        today = [address for answer in answers if answer is not None for address in answer.addresses]
        values = listed(f"{RECORD_TYPES[ip.version]} {ip}" for ip in self.addresses)
        was = f"; today it has {listed(today)}" if today else ""
        detail = f"In {show(self.view)} DNS: {show(self.name)} {values}, and no other address{was}."
        return ChangeWords("Alter a record" if today else "Add a record", detail)


class SetReverse(Effect):
    """Give an address one PTR record in one DNS view."""

    who: ClassVar[Who] = Who.DNS
    kind: ClassVar[str] = "record"
    cost: ClassVar[int] = 45
    order: ClassVar[int] = 93

    view: str
    ip: IPAddress
    name: str

    def peer_number(self, intent: Intent) -> int | None:
        return _named(intent, self.name)

    def make(self, state: "WorkingState") -> None:
        name = reverse_name(self.ip)
        answer = DnsAnswer(self.view, name, RecordType.PTR, DnsOutcome.ANSWER, targets=(self.name,))
        state.answer(answer, (f"{self.name}.",))

    def words(self, intent: Intent) -> ChangeWords:
        record = f"{self.ip.reverse_pointer} PTR {show(self.name)}"
        return ChangeWords("Set a PTR record", f"In {show(self.view)} DNS: {record}, and no other.")


class SetServices(Effect):
    """Give a service name these SRV records, and no other, in one DNS view."""

    who: ClassVar[Who] = Who.DNS
    kind: ClassVar[str] = "record"
    cost: ClassVar[int] = 40
    order: ClassVar[int] = 92

    view: str
    name: str
    services: tuple[Srv, ...]

    def make(self, state: "WorkingState") -> None:
        answer = DnsAnswer(self.view, self.name, RecordType.SRV, DnsOutcome.ANSWER, services=self.services)
        state.answer(answer, tuple(f"{s.priority} {s.weight} {s.port} {s.target}." for s in self.services))

    def words(self, intent: Intent) -> ChangeWords:
        values = listed(f"SRV {s.priority} {s.weight} {s.port} {show(s.target)}" for s in self.services)
        return ChangeWords("Set service records", f"In {show(self.view)} DNS: {show(self.name)} {values}.")
