"""TRU: the lists and CAs that goldens and findings about trust begin with."""

from datetime import UTC, datetime

from tests.clusters import Draft
from tests.pki import Authority, bundle, ec_key, self_signed

OTHER_ROOT = Authority.root("another root", key=ec_key("another root"))


RECENT, SOON = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)


def with_cas(draft: Draft, *more: Authority | bytes, numbers: tuple[int, ...] = ()) -> Draft:
    """Append CAs to the lists of these peers, or of all."""
    for number in numbers or range(1, len(draft.plan["peers"]) + 1):
        file = draft.peer(number)["trusted_cas"][0]
        draft.files[file] += bundle(*more)
    return draft


def issued_by(draft: Draft, issuer: Authority, *numbers: int) -> Draft:
    for number in numbers or range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, issuer=issuer)
    return draft


def with_crls(draft: Draft, number: int, *contents: bytes) -> Draft:
    for peer in draft.plan["peers"]:
        peer.setdefault("crls", [])
    draft.peer(number)["crls"] = ["crls/all.pem"]
    draft.files["crls/all.pem"] = bundle(*contents)
    return draft


def with_self_signed(draft: Draft, number: int) -> bytes:
    """Give the peer a certificate that it signed itself, its names all in order."""
    peer, cluster = draft.peer(number), draft.plan["cluster"]["name"]
    mra = draft.plan.get("services", {}).get("mra", {}).get("domains", [])
    leaf = self_signed(cluster, [cluster, peer["fqdn"], *mra], key=ec_key(f"{peer['fqdn']} self"))
    draft.files[peer["server_certificate"]] = leaf.pem
    draft.files[peer["private_key"]] = leaf.key_pem
    return leaf.pem


OLD_ISSUING = Authority.root(key=ec_key("clusters root")).intermediate(key=ec_key("issuing of 2015"))


def with_ca_ending(draft: Draft, end: datetime) -> Authority:
    return draft.root.intermediate("ending", key=ec_key("ending"), not_after=end)


ALL_E = tuple(f"exe{number}.example.com" for number in (1, 2, 3))
