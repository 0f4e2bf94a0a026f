"""When each certificate has to be ordered again, how long the next one will last, and what the CA will still issue.

Sources: CA/Browser Forum Baseline Requirements 2.2.6, section 6.3.2 (longest validity by date of issue); the root
program's and the CAs' announcements (`vendor/eku_sunset.toml`, `vendor/ca_lifetimes.toml`); Prepare Expressway for
Client Auth EKU Sunset, 225482 (the ACME scheduler).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from certplan.evidence.model import Certificate, CertificateFile, Evidence, Missing
from certplan.handshake.credentials import CLIENT_AUTH, SERVER_AUTH, needed_roles
from certplan.handshake.model import Store
from certplan.intent.cluster import one_role_enough, without_client_auth
from certplan.intent.dates import client_role_ends, days_left, lifetime, taken_for_public
from certplan.intent.stated import authority_of, on_expressway_e
from certplan.intent.zones import zone_roles, zones_of
from certplan.plan.model import CertificateAuthority, Peer, Plan
from certplan.text.names import show
from certplan.value import Value
from certplan.vendor import EkuSunset, eku_sunset, lifetime_steps, lifetimes_of, root_program_sunset
from certplan.vendor.releases import TWO_STORES_FROM

__all__ = ["DEFAULT_LEAD", "Due", "Renewal", "RenewalPace", "RenewalSchedule", "StatedLifetime", "renewals", "steps"]

DEFAULT_LEAD = 30
"""Days from the order to the end of the old certificate, at most a third of its lifetime."""
YEAR = timedelta(days=365)
_DAY = timedelta(days=1)
_BY_ITSELF = "the ACME service renews it by itself about this day"
_ACME_OFF = "switch the ACME scheduler off before it renews the certificate"
BOTH, SERVER_ONLY = (SERVER_AUTH, CLIENT_AUTH), (SERVER_AUTH,)


class StatedLifetime(Value):
    """How long the certificates of a CA last, as the user says it."""

    days: int
    since: date | None = None
    """The first day of issue it holds for; None: any."""
    ca: str = ""
    """A piece of the CA's name; empty: every CA."""

    def holds(self, issuer: str, on: date) -> bool:
        """Whether it is about a certificate that this CA issues on that day."""
        return self.ca.casefold() in issuer.casefold() and (self.since is None or self.since <= on)


class Renewal(Value):
    """One order, and the certificate that comes of it."""

    order_by: date
    days: int
    """How long the new one may last, by the rules on that day."""
    roles: tuple[str, ...]
    """What the CA will issue then."""
    note: str = ""
    """What stands against it, or has to be asked for."""


class Due(Value):
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
    acme: bool = False
    """The ACME service of Expressway renews it by itself."""
    last_call: date | None = None
    """The day before which to order for the CA to put clientAuth in once more; None where that is not at issue."""
    zones: tuple[str, ...] = ()
    """The names of the zones that rest on it, too."""

    @property
    def next(self) -> Renewal:
        return self.orders[0]


class RenewalPace(Value):
    """How often a public certificate has to be renewed from a day on."""

    since: date
    days: int
    a_year: int


class RenewalSchedule(Value):
    """Every certificate of a plan, soonest order first; what could not be read; what was taken for granted."""

    due: tuple[Due, ...]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...]
    until: date
    """The end of the coming year."""

    @property
    def a_year(self) -> int:
        """How many certificates have to be ordered in the coming year, all together."""
        return sum(order.order_by < self.until for each in self.due for order in each.orders)


