"""Whose an address is, in words."""

from certplan.addresses import kind
from certplan.judgement import Judgement
from certplan.plan.model import IPAddress, Peer
from certplan.rules.dns_answers import address_in_words
from certplan.rules.model import Case

__all__ = ["case_of", "whose"]


def case_of(judgement: Judgement) -> Case:
    """What the rules looked at."""
    return Case(judgement.plan, judgement.evidence, judgement.at, judgement.matrix)


def whose(judgement: Judgement, ip: IPAddress, of: Peer | None = None) -> str:
    """`its LAN 1`, `LAN 2 of exe2.example.com`, or what kind a stranger's address is. `of` is the peer spoken of."""
    words = address_in_words(case_of(judgement), ip, of).removeprefix(" (").removesuffix(")")
    return words or f"nobody's address: {kind(ip, judgement.plan.internal_networks).words}"
