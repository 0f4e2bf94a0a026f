"""A sample of mutants of the modules where a mistake is dearest, each tried against the tests of its module.

Run as `python -m tests.mutants COUNT SEED [MODULE]` in a copy of the repository: cosmic-ray writes each mutant into the
file itself. With a count of 0 every mutant is tried. The exit code is 1 where one survives.
"""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

TESTS = {
    "handshake/identity": "handshake/test_page rules/test_goldens_peer_names rules/test_goldens_name_forms",
    "handshake/trust": (
        "handshake/test_culprit handshake/test_topologies handshake/test_trust_oracle handshake/test_edges "
        "handshake/test_page rules/test_goldens_trust rules/test_goldens_issuers rules/test_goldens_validity"
    ),
    "handshake/credentials": "handshake/test_topologies handshake/test_edges handshake/test_trust_oracle",
    "handshake/revocation": "handshake/test_revocation",
    "handshake/resolving": "rules/test_goldens_mapping rules/test_goldens_dns handshake/test_topologies",
    "handshake/simulate": (
        "handshake/test_page handshake/test_topologies handshake/test_edges handshake/test_revocation "
        "rules/test_goldens_roles"
    ),
    "intent/mapping": "proposal/test_mapping rules/test_goldens_mapping",
    "evidence/dns/message": "evidence/test_dns_message",
    "storage": "test_storage",
    "keys": "test_keys test_keys_made",
    "text/addresses": "test_addresses",
}
"""The modules, and the tests that are to find their mutants."""

EQUIVALENT = (
    "core/ReplaceBinaryOperator_BitOr_",
    *(f"core/ReplaceComparisonOperator_Is_{other}" for other in ("Eq", "Gt", "GtE", "Lt", "LtE")),
    "core/ReplaceComparisonOperator_IsNot_NotEq",
)
"""Types are not looked at when a program runs; a member of an enum is equal to nothing but itself, and has no order."""

NO_DIFFERENCE = {
    ("handshake/resolving", "if len(mapped) > 1:"): "asked only where there is one at least",
    ("handshake/resolving", "if len(found) > 1:"): "asked only where there is one at least",
    (
        "handshake/revocation",
        "if (named is not None and offered is not None and named != offered) or not _signed(crl.der, issuer.der):",
    ): "a CRL of another key fails by its signature, too; the key identifiers only spare the look",
    ("handshake/simulate", "@property"): "of a protocol, which only the type checker reads",
}
"""Lines whose mutants change nothing that can be observed, or a bound to the unit, and why."""

Mutant = tuple[str, str]
"""A job's id, and what the mutant is, in words."""


def main() -> int:
    count, seed = int(sys.argv[1]), sys.argv[2]
    chosen = sys.argv[3] if len(sys.argv) > 3 else ""
    survivors = [mutant for module in TESTS if chosen in module for mutant in _survivors(module, count, seed)]
    print(f"{len(survivors)} of the mutants survived." if survivors else "Every sampled mutant was found by a test.")
    return 1 if survivors else 0


def _survivors(module: str, count: int, seed: str) -> list[str]:
    settings, base = Path(f"{module.replace('/', '-')}.toml"), Path(f"{module.replace('/', '-')}.sqlite")
    tests = " ".join(f"tests/{each}.py" for each in TESTS[module].split())
    settings.write_text(
        f"""[cosmic-ray]
module-path = "certplan/{module}.py"
timeout = 60.0
excluded-modules = []
test-command = "{sys.executable} -m pytest -q -x -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
""",
        encoding="utf-8",
    )
    tool = str(Path(sys.executable).with_name("cosmic-ray"))
    subprocess.run([tool, "init", settings, base], check=True)
    with closing(sqlite3.connect(base)) as connection:
        mutants = sorted(
            _mutants(connection, module), key=lambda mutant: hashlib.sha256(f"{seed} {mutant[1]}".encode()).digest()
        )
        kept = dict(mutants[:count] if count else mutants)
        for table in ("mutation_specs", "work_items"):
            jobs = [job for (job,) in connection.execute(f"select job_id from {table}") if job not in kept]  # noqa: S608
            connection.executemany(f"delete from {table} where job_id = ?", [(job,) for job in jobs])  # noqa: S608
        connection.commit()
    subprocess.run([tool, "exec", settings, base], check=True)
    with closing(sqlite3.connect(base)) as connection:
        outcomes = dict(connection.execute("select job_id, test_outcome from work_results"))
    for job, words in kept.items():
        print(words, str(outcomes[job]).rpartition(".")[2].lower(), flush=True)
    return [words for job, words in kept.items() if str(outcomes[job]).lower().endswith("survived")]


def _mutants(connection: sqlite3.Connection, module: str) -> Iterator[Mutant]:
    """Those that can mean something, named by their line's text, so that the sample outlasts changes elsewhere."""
    lines = Path(f"certplan/{module}.py").read_text(encoding="utf-8").splitlines()
    columns = "job_id, operator_name, start_pos_row, start_pos_col, occurrence"
    for job, operator, row, column, _ in connection.execute(f"select {columns} from mutation_specs"):  # noqa: S608
        line = lines[row - 1].strip()
        if not operator.startswith(EQUIVALENT) and (module, line) not in NO_DIFFERENCE:
            yield job, f"{module}.py: {operator.removeprefix('core/')} at {column} of: {line}"


if __name__ == "__main__":
    sys.exit(main())
