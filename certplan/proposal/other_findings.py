"""Beyond the verdict: changes that clear other findings, and advice where no change can be proved here.

The Caution comes first: public records that lead inside are put back (Cluster Creation and Maintenance guide X15.4,
chapter on FQDNs).
"""

from collections.abc import Iterator
from functools import cached_property

from certplan.evidence.model import Srv
from certplan.handshake.model import Store
from certplan.intent.cluster import Intent
from certplan.intent.shadow import MARK
from certplan.intent.stated import PUBLIC_VIEW, public_address
from certplan.outcomes import Severity
from certplan.plan.model import ExternalLan, IPAddress, Peer
from certplan.proposal.address_changes import DropEntry, SetExternalLan
from certplan.proposal.effect import Effect
from certplan.proposal.model import Advice
from certplan.proposal.record_changes import SetAddresses, SetReverse, SetServices
from certplan.proposal.remedies import reissue, switch_mapping_on
from certplan.proposal.state import Applied
from certplan.proposal.zone_outcome import service_findings
from certplan.rules import catalog
from certplan.rules.engine import run
from certplan.rules.model import Case, Clearing, Finding, Group, SubjectKind
from certplan.text.addresses import is_public_side
from certplan.text.names import is_fqdn, key
from certplan.value import Value

__all__ = ["OtherFindings"]

_BY_A_NEW_CERTIFICATE = frozenset({Group.NAM, Group.KEY, Group.VAL, Group.EKU})
_EDGE, _EDGE_PORT = "_collab-edge._tls.", 8443
_FEDERATION, _FEDERATION_PORT = "_xmpp-server._tcp.", 5269


class OtherFindings(Value, dict=True):
    """The findings at `severity` and above that are not waived."""

    intent: Intent
    severity: Severity

    def findings(self, applied: Applied) -> tuple[Finding, ...]:
        """Those that are left once changes are made; what is said of a stand-in itself is not counted."""
        matrix = applied.judged(self.intent)
        found = (
            *run(Case(applied.plan, applied.evidence, self.intent.at, matrix), catalog()),
            *service_findings(self.intent, applied, matrix),
        )
        return tuple(
            finding
            for finding in found
            if finding.counts
            and finding.severity.rank <= self.severity.rank
            and not any(MARK in text for text in (finding.message, finding.subject.name, *finding.evidence))
        )

    def open_errors(self, applied: Applied) -> set[tuple[object, ...]]:
        """The same as values that can be compared between one set of changes and another."""
        return {(finding.code, *self._about(applied, finding)) for finding in self.findings(applied)}

    def _about(self, applied: Applied, finding: Finding) -> tuple[object, ...]:
        """The subject, its peers by number: their addresses change."""
        numbers = tuple(peer.number for peer in applied.plan.peers if peer.address in finding.subject.peers)
        by_name = finding.subject.kind in (SubjectKind.NAME, SubjectKind.RECORD, SubjectKind.ENTRY)
        return finding.subject.kind, numbers, finding.subject.name if by_name or not numbers else ""

    def remedies(self, applied: Applied) -> Iterator[tuple[Effect, str]]:
        """The changes that may clear the findings that are left, each with the code of its rule."""
        for finding in self.findings(applied):
            for effect in self._remedy(applied, finding):
                yield effect, finding.code

    def advice(self, applied: Applied) -> tuple[Advice, ...]:
        """The findings that are left once the changes are made."""
        return tuple(
            Advice((finding.code,), finding.subject.name, finding.message, finding.fix)
            for finding in self.findings(applied)
        )

    def _remedy(self, applied: Applied, finding: Finding) -> Iterator[Effect]:
        concerned = [peer for peer in applied.plan.peers if peer.address in finding.subject.peers]
        match finding.rule.clearing:
            case Clearing.PUBLIC_ADDRESSES:
                yield from self._public_addresses(applied, finding, concerned)
            case Clearing.REVERSE:
                for peer in concerned:
                    yield from self._reverse(applied, peer)
            case Clearing.EDGE_SERVICE:
                yield from self._services(applied, finding, _EDGE, _EDGE_PORT)
            case Clearing.FEDERATION_SERVICE:
                yield from self._services(applied, finding, _FEDERATION, _FEDERATION_PORT)
            case Clearing.INSIDE_ADDRESSES:
                for peer in concerned:
                    yield from self._inside_addresses(applied, peer)
            case Clearing.EXTERNAL_LAN2:
                yield from (SetExternalLan(peer.number, ExternalLan.LAN2) for peer in concerned)
            case Clearing.MAPPING_ON:
                yield switch_mapping_on(applied.plan, self.intent)
            case Clearing.STALE_ENTRIES:
                yield from self._stale_entries(applied)
            case clearing if clearing is Clearing.CERTIFICATE_NAMES or finding.rule.group in _BY_A_NEW_CERTIFICATE:
                store = finding.store or Store.SERVER
                for peer in concerned:
                    own = self.intent.plan.peers[peer.number - 1]
                    if self.intent.leaf(own, store) is not None:
                        yield from reissue(self.intent, applied, own, store)

    def _public_addresses(self, applied: Applied, finding: Finding, concerned: list[Peer]) -> Iterator[Effect]:
        name = finding.subject.name
        if PUBLIC_VIEW not in applied.evidence.views or not is_fqdn(name):
            return
        owners = concerned or list(applied.plan.peers)
        internal = applied.plan.internal_networks
        if any(peer.static_nat is None and not is_public_side(public_address(peer), internal) for peer in owners):
            # Nothing tells the address outside; a lab says its private one as static NAT.
            return
        addresses = tuple(dict.fromkeys(public_address(peer) for peer in owners))
        yield SetAddresses(PUBLIC_VIEW, key(name), addresses)

    def _inside_addresses(self, applied: Applied, peer: Peer) -> Iterator[Effect]:
        name = self.intent.name(peer)
        for view in self._inside_views:
            if name is not None and view in applied.evidence.views:
                yield SetAddresses(view, name, (peer.lan1.ip,))

    @cached_property
    def _inside_views(self) -> tuple[str, ...]:
        return tuple(view for view in self.intent.evidence.views if view != PUBLIC_VIEW)

    def _reverse(self, applied: Applied, peer: Peer) -> Iterator[Effect]:
        name = self.intent.name(peer)
        if name is None:
            return
        pairs: list[tuple[str, IPAddress]] = [(view, peer.lan1.ip) for view in self._inside_views]
        pairs.append((PUBLIC_VIEW, public_address(peer)))
        for view, ip in pairs:
            if view in applied.evidence.views:
                yield SetReverse(view, ip, name)

    def _services(self, applied: Applied, finding: Finding, service: str, port: int) -> Iterator[Effect]:
        record = key(finding.subject.name)
        if PUBLIC_VIEW not in applied.evidence.views or not record.startswith(service):
            return
        names = [name for name in self.intent.names if name is not None]
        yield SetServices(PUBLIC_VIEW, record, tuple(Srv(10, 10, port, name) for name in names))

    def _stale_entries(self, applied: Applied) -> Iterator[Effect]:
        right = {(name, peer.lan1.ip) for name, peer in zip(self.intent.names, applied.plan.peers, strict=True)}
        for entry in applied.plan.cluster.known_entries:
            if (key(entry.fqdn), entry.ip) not in right:
                yield DropEntry(entry.fqdn, entry.ip)
