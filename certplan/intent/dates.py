"""How many days are left, how long a certificate lasts, and until when a CA issues a role.

Sources: CA/Browser Forum Baseline Requirements 2.2.6, section 6.3.2 (longest validity by date of issue); the root
program's and the CAs' announcements (`vendor/eku_sunset.toml`, `vendor/ca_lifetimes.toml`).
"""

from datetime import UTC, date, datetime

from certplan.vendor import ca_lifetime, eku_sunset, public_lifetime, root_program_sunset

__all__ = ["PRIVATE_LIFETIME", "client_role_ends", "days_left", "lifetime", "taken_for_public"]

PRIVATE_LIFETIME = 397
"""Days that a certificate of a private CA is taken to last where nothing tells."""


def days_left(end: datetime, at: datetime) -> int:
    """Days from the day of `at` to the day of `end`, both in UTC: 0 on the last day, below 0 once it has passed."""
    return (end.astimezone(UTC).date() - at.astimezone(UTC).date()).days


def lifetime(issuer: str | None, on: date, *, public: bool) -> int | None:
    """The days that a certificate issued on a day lasts at most; None where no rule of the CA or the forum tells.

    Args:
        issuer: the issuing CA's name, where it is known.
        on: the day of issue (UTC).
        public: the CA is a public one.
    """
    own = None if issuer is None else ca_lifetime(issuer, on)
    return own if own is not None else public_lifetime(on) if public else None


def taken_for_public(issuer: str) -> bool:
    """Whether the name of a CA is known as a public CA's."""
    return eku_sunset(issuer) is not None


def client_role_ends(issuer: str | None, *, public: bool) -> date:
    """The first day on which a CA puts clientAuth into nothing an Expressway can order; `date.max` where it goes on.

    It is the CA's own day, or the root program's for every public CA.
    """
    own = None if issuer is None else eku_sunset(issuer)
    if issuer is not None and own is not None and own.spares(issuer):
        return date.max
    if own is None and not public:
        return date.max
    ends = (sunset.gone_from for sunset in (own, root_program_sunset()) if sunset is not None)
    return min((day for day in ends if day is not None), default=date.max)
