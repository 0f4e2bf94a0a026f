"""When each certificate has to be ordered again, how long the next one will last, and what the CA will still issue.

Sources: CA/Browser Forum Baseline Requirements 2.2.6, section 6.3.2 (longest validity by date of issue); the root
programme's and the CAs' announcements (`data/eku_sunset.toml`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from certplan.evidence.model import Certificate, CertificateFile, Evidence, Missing
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH, needed_roles
from certplan.handshake.model import Store
from certplan.intent.cluster import one_role_enough
from certplan.intent.dates import days_left
from certplan.plan.model import CertificateAuthority, Peer, Plan
from certplan.text.names import show
from certplan.vendor import EkuSunset, eku_sunset, lifetime_steps, public_lifetime, root_programme_sunset
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["DEFAULT_LEAD", "Due", "Outlook", "Renewal", "Step", "renewals", "steps"]

WITHOUT_CLIENT_AUTH = "take a private CA, or upgrade to X15.5 with a client certificate from a private CA"
"""What to do where a public CA no longer issues clientAuth (225693). On X15.4 an Expressway-C still needs it in its
server certificate, and an Expressway-E still does for its zones."""
DEFAULT_LEAD = 30
"""Days from the order to the end of the old certificate, at most a third of its lifetime."""
YEAR = timedelta(days=365)
_DAY = timedelta(days=1)
BOTH, SERVER_ONLY = (SERVER_AUTH, CLIENT_AUTH), (SERVER_AUTH,)


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
    """Days until it expires, as `check` counts them; below 0 when it has."""
    orders: tuple[Renewal, ...]
    """The first always stands, the others as far as a year goes."""
    last_call: date | None = None
    """The day before which to order for the CA to put clientAuth in once more; None where that is not at issue."""

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
                usages = _Usages(plan, peer, store, file.leaf, at.date(), public=public)
                orders = tuple(_orders(usages, lead, lifetime))
                left = days_left(file.leaf.not_after, at)
                last_call = usages.last_call if any(usages.lost(order.order_by) for order in orders) else None
                due.append(Due(peer, store, file.file, file.leaf, public, left, orders, last_call))
            elif store is Store.SERVER or peer.client_certificate is not None or peer.release >= TWO_STORES_FROM:
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


@dataclass(frozen=True, slots=True)
class _Usages:
    """Which usages the coming certificates of one store will have, and what is to be said of them."""

    plan: Plan
    peer: Peer
    store: Store
    leaf: Certificate
    today: date
    public: bool

    def of(self, order: date) -> tuple[tuple[str, ...], str]:
        """Those of a certificate that is ordered on a day, and what stands against it."""
        wanted = self._wanted
        if not self.public or CLIENT_AUTH not in wanted:
            return wanted, ""
        if order >= self._ends:
            return SERVER_ONLY, self._gone
        own = self._own
        if own is not None and own.default_from is not None and order >= own.default_from:
            return wanted, f"clientAuth has to be asked for at {own.authority}"
        return wanted, ""

    def lost(self, order: date) -> bool:
        """Whether clientAuth is needed and no longer to be had on a day."""
        return self.public and self._needed and order >= self._ends

    @property
    def last_call(self) -> date | None:
        return self._ends if self.today < self._ends else None

    @property
    def _wanted(self) -> tuple[str, ...]:
        """The usages of today's certificate, and what the store needs; one without the extension is free to do both."""
        today = BOTH if self.leaf.eku is None else self.leaf.eku
        needed = {*needed_roles(self.peer, self.peer, self.store), *((CLIENT_AUTH,) if self._needed else ())}
        return tuple(role for role in BOTH if role in today or role in needed)

    @property
    def _needed(self) -> bool:
        """Whether the peer needs clientAuth in this certificate."""
        return self.store is Store.CLIENT or not one_role_enough(self.plan, self.peer)

    @property
    def _own(self) -> EkuSunset | None:
        return eku_sunset(self.leaf.issuer)

    @property
    def _ends(self) -> date:
        """The first day on which the CA issues no clientAuth: its own, or the root programme's for all in it."""
        own = self._own
        if own is not None and own.spares(self.leaf.issuer):
            return date.max
        ends = (sunset.ends for sunset in (own, root_programme_sunset()) if sunset is not None)
        return min((day for day in ends if day is not None), default=date.max)

    @property
    def _gone(self) -> str:
        ends, own = self._ends, self._own
        authority = own.authority if own is not None and own.ends == ends else root_programme_sunset().authority
        since = f"since {ends}" if ends <= self.today else f"from {ends} on"
        note = f"no clientAuth {since} ({authority})"
        if not self._needed:
            return note
        once_more = f"order before {ends} to get clientAuth once more; then " if self.last_call is not None else ""
        if self.store is Store.CLIENT:
            return f"{note}, which the client store needs: {once_more}take a private CA"
        who = "Enforce" if CLIENT_AUTH in needed_roles(self.peer, self.peer, self.store) else "an Expressway-C"
        return f"{note}, which {who} on {self.peer.release} needs: {once_more}{WITHOUT_CLIENT_AUTH}"


def _orders(usages: _Usages, lead: int, lifetime: int | None) -> Iterator[Renewal]:
    """The orders one after the other: the next one, and those that follow within a year. A note stands once."""
    leaf, today, public = usages.leaf, usages.today, usages.public
    end, span = leaf.not_after.date(), max(1, round((leaf.not_after - leaf.not_before) / _DAY))
    horizon = today + YEAR
    order = max(end - timedelta(days=_lead(span, lead)), today)
    said = ""
    while True:
        days = _lasting(order, span if lifetime is None else lifetime, public=public, stated=lifetime is not None)
        roles, note = usages.of(order)
        yield Renewal(order, days, roles, note if note != said else "")
        said = note
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
