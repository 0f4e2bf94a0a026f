"""The names in certificates: which they have, which are missing, and how near they come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from certplan.evidence.model import CertificateFile, Missing, San, SanKind
from certplan.handshake.model import Store
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer
from certplan.rules.model import About, Case, Found, Subject, Unchecked
from certplan.rules.support.once import once
from certplan.text.names import explain_miss, key, near_miss, same, show
from certplan.text.words import joined, listed
from certplan.value import Value

__all__ = [
    "EVERY_STORE",
    "AcceptedNames",
    "NamedCertificate",
    "missing_names",
    "named_certificates",
    "show_some",
    "unnamed",
]

EVERY_STORE = frozenset(Store)
MOST_LISTED = 12


class AcceptedNames(Value):
    """A name that a certificate must include."""

    order: str
    """The SAN to ask the CA for."""
    accepted: tuple[str, ...]
    """The spellings any of which will do, `order` among them."""


class NamedCertificate(Value):
    """A peer's certificate whose SANs could be read."""

    peer: Peer
    store: Store
    file: CertificateFile
    sans: tuple[San, ...]
    keys: frozenset[str]
    """The keys of the SANs that can match a name at all: one that cannot is not even the same as itself."""

    @property
    def subject(self) -> Subject:
        return Subject.certificate(self.peer, self.store)

    @property
    def owner(self) -> str:
        """The certificate in words: `server certificate of exe2.example.com`."""
        return f"{self.store} certificate of {show(self.peer.address)}"

    @property
    def names(self) -> tuple[str, ...]:
        """The dNSName SANs in an order that does not depend on the certificate's own."""
        return tuple(sorted(self.file.leaf.dns_names, key=lambda name: (key(name), name)))

    def missing(self, required_names: Iterable[AcceptedNames], also: SanKind = SanKind.DNS) -> list[AcceptedNames]:
        """Those of `required_names` that no dNSName meets, and no SAN of the kind `also`; each once."""
        keys = self.keys | {key(san.value) for san in self.sans if san.kind is also is not SanKind.DNS}
        missing = {
            key(required.order): required
            for required in required_names
            if not any(key(spelling) in keys for spelling in required.accepted)
        }
        return [required for _, required in sorted(missing.items())]

    def nearest(self, *accepted: str) -> str:
        """Why the spelling of `wanted` that comes nearest misses; what is there tells less than any near miss."""
        near = (near_miss(spelling, self.names) for spelling in accepted)
        return next((why for why in near if why is not None), None) or explain_miss(accepted[0], self.names)


def named_certificates(case: Case, stores: frozenset[Store] = EVERY_STORE) -> Iterator[NamedCertificate]:
    """Every certificate in use whose SANs could be read."""
    for peer, store, file in case.certificates:
        if store in stores and file.leaf.sans is not None:
            yield NamedCertificate(peer, store, file, file.leaf.sans, _keys(case)[file.leaf.sha256])


@once
def _keys(case: Case) -> Mapping[str, frozenset[str]]:
    """`NamedCertificate.keys` of the peers' certificates, by fingerprint."""
    files = (file for found in case.evidence.peers for file in (found.server, found.client))
    leaves = (file.leaf for file in files if isinstance(file, CertificateFile))
    return {leaf.sha256: frozenset(key(name) for name in leaf.dns_names if same(name, name)) for leaf in leaves}


def unnamed(case: Case) -> Iterator[Unchecked]:
    """One "not verified" for each certificate that was not read, or whose names could not be."""
    yield from case.unread()
    for peer, store, file in case.certificates:
        if file.leaf.sans is None:
            missing = Missing(
                what=f"SANs of the {store} certificate of {show(peer.address)}",
                why="its extensions cannot be read",
                remedy="Have the certificate reissued.",
                where=file.where,
                peer=peer.address,
                field=f"{store}_certificate",
            )
            yield Unchecked(Subject.certificate(peer, store), missing)


def missing_names(
    case: Case,
    required_names: Sequence[AcceptedNames],
    what: tuple[str, str],
    so: str,
    *,
    severity: Severity,
    client: Severity | None = None,
    confidence: Confidence | None = None,
    also: SanKind = SanKind.DNS,
) -> Iterator[Found | Unchecked]:
    """One finding for each certificate that is missing required names; one without any SAN has a rule of its own.

    Args:
        case: what is judged.
        required_names: the names that every peer's certificate must include; none: nothing is said.
        what: what the names are, one and many, such as `MRA domain` and `MRA domains`.
        so: what comes of it, as the end of the sentence.
        severity: how much it weighs in the server certificate.
        client: how much it weighs in an X15.5 client certificate; None: that one is not looked at. What the vendor's
            texts ask, they ask of the server certificate, so there it is inferred.
        confidence: of the server certificate's findings, where it is not the rule's own.
        also: a kind of SAN that will do as well as a dNSName.
    """
    if not required_names:
        return
    yield from unnamed(case)
    for named in named_certificates(case, EVERY_STORE if client is not None else frozenset({Store.SERVER})):
        missing = named.missing(required_names, also)
        if missing and named.sans:
            in_client = named.store is Store.CLIENT
            inferred = " (the texts ask it of the server certificate; inferred for this one)" if in_client else ""
            several = len(missing) > 1
            yield Found(
                named.subject,
                f"The {named.owner} is missing the {what[several]} {_explained(named, missing)} among its SANs;"
                f" {so}{inferred}.",
                f"Reissue the {named.owner} with the SAN{'s' * several}"
                f" {show_some((required.order for required in missing), most=len(missing))}.",
                named.file.where,
                severity=client if in_client else severity,
                confidence=Confidence.INFERRED if in_client else confidence,
                about=About(names=tuple(required.order for required in missing)),
            )


def _explained(named: NamedCertificate, missing: Sequence[AcceptedNames]) -> str:
    """The missing names, those with the same explanation together: `a and b (only ...), c (..., one letter off)`."""
    groups: dict[str, list[str]] = {}
    for required in missing:
        groups.setdefault(named.nearest(*required.accepted), []).append(required.accepted[0])
    return listed(f"{show_some(group, most=len(group))} ({why})" for why, group in groups.items())


def show_some(texts: Iterable[str], most: int = MOST_LISTED) -> str:
    """Texts from elsewhere as a list in words, made safe to show: `a, b and c`, at most `most` of them."""
    return joined((show(text) for text in texts), most=most)
