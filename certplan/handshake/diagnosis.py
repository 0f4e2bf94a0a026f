"""What stands between a presenter's certificate and a verifier's trust, and which certificate or CA is at fault.

It is worked out from what OpenSSL names (its code, the depth and the certificate there), with the lists of all peers at
hand: which of them has the CA that is missing, and what would have to leave a list.
"""

from collections.abc import Sequence
from datetime import datetime

from certplan.evidence.model import Certificate, Missing
from certplan.evidence.pki.signatures import signed_by
from certplan.handshake.chains import TrustIndex, expiry, may_have_issued, self_signed
from certplan.handshake.model import Ca, Cause, Presentation, Removal, Step, StepName
from certplan.handshake.trust import Chain
from certplan.outcomes import Outcome
from certplan.plan.model import Peer, Plan
from certplan.text.names import show, show_all
from certplan.text.words import day, joined, listed
from certplan.value import replace

__all__ = ["diagnose"]

Lists = Sequence[TrustIndex | Missing]
"""The trusted CA lists of all peers, in plan order."""


def diagnose(plan: Plan, lists: Lists, shown: Presentation, chain: Chain, at: datetime) -> Step:
    """The trust step of a chain that is not trusted, or of which that is not known."""
    match chain.cause:
        case Cause.ISSUER_NOT_TRUSTED:
            return _issuer_missing(plan, lists, shown, chain)
        case Cause.SAME_NAME_OTHER_KEY:
            return _other_key(plan, lists, shown, chain)
        case Cause.ORDER_DECIDES:
            return _order_decides(plan, lists, shown, chain, at)
        case _:
            return _refused(shown, chain)


def _step(
    shown: Presentation,
    chain: Chain,
    cause: Cause,
    reason: str,
    ca: Ca | None = None,
    removals: tuple[Removal, ...] = (),
    at_fault: Peer | None = None,
    certificate: Certificate | None = None,
) -> Step:
    who, owner = show(shown.verifier.address), shown.owner
    failing = certificate or chain.failing or chain.path[-1]
    return Step(
        StepName.TRUST,
        Outcome.FAIL,
        f"{who} does not trust {owner}: {reason}",
        cause,
        subject=ca.subject if ca is not None else failing.subject,
        store=shown.store,
        openssl=(chain.code, chain.depth, chain.text),
        holds_until=chain.holds_until,
        peer=at_fault or shown.verifier,
        certificate=failing,
        path=chain.path,
        ca=ca,
        removals=removals,
    )


def _issuer_missing(plan: Plan, lists: Lists, shown: Presentation, chain: Chain) -> Step:
    """Name the CA that is missing from the verifier's list, and the other peers that have it."""
    top = chain.path[-1]
    ca = _missing_ca(plan, lists, shown, top)
    having = show_all(peer.address for peer in ca.holders)
    found = "" if not ca.holders else f"; {having} {'has' if len(ca.holders) == 1 else 'have'} it"
    if any(not self_signed(each) for each in ca.certificates):
        # Once the verifier's own list has given an issuer, what was sent is not looked at.
        unsent = chain.sent_might_help and shown.presenter not in ca.holders
        sent = f" and {show(shown.presenter.address)} does not send it" if unsent else ""
        reason = f"the intermediate CA {show(ca.subject)} is not in its trusted CA list{sent}{found}"
        return _step(shown, chain, Cause.INTERMEDIATE_MISSING, reason, ca)
    reason = f"the CA {show(ca.subject)} is not in its trusted CA list{found}"
    return _step(shown, chain, Cause.ISSUER_NOT_TRUSTED, reason, ca)


def _missing_ca(plan: Plan, lists: Lists, shown: Presentation, top: Certificate) -> Ca:
    """The CA that a chain ending at `top` is missing: its issuer, or `top` itself where it is a root that was sent."""
    holders: list[Peer] = []
    held: dict[str, Certificate] = {}
    for peer, index in zip(plan.peers, lists, strict=True):
        if peer is shown.verifier or isinstance(index, Missing):
            continue
        if self_signed(top):
            fitting = [ca for ca in index.named(top.subject_key) if ca.sha256 == top.sha256]
        else:
            fitting = [ca for ca in index.issuers(top) if _signed(ca, top)]
        if fitting:
            holders.append(peer)
            held |= {ca.sha256: ca for ca in fitting}
    name, key = (top.subject, top.subject_key) if self_signed(top) else (top.issuer, top.issuer_key)
    return Ca(name, key, tuple(held.values()), tuple(holders))


