"""Who may talk to the workbench, and what every answer carries: the outermost layer, around the whole application.

token      32 random bytes in the address that is printed; it opens the session and can be used again. Compared in
           constant time. The session is a cookie of another secret: HttpOnly, SameSite=Strict.
Host       the address listened on, or localhost, with the port: a name that was made to lead here is refused
           (DNS rebinding).
Origin     of every request that changes something: this very origin. A form sent under `no-referrer` says `null`
           (Fetch Standard, section 3.2 "Origin header"); then `Sec-Fetch-Site: same-origin` has to vouch for it, which
           no page can set (Fetch Metadata Request Headers, section 2.3).
"""

import hmac
import secrets
from contextlib import suppress
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from certplan.value import Value, field

__all__ = ["HEADERS", "Guard", "Session"]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""What every answer carries: nothing is loaded from elsewhere, nothing is framed, stored or passed on."""

_SAFE = frozenset({"GET", "HEAD"})
_LONGEST_QUERY = 4096


class Session(Value):
    """The secrets of one run, and where it listens."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def __repr__(self) -> str:
        return f"Session(port={self.port})"

    @property
    def hosts(self) -> frozenset[str]:
        """What the Host header may be."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    @property
    def cookie_name(self) -> str:
        """Cookies know no ports, so each run has a name of its own."""
        return f"certplan-{self.port}"

    @property
    def address(self) -> str:
        """What opens the session."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"


class Guard:
    """The layer itself."""

    def __init__(self, app: ASGIApp, session: Session) -> None:
        self._app, self._session = app, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to the application, or refuse it."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        by_token = self._has_token(scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                carried = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    carried.setdefault(name, value)
                if by_token and message["status"] < HTTPStatus.BAD_REQUEST:
                    carried.append("Set-Cookie", self._set_cookie())
            await send(message)

        refusal = self._refusal(scope, headers, by_token=by_token)
        if refusal is None:
            # What failed has been answered by then, with a sentence; a trace of it helps no user.
            with suppress(Exception):
                await self._app(scope, receive, answer)
            return
        by_token = False
        status, why = refusal
        body = f"{why}\n".encode()
        start = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await answer({"type": "http.response.start", "status": int(status), "headers": start})
        await answer({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _set_cookie(self) -> str:
        return f"{self._session.cookie_name}={self._session.cookie}; Path=/; HttpOnly; SameSite=Strict"

    def _refusal(self, scope: Scope, headers: Headers, *, by_token: bool) -> tuple[HTTPStatus, str] | None:
        """Why a request is not let through; None where it is."""
        client = scope.get("client")
        if client is None or not ip_address(client[0]).is_loopback:
            return HTTPStatus.FORBIDDEN, "The workbench answers this machine alone."
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._session.hosts:
            return HTTPStatus.FORBIDDEN, "The workbench is at 127.0.0.1 and goes by no other name."
        if not by_token and not self._has_cookie(headers):
            why = "Open the workbench by the address that certplan serve printed: the token in it is missing here."
            return HTTPStatus.FORBIDDEN, why
        if scope["method"] not in _SAFE and not self._is_own(headers, hosts[0]):
            return HTTPStatus.FORBIDDEN, "This was sent by a page of another origin, and nothing was done."
        return None

    def _has_token(self, scope: Scope) -> bool:
        query = scope.get("query_string", b"")[:_LONGEST_QUERY].decode("latin-1")
        given = parse_qs(query, max_num_fields=20).get("token", []) if query.count("&") < 20 else []
        return len(given) == 1 and _equal(given[0], self._session.token)

    def _has_cookie(self, headers: Headers) -> bool:
        for line in headers.getlist("cookie"):
            try:
                found = SimpleCookie(line[:_LONGEST_QUERY]).get(self._session.cookie_name)
            except CookieError:
                continue
            if found is not None and _equal(found.value, self._session.cookie):
                return True
        return False

    @staticmethod
    def _is_own(headers: Headers, host: str) -> bool:
        origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
        if len(origins) != 1 or sites not in ([], ["same-origin"]):
            return False
        return origins[0] == f"http://{host}" or (origins[0] == "null" and sites == ["same-origin"])


def _equal(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())
