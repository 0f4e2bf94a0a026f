"""Which certificate is the server's and which the client's: by name where it says so, else by role, else said."""

from collections.abc import Sequence

import pytest

from certplan.sources.appliances import Appliance
from certplan.sources.stores import Stores, stores_of
from tests.pki import Authority, bundle, self_signed
from tests.sources.exports import reading

ROOT = Authority.root()
BOTH, SERVER, CLIENT = ("serverAuth", "clientAuth"), ("serverAuth",), ("clientAuth",)


def stores(*files: tuple[str, bytes]) -> Stores:
    return stores_of(Appliance([], [reading(data, name) for name, data in files]))


def leaf(eku: Sequence[str], cn: str = "exe1.example.com") -> bytes:
    return ROOT.issue(cn=cn, sans=[cn], eku=eku).pem


@pytest.mark.parametrize(
    ("names", "ekus", "server", "client"),
    [
        (("a.pem", "b.pem"), (BOTH, CLIENT), "a.pem", "b.pem"),
        (("a.pem", "b.pem"), (SERVER, BOTH), "a.pem", "b.pem"),
        (("a.pem", "b.pem"), (CLIENT, SERVER), "b.pem", "a.pem"),
        (("x[client_exe1.pem]", "x[server_exe1.pem]"), (BOTH, BOTH), "x[server_exe1.pem]", "x[client_exe1.pem]"),
        (("x[server_exe1.pem]", "x[other.pem]"), (BOTH, BOTH), "x[server_exe1.pem]", "x[other.pem]"),
        (("a.pem", "b.pem"), (BOTH, BOTH), None, None),
    ],
)
def test_two_certificates_of_one_appliance(
    names: tuple[str, str], ekus: tuple[Sequence[str], Sequence[str]], server: str | None, client: str | None
) -> None:
    found = stores(*((name, leaf(eku)) for name, eku in zip(names, ekus, strict=True)))
    assert (found.server.files if found.server else None) == ((server,) if server else None)
    assert (found.client.files if found.client else None) == ((client,) if client else None)
    assert {each.file for each in found.unsorted} == (set(names) if server is None else set())


def test_a_certificate_for_clients_alone_is_no_server_certificate() -> None:
    found = stores(("a.pem", leaf(CLIENT)))
    assert found.server is None
    assert found.client is not None


def test_the_same_certificate_twice_counts_once() -> None:
    pem = leaf(BOTH)
    found = stores(("copy.pem", pem), ("server_exe1.pem", pem))
    assert found.server is not None
    assert (found.server.files, found.client, found.unsorted) == (("server_exe1.pem",), None, ())


def test_a_list_of_cas_is_a_list_even_with_self_signed_server_certificates_in_it() -> None:
    tomcat = self_signed("cucm1.example.com").pem
    found = stores(("cas.pem", tomcat + bundle(ROOT)), ("server.pem", leaf(BOTH)))
    assert found.trusted is not None
    assert len(found.trusted.certificates) == 2
    assert found.server is not None


def test_lists_are_joined_and_the_same_list_counts_once() -> None:
    other = Authority.root("other")
    found = stores(("a.pem", bundle(ROOT)), ("b.pem", bundle(other)), ("c.pem", bundle(ROOT)))
    assert found.trusted is not None
    assert found.trusted.files == ("a.pem", "b.pem")


def test_a_chain_that_was_sent_tells_a_list_of_another_time() -> None:
    issuing = ROOT.intermediate()
    own = issuing.issue(cn="exe1.example.com", sans=["exe1.example.com"])
    sent = b"CONNECTED(00000003)\nCertificate chain\n" + own.pem + bundle(issuing)
    (remark,) = stores(("s.txt", sent), ("cas.pem", bundle(ROOT))).remarks
    assert "is not in the trusted CA list" in remark
    assert stores(("s.txt", sent), ("cas.pem", bundle(ROOT, issuing))).remarks == ()
    (other,) = stores(("s.txt", sent), ("server.pem", leaf(BOTH))).remarks
    assert "is another than in server.pem" in other
