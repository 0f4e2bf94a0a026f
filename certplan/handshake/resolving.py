"""Resolve and reach: which address a verifier would connect to for a presenter, and whose address that is."""

from collections.abc import Iterable

from certplan.evidence.model import DnsAnswer, DnsOutcome, Evidence, Missing, RecordType
from certplan.handshake.model import Cause, Route, Step, StepName
from certplan.outcomes import Confidence, Outcome
from certplan.plan.model import ClusterType, IPAddress, IpVersion, Peer, Plan
from certplan.text.addresses import parse_ip
from certplan.text.names import key, show
from certplan.text.words import listed
from certplan.value import Value, replace
from certplan.vendor.releases import NAT_ON_ONE_NIC_ALLOWED_FROM, NAT_ON_ONE_NIC_FORBIDDEN_UP_TO

__all__ = ["Resolution", "addresses_of", "how_to_get_an_answer", "reach", "resolution_of", "resolve"]


class Resolution(Value):
    """Where a `Peer N address` leads from one peer's point of view."""

    step: Step
    route: Route
    targets: tuple[IPAddress, ...] = ()

    @property
    def target(self) -> IPAddress | None:
        return self.targets[0] if self.targets else None


def resolution_of(plan: Plan, evidence: Evidence, verifier: Peer, presenter: Peer) -> Resolution:
    """Turn the presenter's `Peer N address` into the address the verifier would connect to.

    An IP address is itself. A name is looked up in the cluster address mapping first and, only without a hit, in
    the verifier's own DNS view (Cluster Creation and Maintenance guide X15.4, chapter on FQDNs).
    """
    resolution = _resolved(plan, evidence, verifier, presenter)
    if resolution.step.cause is None:
        return resolution
    view = verifier.view_for(presenter.address) if resolution.route is Route.DNS else ""
    return replace(resolution, step=_with_facts(plan, presenter, resolution.route, resolution.step, view))


def _resolved(plan: Plan, evidence: Evidence, verifier: Peer, presenter: Peer) -> Resolution:
    literal = parse_ip(presenter.address)
    if literal is not None:
        return Resolution(_passed(f"Peer {presenter.number} address is {literal}"), Route.LITERAL, (literal,))
    mapped = _mapped(plan, presenter.address)
    if mapped:
        return _by_mapping(presenter, mapped)
    return _by_dns(plan, evidence, verifier, presenter)


def resolve(evidence: Evidence, plan: Plan, view: str, name: str) -> DnsAnswer:
    """The answer of `view` for the address of `name` in the cluster's IP version."""
    record_type = RecordType.AAAA if plan.ip_version is IpVersion.IPV6 else RecordType.A
    known = evidence.views.get(view)
    answer = known.answers.get((key(name), record_type)) if known is not None else None
    if answer is not None:
        return answer
    why = "the plan gives no such DNS view" if known is None else "it was not asked"
    return DnsAnswer(view, name, record_type, DnsOutcome.NOT_COVERED, why=why)


def how_to_get_an_answer(answer: DnsAnswer) -> str:
    """What to do in the plan to have the view speak that gave this answer, as a sentence."""
    if answer.missing_zone is not None:
        return f"Add the zone {show(answer.missing_zone)} to the {show(answer.view)} view in the plan's dns section."
    return f"Give the plan's dns section servers, zone_files or records that answer for the {show(answer.view)} view."


def addresses_of(answer: DnsAnswer) -> tuple[IPAddress, ...]:
    return tuple(ip for text in answer.addresses if (ip := parse_ip(text)) is not None)


def _mapped(plan: Plan, name: str) -> tuple[IPAddress, ...]:
    entries = plan.cluster.address_mapping or ()
    return tuple(dict.fromkeys(entry.ip for entry in entries if key(entry.fqdn) == key(name)))


