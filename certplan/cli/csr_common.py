"""What the `certplan csr` commands share: their options, and what they say on standard error."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from certplan.cli.completion import peers
from certplan.cli.emit import note
from certplan.cli.options import add_options
from certplan.cli.plans import chosen_peers, problems_exit
from certplan.csr.words import CnStyle, Digest, KeyAlgorithm, NameStyle, Role, StoreChoice

if TYPE_CHECKING:
    from certplan.csr.model import Choices, Order
    from certplan.intent.cluster import Intent
    from certplan.plan.model import Plan

__all__ = [
    "Cn",
    "Names",
    "PassphraseEnv",
    "PassphraseFd",
    "Requested",
    "Sans",
    "intent_of",
    "now",
    "ordered",
    "with_choices",
]


Peers = Annotated[
    list[str] | None,
    typer.Option(
        "--peer", help="Only this peer: address, FQDN, host name or number; may be repeated.", autocompletion=peers
    ),
]
Cn = Annotated[
    CnStyle | None,
    typer.Option(
        "--cn", help="CN: the FQDN of the cluster or of the peer (default: cluster; a system on its own: peer)."
    ),
]
Names = Annotated[NameStyle, typer.Option("--names", help="Name each peer alone, or all peers in every request.")]
Sans = Annotated[list[str] | None, typer.Option("--san", help="A further SAN; may be repeated.", show_default=False)]
RoleOption = Annotated[
    Role | None,
    typer.Option(
        "--role",
        help="serverAuth and clientAuth, or one of them (default: what the store, the release and the CA call for).",
        show_default=False,
    ),
]
OnlyRequired = Annotated[
    bool, typer.Option("--only-required", help="Leave out the names that only today's certificate has.")
]
StoreOption = Annotated[
    StoreChoice | None,
    typer.Option(
        "--store",
        help="For which certificate, from X15.5 on (default: server; client with --role client).",
        show_default=False,
    ),
]
Algorithm = Annotated[KeyAlgorithm, typer.Option("--algorithm", help="Public key algorithm and length.")]
DigestOption = Annotated[Digest, typer.Option("--digest", help="Digest algorithm.")]
Country = Annotated[str | None, typer.Option("--country", help="Country, two letters.", show_default=False)]
Province = Annotated[str | None, typer.Option("--state", help="State or province.", show_default=False)]
Locality = Annotated[str | None, typer.Option("--locality", help="Locality (town).", show_default=False)]
Organization = Annotated[str | None, typer.Option("--organization", help="Organization.", show_default=False)]
Unit = Annotated[
    str | None,
    typer.Option("--organizational-unit", help="Organizational unit; not for a public CA.", show_default=False),
]
Email = Annotated[str | None, typer.Option("--email", help="E-mail address.", show_default=False)]
PassphraseFd = Annotated[
    int | None,
    typer.Option("--passphrase-fd", metavar="N", help="Read the passphrase from this descriptor.", show_default=False),
]
PassphraseEnv = Annotated[
    str | None,
    typer.Option(
        "--passphrase-env", metavar="NAME", help="Take the passphrase from this variable.", show_default=False
    ),
]


def now() -> datetime:
    """The time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def intent_of(plan: "Plan") -> "Intent":
    """What the cluster should have, by the plan and its files; DNS is asked only where it has to tell a peer's name."""
    from certplan.evidence.gather import gather
    from certplan.intent.cluster import Intent

    moment = now()
    evidence = gather(plan, moment, live_dns=any(peer.fqdn is None for peer in plan.peers))
    return Intent(plan, evidence, moment)


class Requested(NamedTuple):
    """What the options say that is requested."""

    peers: list[str]
    """As named; none: every peer."""
    choices: "Choices"


def ordered(plan: "Plan", requested: Requested) -> "Order":
    """Decide what is requested; everything wrong with it is reported at once, before any key is made."""
    from certplan.csr.names import order_requests

    order = order_requests(intent_of(plan), chosen_peers(plan, requested.peers), requested.choices)
    for message in (*order.notes, *(f"warning: {warning}" for warning in order.warnings)):
        note(message)
    if order.problems:
        raise problems_exit(order.problems)
    return order


_STATED: dict[str, tuple[Any, Any]] = {
    "peer": (Peers, None),
    "cn": (Cn, None),
    "names": (Names, NameStyle.PEER),
    "san": (Sans, None),
    "only_required": (OnlyRequired, False),
    "role": (RoleOption, None),
    "store": (StoreOption, None),
    "algorithm": (Algorithm, KeyAlgorithm.RSA_4096),
    "digest": (DigestOption, Digest.SHA256),
    "country": (Country, None),
    "state": (Province, None),
    "locality": (Locality, None),
    "organization": (Organization, None),
    "organizational_unit": (Unit, None),
    "email": (Email, None),
}
_OF_SUBJECT = ("country", "state", "locality", "organization", "organizational_unit", "email")


def with_choices(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options that say what is requested, in the place of its parameter `requested`."""

    @wraps(command)
    def run(**options: Any) -> None:
        from certplan.csr.model import Choices
        from certplan.plan.model import CertificateSubject

        stated = {name: options.pop(name) for name in _STATED}
        subject = CertificateSubject(**{name: stated.pop(name) for name in _OF_SUBJECT})
        peers, sans = stated.pop("peer") or [], tuple(stated.pop("san") or ())
        command(**options, requested=Requested(peers, Choices(**stated, sans=sans, subject=subject)))

    add_options(run, command, _STATED, instead_of="requested")
    return run
