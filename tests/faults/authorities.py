"""The CAs that faulty certificates come from, and the dates they are wrong at."""

from datetime import UTC, datetime

from tests.clusters import ISSUING, ROOT
from tests.pki import Authority, ec_key

__all__ = ["EARLY", "EXPIRED_CA", "EXPIRING_CA", "LATE", "NO_CA", "OTHER_CA", "SERVERS_ONLY", "SIGNERS"]

OTHER_CA = Authority.root("stranger root", key=ec_key("faults stranger"))
"""A CA that no list has of itself."""
EARLY, LATE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
EXPIRED_CA = ROOT.intermediate("expired issuing", key=ec_key("faults lapsed"), not_after=EARLY)
EXPIRING_CA = ROOT.intermediate("expiring issuing", key=ec_key("faults lapsing"), not_after=LATE)
NO_CA = ROOT.intermediate("no CA", key=ec_key("faults no CA"), basic_constraints=False)
SERVERS_ONLY = ROOT.intermediate("for servers only", key=ec_key("faults servers"), eku=("serverAuth",))
SIGNERS = {
    authority.certificate.subject: authority
    for authority in (ROOT, ISSUING, OTHER_CA, EXPIRED_CA, EXPIRING_CA, NO_CA, SERVERS_ONLY)
}
