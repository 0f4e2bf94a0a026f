"""Where an import goes: a folder that has no plan yet; nothing in it is overwritten."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from certplan.cli.output import fail
from certplan.storage import write_new_files
from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.sources.importing import ClusterPlan

__all__ = ["fresh_folder", "write_plan"]

PLAN = "plan.yaml"


def fresh_folder(output: Path | None) -> Path:
    """The folder to write to.

    Raises:
        typer.Exit: with 2, when none is named, it is no folder, or it has a plan.
    """
    if output is None:
        raise fail("-o DIR is missing: name the folder to write the plan and its certificates to.")
    if output.exists() and not output.is_dir():
        raise fail(f"-o {output} is a file; expected a folder, new or without a plan.")
    if (output / PLAN).exists():
        raise fail(
            f"-o {output} has a plan already, and it is not overwritten; update it with --update {output / PLAN}."
        )
    return output


def write_plan(plan: "ClusterPlan", folder: Path, zone_files: Mapping[str, bytes]) -> Path:
    """Write a plan, its schema, certificates and zone files; the plan last.

    Raises:
        typer.Exit: with 2, when a file of other contents is there already, or one cannot be written.
    """
    from certplan.plan.schema import SCHEMA_FILE, schema_text

    fresh_folder(folder)
    files = {**plan.imported.files, **zone_files, PLAN: plan.text.encode()}
    if not (folder / SCHEMA_FILE).exists():
        files = {SCHEMA_FILE: schema_text().encode(), **files}
    try:
        there = {name for name in files if (folder / name).exists()}
        taken = [name for name in files if name in there and (folder / name).read_bytes() != files[name]]
        if taken:
            raise fail(f"{folder} has {listed(taken)} already, and it is not overwritten; name another folder.")
        new = {name: data for name, data in files.items() if name not in there}
        write_new_files(folder, new, folders=("certs", "trust", "zones"))
    except FileExistsError as error:
        raise fail(f"{error.filename} is there already, and it is not overwritten; name another folder.") from None
    except OSError as error:
        raise fail(f"{folder} cannot be written to ({error.strerror or error}).") from None
    return folder / PLAN
