"""`certplan adopt`: the target, or a part of it, has been carried out; it moves into today."""

from typing import Annotated

import typer

from certplan.cli.emit import note
from certplan.cli.options import PLAN_HERE, PlanFile, clock
from certplan.cli.plans import edit_plan, plan_or_exit

__all__ = ["adopt"]


def adopt(
    plan_file: PlanFile = PLAN_HERE,
    peer: Annotated[
        str | None,
        typer.Option("--peer", metavar="ADDRESS", help="Only what the target says of this peer.", show_default=False),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(
            "--item",
            metavar="KEY",
            help="Only this key of the target, such as address_mapping, or this field of its peers.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say that the target, or a part of it, has been carried out on the appliances: it moves into today.

    It is your word, and the plan's comment says since when; certplan has looked at no appliance.

    Exit codes: 0; 2 the target says nothing of it, or the plan cannot be edited safely.
    """
    from certplan.plan.targets import adopt as adopted

    plan = plan_or_exit(plan_file)
    day = clock().date()
    edit_plan(plan_file, lambda text: adopted(text, day, peer=peer, item=item), seen=plan.text)
    what = " of ".join(filter(None, (item, peer))) or "the target"
    note(f"{what} is today in {plan_file} now, stated on {day.isoformat()}.")
