"""The few words that stand on a drawing."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from certplan.handshake.model import Cause
from certplan.text.words import listed

__all__ = ["FAULT_WORDS", "numbered", "peers_in_words"]

FAULT_WORDS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.ADDRESS_IS_IP: "peer address is an IP",
        Cause.ADDRESS_NOT_FQDN: "peer address is not an FQDN",
        Cause.NAME_ABSENT: "name not in DNS",
        Cause.DNS_SILENT: "DNS did not answer",
        Cause.SEVERAL_ADDRESSES: "several addresses in DNS",
        Cause.MAPPING_AMBIGUOUS: "several mapping entries",
        Cause.MAPPING_NEEDED: "mapping needed",
        Cause.MAPPING_ENTRY_MISSING: "no mapping entry",
        Cause.MAPPING_WRONG_ADDRESS: "mapping to a wrong address",
        Cause.MAPPING_NAME_NOT_IN_SAN: "mapped name not in SAN",
        Cause.DNS_WRONG_ADDRESS: "DNS gives a wrong address",
        Cause.PEER_IP_WRONG: "not its LAN 1 address",
        Cause.WRONG_IP_VERSION: "wrong IP version",
        Cause.NAT_ON_CLUSTERING_LAN: "static NAT on LAN 1",
        Cause.NAT_ON_SINGLE_NIC: "static NAT on the only NIC",
        Cause.NAME_NOT_IN_SAN: "name not in SAN",
        Cause.NAME_ONLY_IN_CN: "name only in CN",
        Cause.CERTIFICATE_MISSING: "certificate not given",
        Cause.CLIENT_CERTIFICATE_MISSING: "client certificate not given",
        Cause.CERTIFICATE_UNREADABLE: "certificate unreadable",
        Cause.TRUST_LIST_MISSING: "trusted CA list not given",
        Cause.ISSUER_NOT_TRUSTED: "issuer not trusted",
        Cause.INTERMEDIATE_MISSING: "intermediate CA missing",
        Cause.SELF_SIGNED: "self-signed",
        Cause.SAME_NAME_OTHER_KEY: "another CA of the same name",
        Cause.ORDER_DECIDES: "depends on the order of CAs",
        Cause.NOT_A_CA: "issuer is not a CA",
        Cause.MAY_NOT_SIGN: "CA without keyCertSign",
        Cause.PATH_TOO_LONG: "path length exceeded",
        Cause.CA_EXPIRED: "CA expired",
        Cause.CA_NOT_YET_VALID: "CA not yet valid",
        Cause.CHAIN_REFUSED: "chain refused",
        Cause.KEY_UNREADABLE: "public key unreadable",
        Cause.WEAK_SIGNATURE: "SHA-1 signature",
        Cause.SERVER_ROLE_MISSING: "no serverAuth",
        Cause.CLIENT_ROLE_MISSING: "no clientAuth",
        Cause.CA_ROLE_MISSING: "role not allowed by CA",
        Cause.EXPIRED: "certificate expired",
        Cause.NOT_YET_VALID: "certificate not yet valid",
        Cause.REVOKED: "certificate revoked",
        Cause.CRL_EXPIRED: "CRL expired",
        Cause.CRL_UNUSABLE: "CRL unusable",
        Cause.PAGE_CONTRADICTS: "the page shows otherwise",
        Cause.ZONE_ENTRY_MISSING: "no peer address in the zone",
        Cause.ZONE_PEERS_UNKNOWN: "zone's peer addresses not given",
        Cause.VERIFY_NAME_UNKNOWN: "verify subject name not given",
    }
)
"""What stands by a broken or undecided way, for each cause."""


def numbered(numbers: Iterable[int]) -> str:
    """Numbers as people list them, runs of three and more drawn together: `1, 3 to 6`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return listed(f"{run[0]} to {run[-1]}" if len(run) > 2 else listed(map(str, run)) for run in runs)


def peers_in_words(numbers: Sequence[int]) -> str:
    """`Peer 2`, `Peers 1, 3 to 6`."""
    return f"Peer{'s' if len(numbers) != 1 else ''} {numbered(numbers)}"
