"""`certplan --help` loads nothing that only a command needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from certplan.cli.app import COMMANDS
from tests.clusters import expressway_c

LOADED = """
import contextlib, io, json, sys

sys.argv = ["certplan", *{arguments}]
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    with contextlib.suppress(SystemExit):
        exec({program!r}, {{}})
print(json.dumps(sorted(sys.modules)))
"""
OURS = "from certplan.cli import main; main()"
BARE = """
import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def check(plan: str, at: str = "now") -> None:
    pass


@app.command()
def demo() -> None:
    pass


app()
"""


def loaded(program: str, *arguments: str) -> set[str]:
    """The modules a program has loaded by its end."""
    code = LOADED.format(program=program, arguments=list(arguments))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return set(json.loads(done.stdout))


def packages(modules: set[str]) -> set[str]:
    """The packages, by their first name, that are not Python's own."""
    return {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help")], ids=" ".join)
def test_help_loads_no_package_that_typer_itself_does_not(arguments: tuple[str, ...]) -> None:
    """But for msgspec, of which every value is made: it costs less than the dataclasses of the values would."""
    msgspec = packages(loaded("import msgspec"))
    assert packages(loaded(OURS, *arguments)) - packages(loaded(BARE, *arguments)) - msgspec == {"certplan"}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("check", "--help")], ids=" ".join)
def test_help_loads_no_room_in_which_anything_is_done(arguments: tuple[str, ...]) -> None:
    modules = loaded(OURS, *arguments)
    rooms = {".".join(module.split(".")[:2]) for module in modules if module.startswith("certplan.")}
    assert "certplan.cli" in rooms
    busy = {"data", "addresses", "names", "plan", "evidence", "handshake", "rules", "judgement", "report", "example"}
    assert not rooms & {f"certplan.{room}" for room in busy}


def test_a_check_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    """It needs the libraries of certificates and plans, but not those of DNS servers or of other forms of output."""
    modules = loaded(OURS, "check", str(expressway_c().write(tmp_path)), "--at", "2026-06-01")
    assert {"yaml", "cryptography", "OpenSSL"} <= packages(modules)
    assert not {"dns", "jinja2", "pydantic", "rich"} & packages(modules)
    assert not {"certplan.report.writers.json", "certplan.cli.workers", "certplan.evidence.dns.live"} & modules


def test_asking_dns_servers_loads_no_asyncio() -> None:
    modules = loaded("import certplan.evidence.dns.live")
    assert "selectors" in modules
    assert "asyncio" not in modules - loaded("pass")


@pytest.mark.parametrize("arguments", [("rules",), ("explain", "NAM001")], ids=" ".join)
def test_the_catalog_loads_no_library_that_only_plans_and_certificates_need(arguments: tuple[str, ...]) -> None:
    assert not {"cryptography", "OpenSSL", "dns", "jinja2", "pydantic", "rich", "yaml"} & packages(
        loaded(OURS, *arguments)
    )


def test_json_is_written_without_what_draws_a_page(tmp_path: Path) -> None:
    plan = str(expressway_c().write(tmp_path))
    modules = loaded(OURS, "check", plan, "--at", "2026-06-01", "--format", "json")
    assert not {"certplan.report.pages.check", "certplan.report.writers.markdown"} & modules


def test_the_library_loads_only_what_is_used() -> None:
    program = "import certplan; certplan.Severity.ERROR.rank"
    assert packages(loaded(program)) - packages(loaded("pass")) == {"certplan"}


def test_no_pydantic_plugin_of_another_package_runs_in_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pydantic loads the plugins it finds; a check and the library load none, for they do not load pydantic."""
    plan = str(expressway_c().write(tmp_path))
    about = tmp_path / "watcher-1.0.dist-info"
    about.mkdir()
    (tmp_path / "watcher.py").write_text("plugin = None\n", encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: watcher\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[pydantic]\nwatch = watcher:plugin\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    assert "watcher" in loaded("from importlib.metadata import entry_points as e; e(group='pydantic')['watch'].load()")
    for modules in (
        loaded(f"import certplan; certplan.load_plan({plan!r})"),
        loaded(OURS, "check", plan, "--at", "2026-06-01"),
    ):
        assert not {"pydantic", "watcher"} & packages(modules)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_loads_no_others_but_what_it_shares_with_them(name: str) -> None:
    modules = loaded(OURS, name, "--help")
    commands = {module for module, _ in COMMANDS.values() if f"certplan.cli.{module}" in modules}
    assert COMMANDS[name][0] in commands
    assert len(commands) <= 3


def test_the_list_of_commands_loads_none_of_them() -> None:
    modules = loaded(OURS, "--help")
    assert not {f"certplan.cli.{module}" for module, _ in COMMANDS.values()} & modules
