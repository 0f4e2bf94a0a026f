"""Where an import goes: a folder that has no plan yet; nothing in it is overwritten."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from certplan.cli.output import fail, write_whole

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
        taken = [
            name for name, data in files.items() if (folder / name).exists() and (folder / name).read_bytes() != data
        ]
        if taken:
            raise fail(f"{folder} has {', '.join(taken)} already, and it is not overwritten; name another folder.")
        for below in ("certs", "trust", "zones"):
            (folder / below).mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_whole([data], folder / name)
    except OSError as error:
        raise fail(f"{folder} cannot be written to ({error.strerror or error}).") from None
    return folder / PLAN
