"""TRU: certificates that no CA signed."""

from collections.abc import Iterator

from certplan.handshake.model import Cause, Store
from certplan.outcomes import Severity
from certplan.plan.model import Services
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.handshakes import UNSEEN, by_presenter, unchecked
from certplan.text.names import show
from certplan.text.words import joined

__all__ = ["self_signed", "self_signed_trusted"]


@rule(
    "TRU003",
    "self-signed-certificate",
    "A peer's certificate is self-signed and not trusted",
    Severity.ERROR,
    sources=("CG-15.4-form", "CERT-15.5-requirements", "TA-213872"),
    answers=[Cause.SELF_SIGNED],
    symptoms=("self signed certificate", "self-signed certificate", "temporary certificate"),
)
def self_signed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer's certificate is signed by a CA rather than by itself.

    Why it matters:
    No peer trusts a certificate no CA vouches for, so Enforce cuts the peer off. The temporary certificate from the
    factory is of this kind, and Unified Communications features do not work with it either.

    How to fix:
    Generate a CSR on that peer, have a CA sign it, load the CA's chain on every peer and the certificate on that one.

    Example:
    exe2 still carries the certificate made when it was installed.
    """
    yield from unchecked(case, *UNSEEN)
    for shared in by_presenter(case, Cause.SELF_SIGNED):
        peer = shared.peer
        yield Found(
            Subject.peer(peer),
            f"The {shared.step.store} certificate of {show(peer.address)} is self-signed ({show(shared.step.subject)})"
            f" and not trusted by {shared.named_others}.",
            f"Have a CA that all peers trust sign a certificate for {show(peer.address)}, and load it there.",
            case.where_certificate(peer, shared.step.store),
            about=shared.about,
        )


@rule(
    "TRU019",
    "self-signed-certificate-trusted",
    "A peer's self-signed certificate is trusted by being in the lists",
    Severity.WARNING,
    sources=("CERT-15.5-requirements", "TA-213872"),
    symptoms=("self-signed certificate in trusted CA list",),
)
def self_signed_trusted(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a server certificate is self-signed although the other peers trust it, because it is in their trusted
    CA lists.

    Why it matters:
    It passes between the peers, but Unified Communications services do not work with a self-signed server certificate;
    with MRA or XMPP federation in the plan this is an error. Every renewal has to be loaded on all peers by hand.

    How to fix:
    Generate a CSR on that peer, have a CA sign it, load the CA's chain on every peer and the certificate on that one.

    Example:
    A lab cluster whose three self-signed certificates were appended to all three lists, and that is now to serve MRA.
    """
    yield from case.unread()
    reported = {shared.peer for shared in by_presenter(case, Cause.SELF_SIGNED) if shared.step.store is Store.SERVER}
    used = _unified_communications(case.plan.services)
    for peer, store, file in case.certificates:
        if store is Store.SERVER and file.leaf.self_signed and peer not in reported:
            so = f": {joined(used)} will not work with it" if used else ", and Unified Communications needs a CA's"
            yield Found(
                Subject.certificate(peer, store),
                f"The server certificate of {show(peer.address)} is self-signed ({show(file.leaf.subject)}){so}.",
                f"Have a CA that all peers trust sign a certificate for {show(peer.address)}, and load it there.",
                file.where,
                severity=Severity.ERROR if used else None,
                about=About(store=store),
            )


def _unified_communications(services: Services) -> list[str]:
    federation = services.xmpp_federation
    in_use = {
        "MRA": services.mra is not None and services.mra.domains,
        "XMPP federation": federation is not None and (federation.domains or federation.chat_node_aliases),
    }
    return [service for service, used in in_use.items() if used]
