"""NAM: goldens for peer addresses, unreadable and missing certificates."""

from pathlib import Path

import pytest
from cryptography import x509

from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import name
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.names_drafts import EXE1, EXE2, exe2_with

MATERIAL = Path(__file__).parents[2] / "fixtures" / "material"


NAMES_UNREAD = (
    *("DNS007", "NAM007", "NAM008", "NAM009", "NAM010", "NAM013"),
    *("NAM015", "NAM016", "NAM018", "NAM019", "NAM020", "NAM028"),
)
"""The rules that cannot be checked without the SANs of a certificate."""


NOT_IDENTIFIED = (
    *("NAM001", "NAM002", "NAM006", "EKU001", "EKU002", "EKU003", "VAL001", "VAL002"),
    *("TRU001", "TRU002", "TRU003", "TRU004", "TRU005", "TRU006", "TRU007", "TRU023"),
)


CERTIFICATE_UNREAD = (
    *("NAM011", "NAM012", "NAM014", "NAM030", "KEY002", "KEY003", "KEY005", "KEY006", "KEY007", "KEY010"),
    *("TRU014", "TRU017", "TRU019", "TRU020", "TRU024", "VAL003", "VAL004", "VAL007", "VAL008", "VAL009"),
)


# --- what handshakes turn on ------------------------------------------------------------------------------------------


@fires("NAM001", "NAM001 fail exe2.example.com")
def two_letters_swapped() -> Draft:
    """exe2 is dialled as exe2.example.com ── its certificate says exe2.exmaple.com"""
    return exe2_with(sans=["expe.example.com", "exe2.exmaple.com", "example.com"])


@near_miss("NAM001")
def another_letter_case() -> Draft:
    """exe2.example.com ── EXE2.Example.COM: names are compared without regard to case"""
    return exe2_with(sans=["expe.example.com", "EXE2.Example.COM", "example.com"])


@fires("NAM002", "NAM002 fail exc2.corp.example.com")
def address_in_the_cn_alone() -> Draft:
    """exc2: CN exc2.corp.example.com ── SAN excl.corp.example.com"""
    draft = expressway_c()
    draft.reissue(2, cn="exc2.corp.example.com", sans=["excl.corp.example.com"])
    return draft


@near_miss("NAM002", "NAM001 fail exe2.example.com")
def address_in_the_cn_alone_with_mapping() -> Draft:
    """exe2, mapping On: the texts agree that the SANs are read, so it is a plain miss"""
    return exe2_with(cn="exe2.example.com", sans=["expe.example.com", "example.com"])


@fires("NAM003", "NAM003 fail 10.30.0.12", "CLU021 fail excl.corp.example.com")
def formed_on_an_ip() -> Draft:
    """Peer 2 address 10.30.0.12 ── the certificate names exc2.corp.example.com"""
    draft = expressway_c()
    draft.peer(2)["address"] = "10.30.0.12"
    return draft


@near_miss("NAM003")
def nearly_an_ip() -> Draft:
    """Peer 2 address ip-10-30-0-12.corp.example.com: a name made of an address is a name"""
    draft = expressway_c()
    old, new = "exc2.corp.example.com", "ip-10-30-0-12.corp.example.com"
    draft.peer(2).update(address=new, fqdn=new, host_name="ip-10-30-0-12")
    draft.records("internal")[:] = [record.replace(old, new) for record in draft.records("internal")]
    draft.reissue(2)
    return draft


@fires("NAM004", "NAM004 fail exc2", "CLU016 fail exc2", *(f"DNS00{n} unknown exc2" for n in (2, 3, 4, 5)))
def bare_host_name() -> Draft:
    """Peer 2 address exc2"""
    draft = expressway_c()
    draft.peer(2)["address"] = "exc2"
    return draft


@near_miss("NAM004")
def the_dot_of_the_root() -> Draft:
    """Peer 2 address `exc2.corp.example.com.`: fully qualified all the more"""
    draft = expressway_c()
    draft.peer(2)["address"] = "exc2.corp.example.com."
    return draft


@fires(
    "NAM005",
    f"NAM005 fail {EXE1}",
    "KEY001 unknown exe1.example.com",
    *(f"{code} unknown {EXE1}" for code in NAMES_UNREAD),
)
def san_extension_that_breaks_off() -> Draft:
    """exe1: the SAN extension holds an IP address of three octets"""
    return _malformed()


@near_miss("NAM005")
def odd_but_readable_san() -> Draft:
    """exe2: a directory name and a mail address among the SANs"""
    return exe2_with(x509.DirectoryName(name("exe2")), x509.RFC822Name("admin@example.com"))


@fires(
    "NAM006",
    *(f"{code} unknown exe2.example.com" for code in NOT_IDENTIFIED),
    *(f"{code} unknown {EXE2}" for code in (*NAMES_UNREAD, *CERTIFICATE_UNREAD, "NAM030", "TRU024")),
    "KEY001 unknown exe2.example.com",
)
def certificate_left_out() -> Draft:
    """exe2: no server_certificate in the plan"""
    return _without_certificate()


@near_miss("NAM006")
def certificate_as_der() -> Draft:
    """exe2: the file is DER, not PEM"""
    draft = expressway_e()
    leaf = draft.reissue(2)
    draft.files[draft.peer(2)["server_certificate"]] = leaf.der
    return draft


def _malformed() -> Draft:
    draft = expressway_e()
    peer = draft.peer(1)
    draft.files[peer["server_certificate"]] = (MATERIAL / "malformed-san-leaf.pem").read_bytes()
    del peer["private_key"]
    for number in (1, 2, 3):
        draft.files[draft.peer(number)["trusted_cas"][0]] += (MATERIAL / "weak-root.pem").read_bytes()
    return draft


def _without_certificate() -> Draft:
    draft = expressway_e()
    del draft.peer(2)["server_certificate"]
    del draft.peer(2)["private_key"]
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
