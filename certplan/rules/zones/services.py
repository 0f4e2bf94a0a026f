"""ZON: what the services over a zone ask of the names and settings at its other end."""

from collections.abc import Iterator, Sequence

from certplan.evidence.model import CertificateFile
from certplan.intent.links import ZoneEnd
from certplan.outcomes import Confidence, Severity
from certplan.plan.model import Peer, ZoneType
from certplan.rules.model import About, Case, Clearing, Found, Subject, Unchecked, rule
from certplan.rules.support.zone_steps import zone_place
from certplan.text.names import key, matching, show, show_all
from certplan.zones.view import ZoneView

__all__ = ["chat_aliases", "clocks", "cms_hosts", "host_underscore", "mra_domains"]


def _uc_sides(case: Case) -> Iterator[tuple[ZoneView, ZoneEnd, ZoneEnd]]:
    """Each Unified Communications traversal zone with its Expressway-C and its Expressway-E."""
    for zone in case.zones:
        direction = zone.link.direction
        if direction is not None and zone.link.zone.type is ZoneType.UC_TRAVERSAL:
            yield zone, direction.connecting, direction.answering


def _without(side: ZoneEnd, names: Sequence[str]) -> Iterator[tuple[Peer, tuple[str, ...]]]:
    """Each peer whose server certificate was read and includes none of `names`, each name being one way to say it."""
    for peer, found in zip(side.plan.peers, side.evidence.peers, strict=True):
        if isinstance(found.server, CertificateFile) and found.server.leaf.sans is not None:
            held = found.server.leaf.dns_names
            if not any(matching(name, held) is not None for name in names):
                yield peer, held


