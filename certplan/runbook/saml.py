"""The SAML metadata of an Expressway-C, which hold its peers and certificates.

Sources: Cluster Creation and Maintenance guide X15.4 (changing a cluster); Administrator Guide X15.0, alarm 35016.
"""

from certplan.outcomes import Confidence
from certplan.plan.model import ClusterType
from certplan.runbook.alarms import Waiting
from certplan.runbook.book import Book
from certplan.runbook.model import Action, Rollback

__all__ = ["export_saml", "metadata_changed"]

_METADATA_CHANGED = 35016
_PAGE = "Configuration > Unified Communications > Export SAML data"


def metadata_changed(book: Book) -> dict[int, Waiting]:
    """The alarm that a new certificate or another list of peers raises on an Expressway-C that serves MRA."""
    if book.plan.cluster.type is not ClusterType.EXPRESSWAY_C or book.plan.services.mra is None:
        return {}
    members = frozenset(peer.number for peer in book.stage.members)
    until = "the SAML metadata is exported (only where SSO is used)"
    return {_METADATA_CHANGED: Waiting(members, until, by_restart=False)}


def export_saml(book: Book) -> None:
    """Export the metadata to the identity provider again, where single sign-on may be in use."""
    if book.plan.cluster.type is not ClusterType.EXPRESSWAY_C:
        return
    known = book.plan.services.mra is not None
    where = "" if known else "Where MRA or single sign-on (SSO) is in use: "
    book.add(
        Action.EXPORT_SAML,
        "Export the SAML metadata to the identity provider" + ("" if known else ", where SSO is used"),
        peers=(book.primary,),
        page=_PAGE,
        do=(
            (
                f"{where}{'G' if known else 'g'}enerate the SAML certificate again, so that it covers the FQDN of every"
                " peer, and export the metadata."
            ),
            "Import the metadata at the identity provider. Where SSO is not used, pass over this step.",
        ),
        clears=(_METADATA_CHANGED,),
        verify=(f"A sign-in with SSO works, and alarm {_METADATA_CHANGED} is not active.",),
        rollback=Rollback("Import the former metadata at the identity provider.", Confidence.INFERRED),
        abort_if="the identity provider refuses the metadata: sign-in by SSO fails until it has them",
        sources=("CG-15.4-change", "AG-15.0-alarms"),
    )
