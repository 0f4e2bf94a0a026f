"""What `certplan csr new` says: which files it wrote, with which names, and what to do next."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from certplan.csr.model import Request
from certplan.intent.names import NameFor
from certplan.report.answer import Answer
from certplan.report.document import Document, Facts, Fold, Prose, Section, Words
from certplan.report.writers.json import Json, head_json
from certplan.text.words import joined

__all__ = ["made_answer"]

_NEXT = "Send each CSR to the CA and ask for every name and usage; then: certplan csr verify CERTIFICATE --plan PLAN"


def made_answer(requests: Sequence[Request], folder: Path, at: datetime, *, with_key: bool, encrypted: bool) -> Answer:
    """The CSRs written into `folder`, and with what in them.

    Args:
        requests: what was requested, in order.
        folder: where the files are.
        at: when they were made.
        with_key: whether a key was written beside each.
        encrypted: whether the keys are encrypted.
    """
    return Answer(
        page=lambda: _page(requests, folder, with_key=with_key, encrypted=encrypted),
        data=lambda: {
            **head_json(at),
            "requests": [_request(each, folder, with_key, encrypted) for each in requests],
        },
    )


def _page(requests: Sequence[Request], folder: Path, *, with_key: bool, encrypted: bool) -> Document:
    kind = "encrypted key" if encrypted else "key, for its owner only"
    blocks = []
    for number, request in enumerate(requests, 1):
        files = [(f"{request.choices.algorithm.words} {kind}", Words(str(folder / f"{request.stem}.key"), code=True))]
        csr = ("CSR", Words(str(folder / f"{request.stem}.csr"), code=True))
        content = (("CN", Words(request.cn, code=True)), ("EKU", joined(request.usages)))
        facts = Facts.of((*(files if with_key else ()), csr, *content))
        names = Facts.of((name.name, _why(name.why, request)) for name in request.names)
        title = Words(f"{request.peer.address}, {request.store.value} certificate")
        blocks.append(Fold(f"csr-{number}", title, (facts, Prose("Required names:"), names)))
    return Document(f"CSRs in {folder}", (), (Section("csrs", "", tuple(blocks)), Section("next", "", (Prose(_NEXT),))))


def _why(why: NameFor, request: Request) -> str:
    return f"Peer {request.peer.number} address" if why is NameFor.ADDRESS else why.value


def _request(request: Request, folder: Path, with_key: bool, encrypted: bool) -> Json:
    return {
        "peer": request.peer.address,
        "store": request.store.value,
        "key": str(folder / f"{request.stem}.key") if with_key else None,
        "encrypted": encrypted,
        "csr": str(folder / f"{request.stem}.csr"),
        "cn": request.cn,
        "sans": list(request.sans),
        "extended_key_usage": list(request.usages),
        "algorithm": request.choices.algorithm.value if with_key else None,
        "digest": request.choices.digest.value,
    }
