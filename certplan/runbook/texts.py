"""Pages, durations and warnings that several procedures give in the same words."""

from certplan.plan.model import Peer, Plan
from certplan.vendor.releases import CERTIFICATES_LOST_AT_RESET_FROM

__all__ = [
    "ARCHIVE",
    "BACKUP",
    "CLUSTERING",
    "DIAGNOSTICS",
    "MAINTENANCE_MODE",
    "NOTHING_CHANGED",
    "RESTART",
    "SETTLE",
    "factory_reset",
    "general_dangers",
    "never_force_config_update",
]

BACKUP = "Maintenance > Backup and restore"
CLUSTERING = "System > Clustering"
DIAGNOSTICS = "Maintenance > Diagnostics > Diagnostic logging"
ARCHIVE = f"{DIAGNOSTICS}: start and stop logging, download the archive as the baseline, and start logging again."
MAINTENANCE_MODE = "Maintenance > Maintenance mode"
RESTART = "Maintenance > Restart options"
SETTLE = "about 5 minutes after the peer is back"
NOTHING_CHANGED = "Nothing was changed on any peer."


def never_force_config_update(primary: Peer) -> str:
    return (
        f"Never run xCommand ForceConfigUpdate on the primary (Peer {primary.number}): it deletes the configuration of"
        " the peer it is run on. On a subordinate it is the last resort, after a backup, with the primary healthy."
    )


def factory_reset(plan: Plan) -> str:
    """What clearing every peer address does, by release."""
    oldest = min(peer.release for peer in plan.peers)
    if oldest >= CERTIFICATES_LOST_AT_RESET_FROM:
        certificates = "; the server certificate, its private key and the trusted CA list are deleted too"
    else:
        certificates = "; certificates stay on releases before X12.6 and are deleted from X12.6 on"
    lan2 = "; LAN 2 is lost" if any(peer.dual_nic for peer in plan.peers) else ""
    return (
        "Never save the page with every Peer N address empty: the next restart is then a factory reset. Only LAN 1"
        f" addressing, logins, SSH keys and option keys survive{lan2}{certificates}. If it happened, put the addresses"
        " back in the same order and save before anything restarts."
    )


def general_dangers(plan: Plan, primary: Peer) -> tuple[str, ...]:
    return factory_reset(plan), never_force_config_update(primary)
