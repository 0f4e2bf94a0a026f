"""A CA run with the openssl program, as companies run theirs: it signs requests, and changes what it is asked to."""

from pathlib import Path

from tests.pki import Authority, openssl

__all__ = ["signed"]

_FIELDS = (
    "countryName",
    "stateOrProvinceName",
    "localityName",
    "organizationName",
    "organizationalUnitName",
    "commonName",
    "emailAddress",
)


def signed(folder: Path, csr: Path, name: str, *more: str, copy: str = "copyall", subject: str = "") -> Path:
    """Have the openssl program issue a certificate for `csr`, from 2026-01-01 for a year.

    Args:
        folder: where the certificate goes; the CA's files are in `ca/` there.
        csr: the request.
        name: the certificate's file name.
        more: extensions of the CA's own, which it sets whatever the request says.
        copy: whether the extensions asked for are copied: `copyall` or `none`.
        subject: a subject in the place of the request's.
    """
    ca = folder / "ca"
    if not ca.exists():
        ca.mkdir()
        root = Authority.root(key="rsa")
        (ca / "ca.pem").write_bytes(root.pem)
        (ca / "ca.key").write_bytes(root.key_pem)
        (ca / "index.txt").write_text("")
    (ca / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\n"
        f"unique_subject=no\npolicy=any\ncopy_extensions={copy}\n[any]\n"
        + "".join(f"{field}=optional\n" for field in _FIELDS)
        + "\n".join(("[over]", *more, ""))
    )
    out = folder / name
    openssl(
        "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", csr.resolve(), "-notext",
        "-startdate", "20260101000000Z", "-enddate", "20270101000000Z", "-extensions", "over", "-out", out.resolve(),
        *(("-subj", subject) if subject else ()), cwd=ca,
    )  # fmt: skip
    return out
