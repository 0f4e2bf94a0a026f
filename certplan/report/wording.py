"""What every page says of a judgement in words: the verdict, until when it holds, what was missing, the alarms."""

from collections.abc import Iterable, Iterator, Sequence

from certplan.handshake.model import StatusChange
from certplan.handshake.page import ClusteringRow
from certplan.judgement import ClusterStatus, Judgement
from certplan.outcomes import Verdict
from certplan.plan.model import ClusterType, Peer, TlsVerification, Unknown
from certplan.report.document import LONGEST, Banner, Tone, Words
from certplan.rules.alarms import PredictedAlarm
from certplan.rules.unknowns import MissingEvidence as UnknownInput
from certplan.text.names import show, show_all
from certplan.text.words import counted, listed
from certplan.value import Value
from certplan.vendor import alarm

__all__ = [
    "VERDICT_WORDS",
    "Gap",
    "PeerStatus",
    "alarm_line",
    "both_states",
    "cluster_facts",
    "clustering_title",
    "code_list",
    "gaps",
    "headline",
    "judged_at",
    "other_breakage",
    "peer_labels",
    "statuses",
    "verdict",
    "verdict_details",
    "verdict_meaning",
]

_TYPE = {ClusterType.EXPRESSWAY_E: "Expressway-E", ClusterType.EXPRESSWAY_C: "Expressway-C"}
_MOST_LISTED_CODES = 12


class Gap(Value):
    """Evidence that is missing for one reason, and the rules that need it."""

    what: tuple[str, ...]
    why: str
    remedy: str
    codes: tuple[str, ...]


def cluster_facts(judgement: Judgement) -> str:
    """Type, release, number of peers and TLS verification mode of the state judged."""
    cluster, peers = judgement.plan.cluster, counted(len(judgement.plan.peers), "peer")
    kind, release, mode = cluster.stated_type, cluster.stated_release, cluster.stated_tls_verification
    what = "Expressway" if isinstance(kind, Unknown) else _TYPE[kind]
    on = "release unknown" if isinstance(release, Unknown) else str(release)
    runs = "TLS verification mode unknown" if isinstance(mode, Unknown) else mode.value.capitalize()
    when = "in the target" if judgement.plan.is_target else "today"
    return f"{what} {on}, {peers}, {when} {runs}"


def judged_at(judgement: Judgement) -> str:
    """The plan file and the time."""
    return f"{show(judgement.plan.file, LONGEST)}, judged as of {judgement.at:%Y-%m-%d %H:%M} UTC"


class PeerStatus(Value):
    """What the clustering page says of a peer, each line with its reason. A reason given before is referred to."""

    row: ClusteringRow
    certificate: str
    clustering: str


def clustering_title(judgement: Judgement) -> str:
    """The heading over what the clustering page says of each peer under Enforce."""
    when = "as it is under Enforce today" if _enforces(judgement) else "once TLS verification mode is Enforce"
    return f"System > Clustering, {when}"


def statuses(judgement: Judgement) -> Iterator[PeerStatus]:
    """The worst that any peer would show of each, in the order of the peers."""
    first_peers: dict[str, int] = {}
    for peer in judgement.plan.peers:
        row = judgement.summary(peer)
        reason = row.certificate_reason
        first = first_peers.setdefault(reason, peer.number)
        if reason and first != peer.number:
            reason = f"as for Peer {first}"
        yield PeerStatus(row, _reasoned(row.certificate, reason), _reasoned(row.clustering, row.clustering_reason))


def _reasoned(line: str, reason: str) -> str:
    return f"{line} - {reason}" if reason else line


def peer_labels(peers: Sequence[Peer], limit: int) -> tuple[str, ...]:
    """A name for each peer, of at most `limit` characters where that still tells them apart.

    Of long names the end is shown rather than the beginning: those of one cluster begin alike.
    """
    hosts = [peer.address.partition(".")[0] for peer in peers]
    systems = [peer.system_name or "" for peer in peers]
    for names in ([peer.address for peer in peers], hosts, [_tail(host, limit) for host in hosts], systems):
        if len(set(names)) == len(peers) and all(0 < len(show(name)) <= limit for name in names):
            return tuple(show(name) for name in names)
    return tuple(show(peer.address, LONGEST) for peer in peers)


