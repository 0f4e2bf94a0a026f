"""DNS: the public records of the peers, the views of the inside beside them, and views that say too little."""

from collections.abc import Iterator

from certplan.evidence.model import DnsAnswer, DnsOutcome, Missing, Problem, RecordType
from certplan.handshake.model import Cause
from certplan.handshake.resolving import addresses_of
from certplan.intent.stated import PUBLIC_VIEW, names_of, public_address
from certplan.outcomes import Severity
from certplan.plan.model import ClusterType, IPAddress, Peer
from certplan.rules.model import About, Case, Clearing, Found, Subject, SubjectKind, Unchecked, rule
from certplan.rules.support.dns_answers import (
    address_answer,
    address_in_words,
    addresses_in_words,
    inside_views,
    is_the_caution,
    judged_by_handshake,
    not_answered,
    not_gathered,
    reverse_answer,
    view_answer,
    why_silent,
    without_inside_view,
    without_public_view,
)
from certplan.text.addresses import is_public_side
from certplan.text.names import key, parent, show
from certplan.text.words import clauses, joined, listed

__all__ = ["alias_to_another_domain", "inside_record_wrong", "public_record_wrong", "view_unanswered", "zone_problems"]

_MOST_LISTED = 5


@rule(
    "DNS008",
    "public-record-wrong",
    "Public DNS does not lead a peer's name to its public address",
    Severity.WARNING,
    sources=("MRA-15.2", "CG-15.4-fqdn", "CG-15.4-reference"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=("public DNS wrong address", "external clients cannot connect"),
    clearing=Clearing.PUBLIC_ADDRESSES,
)
def public_record_wrong(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether public DNS has each Expressway-E peer's FQDN at the public address the plan declares (static NAT, or else
    LAN 2, or LAN 1 of a peer with one NIC) and nowhere else. With Mobile and Remote Access a difference is an error,
    and so is a name that does not exist.

    Why it matters:
    Clients and partners outside reach the peer by that record. A second address sends every other connection to the
    wrong place.

    How to fix:
    Correct the public record. If it is right, correct the address in the plan, and static NAT on the appliance: the
    peer names its static NAT address in what it signals.

    Example:
    exe2.example.com is 203.0.113.99 in public DNS; its static NAT address is 203.0.113.12.
    """
    yield from without_public_view(case)
    if PUBLIC_VIEW not in case.evidence.views:
        return
    mra = case.plan.services.mra is not None
    for peer in case.plan.peers:
        declared = public_address(peer)
        answers = {name: address_answer(case, PUBLIC_VIEW, name, declared) for name in names_of(peer)}
        if not answers and mra:
            yield case.unstated(peer, "fqdn")
        if judged_by_handshake(
            case, peer, PUBLIC_VIEW, Cause.NAME_ABSENT, Cause.DNS_WRONG_ADDRESS, Cause.SEVERAL_ADDRESSES
        ):
            continue
        for name, answer in answers.items():
            strays = [ip for ip in addresses_of(answer) if ip != declared and not is_the_caution(case, peer, ip)]
            if strays and _declares_nothing(case, peer, strays) and not (peer.dual_nic and peer.static_nat is None):
                continue  # NIC014 and NIC015 speak of the address in the plan
            if strays:
                yield _wrong_outside(case, peer, name, answer, strays, Severity.ERROR if mra else Severity.WARNING)
            elif not answer.outcome.answered:
                yield not_answered(case, Subject.name_of(name, peer), answer, f"{answer.type} record of {show(name)}")
        if mra and answers and all(answer.outcome.answered and not answer.addresses for answer in answers.values()):
            yield _absent(case, peer, tuple(answers), next(iter(answers.values())))


def _declares_nothing(case: Case, peer: Peer, strays: list[IPAddress]) -> bool:
    """Whether the plan has only a private address for the outside, where public DNS has a public one."""
    internal = case.plan.internal_networks
    return not is_public_side(public_address(peer), internal) and all(is_public_side(ip, internal) for ip in strays)


def _wrong_outside(
    case: Case, peer: Peer, name: str, answer: DnsAnswer, strays: list[IPAddress], severity: Severity
) -> Found:
    declared = public_address(peer)
    subject, where = Subject.name_of(name, peer), case.plan.where("dns", PUBLIC_VIEW)
    evidence = (answer.source,) if answer.source else ()
    if _declares_nothing(case, peer, strays):
        return Found(
            subject,
            f"Public DNS has {show(name)} at {addresses_in_words(case, answer, peer)}, and the plan gives the peer no"
            f" public address: neither static NAT nor more than {declared}{address_in_words(case, declared, peer)}.",
            f"State static_nat of {show(peer.address)} in the plan, as the appliance has it.",
            case.where(peer),
            evidence,
            Severity.WARNING,
        )
    return Found(
        subject,
        f"Public DNS has {show(name)} at {addresses_in_words(case, answer, peer)}; its public address is {declared}"
        f"{address_in_words(case, declared, peer)} alone.",
        f"Set the public record of {show(name)} to {declared}, and delete any other.",
        where,
        evidence,
        severity,
    )


def _absent(case: Case, peer: Peer, names: tuple[str, ...], answer: DnsAnswer) -> Found:
    declared = public_address(peer)
    found = "does not exist in public DNS" if len(names) == 1 else "and its other name do not exist in public DNS"
    return Found(
        Subject.name_of(names[0], peer),
        f"{show(names[0])} {found}; clients outside need it at {declared}{address_in_words(case, declared, peer)}.",
        f"Add {show(names[0])} with {declared} to public DNS.",
        case.plan.where("dns", PUBLIC_VIEW),
        (answer.source,) if answer.source else (),
        Severity.ERROR,
        about=About(view=PUBLIC_VIEW),
    )


@rule(
    "DNS015",
    "alias-to-another-domain",
    "A peer's name is an alias into another domain",
    Severity.WARNING,
    sources=("MRA-15.2", "TA-118798", "RFC-2782"),
    symptoms=("CNAME", "alias of a peer name"),
)
def alias_to_another_domain(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether a peer's FQDN has an address record of its own, in every view. A CNAME record is tolerated within one
    domain, not into another.

    Why it matters:
    Service records must lead to a peer's own FQDN, and an alias is allowed for them only in the same domain. Whoever
    holds the other domain also decides where the peer's name leads.

    How to fix:
    Replace the CNAME record by an address record.

    Example:
    exe1.example.com is an alias of exe1.dyn.example.net.
    """
    yield from not_gathered(case)
    for peer in case.plan.peers:
        for name in names_of(peer):
            led = [
                answer
                for view in case.evidence.views
                for record_type in (RecordType.A, RecordType.AAAA)
                if (answer := view_answer(case, view, name, record_type)).aliases
                and any(key(parent(alias)) != key(parent(name)) for alias in answer.aliases)
            ]
            if led:
                views = joined(dict.fromkeys(show(answer.view) for answer in led))
                yield Found(
                    Subject.name_of(name, peer),
                    f"{show(name)} is an alias of {show(led[0].aliases[-1])} in the {views} DNS view;"
                    f" an address record is expected, or an alias within {show(parent(name))}.",
                    f"Replace the CNAME record of {show(name)} by an address record.",
                    case.plan.where("dns", led[0].view),
                    evidence=tuple(dict.fromkeys(answer.source for answer in led if answer.source)),
                    about=About(view=led[0].view),
                )


@rule(
    "DNS016",
    "inside-record-wrong",
    "Internal DNS does not lead an Expressway-E name to its inside address alone",
    Severity.WARNING,
    sources=("MRA-15.2", "BC-14.0", "TA-118798"),
    only=ClusterType.EXPRESSWAY_E,
    symptoms=(
        "Waiting for traversal server info",
        "traversal zone resolves two addresses",
        "Expressway-C cannot reach Expressway-E",
    ),
    clearing=Clearing.INSIDE_ADDRESSES,
)
def inside_record_wrong(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each view but `public` has the peer's FQDN at LAN 1 (at the static NAT address, if the peer has one NIC
    with static NAT) and nowhere else. Two addresses with Mobile and Remote Access are an error; the public address,
    which a second name for the inside would make up for, is a notice.

    Why it matters:
    Expressway-C reaches the peer by this record. With two addresses its zone stays at "Waiting for traversal server
    info"; with the public one it tries to pass the firewall from behind.

    How to fix:
    Leave one record in internal DNS, to the inside address. Public DNS keeps the public one.

    Example:
    exe1.example.com has 10.20.0.11 and, left over from a change of NIC, 10.20.9.11 in internal DNS.
    """
    yield from not_gathered(case)
    mra = case.plan.services.mra is not None
    for peer in case.plan.peers:
        expected = peer.lan1.static_nat if not peer.dual_nic and peer.lan1.static_nat else peer.lan1.ip
        seen: list[DnsAnswer] = []
        for name in names_of(peer):
            answers = [
                address_answer(case, view, name, expected)
                for view in inside_views(case)
                if not (key(name) == key(peer.address) and judged_by_handshake(case, peer, view))
            ]
            seen += answers
            wrong = [answer for answer in answers if (set(addresses_of(answer)) or {expected}) != {expected}]
            if wrong:
                yield _wrong_inside(case, peer, name, wrong, expected)
        spoken = [answer for answer in seen if answer.outcome.answered]
        if mra and spoken and not any(answer.addresses for answer in spoken):
            views = joined(dict.fromkeys(show(answer.view) for answer in spoken))
            yield Found(
                Subject.name_of(spoken[0].name, peer),
                f"{show(spoken[0].name)} does not exist in the {views} DNS view, where Expressway-C looks for it"
                f" at {expected}{address_in_words(case, expected, peer)}.",
                f"Add {show(spoken[0].name)} with {expected} to internal DNS.",
                case.plan.where("dns", spoken[0].view),
                about=About(view=spoken[0].view),
            )
        elif mra and not spoken and names_of(peer) and not _asked_inside(case, peer):
            name = names_of(peer)[0]
            what = f"internal address record of {show(name)}"
            yield without_inside_view(case, Subject.name_of(name, peer), next(iter(seen), None), what)


def _asked_inside(case: Case, peer: Peer) -> bool:
    """Whether the handshake has judged what a view of the inside says of this peer."""
    return any(judged_by_handshake(case, peer, view) for view in inside_views(case))


def _wrong_inside(case: Case, peer: Peer, name: str, wrong: list[DnsAnswer], expected: IPAddress) -> Found:
    mra = case.plan.services.mra is not None
    if any(len(answer.addresses) > 1 for answer in wrong):
        severity = Severity.ERROR if mra else Severity.WARNING
    elif {ip for answer in wrong for ip in addresses_of(answer)} <= {public_address(peer), peer.lan1.ip}:
        severity = Severity.NOTICE
    else:
        severity = Severity.WARNING
    found = clauses(f"{addresses_in_words(case, answer, peer)} in the {show(answer.view)} DNS view" for answer in wrong)
    return Found(
        Subject.name_of(name, peer),
        f"{show(name)} is {found}; Expressway-C is to reach it at {expected}{address_in_words(case, expected, peer)}"
        " alone.",
        f"Set the internal record of {show(name)} to {expected} and delete any other, unless the zone of Expressway-C"
        " uses another name for the inside.",
        case.plan.where("dns", wrong[0].view),
        evidence=tuple(answer.source for answer in wrong if answer.source),
        severity=severity,
        about=About(view=wrong[0].view),
    )


@rule(
    "DNS018",
    "view-unanswered",
    "A DNS view failed to answer",
    Severity.WARNING,
    sources=("CG-15.4-requirements", "RFC-1035"),
    symptoms=("DNS server not reachable", "DNS timeout", "REFUSED"),
)
def view_unanswered(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the servers of each view answered for the peers' names, the addresses that view should know, and the
    service records. SERVFAIL, REFUSED, a timeout and a malformed answer are no answers.

    Why it matters:
    Such a failure says nothing of the record. Rules that need it are not verified, and the peers may meet the same
    failure.

    How to fix:
    Run the check where the servers can be reached, name other servers, or give the view's zone files or records.

    Example:
    192.0.2.53 did not answer for exe1.example.com within 5 seconds.
    """
    yield from not_gathered(case)
    for view in case.evidence.views.values():
        failed = [
            answer
            for answer in view.answers.values()
            if not answer.outcome.answered
            and answer.outcome is not DnsOutcome.NOT_COVERED
            and _expected_of(case, view.name, answer)
        ]
        if failed:
            names = list(dict.fromkeys(show(answer.name) for answer in failed))
            more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
            whys = list(dict.fromkeys(why_silent(answer) for answer in failed))
            missing = Missing(
                f"answers of the {show(view.name)} DNS view for {listed(names[:_MOST_LISTED])}{more}",
                clauses(whys[:3]),
                f"Give the plan's dns section servers, zone_files or records that answer for the {view.name} view.",
                case.plan.where("dns", view.name),
                field=f"dns.{view.name}",
            )
            yield Unchecked(Subject(SubjectKind.VIEW, view.name), missing)


def _expected_of(case: Case, view: str, answer: DnsAnswer) -> bool:
    """Whether a view should know the answer: a server of the inside may well refuse what is public only."""
    if answer.type is RecordType.SRV:
        return view == PUBLIC_VIEW
    names = {key(name) for peer in case.plan.peers for name in names_of(peer)}
    if answer.type is RecordType.PTR:
        ours = [public_address(peer) if view == PUBLIC_VIEW else peer.lan1.ip for peer in case.plan.peers]
        names = {key(reverse_answer(case, view, ip).name) for ip in ours}
    return key(answer.name) in names


@rule(
    "DNS019",
    "zone-file-problem",
    "A zone file or record could not be read whole",
    Severity.WARNING,
    sources=("RFC-1035",),
    symptoms=("zone file syntax error",),
)
def zone_problems(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether every line of the zone files, and every record in the plan, could be read.

    Why it matters:
    What could not be read was left out. A name that seems to be absent may be in such a line, and what depends on it
    is not verified.

    How to fix:
    Correct the lines, or export the zone from the server again.

    Example:
    zones/public.zone:14:20: the A record of `exe2.example.com` has `203.0.113`; expected an IPv4 address.
    """
    yield from not_gathered(case)
    files: dict[str, dict[Problem, None]] = {}
    for view in case.evidence.views.values():
        for problem in view.problems:
            files.setdefault(problem.where.file, {})[problem] = None
    for file, found in files.items():
        problems = sorted(found, key=lambda problem: problem.where)
        details = clauses(
            f"{f'line {problem.where.line}: ' if problem.where.line else ''}{problem.what}"
            for problem in problems[:_MOST_LISTED]
        )
        more = f"; and {len(problems) - _MOST_LISTED} more" if len(problems) > _MOST_LISTED else ""
        whole = all(problem.where.line == 0 for problem in problems)
        yield Found(
            Subject.file(case.plan, file),
            f"{show(file, 400)} {'could not be read' if whole else 'was not read whole'}: {details}{more}.",
            f"Correct {'the name of ' if whole else ''}{show(file, 400)}, or export the zone from the server again.",
            problems[0].where,
            evidence=tuple(str(problem.where) for problem in problems[1:_MOST_LISTED]),
        )
