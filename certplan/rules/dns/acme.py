"""DNS: what the CA of the ACME service has to reach before it signs.

Sources: Certificate Creation and Use Deployment Guide X15.5, Using ACME on Expressway-E; IP Port Usage guide X15.0.
"""

from collections.abc import Iterator

from certplan.evidence.model import DnsOutcome, Missing
from certplan.handshake.model import Store
from certplan.handshake.resolving import addresses_of
from certplan.intent.names import NameFor
from certplan.intent.stated import PUBLIC_VIEW, public_address
from certplan.outcomes import Severity
from certplan.plan.model import CertificateAuthority, ClusterType
from certplan.rules.model import About, Case, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.dns_answers import address_answer, addresses_in_words, not_answered, without_public_view
from certplan.text.names import show
from certplan.text.words import listed

__all__ = ["acme_address", "acme_port"]

_SINCE = "X12.5"


def _by_acme(case: Case) -> bool:
    return case.plan.authorities.server is CertificateAuthority.ACME


@rule(
    "DNS020",
    "acme-name-without-address",
    "A name of the ACME certificate does not lead to a peer in public DNS",
    Severity.ERROR,
    sources=("CERT-15.5-acme",),
    only=ClusterType.EXPRESSWAY_E,
    since=_SINCE,
    alarms=(40061,),
    symptoms=("ACME auto-sign failure", "ACME auto-deploy failure", "Let's Encrypt challenge failed"),
)
def acme_address(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Where certificates come by ACME, whether every SAN that the next ones will have has an address in public DNS, and
    whether each of its addresses is the public one of a peer: the CA may use any of them.

    Why it matters:
    The CA connects to each name on TCP port 80. One that does not lead there keeps the whole certificate from being
    signed: alarm 40061, and with nothing signed there is nothing to deploy (40063).

    How to fix:
    Give the name an A record to the public address of a peer. For an MRA domain whose own record leads to a web site,
    use `collab-edge.` in front of it: services.mra.san_format: collab-edge.

    Example:
    The certificate includes example.com, and example.com is the company's web server.
    """
    if not _by_acme(case):
        return
    yield from without_public_view(case)
    if PUBLIC_VIEW not in case.evidence.views:
        return
    public = [public_address(peer) for peer in case.plan.peers]
    names = {
        each.name: each.why for peer in case.plan.peers for each in case.intent.certificate(peer, Store.SERVER).names
    }
    for name, why in names.items():
        answer, subject = address_answer(case, PUBLIC_VIEW, name, public[0]), Subject(SubjectKind.RECORD, name)
        if not answer.outcome.answered:
            yield not_answered(case, subject, answer, f"{answer.type} record {show(name)}")
            continue
        elsewhere = [ip for ip in addresses_of(answer) if ip not in public]
        if answer.outcome is DnsOutcome.ANSWER and addresses_of(answer) and not elsewhere:
            continue
        found = f"is {addresses_in_words(case, answer)}" if elsewhere else f"has no {answer.type} record"
        fix = f"Give {show(name)} an {answer.type} record to the public address of a peer, and no other."
        if why is NameFor.MRA:
            fix = (
                "State services.mra.san_format: collab-edge, and give that name the record instead of the bare domain."
            )
        yield Found(
            subject,
            f"The ACME certificate includes {show(name)}, which {found} in public DNS; the CA has to find a peer"
            " there.",
            fix,
            case.plan.where("dns", PUBLIC_VIEW),
            evidence=(answer.source,) if answer.source else (),
            about=About(view=PUBLIC_VIEW, names=(name,)),
        )


@rule(
    "DNS021",
    "acme-port-80",
    "Whether the CA of the ACME service can connect to port 80 of every peer is not known",
    Severity.WARNING,
    sources=("CERT-15.5-acme", "PORT-15.0"),
    only=ClusterType.EXPRESSWAY_E,
    since=_SINCE,
    symptoms=("ACME auto-sign failure", "port 80"),
)
def acme_port(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Nothing by itself: no file shows whether the internet can connect to TCP port 80 of each peer while a certificate is
    signed. Where certificates come by ACME it says that this is not verified.

    Why it matters:
    In a cluster the CA may connect to any peer, whichever asked for the certificate.

    How to fix:
    Open TCP port 80 from the internet to the public address of every peer.

    Example:
    The firewall lets port 80 through to exe1.example.com alone.
    """
    if _by_acme(case):
        peers = listed(f"{show(peer.address)} ({public_address(peer)})" for peer in case.plan.peers)
        missing = Missing(
            f"an answer of TCP port 80 to the internet, of {peers}",
            "no file of the plan can show it",
            "Open the port to every peer, and connect to each from outside; certplan ports lists what ACME needs.",
            case.plan.where("certificate_authority"),
            field="certificate_authority",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)