def _tail(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"…{text[1 - limit :]}"


def verdict(judgement: Judgement) -> Banner:
    """The verdict with what follows from it. A ready cluster with other errors is not shown as if all were well."""
    breakage = other_breakage(judgement)
    tone = Tone.WARN if breakage else Tone.of_verdict(judgement.verdict)
    details = [Words(line) for line in (verdict_details(judgement),) if line]
    details += [Words(breakage, Tone.BAD)] if breakage else []
    return Banner(headline(judgement), tone, tuple(details))


def headline(judgement: Judgement) -> str:
    """The verdict in a sentence. A cluster that enforces already has nothing left to set, but much to take back."""
    separator = " " if judgement.status is ClusterStatus.READY_WITH_ERRORS else ": "
    return f"{VERDICT_WORDS[judgement.verdict]}{separator}{verdict_meaning(judgement)}"


def verdict_meaning(judgement: Judgement) -> str:
    """What the word of the verdict comes to, as it follows the word."""
    match judgement.status:
        case ClusterStatus.READY:
            return "every peer accepts every other under Enforce."
        case ClusterStatus.READY_WITH_ERRORS:
            count = len(judgement.other_errors)
            errors = "1 error breaks" if count == 1 else f"{count} errors break"
            return f"for Enforce, but {errors} other services: fix {'it' if count == 1 else 'them'} first."
        case ClusterStatus.UNDECIDED:
            return "nothing fails, but some input is missing."
        case ClusterStatus.OWN_ROWS_ONLY:
            return "no link between peers is known to fail, but a peer does not accept its own certificate."
        case ClusterStatus.NOT_READY if _enforces(judgement):
            return "Enforce is on, and peers reject each other; set Permissive until the errors are fixed."
        case ClusterStatus.NOT_READY:
            return "do not set TLS verification mode to Enforce."


def both_states(judgement: Judgement) -> str | None:
    """The verdicts of today and of the target in a line, where the target is judged, too."""
    if judgement.target is None:
        return None
    today, target = (VERDICT_WORDS[each.verdict] for each in (judgement, judgement.target))
    return f"Today: {today}. With the target: {target}."


VERDICT_WORDS = {Verdict.READY: "READY", Verdict.NOT_READY: "NOT READY", Verdict.UNDECIDED: "UNDECIDED"}


def verdict_details(judgement: Judgement) -> str:
    """What follows the verdict's headline: until when, what to do, or how the cluster would split."""
    enforces = _enforces(judgement)
    match judgement.verdict:
        case Verdict.READY:
            return _until(judgement)
        case Verdict.UNDECIDED:
            return f"Provide the missing input and check again{'' if enforces else ' before you set Enforce'}."
        case Verdict.NOT_READY:
            parts = [" + ".join(show(peer.address) for peer in group) for group in judgement.split]
            splits = "splits" if enforces else "would split"
            more = judgement.whole_split.more
            further = f" (and {more} more groups)" if more else ""
            return f"The cluster {splits} into: {' | '.join(parts)}{further}" if parts else ""


def _enforces(judgement: Judgement) -> bool:
    plan = judgement.plan
    return not plan.is_target and plan.cluster.stated_tls_verification is TlsVerification.ENFORCE


def other_breakage(judgement: Judgement) -> str:
    """A warning where the verdict is ready and yet there are errors; empty otherwise."""
    if judgement.status is not ClusterStatus.READY_WITH_ERRORS:
        return ""
    return "Cluster links are OK, but the errors above affect other services; fix them first."


def gaps(judgement: Judgement) -> tuple[Gap, ...]:
    """What is missing, said once however many rules wanted it, and alike things together.

    What most rules wait for comes first: it is what the engineer gains most by providing.
    """
    alike: dict[tuple[str | None, str, str], list[UnknownInput]] = {}
    for unknown in judgement.unknowns:
        if not unknown.waived:
            alike.setdefault((unknown.field, unknown.missing.why, unknown.missing.remedy), []).append(unknown)
    found = [
        Gap(
            tuple(dict.fromkeys(unknown.missing.what for unknown in same)),
            why,
            remedy,
            tuple(sorted({code for unknown in same for code in unknown.codes})),
        )
        for (_, why, remedy), same in alike.items()
    ]
    return tuple(sorted(found, key=lambda gap: -len(gap.codes)))


def code_list(codes: Iterable[str]) -> str:
    """Rule codes, the first dozen of them."""
    return listed(codes, _MOST_LISTED_CODES)


def alarm_line(predicted: PredictedAlarm, peers: int) -> str:
    """One alarm: its number, title and who raises it, of `peers` in all."""
    known = alarm(predicted.id)
    on = "all peers" if len(predicted.peers) == peers else show_all(predicted.peers)
    return f"{predicted.id}  {known.title if known else ''}: {on}"


def _until(judgement: Judgement) -> str:
    ending = next((change for change in judgement.status_changes if change.verdict is not Verdict.READY), None)
    if ending is None:
        return "No certificate or CA in use limits how long."
    return f"Ready until {ending.at:%Y-%m-%d %H:%M} UTC: {_because(ending)}."


def _because(change: StatusChange) -> str:
    more = len(change.because) - 1
    return show(change.because[0], LONGEST) + (f", and {more} more" if more else "")
