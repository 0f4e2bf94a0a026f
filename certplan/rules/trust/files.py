"""TRU: how the files of certificates, trusted CA lists and CRLs are made up."""

from collections.abc import Iterator

from certplan.evidence.model import Missing, Problem
from certplan.outcomes import Severity
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.support.chains import best_path, enumerated, listing, lists, places, pool, unlisted
from certplan.rules.support.stated import unstated
from certplan.text.names import show
from certplan.text.words import counted

__all__ = ["crl_incomplete", "file_problems", "more_than_the_leaf"]


@rule(
    "TRU017",
    "more-than-the-leaf",
    "A certificate file holds more than the peer's certificate",
    Severity.WARNING,
    sources=("CERT-15.5-loading", "TA-218034"),
    symptoms=("chain in server certificate file", "full chain file uploaded"),
)
def more_than_the_leaf(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the file of each server and client certificate holds that one certificate and no other. The first in the
    file is taken for the peer's.

    Why it matters:
    The appliance requires the peer's certificate alone in the file; the CAs belong in the trusted CA list, from where
    it also sends the intermediates. A full chain, as many CAs deliver it, is not what the upload page expects.

    How to fix:
    Keep the peer's own block in the file and append the CAs to the trusted CA list.

    Example:
    fullchain.pem, with the issuing CA behind the certificate, was named as `server_certificate`.
    """
    yield from case.unread()
    for peer, store, file in case.certificates:
        if file.others:
            more = counted(len(file.others), "certificate")
            yield Found(
                Subject.certificate(peer, store),
                f"{show(file.file, 400)} holds {more} beyond the {store} certificate of {show(peer.address)}:"
                f" {listing(file.others)}.",
                f"Leave only {show(file.leaf.subject)} in the file to be uploaded, and append the CAs to the trusted"
                " CA list.",
                file.others[0].where,
                evidence=places(file.others),
            )


@rule(
    "TRU020",
    "broken-certificate-file",
    "A file of certificates is damaged or holds something else besides",
    Severity.WARNING,
    sources=("CERT-15.5-loading",),
    symptoms=("invalid PEM", "damaged certificate file", "private key in trusted CA list"),
)
def file_problems(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the files of certificates and trusted CA lists can be read from end to end: no block that is cut short or
    damaged, and nothing in them but certificates.

    Why it matters:
    What cannot be read here the appliance may not read either, so a CA thought to be loaded may be missing. What was
    judged is only what could be read.

    How to fix:
    Export the file again, or fix the lines named. Remove what is not a certificate; a private key found there should
    be replaced if others could read the file.

    Example:
    Two files were joined without a line end between them: one END and one BEGIN share line 24.
    """
    yield from case.unread()
    yield from unlisted(case)
    problems: dict[str, dict[Problem, None]] = {}
    owners: dict[str, dict[str, None]] = {}
    for address, problem in _problems(case):
        problems.setdefault(problem.where.file, {})[problem] = None
        owners.setdefault(problem.where.file, {})[address] = None
    for file, found in problems.items():
        lines = [f"line {problem.where.line or 1}: {show(problem.what, 160)}" for problem in found]
        yield Found(
            Subject.file(case.plan, file, *owners[file]),
            f"{show(file, 400)} is damaged or holds what is not a certificate: {enumerated(lines)}.",
            f"Export {show(file, 400)} anew, or fix the lines named.",
            next(iter(found)).where,
            evidence=tuple(f"{problem.where}: {show(problem.what, 160)}" for problem in found),
        )


def _problems(case: Case) -> Iterator[tuple[str, Problem]]:
    for peer, _, file in case.certificates:
        yield from ((peer.address, problem) for problem in file.problems)
    for trust, peers in lists(case):
        yield from ((peer.address, problem) for peer in peers for problem in trust.problems)


@rule(
    "TRU022",
    "crl-incomplete",
    "A peer has CRLs for some CAs of a chain and not for all",
    Severity.NOTICE,
    sources=("CERT-15.5-crl",),
    symptoms=("CRL missing for one CA", "unable to get certificate CRL"),
)
def crl_incomplete(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Where a peer has CRLs for CAs of the peers' chains: whether it has one for every CA in them, the root included.
    Where the plan does not say which CRLs a peer has, revocation was not checked; that does not touch the verdict.

    Why it matters:
    Once CRL checking is on, it covers every CA in the chain. A certificate whose CA has no CRL on the appliance cannot
    be checked, and the vendor's texts disagree on whether it then counts as good.

    How to fix:
    Load the CRLs of the CAs named as well, or set up their automatic download.

    Example:
    The CRL of the issuing CA was uploaded, that of the root which signed the issuing CA was not.
    """
    yield from (
        Unchecked(Subject.peer(peer), found.crls) for peer, found in case.peers if isinstance(found.crls, Missing)
    )
    yield from unstated(case, "crls", "CRLs")
    with_crls = [(peer, found.crls) for peer, found in case.peers if isinstance(found.crls, tuple) and found.crls]
    if not with_crls:
        return
    yield from case.unread()
    yield from unlisted(case)
    index = pool(case)
    files = {file.leaf.sha256: file for _, _, file in case.certificates}
    chains = [(file.leaf, *best_path(index, file.leaf, case.at)) for file in files.values()]
    needed = {c.issuer_key: c.issuer for chain in chains for c in chain if not c.self_issued}
    for peer, crls in with_crls:
        have = {crl.issuer_key for crl in crls}
        absent = sorted(show(issuer) for name, issuer in needed.items() if name not in have)
        if absent and have & needed.keys():
            yield Found(
                Subject.peer(peer),
                f"{show(peer.address)} has no CRL of {enumerated(absent)}, though it has one of another CA in the same"
                " chains.",
                f"Load the CRL of {enumerated(absent)} on {show(peer.address)} too.",
                case.where(peer, "crls"),
            )
