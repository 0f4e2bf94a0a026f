"""Probes of real TLS servers on loopback: every fault made for real, refusals by both TLS versions."""

import json
import socket
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from certplan.evidence.tls.model import Probe, ProbeTarget, Reached
from certplan.evidence.tls.probe import Identity, probe, probe_all
from tests.cli.program import certplan
from tests.clusters import ISSUING, ROOT, Draft, expressway_c
from tests.pki import AT, Authority, ec_key
from tests.probing.servers import free_port, raw_port, tls_server

pytestmark = pytest.mark.system("openssl")

OTHER = Authority.root(cn="other root", key=ec_key("other root"))
LEAF = ISSUING.issue(cn="exe1.example.com", sans=["exe1.example.com"], key=ec_key("probe leaf"))
TIMEOUT = 5.0


def identity(issuer: Authority, **changes: object) -> Identity:
    leaf = issuer.issue(cn="client.example.com", sans=["client.example.com"], **changes)  # type: ignore[arg-type]
    return Identity((leaf.certificate, *(() if issuer is OTHER else (issuer.certificate,))), leaf.key)


def ask(port: int, offered: Identity | None = None, timeout: float = TIMEOUT) -> Probe:
    return probe(ProbeTarget("127.0.0.1", port, "exe1.example.com"), timeout, offered)


