"""The plan that `certplan init` writes: filled in where the answers are known, commented where they are not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from certplan.plan import scalars
from certplan.plan.build import default_view
from certplan.plan.model import ClusterType, IPAddress
from certplan.vendor.releases import Release

__all__ = ["PeerSketch", "peer_sketch", "plan_template"]

MAX_PEERS = 64
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?:/[0-9]+)?")
_NULLS = ("null",)


@dataclass(frozen=True, slots=True)
class PeerSketch:
    """What is known of a peer before its plan, as a plan writes it. None: an example takes its place."""

    address: str
    lan1: str | None = None
    lan2: str | None = None
    static_nat: str | None = None

    @property
    def stated(self) -> bool:
        """Whether its interfaces are known, so that none of them is an example."""
        return self.lan1 is not None


def peer_sketch(text: str) -> PeerSketch:
    """Read `exe1.example.com=10.20.0.11/24,lan2=192.168.50.11/24,nat=203.0.113.11`, or an address alone.

    Raises:
        ValueError: when it is not of that form; the text says what was expected.
    """
    address, equals, rest = text.partition("=")
    found = {"address": _checked("a peer's address", address.strip())}
    for number, part in enumerate(rest.split(",") if equals else ()):
        key, named, value = part.partition("=")
        key, value = (key.strip().lower(), value.strip()) if named else ("lan1" if number == 0 else "", part.strip())
        if key not in ("lan1", "lan2", "nat") or key in found:
            raise ValueError(
                f"{scalars.shown(part)} is not understood; expected ADDRESS=LAN1,lan2=LAN2,nat=ADDRESS, such as "
                "exe1.example.com=10.20.0.11/24,lan2=192.168.50.11/24,nat=203.0.113.11"
            )
        try:
            (scalars.ip if key == "nat" else scalars.lan_address)(value)
        except ValueError as error:
            raise ValueError(f"{key} {scalars.shown(value)} {error}") from None
        found[key] = value
    return PeerSketch(found["address"], found.get("lan1"), found.get("lan2"), found.get("nat"))


def plan_template(
    *,
    name: str,
    type: ClusterType,  # noqa: A002
    release: str,
    peers: Sequence[str | PeerSketch] | int,
    dual_nic: bool,
    static_nat: bool,
) -> str:
    """Write a commented plan that `read_plan` accepts as it is.

    Addresses are placeholders of RFC 1918 and RFC 5737. What only the engineer knows stands as an example behind a `#`
    that touches its key; taking that `#` away makes it count, and until then it is unknown. The certificate files it
    names need not exist yet: a check says could-not-check for what is not there.

    Args:
        name: the `Cluster name`.
        type: Expressway-E or Expressway-C.
        release: such as `X14.3.4`.
        peers: the peers' addresses (FQDNs or IP addresses) in order, or sketches of them with their interfaces, or how
            many peers, from 1 to 64, to name.
        dual_nic: whether LAN 2 is in use.
        static_nat: whether static NAT is on: on LAN 2 with two NICs, else on LAN 1.

    Raises:
        ValueError: when a value is no name, no release or no number of peers that a plan can have.
    """
    cluster_name = _checked("the cluster name", name)
    domain = _domain(cluster_name)
    if isinstance(peers, int):
        stem = "exe" if type is ClusterType.EXPRESSWAY_E else "exc"
        sketches = [PeerSketch(f"{stem}{number}.{domain}") for number in range(1, min(peers, MAX_PEERS + 1) + 1)]
    else:
        sketches = [peer if isinstance(peer, PeerSketch) else PeerSketch(peer) for peer in peers]
    addresses = [_checked("a peer's address", sketch.address) for sketch in sketches]
    if not 1 <= len(addresses) <= MAX_PEERS:
        raise ValueError(f"a plan has 1 to {MAX_PEERS} peers")
    parts = [
        _head(cluster_name, type, Release.parse(release)),
        "peers:  # in the order of Peer 1 address, Peer 2 ...\n",
    ]
    view = default_view(type)
    parts += [_peer(number, sketch, view, dual_nic, static_nat) for number, sketch in enumerate(sketches, 1)]
    parts.append(_tail(domain, addresses))
    return "\n".join(parts)


def _checked(what: str, text: str) -> str:
    try:
        return scalars.name(text)
    except ValueError as error:
        raise ValueError(f"{what} {scalars.shown(text)} {error}") from None


def _domain(cluster_name: str) -> str:
    """The domain the examples use: the cluster name without its first label, when that leaves one."""
    _, _, rest = cluster_name.rstrip(".").partition(".")
    return rest if rest and _PLAIN.fullmatch(rest) and len(rest) <= 200 else "example.com"


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _NULLS:
        return text
    return "'" + text.replace("'", "''") + "'"


def _ip(address: str) -> IPAddress | None:
    try:
        return scalars.ip(address)
    except ValueError:
        return None


def _head(cluster_name: str, cluster_type: ClusterType, release: Release) -> str:
    return f"""\
# yaml-language-server: $schema=plan.schema.json
# A plan for certplan: one Expressway cluster, as it is configured today.
# Replace the example addresses. A key with a "#" right before it is an example: take the "#" away, from the lines
# under it too, and correct it. What stays out is unknown, and what needs it is "could not check", never a pass.
# Check it:      certplan check THIS-FILE
# Editors that know YAML schemas complete and check it by plan.schema.json, which stands beside it.

