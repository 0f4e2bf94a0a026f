"""What changed in the world between two records of one cluster."""

from collections.abc import Iterator, Mapping

from certplan.evidence.model import CertificateFile, DnsAnswer, Evidence, KeyFile, Missing, TrustList
from certplan.evidence.tls.model import Probe
from certplan.records.model import Record
from certplan.text.names import show, show_all
from certplan.value import Value

__all__ = ["RecordChange", "changes"]


class RecordChange(Value):
    """One thing that is not what it was."""

    what: str
    """`certificate`, `trusted CA`, `CRL`, `key`, `DNS`, `port` or `plan`."""
    subject: str
    """Whose: a peer, a name, a port."""
    before: str
    after: str

    @property
    def of_certificate(self) -> bool:
        """Whether a certificate changed, in its file or on the wire."""
        return self.what in ("certificate", "port certificate")


def changes(before: Record, after: Record) -> tuple[RecordChange, ...]:
    """Everything that differs between what two records observed today, and between their ports and plans."""
    return tuple(_changes(before, after))


def _changes(before: Record, after: Record) -> Iterator[RecordChange]:
    if before.plan.text != after.plan.text:
        yield RecordChange("plan", after.plan.file, "as recorded first", "edited since")
    one, other = before.today.evidence(), after.today.evidence()
    was, now = (_peers(record, evidence) for record, evidence in ((before, one), (after, other)))
    yield from _certificates(was, now)
    yield from _of_maps("DNS", _answers(one), _answers(other))
    yield from _of_maps("port certificate", _leaves(before.probes), _leaves(after.probes))
    yield from _of_maps("port", _states(before.probes), _states(after.probes))


_Facts = dict[tuple[str, str], str]


def _peers(record: Record, evidence: Evidence) -> _Facts:
    """What each peer's files hold, each thing by what it is and whose."""
    facts: _Facts = {}
    for peer, found in zip(record.plan.plan().peers, evidence.peers, strict=True):
        for store, file in (("server", found.server), ("client", found.client)):
            if isinstance(file, CertificateFile):
                leaf = file.leaf
                said = f"{show(leaf.subject)}, until {leaf.not_after.date()}, sha256 {leaf.sha256}"
                facts["certificate", f"{store} certificate of {peer.address}"] = said
            elif file.why != "the plan names none":
                facts["certificate", f"{store} certificate of {peer.address}"] = f"missing: {file.why}"
        if isinstance(found.trust, TrustList):
            for located in found.trust.certificates:
                ca = located.certificate
                subject = f"{peer.address}: {show(ca.subject)} ({ca.sha256[:16]})"
                facts["trusted CA", subject] = f"until {ca.not_after.date()}"
        if isinstance(found.key, KeyFile) and not isinstance(found.key.key, Missing):
            facts["key", peer.address] = found.key.key.sha256
        if not isinstance(found.crls, Missing):
            for crl in found.crls:
                facts["CRL", f"{peer.address}: {show(crl.issuer)}"] = f"from {crl.last_update}"
    return facts


def _certificates(was: _Facts, now: _Facts) -> Iterator[RecordChange]:
    for kind, subject in dict.fromkeys((*was, *now)):
        before, after = was.get((kind, subject), "none"), now.get((kind, subject), "none")
        if before != after:
            yield RecordChange(kind, subject, before, after)


def _answers(evidence: Evidence) -> Mapping[str, str]:
    return {
        f"{answer.type} record of {show(answer.name)} in the {show(view.name)} view": _said(answer)
        for view in evidence.views.values()
        for answer in view.answers.values()
    }


def _said(answer: DnsAnswer) -> str:
    values = [*answer.addresses, *answer.targets, *(f"{each.target}:{each.port}" for each in answer.services)]
    return show_all(values) or answer.outcome.value


def _leaves(probes: tuple[Probe, ...]) -> Mapping[str, str]:
    return {
        _port(probe): f"{show(probe.sent_chain[0].subject)}, sha256 {probe.sent_chain[0].sha256}"
        for probe in probes
        if probe.sent_chain
    }


def _states(probes: tuple[Probe, ...]) -> Mapping[str, str]:
    return {_port(probe): f"{probe.reached.value} {probe.protocol or ''}".strip() for probe in probes}


def _port(probe: Probe) -> str:
    return f"{probe.target.address}:{probe.target.port}"


def _of_maps(what: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[RecordChange]:
    for subject in dict.fromkeys((*was, *now)):
        before, after = was.get(subject, "none"), now.get(subject, "none")
        if before != after:
            yield RecordChange(what, subject, before, after)