def _by_mapping(presenter: Peer, mapped: tuple[IPAddress, ...]) -> Resolution:
    if len(mapped) > 1:
        reason = f"Cluster address mapping gives {show(presenter.address)} {len(mapped)} addresses: {_listed(mapped)}"
        step = Step(
            StepName.RESOLVE,
            Outcome.FAIL,
            reason,
            Cause.MAPPING_AMBIGUOUS,
            presenter.address,
            None,
            Confidence.INFERRED,
        )
        return Resolution(step, Route.MAPPING, mapped)
    reason = f"Cluster address mapping leads {show(presenter.address)} to {mapped[0]}"
    return Resolution(_passed(reason), Route.MAPPING, mapped)


def _by_dns(plan: Plan, evidence: Evidence, verifier: Peer, presenter: Peer) -> Resolution:
    name, view = show(presenter.address), verifier.view_for(presenter.address)
    answer = resolve(evidence, plan, view, presenter.address)
    found = addresses_of(answer)
    if answer.outcome is DnsOutcome.ANSWER and found:
        return _by_answer(view, presenter, found)
    if answer.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NO_DATA, DnsOutcome.ANSWER):
        lack = "does not exist" if answer.outcome is DnsOutcome.NXDOMAIN else f"has no {answer.type} record"
        reason = f"{name} {lack} in the {show(view)} DNS view"
        return Resolution(_failed(reason, Cause.NAME_ABSENT, presenter.address), Route.DNS)
    why = answer.why or f"the view answered {answer.outcome.value}"
    missing = Missing(
        what=f"{answer.type} record of {name} in the {show(view)} DNS view",
        why=why,
        remedy=how_to_get_an_answer(answer),
        where=plan.where("dns", view),
        field=f"dns.{view}",
    )
    step = Step(
        StepName.RESOLVE,
        Outcome.UNKNOWN,
        f"{name} could not be looked up in the {show(view)} DNS view: {why}",
        Cause.DNS_SILENT,
        presenter.address,
        missing=missing,
    )
    return Resolution(step, Route.DNS)


def _by_answer(asked: str, presenter: Peer, found: tuple[IPAddress, ...]) -> Resolution:
    name, view = show(presenter.address), show(asked)
    if len(found) > 1:
        reason = f"{name} has {len(found)} addresses in the {view} DNS view: {_listed(found)}"
        strays = [ip for ip in found if ip != presenter.lan1.ip]
        if strays:
            # Which address is tried first changes from one look-up to the next: judge the one that would fail.
            ordered = (*strays, *(ip for ip in found if ip not in strays))
            return Resolution(_failed(reason, Cause.SEVERAL_ADDRESSES, presenter.address), Route.DNS, ordered)
    return Resolution(_passed(f"{name} is {found[0]} in the {view} DNS view"), Route.DNS, found)


def reach(plan: Plan, presenter: Peer, resolution: Resolution) -> Step | None:
    """Compare the address connected to with the presenter's own: clustering uses LAN 1. None: nothing to judge.

    Source: Cluster Creation and Maintenance guide X15.4, forming a cluster; Basic Configuration guide X14.0,
    Advanced Networking.
    """
    step = _reach(plan, presenter, resolution)
    return step if step is None or step.cause is None else _with_facts(plan, presenter, resolution.route, step)


def _reach(plan: Plan, presenter: Peer, resolution: Resolution) -> Step | None:
    target = resolution.target
    if target is None or resolution.step.outcome is not Outcome.PASS:
        return None
    version = 6 if plan.ip_version is IpVersion.IPV6 else 4
    if target.version != version:
        reason = f"{target} is not an {_VERSIONS[version]} address, and Cluster IP version is {_VERSIONS[version]}"
        return _reached(Outcome.FAIL, reason, Cause.WRONG_IP_VERSION, target)
    if target == presenter.lan1.ip:
        return _nat(presenter) or _reached(Outcome.PASS, f"{target} is LAN 1 of {show(presenter.address)}")
    return _reached(
        Outcome.FAIL, f"{target} is {_owner(plan, presenter, target)}", _wrong_address_cause(plan, resolution), target
    )


def _with_facts(plan: Plan, presenter: Peer, route: Route, step: Step, view: str = "") -> Step:
    """The step with what it is about as values: the peer, its name, and the mapping entry or view that led there."""
    entries = plan.cluster.address_mapping or () if route is Route.MAPPING else ()
    entry = next((entry for entry in entries if key(entry.fqdn) == key(presenter.address)), None)
    return replace(step, peer=presenter, fqdn=presenter.address, entry=entry, view=view)


