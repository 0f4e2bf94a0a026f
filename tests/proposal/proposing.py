"""What the tests of proposals share."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certplan.evidence.gather import gather
from certplan.evidence.model import Evidence
from certplan.outcomes import Severity
from certplan.plan.model import Plan
from certplan.plan.reading import load_plan
from certplan.plan.writing import plan_values
from certplan.proposal.certificate_changes import LoadCa, LoadNewCa, Reissue, RemoveCa
from certplan.proposal.model import Proposal
from certplan.proposal.propose import propose
from tests.clusters import ISSUING, ROOT, Draft
from tests.faults import OTHER_CA
from tests.pki import AT, Authority, ec_key

NEW_CA = Authority.root("the new CA", key=ec_key("propose new CA"))


def seen(draft: Draft, folder: Path) -> tuple[Plan, Evidence]:
    plan = load_plan(draft.write(folder))
    return plan, gather(plan, AT, live_dns=False)


def proposed(draft: Draft, folder: Path, *, severity: Severity | None = None) -> Proposal:
    return propose(*seen(draft, folder), AT, severity=severity)


def effects(proposal: Proposal) -> list[object]:
    return [change.effect for change in proposal.changes]


def done(draft: Draft, proposal: Proposal, *more: Authority, chains: bool = False) -> Draft:
    """The draft once people have done what the proposal says: certificates really issued, CAs really loaded."""
    signers = [ROOT, ISSUING, OTHER_CA, *more]
    made = Draft(plan_values(proposal.plan), dict(draft.files))
    lists = {
        number: list(x509.load_pem_x509_certificates(b"".join(draft.files[file] for file in peer["trusted_cas"])))
        for number, peer in enumerate(draft.plan["peers"], 1)
        if peer.get("trusted_cas")
    }
    for change in proposal.changes:
        effect = change.effect
        if isinstance(effect, Reissue):
            by = next((a for a in signers if effect.issuer and a.der == effect.issuer.der), NEW_CA)
            leaf = by.issue(
                cn=effect.cn,
                sans=effect.names,
                eku=effect.roles,
                not_before=effect.not_before,
                not_after=effect.not_after,
                key=ec_key(f"really done {effect.peer} {effect.store}"),
            )
            made.files[made.peer(effect.peer)[f"{effect.store}_certificate"]] = leaf.pem
        elif isinstance(effect, LoadCa):
            lists[effect.peer].append(x509.load_der_x509_certificate(effect.certificate.der))
        elif isinstance(effect, LoadNewCa):
            named = {a.certificate.subject.rfc4514_string(): a for a in (OTHER_CA, *more)}
            new = named.get(effect.name, NEW_CA)
            lists[effect.peer] += [ca.certificate for ca in (new.chain if chains else (new,))]
        elif isinstance(effect, RemoveCa):
            lists[effect.peer].remove(x509.load_der_x509_certificate(effect.certificate.der))
    for number, cas in lists.items():
        (file, *_) = made.peer(number)["trusted_cas"]
        if file not in draft.files:
            made.files[file] = b"".join(ca.public_bytes(Encoding.PEM) for ca in cas)
    return made
