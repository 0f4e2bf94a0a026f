"""What ports show, beside the certificates, trusted CA lists and dates that the plan has."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from certplan.evidence.model import Certificate, CertificateFile, Evidence, TrustList
from certplan.evidence.tls.model import Probe, Reached
from certplan.handshake.chains import TrustIndex
from certplan.handshake.trust import ChainVerifier
from certplan.plan.model import Plan
from certplan.text.names import show, show_all
from certplan.text.words import day
from certplan.value import Value

__all__ = ["Compared", "PortDifference", "PortOutcome", "compare", "compare_alone"]


class PortOutcome(StrEnum):
    OK = "ok"
    DIFFERS = "differs"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class PortDifference(Value):
    """What was expected of a port and what it shows."""

    what: str
    expected: str
    found: str


class Compared(Value):
    """One port with what came of it."""

    probe: Probe
    outcome: PortOutcome
    differences: tuple[PortDifference, ...] = ()


def compare_alone(probes: Sequence[Probe]) -> tuple[Compared, ...]:
    """Without a plan: a port is ok unless it refuses or cannot be reached."""
    return tuple(Compared(probe, _outcome(probe, ())) for probe in probes)


def compare(probes: Sequence[Probe], plan: Plan, evidence: Evidence, at: datetime) -> tuple[Compared, ...]:
    """Compare each port with its peer's server certificate, and what it sends with every peer's trusted CA list.

    Where ports of one peer disagree, those that show the file's certificate are right and the others are at fault: a
    restart is pending there. Certificates sent beyond what is needed are no difference as long as they are valid.
    """
    chain_verifier = ChainVerifier()
    compared = []
    for probe in probes:
        found = tuple(_differences(probe, probes, plan, evidence, at, chain_verifier)) if probe.sent_chain else ()
        compared.append(Compared(probe, _outcome(probe, found), found))
    return tuple(compared)


def _outcome(probe: Probe, differences: Sequence[PortDifference]) -> PortOutcome:
    refusal = probe.client_certificate is not None and probe.client_certificate.refusal is not None
    if refusal or probe.reached is Reached.ALERT:
        return PortOutcome.REFUSED
    if probe.reached is not Reached.TLS:
        return PortOutcome.UNREACHABLE
    return PortOutcome.DIFFERS if differences else PortOutcome.OK


def _differences(
    probe: Probe, probes: Sequence[Probe], plan: Plan, evidence: Evidence, at: datetime, chain_verifier: ChainVerifier
) -> Iterator[PortDifference]:
    number = next((n for n, peer in enumerate(plan.peers) if peer.address == probe.target.peer), None)
    if number is None:
        return
    leaf, *above = probe.sent_chain
    file = evidence.peers[number].server
    if isinstance(file, CertificateFile) and file.leaf.sha256 != leaf.sha256:
        same = [other.sent_chain[0] for other in probes if other.target.peer == probe.target.peer and other.sent_chain]
        followed = any(shown.sha256 == file.leaf.sha256 for shown in same)
        pending = " (other ports of the peer show the file's: a restart may be pending)" if followed else ""
        yield PortDifference("certificate", _described(file.leaf), f"{_described(leaf)}{pending}")
    for certificate in probe.sent_chain:
        if not certificate.not_before <= at <= certificate.not_after:
            subject = "certificate" if certificate is leaf else f"CA {show(certificate.subject)}"
            begins, ends = day(certificate.not_before), day(certificate.not_after)
            found = f"expired {ends}" if at > certificate.not_after else f"not valid before {begins}"
            yield PortDifference(f"validity of the {subject}", f"valid at {day(at)}", found)
    yield from _chain(probe, number, evidence, at, chain_verifier)
    sent = TrustIndex(above)
    for peer, found_there in zip(plan.peers, evidence.peers, strict=True):
        if isinstance(found_there.trust, TrustList):
            trusted = TrustIndex([located.certificate for located in found_there.trust.certificates])
            chain = chain_verifier.chain(leaf, trusted, sent, at)
            if not chain.trusted:
                yield PortDifference(f"trust of {peer.address}", "accepts what is sent", f"does not: {chain.text}")


def _chain(
    probe: Probe, number: int, evidence: Evidence, at: datetime, chain_verifier: ChainVerifier
) -> Iterator[PortDifference]:
    """An issuer that the peer's own list has, and that is needed and not sent."""
    own = evidence.peers[number].trust
    if not isinstance(own, TrustList):
        return
    leaf, *above = probe.sent_chain
    index = TrustIndex([located.certificate for located in own.certificates])
    chain = chain_verifier.chain(leaf, index, index, at)
    if not chain.trusted:
        return
    sent = {certificate.sha256 for certificate in above}
    missing = [ca for ca in chain.path[1:-1] if ca.sha256 not in sent]
    if missing:
        expected = show_all(ca.subject for ca in chain.path[1:-1])
        found = show_all(ca.subject for ca in above) or "no issuer"
        yield PortDifference("chain as sent", expected, found)


def _described(certificate: Certificate) -> str:
    return f"{show(certificate.subject)}, until {day(certificate.not_after)}, sha256 {certificate.sha256}"
