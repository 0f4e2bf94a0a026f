"""Golden cases of the rules about certificates that come by ACME."""

import pytest

from tests.clusters import Draft, expressway_e
from tests.rules.golden import Golden, fires, goldens_of, near_miss

OPEN = "DNS021 unknown expe.example.com"


def by_acme() -> Draft:
    """Every name of the certificates has an address in public DNS, and each is a peer's."""
    draft = expressway_e()
    draft.plan["certificate_authority"] = {"server": "acme"}
    draft.records("public").append("example.com. A 203.0.113.11")
    return draft


@fires("DNS020", "DNS020 fail example.com", OPEN)
def the_domain_is_a_web_site() -> Draft:
    """public: example.com ── 198.51.100.80, the company's web server; SAN example.com"""
    draft = by_acme()
    draft.records("public")[-1] = "example.com. A 198.51.100.80"
    return draft


@fires("DNS020", "DNS020 fail example.com", OPEN)
def the_domain_has_no_address() -> Draft:
    """public: example.com has no A record; SAN example.com"""
    draft = by_acme()
    draft.records("public")[-1] = "www.example.com. A 203.0.113.80"
    return draft


@near_miss("DNS020", OPEN)
def every_name_leads_to_a_peer() -> Draft:
    """public: example.com ── 203.0.113.11, the public address of exe1"""
    return by_acme()


@fires("DNS021", OPEN)
def certificates_by_acme() -> Draft:
    """certificate_authority: {server: acme}"""
    return by_acme()


@near_miss("DNS021")
def certificates_by_a_private_ca() -> Draft:
    """certificate_authority: private"""
    return expressway_e()


@pytest.mark.parametrize("golden", goldens_of(globals()), ids=lambda golden: golden.id)
def test_golden(golden: Golden) -> None:
    golden.assert_holds()
