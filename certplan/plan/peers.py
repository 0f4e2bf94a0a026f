"""A peer as a plan states it: each value, and with every field how it stands in the file."""

from typing import Annotated

from certplan.plan.declaring import Stated, Worded
from certplan.plan.fields import (
    FileName,
    Flag,
    Ip,
    LanAddress,
    LanChoice,
    Name,
    OptionKey,
    Page,
    PeerNumber,
    PlatformChoice,
    ReleaseText,
    TlsChoice,
    Words,
)
from certplan.plan.kinds import (
    IPAddress,
    IPNetwork,
    Unknown,
    known,
)
from certplan.value import Value
from certplan.vendor.releases import USUAL_RELEASE, Release

__all__ = ["Clustering", "Lan", "Peer"]


class Lan(Value):
    """One LAN port.

    `network` is None when the plan gives no mask; `static_nat` None when NAT is off.
    """

    ip: Annotated[IPAddress, Stated("the port's IP address with its mask, such as 10.20.0.11/24", form=LanAddress)]
    network: IPNetwork | None = None
    static_nat: Annotated[Ip | None, Stated("the static NAT address; leave it out when static NAT is off")] = None


LanOrAddress = Annotated[
    Lan,
    Worded({"type": "string", "pattern": "^[0-9A-Fa-f:.]+(?:/[0-9.]+)?$"}, lambda text: {"ip": text}),
]


class Clustering(Value):
    """What one peer's own System > Clustering page says.

    Only where it differs from the cluster's. None: as the cluster's.
    """

    name: Annotated[Name | None, Stated("the `Cluster name`")] = None
    primary: Annotated[PeerNumber | None, Stated("the `Configuration primary`: the number of a peer, from 1")] = None
    peers: Annotated[tuple[Name, ...] | None, Stated("the list of its `Peer N address` fields, in order")] = None
    tls_verification: Annotated[TlsChoice | None, Stated("the `TLS verification mode`: permissive or enforce")] = None


class Peer(Value, kw_only=True):
    """One peer, as its own pages state it.

    File names are as written in the plan.
    """

    number: int
    """N of `Peer N address`, from 1."""
    address: Annotated[
        Name,
        Stated(
            "the `Peer N address` as typed today: an FQDN or an IP address",
            target="the `Peer N address` that it is to have",
            note="Peer $number address as typed today: FQDN or IP",
        ),
    ]
    fqdn: Annotated[
        Name | None,
        Stated(
            "the name it is to be known by (default: address when that is a name, else host_name.domain)",
            example="$fqdn",
            above="The name this peer is to be known by, or its host name and domain:",
        ),
    ] = None
    host_name: Annotated[Name | None, Stated("the `System host name`", example="$stem", note="System > DNS")] = None
    domain: Annotated[Name | None, Stated("the DNS `Domain name`", example="example.com")] = None
    system_name: Annotated[
        Words | None, Stated("the `System name`", example="$stem", note="System > Administration")
    ] = None
    stated_lan1: Annotated[
        LanOrAddress | Unknown,
        Stated(
            "LAN 1, such as 10.20.0.11/24 or {ip: 10.20.0.11/24}, or unknown",
            target="LAN 1, such as 10.20.0.11/24; a peer to be added needs it",
        ),
    ]
    lan2: Annotated[LanOrAddress | None, Stated("LAN 2, when dual network interfaces are in use")] = None
    external_lan: Annotated[LanChoice | None, Stated("the `External LAN interface`: lan1 or lan2")] = None
    server_certificate: Annotated[
        FileName | None,
        Stated(
            "the file of the server certificate: PEM or DER",
            note="put the file there; paths start from this file's folder",
        ),
    ] = None
    client_certificate: Annotated[
        FileName | None,
        Stated(
            "the file of the client certificate, from X15.5 on, where it is another than the server's",
            example="certs/$stem-client.pem",
            note="X15.5 and later, where it is another",
        ),
    ] = None
    private_key: Annotated[
        FileName | None,
        Stated(
            "the file of the private key; only its public half is compared",
            example="keys/$stem.key",
            note="optional: only its public half is compared",
        ),
    ] = None
    trusted_cas: Annotated[
        tuple[FileName, ...] | None,
        Stated("the files of this peer's trusted CA list", note="this peer's trusted CA list"),
    ] = None
    crls: Annotated[
        tuple[FileName, ...] | None,
        Stated("the files of this peer's certificate revocation lists", example="[trust/$stem.crl]"),
    ] = None
    dns: Annotated[
        str,
        Stated(
            "the DNS view this peer's own servers give (default: public on an E, internal on a C), or a view by"
            " domain: {default: public, corp.example.com: internal}",
            form=Annotated[dict[str, Name], Worded({"type": "string", "minLength": 1}, lambda text: {"default": text})],
            optional=True,
            example="$view",
            note="the view this peer's own DNS servers give: public | internal, or another of dns: below",
        ),
    ]
    """The view that its DNS servers give."""
    domain_views: tuple[tuple[str, str], ...] = ()
    """Domains that this peer looks up in another view than `dns`: (domain, view)."""
    stated_release: Annotated[
        Release | Unknown,
        Stated(
            "this peer's release, only where it differs",
            form=ReleaseText,
            optional=True,
            example=USUAL_RELEASE,
            note="only where this peer differs",
        ),
    ]
    """The peer's own, or else the cluster's."""
    platform: Annotated[PlatformChoice | None, Stated("the appliance or VM size", example="medium-vm")] = None
    h323: Annotated[Flag | None, Stated("whether `H.323 mode` is On", example="true")] = None
    ntp: Annotated[tuple[Name, ...] | None, Stated("the NTP servers", example="[ntp1.example.com]")] = None
    option_keys: Annotated[tuple[OptionKey, ...] | None, Stated("the option keys installed", example="[]")] = None
    page: Annotated[Page | None, Stated("the text of System > Clustering as this peer shows it")] = None
    clustering: Annotated[
        Clustering | None,
        Stated("what this peer's own System > Clustering page says, where it differs from the cluster's"),
    ] = None

    def __hash__(self) -> int:
        return hash((self.number, self.address))

    @property
    def lan1(self) -> Lan:
        return known(self.stated_lan1)

    @property
    def release(self) -> Release:
        return known(self.stated_release)

    def view_for(self, name: str) -> str:
        """The view in which this peer looks `name` up: that of the longest domain it lies in, or else `dns`."""
        asked = f".{name.rstrip('.').casefold()}"
        fitting = [pair for pair in self.domain_views if asked.endswith(f".{pair[0].rstrip('.').casefold()}")]
        return max(fitting, key=lambda pair: len(pair[0].rstrip(".")))[1] if fitting else self.dns

    @property
    def static_nat(self) -> IPAddress | None:
        """The static NAT address, on whichever LAN it stands."""
        if self.lan2 is not None and self.lan2.static_nat is not None:
            return self.lan2.static_nat
        return self.lan1.static_nat

    @property
    def dual_nic(self) -> bool:
        return self.lan2 is not None
