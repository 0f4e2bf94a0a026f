"""Coverage-guided fuzzing of the readers, with atheris (libFuzzer).

    python -m tests.fuzz.harness READER [CORPUS...] [-max_total_time=SECONDS]

A reader may give any problem, finding or error of its own; what it may not do is raise anything else, hang, or fill the
memory. `corpus/READER` holds the few inputs that fuzzing begins with. Without atheris the same readers are driven by
`tests/fuzz/test_corpus.py` over the corpus and what hypothesis makes of it. A new reader is a line in `READERS`.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

__all__ = ["CORPUS", "READERS"]

CORPUS = Path(__file__).with_name("corpus")


def _plan(data: bytes) -> None:
    from certplan.plan.reading import PlanError, read_plan

    try:
        read_plan(data.decode("utf-8", "replace"), "plan.yaml", Path())
    except PlanError:
        return


def _zone(data: bytes) -> None:
    from certplan.evidence.dns.zonefile import read_zone

    read_zone(data, "example.com.zone")


def _certificate(data: bytes) -> None:
    from certplan.evidence.pki.certificates import read_certificates

    read_certificates(data, "file.pem")


def _csr(data: bytes) -> None:
    from certplan.evidence.pki.requests import parse_request

    try:
        parse_request(data)
    except ValueError:
        return


def _crl(data: bytes) -> None:
    from certplan.evidence.pki.crls import _read

    _read(data, "file.crl", "CRL")


def _key(data: bytes) -> None:
    from certplan.text.secrets import hide_keys

    text = data.decode("latin-1")
    assert hide_keys(hide_keys(text)) == hide_keys(text)


def _archive(data: bytes) -> None:
    from certplan.sources.archive import Budget, unpack

    for _ in unpack(BytesIO(data), "a.tar.gz", "a", Budget(members=100, kept=1 << 20, unpacked=1 << 22)):
        pass


def _item(data: bytes) -> None:
    """What an archive's member is taken for: a log, a transcript, a status XML, certificates, a page."""
    from certplan.sources.content import read_item
    from certplan.sources.model import Item

    read_item(Item("file", "bundle", data))


def _log(data: bytes) -> None:
    from certplan.logs.answers import answers_of
    from certplan.logs.events import event_of
    from certplan.logs.lines import LogReading, read_lines

    reading = LogReading()
    events = [event for line in read_lines(BytesIO(data), reading) if (event := event_of(line, "a.log")) is not None]
    answers_of(events, reading.hosts or {})


def _record(data: bytes) -> None:
    from certplan.plan.reading import PlanError
    from certplan.records.model import RecordError, read_record

    try:
        record = read_record(data)
        record.plan.plan()
        record.today.evidence()
    except (RecordError, PlanError):
        return


READERS: dict[str, Callable[[bytes], None]] = {
    "plan": _plan,
    "zone": _zone,
    "certificate": _certificate,
    "csr": _csr,
    "crl": _crl,
    "key": _key,
    "archive": _archive,
    "item": _item,
    "log": _log,
    "record": _record,
}


def main() -> None:
    atheris: Any = import_module("atheris")  # it has no types, and not everybody has it

    reader, *arguments = sys.argv[1:]
    with atheris.instrument_imports(include=["certplan"]):
        READERS[reader](b"")
    atheris.Setup([sys.argv[0], *arguments], READERS[reader])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
