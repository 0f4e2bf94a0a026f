"""What lies beside a certificate: its CSR and its key, found by name; and keys that need a passphrase."""

from pathlib import Path
from typing import TYPE_CHECKING

from certplan.cli.emit import note
from certplan.cli.output import fail
from certplan.value import Struct

if TYPE_CHECKING:
    from certplan.evidence.model import PublicKey
    from certplan.evidence.pki.requests import SigningRequest

__all__ = ["KeyReader", "beside", "request_in"]


def beside(file: Path, stem: str, ending: str) -> Path | None:
    """The file of that ending beside `file`, of its own name or of the name that `csr new` gives; None without one."""
    names = dict.fromkeys(f"{each}{ending}" for each in (file.stem, stem))
    found = (file.with_name(name) for name in names)
    return next((path for path in found if path != file and path.is_file()), None)


def request_in(file: Path) -> "SigningRequest":
    """The CSR in a file.

    Raises:
        typer.Exit: with 2, when there is none that can be read.
    """
    from certplan.evidence.model import Missing
    from certplan.evidence.pki.requests import load_request_file

    found = load_request_file(file, str(file), "CSR")
    if isinstance(found, Missing):
        raise fail(f"{found.why}. {found.remedy}")
    return found.request


class KeyReader(Struct):
    """Reads the public half of private keys, with one passphrase for those that need it."""

    descriptor: int | None
    variable: str | None
    _secret: bytes | None = None

    def stated(self, file: Path) -> "PublicKey":
        """The public half of a key that was named; what cannot be compared is not passed over."""
        found = self._found(file)
        if found is None:
            return self._opened(file)
        return found

    def beside(self, file: Path) -> "PublicKey | None":
        """The public half of a key that was found; None, with a word on standard error, where it cannot be opened."""
        found = self._found(file)
        if found is None and self.descriptor is None and self.variable is None:
            note(f"{file} is encrypted and not compared: give --passphrase-env or --passphrase-fd.")
            return None
        return found or self._opened(file)

    def _found(self, file: Path) -> "PublicKey | None":
        """None for an encrypted key."""
        from certplan.evidence.model import Missing
        from certplan.evidence.pki.certificates import load_key_file

        found = load_key_file(file, str(file), "private key")
        if isinstance(found, Missing):
            raise fail(f"{found.why}. {found.remedy}")
        if isinstance(found.key, Missing):
            if found.encrypted:
                return None
            raise fail(f"{found.key.why}. {found.key.remedy}")
        return found.key

    def _opened(self, file: Path) -> "PublicKey":
        from certplan.cli.passphrases import passphrase
        from certplan.evidence.pki.x509facts import public_key_facts
        from certplan.keys import PrivateKeyError, load_private_key

        if self._secret is None:
            self._secret = passphrase(self.descriptor, self.variable, f"Passphrase of {file}", new=False)
        try:
            return public_key_facts(load_private_key(file, str(file), self._secret).public_key())
        except PrivateKeyError as error:
            raise fail(str(error)) from None
