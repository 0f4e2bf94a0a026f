"""What `certplan csr new` asks for, issued as asked, against the PKIX profile of pkilint (RFC 5280)."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.issuing import signed

SUBJECT = ("--country", "DE", "--state", "Hessen", "--locality", "Bad Öx", "--organization", "Müller & Co., KG")
CA_ITS_OWN = ("authorityKeyIdentifier=keyid", "subjectKeyIdentifier=hash", "basicConstraints=critical,CA:FALSE")


@pytest.fixture(scope="module", autouse=True)
def _linter() -> None:
    if importlib.util.find_spec("pkilint") is None:
        if os.environ.get("CI"):
            pytest.fail("needs pkilint, which CI has to install", pytrace=False)
        pytest.skip("needs pkilint")


@pytest.mark.system("openssl")
@pytest.mark.parametrize(
    "options", [("--algorithm", "rsa-2048"), ("--algorithm", "ecdsa-256", *SUBJECT), ("--role", "server")]
)
def test_the_linter_finds_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    draft = expressway_e(release="X15.5")
    draft.plan["services"]["xmpp_federation"] = {
        "domains": ["bücher.example"],
        "chat_node_aliases": ["chat.example.com"],
    }
    plan = draft.write(tmp_path)
    assert certplan("csr", "new", plan, "-o", tmp_path / "out", "--peer", "1", *options).code == 0
    certificate = signed(tmp_path, tmp_path / "out" / "exe1.csr", "exe1.pem", *CA_ITS_OWN)
    done = subprocess.run(
        [sys.executable, "-m", "pkilint.bin.lint_pkix_cert", "lint", "-f", "JSON", "-s", "NOTICE", str(certificate)],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"] == []
