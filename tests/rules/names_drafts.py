"""NAM: the clusters that goldens and findings about names begin with."""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from tests.clusters import Draft, expressway_e

EXE1, EXE2 = "server certificate of exe1.example.com", "server certificate of exe2.example.com"


PERFECT = ("expe.example.com", "exe2.example.com", "example.com")


def exe2_with(*more: Any, **changes: Any) -> Draft:
    """exe2 with `more` SANs beside the perfect ones."""
    draft = expressway_e()
    draft.reissue(2, **({"sans": [*PERFECT, *more]} | changes))
    return draft


def include_names(draft: Draft, *names: str, but: int = 0) -> Draft:
    """Every peer's certificate includes `names` as well, except that of peer `but`."""
    for number, peer in enumerate(draft.plan["peers"], 1):
        if number != but:
            mra = draft.plan["services"].get("mra", {}).get("domains", [])
            draft.reissue(number, sans=[draft.plan["cluster"]["name"], peer["fqdn"], *mra, *names])
    return draft


def xmpp_address(text: str) -> x509.OtherName:
    encoded = text.encode()
    return x509.OtherName(ObjectIdentifier("1.3.6.1.5.5.7.8.5"), bytes([0x0C, len(encoded)]) + encoded)
