"""Proposals carried out: real certificates from the CAs' own keys, the lists really changed, and judged again.

The clusters are wilder than one meets: CAs with name constraints and path lengths, limited to one role, expired, made
anew under the same name; lists that miss any of them, in any order; two stores; a public CA that issues no clientAuth
any more.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from certplan.outcomes import Verdict
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue, RemoveCa
from certplan.proposal.propose import propose
from tests.clusters import Draft, expressway_c, expressway_e
from tests.pki import AT, CA_FROM, Authority, ec_key, name
from tests.proposal.proposing import done, seen

YESTERDAY = AT - timedelta(days=1)


def constrained(domain: str) -> list[tuple[x509.ExtensionType, bool]]:
    return [(x509.NameConstraints([x509.DNSName(domain)], None), True)]


ROOTS = {
    "plain": Authority.root("Wild Root", key=ec_key("wild root")),
    "again": Authority.root("Wild Root", key=ec_key("wild root again")),
    "expired": Authority.root("Old Wild Root", key=ec_key("wild old"), not_after=YESTERDAY),
    "short": Authority.root("Short Root", key=ec_key("wild short"), path_length=0),
}
CAS = {
    "issuing": ROOTS["plain"].intermediate("Wild Issuing", key=ec_key("wild issuing")),
    "issuing again": ROOTS["plain"].intermediate("Wild Issuing", key=ec_key("wild issuing again")),
    "under expired": ROOTS["expired"].intermediate("Late Issuing", key=ec_key("wild late")),
    "under short": ROOTS["short"].intermediate("Deep Issuing", key=ec_key("wild deep")),
    "server only": ROOTS["plain"].intermediate("Server Issuing", key=ec_key("wild server"), eku=("serverAuth",)),
    "other names": ROOTS["plain"].intermediate(
        "Other Issuing", key=ec_key("wild other"), extra_extensions=constrained("example.org")
    ),
    "own names": ROOTS["plain"].intermediate(
        "Own Issuing", key=ec_key("wild own"), extra_extensions=constrained("example.com")
    ),
    "expired itself": ROOTS["plain"].intermediate("Past Issuing", key=ec_key("wild past"), not_after=YESTERDAY),
    "public": ROOTS["plain"].intermediate(
        subject=name("R13", O="Let's Encrypt"), key=ec_key("wild public"), not_before=CA_FROM
    ),
    "root": ROOTS["plain"],
}
EVERY = [*ROOTS.values(), *CAS.values()]
LEAVES = st.fixed_dictionaries(
    {
        "issuer": st.sampled_from(sorted(CAS)),
        "eku": st.sampled_from([("serverAuth", "clientAuth"), ("serverAuth", "clientAuth"), ("serverAuth",)]),
        "expired": st.sampled_from([False, False, False, True]),
        "wrong": st.sampled_from([False, False, False, True]),
        "listed": st.lists(st.sampled_from(EVERY), max_size=6),
        "whole": st.sampled_from([True, True, False]),
    }
)
CLUSTERS = st.tuples(
    st.sampled_from([expressway_e, expressway_c]),
    st.sampled_from(["X14.3.4", "X14.3.4", "X15.4", "X15.5"]),
    st.sampled_from(["private", "private", "public"]),
    st.lists(LEAVES, min_size=2, max_size=3),
)


def built(kind: object, release: str, authority: str, leaves: Sequence[dict[str, object]]) -> Draft:
    """A cluster whose peers have these certificates and lists; a whole list has the chain of every certificate."""
    draft: Draft = kind(len(leaves), release=release)  # type: ignore[operator]
    draft.plan["certificate_authority"] = authority
    chains = [ca for leaf in leaves for ca in CAS[str(leaf["issuer"])].chain]
    for number, leaf in enumerate(leaves, 1):
        changes: dict[str, object] = {"eku": leaf["eku"]}
        if leaf["expired"]:
            changes["not_after"] = YESTERDAY
        if leaf["wrong"]:
            changes["sans"] = ["wrong.example.com"]
        stores = ["server", "client"] if release == "X15.5" else ["server"]
        for store in stores:
            draft.reissue(number, issuer=CAS[str(leaf["issuer"])], store=store, **changes)
        listed = [*leaf["listed"], *(chains if leaf["whole"] else [])]  # type: ignore[misc]
        draft.trust(number, *({ca.der: ca for ca in listed}.values() or [ROOTS["plain"]]))
    return draft


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CLUSTERS)
def test_what_is_promised_is_so_when_it_is_carried_out(
    drawn: tuple[object, str, str, Sequence[dict[str, object]]],
) -> None:
    draft = built(*drawn)
    with TemporaryDirectory() as folder:
        plan, evidence = seen(draft, Path(folder))
    proposal = propose(plan, evidence, AT)
    effects = [change.effect for change in proposal.changes]
    read = {ca.der for ca in EVERY}
    for effect in effects:
        if isinstance(effect, Reissue) and effect.issuer is not None:
            assert effect.issuer.der in read
        if isinstance(effect, LoadCa | RemoveCa):
            held = evidence.peers[effect.peer - 1].trust
            fingerprints = {one.certificate.sha256 for one in held.certificates}  # type: ignore[union-attr]
            assert (effect.certificate.sha256 in fingerprints) is isinstance(effect, RemoveCa)
    if proposal.after is Verdict.READY:
        # Of the CAs that nobody has read, the right ones are loaded: that is what the promise rests on.
        used = {ca.der: ca for leaf in drawn[3] for ca in CAS[str(leaf["issuer"])].chain}.values()
        if any(isinstance(effect, LoadNewCa) and effect.name for effect in effects):
            assume(all(leaf["issuer"] in ("issuing", "root") for leaf in drawn[3]))
        with TemporaryDirectory() as folder:
            judged = done(draft, proposal, *EVERY, *used, chains=True).judge(Path(folder))
        assert judged.verdict is Verdict.READY, [change.detail for change in proposal.changes]
    else:
        assert proposal.cluster_blockers
