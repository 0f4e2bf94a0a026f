"""What `propose` suggests, one change at a time, and what each makes of the plan's target."""

import hashlib
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from certplan.evidence.model import Certificate, TrustList
from certplan.intent.cluster import Intent
from certplan.judgement import Judgement
from certplan.outcomes import Verdict
from certplan.plan.model import Plan
from certplan.plan.targets import with_target
from certplan.plan.writing import difference
from certplan.proposal.certificate_changes import LoadCa, RemoveCa, new_list
from certplan.proposal.effect import Effect
from certplan.proposal.model import Change, Proposal
from certplan.proposal.propose import propose
from certplan.proposal.state import apply
from certplan.serve.fields import keys_of_peers, leaving
from certplan.value import Value

__all__ = ["AcceptedChange", "Suggestion", "proposals", "suggestions", "taken"]


_FILES = frozenset({"server_certificate", "client_certificate", "trusted_cas"})


class AcceptedChange(Value):
    """What accepting a change makes of the plan: its text, and new files by path beside it."""

    text: str
    files: Mapping[str, bytes]


class Suggestion(Value):
    """One change as the page shows it."""

    ident: str
    """Stays the same as long as the change does."""
    change: Change
    in_plan: bool
    """Whether a plan has a field for it; the rest is done outside, as in DNS."""
    accepted: bool
    """Whether the target says so already."""


def proposals(judgement: Judgement, known: Proposal | None) -> tuple[Proposal, ...]:
    """The changes to make of today; and where that leaves a target that is not ready, those to make of the target.

    Args:
        judgement: today's, with the target's beside it.
        known: the first proposal of an earlier state, where today is the same as then.
    """
    first = known or propose(judgement.plan, judgement.evidence, judgement.at)
    target = judgement.target
    if target is None or target.verdict is not Verdict.NOT_READY:
        return (first,)
    return first, propose(target.plan, target.evidence, judgement.at)


def suggestions(judgement: Judgement, found: tuple[Proposal, ...], files: Mapping[str, bytes]) -> Iterator[Suggestion]:
    """Every change of the proposals once, in their order."""
    seen: dict[str, None] = {}
    for proposal in found:
        for change in proposal.changes:
            ident = _ident(change)
            if ident in seen:
                continue
            seen[ident] = None
            in_plan = bool(_difference(proposal.intent, proposal, change.effect))
            accepted = in_plan and not any(_changes(judgement, proposal, change, files))
            yield Suggestion(ident, change, in_plan, accepted)


def taken(
    judgement: Judgement, found: tuple[Proposal, ...], ident: str, files: Mapping[str, bytes]
) -> AcceptedChange | None:
    """The plan with one change put under its target; None where there is no such change any more.

    Raises:
        EditRefusedError: when the plan's text cannot be edited safely.
    """
    for proposal in found:
        for change in proposal.changes:
            if _ident(change) == ident:
                changes, new = _changes(judgement, proposal, change, files)
                return AcceptedChange(with_target(judgement.plan.text, changes), new)
    return None


def _ident(change: Change) -> str:
    whole = "\0".join((change.who, change.peer or "", change.action, change.detail))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _effects(proposal: Proposal, effect: Effect, plan: Plan) -> list[Effect]:
    """The change; where the mapping is Off and it is on one entry, behind the one that sets it On."""
    first = [each.effect for each in proposal.changes if each.effect.first and each.effect.kind == effect.kind]
    return [*(first if plan.cluster.stated_address_mapping is None and effect not in first else ()), effect]


def _difference(intent: Intent, proposal: Proposal, effect: Effect) -> dict[str, Any]:
    return difference(intent.plan, apply(intent, _effects(proposal, effect, intent.plan)).plan)


def _changes(
    judgement: Judgement, proposal: Proposal, change: Change, files: Mapping[str, bytes]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What one change alters of the target, and new files. Peers that leave shift the numbers that it goes by."""
    stated, base = judgement.plan, judgement.target or judgement
    of_target = proposal.intent.plan is base.plan or not leaving(stated)
    intent = Intent(base.plan, base.evidence, base.at) if of_target else proposal.intent
    changes = _difference(intent, proposal, change.effect)
    new: dict[str, bytes] = {}
    effect = change.effect
    if proposal.intent.plan is not base.plan:
        changes = _without_coming(base.plan, changes)
    if isinstance(effect, LoadCa | RemoveCa):
        changes, new = _list_file(intent, effect, changes, files)
    return _rekeyed(stated, base.plan, changes), new


def _rekeyed(stated: Plan, base: Plan, changes: dict[str, Any]) -> dict[str, Any]:
    """Peers by what the target calls them, and not by the addresses that they have in it."""
    if "peers" not in changes or base is stated:
        return changes
    gone = leaving(stated)
    staying = (word for number, word in enumerate(keys_of_peers(stated)) if number not in gone)
    words = {peer.address: word for peer, word in zip(base.peers, staying, strict=False)}
    return {**changes, "peers": {words.get(word, word): value for word, value in changes["peers"].items()}}


def _without_coming(target: Plan, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes but for files that the target names already, and that are to come: each would get one more name."""
    kept: dict[str, Any] = {}
    for word, fields in changes.get("peers", {}).items():
        peer = next((peer for peer in target.peers if peer.address == word), None)
        stated = {name: getattr(peer, name) for name in fields if name in _FILES}
        named = {name for name, value in stated.items() if value and target.coming & set(_each(value))}
        if left := {name: value for name, value in fields.items() if name not in named}:
            kept[word] = left
    rest = {key: value for key, value in changes.items() if key != "peers"}
    return {**rest, "peers": kept} if kept else rest


def _each(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _list_file(
    intent: Intent, effect: LoadCa | RemoveCa, changes: dict[str, Any], files: Mapping[str, bytes]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The trusted CA list as it is to be, as a file: every certificate of it has been read."""
    peer = intent.plan.peers[effect.peer - 1]
    found = intent.evidence.peers[effect.peer - 1].trust
    if not isinstance(found, TrustList):
        return changes, {}
    listed = [each.certificate for each in found.certificates if each.certificate.sha256 != effect.certificate.sha256]
    if isinstance(effect, LoadCa):
        listed.append(effect.certificate)
    if [each.sha256 for each in listed] == [each.certificate.sha256 for each in found.certificates]:
        return {}, {}
    peers = {word: fields for word, fields in changes.get("peers", {}).items() if "trusted_cas" in fields}
    word, fields = next(iter(peers.items()), (peer.address, dict[str, Any]()))
    own = next((file for file in peer.trusted_cas or () if file in files and file in intent.plan.coming), None)
    name = own or next(iter(fields.get("trusted_cas", ())), None) or new_list(intent.plan, effect.peer)
    return {"peers": {word: {"trusted_cas": [name]}}}, {name: "".join(map(_pem, listed)).encode("ascii")}


def _pem(certificate: Certificate) -> str:
    return ssl.DER_cert_to_PEM_cert(certificate.der)
