"""What a plan's target gives a peer, laid over the state that a procedure has reached."""

from collections.abc import Iterable
from enum import StrEnum

from certplan.evidence.model import CertificateFile, Evidence, Missing, PeerEvidence
from certplan.handshake.model import Store
from certplan.plan.model import Peer, Plan
from certplan.value import Value, replace

__all__ = ["GivenPart", "MappingOff", "PeerPart", "lay_over"]


class PeerPart(StrEnum):
    SERVER = "server"
    CLIENT = "client"
    TRUST = "trust"
    """The trusted CA list and the CRLs."""
    FIELDS = "fields"
    """Everything but the address, the release and the files."""


class GivenPart(Value):
    """One part of what the target states of a peer, and what was found of it."""

    peer: int
    """The number it has at the step."""
    part: PeerPart
    stated: Peer
    found: PeerEvidence

    @property
    def store(self) -> Store:
        return Store.CLIENT if self.part is PeerPart.CLIENT else Store.SERVER

    @property
    def certificate(self) -> CertificateFile | Missing:
        return self.found.client if self.part is PeerPart.CLIENT else self.found.server

    @property
    def file(self) -> str | None:
        """The certificate's file, as the plan names it."""
        return self.stated.client_certificate if self.part is PeerPart.CLIENT else self.stated.server_certificate


class MappingOff(Value):
    """`Cluster address mapping enabled` goes to Off."""


def lay_over(plan: Plan, evidence: Evidence, given: Iterable[GivenPart | MappingOff]) -> tuple[Plan, Evidence]:
    """The plan and the evidence with each part in the place of what was there."""
    peers, found, cluster = list(plan.peers), list(evidence.peers), plan.cluster
    for each in given:
        if isinstance(each, MappingOff):
            cluster = replace(cluster, stated_address_mapping=None)
            continue
        at = each.peer - 1
        peers[at], found[at] = _peer(peers[at], each), _found(found[at], each)
    return replace(plan, cluster=cluster, peers=tuple(peers)), replace(evidence, peers=tuple(found))


def _peer(today: Peer, given: GivenPart) -> Peer:
    stated = given.stated
    match given.part:
        case PeerPart.SERVER:
            return replace(today, server_certificate=stated.server_certificate, private_key=stated.private_key)
        case PeerPart.CLIENT:
            return replace(today, client_certificate=stated.client_certificate)
        case PeerPart.TRUST:
            return replace(today, trusted_cas=stated.trusted_cas, crls=stated.crls)
        case PeerPart.FIELDS:
            return replace(
                stated,
                number=today.number,
                address=today.address,
                stated_release=today.stated_release,
                server_certificate=today.server_certificate,
                client_certificate=today.client_certificate,
                private_key=today.private_key,
                trusted_cas=today.trusted_cas,
                crls=today.crls,
            )


def _found(today: PeerEvidence, given: GivenPart) -> PeerEvidence:
    match given.part:
        case PeerPart.SERVER:
            return replace(today, server=given.found.server, key=given.found.key)
        case PeerPart.CLIENT:
            return replace(today, client=given.found.client)
        case PeerPart.TRUST:
            return replace(today, trust=given.found.trust, crls=given.found.crls)
        case PeerPart.FIELDS:
            return today
