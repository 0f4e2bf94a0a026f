"""EKU: what a certificate without clientAuth stops beyond the cluster's own links, today and at the next renewal."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date

from certplan.evidence.model import CertificateFile
from certplan.handshake.credentials import CLIENT_AUTH, allows
from certplan.handshake.model import Store
from certplan.intent.cluster import without_client_auth
from certplan.intent.stated import peer_list
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import CertificateAuthority, ClusterType, Peer, Plan
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import best_path, pool, unlisted
from certplan.text.names import show
from certplan.text.words import listed
from certplan.value import Value
from certplan.vendor import EkuSunset, SourceStatus, eku_sunset, root_program_sunset
from certplan.vendor.releases import CLIENT_ROLE_UNCHECKED_FROM, TWO_STORES_FROM

__all__ = ["client_store_on_c", "client_store_on_e", "public_ca_gives_up_client_role"]

COPY_BOX = "`Copy server certificate file as client certificate`"


def _client_stores(case: Case) -> Iterator[tuple[Peer, CertificateFile, str]]:
    """The client certificates that may not be used as a client's, each with why."""
    index = None
    for peer, store, file in case.certificates:
        if store is not Store.CLIENT or file.leaf.sans is None:
            continue
        if not allows(file.leaf, CLIENT_AUTH):
            yield peer, file, f"does not include {CLIENT_AUTH} (it has {listed(file.leaf.eku or ()) or 'none'})"
            continue
        if file.leaf.netscape_types is not None and "client" not in file.leaf.netscape_types:
            yield peer, file, "has a Netscape certificate type that does not include client"
            continue
        index = index or pool(case)
        limited = [ca for ca in best_path(index, file.leaf, case.at) if not allows(ca, CLIENT_AUTH)]
        if limited:
            limits = listed(limited[0].eku or ())
            yield peer, file, f"comes from the CA {show(limited[0].subject)}, which is limited to {show(limits)}"


