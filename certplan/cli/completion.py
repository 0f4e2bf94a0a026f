"""What a shell completes: rule codes and alarm numbers, releases, peers of the plan. It never fails."""

from contextlib import suppress
from pathlib import Path

import typer

__all__ = ["codes", "peers", "releases"]


def codes(incomplete: str) -> list[tuple[str, str]]:
    """Rule codes and alarm numbers that begin like this, with their titles."""
    with suppress(Exception):
        from certplan.rules import catalog
        from certplan.vendor import alarms

        known = [(rule.code, rule.title) for rule in catalog()]
        known += [(str(alarm.id), alarm.title) for alarm in alarms()]
        return [(code, title) for code, title in known if code.startswith(incomplete.upper())]
    return []


def releases(incomplete: str) -> list[str]:
    """Releases of the last years that begin like this."""
    from certplan.vendor.releases import RELEASES

    return [release for release in RELEASES if release.startswith(incomplete.upper())]


def peers(ctx: typer.Context, incomplete: str) -> list[str]:
    """The peers' addresses in the plan that the command line names, or in `plan.yaml`."""
    with suppress(Exception):
        from certplan.cli.options import PLAN_HERE, in_folder
        from certplan.plan.reading import load_plan

        named = ctx.params.get("plan") or ctx.params.get("plan_file") or PLAN_HERE
        plan = load_plan(in_folder(Path(str(named))))
        return [peer.address for peer in plan.peers if peer.address.startswith(incomplete)]
    return []
