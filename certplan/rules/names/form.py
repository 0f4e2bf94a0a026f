"""NAM: the form of the names in a certificate, whatever they are needed for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from certplan.evidence.model import Missing, SanKind
from certplan.handshake.model import Store
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import CertificateAuthority
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.names.services import required_sans
from certplan.rules.support.certificate_names import MOST_LISTED, named_certificates, show_some, unnamed
from certplan.text.addresses import is_public_side, parse_ip
from certplan.text.names import MOST_REMEMBERED, NameDefect, defects, is_fqdn, key, show
from certplan.text.words import joined, listed
from certplan.vendor import is_internal_name

__all__ = [
    "internal_name_public_ca",
    "name_malformed",
    "name_refused_at_upload",
    "san_too_long",
    "wildcard",
    "xmpp_address_san",
]

LONGEST_SAN_TEXT = 999

_REFUSED = frozenset({NameDefect.IP_ADDRESS, NameDefect.SINGLE_LABEL})


@rule(
    "NAM007",
    "name-refused-at-upload",
    "A certificate names an IP address or a bare host name",
    Severity.ERROR,
    sources=("CERT-14.0.2-loading", "CERT-15.5-loading"),
    since="X14.0.2",
    symptoms=(
        "Common name must be a valid FQDN",
        "Subject alternative name must be a valid FQDN",
        "certificate upload refused",
    ),
)
def name_refused_at_upload(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the CN and every SAN of each certificate is a fully qualified domain name, not an IP address and not a host
    name without a domain.

    Why it matters:
    From X14.0.2 the appliance refuses to load such a certificate: `Common name must be a valid FQDN` or `Subject
    alternative name must be a valid FQDN`. One loaded before an upgrade cannot be loaded again.

    How to fix:
    Have the certificate reissued with FQDNs only. No service of Expressway needs an IP address in a certificate.

    Example:
    SANs exe1.example.com, exe1 and 10.20.0.11, as a CA for web servers likes to make them.
    """
    yield from unnamed(case)
    for named in named_certificates(case):
        cns = _flawed(named.file.leaf.common_names, _is_refused)
        sans = _flawed((san.value for san in named.sans if san.kind in (SanKind.DNS, SanKind.IP)), _is_refused)
        if cns or sans:
            cn_text = ["Common name must be a valid FQDN"] if cns else []
            san_text = ["Subject alternative name must be a valid FQDN"] if sans else []
            said = joined(f"`{text}`" for text in cn_text + san_text)
            in_client = named.store is Store.CLIENT
            yield Found(
                named.subject,
                f"The {named.owner} has {_cn_and_san(cns, sans)}; the upload refuses it: {said}.",
                f"Reissue the {named.owner} with fully qualified domain names only.",
                named.file.where,
                severity=Severity.WARNING if in_client else None,
                confidence=Confidence.INFERRED if in_client else None,
            )


