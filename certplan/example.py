"""A worked example: a dual-NIC Expressway-E cluster with the classic faults, its certificates made on the spot."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certplan.storage import write_new_files

__all__ = ["PLAN", "write_example"]

BOTH_ROLES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)

PLAN = """\
# A worked example: three Expressway-E peers with two NICs and static NAT, about to be set to Enforce.
# Five classic faults are in it. `certplan check plan.yaml` finds them; fix them one by one and check again.
certplan: 1
cluster:
  name: expe.example.com
  type: expressway-e
  release: X14.3.4
  tls_verification: permissive
  ip_version: ipv4
  primary: 1
  address_mapping:
    - {fqdn: exe1.example.com, ip: 10.20.0.11}
    - {fqdn: exe2.example.com, ip: 10.20.0.12}
    - {fqdn: exe3.example.com, ip: 203.0.113.13}   # fault: the static NAT address, not LAN 1
peers:
  - address: exe1.example.com
    system_name: exe1
    host_name: exe1
    domain: example.com
    lan1: {ip: 10.20.0.11/24}
    lan2: {ip: 192.168.50.11/24, static_nat: 203.0.113.11}
    external_lan: lan2
    server_certificate: certs/exe1.pem             # fault: it expires within two weeks
    trusted_cas: [trust/all.pem]
    platform: medium-vm
    h323: true
    ntp: [ntp1.example.com]
  - address: exe2.example.com
    system_name: exe2
    host_name: exe2
    domain: example.com
    lan1: {ip: 10.20.0.12/24}
    lan2: {ip: 192.168.50.12/24, static_nat: 203.0.113.12}
    external_lan: lan2
    server_certificate: certs/exe2.pem             # fault: letters slipped in the SAN; exe2-reissued.pem is right
    trusted_cas: [trust/all.pem]
    platform: medium-vm
    h323: true
    ntp: [ntp1.example.com]
  - address: exe3.example.com
    system_name: exe3
    host_name: exe3
    domain: example.com
    lan1: {ip: 10.20.0.13/24}
    lan2: {ip: 192.168.50.13/24, static_nat: 203.0.113.13}
    external_lan: lan2
    server_certificate: certs/exe3.pem
    trusted_cas: [trust/exe3.pem]                  # fault: the issuing CA was never loaded here
    platform: medium-vm
    h323: true
    ntp: [ntp1.example.com]
services:
  mra: {domains: [example.com], san_format: collab-edge, hardware_phones: true}
certificate_authority: private
dns:
  public: {zone_files: [zones/public.zone]}        # fault: exe1 leads to its LAN 1 address
"""

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@                  IN SOA ns1 hostmaster (2026010101 3600 900 1209600 300)
                   IN NS  ns1
ns1                IN A   203.0.113.53
expe               IN A   203.0.113.11
                   IN A   203.0.113.12
                   IN A   203.0.113.13
exe1               IN A   10.20.0.11 ; the way never to do it: a private address in public DNS
exe2               IN A   203.0.113.12
exe3               IN A   203.0.113.13
_collab-edge._tls  IN SRV 10 10 8443 exe1
                   IN SRV 10 10 8443 exe2
                   IN SRV 10 10 8443 exe3
"""


class _Ca:
    """A CA for the example; its key is gone when the example is written."""

    def __init__(self, cn: str, now: datetime, issuer: "_Ca | None" = None) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.name = _name(cn)
        builder = (
            _builder(self.name, self.key, issuer or self, now - timedelta(days=700), now + timedelta(days=3000))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
        )
        self.certificate = builder.sign((issuer or self).key, hashes.SHA256())

    def issue(self, cn: str, sans: Sequence[str], now: datetime, days: int) -> bytes:
        """A server certificate as PEM, issued 300 days ago and with `days` left."""
        key = rsa.generate_private_key(65537, 2048)
        builder = (
            _builder(_name(cn), key, self, now - timedelta(days=300), now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(san) for san in sans]), critical=False)
            .add_extension(x509.ExtendedKeyUsage(BOTH_ROLES), critical=False)
            .add_extension(_key_usage(ca=False), critical=True)
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def _name(cn: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, cn)])


def _builder(
    subject: x509.Name, key: rsa.RSAPrivateKey, issuer: _Ca, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_encipherment=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def example_files(now: datetime) -> dict[str, bytes]:
    """The example's files by name, relative to its folder. Certificates are valid around `now` (aware)."""
    root = _Ca("Example Root CA", now)
    issuing = _Ca("Example Issuing CA", now, root)

    def certificate(san: str, days: int) -> bytes:
        names = ["expe.example.com", san, "collab-edge.example.com"]
        return issuing.issue("expe.example.com", names, now, days)

    return {
        "plan.yaml": PLAN.encode(),
        "certs/exe1.pem": certificate("exe1.example.com", 12),
        "certs/exe2.pem": certificate("exe2.exmaple.com", 400),
        "certs/exe2-reissued.pem": certificate("exe2.example.com", 400),
        "certs/exe3.pem": certificate("exe3.example.com", 400),
        "trust/all.pem": root.pem + issuing.pem,
        "trust/exe3.pem": root.pem,
        "zones/public.zone": ZONE.encode(),
    }


def write_example(folder: Path, now: datetime) -> Path:
    """Write the example into `folder`, which is made if need be; nothing that is there is overwritten.

    Returns:
        The path of its plan.

    Raises:
        FileExistsError: when one of the files, its `filename`, is there already; then nothing is written.
        OSError: when a file cannot be written.
    """
    files = example_files(now)
    # The plan last: where it is, all it names is there.
    plan = files.pop("plan.yaml")
    write_new_files(folder, {**files, "plan.yaml": plan})
    return folder / "plan.yaml"
