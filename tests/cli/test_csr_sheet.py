"""`certplan csr sheet`: what is typed on the appliance, or given to `openssl req`, gives the names of `csr new`."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certplan.csr.model import Choices
from certplan.csr.names import order_requests
from certplan.csr.sheet import ALL_NAMES, CN_CLUSTER, Page, sheet
from certplan.csr.words import CnStyle, NameStyle, StoreChoice
from certplan.intent.cluster import Intent
from certplan.plan.model import Plan
from certplan.plan.reading import read_plan
from tests.cli.program import certplan
from tests.cli.test_csr_new import read
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, ec_key, key_pem, openssl

SERVICES = {
    "mra": {"domains": ["example.com", "a.example.net"], "san_format": "collab-edge"},
    "xmpp_federation": {"domains": ["im.example.com"], "chat_node_aliases": ["chat1.example.com"]},
    "phone_security_profiles": ["secure.example.com"],
    "cms_web_proxy": ["join.example.com"],
}


def plan_of(draft: Draft, **changes: Any) -> Plan:
    import json

    return read_plan(json.dumps(draft.plan | changes, indent=1), "plan.yaml", Path())


def as_the_page_makes_them(plan: Plan, page: Page) -> list[str]:
    """The names that the appliance's page makes of what is typed: the CN, the choice, and each field in its format."""

    def typed(field: str) -> list[str]:
        return [name for name in page.value(field).split(",") if name]

    peer = page.request.peer
    peers = [f"{each.host_name}.{each.domain}" for each in plan.peers]
    names = [plan.cluster.name if page.value("Common name") == CN_CLUSTER else peers[peer.number - 1]]
    names += [plan.cluster.name, *peers] if page.value("Subject alternative names") == ALL_NAMES else []
    names += typed("Additional alternative names (comma separated)")
    edge = next((entry.note for entry in page.entries if entry.field == "Unified CM registrations domains"), "")
    prefix = "collab-edge." if edge == "Format: CollabEdgeDNS" else ""
    names += [prefix + domain for domain in typed("Unified CM registrations domains")]
    names += typed("XMPP federation domains")
    names += typed("IM and Presence chat node aliases (federated group chat)")
    return names + typed("Unified CM phone security profile names")


@given(
    st.sampled_from([expressway_e(), expressway_c(), expressway_e(1)]),
    st.sampled_from([None, *CnStyle]),
    st.sampled_from(list(NameStyle)),
    st.sampled_from(["dns", "collab-edge"]),
    st.lists(st.sampled_from(["extra.example.com", "exe1.example.com", "example.com"]), max_size=3),
)
def test_what_is_typed_gives_the_names_of_csr_new(
    draft: Draft, cn: CnStyle | None, names: NameStyle, san_format: str, extra: list[str]
) -> None:
    mra = {"domains": ["example.com", "a.example.net"], "san_format": san_format}
    plan = plan_of(draft, services=SERVICES | {"mra": mra})
    order = order_requests(Intent.unseen(plan, AT), plan.peers, Choices(cn=cn, names=names, sans=tuple(extra)))
    assert order.problems == ()
    for request in order.requests:
        made = as_the_page_makes_them(plan, sheet(plan, request))
        assert made[0] == request.cn
        assert set(made) == set(request.sans)


def test_no_name_is_typed_twice() -> None:
    plan = plan_of(expressway_e(), services=SERVICES)
    for request in order_requests(Intent.unseen(plan, AT), plan.peers, Choices()).requests:
        made = as_the_page_makes_them(plan, sheet(plan, request))
        assert len(made) == len(set(made))


def test_the_client_page_of_x15_5_wants_names_with_dns_before_them() -> None:
    plan = plan_of(expressway_c(release="X15.5"))
    requests = order_requests(Intent.unseen(plan, AT), plan.peers, Choices(store=StoreChoice.CLIENT)).requests
    page = sheet(plan, requests[0])
    assert "Client certificate" in page.where
    assert page.value("Subject alternative names") == "DNS:excl.corp.example.com,DNS:exc1.corp.example.com"


def test_an_fqdn_that_is_not_the_hosts_own_is_remarked() -> None:
    draft = expressway_e()
    draft.peer(1)["fqdn"] = "other.example.com"
    plan = plan_of(draft)
    page = sheet(plan, order_requests(Intent.unseen(plan, AT), plan.peers, Choices()).requests[0])
    assert any("exe1.example.com" in remark for remark in page.remarks)


@pytest.mark.system("openssl")
@pytest.mark.parametrize("algorithm", ["rsa-2048", "ecdsa-256"])
def test_openssl_makes_the_same_request_from_the_configuration(tmp_path: Path, algorithm: str) -> None:
    draft = expressway_e()
    draft.plan["services"] = SERVICES
    plan = draft.write(tmp_path)
    odd = 'Ex $HOME "quoted" #1 \\n Ltda. ção'
    more = (
        "--peer",
        "1",
        "--country",
        "pt",
        "--organization",
        odd,
        "--email",
        "a@example.com",
        "--algorithm",
        algorithm,
    )
    written = certplan("csr", "sheet", plan, *more, "--format", "openssl", "-o", tmp_path / "exe1.cnf")
    assert written.code == 0, written.err
    (tmp_path / "k.pem").write_bytes(key_pem(ec_key("sheet")))
    openssl("req", "-new", "-config", "exe1.cnf", "-key", "k.pem", "-out", "theirs.csr", cwd=tmp_path)
    assert certplan("csr", "new", plan, "-o", tmp_path / "out", *more).code == 0
    ours, theirs = read(tmp_path / "out" / "exe1.csr"), read(tmp_path / "theirs.csr")
    assert theirs.signature_valid
    for fact in ("subject", "common_names", "sans", "eku", "key_usage", "signature_hash"):
        assert getattr(ours, fact) == getattr(theirs, fact), fact


class TestCommand:
    @pytest.mark.parametrize("form", ["text", "markdown", "json"])
    def test_every_peer_has_its_page(self, tmp_path: Path, form: str) -> None:
        run = certplan("csr", "sheet", expressway_e().write(tmp_path), "--format", form)
        assert run.code == 0
        assert run.out.count("Generate CSR") == 3
        assert run.err == ""
        if form == "json":
            assert run.json["pages"][1]["sans"] == ["expe.example.com", "exe2.example.com", "example.com"]

    def test_a_subject_is_no_markup(self, tmp_path: Path) -> None:
        plan = expressway_e(1).write(tmp_path)
        run = certplan("csr", "sheet", plan, "--format", "markdown", "--organization", "a|<b>[x](y)")
        assert "a\\|\\<b\\>\\[x\\](y)" in run.out

    def test_problems_are_those_of_csr_new(self, tmp_path: Path) -> None:
        plan = expressway_e().write(tmp_path)
        run = certplan("csr", "sheet", plan, "--san", "*.example.com", "--country", "x")
        assert run.code == 2
        assert len(run.err.splitlines()) == 2

    def test_a_configuration_is_for_one_request(self, tmp_path: Path) -> None:
        run = certplan("csr", "sheet", expressway_e().write(tmp_path), "--format", "openssl")
        assert run.code == 2
        assert "--peer" in run.err
