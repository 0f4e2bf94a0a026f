"""The plan that `certplan init` writes: filled in where the answers are known, commented where they are not.

Which lines there are follows from the declaration of the fields: one that has an example, or is made of such, stands in
the template, in the order of the file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import Template

from certplan.plan import scalars
from certplan.plan.build import default_view
from certplan.plan.declaring import FieldKind, FieldSection, Listed, OrWord, PlanField, Scalar, section_of
from certplan.plan.model import MAX_PEERS, Cluster, ClusterType, IPAddress, Peer, Plan
from certplan.plan.scalars import PLAN_VERSION
from certplan.value import Value
from certplan.vendor.releases import Release

__all__ = ["PeerSketch", "peer_sketch", "plan_template"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?:/[0-9]+)?")
_NULLS = ("null",)
_Given = tuple[str, str | None]
"""A value as YAML, and the comment behind it; None: the one that its field declares."""


class PeerSketch(Value):
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
    names need not exist yet: a check says "not verified" for what is not there.

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
    about = {"domain": domain, "first": _quoted(addresses[0]), "round_trip": ""}
    if len(set(addresses[:2])) == 2:
        about["round_trip"] = f"{{{_quoted(f'{addresses[0]} {addresses[1]}')}: 12}}"
    cluster = {
        "name": (_quoted(cluster_name), None),
        "type": (type.value, None),
        "release": (str(Release.parse(release)), None),
        "tls_verification": ("permissive", None),
        "primary": ("1", None),
    }
    blocks = {
        "cluster": _lines(Cluster, cluster, about, "  "),
        "peers": [
            line
            for number, sketch in enumerate(sketches, 1)
            for line in _peer(number, sketch, default_view(type), dual_nic, static_nat)
        ],
    }
    lines = [_HEAD]
    for field in section_of(Plan).fields.values():
        if field.key == "target":
            continue  # what is to be comes after what is
        if (block := blocks.get(field.key)) is not None:
            lines += [f"{field.key}:{_comment(field.says.note)}", *block, ""]
        else:
            given = (str(PLAN_VERSION), None) if field.key == "certplan" else None
            lines += [*(stated := list(_entry(field, given, about, ""))), *([""] if stated else [])]
    return "\n".join(lines)


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


_HEAD = """\
# yaml-language-server: $schema=plan.schema.json
# A plan for certplan: one Expressway cluster, as it is configured today.
# Replace the example addresses. A key with a "#" right before it is an example: take the "#" away, from the lines
# under it too, and correct it. What stays out is unknown, and what needs it is "not verified", never a pass.
# Check it:      certplan check THIS-FILE
# Editors that know YAML schemas complete and check it by plan.schema.json, which is beside it.
"""


def _peer(number: int, sketch: PeerSketch, view: str, dual_nic: bool, static_nat: bool) -> list[str]:
    address = sketch.address
    label, _, domain = address.partition(".")
    own_ip = _ip(address)
    named = own_ip is None and bool(label and domain)
    stem = label if named and _PLAIN.fullmatch(label) else f"peer{number}"
    given: dict[str, _Given] = {"address": (_quoted(address), None)}
    if named:
        given |= {"host_name": (_quoted(label), None), "domain": (_quoted(domain), None)}
    if not sketch.stated:
        host = 10 + number
        # Peers known by address are known by their LAN 1 address; else LAN 1 needs an example.
        inner = f"10.20.0.{host}/24" if own_ip is None else f"{own_ip}/{24 if own_ip.version == 4 else 64}"
        outer = f"192.168.50.{host}/24" if dual_nic else None
        sketch = PeerSketch(address, inner, outer, f"203.0.113.{host}" if static_nat else None)
        given |= _interfaces(sketch, "example")
    else:
        given |= _interfaces(sketch, "")
    given |= {"server_certificate": (f"certs/{stem}.pem", None), "trusted_cas": (f"[trust/{stem}.pem]", None)}
    about = {"number": str(number), "stem": stem, "view": view, "fqdn": "" if named else f"{stem}.example.com"}
    first, *more = _lines(Peer, given, about, "    ")
    return ["", f"  - {first.lstrip()}", *more]


def _interfaces(sketch: PeerSketch, kind: str) -> dict[str, _Given]:
    """The interfaces, with what they are behind them: an example, and of two NICs which."""

    def lan(ip: str | None, nat: str | None, which: str) -> _Given:
        behind = "" if nat is None else f", static_nat: {_quoted(nat)}"
        return f"{{ip: {_quoted(ip or '')}{behind}}}", ": ".join(filter(None, (kind, which)))

    if sketch.lan2 is None:
        return {"lan1": lan(sketch.lan1, sketch.static_nat, "")}
    return {
        "lan1": lan(sketch.lan1, None, "the inner NIC, which the cluster uses"),
        "lan2": lan(sketch.lan2, sketch.static_nat, "the outer NIC"),
        "external_lan": ("lan2", None),
    }


def _lines(of: type, given: Mapping[str, _Given], about: Mapping[str, str], indent: str) -> list[str]:
    """The lines of a section: what is given of it, and examples of the rest."""
    return [
        line for field in section_of(of).fields.values() for line in _entry(field, given.get(field.key), about, indent)
    ]


def _entry(field: PlanField, given: _Given | None, about: Mapping[str, str], indent: str) -> Iterator[str]:
    """The lines of one field. Of an example the `#` touches the key."""
    value, note = given or (_example(field, about), None)
    if not value:
        return
    comment = _comment(Template(field.says.note or _choices(field.kind)).substitute(about) if note is None else note)
    if field.says.above:
        yield f"{indent}# {field.says.above}"
    mark = "" if given else "#"
    first, *more = value.split("\n")
    yield f"{indent}{mark}{field.key}:{first and f' {first}'}{comment}"
    yield from (f"{indent}{mark}  {line}" for line in more)


def _comment(note: str) -> str:
    return f"  # {note}" if note else ""


def _example(field: PlanField, about: Mapping[str, str]) -> str:
    """A value as YAML, its own line or, after a line break, the lines below its key; empty where there is none."""
    if field.says.example:
        return Template(field.says.example).substitute(about)
    kind = field.kind.inner if isinstance(field.kind, OrWord) else field.kind
    if isinstance(kind, Listed) and isinstance(kind.inner, FieldSection):
        entry = _braces(kind.inner, about)
        return f"\n- {entry}" if entry else ""
    if not isinstance(kind, FieldSection):
        return ""
    if any(isinstance(inner.kind, FieldSection) for inner in kind.fields.values()):
        return "".join(f"\n{line}" for line in _lines(kind.of, {}, about, "")).replace("\n#", "\n")
    return _braces(kind, about)


def _braces(section: FieldSection, about: Mapping[str, str]) -> str:
    values = ((field.key, _example(field, about)) for field in section.fields.values())
    stated = [f"{key}: {value}" for key, value in values if value]
    return f"{{{', '.join(stated)}}}" if stated else ""


def _choices(kind: FieldKind) -> str:
    """The words there are to choose from; of a section in braces, those of the fields in it."""
    if isinstance(kind, Scalar):
        return " | ".join(word for word in kind.choices if word != "unknown")
    if not isinstance(kind, FieldSection):
        return ""
    listed = ((key, _choices(field.kind)) for key, field in kind.fields.items() if field.says.example)
    return ", ".join(f"{key}: {words}" for key, words in listed if words)
