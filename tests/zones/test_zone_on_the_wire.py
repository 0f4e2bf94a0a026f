"""The zone's matrix against real mutual TLS in memory, between every Expressway-C and every Expressway-E peer."""

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from certplan.handshake.model import Handshake, StepName
from certplan.outcomes import Outcome
from tests.clusters import ISSUING, ROOT, Draft
from tests.handshake.wire import Endpoint, meet
from tests.pki import AT, Authority, Leaf, ec_key
from tests.zones.pairs import pair

FOREIGN = Authority.root(cn="foreign root", key=ec_key("foreign root"))
FOREIGN_ISSUING = FOREIGN.intermediate(cn="foreign issuing", key=ec_key("foreign issuing"))
LISTS: Sequence[tuple[Authority, ...]] = (
    (ROOT, ISSUING),
    (ROOT,),
    (FOREIGN, FOREIGN_ISSUING),
    (ROOT, ISSUING, FOREIGN, FOREIGN_ISSUING),
    (FOREIGN, ROOT, ISSUING),
    (ISSUING,),
)
USAGES = (["serverAuth", "clientAuth"], ["serverAuth"], ["clientAuth"], None)
DATES: Sequence[dict[str, Any]] = (
    {},
    {},
    {"not_before": AT - timedelta(days=90), "not_after": AT - timedelta(days=1)},
    {"not_before": AT + timedelta(days=1)},
)
CERTIFICATE_STEPS = frozenset({StepName.TRUST, StepName.ROLE, StepName.DATES})


def _disturbed(draft: Draft, chance: random.Random) -> list[Endpoint]:
    """Give every peer of a cluster a list, a role, an issuer and dates by chance."""
    endpoints = []
    for number in range(1, len(draft.plan["peers"]) + 1):
        issuer = chance.choice((ISSUING, ISSUING, FOREIGN_ISSUING))
        leaf: Leaf = draft.reissue(number, issuer=issuer, eku=chance.choice(USAGES), **chance.choice(DATES))
        trusted = chance.choice(LISTS)
        draft.trust(number, *trusted)
        endpoints.append(Endpoint(leaf, trusted))
    return endpoints


def _judged(handshake: Handshake) -> Outcome:
    failed = [step for step in handshake.steps if step.name in CERTIFICATE_STEPS and step.outcome is not Outcome.PASS]
    return Outcome.FAIL if failed else Outcome.PASS


def _only_stricter(handshake: Handshake) -> bool:
    """Whether nothing but the role fails: the vendor asks for usages that TLS itself does not look at."""
    failed = {step.name for step in handshake.steps if step.name in CERTIFICATE_STEPS and step.outcome is Outcome.FAIL}
    return failed == {StepName.ROLE}


@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")
@pytest.mark.parametrize("seed", range(40))
def test_the_zone_agrees_with_real_tls(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - variety, not secrecy
    both = pair(2, 2, release=chance.choice(("X14.3.4", "X15.4")))
    clients, servers = _disturbed(both.c, chance), _disturbed(both.e, chance)
    handshakes = both.zone(tmp_path).view.matrix.handshakes
    compared = 0
    for position, client in enumerate(clients):
        for place, server in enumerate(servers):
            by_client, by_server = meet(client, server, AT)
            one = handshakes[position * len(servers) + place]
            other = handshakes[len(handshakes) // 2 + position * len(servers) + place]
            assert (one.verifier.number, one.presenter.number) == (position + 1, len(clients) + place + 1)
            assert (other.verifier.number, other.presenter.number) == (len(clients) + place + 1, position + 1)
            for handshake, error in ((one, by_client), (other, by_server)):
                accepted = _judged(handshake) is Outcome.PASS
                assert accepted == (error == 0) or (error == 0 and _only_stricter(handshake)), (handshake, error)
                compared += 1
    assert compared == 8