def renewals(
    plan: Plan, evidence: Evidence, at: datetime, *, lead: int = DEFAULT_LEAD, lifetimes: Sequence[StatedLifetime] = ()
) -> RenewalSchedule:
    """Calculate the coming year's orders.

    Args:
        plan: the cluster.
        evidence: its certificates.
        at: from when on, aware.
        lead: how many days before the end of a certificate the next is ordered; never more than a third of its life.
        lifetimes: how long CAs' certificates last, where that is less than the rules allow, or another than that of
            the present ones. One that names the CA goes before one that does not, a later day before an earlier one.
    """
    due: list[Due] = []
    missing: list[Missing] = []
    notes: dict[str, None] = {}
    for peer, found in zip(plan.peers, evidence.peers, strict=True):
        for store, file in ((Store.SERVER, found.server), (Store.CLIENT, found.client)):
            if isinstance(file, CertificateFile):
                rests = _Zones.of(plan, evidence, peer, store)
                due.append(_due(plan, peer, store, file, at, _Terms(lead, tuple(lifetimes)), notes, rests))
            elif store is Store.SERVER or peer.client_certificate is not None or peer.release >= TWO_STORES_FROM:
                missing.append(file)
    due.sort(key=lambda each: (each.next.order_by, each.peer.number, each.store))
    return RenewalSchedule(tuple(due), tuple(missing), tuple(notes), at.date() + YEAR)


class _Zones(Value):
    """The zones that rest on a certificate, and whether they ask for clientAuth."""

    names: tuple[str, ...]
    client_role: bool

    @classmethod
    def of(cls, plan: Plan, evidence: Evidence, peer: Peer, store: Store) -> "_Zones":
        names = tuple(link.zone.name for link in zones_of(plan, evidence, peer, store))
        return cls(names, CLIENT_AUTH in zone_roles(plan, evidence, peer, store))


def _due(
    plan: Plan,
    peer: Peer,
    store: Store,
    file: CertificateFile,
    at: datetime,
    terms: "_Terms",
    notes: dict[str, None],
    zones: _Zones,
) -> Due:
    leaf = file.leaf
    public = _is_public(plan, store, leaf, notes)
    acme = store is Store.SERVER and on_expressway_e(plan) and public and _by_acme(plan, leaf)
    usages = _Usages(plan, peer, store, leaf, at.date(), public, acme, zones.client_role)
    orders = tuple(_orders(usages, terms))
    last_call = usages.last_call if any(usages.lost(order.order_by) for order in orders) else None
    return Due(
        peer, store, file.file, leaf, public, days_left(leaf.not_after, at), orders, acme, last_call, zones.names
    )


def _by_acme(plan: Plan, leaf: Certificate) -> bool:
    known = lifetimes_of(leaf.issuer)
    return plan.authorities.server is CertificateAuthority.ACME or (known is not None and known.acme)


