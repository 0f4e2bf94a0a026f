"""Faults of certificates and private keys."""

from datetime import UTC, datetime

from tests.clusters import ISSUING, Draft
from tests.faults.authorities import EARLY, EXPIRED_CA, EXPIRING_CA, LATE, NO_CA, OTHER_CA, SERVERS_ONLY
from tests.faults.registry import Fault, Faults
from tests.pki import Authority, ec_key, key_pem, rsa_key, self_signed

__all__ = ["FAULTS"]

FAULTS = Faults()
fault = FAULTS.add


def _names(draft: Draft, number: int) -> list[str]:
    return [draft.plan["cluster"]["name"], str(draft.peer(number).get("fqdn", "")), "example.com"]


@fault
def wrong_san(draft: Draft, number: int) -> None:
    draft.reissue(number, sans=[name.replace("ex", "xe", 1) for name in _names(draft, number)])


@fault
def name_only_in_cn(draft: Draft, number: int) -> None:
    cluster, own, _ = _names(draft, number)
    draft.reissue(number, cn=own, sans=[cluster])


@fault
def no_cn(draft: Draft, number: int) -> None:
    draft.reissue(number, cn=None)


@fault
def everybody_in_the_san(draft: Draft, number: int) -> None:
    peers = [str(peer.get("fqdn", "")) for peer in draft.plan["peers"]]
    draft.reissue(number, sans=[*_names(draft, number), *peers])


@fault
def odd_sans(draft: Draft, number: int) -> None:
    draft.reissue(number, sans=[*_names(draft, number), "*.example.com", "exe", "ex_e.example.com", "exe.corp.local."])


@fault
def expired_leaf(draft: Draft, number: int) -> None:
    draft.reissue(number, not_after=EARLY)


@fault
def leaf_of_tomorrow(draft: Draft, number: int) -> None:
    draft.reissue(number, not_before=LATE)


@fault
def leaf_lapsing_soon(draft: Draft, number: int) -> None:
    draft.reissue(number, not_after=datetime(2026, 6, 10, tzinfo=UTC))


@fault
def server_role_alone(draft: Draft, number: int) -> None:
    draft.reissue(number, eku=("serverAuth",))


@fault
def signed_by_itself(draft: Draft, number: int) -> None:
    own = self_signed(draft.plan["cluster"]["name"], _names(draft, number), key=ec_key(f"itself {number}"))
    draft.files[draft.peer(number).get("server_certificate", "certs/none.pem")] = own.pem


@fault
def signed_by_a_stranger(draft: Draft, number: int) -> None:
    draft.reissue(number, issuer=OTHER_CA)


def _by(issuer: Authority) -> Fault:
    """A leaf of this CA, which every peer has in its list."""

    def change(draft: Draft, number: int) -> None:
        draft.reissue(number, issuer=issuer)
        for peer in draft.plan["peers"]:
            for file in peer.get("trusted_cas", [])[:1]:
                draft.files[file] += issuer.pem if issuer.pem not in draft.files[file] else b""

    return change


FAULTS |= {
    "by_an_expired_ca": _by(EXPIRED_CA),
    "by_a_lapsing_ca": _by(EXPIRING_CA),
    "by_no_ca": _by(NO_CA),
    "by_a_ca_for_servers": _by(SERVERS_ONLY),
}


@fault
def long_lived(draft: Draft, number: int) -> None:
    draft.reissue(number, not_after=datetime(2052, 1, 1, tzinfo=UTC))


@fault
def one_key_for_two(draft: Draft, number: int) -> None:
    draft.reissue(number, key=ec_key("shared"))
    draft.reissue(1, key=ec_key("shared"))


@fault
def anothers_private_key(draft: Draft, number: int) -> None:
    draft.files[draft.peer(number).get("private_key", "keys/none.key")] = ISSUING.key_pem


@fault
def weak_key(draft: Draft, number: int) -> None:
    draft.reissue(number, key=rsa_key(1024))


@fault
def huge_key_of_old(draft: Draft, number: int) -> None:
    draft.reissue(number, key=rsa_key(2048, number), not_before=datetime(2023, 1, 1, tzinfo=UTC))


@fault
def locked_key(draft: Draft, number: int) -> None:
    if name := draft.peer(number).get("private_key"):
        draft.files[name] = key_pem(ec_key("locked"), password=b"secret")


@fault
def key_without_its_newline(draft: Draft, number: int) -> None:
    if name := draft.peer(number).get("private_key"):
        draft.files[name] = draft.files[name].rstrip(b"\n")


@fault
def chain_in_the_file(draft: Draft, number: int) -> None:
    if name := draft.peer(number).get("server_certificate"):
        draft.files[name] += ISSUING.pem


@fault
def odd_eku(draft: Draft, number: int) -> None:
    draft.reissue(number, eku=("clientAuth",), key_usage=("keyAgreement",))


@fault
def no_certificate(draft: Draft, number: int) -> None:
    draft.peer(number).pop("server_certificate", None)


@fault
def broken_certificate(draft: Draft, number: int) -> None:
    draft.files[draft.peer(number).get("server_certificate", "certs/none.pem")] = b"no certificate\n"


@fault
def client_certificate(draft: Draft, number: int) -> None:
    draft.reissue(number, store="client", eku=("clientAuth",))
