"""The `certplan` program: which commands there are."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from certplan import __version__
from certplan.cli.emit import NoColor, Quiet, set_screen, with_screen
from certplan.cli.examples import epilog, summary

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "demo": ("demo", "demo"),
    "import": ("import_", "import_"),
    "init": ("init", "init"),
    "check": ("check", "check"),
    "map": ("map", "map_"),
    "propose": ("propose", "propose"),
    "runbook": ("runbook", "runbook"),
    "adopt": ("adopt", "adopt"),
    "review": ("review", "review"),
    "serve": ("serve", "serve"),
    "ports": ("ports", "ports"),
    "capacity": ("capacity", "capacity"),
    "draw": ("draw", "draw"),
    "renew": ("renew", "renew"),
    "probe": ("probe", "probe"),
    "collect": ("collect", "collect"),
    "diff": ("collect", "diff"),
    "log": ("log", "log"),
    "verify": ("verify", "verify"),
    "explain": ("rules", "explain"),
    "rules": ("rules", "rules"),
    "schema": ("schema", "schema"),
    "csr": ("csr", "csr"),
}
"""Every command in the order of `--help`: the module of `certplan.cli` and the function, or group, in it."""

OF_EVIDENCE = frozenset({"check", "map", "propose", "runbook", "review", "draw", "renew", "ports", "capacity"})
"""The commands that can judge from a record."""


class _Commands(typer.core.TyperGroup):
    """The commands, each loaded when it is called, so that a run pays for one of them."""

    def list_commands(self, _ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _loaded(cmd_name)
        return self.commands.get(cmd_name)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(name)) for name in COMMANDS])


def _loaded(name: str) -> Any:
    module, function = COMMANDS[name]
    found: Callable[..., None] | typer.Typer = getattr(import_module(f"certplan.cli.{module}"), function)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    if name in OF_EVIDENCE:
        from certplan.cli.evidence import with_evidence

        found = with_evidence(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name, epilog=epilog(name), short_help=summary(name))(with_screen(found))
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CERTPLAN"},
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
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
