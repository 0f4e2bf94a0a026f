"""When each certificate has to be ordered again, how long the next one will last, and what the CA will still issue.

Sources: CA/Browser Forum Baseline Requirements 2.2.6, section 6.3.2 (longest validity by date of issue); the root
programme's and the CAs' announcements (`data/eku_sunset.toml`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from certplan.data import eku_sunset, lifetime_steps, public_lifetime, root_programme_sunset
from certplan.evidence.model import Certificate, CertificateFile, Evidence, Missing
from certplan.handshake.credentials import needed_roles
from certplan.handshake.model import Store
from certplan.names import show
from certplan.plan.model import CertificateAuthority, Peer, Plan

__all__ = ["DEFAULT_LEAD", "Due", "Outlook", "Renewal", "Step", "renewals", "steps"]

DEFAULT_LEAD = 30
"""Days from the order to the end of the old certificate, at most a third of its lifetime."""
YEAR = timedelta(days=365)
_DAY = timedelta(days=1)
BOTH, SERVER_ONLY = ("serverAuth", "clientAuth"), ("serverAuth",)


@dataclass(frozen=True, slots=True)
class Renewal:
    """One order, and the certificate that comes of it."""

    order_by: date
    days: int
    """How long the new one may last, by the rules on that day."""
    roles: tuple[str, ...]
    """What the CA will issue then."""
    note: str = ""
    """What stands against it, or has to be asked for."""


@dataclass(frozen=True, slots=True)
class Due:
    """One certificate of today and the orders that follow from it within a year."""

    peer: Peer
    store: Store
    file: str
    certificate: Certificate
    public: bool
    days_left: int
    """Whole days until it lapses; below 0 when it has."""
    orders: tuple[Renewal, ...]
    """The first always stands, the others as far as a year goes."""

    @property
    def next(self) -> Renewal:
        return self.orders[0]


@dataclass(frozen=True, slots=True)
class Step:
    """How often a public certificate has to be renewed from a day on."""

    since: date
    days: int
    a_year: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Every certificate of a plan, soonest order first; what could not be read; what was taken for granted."""

    due: tuple[Due, ...]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...]

    @property
    def a_year(self) -> int:
        """How many certificates have to be ordered in the coming year, all together."""
        return sum(len(each.orders) for each in self.due)


def renewals(
    plan: Plan, evidence: Evidence, at: datetime, *, lead: int = DEFAULT_LEAD, lifetime: int | None = None
) -> Outlook:
    """Reckon the coming year's orders.

    Args:
        plan: the cluster.
        evidence: its certificates.
        at: from when on, aware.
        lead: how many days before the end of a certificate the next is ordered; never more than a third of its life.
        lifetime: how long the CA's certificates last in days, where that is less than the rules allow, or another
            than that of the present ones.
    """
    due: list[Due] = []
    missing: list[Missing] = []
    notes: dict[str, None] = {}
    for peer, found in zip(plan.peers, evidence.peers, strict=True):
        for store, file in ((Store.SERVER, found.server), (Store.CLIENT, found.client)):
            if isinstance(file, CertificateFile):
                public = _is_public(plan, file.leaf, notes)
                orders = tuple(_orders(peer, store, file.leaf, at.date(), lead, lifetime, public=public))
                left = (file.leaf.not_after - at) // _DAY
                due.append(Due(peer, store, file.file, file.leaf, public, left, orders))
            elif store is Store.SERVER or peer.client_certificate is not None:
                missing.append(file)
    due.sort(key=lambda each: (each.next.order_by, each.peer.number, each.store))
    return Outlook(tuple(due), tuple(missing), tuple(notes))


def steps(at: datetime, lead: int = DEFAULT_LEAD) -> tuple[Step, ...]:
    """How often public certificates have to be renewed by the rules of now and of every later date known."""
    known = lifetime_steps()
    current = max((step.issued_from for step in known if step.issued_from <= at.date()), default=date.min)
    return tuple(
        Step(step.issued_from, step.days, -(-YEAR.days // (step.days - _lead(step.days, lead))))
        for step in known
        if step.issued_from >= current
    )


def _is_public(plan: Plan, certificate: Certificate, notes: dict[str, None]) -> bool:
    if plan.certificate_authority is not None:
        return plan.certificate_authority is CertificateAuthority.PUBLIC
    public = eku_sunset(certificate.issuer) is not None
    kind = "public, for it is known as one" if public else "private"
    notes[f"The plan does not say certificate_authority; {show(certificate.issuer)} is taken for {kind}."] = None
    return public


def _orders(
    peer: Peer, store: Store, leaf: Certificate, today: date, lead: int, lifetime: int | None, *, public: bool
) -> Iterator[Renewal]:
    """The orders one after the other: the next one, and those that follow within a year."""
    end, span = leaf.not_after.date(), max(1, round((leaf.not_after - leaf.not_before) / _DAY))
    horizon = today + YEAR
    order = max(end - timedelta(days=_lead(span, lead)), today)
    while True:
        days = _lasting(order, span if lifetime is None else lifetime, public=public, stated=lifetime is not None)
        roles, note = _roles(peer, store, leaf, order, public=public)
        yield Renewal(order, days, roles, note)
        if order >= horizon:
            return
        order += timedelta(days=max(1, days - _lead(days, lead)))
        if order >= horizon:
            return


def _lead(days: int, lead: int) -> int:
    return min(lead, days // 3)


def _lasting(order: date, span: int, *, public: bool, stated: bool) -> int:
    """Days that a certificate ordered on a day lasts: of a public one all that the rules allow, unless stated."""
    longest = public_lifetime(order) if public else None
    if longest is None:
        return span
    return min(span, longest) if stated else longest


def _roles(peer: Peer, store: Store, leaf: Certificate, order: date, *, public: bool) -> tuple[tuple[str, ...], str]:
    """What the CA will issue on that day, and what follows for this peer."""
    if not public:
        return BOTH, ""
    own, programme = eku_sunset(leaf.issuer), root_programme_sunset()
    ends = programme.ends or date.max
    if own is not None and own.ends is not None:
        ends = min(ends, own.ends)
    if order >= ends:
        authority = own.authority if own is not None and own.ends == ends else programme.authority
        note = f"no clientAuth since {ends} ({authority})"
        if "clientAuth" in needed_roles(peer, peer, store):
            wants = "the client store" if store is Store.CLIENT else f"Enforce on {peer.release}"
            note += f", which {wants} needs: take a private CA" + (
                "" if store is Store.CLIENT else ", or upgrade to X15.4 or later"
            )
        return SERVER_ONLY, note
    if own is not None and own.default_from is not None and order >= own.default_from:
        return BOTH, f"clientAuth has to be asked for at {own.authority}"
    return BOTH, ""
