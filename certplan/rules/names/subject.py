"""NAM: what stands in the subject and issuer of a certificate beside its CN."""

from collections.abc import Iterator

from certplan.evidence.model import Certificate
from certplan.evidence.pki.der import attribute_types
from certplan.outcomes import Severity
from certplan.rules.model import About, Case, Found, Subject, Unchecked, rule
from certplan.text.names import show, show_all

__all__ = ["foreign_oids", "unsupported_oid"]

_KNOWN_ARCS = ("2.5.4.", "0.9.2342.19200300.100.1.", "1.2.840.113549.1.9.")
"""X.520 attributes, those of RFC 4519 (DC, UID) and of PKCS #9 (email address): OpenSSL has names for these."""
_TOLERATED = tuple(f"1.3.6.1.4.1.311.60.2.1.{n}" for n in (1, 2, 3))
"""The jurisdiction of EV certificates, which the certificate guide allows by name."""


def foreign_oids(certificate: Certificate) -> tuple[str, ...]:
    """The object identifiers in subject and issuer that Expressway does not know, dotted, in order."""
    types = (*attribute_types(certificate.subject_der), *attribute_types(certificate.issuer_der))
    return tuple(
        oid for oid in dict.fromkeys(types) if oid not in _TOLERATED and not oid.startswith(_KNOWN_ARCS) and oid
    )


@rule(
    "NAM030",
    "unsupported-oid",
    "The subject or issuer of a certificate has an object identifier that Expressway does not know",
    Severity.WARNING,
    sources=("CERT-15.5-troubleshooting",),
    symptoms=("Unified Communications SSH tunnel failure", "SSH tunnels do not come up", "unsupported OID"),
)
def unsupported_oid(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether subject and issuer of each certificate have only attributes with a common name (CN, O, OU, DC, serial number
    and so on) or one of the three of EV certificates, 1.3.6.1.4.1.311.60.2.1.1 to .3.

    Why it matters:
    An object identifier that the appliance cannot name stops the SSH tunnels between Expressway-C and Expressway-E, and
    with them MRA, while the traversal zone stays up: an error where the plan has MRA.

    How to fix:
    Have the certificate reissued without that attribute, by another CA or product where the CA adds it by itself.

    Example:
    A public CA added 1.3.6.1.4.1.6449.1.2.1.5.1 to the subject.
    """
    yield from case.unread()
    mra = case.plan.services.mra is not None
    for peer, store, file in case.certificates:
        found = foreign_oids(file.leaf)
        if found:
            yield Found(
                Subject.certificate(peer, store),
                f"The subject or issuer of the {store} certificate of {show(peer.address)} has"
                f" {show_all(found[:8])}, which Expressway does not know; the SSH tunnels between"
                " Expressway-C and Expressway-E do not come up with it.",
                f"Have the {store} certificate of {show(peer.address)} reissued without"
                f" {'this attribute' if len(found) == 1 else 'these attributes'}.",
                file.where,
                severity=Severity.ERROR if mra else None,
                about=About(store=store, names=found),
            )
