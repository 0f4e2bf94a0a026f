"""`certplan schema`: the JSON Schema of plan files."""

from certplan.cli.options import Output
from certplan.cli.output import write

__all__ = ["schema"]


def schema(
    output: Output = None,
) -> None:
    """Print the JSON Schema of plan files, for editors that check and complete them.

    Exit codes: 0 success; 2 cannot be written.
    """
    from certplan.plan.schema import schema_text

    write([schema_text()], output)
