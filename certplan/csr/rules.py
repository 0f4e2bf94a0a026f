"""Which choices go together, by release, type of cluster and kind of CA.

Sources: Certificate Creation and Use Deployment Guide X15.5 (ECDSA from X14.3, OU, client certificate);
Administrator Guide X15.5, Managing Security (two stores, what each upload accepts); "Prepare Expressway for Client Auth
EKU Sunset" and "Navigate Client EKU Sunset with Expressway x15.5"; CA/Browser Forum Baseline Requirements 2.2.6,
section 7.1.2.7 (no OU in public certificates); RFC 5280 appendix A.1 (upper bounds of the subject's fields).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from certplan.csr.model import Choices
from certplan.csr.words import NameStyle, Role, StoreChoice
from certplan.evidence.model import KeyKind, PublicKey
from certplan.handshake.model import Store
from certplan.intent.stated import peer_list
from certplan.places import Place
from certplan.plan.model import CertificateAuthority, CertificateSubject, ClusterType, Peer, Plan
from certplan.plan.problems import PlanProblem
from certplan.text.names import show
from certplan.vendor.releases import ECDSA_FROM, SERVER_ONLY_FROM, TWO_STORES_FROM, Release

__all__ = [
    "KeyProblem",
    "choice_problems",
    "choice_warnings",
    "key_problem",
    "stores",
]

SMALLEST_RSA, TOO_LARGE_RSA = 2048, 8192
_CURVES = frozenset({"ECDSA P-256", "ECDSA P-384", "ECDSA P-521"})
_LONGEST = {"state": 128, "locality": 128, "organization": 64, "organizational_unit": 64, "email": 255}


def stores(choices: Choices) -> Iterator[tuple[Store, Role | None, str]]:
    """For which stores a peer gets a request, with which usages, and what its file names end in."""
    store = choices.store
    if store is None:
        store = StoreChoice.CLIENT if choices.role is Role.CLIENT else StoreChoice.SERVER
    if store in (StoreChoice.SERVER, StoreChoice.BOTH):
        yield Store.SERVER, choices.role, ""
    if store in (StoreChoice.CLIENT, StoreChoice.BOTH):
        yield Store.CLIENT, choices.role, "-client"


def choice_problems(plan: Plan, peers: Sequence[Peer], choices: Choices) -> Iterator[PlanProblem]:
    """What the peers' releases, the CA or the standards do not allow."""
    for peer in peers:
        own = ("peers", peer.number - 1, "release")
        where = plan.where(*own) if own in plan.places else plan.where("cluster", "release")
        if not choices.algorithm.is_rsa and peer.release < ECDSA_FROM:
            yield PlanProblem(
                where,
                f"{show(peer.address)} runs {peer.release}, which takes no {choices.algorithm.words} key; expected"
                f" {ECDSA_FROM} or later; use --algorithm rsa-4096",
            )
        if peer.release < TWO_STORES_FROM and any(store is Store.CLIENT for store, _, _ in stores(choices)):
            yield PlanProblem(
                where,
                f"{show(peer.address)} runs {peer.release}, which has no client certificate; expected {TWO_STORES_FROM}"
                " or later; request the server certificate alone",
            )
    yield from _store_problems(choices)
    yield from _subject_problems(plan, choices.subject)


def _store_problems(choices: Choices) -> Iterator[PlanProblem]:
    chosen = {store for store, _, _ in stores(choices)}
    if Store.CLIENT in chosen and choices.role is Role.SERVER:
        yield PlanProblem(
            Place("--role"),
            "the client store accepts no certificate with serverAuth alone; expected both or client; use --role client"
            " for the client store, and --role server for the server store in a run of its own",
        )
    if Store.SERVER in chosen and choices.role is Role.CLIENT:
        yield PlanProblem(
            Place("--role"),
            "a server certificate with clientAuth alone is of no use; expected both or server; use --role server for"
            " the server store, and --role client for the client store in a run of its own",
        )


