"""The vendor's facts: sources, files, lifetimes, and the end of clientAuth."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan import vendor as data
from certplan.vendor import SourceStatus

TOML = sorted(item.name for item in files("certplan.vendor").iterdir() if item.name.endswith(".toml"))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("certplan.vendor").joinpath(name).read_text("utf-8"))


def _walk(value: Any, key: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in _walk(inner, name)]
    if isinstance(value, list):
        return [found for inner in value for found in _walk(inner, key)]
    return [(key, value)]


class TestSources:
    def test_every_address_is_https_and_whole(self) -> None:
        for source in data.sources():
            parts = urlsplit(source.address)
            assert parts.scheme == "https", source.key
            assert "." in parts.netloc, source.key
            assert " " not in source.address, source.key
            assert "…" not in source.address, source.key
            assert source.title, source.key

    def test_a_chapter_has_an_address_of_its_own_below_its_book(self) -> None:
        chapter = data.source("CG-15.4-fqdn")
        assert chapter.release == "X15.4"
        assert chapter.title.startswith("Cisco Expressway Cluster Creation and Maintenance Deployment Guide, ")
        assert chapter.address.endswith("-x154/exwy_m_optional-use-fully-qualified-domain.html")
        assert data.source("CG-15.4").address.endswith("-x154/exwy_m_clustering-basics.html")

    @pytest.mark.parametrize(
        "key",
        [
            *("CG-15.4-form", "CG-15.4-requirements", "CG-15.4-reference", "CG-15.4-change", "CG-14.0.2-form"),
            *("AG-15.5-clustering", "AG-15.5-security", "AG-15.5-network", "AG-15.5-alarms", "AG-15.5-maintenance"),
            *("CERT-15.5-csr", "CERT-15.5-loading", "CERT-15.5-requirements", "CERT-15.5-acme", "CERT-15.5-crl"),
            *("BC-14.0", "PORT-15.0", "MRA-15.2", "RN-14.2", "INST-15.4", "XMPP-14.0.2", "FN-74362"),
            *("TA-217230", "TA-225482", "TA-225693", "TA-213872", "TA-218034", "TA-215670", "TA-215405"),
            *("BR-2.2.6", "CHROME-1.8", "SC-081v3", "RFC-5280", "RFC-9525", "RFC-5922", "RFC-1035"),
        ],
    )
    def test_the_documents_of_the_vendor_facts_are_there(self, key: str) -> None:
        assert data.source(key).key == key

    def test_an_unknown_key_is_an_error_of_the_program(self) -> None:
        with pytest.raises(KeyError):
            data.source("CG-99")

    def test_two_documents_never_share_title_release_and_address(self) -> None:
        documents = [data.source(key) for key in _read("sources.toml")["document"]]
        assert len({(s.title, s.release, s.address) for s in documents}) == len(documents)


class TestFiles:
    @pytest.mark.parametrize("name", TOML)
    def test_every_file_says_where_it_is_from_when_it_was_read_and_how_to_update_it(self, name: str) -> None:
        head = files("certplan.vendor").joinpath(name).read_text("utf-8").partition("\n\n")[0]
        assert "# Source: " in head
        assert "# Date read: 202" in head
        assert "# To update: " in head

    def test_the_tables_without_comments_have_their_account_in_the_readme(self) -> None:
        readme = files("certplan.vendor").joinpath("README.md").read_text("utf-8")
        for item in files("certplan.vendor").iterdir():
            if item.name.endswith((".toml", ".csv")):
                assert f"`{item.name}`" in readme

    @pytest.mark.parametrize("name", TOML)
    def test_every_source_key_resolves(self, name: str) -> None:
        keys = [value for key, value in _walk(_read(name)) if key in {"source", "sources"}]
        assert keys or name == "sources.toml"
        for key in keys:
            assert data.source(key).key == key

    @pytest.mark.parametrize("name", TOML)
    def test_no_text_has_a_fact_number_of_the_authors(self, name: str) -> None:
        assert not re.search(r"\b(CL|CE|FM)-\d", files("certplan.vendor").joinpath(name).read_text("utf-8"))

    def test_nothing_is_read_on_import(self) -> None:
        program = (
            "import sys; opened = []\n"
            "import certplan.text.addresses; before = set(sys.modules)\n"
            "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
            "for name in [m for m in sys.modules if m.startswith('certplan.vendor')]: del sys.modules[name]\n"
            "import certplan.vendor\n"
            "assert not [path for path in opened if path.endswith(('.toml', '.csv'))], opened\n"
            "assert not {'tomllib', 'csv'} & (set(sys.modules) - before)\n"
            "certplan.vendor.alarms(); assert any(path.endswith('alarms.toml') for path in opened), opened\n"
            "opened.clear(); certplan.vendor.alarm(20004); assert not opened"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    @pytest.mark.parametrize(
        "load",
        [
            data.sources,
            data.special_purpose_blocks,
            data.lifetime_steps,
            data.eku_sunsets,
            data.special_use_names,
            data.capacity,
            data.alarms,
            data.ports,
        ],
    )
    def test_a_second_reading_gives_the_same_frozen_values(self, load: Callable[[], object]) -> None:
        assert load() == load()
        hash(load())


def test_alarms_read_one_by_one_are_those_of_the_whole_file() -> None:
    whole = tomllib.loads(files("certplan.vendor").joinpath("alarms.toml").read_text("utf-8"))["alarm"]
    assert [(each.id, each.title, each.remedy) for each in data.alarms()] == sorted(
        (entry["id"], entry["title"], entry["remedy"]) for entry in whole
    )


class TestLifetimes:
    @pytest.mark.parametrize(
        ("issued", "days"),
        [
            (date(2020, 8, 31), None),
            (date(2020, 9, 1), 398),
            (date(2026, 3, 14), 398),
            (date(2026, 3, 15), 200),
            (date(2027, 3, 14), 200),
            (date(2027, 3, 15), 100),
            (date(2029, 3, 14), 100),
            (date(2029, 3, 15), 47),
            (date(2099, 1, 1), 47),
            (datetime(2026, 3, 15, tzinfo=UTC), 200),
        ],
    )
    def test_depend_on_the_day_of_issue(self, issued: date, days: int | None) -> None:
        assert data.public_lifetime(issued) == days

    @given(st.dates(min_value=date(2020, 9, 1), max_value=date(2100, 1, 1)))
    def test_never_grow(self, issued: date) -> None:
        today, tomorrow = data.public_lifetime(issued), data.public_lifetime(issued + timedelta(days=1))
        assert today is not None
        assert tomorrow is not None
        assert tomorrow <= today

    def test_steps_are_in_order(self) -> None:
        starts = [step.issued_from for step in data.lifetime_steps()]
        assert starts == sorted(set(starts))


class TestEkuSunset:
    def test_the_root_program_is_the_one_without_issuers(self) -> None:
        assert [entry for entry in data.eku_sunsets() if not entry.issuers] == [data.root_program_sunset()]
        assert data.root_program_sunset().ends == date(2027, 3, 15)

    @pytest.mark.parametrize(
        ("issuer", "authority", "ends"),
        [
            ("CN=R11,O=Let's Encrypt,C=US", "Let's Encrypt", date(2026, 7, 8)),
            ("DigiCert Inc", "DigiCert", date(2027, 3, 1)),
            ("Sectigo Limited", "Sectigo", date(2027, 2, 10)),
            ("GoDaddy.com, Inc.", "GoDaddy", date(2026, 6, 15)),
            ("SSL Corporation", "SSL.com", None),
            ("IdenTrust", "IdenTrust", None),
        ],
    )
    def test_an_issuer_is_known_by_its_organization(self, issuer: str, authority: str, ends: date | None) -> None:
        entry = data.eku_sunset(issuer)
        assert entry is not None
        assert (entry.authority, entry.ends) == (authority, ends)

    def test_a_private_authority_has_no_entry(self) -> None:
        assert data.eku_sunset("CN=Example Corporate Root CA,O=Example") is None
        assert data.eku_sunset("") is None

    def test_dates_are_in_order_and_their_status_is_honest(self) -> None:
        latest = data.root_program_sunset().ends
        assert latest is not None
        for entry in data.eku_sunsets():
            if entry.ends is not None:
                assert entry.ends <= latest
                assert entry.default_from is None or entry.default_from < entry.ends
            if entry.status is SourceStatus.CONFIRMED:
                assert entry.ends is not None
            if entry.status is SourceStatus.UNKNOWN:
                assert entry.ends is None
            assert entry.note

    def test_no_two_authorities_claim_one_issuer(self) -> None:
        pieces = [piece for entry in data.eku_sunsets() for piece in entry.issuers]
        assert all(piece == piece.lower() for piece in pieces)
        for entry in data.eku_sunsets():
            assert all(data.eku_sunset(piece) is entry for piece in entry.issuers)
