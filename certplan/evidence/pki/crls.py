"""Certificate revocation lists (RFC 5280 section 5) from files."""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from certplan.evidence.model import Crl, Missing
from certplan.evidence.pki.der import MaterialKind, certificate_list_issuer
from certplan.evidence.pki.dn import name_facts
from certplan.evidence.pki.material import UnreadableFile, blocks_of, missing_file, read_material
from certplan.evidence.pki.pem import PemBlock
from certplan.evidence.pki.x509facts import hex_serial, quiet
from certplan.places import Place

__all__ = ["load_crls"]

_REMEDY = "Give the CRL as the CA publishes it, as PEM or DER."


def load_crls(paths: Sequence[tuple[Path, str]], what: str) -> tuple[Crl, ...] | Missing:
    """Read CRLs from files of PEM (one or many) or DER; blocks that are no CRL and no private key are passed over.

    Args:
        paths: each file's path, and its name as the user gave it.
        what: what they are, such as `CRLs of exe1.example.com`.

    Returns:
        Missing when a file cannot be read, holds no CRL or a broken one, or a private key: a revocation not read
        would pass for no revocation.
    """
    crls: list[Crl] = []
    for path, file in paths:
        try:
            data = read_material(path)
        except UnreadableFile as error:
            return missing_file(what, file, error)
        found = _read(data, file, what)
        if isinstance(found, Missing):
            return found
        crls.extend(found)
    return tuple(crls)


def _read(data: bytes, file: str, what: str) -> list[Crl] | Missing:
    blocks, remarks = blocks_of(data)
    crls: list[Crl] = []
    for block in blocks:
        where = Place(file, block.line)
        kind = block.kind
        if kind.is_private:
            remedy = "Take the private key out of the file, and replace the key if others could read the file."
            return Missing(what, f"{where}: a private key is here, not a CRL", remedy, where)
        if block.flaw is not None and (kind is MaterialKind.CRL or not block.armored):
            return Missing(what, f"{where}: {block.flaw}", _REMEDY, where)
        if kind is MaterialKind.CRL:
            crl = _crl(block, where)
            if crl is None:
                return Missing(what, f"{where}: the CRL cannot be decoded", _REMEDY, where)
            crls.append(crl)
    if not crls:
        why = f"no CRL in it, but {blocks[0].kind}" if blocks else remarks[0].what
        return Missing(what, f"{file}: {why}", _REMEDY, Place(file, blocks[0].line if blocks else 0))
    return crls


def _crl(block: PemBlock, where: Place) -> Crl | None:
    der = block.decode()
    if der is None:
        return None
    with quiet():
        try:
            loaded = x509.load_der_x509_crl(der)
            issuer_der = certificate_list_issuer(der)
            issuer = name_facts(issuer_der)
            if not issuer.readable:
                return None
            return Crl(
                der=der,
                issuer=issuer.text,
                issuer_der=issuer_der,
                issuer_key=issuer.key,
                last_update=loaded.last_update_utc,
                next_update=loaded.next_update_utc,
                revoked={hex_serial(entry.serial_number): entry.revocation_date_utc for entry in loaded},
                where=where,
                authority_key_id=_authority_key_id(loaded),
                partial=_partial(loaded),
            )
        except Exception:  # noqa: BLE001 - hostile bytes: what the parser raises is not a closed list
            return None


def _authority_key_id(loaded: x509.CertificateRevocationList) -> str | None:
    try:
        identifier = loaded.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return None
    return None if identifier is None else identifier.hex()


def _partial(loaded: x509.CertificateRevocationList) -> str | None:
    """What limits a CRL to a part of its CA's certificates, or cannot be understood (RFC 5280 sections 5.2 and 5.3)."""
    for extension in loaded.extensions:
        kind = type(extension.value)
        if kind is x509.DeltaCRLIndicator:
            return "it is a delta CRL, which needs the full one"
        if kind is x509.IssuingDistributionPoint:
            return "its issuing distribution point limits it to a part of the CA's certificates"
        if extension.critical and kind is x509.UnrecognizedExtension:
            return f"it has the unknown critical extension {extension.oid.dotted_string}"
    for entry in loaded:
        for extension in entry.extensions:
            if extension.critical and type(extension.value) is not x509.CRLReason:
                return f"an entry has the critical extension {extension.oid.dotted_string}, which is not supported"
    return None
