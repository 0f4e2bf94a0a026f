"""`certplan csr verify` and `csr show`: what comes back from the CA, or is about to go there."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.csr_beside import KeyReader, beside, request_in
from certplan.cli.csr_common import Cn, Names, PassphraseEnv, PassphraseFd, Sans, intent_of, now
from certplan.cli.emit import FORMAT, Format, emit, note
from certplan.cli.options import PLAN_HERE, At, Output, in_folder, moment_of
from certplan.cli.output import fail
from certplan.cli.plans import chosen_peers, plan_or_exit, problems_exit, write_target
from certplan.csr.words import CnStyle, NameStyle, Role, StoreChoice

if TYPE_CHECKING:
    from certplan.csr.model import Request
    from certplan.csr.verify import Document
    from certplan.evidence.model import PublicKey, TrustList
    from certplan.evidence.pki.requests import SigningRequest
    from certplan.intent.cluster import Intent
    from certplan.plan.model import Peer, Plan

__all__ = ["show", "verify"]

DIFFERS = 1


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSRs or issued certificates.", show_default=False)
    ],
    plan: Annotated[
        Path,
        typer.Option(
            "--plan",
            metavar="PLAN",
            help="The plan file, or the folder it is in (default: plan.yaml here).",
            show_default=False,
            callback=in_folder,
        ),
    ] = PLAN_HERE,
    peer: Annotated[
        str | None,
        typer.Option("--peer", help="Whose it is (default: the peer whose FQDN it has).", show_default=False),
    ] = None,
    csr: Annotated[
        Path | None, typer.Option("--csr", metavar="FILE", help="The CSR it was issued for.", show_default=False)
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", metavar="FILE", help="Its private key; only the public half is compared.", show_default=False
        ),
    ] = None,
    store: Annotated[
        StoreChoice | None,
        typer.Option("--store", help="The store it is for (default: as the plan names the file).", show_default=False),
    ] = None,
    trusted: Annotated[
        list[Path] | None,
        typer.Option(
            "--trusted",
            metavar="FILE",
            help="CAs to check the chain against, where the plan names no trusted_cas; may be repeated.",
            show_default=False,
        ),
    ] = None,
    cn: Cn = None,
    names: Names = NameStyle.PEER,
    san: Sans = None,
    role: Annotated[
        Role | None,
        typer.Option("--role", help="The usages ordered (default: what the release needs).", show_default=False),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="The validity ordered, in days.", show_default=False)
    ] = None,
    into_plan: Annotated[
        bool,
        typer.Option("--write", help="Put certificates that match under target: of their peer in the plan file."),
    ] = False,
    passphrase_fd: PassphraseFd = None,
    passphrase_env: PassphraseEnv = None,
    at: At = None,
    form: Annotated[Literal[Format.TEXT, Format.MARKDOWN, Format.HTML, Format.CSV, Format.JSON], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Compare CSRs or issued certificates with the plan, with their CSR and with their key.

    Exit codes: 0 all match; 1 one differs; 2 cannot be run.
    """
    from certplan.csr.verify import Against, compare
    from certplan.evidence.model import Certificate
    from certplan.report.pages.csr_documents import ComparedFile, verified_answer

    if store is StoreChoice.BOTH:
        raise fail("--store both: a file is for one store; say server or client.")
    if len(files) > 1 and (csr is not None or key is not None):
        raise fail("--csr and --key belong to one certificate; verify one FILE at a time with them.")
    stated = plan_or_exit(plan)
    moment = moment_of(at)
    reader = KeyReader(passphrase_fd, passphrase_env)
    request = None if csr is None else request_in(csr)
    public = None if key is None else reader.stated(key)
    intent = intent_of(stated)
    results: list[ComparedFile] = []
    issued: list[tuple[Peer, StoreChoice, Path]] = []
    for file in files:
        documents = _documents(file)
        owner = _owner(stated, peer, documents, file)
        kind = store or _store(stated, owner, documents, file)
        requests = _requests(intent, owner, cn, names, san or [], kind)
        its_csr = request or _csr_beside(file, documents, requests)
        its_key = public or _key_beside(file, requests, reader)
        trust = _trust(stated, owner, trusted or [])
        against = Against(requests=requests, csr=its_csr, key=its_key, trust=trust, days=days, role=role)
        with_what = ("the plan", *(("its CSR",) if its_csr else ()), *(("its key",) if its_key else ()))
        comparison = compare(stated, documents, against, moment)
        results.append(ComparedFile(str(file), owner.address, kind.value, comparison, with_what))
        if comparison.matches and isinstance(documents[0], Certificate):
            issued.append((owner, kind, file))
    emit(verified_answer(results, moment), form, output)
    if into_plan:
        _put_into(plan, stated, issued, key)
    if not all(each.comparison.matches for each in results):
        raise typer.Exit(DIFFERS)


