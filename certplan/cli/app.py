"""The `certplan` program: which commands there are."""

from typing import Annotated

import typer

from certplan import __version__
from certplan.cli.adopt import adopt
from certplan.cli.capacity import capacity
from certplan.cli.check import check
from certplan.cli.collect import collect, diff
from certplan.cli.csr import csr
from certplan.cli.demo import demo
from certplan.cli.draw import draw
from certplan.cli.emit import NoColor, Quiet, set_screen, with_screen
from certplan.cli.evidence import with_evidence
from certplan.cli.examples import epilog, summary
from certplan.cli.import_ import import_
from certplan.cli.init import init
from certplan.cli.log import log
from certplan.cli.map import map_
from certplan.cli.ports import ports
from certplan.cli.probe import probe
from certplan.cli.propose import propose
from certplan.cli.renew import renew
from certplan.cli.review import review
from certplan.cli.rules import explain, rules
from certplan.cli.runbook import runbook
from certplan.cli.schema import schema
from certplan.cli.serve import serve
from certplan.cli.verify import verify

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CERTPLAN"},
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"certplan {__version__}")
        raise typer.Exit


@app.callback(
    help="Plan certificates and address mappings of Cisco Expressway clusters, and check them before Enforce."
)
def certplan(
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
    no_color: NoColor = False,
    quiet: Quiet = False,
) -> None:
    set_screen(no_color=no_color, quiet=quiet)


OF_EVIDENCE = frozenset({"check", "map", "propose", "runbook", "review", "draw", "renew", "ports", "capacity"})
"""The commands that can judge from a record."""

for name, command in (
    ("demo", demo),
    ("import", import_),
    ("init", init),
    ("check", check),
    ("map", map_),
    ("propose", propose),
    ("runbook", runbook),
    ("adopt", adopt),
    ("review", review),
    ("serve", serve),
    ("ports", ports),
    ("capacity", capacity),
    ("draw", draw),
    ("renew", renew),
    ("probe", probe),
    ("collect", collect),
    ("diff", diff),
    ("log", log),
    ("verify", verify),
    ("explain", explain),
    ("rules", rules),
    ("schema", schema),
):
    shown = with_evidence(command) if name in OF_EVIDENCE else command
    app.command(name, epilog=epilog(name), short_help=summary(name))(with_screen(shown))

app.add_typer(csr, name="csr", short_help="Certificate signing requests: make, type, verify, unlock.")
