"""One line and some examples for every command, as `--help` shows them; each example can be copied."""

__all__ = ["epilog", "summary"]

_EXAMPLES = {
    "demo": ("certplan demo", "certplan demo expe-demo"),
    "import": (
        "certplan import exe1.tar.gz exe2.tar.gz -o expe",
        "certplan import exports/ -o expe --tls-verification permissive --mapping off",
        "certplan import exports/ --update expe/plan.yaml",
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
    "adopt": ("certplan adopt plan.yaml", "certplan adopt plan.yaml --item address_mapping"),
    "map": ("certplan map plan.yaml", "certplan map plan.yaml --format commands", "certplan map plan.yaml --write"),
    "propose": ("certplan propose plan.yaml", "certplan propose plan.yaml --write"),
    "runbook": ("certplan runbook plan.yaml", "certplan runbook plan.yaml -o runbook.md"),
    "review": ("certplan review plan.yaml -o review.html",),
    "serve": ("certplan serve", "certplan serve expe --port 8080 --no-browser"),
    "ports": ("certplan ports plan.yaml",),
    "capacity": ("certplan capacity plan.yaml",),
    "draw": ("certplan draw plan.yaml -o cluster.svg",),
    "probe": ("certplan probe plan.yaml", "certplan probe 10.20.0.11:5061 --certificate exc1.pem --key exc1.key"),
    "collect": (
        "certplan collect plan.yaml -o evidence/2027-01-01 --probe",
        "certplan check --evidence evidence/2027-01-01",
    ),
    "diff": ("certplan diff evidence/2027-01-01 evidence/2027-01-02",),
    "verify": ("certplan verify plan.yaml --log exe1.tar.gz --log exe2.tar.gz --probe",),
    "log": ("certplan log exe1.tar.gz exe2.tar.gz", "certplan log logs/ --plan plan.yaml --format json"),
    "renew": ("certplan renew plan.yaml",),
    "explain": ("certplan explain NAM001",),
    "rules": ("certplan rules", "certplan rules --format json"),
    "schema": ("certplan schema -o plan.schema.json",),
}


def epilog(command: str) -> str | None:
    """The examples of a command, kept on their lines; None where it has none."""
    lines = _EXAMPLES.get(command)
    return None if lines is None else "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


_SUMMARIES = {
    "csr": "Certificate signing requests: make, type, verify, unlock.",
    "probe": "Connect to ports by TLS; compare them with the plan.",
    "collect": "Record everything observed for a plan.",
    "diff": "What changed between two records, and in the verdict.",
    "verify": "Did the change do what the runbook said?",
    "log": "Answer from diagnostic logs what happened.",
    "demo": "Write and check a worked example; needs no network.",
    "import": "From the appliances' exports to a plan and a verdict.",
    "init": "Write a commented plan, from options or questions.",
    "check": "Can TLS verification mode be set to Enforce?",
    "adopt": "Say that the target has been carried out.",
    "map": "Cluster address mapping: needed or not, and its entries.",
    "propose": "The least changes that make the cluster ready.",
    "runbook": "The changes as a procedure for a change window.",
    "review": "The design review on one page.",
    "serve": "The workbench: the same in a browser on this machine.",
    "ports": "Ports and firewall rules by release.",
    "capacity": "What the cluster can carry.",
    "draw": "Draw the cluster: interfaces, NAT, names, DNS.",
    "renew": "Expiry dates and renewal deadlines.",
    "explain": "Explain a rule, an alarm, or the words of a log.",
    "rules": "List every rule.",
    "schema": "Print the JSON Schema of plan files.",
}


def summary(command: str) -> str:
    """The line of a command in the list of all, short enough for a terminal of 80 columns."""
    return _SUMMARIES[command]
