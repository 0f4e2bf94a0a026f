"""Examples for the `--help` of every command, in one place; each is a line that can be copied."""

__all__ = ["epilog"]

_EXAMPLES = {
    "demo": ("certplan demo", "certplan demo expe-demo"),
    "import": (
        "certplan import exe1.tar.gz exe2.tar.gz -o expe",
        "certplan import exports/ -o expe --tls-verification permissive --mapping off",
        "certplan import xconfiguration.txt server.pem cas.pem -o expe --type e --release X14.3.4",
    ),
    "init": (
        "certplan init",
        "certplan init expe/plan.yaml --type e --name expe.example.com --peer exe1.example.com=10.20.0.11/24",
    ),
    "check": (
        "certplan check",
        "certplan check expe/plan.yaml --format json",
        "certplan check */plan.yaml --fail-on warning",
    ),
    "map": ("certplan map plan.yaml", "certplan map plan.yaml --format commands"),
    "propose": ("certplan propose plan.yaml",),
    "runbook": ("certplan runbook plan.yaml", "certplan runbook plan.yaml -o runbook.md"),
    "review": ("certplan review plan.yaml -o review.html",),
    "ports": ("certplan ports plan.yaml",),
    "capacity": ("certplan capacity plan.yaml",),
    "draw": ("certplan draw plan.yaml -o cluster.svg",),
    "renew": ("certplan renew plan.yaml",),
    "explain": ("certplan explain NAM001",),
    "rules": ("certplan rules", "certplan rules --format json"),
    "schema": ("certplan schema -o plan.schema.json",),
}


def epilog(command: str) -> str | None:
    """The examples of a command, kept on their lines; None where it has none."""
    lines = _EXAMPLES.get(command)
    return None if lines is None else "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
