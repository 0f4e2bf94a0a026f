"""The same cluster, written otherwise: names in another spelling, SANs in another order."""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.clusters import Draft
from tests.faults.authorities import SIGNERS
from tests.faults.plans import mapping

__all__ = ["deepcopy_of", "rewritten", "with_names"]

Arrange = Callable[[list[x509.GeneralName]], Sequence[x509.GeneralName]]


def deepcopy_of(draft: Draft) -> Draft:
    """A draft that may be changed without changing the other."""
    return replace(draft, plan=deepcopy(draft.plan), files=dict(draft.files))


def rewritten(draft: Draft, arrange: Arrange) -> Draft:
    """The same draft with every certificate's SANs arranged anew; those that signed themselves stay as they are."""
    again = cache(lambda block: _reissued(block, arrange))
    files = {name: _BLOCK.sub(lambda found: again(found[0]), contents) for name, contents in draft.files.items()}
    return replace(deepcopy_of(draft), files=files)


_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)


def _reissued(pem: bytes, arrange: Arrange) -> bytes:
    old = x509.load_pem_x509_certificate(pem)
    signer = SIGNERS.get(old.issuer)
    named = [extension for extension in old.extensions if isinstance(extension.value, x509.SubjectAlternativeName)]
    if signer is None or not named:
        return pem
    builder = x509.CertificateBuilder(
        old.issuer,
        old.subject,
        old.public_key(),
        old.serial_number,
        old.not_valid_before_utc,
        old.not_valid_after_utc,
    )
    for extension in old.extensions:
        value = extension.value
        if isinstance(value, x509.SubjectAlternativeName):
            value = x509.SubjectAlternativeName(arrange(list(value)))
        builder = builder.add_extension(value, extension.critical)
    deterministic = True if isinstance(signer.key, ec.EllipticCurvePrivateKey) else None
    again = builder.sign(signer.key, hashes.SHA256(), ecdsa_deterministic=deterministic)
    return again.public_bytes(Encoding.PEM)


def with_names(draft: Draft, spell: Callable[[str], str]) -> Draft:
    """The same draft with every name of its plan (peers, mapping, services, records) spelled by `spell`."""
    again = deepcopy_of(draft)
    plan = again.plan
    plan["cluster"]["name"] = spell(plan["cluster"]["name"])
    for entry in mapping(again):
        entry["fqdn"] = spell(entry["fqdn"])
    for peer in plan["peers"]:
        for field in ("address", "fqdn", "system_name", "host_name", "domain"):
            if field in peer:
                peer[field] = spell(peer[field])
    for service in plan.get("services", {}).values():
        if isinstance(service, dict):
            _respell(service, spell)
    for view in plan.get("dns", {}).values():
        view["records"] = [_respelled_record(record, spell) for record in view["records"]]
    return again


def _respell(service: dict[str, Any], spell: Callable[[str], str]) -> None:
    for field, value in service.items():
        if isinstance(value, list):
            service[field] = [spell(name) for name in value]


def _respelled_record(record: str, spell: Callable[[str], str]) -> str:
    owner, kind, value = record.split(" ", 2)
    return f"{spell(owner)} {kind} {value if kind == 'A' else spell(value)}"