@rule(
    "NAM008",
    "wildcard-in-certificate",
    "A certificate has a wildcard name",
    Severity.ERROR,
    sources=("CERT-15.5-about", "TA-213872"),
    symptoms=("wildcard certificate", "wildcard not supported"),
)
def wildcard(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the CN or a SAN of any certificate has a wildcard in it.

    Why it matters:
    Expressway supports no wildcard certificates, in any release. Peers and zones compare whole names, so the wildcard
    covers none of them.

    How to fix:
    Have the certificate reissued with every name written out, a certificate for each peer.

    Example:
    SAN *.example.com instead of exe1.example.com and expe.example.com.
    """
    yield from unnamed(case)
    for named in named_certificates(case):
        cns = [show(cn) for cn in named.file.leaf.common_names if "*" in cn]
        sans = sorted(show(name) for name in named.file.leaf.dns_names if "*" in name)
        if cns or sans:
            yield Found(
                named.subject,
                f"The {named.owner} has {_cn_and_san(cns, sans)}; Expressway supports no wildcards.",
                f"Reissue the {named.owner} with each name written out.",
                named.file.where,
            )


@rule(
    "NAM010",
    "name-malformed",
    "A certificate has a name that is not a legal host name",
    Severity.WARNING,
    sources=("AG-15.5-clustering", "CERT-15.5-loading", "RFC-1035", "RFC-5280"),
    confidence=Confidence.INFERRED,
    symptoms=("invalid host name in SAN", "underscore in certificate", "trailing dot in SAN"),
)
def name_malformed(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the CN and every SAN is a legal host name: levels of letters, digits and hyphens, no hyphen at either end
    of a level, none empty or longer than 63 characters, no underscore, no dot at the end, letters outside ASCII
    written as A-labels.

    Why it matters:
    Nothing that compares whole names finds such a name, and from X14.0.2 the upload asks for valid FQDNs. The
    underscore is a case of its own: `System host name` allows it, certificates and SSH tunnels do not.

    How to fix:
    Have the certificate reissued with the name spelled legally; rename a host that has an underscore.

    Example:
    SAN exe_1.example.com, or `exe1.example.com.` with the dot of a zone file.
    """
    yield from unnamed(case)
    for named in named_certificates(case):
        cns = _flawed(named.file.leaf.common_names, _is_malformed)
        sans = _flawed(named.file.leaf.dns_names, _is_malformed)
        if cns or sans:
            yield Found(
                named.subject,
                f"The {named.owner} has {_cn_and_san(cns, sans)}; expected legal host names.",
                f"Reissue the {named.owner} with these names spelled legally, or without them.",
                named.file.where,
            )


@rule(
    "NAM027",
    "internal-name-public-ca",
    "A public CA is to certify an internal name",
    Severity.ERROR,
    sources=("BR-2.2.6", "IANA-SPECIAL-NAMES", "IANA-IPV4-SPECIAL", "IANA-IPV6-SPECIAL"),
    symptoms=("internal name refused by public CA", "CA rejects .local", "private IP address in CSR"),
)
def internal_name_public_ca(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Where the certificates come from a public CA: whether all the names they have or are to have can exist in public.
    Internal are bare host names, names under .local, .internal and their like, and private or reserved addresses.

    Why it matters:
    No public CA may sign a certificate with such a name, so the order or the next renewal will be refused.

    How to fix:
    Give the system a name in a domain the company owns in public, or take its certificates from a private CA, as is
    usual for an Expressway-C.

    Example:
    `certificate_authority: public`, and the SAN exc1.corp.local.
    """
    plan = case.plan
    if plan.certificate_authority is CertificateAuthority.PRIVATE:
        return
    planned = {key(name) for peer in plan.peers for name in (*required_sans(case, peer), peer.address)}
    internal = {name for name in planned if is_fqdn(name) and is_internal_name(name)}
    for named in named_certificates(case):
        names = (*named.file.leaf.dns_names, *named.file.leaf.common_names)
        internal |= {key(name) for name in names if is_internal_name(key(name)) and parse_ip(name) is None}
        for san in named.sans:
            address = parse_ip(san.value) if san.kind is SanKind.IP else None
            if address is not None and not is_public_side(address, plan.internal_networks):
                internal.add(san.value)
    if plan.certificate_authority is CertificateAuthority.PUBLIC:
        yield from unnamed(case)
    if not internal:
        return
    listed_names = show_some(sorted(internal))
    if plan.certificate_authority is None:
        missing = Missing(
            what="certificate_authority",
            why=f"the plan does not say whether a public CA is to certify {listed_names}, which none may",
            remedy="Add certificate_authority: private, or public, to the plan.",
            where=plan.where(),
            field="certificate_authority",
        )
        yield Unchecked(Subject.cluster(plan), missing)
        return
    yield Found(
        Subject.cluster(plan),
        f"No public CA may certify {listed_names}: internal names and addresses exist nowhere in public.",
        "Use names in a public domain, or take these certificates from a private CA.",
        plan.where("certificate_authority"),
    )


@rule(
    "NAM028",
    "xmpp-address-in-san",
    "A certificate has XMPP names in the XMPPAddress format",
    Severity.NOTICE,
    sources=("CERT-15.5-requirements", "BR-2.2.6", "RFC-6120"),
    symptoms=("XMPPAddress format", "otherName in SAN"),
)
def xmpp_address_san(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether any SAN is an otherName of the kind id-on-xmppAddr, the XMPPAddress format of the page for requests.

    Why it matters:
    The vendor discourages the format and may drop it. A public CA cannot issue it: it may sign dNSNames and addresses
    only.

    How to fix:
    Choose the DNS format for XMPP federation domains and chat node aliases when the certificate is next requested.

    Example:
    SAN otherName:XMPPAddress:example.com beside exe1.example.com.
    """
    yield from unnamed(case)
    public = case.plan.certificate_authority is CertificateAuthority.PUBLIC
    for named in named_certificates(case):
        addresses = sorted(san.value for san in named.sans if san.kind is SanKind.XMPP_ADDRESS)
        if addresses:
            end = "which no public CA can issue" if public else "which is discouraged and may be dropped"
            yield Found(
                named.subject,
                f"The {named.owner} has {show_some(addresses)} in the XMPPAddress format, {end}.",
                f"Choose the DNS format when the {named.owner} is next requested.",
                named.file.where,
                severity=Severity.WARNING if public else None,
            )


@rule(
    "NAM029",
    "san-too-long",
    "The SANs have more than 999 characters",
    Severity.WARNING,
    sources=("CERT-15.5-about", "TA-213872"),
    confidence=Confidence.CONFLICTING,
    until="X8.10",
    symptoms=("SAN field too long", "999 characters"),
)
def san_too_long(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the SANs of each certificate, written one after another with commas, have at most 999 characters.

    Why it matters:
    Releases before X8.10 take no more. The certificate guide says the limit is gone since then; a later support
    document still repeats it.

    How to fix:
    Upgrade, or leave out names that nothing looks for.

    Example:
    Forty MRA domains, each both bare and with collab-edge. before it.
    """
    yield from unnamed(case)
    for named in named_certificates(case):
        length = len(",".join(san.value for san in named.sans))
        if length > LONGEST_SAN_TEXT:
            yield Found(
                named.subject,
                f"The SANs of the {named.owner} have {length} characters; releases before X8.10 take"
                f" {LONGEST_SAN_TEXT}.",
                f"Upgrade to X8.10 or later, or reissue the {named.owner} with fewer names.",
                named.file.where,
            )


@lru_cache(maxsize=MOST_REMEMBERED)
def _cached_defects(name: str) -> frozenset[NameDefect]:
    return frozenset(defects(name))


def _defects(name: str) -> frozenset[NameDefect]:
    # Names of any length come out of hostile certificates: they are not worth a place in the cache.
    return _cached_defects(name) if len(name) < 256 else frozenset(defects(name))


def _flawed(names: Iterable[str], of_kind: Callable[[frozenset[NameDefect]], bool]) -> list[str]:
    """The names whose defects are `of_kind`, with what is wrong with each."""
    found = ((name, _defects(name)) for name in names if name.strip())
    return sorted(f"{show(name)} ({_words(flaws)})" for name, flaws in found if of_kind(flaws))


def _words(flaws: frozenset[NameDefect]) -> str:
    return listed(defect.words for defect in NameDefect if defect in flaws)


def _is_refused(found: frozenset[NameDefect]) -> bool:
    return bool(found & _REFUSED) and NameDefect.WILDCARD not in found


def _is_malformed(found: frozenset[NameDefect]) -> bool:
    return bool(found) and not found & _REFUSED and NameDefect.WILDCARD not in found


def _cn_and_san(cns: Sequence[str], sans: Sequence[str]) -> str:
    """`the CN a and the SANs b and c`, of texts that are safe to show."""
    parts = [(f"the CN{'s' * (len(cns) > 1)}", cns), (f"the SAN{'s' * (len(sans) > 1)}", sans)]
    return joined(f"{word} {joined(texts, most=MOST_LISTED)}" for word, texts in parts if texts)