def _put_into(
    plan_file: Path, plan: "Plan", issued: "Sequence[tuple[Peer, StoreChoice, Path]]", key: Path | None
) -> None:
    """Make the certificates that matched what the target has for their peers."""
    if not issued:
        note(f"no certificate matches; {plan_file} is left as it is.")
        return
    peers: dict[str, dict[str, str]] = {}
    for peer, store, file in issued:
        peers.setdefault(peer.address, {})[f"{store.value}_certificate"] = _from_folder(plan, file)
        if key is not None and store is StoreChoice.SERVER:
            peers[peer.address]["private_key"] = _from_folder(plan, key)
    write_target(plan_file, {"peers": peers}, seen=plan.text)


def _from_folder(plan: "Plan", file: Path) -> str:
    """The file as the plan is to name it: relative to the plan's folder where it can be."""
    try:
        return Path(os.path.relpath(file.absolute(), plan.folder.absolute())).as_posix()
    except ValueError:
        # On Windows there is no way from one drive to another.
        return file.absolute().as_posix()


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSR, or certificates.", show_default=False)],
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN, Format.HTML], FORMAT] = Format.TEXT,
    output: Output = None,
) -> None:
    """Show what is in a CSR or in certificates: PEM, DER or PKCS#7, whatever state they are in."""
    from certplan.evidence.model import Missing, Problem
    from certplan.evidence.pki.certificates import read_certificates
    from certplan.evidence.pki.der import MaterialKind
    from certplan.evidence.pki.material import UnreadableFile, read_material
    from certplan.evidence.pki.requests import kinds_in, load_request_file
    from certplan.report.pages.csr_documents import ShownDocument, shown_answer

    try:
        data, kinds = read_material(file), kinds_in(file)
    except UnreadableFile as error:
        raise fail(f"{file}: {error}.") from None
    shown: list[ShownDocument] = []
    problems: tuple[Problem, ...] = ()
    if MaterialKind.CSR in kinds:
        found = load_request_file(file, str(file), "CSR")
        if isinstance(found, Missing):
            raise fail(f"{found.why}. {found.remedy}")
        shown = [ShownDocument(found.request, found.where)]
    else:
        certificates, problems = read_certificates(data, str(file))
        shown = [ShownDocument(located.certificate, located.where) for located in certificates]
    if not shown and kinds and all(kind.is_private for kind in kinds):
        raise fail(f"{file}: it is a private key, and keys are never shown. Give a CSR or a certificate.")
    if not shown:
        for problem in problems:
            note(f"{problem.where}: {problem.what}")
        raise fail(f"{file}: no CSR and no certificate can be read out of it.")
    emit(shown_answer(str(file), shown, problems, now()), form, output)


def _documents(file: Path) -> "tuple[Document, ...]":
    """The CSR or the certificates in a file, in order; what is wrong with the file is reported."""
    from certplan.evidence.model import Missing
    from certplan.evidence.pki.certificates import load_certificate_file
    from certplan.evidence.pki.der import MaterialKind
    from certplan.evidence.pki.material import UnreadableFile
    from certplan.evidence.pki.requests import kinds_in

    try:
        kinds = kinds_in(file)
    except UnreadableFile as error:
        raise fail(f"{file}: {error}.") from None
    if MaterialKind.CSR in kinds and MaterialKind.CERTIFICATE not in kinds:
        return (request_in(file),)
    found = load_certificate_file(file, str(file), "certificate")
    if isinstance(found, Missing):
        raise fail(f"{found.why}. {found.remedy}")
    for problem in found.problems:
        note(f"{problem.where}: {problem.what}")
    return (found.leaf, *(located.certificate for located in found.others))


