"""What a finding is about, as values."""

from collections.abc import Iterable
from enum import StrEnum

from certplan.handshake.model import Store
from certplan.plan.model import MappingEntry, Peer, Plan, Server
from certplan.value import Value
from certplan.zones.view import ZoneView

__all__ = ["NOTHING_MORE", "About", "Subject", "SubjectKind"]


class SubjectKind(StrEnum):
    CLUSTER = "cluster"
    PEER = "peer"
    PAIR = "pair"
    NAME = "name"
    ENTRY = "mapping entry"
    RECORD = "record"
    CERTIFICATE = "certificate"
    FILE = "file"
    ZONE = "zone"
    SERVER = "server"
    VIEW = "DNS view"
    RULE = "rule"
    WAIVER = "waiver"


class Subject(Value):
    """What a finding is about. `peers` are the `Peer N address`es concerned, the one to act on first."""

    kind: SubjectKind
    name: str
    peers: tuple[str, ...] = ()
    store: Store | None = None
    """Which of the peer's certificates it is, where the subject is a certificate."""

    @classmethod
    def cluster(cls, plan: Plan) -> "Subject":
        return cls(SubjectKind.CLUSTER, plan.cluster.name)

    @classmethod
    def several(cls, plan: Plan, peers: Iterable[Peer], store: Store | None = None) -> "Subject":
        """Something of several peers that is said once for the cluster."""
        addresses = dict.fromkeys(peer.address for peer in peers)
        return cls(SubjectKind.CLUSTER, plan.cluster.name, tuple(addresses), store)

    @classmethod
    def peer(cls, peer: Peer) -> "Subject":
        return cls(SubjectKind.PEER, peer.address, (peer.address,))

    @classmethod
    def pair(cls, one: Peer, other: Peer) -> "Subject":
        return cls(SubjectKind.PAIR, f"{one.address} - {other.address}", (one.address, other.address))

    @classmethod
    def name_of(cls, name: str, *peers: Peer) -> "Subject":
        return cls(SubjectKind.NAME, name, tuple(peer.address for peer in peers))

    @classmethod
    def certificate(cls, peer: Peer, store: Store) -> "Subject":
        return cls(SubjectKind.CERTIFICATE, f"{store} certificate of {peer.address}", (peer.address,), store)

    @classmethod
    def zone(cls, view: ZoneView, *peers: Peer) -> "Subject":
        return cls(SubjectKind.ZONE, view.link.zone.name, tuple(peer.address for peer in peers))

    @classmethod
    def server(cls, server: Server, *peers: Peer) -> "Subject":
        return cls(SubjectKind.SERVER, server.address, tuple(peer.address for peer in peers))

    @classmethod
    def file(cls, plan: Plan, shown: str, *peers: str) -> "Subject":
        """A file by the name that the plan has for it, which is the same from wherever certplan is run."""
        return cls(SubjectKind.FILE, plan.named(shown), peers)


class About(Value):
    """What a finding names beside its subject, as values: whoever needs them need not read the message."""

    store: Store | None = None
    """Which certificate of the subject's peers is meant."""
    presenters: tuple[str, ...] = ()
    """The peers whose certificates are concerned, by `Peer N address`, where the subject is the peer that verifies."""
    ca: str | None = None
    """The subject of the CA at issue, as RFC 4514 text."""
    names: tuple[str, ...] = ()
    """The names that are missing or wrong, as the plan or the certificate has them."""
    entry: MappingEntry | None = None
    """The entry of the cluster address mapping."""
    view: str | None = None
    """The DNS view."""


NOTHING_MORE = About()
