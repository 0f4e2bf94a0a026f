"""How requests are listed once they are made."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from certplan import __version__
from certplan.csr.model import Request
from certplan.intent.names import NameFor
from certplan.report.writers.json import SCHEMA_VERSION, Json, dumps, moment
from certplan.text.names import show

__all__ = ["head", "made_json", "made_text"]


def head(at: datetime) -> Json:
    """What every document begins with."""
    return {"schema_version": SCHEMA_VERSION, "certplan": __version__, "at": moment(at)}


def made_json(requests: Sequence[Request], folder: Path, at: datetime, *, with_key: bool, encrypted: bool) -> str:
    """The requests written into `folder`, and with what in them."""
    return dumps({**head(at), "requests": [_request(each, folder, with_key, encrypted) for each in requests]}) + "\n"


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


def made_text(requests: Iterable[Request], folder: Path, *, with_key: bool, encrypted: bool) -> str:
    """The same for people: which files, which names, what to do next."""
    lines: list[str] = []
    for request in requests:
        kind = "encrypted key" if encrypted else "key, for its owner only"
        lines.append(f"{show(request.peer.address)}, {request.store.value} certificate")
        if with_key:
            lines.append(f"  {show(str(folder / request.stem), 400)}.key  {request.choices.algorithm.words} {kind}")
        lines.append(
            f"  {show(str(folder / request.stem), 400)}.csr  CN {show(request.cn)}, {', '.join(request.usages)}"
        )
        width = max(len(name.name) for name in request.names)
        lines += [f"    {name.name:{width}}  {_why(name.why, request)}" for name in request.names]
    lines.append(
        "Send each CSR to the CA and ask for every name and usage; then: certplan csr verify CERTIFICATE --plan PLAN"
    )
    return "\n".join(lines) + "\n"


def _why(why: NameFor, request: Request) -> str:
    return f"Peer {request.peer.number} address" if why is NameFor.ADDRESS else why.value
