"""Passphrases: from a prompt, a file descriptor or an environment variable, never from an argument."""

import os
import sys

from certplan.cli.output import fail

__all__ = ["passphrase"]

_LONGEST = 1023
"""Bytes; OpenSSL's own limit for PKCS#8."""


def passphrase(descriptor: int | None, variable: str | None, prompt: str, *, new: bool) -> bytes:
    """Get a passphrase from where the user keeps it, else ask for it at the terminal; `new` ones twice.

    Raises:
        typer.Exit: with 2, when there is none, or none that can be used.
    """
    if descriptor is not None and variable is not None:
        raise fail("--passphrase-fd and --passphrase-env exclude each other; give one of them.")
    if descriptor is not None:
        secret = _from_descriptor(descriptor)
    elif variable is not None:
        if variable not in os.environ:
            # It may be the passphrase itself, so it is not quoted.
            raise fail("--passphrase-env: no environment variable has the name given; set one and name it.")

        secret = os.environ[variable].encode("utf-8", "surrogateescape")
    else:
        secret = _asked(prompt, new=new)
    if not secret:
        raise fail("the passphrase is empty; give one that is not.")
    if len(secret) > _LONGEST:
        raise fail(f"the passphrase has more than {_LONGEST} bytes; give a shorter one.")
    return secret


def _from_descriptor(descriptor: int) -> bytes:
    """All that comes until the end, without its last line end."""
    read = b""
    try:
        while len(read) <= _LONGEST + 2 and (part := os.read(descriptor, _LONGEST + 3)):
            read += part
    except OSError as error:
        raise fail(f"--passphrase-fd {descriptor}: cannot be read: {error.strerror}.") from None
    return read.removesuffix(b"\n").removesuffix(b"\r")


def _asked(prompt: str, *, new: bool) -> bytes:
    if not sys.stdin.isatty():
        raise fail("there is no terminal to ask for the passphrase; use --passphrase-fd or --passphrase-env.")
    from getpass import getpass

    try:
        secret = getpass(f"{prompt}: ", stream=sys.stderr)
        if new and getpass("Once more: ", stream=sys.stderr) != secret:
            raise fail("the two are not the same; nothing was written.")
    except EOFError:
        raise fail("no passphrase was given.") from None
    return secret.encode()