@rule(
    "ZON020",
    "zone-mra-domain",
    "An MRA domain of the Expressway-C is not in the certificate of an Expressway-E",
    Severity.ERROR,
    sources=("MRA-15.2", "CERT-15.5-requirements"),
    symptoms=("certificate not valid for service domain",),
    clearing=Clearing.CERTIFICATE_NAMES,
)
def mra_domains(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each MRA domain in the Expressway-C's plan is among the SANs of every Expressway-E peer, bare or behind
    `collab-edge.`.

    Why it matters:
    Clients and phones outside look for their domain in the certificate that the Expressway-E shows.

    How to fix:
    Reissue the Expressway-E certificates with the domain.

    Example:
    The Expressway-C serves example.com and example.org; exe2.example.com has example.com alone.
    """
    for zone, connecting, answering in _uc_sides(case):
        mra = connecting.plan.services.mra
        for domain in () if mra is None else mra.domains:
            for peer, _ in _without(answering, (domain, f"collab-edge.{domain}")):
                yield Found(
                    Subject.zone(zone, peer),
                    f"The server certificate of {show(peer.address)} does not include the MRA domain {show(domain)} of "
                    f"{show(connecting.plan.cluster.name)}, neither bare nor as collab-edge.{show(domain)}.",
                    f"Reissue the server certificate of {show(peer.address)} with the SAN {show(domain)}.",
                    zone_place(case, zone),
                    about=About(presenters=(peer.address,), names=(domain,)),
                )


@rule(
    "ZON021",
    "zone-chat-aliases",
    "The chat node aliases of Expressway-C and Expressway-E differ",
    Severity.WARNING,
    sources=("MRA-15.2", "XMPP-14.0.2-federation"),
    symptoms=("chat node aliases differ", "group chat federation fails"),
)
def chat_aliases(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether both plans have the same chat node aliases, where both have XMPP federation.

    Why it matters:
    The certificates of both ends have to include the same aliases.

    How to fix:
    Write the aliases that IM and Presence has in both plans, and reissue what does not include them.

    Example:
    chat1.example.com on the Expressway-C, chat1.example.com and chat2.example.com on the Expressway-E.
    """
    for zone, connecting, answering in _uc_sides(case):
        one, other = (side.plan.services.xmpp_federation for side in (connecting, answering))
        if one is None or other is None:
            continue
        here, there = ({key(alias) for alias in each.chat_node_aliases} for each in (one, other))
        if here != there:
            differing = show_all(alias for alias in sorted(here ^ there))
            yield Found(
                Subject.zone(zone),
                f"Only one end of the zone {show(zone.link.zone.name)} has the chat node aliases {differing}.",
                "Give both clusters the chat node aliases that IM and Presence has.",
                zone_place(case, zone),
            )


@rule(
    "ZON022",
    "zone-cms-host",
    "A Meeting Server host of the Expressway-C is not in the certificate of an Expressway-E",
    Severity.ERROR,
    sources=("AG-15.5-alarms", "TA-211301"),
    alarms=(40051,),
    symptoms=("CMS not Identified by Server Certificate",),
    clearing=Clearing.CERTIFICATE_NAMES,
)
def cms_hosts(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether each CMS web proxy host entered on the Expressway-C is among the SANs of every Expressway-E peer.

    Why it matters:
    Guests connect to the Expressway-E by that name; alarm 40051 is raised.

    How to fix:
    Reissue the Expressway-E certificates with that name, or correct the entry on the Expressway-C.

    Example:
    join.example.com is entered on the Expressway-C and missing in the certificate of exe1.example.com.
    """
    for zone, connecting, answering in _uc_sides(case):
        for host in connecting.plan.services.cms_web_proxy or ():
            for peer, _ in _without(answering, (host,)):
                yield Found(
                    Subject.zone(zone, peer),
                    f"The server certificate of {show(peer.address)} does not include {show(host)}, a host of the CMS "
                    f"web proxy of {show(connecting.plan.cluster.name)}.",
                    f"Reissue the server certificate of {show(peer.address)} with the SAN {show(host)}.",
                    zone_place(case, zone),
                    about=About(presenters=(peer.address,), names=(host,)),
                )


@rule(
    "ZON023",
    "zone-clocks",
    "The two ends of a zone have no NTP server in common",
    Severity.NOTICE,
    sources=("AG-15.5-alarms",),
    confidence=Confidence.INFERRED,
    symptoms=("Time not synchronized over traversal zone",),
)
def clocks(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether Expressway-C and Expressway-E share an NTP server, where the plans name those of both.

    Why it matters:
    Where the clocks of the two ends differ, alarm 25022 is raised and Mobile and Remote Access fails.

    How to fix:
    Give both clusters NTP servers that keep the same time.

    Example:
    ntp.corp.example.com inside, ntp.example.net outside.
    """
    for zone, connecting, answering in _uc_sides(case):
        here, there = (
            {key(server) for peer in side.plan.peers for server in peer.ntp or ()} for side in (connecting, answering)
        )
        if here and there and not here & there:
            yield Found(
                Subject.zone(zone),
                f"The ends of the zone {show(zone.link.zone.name)} have no NTP server in common.",
                "See that the NTP servers of both clusters keep the same time.",
                zone_place(case, zone),
            )


@rule(
    "ZON024",
    "zone-host-underscore",
    "The host name of an Expressway-E at the end of a traversal zone has an underscore",
    Severity.ERROR,
    sources=("TA-118798", "MRA-15.2"),
    alarms=(35013,),
    symptoms=("portforwarding.pyc Application failed",),
)
def host_underscore(case: Case) -> Iterator[Found | Unchecked]:
    """What it checks:
    Whether the host name of each Expressway-E peer is free of underscores.

    Why it matters:
    The SSH tunnels from the Expressway-C are not set up to such a name.

    How to fix:
    Rename the host, and its certificate with it.

    Example:
    host_name is exe_1.
    """
    for zone, _, answering in _uc_sides(case):
        for peer in answering.plan.peers:
            if "_" in (peer.host_name or peer.address.partition(".")[0]):
                name = show(peer.host_name or peer.address)
                yield Found(
                    Subject.zone(zone, peer),
                    f"The host name {name} at the far side of the zone {show(zone.link.zone.name)} has an underscore.",
                    f"Rename {name}, and reissue its certificate.",
                    zone_place(case, zone),
                )
