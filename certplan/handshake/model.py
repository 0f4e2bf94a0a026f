"""The simulated connection of one verifier to one presenter, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from certplan.evidence.model import Certificate, Crl, Missing
from certplan.outcomes import Confidence, Outcome, Verdict
from certplan.plan.model import IPAddress, MappingEntry, Peer
from certplan.text.names import show
from certplan.value import Value

__all__ = [
    "Ca",
    "Cause",
    "Handshake",
    "Matrix",
    "Presentation",
    "Removal",
    "Route",
    "StatusChange",
    "Step",
    "StepName",
    "Store",
    "holding",
    "worst",
]


class StepName(StrEnum):
    """The stages of a handshake, in the order they are judged."""

    RESOLVE = "resolve"
    REACH = "reach"
    IDENTIFY = "identify"
    TRUST = "trust"
    ROLE = "role"
    DATES = "dates"
    REVOCATION = "revocation"


class Store(StrEnum):
    """Which of the presenter's certificates is shown. Before X15.5 there is only the server certificate."""

    SERVER = "server"
    CLIENT = "client"


class Route(StrEnum):
    """How a `Peer N address` became an address to connect to."""

    LITERAL = "literal"
    """It is an IP address."""
    MAPPING = "mapping"
    DNS = "dns"


class Cause(StrEnum):
    """Why a step failed or could not be judged. Each has exactly one rule that explains it between peers."""

    ADDRESS_IS_IP = "address-is-ip"
    ADDRESS_NOT_FQDN = "address-not-fqdn"
    NAME_ABSENT = "name-absent"
    DNS_SILENT = "dns-silent"
    SEVERAL_ADDRESSES = "several-addresses"
    MAPPING_AMBIGUOUS = "mapping-ambiguous"
    MAPPING_NEEDED = "mapping-needed"
    MAPPING_ENTRY_MISSING = "mapping-entry-missing"
    MAPPING_WRONG_ADDRESS = "mapping-wrong-address"
    MAPPING_NAME_NOT_IN_SAN = "mapping-name-not-in-san"
    DNS_WRONG_ADDRESS = "dns-wrong-address"
    PEER_IP_WRONG = "peer-ip-wrong"
    WRONG_IP_VERSION = "wrong-ip-version"
    NAT_ON_CLUSTERING_LAN = "nat-on-clustering-lan"
    NAT_ON_SINGLE_NIC = "nat-on-single-nic"
    NAME_NOT_IN_SAN = "name-not-in-san"
    NAME_ONLY_IN_CN = "name-only-in-cn"
    CERTIFICATE_MISSING = "certificate-missing"
    CLIENT_CERTIFICATE_MISSING = "client-certificate-missing"
    CERTIFICATE_UNREADABLE = "certificate-unreadable"
    TRUST_LIST_MISSING = "trust-list-missing"
    ISSUER_NOT_TRUSTED = "issuer-not-trusted"
    INTERMEDIATE_MISSING = "intermediate-missing"
    SELF_SIGNED = "self-signed"
    SAME_NAME_OTHER_KEY = "same-name-other-key"
    ORDER_DECIDES = "order-decides"
    NOT_A_CA = "not-a-ca"
    MAY_NOT_SIGN = "may-not-sign"
    PATH_TOO_LONG = "path-too-long"
    CA_EXPIRED = "ca-expired"
    CA_NOT_YET_VALID = "ca-not-yet-valid"
    CHAIN_REFUSED = "chain-refused"
    KEY_UNREADABLE = "key-unreadable"
    WEAK_SIGNATURE = "weak-signature"
    SERVER_ROLE_MISSING = "server-role-missing"
    CLIENT_ROLE_MISSING = "client-role-missing"
    CA_ROLE_MISSING = "ca-role-missing"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    CRL_EXPIRED = "crl-expired"
    CRL_UNUSABLE = "crl-unusable"
    ZONE_ENTRY_MISSING = "zone-entry-missing"
    ZONE_PEERS_UNKNOWN = "zone-peers-unknown"
    VERIFY_NAME_UNKNOWN = "verify-name-unknown"
    PAGE_CONTRADICTS = "page-contradicts"


class Ca(Value):
    """A CA that a step is about: by its name alone, or as it was read."""

    subject: str
    """RFC 4514 text."""
    subject_key: bytes
    """The name in the form in which OpenSSL compares names."""
    certificates: tuple[Certificate, ...] = ()
    """Its certificates that were read and that would serve; empty when no list has one."""
    holders: tuple[Peer, ...] = ()
    """The peers whose trusted CA lists have one of these."""


class Removal(Value):
    """A certificate that is to leave the trusted CA list of a peer."""

    peer: Peer
    certificate: Certificate


