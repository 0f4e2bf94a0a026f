"""SRV: Unified CM, IM and Presence and Unity Connection behind an Expressway-C."""

from collections.abc import Iterator
from itertools import groupby

from certplan.evidence.model import CertificateFile, Missing
from certplan.handshake.chains import self_signed
from certplan.handshake.model import Store
from certplan.outcomes import Severity
from certplan.places import Place
from certplan.plan.model import Server, Unknown
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.text.names import is_fqdn, key, matching, show, show_all
from certplan.vendor.releases import UNIFIED_CM_VERIFIED_FROM
from certplan.zones.servers import Check, reverse_checks, server_checks

__all__ = [
    "server_address_not_fqdn",
    "server_certificate_dates",
    "server_distrusts_peer",
    "server_name_missing",
    "server_not_trusted",
    "servers_of_one_name",
]


def _where(case: Case, server: Server) -> Place:
    servers = case.plan.servers or ()
    return case.plan.where("servers", servers.index(server)) if server in servers else case.plan.where("servers")


def _weight(case: Case) -> Severity:
    """An error on a release that verifies these servers; before it, what the upgrade would break."""
    releases = [peer.stated_release for peer in case.plan.peers]
    verified = any(not isinstance(r, Unknown) and r >= UNIFIED_CM_VERIFIED_FROM for r in releases)
    return Severity.ERROR if verified else Severity.NOTICE


def _when(case: Case) -> str:
    if _weight(case) is Severity.ERROR:
        return ""
    return f" From {UNIFIED_CM_VERIFIED_FROM} on Expressway verifies it: an upgrade would break this connection."


def _read(case: Case) -> Iterator[tuple[Server, CertificateFile]]:
    for server, found in case.servers:
        if isinstance(found.certificate, CertificateFile):
            yield server, found.certificate


