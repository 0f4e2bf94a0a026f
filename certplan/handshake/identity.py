"""Identify: is the presenter's certificate the one the verifier expects under Enforce?

Two texts say what is compared. With cluster address mapping, a SAN must equal the FQDN side of an entry whose IP side
is the address that presents. Without it, a name of the certificate must resolve to the address that presents. Both ask
that the `Peer N address` itself is among the SANs. Whether a match in the CN alone would do is not settled: the text
on forming a cluster says so, those on enforcing speak of SANs only. (Cluster Creation and Maintenance guide X15.4.)
"""

from certplan.evidence.model import Evidence, Missing
from certplan.handshake.model import Cause, Presentation, Route, Step, StepName, Store
from certplan.handshake.resolving import Resolution, addresses_of, resolve
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import MappingEntry, Peer, Plan
from certplan.text.names import explain_miss, is_fqdn, is_ip, matching, same, show
from certplan.text.words import clauses
from certplan.value import replace

__all__ = ["identify", "no_fqdn"]


def identify(plan: Plan, evidence: Evidence, resolution: Resolution, reached: Step | None, shown: Presentation) -> Step:
    """Judge the names of the presenter's certificate as the verifier would; `reached` is where the way led."""
    address = shown.presenter.address
    if (refused := no_fqdn(shown.presenter, shown.store)) is not None:
        return refused
    if shown.leaf.sans is None:
        reason = f"the names in {shown.owner} cannot be read ({show(clauses(shown.leaf.defects))})"
        return _unknown(shown, reason, Cause.CERTIFICATE_UNREADABLE)
    if matching(address, shown.leaf.dns_names) is None:
        return _unnamed(plan, shown)
    if plan.cluster.address_mapping is not None:
        return _by_mapping(plan.cluster.address_mapping, shown)
    return _by_dns(plan, evidence, resolution, reached, shown)


def no_fqdn(presenter: Peer, store: Store) -> Step | None:
    """The failure of a peer whose `Peer N address` is no FQDN, whatever its certificate holds; None where it is one."""
    address, number = presenter.address, presenter.number
    if is_ip(address):
        reason = f"Peer {number} address is an IP address ({address}), and Enforce compares FQDNs"
        cause = Cause.ADDRESS_IS_IP
    elif not is_fqdn(address):
        reason = f"Peer {number} address {show(address)} is not a fully qualified domain name"
        cause = Cause.ADDRESS_NOT_FQDN
    else:
        return None
    step = Step(StepName.IDENTIFY, Outcome.FAIL, reason, cause, address, store, _confidence(store))
    return replace(step, peer=presenter, fqdn=address)


def _unnamed(plan: Plan, shown: Presentation) -> Step:
    address, leaf = shown.presenter.address, shown.leaf
    in_cn = matching(address, leaf.common_names) is not None
    if in_cn and plan.cluster.address_mapping is None:
        reason = (
            f"{shown.owner} has {show(address)} only as its CN, and the vendor's texts disagree whether that is enough"
        )
        return _unknown(shown, reason, Cause.NAME_ONLY_IN_CN, Confidence.CONFLICTING)
    miss = "it stands only in the CN" if in_cn else explain_miss(address, sorted(leaf.dns_names))
    return _failed(shown, f"{shown.owner} has no SAN {show(address)}: {miss}", Cause.NAME_NOT_IN_SAN, address)


def _by_mapping(entries: tuple[MappingEntry, ...], shown: Presentation) -> Step:
    names, speaks_from, address = shown.leaf.dns_names, shown.presenter.lan1.ip, shown.presenter.address
    carried = [entry for entry in entries if matching(entry.fqdn, names) is not None]
    if any(entry.ip == speaks_from for entry in carried):
        return _passed(shown, f"{shown.owner} has the SAN of the mapping entry for {speaks_from}")
    own = [entry for entry in entries if same(entry.fqdn, address)]
    if own:
        reason = (
            f"Cluster address mapping gives {show(address)} the IP {own[0].ip},"
            f" and the peer presents its certificate from {speaks_from}"
        )
        return _failed(shown, reason, Cause.MAPPING_WRONG_ADDRESS, str(own[0].ip), own[0])
    here = [entry for entry in entries if entry.ip == speaks_from]
    if here:
        miss = explain_miss(here[0].fqdn, sorted(names))
        reason = f"the mapping entry for {speaks_from} is {show(here[0].fqdn)}, no SAN of {shown.owner}: {miss}"
        return _failed(shown, reason, Cause.MAPPING_NAME_NOT_IN_SAN, here[0].fqdn, here[0])
    reason = f"Cluster address mapping is On and has no entry for {show(address)} ({speaks_from})"
    return _failed(shown, reason, Cause.MAPPING_ENTRY_MISSING, address)


def _by_dns(plan: Plan, evidence: Evidence, resolution: Resolution, reached: Step | None, shown: Presentation) -> Step:
    address, speaks_from = shown.presenter.address, shown.presenter.lan1.ip
    if resolution.route is Route.DNS and resolution.target == speaks_from:
        return _passed(shown, f"{shown.owner} has the SAN {show(address)}, which is {speaks_from}")
    names = [name for name in shown.leaf.dns_names if is_fqdn(name)]
    answers = [resolve(evidence, plan, shown.verifier.view_for(name), name) for name in names]
    if any(speaks_from in addresses_of(answer) for answer in answers):
        return _passed(shown, f"a SAN of {shown.owner} resolves to {speaks_from}")
    if any(not answer.outcome.answered for answer in answers):
        reason = f"whether a SAN of {shown.owner} resolves to {speaks_from} could not be looked up"
        return _unknown(shown, reason, Cause.DNS_SILENT, missing=resolution.step.missing)
    # The way has failed already and says why; what it leads to is what fails here.
    cause = resolution.step.cause or (reached.cause if reached else None) or Cause.DNS_WRONG_ADDRESS
    reason = f"no SAN of {shown.owner} resolves to {speaks_from}, the address it is presented from"
    return _failed(shown, reason, cause, address, view=shown.verifier.view_for(address))


def _confidence(store: Store, confidence: Confidence = Confidence.DOCUMENTED) -> Confidence:
    """Whether the names of an X15.5 client certificate are compared at all is nowhere stated."""
    return Confidence.INFERRED if store is Store.CLIENT else confidence


def _passed(shown: Presentation, reason: str) -> Step:
    return Step(StepName.IDENTIFY, Outcome.PASS, reason, store=shown.store, confidence=_confidence(shown.store))


def _failed(
    shown: Presentation, reason: str, cause: Cause, address: str, entry: MappingEntry | None = None, view: str = ""
) -> Step:
    return Step(
        StepName.IDENTIFY,
        Outcome.FAIL,
        reason,
        cause,
        address,
        shown.store,
        _confidence(shown.store),
        peer=shown.presenter,
        certificate=shown.leaf,
        fqdn=shown.presenter.address if entry is None else entry.fqdn,
        entry=entry,
        view=view,
    )


def _unknown(
    shown: Presentation,
    reason: str,
    cause: Cause,
    confidence: Confidence = Confidence.DOCUMENTED,
    missing: Missing | None = None,
) -> Step:
    address, confidence = shown.presenter.address, _confidence(shown.store, confidence)
    step = Step(StepName.IDENTIFY, Outcome.UNKNOWN, reason, cause, address, shown.store, confidence, missing)
    return replace(step, peer=shown.presenter, certificate=shown.leaf, fqdn=address)
