"""What a page may show of a cluster, and the rules that speak of it.

A page that shows a fact leads to the finding on it, and asks by topic; which rules a topic has is said here alone.
"""

from enum import Enum

__all__ = ["Topic"]


class Topic(Enum):
    """A fact that a page shows. Its value: the codes of the rules about it, the one that says most first."""

    ADDRESS_NOT_IN_CERTIFICATE = ("NAM001", "NAM002", "NAM003", "NAM004")
    PEER_NAME_MISSING = ("NAM017",)
    CLUSTER_NAME_MISSING = ("NAM016",)
    MRA_DOMAIN_MISSING = ("NAM019",)
    XMPP_DOMAIN_MISSING = ("NAM021",)
    CHAT_ALIAS_MISSING = ("NAM022",)
    PHONE_PROFILE_MISSING = ("NAM023",)
    JOIN_NAME_MISSING = ("NAM025",)
    ADDRESS_IS_IP = ("NAM003",)
    NAMES_UNREADABLE = ("NAM005",)
    NAME_IN_OTHER_FORM = ("NAM020", "NAM028")
    NO_SAN = ("NAM015",)
    IP_ADDRESS_AS_NAME = ("NAM007",)
    OTHER_KIND_OF_NAME = ("NAM028",)
    NAME_MALFORMED = ("NAM007", "NAM008", "NAM010")
    NAME_OF_OTHER_PEER = ("NAM018",)
    CN_MISSING = ("NAM011",)
    CA_MISSING = ("TRU001", "TRU002")
    FILE_HOLDS_MORE = ("TRU017",)
    SERVER_ROLE_MISSING = ("EKU001",)
    CLIENT_ROLE_MISSING = ("EKU002",)
    CA_ROLE_MISSING = ("EKU003",)
    KEY_WEAK = ("KEY002", "KEY003", "KEY004", "KEY005")
    HASH_WEAK = ("KEY006",)
    SELF_SIGNED = ("TRU003", "TRU019")
    KEY_OF_OTHER_CERTIFICATE = ("KEY001",)
    KEY_ENCRYPTED = ("KEY008",)
    KEY_WITHOUT_NEWLINE = ("KEY009",)
    INSIDE_ADDRESS_IN_PUBLIC_DNS = ("DNS001",)
    PUBLIC_ADDRESS_UNKNOWN = ("NIC014", "NIC015")
    PUBLIC_RECORD_WRONG = ("DNS008",)
    INTERNAL_RECORD_WRONG = ("DNS016",)
    ALIAS_TO_OTHER_DOMAIN = ("DNS015",)
    PTR_NAME_WRONG = ("DNS007",)
    PTR_MISSING = ("DNS006",)
    REVERSE_RECORD_OF_C = ("DNS017",)
    NAT_ON_CLUSTERING_LAN = ("NIC001",)
    NAT_ON_ONE_NIC = ("NIC002",)
    NAT_ON_ONE_NIC_DISPUTED = ("NIC005",)
    LANS_OVERLAP = ("NIC006",)
    CA_OF_SAME_NAME = ("TRU013", "TRU004")
    NOT_A_CA = ("TRU018", "TRU005")
    CA_WITHOUT_CONSTRAINTS = ("TRU012", "TRU005")
    CA_NOT_TRUSTED = ("TRU001", "TRU002", "TRU003", "TRU004")
    CRL_EXPIRED = ("TRU010",)
    REVOKED = ("TRU009",)
