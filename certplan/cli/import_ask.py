"""What no export holds, asked at a terminal: again after a typo, and unknown where there is no answer."""

from collections.abc import Callable

from certplan.cli.prompts import ask, say
from certplan.places import Place
from certplan.plan.model import ClusterType, TlsVerification
from certplan.sources.logs import tls_mode
from certplan.sources.mapping import MappingProblem, read_mapping
from certplan.sources.merge import STATED
from certplan.sources.model import Field, Sourced
from certplan.text.words import joined
from certplan.vendor.releases import Release

__all__ = ["ask_field", "release_named", "type_named"]

_TYPES = {"e": ClusterType.EXPRESSWAY_E, "c": ClusterType.EXPRESSWAY_C}


def type_named(text: str) -> str | None:
    """`expressway-e` or `expressway-c` for what people write; None for anything else."""
    word = text.strip().lower()
    found = _TYPES.get(word) or next((each for each in ClusterType if each.value == word), None)
    return None if found is None else found.value


def release_named(text: str) -> str | None:
    """A release in its usual form, or None."""
    try:
        return str(Release.parse(text))
    except ValueError:
        return None


def ask_field(cluster: str, field: Field) -> Sourced | None:
    """Ask for one field of one cluster; None where the answer is empty."""
    if field is Field.ADDRESS_MAPPING:
        return _ask_mapping(cluster)
    question, known, expected = _QUESTIONS[field]

    def read(text: str) -> Sourced | None:
        if not text:
            return None
        value = known(text)
        if value is None:
            raise ValueError(f"is not {expected}")
        return Sourced(value, Place("answer"), STATED)

    return ask(f"{cluster}: {question} (Enter: unknown)", read)


def _ask_mapping(cluster: str) -> Sourced | None:
    say(
        f"{cluster}: Cluster address mapping: off, or paste the rows (FQDN and IP address) and end with an empty line "
        "(Enter: unknown)"
    )
    while True:
        lines: list[str] = []
        while line := ask(">", str):
            lines.append(line)
            if line.lower() == "off":
                return Sourced((), Place("answer"), STATED)
        if not lines:
            return None
        try:
            entries, _ = read_mapping("\n".join(lines), "answer")
        except MappingProblem as error:
            say(f"{error}\nTry again.")
        else:
            return Sourced(entries, Place("answer"), STATED)


_QUESTIONS: dict[Field, tuple[str, Callable[[str], str | None], str]] = {
    Field.TYPE: ("Type, expressway-e or expressway-c", type_named, "e, c, expressway-e or expressway-c"),
    Field.RELEASE: ("Release, such as X14.3.4", release_named, "a release such as X14.3.4"),
    Field.TLS_VERIFICATION: (
        f"TLS verification mode, {joined((each.value for each in TlsVerification), 'or')}",
        tls_mode,
        "permissive or enforce",
    ),
}
