"""NAM: goldens for the form of names in certificates."""

from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from tests.clusters import Draft, expressway_e
from tests.rules.golden import Golden, fires, goldens_of, near_miss
from tests.rules.names_drafts import EXE1, EXE2, exe2_with, xmpp_address

# --- the form of names ------------------------------------------------------------------------------------------------


@fires("NAM007", f"NAM007 fail {EXE2}")
def address_and_bare_host() -> Draft:
    """exe2: SANs exe2 and 10.20.0.12 besides"""
    return exe2_with("exe2", IPv4Address("10.20.0.12"))


@fires("NAM007", f"NAM007 fail {EXE2}")
def address_spelled_as_a_name() -> Draft:
    """exe2: dNSName 10.20.0.12"""
    return exe2_with("10.20.0.12")


@near_miss("NAM007")
def bare_host_before_the_upload_looked() -> Draft:
    """X14.0.1: the upload does not look yet"""
    draft = expressway_e(release="X14.0.1")
    for number in (1, 2, 3):
        draft.reissue(
            number, key="rsa", sans=[f"exe{number}", "expe.example.com", f"exe{number}.example.com", "example.com"]
        )
    return draft


@fires("NAM008", f"NAM008 fail {EXE2}")
def wildcard_besides() -> Draft:
    """exe2: SAN *.example.com besides"""
    return exe2_with("*.example.com")


@near_miss("NAM008")
def long_but_no_wildcard() -> Draft:
    """exe2: SAN wildcard.example.com"""
    return exe2_with("wildcard.example.com")


@fires("NAM010", f"NAM010 fail {EXE2}")
def underscore_dot_and_hyphen() -> Draft:
    """exe2: SANs exe_2.example.com, exe2.example.org. and -exe2.example.com besides"""
    return exe2_with("exe_2.example.com", "exe2.example.org.", "-exe2.example.com")


@near_miss("NAM010")
def a_label_and_digits() -> Draft:
    """exe2: SANs xn--mnchen-3ya.example.com and 2.example.com are legal"""
    return exe2_with("xn--mnchen-3ya.example.com", "2.example.com")


@fires("NAM027", "NAM027 fail expe.example.com")
def local_name_and_public_ca() -> Draft:
    """exe2: SAN exe2.corp.local besides, certificates from a public CA"""
    draft = exe2_with("exe2.corp.local")
    draft.plan["certificate_authority"] = "public"
    return draft


@fires("NAM027", "NAM027 unknown expe.example.com", "VAL006 unknown expe.example.com")
def local_name_and_unknown_ca() -> Draft:
    """exe2: SAN exe2.corp.local besides, and the plan does not say where certificates come from"""
    draft = exe2_with("exe2.corp.local")
    del draft.plan["certificate_authority"]
    return draft


@near_miss("NAM027")
def local_name_and_private_ca() -> Draft:
    """exe2: SAN exe2.corp.local besides, certificates from a private CA"""
    return exe2_with("exe2.corp.local")


@near_miss("NAM027", "VAL006 unknown expe.example.com")
def nothing_internal_and_unknown_ca() -> Draft:
    """no internal name anywhere: where the certificates come from does not matter"""
    draft = expressway_e()
    del draft.plan["certificate_authority"]
    return draft


@fires("NAM028", f"NAM028 fail {EXE2}")
def other_name_xmpp() -> Draft:
    """exe2: otherName id-on-xmppAddr im.example.com besides"""
    return exe2_with(xmpp_address("im.example.com"))


@near_miss("NAM028")
def other_name_of_another_kind() -> Draft:
    """exe2: otherName userPrincipalName besides"""
    return exe2_with(x509.OtherName(ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x01a"))


@fires("NAM029", f"NAM029 fail {EXE1}")
def a_thousand_characters_on_x8_9() -> Draft:
    """X8.9.2: SANs of 1000 characters"""
    return _long_sans(1000)


@near_miss("NAM029")
def just_short_enough_on_x8_9() -> Draft:
    """X8.9.2: SANs of 999 characters"""
    return _long_sans(999)


@near_miss("NAM029")
def a_thousand_characters_later() -> Draft:
    """X14.3: SANs of 1500 characters"""
    return _long_sans(1500, release="X14.3.4")


def _long_sans(length: int, release: str = "X8.9.2") -> Draft:
    draft = expressway_e(release=release)
    for number in (1, 2, 3):
        draft.reissue(number, key="rsa")
    sans = ["expe.example.com", "exe1.example.com", "example.com"]
    while (left := length - len(",".join(sans))) > 60:
        sans.append(f"{len(sans):020}.example.com")
    sans.append("a" * (left - 1 - len(".example.com")) + ".example.com")
    assert len(",".join(sans)) == length
    draft.reissue(1, key="rsa", sans=sans)
    return draft


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
