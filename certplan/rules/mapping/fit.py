"""MAP: whether the mapping fits the cluster, the release and what the appliance would suggest."""

from collections.abc import Iterator

from certplan.evidence.model import Missing
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import TlsVerification
from certplan.rules.mapping.need import entries_called, name_looked_up, needs_table, rows, table_of
from certplan.rules.mapping.table import asked_of, numbered_rows, public_rows, resolves_to_lan1
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.text.names import key, show
from certplan.text.words import listed

__all__ = ["mapping_ipv6", "mapping_not_needed", "mapping_unknown_to_release", "suggestion_differs"]


@rule(
    "MAP010",
    "mapping-not-needed",
    "Cluster address mapping is On and not needed",
    Severity.NOTICE,
    sources=("CG-15.4-fqdn", "TA-217230"),
    symptoms=("mapping not needed",),
)
def mapping_not_needed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the mapping is On where neither two NICs nor static NAT call for it, on an Expressway-C or on an
    Expressway-E with one NIC each, while DNS leads every peer's name to its LAN 1.

    Why it matters:
    The table is looked up before DNS, and a hit keeps DNS from being asked: from now on an address has to be changed
    in two places. Where DNS cannot be relied on, that is a fair price, and this rule is silent.

    How to fix:
    Set `Cluster address mapping enabled` to Off, or leave it and waive this.

    Example:
    An Expressway-C cluster whose names all resolve in internal DNS, with a table beside.
    """
    if not table_of(case.plan) or case.intent.mapping.needed is not False or public_rows(case):
        return
    if any(name_looked_up(peer) is None for peer in case.plan.peers):
        return
    wrong = [
        (view, peer)
        for view in sorted({peer.dns for peer in case.plan.peers})
        for peer in case.plan.peers
        if not resolves_to_lan1(case, view, peer)
    ]
    if wrong and not any(asked_of(case, view, peer).outcome.answered for view, peer in wrong):
        view, peer = min(wrong, key=lambda pair: (pair[0], key(pair[1].address)))
        answer = asked_of(case, view, peer)
        missing = Missing(
            f"{answer.type} record of {show(answer.name)} in the {show(view)} DNS view",
            answer.why or f"the view answered {answer.outcome.value}",
            "Give the plan's dns section a view that answers for the peers' names.",
            case.plan.where("dns", view),
            field=f"dns.{view}",
        )
        yield Unchecked(Subject.cluster(case.plan), missing)
    elif not wrong:
        yield Found(
            Subject.cluster(case.plan),
            "Cluster address mapping is On, no peer has two NICs or static NAT, and DNS leads every name to LAN 1"
            " already.",
            "Set cluster address mapping Off.",
            case.plan.where("cluster", "address_mapping"),
        )


@rule(
    "MAP011",
    "suggestion-differs",
    "The appliance would suggest other names for the mapping",
    Severity.NOTICE,
    sources=("CG-15.4-fqdn",),
    symptoms=("Suggest mappings based on system information", "appliance suggests wrong names"),
)
def suggestion_differs(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether `Suggest mappings based on system information` would fill in the right name for each peer that still needs
    an entry. It proposes `System host name` and `Domain name` joined by a dot, and the inward address.

    Why it matters:
    The suggestion reads neither certificates nor DNS. Where host name and domain are not the FQDN that the certificate
    carries and the peer field has, taking it makes a table that fails under Enforce.

    How to fix:
    Type the rows by hand, with the FQDNs in use.

    Example:
    Host name exe1, domain corp.example.com, and the peer is known as exe1.example.com.
    """
    if not (table_of(case.plan) or needs_table(case.plan)):
        return
    differing = []
    for peer in case.plan.peers:
        name = name_looked_up(peer)
        if name is None or peer.host_name is None or peer.domain is None or entries_called(case.plan, name):
            continue
        suggested = f"{peer.host_name}.{peer.domain}"
        if key(suggested) != key(name):
            differing.append((peer, suggested, name))
    if differing:
        pairs = listed(f"{show(suggested)} where {show(name)} is in use" for _, suggested, name in differing)
        yield Found(
            Subject.cluster(case.plan),
            f"The appliance's own suggestion for the mapping would be wrong: {pairs}.",
            f"Do not take the suggestion; type {rows(peer for peer, _, _ in differing)}.",
            case.plan.where("cluster"),
        )


@rule(
    "MAP012",
    "mapping-ipv6",
    "The mapping leads to IPv6 addresses",
    Severity.NOTICE,
    sources=("AG-15.5-reference", "CG-15.4-fqdn"),
    confidence=Confidence.INFERRED,
    symptoms=("IPv6 cluster address mapping",),
)
def mapping_ipv6(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the IP side of the cluster address mapping is IPv4, for as long as the cluster does not enforce.

    Why it matters:
    No document of the vendor covers IPv6 in the mapping. The field may take it; whether peers then compare it with
    the address that presents a certificate is not known.

    How to fix:
    Try it in Permissive on a system that can be spared, or ask the vendor, before relying on it.

    Example:
    exe1.example.com 2001:db8:20::11.
    """
    if case.plan.cluster.tls_verification is TlsVerification.ENFORCE:
        return
    own = {peer.lan1.ip for peer in case.plan.peers}
    # Any other address is wrong in the first place, and said to be.
    sixes = [row for row in numbered_rows(case.plan) if row.entry.ip.version == 6 and row.entry.ip in own]
    if sixes:
        yield Found(
            Subject.cluster(case.plan),
            f"The mapping leads to IPv6 addresses ({listed(row.named for row in sixes)}), which no document of the"
            " vendor speaks of.",
            "Try it in Permissive before relying on it.",
            case.plan.where("cluster", "address_mapping", sixes[0].number),
        )


@rule(
    "MAP013",
    "mapping-unknown-to-release",
    "The release has no cluster address mapping",
    Severity.ERROR,
    sources=("CG-15.4-about", "CG-15.4-reference"),
    until="X8.9.2",
    symptoms=("Cluster address mapping not available",),
)
def mapping_unknown_to_release(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a cluster that has a cluster address mapping in the plan runs X8.9.2 or later.

    Why it matters:
    The mapping came with X8.9.2. Before it, peers with two NICs and static NAT could be clustered on private IP
    addresses in Permissive only.

    How to fix:
    Upgrade the cluster, or leave it in Permissive and take the table out of the plan.

    Example:
    Release X8.8.3 and two entries under `address_mapping`.
    """
    if case.plan.cluster.address_mapping is not None:
        yield Found(
            Subject.cluster(case.plan),
            f"The plan has a cluster address mapping, and {case.plan.cluster.release} has none: it came with X8.9.2.",
            "Upgrade the cluster to X8.9.2 or later.",
            case.plan.where("cluster", "address_mapping"),
        )
