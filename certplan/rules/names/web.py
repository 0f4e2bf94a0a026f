"""NAM: names for phones behind Expressway-C, and for guests of the CMS web proxy."""

from collections.abc import Iterator

from certplan.intent.names import NameFor
from certplan.outcomes import Severity
from certplan.plan.model import ClusterType
from certplan.rules.model import Case, Found, Subject, Unchecked, rule
from certplan.rules.names.services import needs_for
from certplan.rules.support.certificate_names import missing_names, show_some
from certplan.rules.support.stated import unstated_services
from certplan.text.names import is_fqdn, same, show

__all__ = ["join_host_is_mra_domain", "join_host_missing", "phone_profile_missing", "phone_profile_not_fqdn"]


@rule(
    "NAM023",
    "phone-profile-not-in-san",
    "A phone security profile is not among the SANs",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "TA-213872", "MRA-15.2-requirements"),
    only=ClusterType.EXPRESSWAY_C,
    symptoms=(
        "403 Forbidden on secure phone registration",
        "phone security profile missing from certificate",
        "secure profile registration rejected",
    ),
)
def phone_profile_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each Unified CM phone security profile that the plan names is a SAN of every Expressway-C peer's
    certificate.

    Why it matters:
    Unified CM looks for the name of an encrypted profile in the certificate of the Expressway-C through which the
    phone comes, and refuses the registration without it. A profile with OAuth authentication (from X14.0.2) does not
    need it, and does not belong into the plan. That Unified CM looks into the client certificate of X15.5 is inferred:
    a notice there.

    How to fix:
    Have the certificate of each peer reissued with the profiles, those of newly added peers included.

    Example:
    Profile secure-8845.example.com; the certificate of exc2 was issued before the profile was made.
    """
    yield from unstated_services(case)
    yield from missing_names(
        case,
        needs_for(case.plan, NameFor.PROFILE),
        ("phone security profile", "phone security profiles"),
        "Unified CM refuses phones with it",
        severity=Severity.ERROR,
        client=Severity.NOTICE,
    )


@rule(
    "NAM024",
    "phone-profile-not-fqdn",
    "A phone security profile has no FQDN for its name",
    Severity.ERROR,
    sources=("CERT-15.5-requirements", "AG-15.5-unified-communications"),
    only=ClusterType.EXPRESSWAY_C,
    since="X12.6",
    symptoms=("phone security profile name is not an FQDN", "CSR refused because of a profile"),
)
def phone_profile_not_fqdn(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the phone security profiles that the plan names are spelled as fully qualified domain names.

    Why it matters:
    From X12.6 on the appliance makes no CSR with a profile that is a bare name, and no certificate could have it.

    How to fix:
    Rename the profile in Unified CM to an FQDN, such as its name and the company's domain. It need not be in DNS.

    Example:
    Profile secure-8845, where secure-8845.example.com is meant.
    """
    bare = [name for name in case.plan.services.phone_security_profiles or () if not is_fqdn(name)]
    if bare:
        several = len(bare) > 1
        yield Found(
            Subject.cluster(case.plan),
            f"The phone security profile{'s' * several} {show_some(sorted(bare), most=len(bare))}"
            f" {'are no FQDNs' if several else 'is no FQDN'}, so the appliance makes no CSR.",
            f"Rename {'them' if several else 'it'} in Unified CM to {'FQDNs' if several else 'an FQDN'}.",
            case.plan.where("services", "phone_security_profiles"),
        )


@rule(
    "NAM025",
    "join-host-not-in-san",
    "The join host of the CMS web proxy is not among the SANs",
    Severity.ERROR,
    sources=("TA-211301", "AG-15.5-alarms"),
    only=ClusterType.EXPRESSWAY_E,
    alarms=(40051,),
    symptoms=("web proxy for Meeting Server certificate", "guest join fails"),
)
def join_host_missing(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the host of each Meeting Server join address (`Guest account client URI` on the Expressway-C) is a SAN of
    every Expressway-E peer's server certificate.

    Why it matters:
    Browsers compare that host. The appliance raises alarm 40051 when the certificate does not name it.

    How to fix:
    Have the certificate of each peer reissued with the join host.

    Example:
    Join host join.example.com; the certificate of exe1 names exe1.example.com and expe.example.com.
    """
    yield from unstated_services(case)
    yield from missing_names(
        case,
        needs_for(case.plan, NameFor.JOIN),
        ("join host", "join hosts"),
        "guests cannot join through the CMS web proxy",
        severity=Severity.ERROR,
    )


@rule(
    "NAM026",
    "join-host-is-mra-domain",
    "The join host of the CMS web proxy is an MRA domain as well",
    Severity.ERROR,
    sources=("MRA-15.2-requirements",),
    symptoms=("join URI equals MRA domain", "Meeting Server web proxy or MRA stops working"),
)
def join_host_is_mra_domain(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the host of a Meeting Server join address is also one of the Unified CM registrations domains.

    Why it matters:
    On one pair of Expressways they must differ: of the two services only the one that was configured first works.

    How to fix:
    Give the join address a host of its own, such as join.example.com, in DNS and on the Meeting Server.

    Example:
    Join host example.com, and MRA domain example.com.
    """
    services = case.plan.services
    domains = () if services.mra is None else services.mra.domains
    for host in dict.fromkeys(services.cms_web_proxy or ()):
        if any(same(domain, host.rstrip(".")) for domain in domains):
            yield Found(
                Subject.name_of(host),
                f"{show(host)} is the join host of the CMS web proxy and an MRA domain;"
                " only the service configured first works.",
                "Give the join address a host of its own.",
                case.plan.where("services", "cms_web_proxy"),
            )