def _subject_problems(plan: Plan, subject: CertificateSubject) -> Iterator[PlanProblem]:
    def where(field: str) -> Place:
        """The plan, or the option that has replaced it."""
        if getattr(subject, field) == getattr(plan.certificate_subject, field):
            return plan.where("certificate_subject", field)
        return Place(f"--{field.replace('_', '-')}")

    country, email = subject.country, subject.email
    if country is not None and not (len(country) == 2 and country.isascii() and country.isalpha()):
        message = f"{show(country)} is not a country code; expected two letters of ISO 3166, such as US; correct it"
        yield PlanProblem(where("country"), message)
    for field, longest in _LONGEST.items():
        value = getattr(subject, field)
        if value is not None and not (value.strip() and value.isprintable()):
            message = f"{show(value) or 'nothing'} is here; expected plain text; correct it"
            yield PlanProblem(where(field), message)
        elif value is not None and len(value) > longest:
            message = f"this has {len(value)} characters; expected {longest} at most; shorten it"
            yield PlanProblem(where(field), message)
    if email is not None and (email.count("@") != 1 or not email.isascii()):
        message = f"{show(email)} is not an e-mail address in ASCII; expected name@domain; correct it"
        yield PlanProblem(where("email"), message)
    if subject.organizational_unit is not None and plan.certificate_authority is CertificateAuthority.PUBLIC:
        message = "a public CA may not put an organizational unit into a certificate; expected none; leave it out"
        yield PlanProblem(where("organizational_unit"), message)


def choice_warnings(plan: Plan, peers: Sequence[Peer], choices: Choices) -> Iterator[str]:
    """What is allowed and not advised."""
    if choices.names is NameStyle.ALL and len(plan.peers) > 1:
        yield (
            "Shared identity: every certificate will name every peer, so that the key of one peer can pass for any"
            " other. Name each peer in its own certificate alone (--names peer) unless something needs this."
        )
    public = plan.certificate_authority is CertificateAuthority.PUBLIC
    if choices.role is Role.SERVER:
        yield from _server_only(plan, peers)
    elif public:
        yield (
            "Public CAs are giving up clientAuth: order one that still issues it, and compare what comes back with"
            " certplan csr verify."
        )


def _server_only(plan: Plan, peers: Sequence[Peer]) -> Iterator[str]:
    old = [peer for peer in peers if peer.release < SERVER_ONLY_FROM]
    halfway = [peer for peer in peers if SERVER_ONLY_FROM <= peer.release < TWO_STORES_FROM]
    if old:
        yield (
            f"{peer_list(old)}: before {SERVER_ONLY_FROM} a certificate without clientAuth is refused at upload where"
            " Unified Communications are on, and cluster peers cannot authenticate with it under Enforce."
        )
    if halfway and plan.cluster.type is ClusterType.EXPRESSWAY_C:
        yield f"{peer_list(halfway)}: an Expressway-C on {halfway[0].release} still requires serverAuth and clientAuth."
    elif halfway:
        yield (
            f"{peer_list(halfway)}: the upload takes a certificate without clientAuth only after"
            " xConfiguration XCP TLS Certificate CVS EnableServerEkuUpload: On."
        )


class KeyProblem(NamedTuple):
    """Why a key will not do."""

    found: str
    expected: str


def key_problem(key: PublicKey, release: Release) -> KeyProblem | None:
    """Why a key will not do on this release; None when it will."""
    if key.kind is KeyKind.RSA:
        if key.bits < SMALLEST_RSA:
            return KeyProblem(key.name, "RSA 2048 or 4096")
        if key.bits >= TOO_LARGE_RSA:
            return KeyProblem(f"{key.name}, with which SIP TLS zones can stay inactive", "RSA 2048 or 4096")
        return None
    if key.kind is KeyKind.ECDSA and key.name in _CURVES:
        return KeyProblem(f"{key.name}, which {release} does not take", "RSA") if release < ECDSA_FROM else None
    return KeyProblem(key.name, "RSA 2048 or 4096, or ECDSA P-256, P-384 or P-521")
