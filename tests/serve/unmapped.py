"""A plan with one change to make, and what `certplan check` says of it."""

from pathlib import Path

from tests.cli.program import certplan
from tests.clusters import ISSUING, ROOT
from tests.pki import AT, bundle, ec_key

__all__ = ["judged", "unmapped"]

PLAN = """\
# Our cluster.
certplan: 1
cluster: {{name: expe.example.com, type: expressway-e, release: X14.3.4}}   # at the data center
peers:
  - {{address: exe1.example.com, lan1: 10.20.0.11/24, lan2: {{ip: 192.168.50.11/24, static_nat: 203.0.113.11}}, {one}}}
  - {{address: exe2.example.com, lan1: 10.20.0.12/24, lan2: {{ip: 192.168.50.12/24, static_nat: 203.0.113.12}}, {two}}}
dns:
  public: {{records: [exe1.example.com. A 203.0.113.11, exe2.example.com. A 203.0.113.12]}}
"""


def unmapped(folder: Path) -> Path:
    """Two peers with two interfaces, whose mapping is Off: not ready, and one change away from it."""
    fields = []
    folder.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        host = f"exe{number}"
        leaf = ISSUING.issue(cn=host, sans=["expe.example.com", f"{host}.example.com"], key=ec_key(f"{host} serve"))
        (folder / f"{host}.pem").write_bytes(leaf.pem)
        fields.append(f"external_lan: lan2, server_certificate: {host}.pem, trusted_cas: [cas.pem], crls: []")
    (folder / "cas.pem").write_bytes(bundle(ISSUING, ROOT))
    plan = folder / "plan.yaml"
    plan.write_text(PLAN.format(one=fields[0], two=fields[1]), encoding="utf-8")
    return plan


def judged(plan: Path) -> tuple[str, str | None]:
    """What `certplan check` says of today and of the target."""
    found = certplan("check", plan, "--at", AT.isoformat(), "--no-dns", "--format", "json").json["plans"][0]
    return found["verdict"], found["target"] and found["target"]["verdict"]
