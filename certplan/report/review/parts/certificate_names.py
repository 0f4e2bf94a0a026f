"""The names that a peer's certificate must include, whether it does, and what else it includes."""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import Certificate, San, SanKind
from certplan.intent.names import NameFor, shared_names
from certplan.plan.model import Peer, Plan
from certplan.report.document import Tone, Words
from certplan.report.review.parts.shown import Findings, link_to, numbered
from certplan.rules.topics import Topic
from certplan.text.names import defects, is_fqdn, is_ip, key, matching, near_miss
from certplan.text.words import joined
from certplan.value import Value

__all__ = ["ExplainedName", "not_required", "presence", "required_names"]

_EDGE = "collab-edge."
_MISSING = {
    NameFor.ADDRESS: Topic.ADDRESS_NOT_IN_CERTIFICATE.value,
    NameFor.PEER: Topic.PEER_NAME_MISSING.value,
    NameFor.CLUSTER: Topic.CLUSTER_NAME_MISSING.value,
    NameFor.MRA: Topic.MRA_DOMAIN_MISSING.value,
    NameFor.XMPP: Topic.XMPP_DOMAIN_MISSING.value,
    NameFor.CHAT: Topic.CHAT_ALIAS_MISSING.value,
    NameFor.PROFILE: Topic.PHONE_PROFILE_MISSING.value,
    NameFor.JOIN: Topic.JOIN_NAME_MISSING.value,
}
"""The rules that miss a name of each kind."""
_OTHER_KINDS = frozenset({NameFor.XMPP, NameFor.CHAT})
"""What may stand as an XMPPAddress instead."""


class ExplainedName(Value):
    """A name that a certificate must include, and everything that requires it."""

    name: str
    reasons: tuple[NameFor, ...]


def required_names(plan: Plan, peer: Peer) -> tuple[ExplainedName, ...]:
    """The names, each once: the peer's address and FQDN first, then the cluster's and those of the services.

    An address that is no FQDN is among them, so that it is seen that no certificate can include it.
    """
    found: dict[str, tuple[str, list[NameFor]]] = {key(peer.address): (peer.address, [NameFor.ADDRESS])}
    if peer.fqdn is not None and is_fqdn(peer.fqdn):
        found.setdefault(key(peer.fqdn), (peer.fqdn, []))[1].append(NameFor.PEER)
    for each in shared_names(plan):
        if is_fqdn(each.name):
            found.setdefault(key(each.name), (each.name, []))[1].append(each.why)
    return tuple(ExplainedName(name, tuple(dict.fromkeys(reasons))) for name, reasons in found.values())


def presence(leaf: Certificate, required: ExplainedName, found: Findings) -> Words:
    """What the certificate has of a name: `present`, `missing`, and what comes near it.

    The tone is good exactly where it is there. A name that no rule misses, as the cluster's in a client certificate
    of an Expressway-E, is said to be `not in it`.
    """
    if is_ip(required.name):
        ident, tone = link_to(found, *Topic.ADDRESS_IS_IP.value)
        return Words("an IP address, and Enforce compares names", tone, ident)
    if leaf.sans is None:
        return Words(
            "not verified: the names cannot be read", Tone.OPEN, link_to(found, *Topic.NAMES_UNREADABLE.value)[0]
        )
    if matching(required.name, leaf.dns_names) is not None:
        return Words("present", Tone.GOOD)
    if (other := _other_form(leaf, required)) is not None:
        return Words(f"present as {other}", Tone.GOOD, link_to(found, *Topic.NAME_IN_OTHER_FORM.value)[0])
    codes = [code for reason in required.reasons for code in _MISSING.get(reason, ())]
    ident, tone = link_to(found, *codes, *Topic.NO_SAN.value)
    if matching(required.name, leaf.common_names) is not None:
        return Words("only in the CN", tone, ident)
    if not ident:
        return Words("not in it", Tone.QUIET)
    near = near_miss(required.name, sorted(leaf.dns_names))
    return Words("missing" if near is None else f"missing: {near}", tone, ident)


def _other_form(leaf: Certificate, required: ExplainedName) -> str | None:
    """The name in another form that serves the same purpose."""
    if NameFor.MRA in required.reasons:
        other = required.name.removeprefix(_EDGE) if required.name.startswith(_EDGE) else f"{_EDGE}{required.name}"
        return matching(other, leaf.dns_names)
    xmpp = (san for san in leaf.sans or () if san.kind is SanKind.XMPP_ADDRESS)
    if _OTHER_KINDS & set(required.reasons) and any(key(san.value) == key(required.name) for san in xmpp):
        return "XMPPAddress"
    return None


def not_required(
    plan: Plan, peer: Peer, leaf: Certificate, required: Sequence[ExplainedName], found: Findings
) -> Iterator[tuple[San, Words]]:
    """The names in the certificate that are not among `wanted`, each with what there is to say of it."""
    asked = {key(name.name) for name in required}
    asked |= {key(f"{_EDGE}{name.name}") for name in required if NameFor.MRA in name.reasons}
    others = {
        key(name): each for each in plan.peers if each is not peer for name in (each.address, each.fqdn or each.address)
    }
    for san in leaf.sans or ():
        legible = matching(san.value, (san.value,)) is not None
        if san.kind not in {SanKind.DNS, SanKind.XMPP_ADDRESS} or key(san.value) not in asked or not legible:
            yield san, _remark(san, others.get(key(san.value)), found)


def _remark(san: San, owner: Peer | None, found: Findings) -> Words:
    if san.kind is not SanKind.DNS:
        ident, tone = (
            link_to(found, *Topic.IP_ADDRESS_AS_NAME.value)
            if san.kind is SanKind.IP
            else link_to(found, *Topic.OTHER_KIND_OF_NAME.value)
        )
        return Words("not a required name", tone, ident)
    if flaws := defects(san.value):
        ident, tone = link_to(found, *Topic.NAME_MALFORMED.value)
        return Words(f"not a required name; it {joined(flaw.words for flaw in flaws)}", tone, ident)
    if owner is not None:
        return Words(f"the name of {numbered(owner)}", Tone.QUIET, link_to(found, *Topic.NAME_OF_OTHER_PEER.value)[0])
    return Words("not a required name", Tone.QUIET)
