"""What the words of a refused TLS connection mean, and what to do about them."""

from enum import StrEnum

from certplan.value import Value

__all__ = ["REFUSALS", "LoggedRefusal", "RefusedPart", "refusal"]


class RefusedPart(StrEnum):
    """What of the certificate was not accepted."""

    NAME = "name"
    CHAIN = "chain"
    ROLE = "role"
    DATES = "dates"
    ANY = "any"
    """The words do not tell."""


class LoggedRefusal(Value):
    """One way in which a log words it that a connection was refused."""

    words: str
    """What the log has, in lower case."""
    meaning: str
    fix: str
    source: str
    """A key of `certplan.vendor.source`."""
    stage: RefusedPart | None = None
    """What of the certificate was refused; None where the connection was cut for another reason."""

    @property
    def certificate(self) -> bool:
        """Whether a certificate was refused."""
        return self.stage is not None


REFUSALS = (
    LoggedRefusal(
        "certificate identity was unacceptable",
        "the name that was looked for is not among the SANs of the certificate",
        "Reissue the certificate with the name that is looked for, or correct the name that is entered.",
        "TA-118798",
        RefusedPart.NAME,
    ),
    LoggedRefusal(
        "self signed certificate in certificate chain",
        "the root CA of the other end's certificate is not in this peer's trusted CA list",
        "Load the other end's root and intermediate CAs on this peer.",
        "TA-118798",
        RefusedPart.CHAIN,
    ),
    LoggedRefusal(
        "unknown ca",
        "the end that sent the alert does not have the CA of the certificate it was shown",
        "Load the root and every intermediate CA on the end that refused.",
        "TA-225693",
        RefusedPart.CHAIN,
    ),
    LoggedRefusal(
        "alert certificate unknown",
        "the other end refused this peer's certificate: an intermediate not sent, a CA missing there, or a wrong usage",
        "Load the intermediates of this peer's certificate into its own list, and its CAs at the other end.",
        "TA-118798",
        RefusedPart.ANY,
    ),
    LoggedRefusal(
        "no certificate returned",
        "the other end showed no client certificate, as it does when its certificate does not include clientAuth",
        "Reissue the other end's certificate with clientAuth.",
        "TA-225693",
        RefusedPart.ROLE,
    ),
    LoggedRefusal(
        "unsupported certificate purpose",
        "the extended key usage of the certificate does not allow what it was used for",
        "Reissue the certificate with the usage that is missing.",
        "TA-225693",
        RefusedPart.ROLE,
    ),
    LoggedRefusal(
        "certificate has expired",
        "the certificate, or a CA above it, has expired",
        "Replace the expired certificate.",
        "RFC-5280",
        RefusedPart.DATES,
    ),
    LoggedRefusal(
        "core server certificate verification failed",
        "the CA of the server behind the Expressway-C is not in its trusted CA list",
        "Load the CA of the server's tomcat certificate on every Expressway-C peer.",
        "TA-218018",
        RefusedPart.CHAIN,
    ),
    LoggedRefusal(
        "not in certificate. action=terminate",
        "the server behind the Expressway-C is known by a name that its certificate does not include",
        "Enter the server's FQDN under System > Server on Unified CM, or reissue its certificate.",
        "TA-218018",
        RefusedPart.NAME,
    ),
    LoggedRefusal(
        "certificate verify failed",
        "the chain of the certificate that the server showed could not be verified",
        "Load the root and every intermediate CA of that certificate.",
        "TA-218018",
        RefusedPart.CHAIN,
    ),
    LoggedRefusal(
        "reverse dns lookup failed",
        "the address of the other end has no PTR record",
        "Add the PTR record, leading to a name in the certificate of that peer.",
        "TA-118798",
        RefusedPart.NAME,
    ),
    LoggedRefusal(
        "invalid hostname",
        "the name in the PTR record is not among the SANs of the certificate",
        "Correct the PTR record, or reissue the certificate with its name.",
        "TA-118798",
        RefusedPart.NAME,
    ),
    LoggedRefusal(
        "portforwarding.pyc application failed",
        "the SSH tunnel could not be set up: the host name has an underscore",
        "Rename the host without an underscore.",
        "TA-118798",
    ),
    LoggedRefusal(
        "probably remote disconnect",
        "the connection was dropped from outside without a TLS alert: inspection, a SIP ALG or a closed port",
        "Look for inspection and address translation on the way.",
        "TA-118798",
    ),
    LoggedRefusal(
        "got eof on socket",
        "the connection was dropped from outside without a TLS alert: inspection, a SIP ALG or a closed port",
        "Look for inspection and address translation on the way.",
        "TA-118798",
    ),
    LoggedRefusal(
        "idle countdown expired",
        "the connection was opened and no TLS data followed, as behind a SIP ALG",
        "Switch off SIP inspection on the way.",
        "TA-118798",
    ),
)


def refusal(text: str) -> LoggedRefusal | None:
    """The meaning of a refusal's words; None for words that no vendor text explains."""
    folded = text.casefold()
    return next((known for known in REFUSALS if known.words in folded), None)
