"""What a DNS view is asked, and how the records found become an answer."""

from collections.abc import Iterable

from certplan.evidence.model import DnsAnswer, RecordType, Srv
from certplan.text.names import key
from certplan.value import Value, replace

__all__ = ["SERVED_OUTSIDE", "Question", "with_values"]

SERVED_OUTSIDE = ("_collab-edge._tls.", "_xmpp-server._tcp.")
"""The services whose public SRV records lead to Expressway-E; the addresses of their targets are asked too."""


class Question(Value):
    """One question to a DNS view. For PTR, `name` is the whole reverse name (`11.113.0.203.in-addr.arpa`)."""

    name: str
    type: RecordType

    @property
    def key(self) -> tuple[str, RecordType]:
        """Under which its answer is kept, in `DnsView.answers` and elsewhere."""
        return key(self.name), self.type


def with_values(answer: DnsAnswer, values: Iterable[str | Srv]) -> DnsAnswer:
    """`answer` with the data of the records found, each once and sorted, where its type puts them."""
    match answer.type:
        case RecordType.A | RecordType.AAAA:
            return replace(answer, addresses=_texts(values))
        case RecordType.CNAME | RecordType.PTR:
            return replace(answer, targets=_texts(values))
        case RecordType.SRV:
            return replace(answer, services=tuple(sorted({value for value in values if isinstance(value, Srv)})))


def _texts(values: Iterable[str | Srv]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if isinstance(value, str)}))