def _signed(ca: Certificate, child: Certificate) -> bool:
    """Whether the key of `ca` signed `child`, or may have where that is unknown."""
    if not may_have_issued(ca, child):
        return False
    return ca.key is None or signed_by(child, ca)


def _other_key(plan: Plan, lists: Lists, shown: Presentation, chain: Chain) -> Step:
    """A CA has the right name, and another key than the one that signed."""
    child = chain.failing or chain.path[-1]
    if chain.code and self_signed(child):
        name, key = child.subject, child.subject_key
        fitting = {child.sha256}
    else:
        name, key = child.issuer, child.issuer_key
        fitting = set()
    right: dict[str, Certificate] = {}
    wrong: list[Removal] = []
    holders: list[Peer] = []
    for peer, index in zip(plan.peers, lists, strict=True):
        for held in () if isinstance(index, Missing) else index.named(key):
            if held.sha256 in fitting or (not fitting and _signed(held, child)):
                right[held.sha256] = held
                holders.append(peer)
            elif peer in (shown.verifier, shown.presenter):
                wrong.append(Removal(peer, held))
    owner = shown.verifier
    mine = [removal for removal in wrong if removal.peer is owner]
    if not mine and wrong:
        owner = wrong[0].peer
    ca = Ca(name, key, tuple(right.values()), tuple(dict.fromkeys(holders)))
    removals = tuple(removal for removal in wrong if removal.peer is owner)
    if chain.otherwise is not None:
        reason = (
            f"the trusted CA list of {show(owner.address)} has several CAs named {show(name)} with different keys, and"
            f" the one that signed {show(child.subject)} is not the first"
        )
    else:
        reason = f"a CA named {show(name)} is there, but its key is not the one that signed {show(child.subject)}"
        if self_signed(child):
            reason = f"a CA named {show(name)} is there, but it is not the one that {shown.owner} leads to"
    return _step(shown, chain, Cause.SAME_NAME_OTHER_KEY, reason, ca, removals, owner)


def _order_decides(plan: Plan, lists: Lists, shown: Presentation, chain: Chain, at: datetime) -> Step:
    """One CA has several certificates, and OpenSSL takes the first that fits: say what to add or to remove."""
    bad, good = _bad_and_good(chain)
    kept = {ca.sha256 for ca in good.path}
    odd = list({ca.sha256: ca for ca in bad.path[1:] if ca.sha256 not in kept}.values())
    ca = _to_append(plan, lists, shown, bad, at)
    removals = () if ca is not None else _removals(lists, shown, odd)
    through = _either(odd, at)
    owner = removals[0].peer if removals else shown.verifier
    missing = Missing(
        what=f"an answer that does not depend on the order of the trusted CA list of {show(owner.address)}",
        why=f"several certificates of one CA fit, and the chain through {through} is refused ({bad.text})",
        remedy=_without([removal for removal in removals if removal.peer is owner], ca, shown),
    )
    reason = (
        f"whether {show(shown.verifier.address)} trusts {shown.owner} depends on the order of a trusted CA list: of"
        f" several certificates of one CA the first that fits is used, and with {through} the chain is refused"
        f" ({bad.text})"
    )
    subject = ca.subject if ca is not None else odd[0].subject if odd else bad.path[-1].subject
    step = _step(shown, replace(chain, failing=bad.failing, path=bad.path), Cause.ORDER_DECIDES, reason, ca, removals)
    return replace(step, outcome=Outcome.UNKNOWN, reason=reason, subject=subject, missing=missing, peer=owner)


def _to_append(plan: Plan, lists: Lists, shown: Presentation, bad: Chain, at: datetime) -> Ca | None:
    """What another list, or the presenter, has to make the chain good that another order leads to; None: nothing."""
    if bad.cause is Cause.ISSUER_NOT_TRUSTED:
        ca = _missing_ca(plan, lists, shown, bad.path[-1])
        return ca if ca.certificates else None
    failing = bad.failing
    if failing is None or bad.cause is not Cause.CA_EXPIRED:
        return None
    good = {
        twin.sha256: twin
        for index in lists
        if not isinstance(index, Missing)
        for twin in index.named(failing.subject_key)
        if twin.key == failing.key and twin.not_before <= at < expiry(twin) and self_signed(twin)
    }
    return Ca(failing.subject, failing.subject_key, tuple(good.values())) if good and self_signed(failing) else None


