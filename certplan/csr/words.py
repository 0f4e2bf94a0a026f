"""The choices one has when a certificate is requested, in words light enough for the command line to start with.

Source: Certificate Creation and Use Deployment Guide X15.5 (page Generate CSR; ECDSA from X14.3), Administrator Guide
X15.5 (server and client certificate).
"""

from enum import StrEnum

__all__ = ["CnStyle", "Digest", "KeyAlgorithm", "NameStyle", "Role", "StoreChoice"]


class CnStyle(StrEnum):
    """Whose FQDN the CN is."""

    CLUSTER = "cluster"
    PEER = "peer"


class NameStyle(StrEnum):
    """Whether a certificate names its own peer, or every peer of the cluster."""

    PEER = "peer"
    ALL = "all"


class Role(StrEnum):
    """The extended key usages asked for: serverAuth and clientAuth, or one of them."""

    BOTH = "both"
    SERVER = "server"
    CLIENT = "client"

    @property
    def usages(self) -> tuple[str, ...]:
        """As `Certificate.eku` has them."""
        words = {Role.SERVER: ("serverAuth",), Role.CLIENT: ("clientAuth",)}
        return words.get(self, ("serverAuth", "clientAuth"))


class StoreChoice(StrEnum):
    """The stores a certificate is requested for; before X15.5 there is the server store only."""

    SERVER = "server"
    CLIENT = "client"
    BOTH = "both"


class KeyAlgorithm(StrEnum):
    """Public key algorithm and length, as the page Generate CSR offers them."""

    RSA_4096 = "rsa-4096"
    RSA_2048 = "rsa-2048"
    ECDSA_256 = "ecdsa-256"
    ECDSA_384 = "ecdsa-384"
    ECDSA_521 = "ecdsa-521"

    @property
    def is_rsa(self) -> bool:
        return self.value.startswith("rsa")

    @property
    def bits(self) -> int:
        return int(self.value.partition("-")[2])

    @property
    def words(self) -> str:
        """As people say it: `RSA 4096`, `ECDSA P-256`."""
        return f"RSA {self.bits}" if self.is_rsa else f"ECDSA P-{self.bits}"


class Digest(StrEnum):
    """The digest that the request is signed with."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def words(self) -> str:
        return f"SHA-{self.value[3:]}"