def _csr_beside(file: Path, documents: "Sequence[Document]", requests: "Sequence[Request]") -> "SigningRequest | None":
    """The CSR beside a certificate, where there is one."""
    from certplan.evidence.pki.requests import SigningRequest

    found = None if isinstance(documents[0], SigningRequest) else beside(file, requests[0].stem, ".csr")
    return None if found is None else request_in(found)


def _key_beside(file: Path, requests: "Sequence[Request]", reader: KeyReader) -> "PublicKey | None":
    found = beside(file, requests[0].stem, ".key")
    return None if found is None else reader.beside(found)


def _store(plan: "Plan", peer: "Peer", documents: "Sequence[Document]", file: Path) -> StoreChoice:
    """The store a file is for: as the plan names it, or as its own name or its usages tell; else the server's."""
    from certplan.handshake.credentials import CLIENT_AUTH
    from certplan.vendor.releases import TWO_STORES_FROM

    named = {
        StoreChoice.SERVER: peer.server_certificate,
        StoreChoice.CLIENT: peer.client_certificate,
    }
    for store, stated in named.items():
        if stated is not None and plan.located(stated)[0].resolve() == file.resolve():
            return store
    for_client = file.stem.endswith("-client") or documents[0].eku == (CLIENT_AUTH,)
    return StoreChoice.CLIENT if for_client and peer.release >= TWO_STORES_FROM else StoreChoice.SERVER


def _owner(plan: "Plan", address: str | None, documents: "Sequence[Document]", file: Path) -> "Peer":
    """The peer a document is for: the one said, or the only one whose FQDN it has."""
    from certplan.text.names import key

    if address is not None:
        peers = chosen_peers(plan, [address])
    else:
        named = {key(name) for each in documents for name in (*each.dns_names, *each.common_names)}
        peers = tuple(
            peer
            for peer in plan.peers
            if len(plan.peers) == 1 or {key(name) for name in (peer.fqdn, peer.address) if name is not None} & named
        )
    if len(peers) != 1:
        of = "no peer's FQDN is in it" if not peers else f"it has the FQDNs of {len(peers)} peers"
        raise fail(f"{file}: {of}, so it is not known whose it is; say so with --peer.")
    return peers[0]


def _requests(
    intent: "Intent", peer: "Peer", cn: CnStyle | None, names: NameStyle, sans: "Sequence[str]", store: StoreChoice
) -> "tuple[Request, ...]":
    """What the plan asks for; the CN may be the cluster's or the peer's unless one of them was said."""
    from certplan.csr.model import Choices
    from certplan.csr.names import order_requests

    orders = [
        order_requests(intent, [peer], Choices(cn=style, names=names, sans=tuple(sans), store=store))
        for style in ([cn] if cn is not None else [None, CnStyle.PEER])
    ]
    requests = tuple(request for order in orders for request in order.requests)
    if not requests:
        raise problems_exit(orders[0].problems)
    return requests


def _trust(plan: "Plan", peer: "Peer", trusted: "Sequence[Path]") -> "TrustList | None":
    """The peer's trusted CA list as the plan has it, else the files given; None where neither can be read."""
    from certplan.evidence.model import Missing
    from certplan.evidence.pki.certificates import load_trust_list

    stated = [plan.located(file) for file in peer.trusted_cas or ()]
    files = stated or [(file, str(file)) for file in trusted]
    if not files:
        return None
    found = load_trust_list(files, "trusted CA list")
    if not isinstance(found, Missing):
        return found
    if not stated:
        raise fail(f"--trusted: {found.why}. {found.remedy}")
    note(f"{found.why}. {found.remedy}")
    return None
