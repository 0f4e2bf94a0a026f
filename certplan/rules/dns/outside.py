"""DNS: service records that belong inside, and those of XMPP federation."""

from collections.abc import Iterator

from certplan.evidence.model import DnsOutcome
from certplan.intent.stated import PUBLIC_VIEW
from certplan.outcomes import Severity
from certplan.plan.model import ClusterType
from certplan.rules.dns.services import asked, edge_domains, record_of, record_subject, target_faults
from certplan.rules.model import About, Case, Clearing, Found, Unchecked, rule
from certplan.rules.support.dns_answers import (
    not_answered,
    without_public_view,
)
from certplan.text.names import show
from certplan.text.words import clauses, listed

__all__ = ["XMPP_PORT", "internal_service_in_public", "xmpp_record"]


XMPP_PORT = 5269


@rule(
    "DNS013",
    "internal-service-in-public-dns",
    "Public DNS has a service record that must stay inside",
    Severity.ERROR,
    sources=("MRA-15.2", "TA-118798"),
    symptoms=("_cisco-uds", "_cuplogin", "Jabber thinks it is inside"),
)
def internal_service_in_public(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `_cisco-uds._tcp` or `_cuplogin._tcp` of an MRA domain exists in public DNS.

    Why it matters:
    A Jabber client that finds one of them believes it is inside, and never tries Mobile and Remote Access.

    How to fix:
    Delete the record from public DNS and keep it in the internal one.

    Example:
    `_cisco-uds._tcp.example.com` leads to cucm1.example.com in public DNS.
    """
    if edge_domains(case):
        yield from without_public_view(case)
    for service in ("_cisco-uds._tcp", "_cuplogin._tcp"):
        for answer in asked(case, service, edge_domains(case)):
            if answer.outcome is DnsOutcome.ANSWER:
                targets = listed(dict.fromkeys(show(each.target) for each in answer.services))
                yield Found(
                    record_subject(answer),
                    f"Public DNS has {show(answer.name)} (to {targets}), which clients take for a sign that they are"
                    " inside; it must exist in internal DNS only.",
                    f"Delete {show(answer.name)} from public DNS.",
                    case.plan.where("dns", PUBLIC_VIEW),
                    evidence=(answer.source,) if answer.source else (),
                    about=About(view=PUBLIC_VIEW),
                )
            elif not answer.outcome.answered:
                yield not_answered(case, record_subject(answer), answer, f"SRV record {show(answer.name)}")


@rule(
    "DNS014",
    "xmpp-server-record",
    "The public _xmpp-server record of a federated domain is missing or wrong",
    Severity.WARNING,
    sources=("XMPP-14.0.2",),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("_xmpp-server", "XMPP federation lookup"),
    clearing=Clearing.FEDERATION_SERVICE,
)
def xmpp_record(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether public DNS has an SRV record `_xmpp-server._tcp` with port 5269, to a peer that exists, for every XMPP
    federation domain and chat node alias.

    Why it matters:
    It is how the servers of other organizations find this one. Those with a static route do without.

    How to fix:
    Add or correct the record: port 5269, and the FQDN of each Expressway-E peer.

    Example:
    `_xmpp-server._tcp.example.com` has port 5222.
    """
    federation = case.plan.services.xmpp_federation
    domains = (*federation.domains, *federation.chat_node_aliases) if federation is not None else ()
    if domains:
        yield from without_public_view(case)
    for answer in asked(case, "_xmpp-server._tcp", domains):
        if not answer.outcome.answered:
            yield not_answered(case, record_subject(answer), answer, f"SRV record {show(answer.name)}")
            continue
        record = record_of(case, answer)
        remarks = [
            fault
            for service, peers in record.owners.items()
            for fault in target_faults(case, service, peers, XMPP_PORT)
        ]
        if answer.outcome is not DnsOutcome.ANSWER:
            remarks = [(Severity.WARNING, f"there is no such SRV record, and one with port {XMPP_PORT} is expected")]
        if remarks:
            lightest = all(severity is Severity.NOTICE for severity, _ in remarks)
            yield Found(
                record.subject,
                f"{record.shown} in public DNS: {clauses(text for _, text in remarks)}.",
                f"Make {record.shown} lead to the FQDN of each peer on port {XMPP_PORT}.",
                case.plan.where("services", "xmpp_federation"),
                evidence=record.seen,
                severity=Severity.NOTICE if lightest else None,
            )
