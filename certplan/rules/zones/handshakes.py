"""ZON: what becomes of the connections of a zone, from both of its ends."""

from collections.abc import Iterator

from certplan.handshake.model import Cause, Handshake, Step, StepName, Store
from certplan.outcomes import Severity
from certplan.rules.model import Case, Found, Unchecked, rule
from certplan.rules.support.zone_steps import presenter_findings, verifier_findings
from certplan.text.names import show

__all__ = [
    "zone_address",
    "zone_certificate_dates",
    "zone_certificate_revoked",
    "zone_certificate_role",
    "zone_lookup",
    "zone_peer_name",
    "zone_trust",
    "zone_verify_name",
]


@rule(
    "ZON001",
    "zone-peer-lookup",
    "A peer of the far end is not one address in the zone, or not in the zone at all",
    Severity.ERROR,
    sources=("TA-118798", "AG-15.5-zones", "MRA-15.2"),
    answers=[Cause.ZONE_ENTRY_MISSING, Cause.ZONE_PEERS_UNKNOWN],
    stages=[StepName.RESOLVE],
    symptoms=("Waiting for traversal server info", "DNS lookup failed for zone peer"),
)
def zone_lookup(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the zone has a peer address for every peer of the far end, and whether the DNS that the connecting peer asks
    gives exactly one address for it.

    Why it matters:
    A peer without an entry is never connected to. With two records the connection stops at `Waiting for traversal
    server info`.

    How to fix:
    Give the zone one `Peer N address` for each peer of the far end, and each of these names one record in the DNS of
    the connecting cluster.

    Example:
    exe1.example.com has its LAN 1 and its LAN 2 address in the internal DNS view.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        if step.cause is Cause.ZONE_ENTRY_MISSING:
            return f"Add a Peer N address for {show(handshake.presenter.address)} to the zone."
        return f"Give {show(step.address)} exactly one record in the DNS that {show(handshake.verifier.address)} asks."

    yield from presenter_findings(case, StepName.RESOLVE, fix)


@rule(
    "ZON002",
    "zone-peer-address",
    "The zone leads to an address that is not the one to connect to",
    Severity.ERROR,
    sources=("BC-14.0", "TA-118798"),
    stages=[StepName.REACH],
    symptoms=("System unreachable", "Connect failed"),
)
def zone_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the zone's peer address leads to the Expressway-E's inward LAN with two NICs, and to its public address with
    one NIC behind static NAT.

    Why it matters:
    With two NICs the outward port does not take traversal connections from inside. With one NIC and static NAT the
    Expressway-E writes its public address into its signaling, so that the Expressway-C has to use that one.

    How to fix:
    Correct the record in the DNS that the Expressway-C asks. With one NIC the firewall has to reflect the public
    address.

    Example:
    exe1.example.com is 203.0.113.11 in the internal DNS view, the static NAT address of its LAN 2.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        return f"Correct the record of {show(handshake.presenter.address)} in the DNS of the connecting cluster."

    yield from presenter_findings(case, StepName.REACH, fix)


@rule(
    "ZON003",
    "zone-peer-name",
    "The zone's peer address is not among the names of that peer's certificate",
    Severity.ERROR,
    sources=("AG-15.5-zones", "MRA-15.2"),
    stages=[StepName.IDENTIFY],
    symptoms=("Peer's TLS certificate identity was unacceptable", "identity was unacceptable"),
)
def zone_peer_name(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each `Peer N address` of the zone is an FQDN among the SANs of the server certificate of the peer it leads
    to.

    Why it matters:
    With TLS verify mode On the connecting Expressway looks for that name in the certificate and refuses another:
    `Peer's TLS certificate identity was unacceptable`.

    How to fix:
    Use a name of the certificate as `Peer N address`, or reissue the certificate with the name that is used.

    Example:
    The zone has exe1.corp.example.com; the certificate of that Expressway-E has exe1.example.com.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        owner = show(handshake.presenter.address)
        if step.cause is Cause.ADDRESS_NOT_FQDN:
            return f"Use the FQDN of {owner} as Peer N address of the zone."
        return (
            f"Reissue the server certificate of {owner} with the SAN {show(step.address)}, or use a name that it has."
        )

    yield from presenter_findings(case, StepName.IDENTIFY, fix, connecting=True)


@rule(
    "ZON004",
    "zone-verify-name",
    "TLS verify subject name is not in the certificate of a connecting peer",
    Severity.ERROR,
    sources=("AG-15.5-zones", "MRA-15.2", "AG-15.5-unified-communications"),
    answers=[Cause.VERIFY_NAME_UNKNOWN],
    stages=[StepName.IDENTIFY],
    symptoms=("TLS verify subject name", "identity was unacceptable", "no certificate returned"),
)
def zone_verify_name(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the `TLS verify subject name` of the zone is among the SANs of the certificate of every Expressway-C peer:
    of the client certificate from X15.5 on.

    Why it matters:
    The Expressway-E refuses an Expressway-C peer without that name. In a cluster the zone then works or fails
    depending on which peer connects.

    How to fix:
    Reissue the certificate with the cluster's FQDN as a SAN on every Expressway-C peer, and enter that name as
    `TLS verify subject name`.

    Example:
    `TLS verify subject name` is expc.example.com; exc2.example.com has only its own name.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        store = step.store or Store.SERVER
        return (
            f"Reissue the {store} certificate of {show(handshake.presenter.address)} with the SAN {show(step.address)}."
        )

    yield from presenter_findings(case, StepName.IDENTIFY, fix, connecting=False)


@rule(
    "ZON005",
    "zone-trust",
    "A peer does not trust the certificate of a peer at the other end of the zone",
    Severity.ERROR,
    sources=("MRA-15.2", "TA-221624", "AG-15.5-security"),
    stages=[StepName.TRUST],
    alarms=(35013,),
    symptoms=("self signed certificate in certificate chain", "unknown CA", "sslv3 alert certificate unknown"),
)
def zone_trust(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the chain of each certificate that is shown in the zone leads to a root in the trusted CA list of the peer
    at the other end, with the intermediates that the presenter sends.

    Why it matters:
    The zone fails, or it comes up while the SSH tunnels of Mobile and Remote Access stay down because one intermediate
    is missing.

    How to fix:
    Load the root and every intermediate CA on all peers of both clusters.

    Example:
    The Expressway-C does not have the public CA that issued the certificate of the Expressway-E.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        who, owner = show(handshake.verifier.address), show(handshake.presenter.address)
        if step.ca is not None:
            return f"See that {who} can verify the certificate of {owner} by the CA {show(step.ca.subject)}."
        return f"Correct the chain of the certificate of {owner}, or the trusted CA list of {who}."

    yield from verifier_findings(case, StepName.TRUST, fix)


@rule(
    "ZON006",
    "zone-role",
    "A certificate may not be used as the zone needs it",
    Severity.ERROR,
    sources=("TA-225482", "TA-225693", "AG-15.5-unified-communications"),
    stages=[StepName.ROLE],
    alarms=(35013,),
    symptoms=("unsupported certificate purpose", "no certificate returned", "bad certificate"),
)
def zone_certificate_role(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    The extended key usage of the certificates shown in the zone. Until X15.3 both usages on both sides; on X15.4 the
    Expressway-E may have serverAuth alone; from X15.5 the Expressway-C's client certificate needs clientAuth.

    Why it matters:
    The zone or its SSH tunnels fail, and with them Mobile and Remote Access.

    How to fix:
    Take certificates with the usages named, from a CA that still issues clientAuth on the Expressway-C.

    Example:
    On X15.5 the client certificate of exc1.example.com has serverAuth alone.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        return f"Reissue the {step.store or Store.SERVER} certificate of {show(handshake.presenter.address)} with it."

    yield from presenter_findings(case, StepName.ROLE, fix)


@rule(
    "ZON007",
    "zone-dates",
    "A certificate that the zone rests on has expired or is not yet valid",
    Severity.ERROR,
    sources=("RFC-5280", "AG-15.5-zones"),
    stages=[StepName.DATES],
    symptoms=("certificate has expired",),
)
def zone_certificate_dates(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    The validity of each certificate that is shown in the zone.

    Why it matters:
    The other end refuses it, and the zone goes down.

    How to fix:
    Replace the certificate.

    Example:
    The certificate of exe1.example.com expired yesterday.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        return f"Replace the {step.store or Store.SERVER} certificate of {show(handshake.presenter.address)}."

    yield from presenter_findings(case, StepName.DATES, fix)


@rule(
    "ZON008",
    "zone-revocation",
    "A certificate that the zone rests on is revoked, or its CRL cannot be used",
    Severity.ERROR,
    sources=("CERT-15.5-crl",),
    stages=[StepName.REVOCATION],
    symptoms=("certificate revoked",),
)
def zone_certificate_revoked(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    What the CRLs on each peer say of the certificates that the zone's other end shows.

    Why it matters:
    A revoked certificate is refused, and so is every certificate of a CA whose CRL has expired.

    How to fix:
    Replace the revoked certificate, or load the CRL that the CA publishes today.

    Example:
    The CRL on exc1.example.com lists the certificate of exe2.example.com.
    """

    def fix(handshake: Handshake, step: Step) -> str:
        return f"Replace the certificate of {show(handshake.presenter.address)}, or load a current CRL of its CA."

    yield from verifier_findings(case, StepName.REVOCATION, fix)