@rule(
    "EKU010",
    "client-certificate-of-c-without-client-role",
    "The client certificate of an Expressway-C may not be used as a client's",
    Severity.ERROR,
    sources=("AG-15.5-security", "TA-225693"),
    only=ClusterType.EXPRESSWAY_C,
    since="X15.5",
    symptoms=("SSH tunnel failed", "SSH tunnels down", "Client Auth EKU", "clientAuth missing"),
)
def client_store_on_c(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    From X15.5: whether the certificate in the client store of each Expressway-C, and every CA above it, allows
    clientAuth. Cluster links do not ask for it, so this does not count against Enforce.

    Why it matters:
    The SSH tunnel (TCP 2222) from the Expressway-C to the Expressway-E cannot be built without clientAuth, and MRA
    fails with it. The client store refuses such a certificate, but the check box `Copy server certificate file as
    client certificate` puts one there all the same.

    How to fix:
    Load a client certificate with clientAuth, from a private CA that the Expressway-E trusts, and clear the check box.

    Example:
    A public server certificate with serverAuth alone was copied into the client store of exc1 on X15.5.
    """
    yield from case.unread()
    yield from unlisted(case)
    for peer, file, why in _client_stores(case):
        yield Found(
            Subject.certificate(peer, Store.CLIENT),
            f"The client certificate of {show(peer.address)} {why}: the SSH tunnels to the Expressway-E, and MRA with"
            " them, fail.",
            f"Load a client certificate with clientAuth on {show(peer.address)}, and clear {COPY_BOX} there.",
            file.where,
            about=About(store=Store.CLIENT),
        )


@rule(
    "EKU011",
    "client-certificate-of-e-without-client-role",
    "The client certificate of an Expressway-E may not be used as a client's",
    Severity.WARNING,
    sources=("AG-15.5-security", "TA-225693"),
    only=ClusterType.EXPRESSWAY_E,
    since="X15.5",
    symptoms=("unsupported certificate purpose", "Client Auth EKU", "clientAuth missing"),
)
def client_store_on_e(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    From X15.5: whether the certificate in the client store of each Expressway-E, and every CA above it, allows
    clientAuth. Cluster links do not ask for it, so this does not count against Enforce. The server's own certificate in
    the client store, as the vendor runs it with public certificates, is a notice.

    Why it matters:
    Outbound mutual TLS fails wherever the other end looks for clientAuth: neighbor zones with TLS verification, XMPP
    federation, cloud services.

    How to fix:
    Where a server that the Expressway-E connects to asks for clientAuth, load a client certificate that has it and
    clear the check box `Copy server certificate file as client certificate`.

    Example:
    An Expressway-E on X15.5 with a client certificate of its own, issued with serverAuth alone.
    """
    yield from case.unread()
    yield from unlisted(case)
    for peer, file, why in _client_stores(case):
        server = case.evidence.peers[peer.number - 1].server
        copied = isinstance(server, CertificateFile) and server.leaf.sha256 == file.leaf.sha256
        yield Found(
            Subject.certificate(peer, Store.CLIENT),
            f"The client certificate of {show(peer.address)} {why}: outbound mutual TLS fails where the other end looks"
            " for clientAuth. Cluster links are not affected.",
            f"Where a server that {show(peer.address)} connects to looks for it, load a client certificate with"
            f" clientAuth and clear {COPY_BOX}.",
            file.where,
            severity=Severity.NOTICE if copied else None,
            about=About(store=Store.CLIENT),
        )


@rule(
    "EKU008",
    "public-ca-gives-up-client-role",
    "The next certificate from this public CA will not include clientAuth",
    Severity.WARNING,
    sources=("CHROME-1.8", "TA-225482", "FN-74362", "TA-225693"),
    effective=date(2025, 2, 15),
    symptoms=("Client Auth EKU sunset", "public CA stops clientAuth", "Chrome Root Program"),
)
def public_ca_gives_up_client_role(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a certificate whose clientAuth this release needs comes from a public CA that issues no more of them by the
    day it has to be renewed. It goes by the CA's own date, else by the browsers' root program's (2027-03-15); the
    rule itself applies from the day that policy came. A CA that only leaves clientAuth out unless asked is a notice,
    but where Expressway's ACME service cannot ask for it.

    Why it matters:
    The certificate works until its last day, and the next one, ordered in the same way, does not: before X15.4 the
    upload is refused, MRA fails, and a cluster that enforces loses the peer. The CAs have moved these dates before.

    How to fix:
    Until then upgrade Expressway-C and Expressway-E to X15.5, where only the client certificate needs clientAuth, and
    have that one issued by a private CA; or change to a private CA, or a public one outside the browsers' programs,
    altogether.

    Example:
    X14.3.4, a DigiCert certificate until 2027-04-10; DigiCert issues clientAuth until 2027-02-28.
    """
    authority = case.plan.certificate_authority
    if authority is CertificateAuthority.PRIVATE:
        return
    yield from case.unread()
    by_issuer: dict[tuple[str, Store, Severity], list[_Ending]] = {}
    for peer, store, file in case.certificates:
        leaf = file.leaf
        sunset = eku_sunset(leaf.issuer)
        if authority is CertificateAuthority.PUBLIC:
            sunset = sunset or root_program_sunset()
        if sunset is None or sunset.spares(leaf.issuer):
            continue
        if CLIENT_AUTH in (leaf.eku or ()) and _needs_client_role(case, peer, store):
            renewal = max(leaf.not_after.date(), case.at.astimezone(UTC).date())
            given_up = _given_up(sunset, renewal)
            if given_up is not None:
                how, severity = given_up
                confidence = Confidence.INFERRED if sunset.ends and _second_hand(sunset) else None
                ending = _Ending(peer, file, renewal, how, confidence)
                by_issuer.setdefault((leaf.issuer, store, severity), []).append(ending)
    for (issuer, store, severity), endings in by_issuer.items():
        yield _next_without(case, issuer, store, severity, endings)


class _Ending(Value):
    """A certificate whose successor will have no clientAuth."""

    peer: Peer
    file: CertificateFile
    renewal: date
    how: str
    confidence: Confidence | None


def _next_without(case: Case, issuer: str, store: Store, severity: Severity, endings: Sequence[_Ending]) -> Found:
    """What is said once of all certificates of one CA, by the one that has to be renewed first."""
    first = min(endings, key=lambda ending: ending.renewal)
    peers = [ending.peer for ending in endings]
    several = "s" if len(peers) > 1 else ""
    return Found(
        Subject.several(case.plan, peers, store),
        f"The {store} certificate{several} of {peer_list(peers)}, issued by {show(issuer)},"
        f" {'are' if several else 'is'} to be renewed by {first.renewal}, and {first.peer.release} needs clientAuth"
        f" there; {first.how}.",
        _fix(case.plan, first.peer, store, severity),
        first.file.where,
        evidence=tuple(str(ending.file.where) for ending in endings if ending is not first),
        severity=severity,
        confidence=first.confidence,
        about=About(store=store, ca=issuer),
    )


def _needs_client_role(case: Case, peer: Peer, store: Store) -> bool:
    """Whether this release needs clientAuth in the certificate of this store (225482, 225693)."""
    if peer.release >= TWO_STORES_FROM:
        return store is Store.CLIENT
    return peer.release < CLIENT_ROLE_UNCHECKED_FROM or case.plan.cluster.type is ClusterType.EXPRESSWAY_C


def _given_up(sunset: EkuSunset, renewal: date) -> tuple[str, Severity] | None:
    """How the CA stands to clientAuth on the day of renewal, and how much that weighs; None: it still issues it."""
    program = root_program_sunset()
    ends = sunset.gone_from or program.ends
    if ends is not None and renewal >= ends:
        if not (sunset.gone_from and sunset.issuers):
            return f"no public CA issues one with it from {ends} on ({program.authority})", Severity.WARNING
        caveat = ", as far as is known second hand" if _second_hand(sunset) else ""
        fixed = ", and the ACME service cannot ask for another profile" if sunset.fixed_profile else ""
        return f"{sunset.authority} issues none with it from {ends} on{caveat}{fixed}", Severity.WARNING
    if sunset.default_from is not None and renewal >= sunset.default_from:
        return f"{sunset.authority} leaves it out since {sunset.default_from} unless asked for it", Severity.NOTICE
    return None


def _second_hand(sunset: EkuSunset) -> bool:
    return sunset.status is SourceStatus.SECONDARY


def _fix(plan: Plan, peer: Peer, store: Store, severity: Severity) -> str:
    if store is Store.CLIENT:
        return f"Have the client certificate issued with clientAuth by a private CA, and clear {COPY_BOX}."
    if severity is Severity.NOTICE:
        return "Ask for serverAuth and clientAuth in so many words when ordering, and compare what is issued."
    acme = plan.authorities.server is CertificateAuthority.ACME
    scheduler = "switch the ACME scheduler off, so that it does not renew by itself, then " if acme else ""
    return (
        f"Before {show(peer.address)} is renewed, {scheduler}{without_client_auth(plan)}, or change to a CA that goes"
        " on issuing both."
    )
