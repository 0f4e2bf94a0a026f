"""What to type and choose on the appliance, where the key never leaves it: the page Generate CSR, field by field.

Sources: "Generate CSR and Upload Signed Certificates to VCS/Expressway Servers" (215670) and "How to Generate a New
Expressway Certificate" (215405), whose pictures show the page; Certificate Creation and Use Deployment Guide X15.5
(formats, algorithms); Administrator Guide X15.5, Managing Security (the client certificate page). The labels differ a
little between releases, and no text lists them all.
"""

from collections.abc import Iterator

from certplan.csr.model import Request
from certplan.csr.words import NameStyle
from certplan.handshake.model import Store
from certplan.intent.names import NameFor
from certplan.plan.model import ClusterType, Plan, SanFormat
from certplan.text.names import key, same, show
from certplan.text.words import listed
from certplan.value import Value

__all__ = ["Page", "SheetEntry", "sheet"]

SERVER_PAGE = "Maintenance > Security > Server certificate > Generate CSR"
CLIENT_PAGE = "Maintenance > Security > Client certificate > Generate CSR"
CN_CLUSTER, CN_PEER = "FQDN of Expressway cluster", "FQDN of Expressway"
NO_NAMES, ALL_NAMES = "None", "FQDN of Expressway cluster plus FQDNs of all peers in the cluster"
_LISTED = (
    (NameFor.XMPP, "XMPP federation domains", "Format: DNS"),
    (NameFor.CHAT, "IM and Presence chat node aliases (federated group chat)", "Format: DNS"),
    (NameFor.PROFILE, "Unified CM phone security profile names", ""),
)
_MRA_FORMAT = {SanFormat.DNS: "Format: DNS", SanFormat.COLLAB_EDGE: "Format: CollabEdgeDNS"}


class SheetEntry(Value):
    """One field of the page: what is typed or chosen in it, and what else there is to know or to set beside it."""

    field: str
    value: str
    note: str = ""


class Page(Value):
    """The whole page for one store of one peer."""

    request: Request
    where: str
    entries: tuple[SheetEntry, ...]
    names: tuple[str, ...]
    """`Alternative name as it will appear`: what the page makes of the entries, the CN first."""
    remarks: tuple[str, ...] = ()

    def value(self, field: str) -> str:
        """What is typed into the field of that label; empty when the page has none."""
        return next((entry.value for entry in self.entries if entry.field == field), "")


def sheet(plan: Plan, request: Request) -> Page:
    """Write down what gives the names of `request` on the appliance itself."""
    if request.store is Store.CLIENT:
        return _client_page(request)
    remarks = tuple(_remarks(plan, request))
    return Page(request, SERVER_PAGE, tuple(_server_entries(plan, request)), request.sans, remarks)


def _server_entries(plan: Plan, request: Request) -> Iterator[SheetEntry]:
    by_cluster = request.names[0].why is NameFor.CLUSTER
    every_peer = request.choices.names is NameStyle.ALL and len(plan.peers) > 1
    yield SheetEntry("Common name", CN_CLUSTER if by_cluster else CN_PEER, request.cn)
    yield SheetEntry("Subject alternative names", ALL_NAMES if every_peer else NO_NAMES)
    yield SheetEntry("Additional alternative names (comma separated)", ",".join(_additional(plan, request)))
    mra = _stated(plan, request, NameFor.MRA)
    if mra:
        chosen = plan.services.mra.san_format if plan.services.mra is not None else None
        yield SheetEntry("Unified CM registrations domains", ",".join(mra), _MRA_FORMAT[chosen or SanFormat.DNS])
    for why, field, note in _LISTED:
        if names := _stated(plan, request, why):
            yield SheetEntry(field, ",".join(names), note)
    yield SheetEntry("Alternative name as it will appear", listed(f"DNS:{name}" for name in request.sans), "compare it")
    yield from _common(request)


def _common(request: Request) -> Iterator[SheetEntry]:
    algorithm, subject = request.choices.algorithm, request.choices.subject
    yield SheetEntry("Public key algorithm", "RSA" if algorithm.is_rsa else "ECDSA")
    yield SheetEntry("Key length (in bits)", str(algorithm.bits))
    yield SheetEntry("Digest algorithm", request.choices.digest.words)
    country = subject.country.upper() if subject.country is not None else ""
    must = "required by the web page, even where the CA ignores it"
    yield SheetEntry("Country", country, "" if country else must)
    yield SheetEntry("State or province", subject.state or "", "" if subject.state else must)
    yield SheetEntry("Locality (town name)", subject.locality or "")
    yield SheetEntry("Organization (company name)", subject.organization or "", "" if subject.organization else must)
    yield SheetEntry("Organizational unit", subject.organizational_unit or "")
    yield SheetEntry("Email address", subject.email or "")


def _client_page(request: Request) -> Page:
    entries = (
        SheetEntry("Common name", request.cn),
        SheetEntry("Subject alternative names", ",".join(f"DNS:{name}" for name in request.sans)),
        *_common(request),
    )
    remark = "What names a client certificate must have is in no text of the vendor: these are the server's."
    return Page(request, CLIENT_PAGE, entries, request.sans, (remark,))


def _additional(plan: Plan, request: Request) -> list[str]:
    """The names that no other field of the page gives."""
    given = {request.cn}
    if request.choices.names is NameStyle.ALL and len(plan.peers) > 1:
        given |= {key(plan.cluster.name), *(key(peer.fqdn) for peer in plan.peers if peer.fqdn is not None)}
    for why in (NameFor.MRA, *(why for why, _, _ in _LISTED)):
        given |= {key(name) for name in _spelled(request, why)}
    return [name for name in request.sans if name not in given]


def _stated(plan: Plan, request: Request, why: NameFor) -> list[str]:
    """What is typed into the field for `why`; MRA domains bare, since the format puts `collab-edge.` before them."""
    names = _spelled(request, why)
    if why is NameFor.MRA and plan.services.mra is not None:
        prefix = "collab-edge." if plan.services.mra.san_format is SanFormat.COLLAB_EDGE else ""
        return [name.removeprefix(prefix) for name in names]
    return names


def _spelled(request: Request, why: NameFor) -> list[str]:
    return [each.name for each in request.names if each.why is why]


def _remarks(plan: Plan, request: Request) -> Iterator[str]:
    peer = request.peer
    if peer.host_name is not None and peer.domain is not None:
        own = f"{peer.host_name}.{peer.domain}"
        if peer.fqdn is not None and not same(peer.fqdn, key(own)):
            yield (
                f"The page takes {show(own)} (System > DNS) for this Expressway's FQDN, and not {show(peer.fqdn)}: with"
                f" the choices {CN_PEER} or {ALL_NAMES} the names differ from these."
            )
    if plan.cluster.type is ClusterType.EXPRESSWAY_C and any(each.why is NameFor.CHAT for each in request.names):
        yield "Once it knows the IM and Presence servers the Expressway-C fills in the chat node aliases by itself."
    if len(request.usages) < 2:
        yield "The page asks for serverAuth and clientAuth whatever is chosen; the CA may leave one out."
