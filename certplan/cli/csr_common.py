"""What the `certplan csr` commands share: their options, and how they tell things on standard error."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from certplan.cli.completion import peers
from certplan.cli.emit import note
from certplan.cli.plans import problems_exit
from certplan.csr.words import CnStyle, Digest, KeyAlgorithm, NameStyle, Role, StoreChoice

if TYPE_CHECKING:
    from certplan.csr.model import Choices, Order
    from certplan.intent.cluster import Intent
    from certplan.plan.model import CertificateSubject, Peer, Plan

__all__ = [
    "Algorithm",
    "Cn",
    "Country",
    "DigestOption",
    "Email",
    "Locality",
    "Names",
    "OnlyRequired",
    "Organization",
    "PassphraseEnv",
    "PassphraseFd",
    "Peers",
    "RoleOption",
    "Sans",
    "State",
    "StoreOption",
    "Unit",
    "intent_of",
    "now",
    "ordered",
    "stated_subject",
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
State = Annotated[str | None, typer.Option("--state", help="State or province.", show_default=False)]
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


def ordered(plan: "Plan", peers: "tuple[Peer, ...]", choices: "Choices") -> "Order":
    """Decide what is requested; everything wrong with it is told at once, before any key is made."""
    from certplan.csr.names import order_requests

    order = order_requests(intent_of(plan), peers, choices)
    for told in (*order.notes, *(f"warning: {warning}" for warning in order.warnings)):
        note(told)
    if order.problems:
        raise problems_exit(order.problems)
    return order


def stated_subject(
    country: str | None,
    state: str | None,
    locality: str | None,
    organization: str | None,
    organizational_unit: str | None,
    email: str | None,
) -> "CertificateSubject":
    """The subject's fields as the options gave them."""
    from certplan.plan.model import CertificateSubject

    return CertificateSubject(country, state, locality, organization, organizational_unit, email)