def _bad_and_good(chain: Chain) -> tuple[Chain, Chain]:
    given, other = chain.given or chain, chain.otherwise or chain
    return (given, other) if other.trusted else (other, given)


def _removals(lists: Lists, shown: Presentation, odd: Sequence[Certificate]) -> tuple[Removal, ...]:
    found: dict[Removal, None] = {}
    for peer in (shown.verifier, shown.presenter):
        index = lists[peer.number - 1]
        for ca in odd:
            if not isinstance(index, Missing) and ca in index.named(ca.subject_key):
                found.setdefault(Removal(peer, ca))
    return tuple(found)


def _either(odd: Sequence[Certificate], at: datetime) -> str:
    return joined(_named(ca, at) for ca in odd) or "another"


def _named(ca: Certificate, at: datetime) -> str:
    """A certificate of a CA, distinguished from others of the same CA by who signed it and how long it lasts."""
    by = "self-signed" if self_signed(ca) else f"signed by {show(ca.issuer)}"
    ends = "expired" if at >= expiry(ca) else "expires"
    return f"{show(ca.subject)} ({by}, {ends} {day(ca.not_after)})"


def _without(removals: Sequence[Removal], ca: Ca | None, shown: Presentation) -> str:
    if ca is not None:
        return f"Append {show(ca.subject)} to the trusted CA list of {show(shown.verifier.address)}."
    if not removals:
        return "Keep one certificate of each CA in the trusted CA lists."
    cas = dict.fromkeys(removal.certificate for removal in removals)
    peers = dict.fromkeys(show(removal.peer.address) for removal in removals)
    named = joined(
        f"the {show(each.subject)} that {'is self-signed' if self_signed(each) else f'{show(each.issuer)} signed'}"
        f" (until {day(each.not_after)})"
        for each in cas
    )
    return f"Remove {named} from the trusted CA list of {listed(peers)}."


def _refused(shown: Presentation, chain: Chain) -> Step:
    failing, cause = chain.failing or chain.path[-1], chain.cause or Cause.CHAIN_REFUSED
    subject = show(failing.subject)
    match cause:
        case Cause.SELF_SIGNED:
            reason = "it is self-signed and not itself in the trusted CA list"
        case Cause.EXPIRED:
            reason = f"it expired {day(failing.not_after)}"
        case Cause.NOT_YET_VALID:
            reason = f"it is not valid before {day(failing.not_before)}"
        case Cause.CA_EXPIRED:
            reason = f"the CA {subject} expired {day(failing.not_after)}"
        case Cause.CA_NOT_YET_VALID:
            reason = f"the CA {subject} is not valid before {day(failing.not_before)}"
        case Cause.NOT_A_CA:
            has = "basicConstraints CA:FALSE" if failing.is_ca is False else "no basicConstraints"
            reason = f"{subject} is not a CA certificate, it has {has} ({chain.text})"
        case Cause.MAY_NOT_SIGN:
            held = listed(failing.key_usage or ()) or "none"
            reason = f"the key usage of the CA {subject} ({held}) does not include keyCertSign"
        case Cause.PATH_TOO_LONG:
            reason = f"the CA {subject} allows {_below(failing.path_length)} below it, and the chain has more"
        case Cause.KEY_UNREADABLE:
            failing = next((c for c in chain.path if c.key is None), failing)
            reason = f"OpenSSL cannot read the public key of {show(failing.subject)}"
        case _:
            reason = f"OpenSSL refuses its chain at {subject} ({chain.text})"
    above = failing is not chain.path[0]
    ca = Ca(failing.subject, failing.subject_key, (failing,)) if above else None
    return _step(shown, chain, cause, reason, ca, at_fault=None if above else shown.presenter, certificate=failing)


def _below(path_length: int | None) -> str:
    if not path_length:
        return "no further CA"
    return "1 further CA" if path_length == 1 else f"{path_length} further CAs"
