"""`certplan import --update`: an existing plan brought up to date with what the exports show."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from certplan.cli.emit import note
from certplan.cli.output import fail, write_whole
from certplan.cli.plans import edit_plan, plan_or_exit
from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.sources.importing import ClusterPlan

__all__ = ["update_plan"]


def update_plan(path: Path, plans: "Sequence[ClusterPlan]") -> "ClusterPlan":
    """Bring the plan at `path` up to date with the one of the imported clusters that is its own.

    Raises:
        typer.Exit: with 2, when none of them is, or the plan cannot be edited safely; it is then as it was.
    """
    from certplan.plan.yamltext import EditRefusedError
    from certplan.sources.importing import own_plan
    from certplan.sources.updating import updated

    stated = plan_or_exit(path)
    plan = own_plan(stated, plans)
    if plan is None:
        names = listed(each.imported.name for each in plans)
        raise fail(
            f"{path} is the plan of {stated.cluster.name}, and the exports are of {names}; name its own exports."
        )
    try:
        update = updated(stated.text, plan.imported, path.parent)
    except EditRefusedError as error:
        raise fail(f"{path}: {error}; it is left as it is. Edit it by hand.") from None
    try:
        for name, data in update.files.items():
            file = path.parent / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                write_whole([data], file)
    except OSError as error:
        raise fail(f"{path.parent} cannot be written to ({error.strerror or error}).") from None
    edit_plan(path, lambda _: update.text, seen=stated.text)
    for what in update.changed:
        note(f"changed {what}")
    for what in update.fulfilled:
        note(f"{what} is today now, and is taken out of the target")
    for what in update.in_no_export:
        note(f"{what} is in no export; it stays: take it out of the plan if it is gone.")
    if not update.changed and not update.fulfilled:
        note(f"{path} says all that already; it is left as it is.")
    return plan
