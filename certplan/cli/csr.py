"""`certplan csr`: requests made, and the plain copy of a key that the appliance wants."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certplan.cli.csr_check import show, verify
from certplan.cli.csr_common import (
    PassphraseEnv,
    PassphraseFd,
    Requested,
    now,
    ordered,
    with_choices,
)
from certplan.cli.csr_sheet import sheet
from certplan.cli.emit import FORMAT, Format, emit, note, with_screen
from certplan.cli.options import PLAN_HERE, PlanFile
from certplan.cli.output import fail
from certplan.cli.plans import plan_or_exit
from certplan.cli.progress import Aside, ticking
from certplan.text.words import listed

if TYPE_CHECKING:
    from certplan.csr.build import PrivateKey
    from certplan.csr.model import Request

__all__ = ["csr"]

csr = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Certificate signing requests: make them, type them on the appliance, check what comes back.",
)


@with_choices
def new(
    plan: PlanFile = PLAN_HERE,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")] = Path(
        "requests"
    ),
    *,
    requested: Requested,
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Protect the keys with a passphrase (csr unlock takes it off).")
    ] = False,
    passphrase_fd: PassphraseFd = None,
    passphrase_env: PassphraseEnv = None,
    existing_key: Annotated[
        Path | None,
        typer.Option(
            "--existing-key",
            metavar="FILE",
            help="Sign with this key, for one peer; only a CSR is written.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[Literal[Format.TEXT, Format.JSON, Format.MARKDOWN], FORMAT] = Format.TEXT,
) -> None:
    """Make a private key and a CSR for each peer, with the names the plan asks for.

    Writes DIR/HOST.key and DIR/HOST.csr (HOST-client for the client certificate). Nothing is ever overwritten, and a
    run writes all its files or none.
    """
    from certplan.keys import CSR, KEY, PrivateKeyError, make_pairs, prepare, write_new
    from certplan.report.pages.csr import made_answer

    stated = plan_or_exit(plan)
    order = ordered(stated, requested)
    ending = (CSR,) if existing_key is not None else (KEY, CSR)
    stems = [request.stem + each for request in order.requests for each in ending]
    encrypted = encrypt or passphrase_fd is not None or passphrase_env is not None
    try:
        found = prepare(output, stems)
        for name in found.recovered:
            note(f"{output / name} was put beside its key: an earlier run had been interrupted.")
        if found.taken:
            taken_files = listed(str(output / name) for name in found.taken)
            raise fail(
                f"{taken_files}: there already, and never overwritten. Name another folder, or other peers (--peer)."
            )
        for warning in found.warnings:
            note(f"warning: {warning}")
        existing = None
        secret = None
        if existing_key is not None:
            existing = _existing(existing_key, order.requests, passphrase_fd, passphrase_env)
        elif encrypted:
            from certplan.cli.passphrases import passphrase

            secret = passphrase(passphrase_fd, passphrase_env, "Passphrase for the new keys", new=True)
        made = _Progress(len(order.requests), "" if existing else f"{requested.choices.algorithm.words} key and ")
        with ticking("Making keys and CSRs", made.state) as made.aside:
            pairs = make_pairs(order.requests, passphrase=secret, existing=existing, made=made)
        write_new(output, [pair.files for pair in pairs])
    except PrivateKeyError as error:
        raise fail(str(error)) from None
    answer = made_answer(order.requests, output, now(), with_key=existing is None, encrypted=secret is not None)
    emit(answer, form)


def unlock(
    key: Annotated[Path, typer.Argument(metavar="KEY", help="The encrypted key.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write the plain copy (default: HOST-plain.key).",
            show_default=False,
        ),
    ] = None,
    passphrase_fd: PassphraseFd = None,
    passphrase_env: PassphraseEnv = None,
) -> None:
    """Write the plain copy of an encrypted key that the appliance wants: PKCS#8 PEM, for its owner only."""
    from certplan.cli.passphrases import passphrase
    from certplan.keys import NewFile, PrivateKeyError, is_encrypted, load_private_key, prepare, private_pem, write_new

    target = key.with_name(f"{key.stem}-plain{key.suffix or '.key'}") if output is None else output
    try:
        if not is_encrypted(key, str(key)):
            raise fail(f"{key} is not encrypted; the appliance takes it as it is.")
        if prepare(target.parent, [target.name]).taken:
            raise fail(f"{target} is there already and is not overwritten; name another file with -o.")
        secret = passphrase(passphrase_fd, passphrase_env, f"Passphrase of {key}", new=False)
        plain = private_pem(load_private_key(key, str(key), secret))
        write_new(target.parent, [[NewFile(target.name, plain, private=True)]])
    except PrivateKeyError as error:
        raise fail(str(error)) from None
    note(f"wrote {target}, not encrypted; upload it, then delete it.")


def _existing(
    file: Path, requests: "tuple[Request, ...]", descriptor: int | None, variable: str | None
) -> "PrivateKey":
    """The user's own key, fit for the one peer it is to be used for."""
    from certplan.cli.passphrases import passphrase
    from certplan.csr.rules import key_problem
    from certplan.evidence.pki.x509facts import public_key_facts
    from certplan.keys import is_encrypted, load_private_key

    if len(requests) > 1:
        raise fail(f"--existing-key: {len(requests)} certificates would share one key; name one peer with --peer.")
    secret = None
    if is_encrypted(file, str(file)):
        secret = passphrase(descriptor, variable, f"Passphrase of {file}", new=False)
    key = load_private_key(file, str(file), secret)
    problem = key_problem(public_key_facts(key.public_key()), requests[0].peer.release)
    if problem is not None:
        raise fail(f"--existing-key {file}: the key is {problem.found}; expected {problem.expected}.")
    return key


class _Progress:
    """A line on standard error for each pair made."""

    def __init__(self, count: int, what: str) -> None:
        self._count, self._done, self._what = count, 0, what
        self.aside: Aside = nullcontext

    def state(self) -> str:
        return f"{self._done} of {self._count}"

    def __call__(self, request: "Request") -> None:
        from certplan.text.names import show

        self._done += 1
        with self.aside():
            note(f"{show(request.stem)}: {self._what}CSR made ({self.state()})")


for name, command in (("new", new), ("sheet", sheet), ("verify", verify), ("show", show), ("unlock", unlock)):
    csr.command(name)(with_screen(command))
