"""What the cluster should have, as changes are made of it."""

from certplan.handshake.model import Store
from certplan.intent.cluster import CertificateIntent, Intent
from certplan.plan.model import Peer
from certplan.proposal.model import Reissue

__all__ = ["WITHOUT_CLIENT_AUTH", "Wanted"]

WITHOUT_CLIENT_AUTH = "take a private CA, or upgrade to X15.5 with a client certificate from a private CA"
"""What to do where a public CA has given up clientAuth (225693). On X15.4 an Expressway-C still needs it in its server
certificate, and an Expressway-E still does for its zones."""


class Wanted(Intent):
    """What is wanted of every peer, told from the plan and the evidence as they are today, at the time `at`."""

    def reissue(self, peer: Peer, store: Store) -> Reissue:
        """The certificate to be ordered for a peer."""
        found: CertificateIntent = self.certificate(peer, store)
        return Reissue(
            peer=peer.number,
            store=store,
            cn=found.cn,
            names=found.sans,
            roles=found.roles,
            issuer=found.issuer,
            not_before=found.not_before,
            not_after=found.not_after,
            rsa=found.rsa,
        )
