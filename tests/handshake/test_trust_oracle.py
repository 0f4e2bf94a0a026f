"""The trust step against `openssl verify`, given the same stores, intermediates and time.

root ── issuing ── leaf 1          namesake: another root of the same name, with another key
  ├─── limited (pathlen 0) ── below ── leaf 3        bare: a root without basicConstraints ── leaf 4
  └─── expired (until 2026-03) ── leaf 2              leaf 5: self-signed
"""

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from certplan.evidence.model import Certificate
from certplan.evidence.pki.certificates import parse_certificate
from certplan.handshake.model import StepName
from certplan.handshake.simulate import simulate
from certplan.handshake.trust import ChainVerifier, TrustIndex
from certplan.outcomes import Outcome
from tests.clusters import ISSUING, ROOT, expressway_e
from tests.pki import AT, LEAF_UNTIL, Authority, Leaf, bundle, ec_key, self_signed

pytestmark = pytest.mark.system("openssl")

NAMESAKE = Authority.root(key=ec_key("oracle namesake"))
BARE = Authority.root("bare root", key=ec_key("oracle bare"), basic_constraints=False, key_usage=None)
LIMITED = ROOT.intermediate("limited", key=ec_key("oracle limited"), path_length=0)
BELOW = LIMITED.intermediate("below limited", key=ec_key("oracle below"))
EXPIRED = ROOT.intermediate("expired", key=ec_key("oracle lapsed"), not_after=datetime(2026, 3, 1, tzinfo=UTC))
FUTURE = ROOT.intermediate("to come", key=ec_key("oracle future"), not_before=datetime(2026, 9, 1, tzinfo=UTC))
AUTHORITIES = (ROOT, ISSUING, NAMESAKE, BARE, LIMITED, BELOW, EXPIRED, FUTURE)

ISSUED = [(issuer, aki) for issuer in AUTHORITIES for aki in (True, False) if aki or issuer is not ROOT]
LEAVES = (
    *(
        issuer.issue("exe1.example.com", ["exe1.example.com"], key=ec_key(f"oracle leaf {number}"), aki=aki)
        for number, (issuer, aki) in enumerate(ISSUED)
    ),
    self_signed("exe1.example.com", ["exe1.example.com"], key=ec_key("oracle self")),
)

SECOND = timedelta(seconds=1)
LEAF = ISSUING.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("oracle end"))
MOMENTS = [AT + timedelta(days=days) for days in (-400, -120, -1, 0, 100, 250)]