@pytest.mark.parametrize(("option", "protocol"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_the_chain_comes_as_it_is_sent(tmp_path: Path, option: str, protocol: str) -> None:
    with tls_server(tmp_path, LEAF, ISSUING, options=[option]) as port:
        found = ask(port)
    assert (found.reached, found.protocol) == (Reached.TLS, protocol)
    assert [each.subject for each in found.sent_chain] == ["CN=exe1.example.com", "CN=certplan test issuing"]
    assert found.client_certificate is not None
    assert not found.client_certificate.asked
    assert found.from_address == "127.0.0.1"


def test_a_missing_intermediate_is_seen_to_be_missing(tmp_path: Path) -> None:
    with tls_server(tmp_path, LEAF) as port:
        assert [each.subject for each in ask(port).sent_chain] == ["CN=exe1.example.com"]


class TestClientCertificates:
    @pytest.mark.parametrize(("option", "alert"), [("-tls1_2", 40), ("-tls1_3", 116)])
    def test_none_given_where_one_is_required(self, tmp_path: Path, option: str, alert: int) -> None:
        options = ["-Verify", "3", "-verify_return_error", option]
        with tls_server(tmp_path, LEAF, trusted=[ROOT], options=options) as port:
            client = ask(port).client_certificate
        assert client is not None
        assert (client.asked, client.given, client.cas) == (True, False, ("CN=certplan test root",))
        assert client.refusal is not None
        assert client.refusal.number == alert

    @pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
    @pytest.mark.parametrize(
        ("offered", "alert"),
        [
            (identity(OTHER), 48),
            (identity(ISSUING, not_after=AT - timedelta(days=900), not_before=AT - timedelta(days=1000)), 45),
            (identity(ISSUING, eku=["serverAuth"]), 43),
        ],
        ids=["unknown CA", "expired", "no clientAuth"],
    )
    def test_how_one_is_refused(self, tmp_path: Path, option: str, offered: Identity, alert: int) -> None:
        options = ["-Verify", "3", "-verify_return_error", option]
        with tls_server(tmp_path, LEAF, ISSUING, trusted=[ROOT], options=options) as port:
            found = ask(port, offered)
        assert found.client_certificate is not None
        assert found.client_certificate.given
        assert found.client_certificate.refusal is not None
        assert found.client_certificate.refusal.number == alert
        assert found.reached is Reached.ALERT
        assert len(found.sent_chain) == 2

    @pytest.mark.parametrize("option", ["-tls1_2", "-tls1_3"])
    def test_one_that_is_accepted(self, tmp_path: Path, option: str) -> None:
        options = ["-Verify", "3", "-verify_return_error", option]
        with tls_server(tmp_path, LEAF, trusted=[ROOT], options=options) as port:
            found = ask(port, identity(ISSUING))
        assert found.reached is Reached.TLS
        assert found.client_certificate is not None
        assert (found.client_certificate.given, found.client_certificate.refusal) == (True, None)


class TestPortsThatAreNoTls:
    def test_closed(self) -> None:
        assert ask(free_port()).reached is Reached.CLOSED

    def test_silent(self) -> None:
        started = monotonic()
        with raw_port(lambda _: None) as port:
            assert ask(port, timeout=0.5).reached is Reached.SILENT
        assert monotonic() - started < 5

    def test_plain_text(self) -> None:
        with raw_port(lambda sock: sock.sendall(b"220 mail.example.com ESMTP ready\r\n")) as port:
            assert ask(port).reached is Reached.PLAIN_TEXT

    def test_cut_after_client_hello(self) -> None:
        def cut(sock: socket.socket) -> None:
            sock.recv(4096)
            sock.close()

        with raw_port(cut) as port:
            assert ask(port).reached is Reached.CUT


def test_many_ports_take_no_longer_than_the_slowest() -> None:
    with raw_port(lambda _: None) as port:
        started = monotonic()
        found = probe_all([ProbeTarget("127.0.0.1", port)] * 16, 0.5)
        assert monotonic() - started < 5
    assert {each.reached for each in found} == {Reached.SILENT}


class TestWithAPlan:
    def draft(self) -> Draft:
        draft = expressway_c(1)
        draft.peer(1)["lan1"] = {"ip": "127.0.0.1/8"}
        return draft

    def run(self, folder: Path, draft: Draft, *ports: int) -> tuple[int, list[dict[str, object]]]:
        plan = draft.write(folder / "plan")
        options = [str(each) for port in ports for each in ("--port", port)]
        run = certplan("probe", plan, *options, "--at", "2026-06-01", "--format", "json")
        targets: list[dict[str, object]] = json.loads(run.out)["targets"]
        return run.code, targets

    def test_as_planned_is_ok(self, tmp_path: Path) -> None:
        draft = self.draft()
        leaf = draft.reissue(1)
        with tls_server(tmp_path, leaf, ISSUING) as port:
            code, (target,) = self.run(tmp_path, draft, port)
        assert (code, target["outcome"], target["differences"]) == (0, "ok", [])
        assert (target["peer"], target["server_name"]) == ("exc1.corp.example.com",) * 2

    def test_valid_issuers_beyond_what_is_needed_are_no_difference(self, tmp_path: Path) -> None:
        draft = self.draft()
        with tls_server(tmp_path, draft.reissue(1), ISSUING, ROOT, OTHER) as port:
            code, (target,) = self.run(tmp_path, draft, port)
        assert (code, target["outcome"]) == (0, "ok")

    def test_another_certificate_than_the_file(self, tmp_path: Path) -> None:
        draft = self.draft()
        with tls_server(tmp_path, LEAF, ISSUING) as port:
            code, (target,) = self.run(tmp_path, draft, port)
        assert (code, target["outcome"]) == (1, "differs")
        assert [each["what"] for each in target["differences"]] == ["certificate"]  # type: ignore[attr-defined]

    def test_a_port_that_departs_from_its_file_while_another_follows_it(self, tmp_path: Path) -> None:
        draft = self.draft()
        leaf = draft.reissue(1)
        with tls_server(tmp_path, leaf, ISSUING) as good, tls_server(tmp_path, LEAF, ISSUING) as late:
            code, targets = self.run(tmp_path, draft, good, late)
        assert code == 1
        assert [each["outcome"] for each in targets] == ["ok", "differs"]
        assert "restart may be pending" in json.dumps(targets[1])

    def test_a_chain_that_a_peer_would_not_accept(self, tmp_path: Path) -> None:
        draft = self.draft()
        draft.trust(1, ROOT)
        with tls_server(tmp_path, draft.reissue(1)) as port:
            _, (target,) = self.run(tmp_path, draft, port)
        assert [each["what"] for each in target["differences"]] == ["trust of exc1.corp.example.com"]  # type: ignore[attr-defined]

    def test_an_intermediate_that_the_peers_list_has_and_that_is_not_sent(self, tmp_path: Path) -> None:
        draft = self.draft()
        with tls_server(tmp_path, draft.reissue(1)) as port:
            _, (target,) = self.run(tmp_path, draft, port)
        assert [each["what"] for each in target["differences"]] == ["chain as sent"]  # type: ignore[attr-defined]

    def test_an_expired_one(self, tmp_path: Path) -> None:
        draft = self.draft()
        leaf = draft.reissue(1, not_before=AT - timedelta(days=90), not_after=AT - timedelta(days=1))
        with tls_server(tmp_path, leaf, ISSUING) as port:
            _, (target,) = self.run(tmp_path, draft, port)
        assert any("validity" in each["what"] for each in target["differences"])  # type: ignore[attr-defined]

    def test_the_page_says_from_where_it_asked(self, tmp_path: Path) -> None:
        with tls_server(tmp_path, LEAF, ISSUING) as port:
            run = certplan("probe", f"127.0.0.1:{port}")
        assert run.code == 0
        assert "Asked from 127.0.0.1" in run.out


class TestUsage:
    def test_half_an_identity_is_2(self) -> None:
        assert certplan("probe", "127.0.0.1:1", "--certificate", "x.pem").code == 2

    def test_files_that_do_not_belong_together_are_2(self, tmp_path: Path) -> None:
        (tmp_path / "c.pem").write_bytes(LEAF.pem)
        (tmp_path / "k.pem").write_bytes(ISSUING.issue(cn="x", sans=["x"]).key_pem)
        run = certplan("probe", "127.0.0.1:1", "--certificate", tmp_path / "c.pem", "--key", tmp_path / "k.pem")
        assert run.code == 2
        assert "does not belong" in run.err

    def test_an_unreachable_port_is_1(self) -> None:
        run = certplan("probe", f"127.0.0.1:{free_port()}", "--format", "json")
        assert run.code == 1
        assert [each["outcome"] for each in json.loads(run.out)["targets"]] == ["unreachable"]
