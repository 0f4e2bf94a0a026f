"""Faults of DNS records."""

from tests.clusters import Draft
from tests.faults.registry import Faults

__all__ = ["FAULTS"]

FAULTS = Faults()
fault = FAULTS.add


def _without(draft: Draft, view: str, start: str) -> bool:
    """Take out the records of a view that begin so; whether there were any."""
    if view not in draft.plan.get("dns", {}):
        return False
    records = draft.records(view)
    kept = [record for record in records if not record.startswith(start)]
    records[:], before = kept, len(records)
    return len(kept) < before


def _name(draft: Draft, number: int) -> str:
    return f"{'exe' if draft.plan['cluster']['type'] == 'expressway-e' else 'exc'}{number}."


@fault
def no_public_record(draft: Draft, number: int) -> None:
    _without(draft, "public", _name(draft, number))


@fault
def no_internal_record(draft: Draft, number: int) -> None:
    _without(draft, "internal", _name(draft, number))


@fault
def private_in_public(draft: Draft, number: int) -> None:
    if _without(draft, "public", _name(draft, number)):
        draft.records("public").append(f"exe{number}.example.com. A 10.20.0.1{number}")


@fault
def stranger_in_public(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        draft.records("public").append(f"exe{number}.example.com. A 198.51.100.{number}")


@fault
def two_inside(draft: Draft, number: int) -> None:
    host = str(draft.peer(number).get("fqdn", "exe1.example.com"))
    draft.records("internal").append(f"{host}. A 10.99.0.{number}")


@fault
def no_way_back(draft: Draft, number: int) -> None:
    _without(draft, "internal", f"1{number}.")


@fault
def no_public_way_back(draft: Draft, number: int) -> None:
    _without(draft, "public", f"1{number}.113.")


@fault
def another_way_back(draft: Draft, number: int) -> None:
    zone = "0.20.10" if draft.plan["cluster"]["type"] == "expressway-e" else "0.30.10"
    draft.records("internal").append(f"1{number}.{zone}.in-addr.arpa. PTR old{number}.example.com.")


@fault
def no_edge_target(draft: Draft, number: int) -> None:
    _without(draft, "public", f"_collab-edge._tls.example.com. SRV 10 10 8443 exe{number}")


@fault
def odd_edge_target(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        draft.records("public").append(f"_collab-edge._tls.example.com. SRV 20 10 443 gone{number}.example.com.")


@fault
def edge_in_reserve(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        start = f"_collab-edge._tls.example.com. SRV 10 10 8443 exe{number}"
        records = [
            record.replace("10 10 8443", "20 10 8443") if record.startswith(start) else record
            for record in draft.records("public")
        ]
        draft.records("public")[:] = records


@fault
def no_edge_record(draft: Draft, number: int) -> None:
    _without(draft, "public", "_collab-edge")


@fault
def alias_abroad(draft: Draft, number: int) -> None:
    if _without(draft, "public", _name(draft, number)):
        target = f"host{number}.example.net."
        draft.records("public").extend([f"exe{number}.example.com. CNAME {target}", f"{target} A 203.0.113.1{number}"])


@fault
def circle_of_aliases(draft: Draft, number: int) -> None:
    if _without(draft, "public", _name(draft, number)):
        one, other = f"exe{number}.example.com.", f"round{number}.example.com."
        draft.records("public").extend([f"{one} CNAME {other}", f"{other} CNAME {one}"])


@fault
def jabber_inside(draft: Draft, number: int) -> None:
    if "public" in draft.plan["dns"]:
        draft.records("public").append("_cisco-uds._tcp.example.com. SRV 10 10 8443 cucm1.example.com.")


@fault
def line_that_cannot_be_read(draft: Draft, number: int) -> None:
    draft.records("internal").append(f"host{number}.example.com. A 10.20.0")


@fault
def asks_inside(draft: Draft, number: int) -> None:
    draft.peer(number)["dns"] = "internal"