def openssl_verify(folder: Path, leaf: bytes, trusted: bytes, sent: bytes, at: datetime) -> bool:
    """What the openssl program says of a certificate."""
    for name, contents in (("leaf.pem", leaf), ("trusted.pem", trusted), ("sent.pem", sent)):
        (folder / name).write_bytes(contents)
    arguments = ["-no-CApath", "-no-CAstore", "-attime", str(int(at.timestamp()))]
    arguments += ["-CAfile", "trusted.pem"] if trusted else ["-no-CAfile"]
    arguments += ["-untrusted", "sent.pem"] if sent else []
    done = subprocess.run(["openssl", "verify", *arguments, "leaf.pem"], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


def sent_by(leaf: Certificate, own: Sequence[Authority]) -> bytes:
    """The intermediates that a peer with the trusted CA list `own` sends along, found without certplan's index."""
    found: list[Authority] = []
    wanted = [leaf.issuer_der]
    while wanted:
        issuer = wanted.pop()
        for ca in own:
            facts = parse_certificate(ca.der)
            if facts.subject_der == issuer and not facts.self_signed and ca not in found:
                found.append(ca)
                wanted.append(facts.issuer_der)
    return bundle(*found)


LISTS = st.lists(st.sampled_from(AUTHORITIES), max_size=len(AUTHORITIES), unique_by=id)


@given(leaf=st.sampled_from(LEAVES), trusted=LISTS, own=LISTS, at=st.sampled_from(MOMENTS))
@settings(max_examples=400)
def test_one_chain_is_judged_as_openssl_verify_judges_it(
    leaf: Leaf, trusted: list[Authority], own: list[Authority], at: datetime
) -> None:
    facts = parse_certificate(leaf.der)

    def index(authorities: list[Authority]) -> TrustIndex:
        return TrustIndex(parse_certificate(authority.der) for authority in authorities)

    if ROOT in trusted and NAMESAKE in trusted:
        # Two roots of one name: which one OpenSSL takes without key identifiers hangs on how a release sorts its store.
        trusted.remove(NAMESAKE)
    chain = ChainVerifier().chain(facts, index(trusted), index(own), at)
    with TemporaryDirectory() as folder:
        verified = openssl_verify(Path(folder), leaf.pem, bundle(*trusted), sent_by(facts, own), at)
    event(f"openssl verify: {'ok' if verified else 'refused'}")
    assert chain.trusted is verified
    assert chain.trusted is (chain.cause is None)
    assert chain.holds_until is None or chain.holds_until > at


@given(
    leaf=st.sampled_from(LEAVES),
    trusted=LISTS,
    own=LISTS,
    moments=st.lists(st.sampled_from([*MOMENTS, LEAF_UNTIL, LEAF_UNTIL + SECOND]), min_size=2, max_size=3),
)
@settings(max_examples=400)
def test_an_answer_is_the_same_whatever_was_asked_before(
    leaf: Leaf, trusted: list[Authority], own: list[Authority], moments: list[datetime]
) -> None:
    facts = parse_certificate(leaf.der)
    verifier, presenter = (TrustIndex(parse_certificate(ca.der) for ca in each) for each in (trusted, own))
    chain_verifier = ChainVerifier()
    chains = [chain_verifier.chain(facts, verifier, presenter, at) for at in moments]
    assert chains == [ChainVerifier().chain(facts, verifier, presenter, at) for at in moments]


def test_a_leaf_that_has_expired_under_a_good_chain_is_told_as_openssl_tells_it() -> None:
    facts, lists = parse_certificate(LEAF.der), TrustIndex(parse_certificate(ca.der) for ca in (ROOT, ISSUING))
    chain_verifier = ChainVerifier()
    assert chain_verifier.chain(facts, lists, lists, AT).trusted
    after = LEAF_UNTIL + SECOND
    chain = chain_verifier.chain(facts, lists, lists, after)
    assert not chain.trusted
    assert chain == ChainVerifier().chain(facts, lists, lists, after)


@given(
    issuers=st.lists(st.sampled_from(AUTHORITIES), min_size=3, max_size=3),
    lists=st.lists(LISTS.filter(lambda list_: not (ROOT in list_ and NAMESAKE in list_)), min_size=3, max_size=3),
    at=st.sampled_from(MOMENTS),
)
@settings(max_examples=25)
def test_every_pair_of_a_generated_cluster_agrees_with_openssl_verify(
    issuers: list[Authority], lists: list[list[Authority]], at: datetime
) -> None:
    draft = expressway_e(3)
    leaves = [draft.reissue(number, issuer=issuer) for number, issuer in enumerate(issuers, 1)]
    for number, trusted in enumerate(lists, 1):
        draft.trust(number, *(trusted or [BARE]))
    held = [trusted or [BARE] for trusted in lists]
    with TemporaryDirectory() as folder:
        judgement = draft.judge(Path(folder), at)
        matrix = simulate(judgement.plan, judgement.evidence, at)
        for handshake in matrix.handshakes:
            verifier, presenter = handshake.verifier.number - 1, handshake.presenter.number - 1
            leaf = leaves[presenter]
            sent = sent_by(parse_certificate(leaf.der), held[presenter])
            verified = openssl_verify(Path(folder), leaf.pem, bundle(*held[verifier]), sent, at)
            (trust,) = (step for step in handshake.steps if step.name is StepName.TRUST)
            assert (trust.outcome is Outcome.PASS) is verified, trust.reason


def test_the_answer_of_a_moment_holds_until_the_moment_it_names() -> None:
    """Asked in steps through time, no answer changes before its own `holds_until`."""
    facts, expired = parse_certificate(LEAVES[-2].der), parse_certificate(EXPIRED.der)
    leaf = parse_certificate(EXPIRED.issue("exe1.example.com", ["exe1.example.com"], key=ec_key("oracle holds")).der)
    trusted = TrustIndex([parse_certificate(ROOT.der), expired])
    for subject in (facts, leaf):
        at = AT - timedelta(days=400)
        chain = ChainVerifier().chain(subject, trusted, None, at)
        for hours in range(0, 24 * 900, 24 * 7):
            moment = at + timedelta(hours=hours)
            again = ChainVerifier().chain(subject, trusted, None, moment)
            if chain.holds_until is None or moment < chain.holds_until:
                assert (again.trusted, again.cause) == (chain.trusted, chain.cause)
            else:
                chain = again


@pytest.mark.parametrize("roots", [(ROOT, NAMESAKE), (NAMESAKE, ROOT)], ids=["its own first", "its namesake first"])
def test_an_answer_that_namesakes_are_weighed_for_ends_with_the_leaf(roots: tuple[Authority, ...]) -> None:
    facts = parse_certificate(LEAF.der)
    trusted = TrustIndex(parse_certificate(ca.der) for ca in (*roots, ISSUING))
    before, after = (ChainVerifier().chain(facts, trusted, trusted, at) for at in (AT, LEAF_UNTIL + SECOND))
    assert before.holds_until == LEAF_UNTIL + SECOND
    assert (after.trusted, after.holds_until) == (False, None)
