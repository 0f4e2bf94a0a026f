"""The servers behind an Expressway-C: would each peer verify them, and they it?"""

from collections.abc import Iterator
from datetime import datetime

from certplan.evidence.model import Certificate, CertificateFile, Evidence, Missing, ServerEvidence, TrustList
from certplan.handshake.chains import TrustIndex
from certplan.handshake.simulate import indexed
from certplan.handshake.trust import Chain, ChainVerifier
from certplan.plan.model import Peer, Plan, Server
from certplan.value import Value

__all__ = ["Check", "reverse_checks", "server_checks", "servers_of"]


class Check(Value):
    """What one peer makes of one server's certificate, or a server of one peer's."""

    peer: Peer
    server: Server
    leaf: Certificate
    chain: Chain | Missing
    """Missing: the trusted list of the one that verifies is not known."""


def servers_of(plan: Plan, evidence: Evidence) -> tuple[tuple[Server, ServerEvidence], ...]:
    """Every server of the plan with what was found for it."""
    return tuple(zip(plan.servers or (), evidence.servers, strict=False))


def server_checks(
    plan: Plan, evidence: Evidence, servers: tuple[tuple[Server, ServerEvidence], ...], at: datetime
) -> Iterator[Check]:
    """Each peer before each server whose certificate was read (Expressway connects by HTTPS and verifies by CA)."""
    chain_verifier = ChainVerifier()
    lists = indexed(evidence)
    for server, found in servers:
        if not isinstance(found.certificate, CertificateFile):
            continue
        sent = TrustIndex([located.certificate for located in found.certificate.others])
        for peer, trusted in zip(plan.peers, lists, strict=True):
            leaf = found.certificate.leaf
            chain = trusted if isinstance(trusted, Missing) else chain_verifier.chain(leaf, trusted, sent, at)
            yield Check(peer, server, leaf, chain)


def reverse_checks(
    plan: Plan, evidence: Evidence, servers: tuple[tuple[Server, ServerEvidence], ...], at: datetime
) -> Iterator[Check]:
    """Each server before each peer's certificate, where the server's trusted list was read."""
    chain_verifier = ChainVerifier()
    lists = indexed(evidence)
    for server, found in servers:
        if not isinstance(found.trust, TrustList):
            continue
        trusted = TrustIndex([located.certificate for located in found.trust.certificates])
        for peer, seen, own in zip(plan.peers, evidence.peers, lists, strict=True):
            if isinstance(seen.server, CertificateFile):
                sent = None if isinstance(own, Missing) else own
                yield Check(peer, server, seen.server.leaf, chain_verifier.chain(seen.server.leaf, trusted, sent, at))