class Step(Value):
    """One stage of a handshake and how it ended."""

    name: StepName
    outcome: Outcome
    reason: str
    """One sentence without its full stop."""
    cause: Cause | None = None
    """None exactly when the outcome is pass or not applicable."""
    address: str = ""
    """The name or IP address at issue."""
    store: Store | None = None
    """Whose certificate was judged, for the steps that judge one."""
    confidence: Confidence = Confidence.DOCUMENTED
    missing: Missing | None = None
    """The evidence whose absence made the outcome unknown."""
    openssl: tuple[int, int, str] | None = None
    """OpenSSL's error code, depth and text, for the trust step."""
    holds_until: datetime | None = None
    """The first moment at which this outcome could change with time alone; None: never."""
    peer: Peer | None = None
    """Whose address, certificate, trusted CA list or CRL is at issue."""
    certificate: Certificate | None = None
    """The certificate at which it ended: the leaf, or a CA above it."""
    path: tuple[Certificate, ...] = ()
    """The chain as it was built, from the leaf up, where one was judged."""
    ca: Ca | None = None
    """The CA that is missing, or whose certificate is at issue."""
    removals: tuple[Removal, ...] = ()
    """What would let it pass by leaving a list."""
    fqdn: str = ""
    """The name that was compared or looked up."""
    entry: MappingEntry | None = None
    """The entry of cluster address mapping at issue."""
    view: str = ""
    """The DNS view that was asked."""
    subject: str = ""
    """The CA or the certificate at issue, by its subject (RFC 4514)."""
    role: str = ""
    """The extended key usage at issue."""
    crl: Crl | None = None
    """The CRL at issue."""


class Presentation(Value):
    """One certificate that the presenter shows to the verifier."""

    verifier: Peer
    presenter: Peer
    store: Store
    leaf: Certificate
    within_cluster: bool = True
    """Whether both are peers of one cluster; False over a zone."""

    @property
    def owner(self) -> str:
        """The certificate in words: `the server certificate of exe2.example.com`."""
        return f"the {self.store} certificate of {show(self.presenter.address)}"


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Fail outweighs unknown, unknown outweighs pass; not applicable weighs nothing."""
    seen = set(outcomes)
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        if outcome in seen:
            return outcome
    return Outcome.PASS


class Handshake(Value, dict=True):
    """What would happen when `verifier` checks `presenter` under Enforce. A peer also checks itself."""

    verifier: Peer
    presenter: Peer
    target: IPAddress | None
    """The address the verifier would connect to, where it is known."""
    route: Route
    steps: tuple[Step, ...]
    contradicted: bool = False
    """Whether the appliance's own page shows otherwise: then the outcome is unknown, whatever the steps say."""

    @cached_property
    def outcome(self) -> Outcome:
        if self.contradicted:
            return Outcome.UNKNOWN
        return worst([step.outcome for step in self.steps])

    @cached_property
    def not_passed(self) -> tuple[Step, ...]:
        """The steps that failed or could not be judged."""
        return tuple(step for step in self.steps if step.cause is not None)

    @cached_property
    def holds_until(self) -> datetime | None:
        return min((step.holds_until for step in self.steps if step.holds_until is not None), default=None)


def holding(handshakes: Iterable[Handshake], at: datetime) -> dict[tuple[int, int], Handshake]:
    """Those of earlier handshakes whose outcome is still the same at `at`, by the numbers of verifier and presenter."""
    return {
        (each.verifier.number, each.presenter.number): each
        for each in handshakes
        if each.holds_until is None or at < each.holds_until
    }


class Matrix(Value, dict=True):
    """Every ordered pair of peers, each peer with itself included, at one moment."""

    at: datetime
    peers: tuple[Peer, ...]
    handshakes: tuple[Handshake, ...]
    """Row by row: all presenters for the first verifier, then for the second."""

    def between(self, verifier: Peer, presenter: Peer) -> Handshake:
        return self.handshakes[(verifier.number - 1) * len(self.peers) + presenter.number - 1]

    @cached_property
    def not_passed(self) -> Mapping[Cause, Sequence[tuple[Handshake, Step]]]:
        """The steps that failed or could not be judged, by cause, each with its handshake, in matrix order."""
        found: dict[Cause, list[tuple[Handshake, Step]]] = {}
        for handshake in self.handshakes:
            for step in handshake.not_passed:
                if step.cause is not None:
                    found.setdefault(step.cause, []).append((handshake, step))
        return found

    @cached_property
    def verdict(self) -> Verdict:
        match worst(handshake.outcome for handshake in self.handshakes):
            case Outcome.FAIL:
                return Verdict.NOT_READY
            case Outcome.UNKNOWN:
                return Verdict.UNDECIDED
            case _:
                return Verdict.READY

    @cached_property
    def only_own_rows_fail(self) -> bool:
        """Whether some peer's row about itself fails and no handshake between two different peers does."""
        failed = [handshake for handshake in self.handshakes if handshake.outcome is Outcome.FAIL]
        return bool(failed) and all(handshake.verifier is handshake.presenter for handshake in failed)

    def link(self, one: Peer, other: Peer) -> Outcome:
        """The mutual TLS link between two peers: both must accept the other."""
        return worst((self.between(one, other).outcome, self.between(other, one).outcome))


class StatusChange(Value):
    """A coming moment at which some handshake changes, and the verdict from then on."""

    at: datetime
    verdict: Verdict
    because: tuple[str, ...]
    """What changes, a sentence each."""
