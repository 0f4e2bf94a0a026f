"""Whose an address is, in words."""

from certplan.judgement import Judgement
from certplan.plan.model import IPAddress, Peer
from certplan.rules.support import dns_answers
from certplan.text.addresses import kind

__all__ = ["address_owner"]


def address_owner(judgement: Judgement, ip: IPAddress, of: Peer | None = None) -> str:
    """`its LAN 1`, `LAN 2 of exe2.example.com`, or what kind an unknown address is. `of` is the peer spoken of."""
    unknown = f"unknown address: {kind(ip, judgement.plan.internal_networks).words}"
    return dns_answers.address_owner(judgement.case, ip, of) or unknown
