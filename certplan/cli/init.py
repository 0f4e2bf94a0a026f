"""`certplan init`: a commented plan to fill in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from certplan.cli.output import fail, write

__all__ = ["init"]


def init(
    output: Annotated[Path, typer.Argument(metavar="[PLAN]", help="The plan file to write.")] = Path("plan.yaml"),
    name: Annotated[str | None, typer.Option("--name", help="Cluster name, an FQDN.", show_default=False)] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="expressway-e or expressway-c.", show_default=False)
    ] = None,
    release: Annotated[
        str | None, typer.Option("--release", help="Software release, such as X14.3.4.", show_default=False)
    ] = None,
    peers: Annotated[
        list[str] | None, typer.Option("--peer", help="A peer's FQDN; once for each peer.", show_default=False)
    ] = None,
    dual_nic: Annotated[bool, typer.Option("--dual-nic/--single-nic", help="Two NICs on each peer.")] = True,
    static_nat: Annotated[bool, typer.Option("--static-nat/--no-static-nat", help="Static NAT on the outside.")] = True,
) -> None:
    """Write a commented plan, from options or, at a terminal, from questions."""
    from certplan.plan.model import ClusterType
    from certplan.plan.template import plan_template

    asking = sys.stdin.isatty()

    def value(given: str | None, question: str, default: str) -> str:
        if given is not None:
            return given
        return str(typer.prompt(question, default=default, err=True)) if asking else default

    if output.exists():
        raise fail(f"{output} is there already and is not overwritten; name another file.")
    cluster = value(name, "Cluster name (an FQDN)", "expe.example.com")
    text_type = value(kind, "Type (expressway-e or expressway-c)", ClusterType.EXPRESSWAY_E.value)
    try:
        cluster_type = ClusterType(text_type.strip().lower())
    except ValueError:
        raise fail(f"--type {text_type!r} is neither expressway-e nor expressway-c.") from None
    outward = cluster_type is ClusterType.EXPRESSWAY_E
    try:
        text = plan_template(
            name=cluster,
            type=cluster_type,
            release=value(release, "Release", "X14.3.4"),
            peers=peers or 2,
            dual_nic=dual_nic and outward,
            static_nat=static_nat and outward,
        )
    except ValueError as error:
        raise fail(str(error)) from None
    write([text], output)
    print(f"certplan: wrote {output}; fill it in, then run: certplan check {output}", file=sys.stderr)
