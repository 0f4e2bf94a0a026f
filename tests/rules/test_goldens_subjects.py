"""NAM: goldens for the CN, and for names of other peers."""

import warnings

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.clusters import Draft, expressway_e
from tests.pki import ec_key, name
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.names_drafts import EXE1, EXE2, exe2_with, include_names


def _long_cn(text: str) -> x509.Name:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)])


# --- whose certificate it is ------------------------------------------------------------------------------------------


@fires("NAM009", "NAM009 fail expe.example.com")
def cn_of_neither() -> Draft:
    """exe2: CN edge.example.com, a SAN of its own, neither the cluster's name nor the peer's"""
    return exe2_with("edge.example.com", cn="edge.example.com")


@near_miss("NAM009")
def cn_of_the_peer() -> Draft:
    """exe1, exe2, exe3: each has its own FQDN as CN, as the guides of X8 have it"""
    draft = expressway_e()
    for number in (1, 2, 3):
        draft.reissue(number, cn=f"exe{number}.example.com")
    return draft


@near_miss("NAM009")
def cn_of_the_cluster_in_capitals() -> Draft:
    """exe2: CN EXPE.EXAMPLE.COM"""
    return exe2_with(cn="EXPE.EXAMPLE.COM")


@fires("NAM011", f"NAM011 fail {EXE2}")
def empty_subject() -> Draft:
    """exe2: no subject, names in the SANs only"""
    return exe2_with(cn=None)


@near_miss("NAM011")
def cn_behind_an_organization() -> Draft:
    """exe2: O=Example,CN=expe.example.com"""
    return exe2_with(subject=name("expe.example.com", O="Example"))


@fires("NAM012", f"NAM012 fail {EXE2}")
def two_cns() -> Draft:
    """exe2: CN=exe2.example.com,CN=expe.example.com"""
    cns = [x509.NameAttribute(NameOID.COMMON_NAME, cn) for cn in ("exe2.example.com", "expe.example.com")]
    return exe2_with(subject=x509.Name(cns))


@near_miss("NAM012")
def one_cn_and_two_units() -> Draft:
    """exe2: OU=Voice,CN=expe.example.com"""
    return exe2_with(subject=name("expe.example.com", OU="Voice"))


@fires("NAM013", f"NAM013 fail {EXE2}")
def cn_of_no_use() -> Draft:
    """exe2: CN edge.example.com ── SANs expe, exe2.example.com and example.com"""
    return exe2_with(cn="edge.example.com")


@near_miss("NAM013", "NAM009 fail expe.example.com")
def cn_repeated() -> Draft:
    """exe2: CN edge.example.com, repeated among the SANs"""
    return exe2_with("edge.example.com", cn="edge.example.com")


@fires("NAM014", f"NAM014 fail {EXE2}", f"NAM013 fail {EXE2}")
def cn_of_65_characters() -> Draft:
    """exe2: a CN of 65 characters"""
    return exe2_with(subject=_long_cn("a" * 53 + ".example.com"))


@fires(
    "NAM014",
    "NAM014 fail " + "e" * 53 + ".example.com",
    "CLU023 fail " + "e" * 53 + ".example.com",
    "CLU010 unknown " + "e" * 53 + ".example.com",
    *(f"NAM016 fail {EXE1.replace('1', str(n))}" for n in (1, 2, 3)),
)
def cluster_name_of_65_characters() -> Draft:
    """the cluster name has 65 characters; the certificates were issued for the old one"""
    draft = expressway_e()
    draft.plan["cluster"]["name"] = "e" * 53 + ".example.com"
    return draft


@near_miss("NAM014", f"NAM013 fail {EXE2}")
def cn_of_64_characters() -> Draft:
    """exe2: a CN of 64 characters"""
    return exe2_with(cn="a" * 52 + ".example.com")


@fires("NAM015", f"NAM015 fail {EXE2}", "NAM001 fail exe2.example.com")
def cn_and_nothing_else() -> Draft:
    """exe2: CN expe.example.com, no SANs"""
    return exe2_with(sans=[])


@near_miss(
    "NAM015",
    "NAM001 fail exe2.example.com",
    f"NAM016 fail {EXE2}",
    f"NAM019 fail {EXE2}",
)
def a_mail_address_and_nothing_else() -> Draft:
    """exe2: one SAN, an rfc822Name: it has SANs, and none that helps"""
    return exe2_with(sans=[x509.RFC822Name("admin@example.com")])


@fires("NAM018", "NAM018 fail expe.example.com")
def every_peer_in_every_certificate() -> Draft:
    """exe1, exe2, exe3: each certificate has the SANs of all three peers"""
    return include_names(expressway_e(), "exe1.example.com", "exe2.example.com", "exe3.example.com")


@near_miss("NAM018", "KEY007 fail expe.example.com")
def one_certificate_on_every_peer() -> Draft:
    """exe1, exe2, exe3: one certificate on all of them has to name all three; the shared key says it"""
    draft = expressway_e()
    names = ["expe.example.com", "example.com", *(f"exe{n}.example.com" for n in (1, 2, 3))]
    for number in (1, 2, 3):
        draft.reissue(number, sans=names, key=ec_key("shared"))
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
