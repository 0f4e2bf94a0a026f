"""Releases of the Expressway software, and from which of them a feature exists or a rule of the vendor's holds.

Each gate has a name here and is used by it everywhere: a release number elsewhere says only what a plan says. Rules
state theirs where they are declared (`since`, `until`).
"""

from certplan.value import Value

__all__ = [
    "BUILT_IN_RULES_READ_FROM",
    "CERTIFICATES_LOST_AT_RESET_FROM",
    "CLIENT_ROLE_UNCHECKED_FROM",
    "ECDSA_FROM",
    "INTERMEDIATE_UPGRADE",
    "LAST_READ",
    "MAPPING_FROM",
    "NAT_ON_ONE_NIC_ALLOWED_FROM",
    "NAT_ON_ONE_NIC_FORBIDDEN_UP_TO",
    "PHONE_PROFILES_ARE_FQDNS_FROM",
    "RELEASES",
    "SERVER_ONLY_FROM",
    "SHA2_ALONE_FROM",
    "TLS_BETWEEN_PEERS_FROM",
    "TWO_STORES_FROM",
    "UNIFIED_CM_VERIFIED_FROM",
    "USUAL_RELEASE",
    "Release",
    "is_after_guides",
]


class Release(Value):
    """A software release such as `X14.3.4`, compared number by number (`X14.3` equals `X14.3.0`)."""

    text: str
    numbers: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> "Release":
        """Read `X14.3.4` (the `X` in either case or absent).

        Raises:
            ValueError: when the text is no release.
        """
        bare = text.strip().removeprefix("X").removeprefix("x")
        parts = bare.split(".")
        if not (1 <= len(parts) <= 4 and all(p.isascii() and p.isdigit() and len(p) <= 4 for p in parts)):
            raise ValueError(f"not an Expressway release: {text!r}")
        return cls(f"X{bare}", tuple(int(p) for p in parts))

    @property
    def key(self) -> tuple[int, ...]:
        return (*self.numbers, 0, 0, 0, 0)[:4]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Release) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: "Release") -> bool:
        return self.key < other.key

    def __le__(self, other: "Release") -> bool:
        return self.key <= other.key

    def __gt__(self, other: "Release") -> bool:
        return self.key > other.key

    def __ge__(self, other: "Release") -> bool:
        return self.key >= other.key

    def __str__(self) -> str:
        return self.text


MAPPING_FROM = Release.parse("X8.9.2")
"""Cluster address mapping exists (Cluster Creation and Maintenance guide)."""
PHONE_PROFILES_ARE_FQDNS_FROM = Release.parse("X12.6")
"""No CSR is made with a phone security profile that is a bare name (Certificate Creation and Use guide)."""
CERTIFICATES_LOST_AT_RESET_FROM = Release.parse("X12.6")
"""A factory reset by empty peer addresses deletes certificates and keys too (Administrator Guide)."""
INTERMEDIATE_UPGRADE = Release.parse("X8.11.4")
"""Earlier releases are upgraded to this one first (release notes)."""
NAT_ON_ONE_NIC_FORBIDDEN_UP_TO = Release.parse("X14.0")
NAT_ON_ONE_NIC_ALLOWED_FROM = Release.parse("X14.0.2")
"""One NIC with static NAT may cluster (Cluster Creation and Maintenance guides X14.0 and X14.0.2)."""
ECDSA_FROM = Release.parse("X14.3")
"""Certificates may have ECDSA keys (Certificate Creation and Use guide)."""
UNIFIED_CM_VERIFIED_FROM = Release.parse("X14.2")
"""The certificates of Unified CM, IM and Presence and Unity Connection are verified on every HTTPS connection
(Troubleshoot Expressway Traffic Server Certificate Verification)."""
CLIENT_ROLE_UNCHECKED_FROM = Release.parse("X15.4")
"""clientAuth is not looked for on cluster links (Prepare Expressway for Client Auth EKU Sunset)."""
SERVER_ONLY_FROM = CLIENT_ROLE_UNCHECKED_FROM
"""An Expressway-E can be set to accept a server certificate without clientAuth (the same document)."""
LAST_READ = Release.parse("X15.5")
"""The last release whose guides were read: what is said of later ones is inferred. X15.5.1 is of X15.5."""
SHA2_ALONE_FROM = Release.parse("X15.2")
"""No server certificate signed with SHA-1 can be uploaded, and clustering needs SHA-2 (SHA-1 deprecation technote)."""
TLS_BETWEEN_PEERS_FROM = Release.parse("X8.8")
"""Peers connect over TLS; before, over IPsec, and on other ports (release notes X8.8)."""
BUILT_IN_RULES_READ_FROM = Release.parse("X12.6")
"""The first release whose port guide was read for the blocking and built-in firewall rules."""
TWO_STORES_FROM = Release.parse("X15.5")
"""A client certificate of its own (Navigate Client EKU Sunset with Expressway x15.5)."""


def is_after_guides(release: Release) -> bool:
    """Whether no guide of this release, nor of a later one, was read."""
    return release.key[:2] > LAST_READ.key[:2]


USUAL_RELEASE = "X14.3.4"
"""What `init` suggests when no release is given."""
RELEASES = ("X12.6", "X12.7", "X14.0", "X14.2", "X14.3.4", "X15.0", "X15.2", "X15.3", "X15.4", "X15.5")
"""Releases in use, for a shell to complete; a plan may have any other."""