_VERSIONS = {4: "IPv4", 6: "IPv6"}


def _nat(presenter: Peer) -> Step | None:
    """Static NAT on the LAN that clusters: never with two NICs, by release with one."""
    nat = presenter.lan1.static_nat
    if nat is None:
        return None
    if presenter.dual_nic:
        reason = f"static NAT ({nat}) is on LAN 1 of {show(presenter.address)}, which carries the cluster"
        return _reached(Outcome.FAIL, reason, Cause.NAT_ON_CLUSTERING_LAN, nat)
    if presenter.release >= NAT_ON_ONE_NIC_ALLOWED_FROM:
        return None
    where = f"{show(presenter.address)} has one NIC with static NAT ({nat}) on {presenter.release}"
    if presenter.release <= NAT_ON_ONE_NIC_FORBIDDEN_UP_TO:
        reason = f"{where}, whose cluster guide forbids NAT on the clustering interface"
        return _reached(Outcome.FAIL, reason, Cause.NAT_ON_SINGLE_NIC, nat, Confidence.CONFLICTING)
    missing = Missing(
        what=f"the vendor's word on clustering one NIC with static NAT on {presenter.release}",
        why="the guide for X14.0 forbids it, the guide for X14.0.2 allows it, and none was found for this release",
        remedy="Upgrade to X14.0.2 or later, or move static NAT off the clustering interface.",
    )
    reason = f"{where}: X14.0 forbids that, X14.0.2 allows it, and no text settles this release"
    return Step(
        StepName.REACH,
        Outcome.UNKNOWN,
        reason,
        Cause.NAT_ON_SINGLE_NIC,
        str(nat),
        confidence=Confidence.CONFLICTING,
        missing=missing,
    )


def _owner(plan: Plan, presenter: Peer, target: IPAddress) -> str:
    own = show(presenter.address)
    if presenter.lan2 is not None and target == presenter.lan2.ip:
        return f"LAN 2 of {own}, its external interface, not LAN 1 ({presenter.lan1.ip})"
    if target in (presenter.lan1.static_nat, presenter.lan2.static_nat if presenter.lan2 else None):
        return f"the static NAT address of {own}, not its LAN 1 address ({presenter.lan1.ip})"
    for other in plan.peers:
        ports = (other.lan1.ip, other.lan2.ip if other.lan2 else None, other.static_nat)
        if other is not presenter and target in ports:
            return f"an address of another peer, {show(other.address)}, not LAN 1 of {own} ({presenter.lan1.ip})"
    return f"no address of {own}, whose LAN 1 is {presenter.lan1.ip}"


def _wrong_address_cause(plan: Plan, resolution: Resolution) -> Cause:
    if resolution.route is Route.LITERAL:
        return Cause.PEER_IP_WRONG
    if resolution.route is Route.MAPPING:
        return Cause.MAPPING_WRONG_ADDRESS
    if plan.cluster.address_mapping is not None:
        return Cause.MAPPING_ENTRY_MISSING
    translated = any(peer.dual_nic or peer.static_nat is not None for peer in plan.peers)
    if plan.cluster.type is ClusterType.EXPRESSWAY_E and translated:
        return Cause.MAPPING_NEEDED
    return Cause.DNS_WRONG_ADDRESS


def _listed(addresses: Iterable[IPAddress]) -> str:
    return listed(str(address) for address in addresses)


def _passed(reason: str) -> Step:
    return Step(StepName.RESOLVE, Outcome.PASS, reason)


def _failed(reason: str, cause: Cause, address: str) -> Step:
    return Step(StepName.RESOLVE, Outcome.FAIL, reason, cause, address)


def _reached(
    outcome: Outcome,
    reason: str,
    cause: Cause | None = None,
    address: IPAddress | None = None,
    confidence: Confidence = Confidence.DOCUMENTED,
) -> Step:
    return Step(StepName.REACH, outcome, reason, cause, "" if address is None else str(address), confidence=confidence)
