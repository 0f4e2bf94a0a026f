"""Probes of nginx, which asks for a client certificate and says after the handshake that it has none."""

from pathlib import Path

import pytest

from certplan.evidence.tls.model import ProbeTarget, Reached
from certplan.evidence.tls.probe import Identity, probe
from tests.clusters import ISSUING, ROOT
from tests.pki import ec_key
from tests.probing.servers import nginx

pytestmark = pytest.mark.system("nginx-light")
LEAF = ISSUING.issue(cn="exe1.example.com", sans=["exe1.example.com"], key=ec_key("nginx leaf"))


def test_the_chain_as_sent(tmp_path: Path) -> None:
    with nginx(tmp_path, LEAF, ISSUING) as port:
        found = probe(ProbeTarget("127.0.0.1", port, "exe1.example.com"), 5)
    assert (found.reached, found.protocol) == (Reached.TLS, "TLSv1.2")
    assert [each.subject for each in found.sent_chain] == ["CN=exe1.example.com", "CN=certplan test issuing"]


def test_a_client_certificate_is_asked_for_and_taken(tmp_path: Path) -> None:
    client = ISSUING.issue(cn="client.example.com", sans=["client.example.com"])
    offered = Identity((client.certificate, ISSUING.certificate), client.key)
    with nginx(tmp_path, LEAF, ISSUING, trusted=[ROOT, ISSUING]) as port:
        bare, given = (probe(ProbeTarget("127.0.0.1", port), 5, each) for each in (None, offered))
    for found in (bare, given):
        assert found.reached is Reached.TLS
        assert found.client_certificate is not None
        assert found.client_certificate.asked
        assert "CN=certplan test root" in found.client_certificate.cas
        assert found.client_certificate.refusal is None
    assert given.client_certificate is not None
    assert given.client_certificate.given
