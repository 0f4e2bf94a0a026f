"""Faults of trusted CA lists and CRLs."""

from datetime import UTC, datetime

from tests.clusters import ISSUING, ROOT, Draft
from tests.faults.authorities import LATE, OTHER_CA
from tests.faults.registry import Faults
from tests.pki import Authority, bundle, ec_key

__all__ = ["FAULTS"]

FAULTS = Faults()
fault = FAULTS.add


@fault
def missing_ca(draft: Draft, number: int) -> None:
    draft.trust(number, ROOT)


@fault
def only_a_stranger_trusted(draft: Draft, number: int) -> None:
    draft.trust(number, OTHER_CA)


@fault
def no_trust_list(draft: Draft, number: int) -> None:
    draft.peer(number).pop("trusted_cas", None)


@fault
def leaf_among_the_cas(draft: Draft, number: int) -> None:
    for file in draft.peer(number).get("trusted_cas", [])[:1]:
        draft.files[file] += draft.files.get(draft.peer(1).get("server_certificate", ""), b"")


@fault
def page_for_a_crl(draft: Draft, number: int) -> None:
    draft.peer(number)["crls"] = ["crls/page.crl"]
    draft.files["crls/page.crl"] = b"<html></html>\n"


@fault
def same_ca_twice(draft: Draft, number: int) -> None:
    twin = Authority.root(key=ec_key("faults twin of the root"))
    draft.trust(number, ROOT, ISSUING, twin)


@fault
def revoked(draft: Draft, number: int) -> None:
    leaf = draft.reissue(number)
    for peer in draft.plan["peers"]:
        peer["crls"] = ["crls/issuing.crl"]
    draft.files["crls/issuing.crl"] = bundle(ISSUING.crl([leaf], next_update=LATE))


@fault
def expired_crl(draft: Draft, number: int) -> None:
    draft.peer(number)["crls"] = ["crls/old.crl"]
    draft.files["crls/old.crl"] = bundle(ISSUING.crl(next_update=datetime(2026, 5, 28, tzinfo=UTC)))
