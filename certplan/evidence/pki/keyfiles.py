"""Private key files. Only the public half is kept, and no message ever quotes a byte of one."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_der_private_key

from certplan.evidence.model import KeyFile, Missing, PublicKey
from certplan.evidence.pki.der import MaterialKind, kind_of
from certplan.evidence.pki.material import UnreadableFile, blocks_of, missing_file, read_material
from certplan.evidence.pki.pem import PemBlock, text_of
from certplan.evidence.pki.x509facts import public_key_facts, quiet
from certplan.places import Place
from certplan.text.words import listed

__all__ = ["load_key_file"]

_GIVE_PEM = "Give the private key as PEM (PKCS#8, PKCS#1 or SEC1), as it is uploaded."
_REMEDIES = {
    MaterialKind.CERTIFICATE: "Give the private key file here; the certificate is named under `server_certificate`.",
    MaterialKind.PKCS12: "Take the key out: openssl pkcs12 -in STORE -nocerts -nodes -out private.key",
}


def load_key_file(path: Path, file: str, what: str) -> KeyFile | Missing:
    """Read a private key file for its public half.

    The halves are not checked against each other: what counts is whose certificate the key claims to belong to.

    Args:
        path: where it is.
        file: as the user named it.
        what: what it is to be, such as `private key of exe1.example.com`.

    Returns:
        Missing when the file cannot be read or holds no private key. A key that is there but cannot be opened, being
        encrypted or damaged, gives a `KeyFile` whose `key` is Missing. `final_newline` of a DER file is True, since
        it has no lines.
    """
    try:
        data = read_material(path)
    except UnreadableFile as error:
        return missing_file(what, file, error)
    blocks, remarks = blocks_of(data)
    keys = [block for block in blocks if block.kind.is_private]
    if not keys:
        return _no_key(blocks, remarks[0].what if remarks else "", file, what)
    decoded = [block.decode() for block in keys]
    encrypted = [_is_encrypted(block, der) for block, der in zip(keys, decoded, strict=True)]
    return KeyFile(
        file,
        _public_half(keys, decoded[0], file, what, encrypted=encrypted[0]),
        encrypted=any(encrypted),
        final_newline=not keys[0].armored or text_of(data)[0].endswith(b"\n"),
    )


def _public_half(
    keys: list[PemBlock], der: bytes | None, file: str, what: str, *, encrypted: bool
) -> PublicKey | Missing:
    """That of the only key; `der` is what is in the first block."""
    block, where = keys[0], Place(file, keys[0].line)
    if len(keys) > 1:
        lines = listed(str(key.line) for key in keys[:5])
        why = f"{len(keys)} private keys are in it (lines {lines}), so it is not known which is meant"
        return Missing(what, f"{file}: {why}", "Give a file with one private key.", where)
    if block.flaw is not None:
        return Missing(what, f"{where}: the private key block is damaged: {block.flaw}", _GIVE_PEM, where)
    if der is None:
        return Missing(what, f"{where}: the private key block is not base64", _GIVE_PEM, where)
    if encrypted:
        remedy = "Give the key without a password; the appliance takes no other."
        return Missing(what, f"{where}: the private key is encrypted", remedy, where)
    if block.label.startswith("OPENSSH"):
        remedy = "Convert a copy of it: ssh-keygen -p -m PKCS8 -N '' -f COPY"
        return Missing(what, f"{where}: the private key is in OpenSSH's own form", remedy, where)
    key = _load(der)
    if key is None:
        why = "the private key cannot be decoded, or is of an unknown algorithm"
        return Missing(what, f"{where}: {why}", _GIVE_PEM, where)
    return key


def _load(der: bytes) -> PublicKey | None:
    """The public half of an unencrypted key. The parser's own words are dropped, lest they quote the key."""
    with quiet():
        try:
            # Unsafe only for using a key made by someone else; here its public numbers are read and it is dropped.
            key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
            return public_key_facts(key.public_key())
        except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
            return None


def _is_encrypted(block: PemBlock, der: bytes | None) -> bool:
    """Whether a key is encrypted, by its label or header, or within a block that is labeled as a plain one."""
    return block.kind is MaterialKind.ENCRYPTED_KEY or (der is not None and kind_of(der) is MaterialKind.ENCRYPTED_KEY)


def _no_key(blocks: tuple[PemBlock, ...], remark: str, file: str, what: str) -> Missing:
    if not blocks:
        return Missing(what, f"{file}: {remark}", _GIVE_PEM, Place(file))
    first = blocks[0]
    where = Place(file, first.line)
    remedy = _REMEDIES.get(first.kind, _GIVE_PEM)
    if first.flaw is not None and not first.armored:
        return Missing(what, f"{where}: {first.flaw}", remedy, where)
    return Missing(what, f"{where}: no private key in it, but {first.kind}", remedy, where)
