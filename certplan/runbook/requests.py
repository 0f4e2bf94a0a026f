"""What a procedure is asked for, and how a peer is named in the request."""

from certplan.plan.model import IPAddress, Lan, Peer, Plan
from certplan.runbook.model import Procedure
from certplan.text.addresses import parse_ip
from certplan.text.names import is_fqdn, is_ip, key
from certplan.text.words import listed
from certplan.value import Value, replace
from certplan.vendor.releases import Release

__all__ = [
    "ProcedureRequest",
    "UnfitRequestError",
    "find",
    "later_release",
    "newcomer",
    "returning",
    "the_peer",
    "unreachable_peers",
]


class ProcedureRequest(Value):
    """What the procedure is for. `subject` and the rest as the kind asks."""

    kind: Procedure = Procedure.ENFORCE
    subject: str = ""
    """The peer it is about (FQDN, address or number), or the release."""
    lan1: IPAddress | None = None
    """LAN 1 of a peer to add that the plan does not have, or the new one of a peer that changes its name."""
    name: str = ""
    """The new FQDN of a peer that changes its name."""
    unreachable: tuple[str, ...] = ()
    """Peers that are down: nothing is done on them."""


class UnfitRequestError(ValueError):
    """The request does not fit the plan; the text says why and what to do."""


def find(plan: Plan, word: str) -> Peer | None:
    """The peer with this number, address, FQDN or LAN 1 address."""
    ip = parse_ip(word)
    for peer in plan.peers:
        names = {key(name) for name in (peer.address, peer.fqdn, peer.host_name) if name is not None}
        if word == str(peer.number) or key(word) in names or (ip is not None and ip == peer.lan1.ip):
            return peer
    return None


def the_peer(plan: Plan, word: str, option: str) -> Peer:
    """The same, which has to be there.

    Raises:
        UnfitRequestError: when the plan has no such peer.
    """
    peer = find(plan, word)
    if peer is None:
        known = listed(f"{peer.number} ({peer.address})" for peer in plan.peers)
        raise UnfitRequestError(f"{option} {word}: no peer of the plan; it has {known}")
    return peer


def unreachable_peers(plan: Plan, request: ProcedureRequest) -> frozenset[int]:
    """The numbers of the peers that are down.

    Raises:
        UnfitRequestError: when the plan does not have one, or none would be left.
    """
    numbers = frozenset(the_peer(plan, word, "--unreachable").number for word in request.unreachable)
    if numbers and len(numbers) == len(plan.peers):
        raise UnfitRequestError("--unreachable: every peer is named, and one at least must be reachable")
    return numbers


def later_release(plan: Plan, text: str) -> Release:
    """The release to upgrade to.

    Raises:
        UnfitRequestError: when it is none, or not later than today's.
    """
    try:
        release = Release.parse(text)
    except ValueError:
        raise UnfitRequestError(f"--upgrade {text}: not a release; expected something like X15.4") from None
    newest = max(peer.release for peer in plan.peers)
    if release <= newest:
        raise UnfitRequestError(f"--upgrade {text}: a peer runs {newest} already; expected a later release")
    return release


def _new_name(plan: Plan, peer: Peer, name: str) -> str:
    """The FQDN that a peer is to get.

    Raises:
        UnfitRequestError: when it is none, or another peer has it.
    """
    if not is_fqdn(name):
        raise UnfitRequestError(f"--to {name}: not an FQDN; name the peer as its new certificate will")
    if (owner := find(plan, name)) is not None:
        conflict = "its name already" if owner.number == peer.number else f"the name of peer {owner.number}"
        raise UnfitRequestError(f"--to {name}: it is {conflict}")
    return key(name)


def newcomer(plan: Plan, request: ProcedureRequest) -> Peer:
    """The peer to add, where the plan does not have it.

    Raises:
        UnfitRequestError: when the request does not say what it needs of it.
    """
    if not is_fqdn(request.subject):
        raise UnfitRequestError(f"--add-peer {request.subject}: not an FQDN; name the peer as its certificate does")
    if request.lan1 is None:
        raise UnfitRequestError(
            f"--add-peer {request.subject}: the plan does not have it; add it to the plan as the last peer, or give its"
            " LAN 1 address with --lan1"
        )
    on_ip = all(is_ip(peer.address) for peer in plan.peers)
    first = plan.peers[0]
    return Peer(
        number=len(plan.peers) + 1,
        address=str(request.lan1) if on_ip else key(request.subject),
        stated_lan1=Lan(request.lan1),
        stated_release=plan.cluster.release,
        dns=first.dns,
        fqdn=key(request.subject),
        host_name=request.subject.split(".")[0],
    )


def returning(plan: Plan, peer: Peer, request: ProcedureRequest) -> Peer | None:
    """The peer as it joins again; None where it does not.

    Raises:
        UnfitRequestError: when its new name is none, or another peer's.
    """
    if request.kind is Procedure.REMOVE_PEER:
        return None
    if request.kind is not Procedure.RENAME_PEER:
        return peer
    name = _new_name(plan, peer, request.name)
    lan1 = peer.lan1 if request.lan1 is None else Lan(request.lan1, peer.lan1.network, peer.lan1.static_nat)
    host, _, domain = name.partition(".")
    address = str(lan1.ip) if is_ip(peer.address) else name
    return replace(peer, address=address, fqdn=name, host_name=host, domain=domain, stated_lan1=lan1)