@rule(
    "SRV001",
    "server-not-trusted",
    "A peer does not trust the certificate of a server behind it",
    Severity.ERROR,
    sources=("TA-218018", "TA-225476", "RN-14.2"),
    symptoms=("Core server certificate verification failed", "502 with traffic_server", "traffic_server"),
)
def server_not_trusted(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the trusted CA list of every Expressway-C peer leads from each server's certificate to a root.

    Why it matters:
    From X14.2 Expressway verifies Unified CM, IM and Presence and Unity Connection on every HTTPS connection. Phones
    and Jabber outside get error 502 where it cannot.

    How to fix:
    Load the CA of the server's tomcat certificate on every Expressway-C peer; a self-signed one is loaded itself.

    Example:
    cucm1.example.com has a self-signed tomcat certificate that exc2.example.com does not have.
    """
    yield from _unread(case)
    checks = list(server_checks(case.plan, case.evidence, case.servers, case.at))
    for server, of_server in groupby(checks, key=lambda check: check.server):
        failed = [check for check in of_server if not isinstance(check.chain, Missing) and not check.chain.trusted]
        if failed:
            yield _distrusted(case, server, failed)
    for peer, found in case.peers:
        if isinstance(found.trust, Missing) and any(check.peer is peer for check in checks):
            yield Unchecked(Subject.peer(peer), found.trust)


def _unread(case: Case) -> Iterator[Unchecked]:
    for server, found in case.servers:
        if isinstance(found.certificate, Missing):
            yield Unchecked(Subject.server(server), found.certificate)


def _distrusted(case: Case, server: Server, failed: list[Check]) -> Found:
    peers = [check.peer for check in failed]
    leaf = failed[0].leaf
    load = "its certificate" if self_signed(leaf) else f"the CA {show(leaf.issuer)} and those above it"
    return Found(
        Subject.server(server, *peers),
        f"{show_all(peer.address for peer in peers)} cannot verify the certificate of {show(server.address)}, "
        f"issued by {show(leaf.issuer)}.{_when(case)}",
        f"Load {load} into the trusted CA list of every peer.",
        _where(case, server),
        severity=_weight(case),
        about=About(ca=leaf.issuer, names=(server.address,)),
    )


@rule(
    "SRV002",
    "server-name-missing",
    "The name by which a server is known is not in its certificate",
    Severity.ERROR,
    sources=("TA-218018", "TA-225476", "RN-14.2"),
    symptoms=("SNI not in certificate", "not in certificate. Action=Terminate"),
)
def server_name_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the address of each server, which is its name under System > Server on Unified CM, is among the SANs of its
    certificate.

    Why it matters:
    Expressway compares that name from X14.2 on and ends the connection where it is missing.

    How to fix:
    Reissue the tomcat certificate with that name, or enter the FQDN that it has under System > Server.

    Example:
    The server is cucm1.example.com; its certificate has cucm1-ms.example.com.
    """
    for server, file in _read(case):
        if file.leaf.sans is not None and is_fqdn(server.address):
            names = file.leaf.dns_names or file.leaf.common_names
            if matching(server.address, names) is None:
                yield Found(
                    Subject.server(server),
                    f"The certificate of {show(server.address)} does not include that name.{_when(case)}",
                    f"Reissue the certificate of {show(server.address)} with the SAN {show(server.address)}.",
                    _where(case, server),
                    severity=_weight(case),
                    about=About(names=(server.address,)),
                )


@rule(
    "SRV003",
    "server-address-not-fqdn",
    "A server behind an Expressway-C is known by an IP address or a bare host name",
    Severity.ERROR,
    sources=("TA-218018", "TA-225476"),
    symptoms=("SNI not in certificate",),
)
def server_address_not_fqdn(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each server's address is an FQDN.

    Why it matters:
    A certificate cannot be compared with an IP address or a bare host name; from X14.2 the connection is ended.

    How to fix:
    Enter FQDNs under System > Server on Unified CM, and discover the servers again on the Expressway-C.

    Example:
    The server is 10.30.0.5.
    """
    for server, _ in case.servers:
        if not is_fqdn(server.address):
            yield Found(
                Subject.server(server),
                f"The server {show(server.address)} is not known by an FQDN.{_when(case)}",
                "Enter its FQDN under System > Server on Unified CM, then refresh the server on the Expressway-C.",
                _where(case, server),
                severity=_weight(case),
            )


@rule(
    "SRV004",
    "server-certificate-dates",
    "The certificate of a server behind an Expressway-C has expired or is not yet valid",
    Severity.ERROR,
    sources=("TA-218018", "RFC-5280"),
    symptoms=("certificate has expired",),
)
def server_certificate_dates(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    The validity of each server's certificate.

    Why it matters:
    From X14.2 the Expressway-C refuses it.

    How to fix:
    Renew the certificate on the server.

    Example:
    The tomcat certificate of cucm1.example.com expired last week.
    """
    for server, file in _read(case):
        leaf = file.leaf
        if not leaf.not_before <= case.at <= leaf.not_after:
            what = (
                f"expired {leaf.not_after.date()}" if case.at > leaf.not_after else f"begins {leaf.not_before.date()}"
            )
            yield Found(
                Subject.server(server),
                f"The certificate of {show(server.address)} {what}.{_when(case)}",
                f"Renew the certificate of {show(server.address)}.",
                _where(case, server),
                severity=_weight(case),
            )


@rule(
    "SRV005",
    "servers-of-one-name",
    "Two servers have self-signed certificates with the same CN",
    Severity.ERROR,
    sources=("TA-218018", "TA-213872"),
    symptoms=("Unified CM self-signed certificates with one CN", "only one of two self-signed certificates works"),
)
def servers_of_one_name(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether no two servers, or two certificates of one server, are self-signed under one CN with different keys.

    Why it matters:
    The search in the trusted CA list stops at the first certificate of a name; the other one is not found, and the
    connections to its server fail.

    How to fix:
    Have the certificates issued by a CA, or give them different subjects.

    Example:
    The tomcat and the CallManager certificate of cucm1.example.com are both self-signed as CN=cucm1.example.com.
    """
    alone = [(server, file.leaf) for server, file in _read(case) if self_signed(file.leaf)]
    for number, (server, leaf) in enumerate(alone):
        for other, theirs in alone[number + 1 :]:
            names = {key(name) for name in leaf.common_names} & {key(name) for name in theirs.common_names}
            if names and leaf.sha256 != theirs.sha256:
                yield Found(
                    Subject.server(server),
                    f"The self-signed certificates of {show(server.address)} and {show(other.address)} have the CN "
                    f"{show(min(names))} in common; only the first in the trusted CA list is found.",
                    "Have these certificates issued by a CA.",
                    _where(case, server),
                    severity=_weight(case),
                )


@rule(
    "SRV006",
    "server-distrusts-peer",
    "A server behind an Expressway-C does not trust the certificate of a peer",
    Severity.ERROR,
    sources=("MRA-15.2", "TA-225476"),
    symptoms=("tlsv1 alert unknown ca", "tomcat-trust"),
)
def server_distrusts_peer(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the trusted certificates given for a server lead from the certificate of every Expressway-C peer to a root.

    Why it matters:
    Unified CM verifies the Expressway-C by its tomcat-trust and CallManager-trust, without mixed mode too.

    How to fix:
    Upload the root and intermediate CAs of the Expressway-C's certificate as tomcat-trust and CallManager-trust.

    Example:
    The new root of the Expressway-C's certificates is not in tomcat-trust of cucm1.example.com.
    """
    checks = reverse_checks(case.plan, case.evidence, case.servers, case.at)
    for server, of_server in groupby(checks, key=lambda check: check.server):
        failed = [check for check in of_server if not isinstance(check.chain, Missing) and not check.chain.trusted]
        if failed:
            peers = [check.peer for check in failed]
            issuer = show(failed[0].leaf.issuer)
            yield Found(
                Subject.server(server, *peers),
                f"{show(server.address)} does not trust the server certificate of "
                f"{show_all(peer.address for peer in peers)}, issued by {issuer}.",
                f"Upload {issuer} and the CAs above it to the trust lists of {show(server.address)}.",
                _where(case, server),
                about=About(store=Store.SERVER, ca=failed[0].leaf.issuer),
            )