certplan: 1  # version of this file's format

cluster:
  name: {_quoted(cluster_name)}  # Cluster name
  type: {cluster_type.value}  # expressway-e | expressway-c
  release: {release}
  tls_verification: permissive  # what runs today: permissive | enforce
  #ip_version: ipv4  # Cluster IP version: ipv4 | ipv6
  primary: 1  # Configuration primary
  # Cluster address mappings as configured today; leave them out when the switch is Off.
  #address_mapping:
  #  - {{fqdn: exe1.example.com, ip: 10.20.0.11}}
"""


def _interfaces(sketch: PeerSketch) -> list[str]:
    """The lines of interfaces that are known."""
    nat = "" if sketch.static_nat is None else f", static_nat: {_quoted(sketch.static_nat)}"
    if sketch.lan2 is None:
        return [f"    lan1: {{ip: {_quoted(sketch.lan1 or '')}{nat}}}"]
    return [
        f"    lan1: {{ip: {_quoted(sketch.lan1 or '')}}}  # the inner NIC, which the cluster uses",
        f"    lan2: {{ip: {_quoted(sketch.lan2)}{nat}}}  # the outer NIC",
        "    external_lan: lan2",
    ]


def _peer(number: int, sketch: PeerSketch, view: str, dual_nic: bool, static_nat: bool) -> str:
    host, address = 10 + number, sketch.address
    label, _, domain = address.partition(".")
    own_ip = _ip(address)
    named = own_ip is None and label and domain
    stem = label if named and _PLAIN.fullmatch(label) else f"peer{number}"
    nat = f", static_nat: 203.0.113.{host}" if static_nat else ""
    # Peers known by address are known by their LAN 1 address; else LAN 1 needs an example.
    inner = f"10.20.0.{host}/24" if own_ip is None else f"{own_ip}/{24 if own_ip.version == 4 else 64}"
    lines = [f"  - address: {_quoted(address)}  # Peer {number} address as typed today: FQDN or IP"]
    if named:
        lines += [f"    host_name: {_quoted(label)}  # System > DNS", f"    domain: {_quoted(domain)}"]
    else:
        lines += [
            "    # The name this peer is to be known by, or its host name and domain:",
            f"    #fqdn: {stem}.example.com",
            f"    #host_name: {stem}",
            "    #domain: example.com",
        ]
    lines.append(f"    #system_name: {stem}  # System > Administration")
    if sketch.stated:
        lines += _interfaces(sketch)
    elif dual_nic:
        lines += [
            f"    lan1: {{ip: {_quoted(inner)}}}  # example: the inner NIC, which the cluster uses",
            f"    lan2: {{ip: 192.168.50.{host}/24{nat}}}  # example: the outer NIC",
            "    external_lan: lan2",
        ]
    else:
        lines.append(f"    lan1: {{ip: {_quoted(inner)}{nat}}}  # example")
    lines += [
        f"    server_certificate: certs/{stem}.pem  # put the file there; paths start from this file's folder",
        f"    #client_certificate: certs/{stem}-client.pem  # X15.5 and later, where it is another",
        f"    #private_key: keys/{stem}.key  # optional: only its public half is compared",
        f"    trusted_cas: [trust/{stem}.pem]  # this peer's trusted CA list",
        f"    #crls: [trust/{stem}.crl]",
        f"    #dns: {view}  # the view this peer's own DNS servers give: public | internal, or another of dns: below",
        "    #release: X14.3.4  # only where this peer differs",
        "    #platform: medium-vm  # ce1200 | ce1300 | large-vm | medium-vm | small-vm",
        "    #h323: true",
        "    #ntp: [ntp1.example.com]",
        "    #option_keys: []",
        "",
    ]
    return "\n".join(lines)


def _tail(domain: str, addresses: Sequence[str]) -> str:
    first = addresses[0]
    pair = _quoted(f"{first} {addresses[1]}") if len(set(addresses[:2])) == 2 else None
    round_trips = f"#round_trip_ms: {{{pair}: 12}}  # between two peers, in milliseconds\n" if pair else ""
    return f"""\
# The services the certificates carry names for. A service that is left out is unknown; one with empty lists is off.
#services:
#  mra: {{domains: [{domain}], san_format: dns, hardware_phones: true}}  # san_format: dns | collab-edge
#  xmpp_federation: {{domains: [], chat_node_aliases: []}}
#  phone_security_profiles: []  # Expressway-C
#  cms_web_proxy: []  # join host names

# Where the certificates come from: public | private
#certificate_authority: private

# What certificate requests say besides the names:
#certificate_subject: {{country: US, state: California, locality: San Jose, organization: Example Inc}}

# DNS as seen from each side: servers to ask, zone files, or records written here.
#dns:
#  public: {{servers: [192.0.2.53]}}  # with a port: 192.0.2.53:5353 or "[2001:db8::53]:5353"
#  internal: {{zone_files: [zones/internal.zone]}}
#  lab: {{records: ["exe1.example.com. A 203.0.113.11"]}}

# Addresses used inside, beyond the private ones everybody knows:
#internal_networks: [10.0.0.0/8]

{round_trips}# Other severities than the rules' own: error | warning | notice | ignore
#severity: {{NAM009: ignore}}

# Findings accepted for a time:
#waivers:
#  - {{rule: DNS006, peer: {_quoted(first)}, reason: "PTR ordered, ticket CHG-1", until: 2027-01-31}}
"""
