"""TLS alerts by number, and what each means on an Expressway."""

__all__ = ["ALERTS", "alert_words"]

ALERTS: dict[int, tuple[str, str]] = {
    0: ("close_notify", "the other end closed the connection"),
    40: ("handshake_failure", "no common cipher, or no client certificate was given where one is required (TLS 1.2)"),
    42: ("bad_certificate", "the certificate cannot be used: damaged, or its name or signature was not accepted"),
    43: ("unsupported_certificate", "the extended key usage of the certificate does not allow this role"),
    44: ("certificate_revoked", "the certificate is revoked"),
    45: ("certificate_expired", "the certificate has expired or is not yet valid"),
    46: ("certificate_unknown", "the other end does not accept the certificate: its chain, name or usage"),
    47: ("illegal_parameter", "the other end did not understand the handshake"),
    48: ("unknown_ca", "the other end does not have the CA of the certificate that was given"),
    49: ("access_denied", "the certificate is valid and access was denied"),
    50: ("decode_error", "the other end did not understand the handshake"),
    51: ("decrypt_error", "a signature in the handshake could not be verified"),
    70: ("protocol_version", "no common TLS version"),
    71: ("insufficient_security", "the other end asks for stronger ciphers"),
    80: ("internal_error", "the other end failed"),
    86: ("inappropriate_fallback", "a lower TLS version was refused"),
    112: ("unrecognized_name", "the server name sent is not known there"),
    116: ("certificate_required", "no client certificate was given where one is required (TLS 1.3)"),
    120: ("no_application_protocol", "no common application protocol"),
}


def alert_words(number: int) -> tuple[str, str]:
    """The name of an alert and its meaning; a number that is not known is said to be so."""
    return ALERTS.get(number, (f"alert {number}", "an alert without a known meaning"))
