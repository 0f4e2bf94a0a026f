"""Other ways to build the perfect Expressway-E cluster, for the goldens on interfaces, mapping and the cluster."""

from typing import Any

from tests.clusters import Draft, expressway_e
from tests.pki import rsa_key

__all__ = ["host_of", "inside_view", "on_ips", "routable", "rsa_keys", "single_nic", "translated", "unmapped"]


def host_of(peer: dict[str, Any], lan: str = "lan1") -> str:
    """The IP address of a LAN port, without its mask."""
    return str(peer[lan]["ip"]).partition("/")[0]


def unmapped(draft: Draft) -> Draft:
    """Cluster address mapping Off."""
    del draft.plan["cluster"]["address_mapping"]
    return draft


def on_ips(draft: Draft, *numbers: int) -> Draft:
    """`Peer N address` as the LAN 1 address: of these peers, or of all."""
    for number in numbers or range(1, len(draft.plan["peers"]) + 1):
        draft.peer(number)["address"] = host_of(draft.peer(number))
    return draft


def single_nic(draft: Draft) -> Draft:
    """LAN 1 alone, as it is."""
    for peer in draft.plan["peers"]:
        del peer["lan2"], peer["external_lan"]
    return draft


def translated(draft: Draft) -> Draft:
    """LAN 1 alone, with the static NAT address that LAN 2 had, which inside DNS gives to Expressway-C, too."""
    for peer in draft.plan["peers"]:
        peer["lan1"]["static_nat"] = peer["lan2"]["static_nat"]
    return single_nic(_one_side(draft))


def routable(count: int = 3) -> Draft:
    """One NIC each on a public address, which public DNS has for the peers; no mapping."""
    draft = expressway_e(count)
    for peer in draft.plan["peers"]:
        peer["lan1"]["ip"] = f"{peer['lan2']['static_nat']}/24"
    return unmapped(single_nic(_one_side(draft)))


def _one_side(draft: Draft) -> Draft:
    """Inside DNS gives the same addresses as public DNS."""
    draft.plan["dns"]["internal"]["records"] += [
        record for record in draft.records("public") if record.startswith("exe") or " PTR " in record
    ]
    draft.plan["dns"]["internal"]["records"] = [
        record for record in draft.records("internal") if " A 10.20." not in record
    ]
    return draft


def rsa_keys(draft: Draft) -> Draft:
    """Certificates with RSA keys, as releases before X14.3 need them."""
    for number in range(1, len(draft.plan["peers"]) + 1):
        draft.reissue(number, key=rsa_key(2048, number))
    return draft


def inside_view(draft: Draft) -> Draft:
    """The peers' own DNS servers give the inside addresses."""
    for peer in draft.plan["peers"]:
        peer["dns"] = "internal"
    return draft