def steps(at: datetime, lead: int = DEFAULT_LEAD) -> tuple[RenewalPace, ...]:
    """How often public certificates have to be renewed by the rules of now and of every later date known."""
    known = lifetime_steps()
    current = max((step.issued_from for step in known if step.issued_from <= at.date()), default=date.min)
    return tuple(
        RenewalPace(step.issued_from, step.days, -(-YEAR.days // (step.days - _lead(step.days, lead))))
        for step in known
        if step.issued_from >= current
    )


def _is_public(plan: Plan, store: Store, certificate: Certificate, notes: dict[str, None]) -> bool:
    stated = authority_of(plan, store)
    if stated is not None:
        return stated is CertificateAuthority.PUBLIC
    public = taken_for_public(certificate.issuer)
    kind = "public, for it is known as one" if public else "private"
    notes[f"The plan does not say certificate_authority; {show(certificate.issuer)} is taken for {kind}."] = None
    return public


class _Usages(Value):
    """Which usages the coming certificates of one store will have, and what is to be said of them."""

    plan: Plan
    peer: Peer
    store: Store
    leaf: Certificate
    today: date
    public: bool
    acme: bool = False
    by_zone: bool = False
    """A zone asks for clientAuth in it."""

    def of(self, order: date) -> tuple[tuple[str, ...], str]:
        """Those of a certificate that is ordered on a day, and what stands against it."""
        roles = self._roles_to_ask
        if not self.public or CLIENT_AUTH not in roles:
            return roles, ""
        if order >= self._ends:
            return SERVER_ONLY, self._gone
        own = self._own
        if own is not None and not own.fixed_profile and own.default_from is not None and order >= own.default_from:
            return roles, f"clientAuth has to be asked for at {own.authority}"
        return roles, ""

    def lost(self, order: date) -> bool:
        """Whether clientAuth is needed and no longer to be had on a day."""
        return self.public and self._needed and order >= self._ends

    @property
    def last_call(self) -> date | None:
        return self._ends if self.today < self._ends else None

    @property
    def _roles_to_ask(self) -> tuple[str, ...]:
        """The usages of today's certificate, and what the store needs; one without the extension is free to do both."""
        today = BOTH if self.leaf.eku is None else self.leaf.eku
        needed = {*needed_roles(self.peer, self.peer, self.store), *((CLIENT_AUTH,) if self._needed else ())}
        return tuple(role for role in BOTH if role in today or role in needed)

    @property
    def _needed(self) -> bool:
        """Whether the peer needs clientAuth in this certificate."""
        return self.by_zone or self.store is Store.CLIENT or not one_role_enough(self.plan, self.peer)

    @property
    def _own(self) -> EkuSunset | None:
        return eku_sunset(self.leaf.issuer)

    @property
    def _ends(self) -> date:
        """The first day on which the CA issues no clientAuth: its own, or the root program's for all in it."""
        return client_role_ends(self.leaf.issuer, public=self.public)

    @property
    def _gone(self) -> str:
        ends, own = self._ends, self._own
        authority = own.authority if own is not None and own.gone_from == ends else root_program_sunset().authority
        since = f"since {ends}" if ends <= self.today else f"from {ends} on"
        note = f"no clientAuth {since} ({authority})"
        if not self._needed:
            return note
        if self.acme:
            alternative = without_client_auth(self.plan)
            return f"{note}, which the peer on {self.peer.release} needs: {_ACME_OFF}, and {alternative}"
        once_more = f"order before {ends} to get clientAuth once more; then " if self.last_call is not None else ""
        if self.store is Store.CLIENT:
            return f"{note}, which the client store needs: {once_more}take a private CA"
        who = "Enforce" if CLIENT_AUTH in needed_roles(self.peer, self.peer, self.store) else "an Expressway-C"
        alternative = without_client_auth(self.plan)
        return f"{note}, which {who} on {self.peer.release} needs: {once_more}{alternative}"


class _Terms(Value):
    """How early is ordered, and how long certificates last."""

    lead: int
    lifetimes: tuple[StatedLifetime, ...] = ()

    def ahead(self, days: int, *, acme: bool) -> int:
        """Days before its end that a certificate is renewed; the ACME service does so at two thirds of its life."""
        return days - round(days * 2 / 3) if acme else _lead(days, self.lead)

    def lasting(self, issuer: str, order: date, span: int, *, public: bool) -> int:
        """Days that a certificate ordered on a day lasts: all that the CA and the rules allow, unless it is stated."""
        allowed = lifetime(issuer, order, public=public)
        said = [each for each in self.lifetimes if each.holds(issuer, order)]
        if not said:
            return span if allowed is None else allowed
        best = max(said, key=lambda each: (bool(each.ca), each.since or date.min))
        return best.days if allowed is None else min(best.days, allowed)


def _orders(usages: _Usages, terms: _Terms) -> Iterator[Renewal]:
    """The orders one after the other: the next one, and those that follow within a year. A note stands once."""
    leaf, today = usages.leaf, usages.today
    end, span = leaf.not_after.date(), max(1, round((leaf.not_after - leaf.not_before) / _DAY))
    in_a_year = today + YEAR
    order = max(end - timedelta(days=terms.ahead(span, acme=usages.acme)), today)
    said = ""
    while True:
        days = terms.lasting(leaf.issuer, order, span, public=usages.public)
        roles, note = usages.of(order)
        if usages.acme and not note:
            note = _BY_ITSELF
        yield Renewal(order, days, roles, note if note != said else "")
        said = note
        order += timedelta(days=max(1, days - terms.ahead(days, acme=usages.acme)))
        if order >= in_a_year:
            return


def _lead(days: int, lead: int) -> int:
    return min(lead, days // 3)
