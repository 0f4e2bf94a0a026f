"""A workbench that really runs, in a thread of the test, and what a program and a browser send to it.

with running(folder) as workbench:
    workbench.get("/")                          as the browser that was opened with the token
    workbench.send("POST", "/save", {}, Host="evil.example")    any request, headers as given
"""

import http.client
import re
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from certplan.serve.app import workbench
from certplan.serve.guard import Session
from certplan.serve.run import listen, server_of
from certplan.serve.workspace import Workspace
from tests.pki import AT

__all__ = ["Answer", "Running", "running"]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def verdicts(self) -> dict[str, str]:
        return dict(re.findall(r'data-verdict="(\w+)">([^<]+)<', self.text))

    @property
    def notices(self) -> str:
        found = re.findall(r'class="panel notice[^>]*>(.*?)</div>', self.text, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>|\s+", " ", each) for each in found)

    @property
    def revision(self) -> str:
        """The first of the page's; every form of it has the same."""
        return str(re.findall(r'name="revision" value="(\d+)"', self.text)[0])

    @property
    def changes(self) -> list[str]:
        """The idents of the changes that can be accepted."""
        return re.findall(r'name="change" value="(\w+)"', self.text)

    def value(self, name: str) -> str:
        """What a text field holds."""
        found = re.search(rf'<input id="[^"]*" name="{re.escape(name)}" value="([^"]*)"', self.text)
        assert found is not None, name
        return found[1]


@dataclass
class Running:
    """The workbench, and a browser's session with it."""

    session: Session
    cookie: str = field(default="", repr=False)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.session.port}"

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """A request with these headers and no others; `_` in a name stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.session.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.putrequest(method, path, skip_host="Host" in named, skip_accept_encoding=True)
            for name, value in {"Content-Length": str(len(body)), **named}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def open(self) -> Answer:
        """Open the session by its token."""
        answer = self.send("GET", f"/?token={self.session.token}")
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def get(self, path: str = "/", **headers: str) -> Answer:
        return self.send("GET", path, b"", Cookie=self.cookie, **headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """Send a form as a page of the workbench does; the page that follows comes back."""
        kind = "application/x-www-form-urlencoded"
        return self._posted(path, urlencode(fields).encode(), Content_Type=kind, **headers)

    def accept(self, change: str) -> Answer:
        """Accept a suggested change."""
        return self.post("/accept", {"revision": self.get().revision, "change": change})

    def add(self, files: Mapping[str, bytes], **fields: str) -> Answer:
        """Add files."""
        fields = {"revision": self.get().revision, **fields}
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        for name, data in files.items():
            head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
            parts.append(head.encode() + data + b"\r\n")
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        return self._posted("/add", body, Content_Type=f"multipart/form-data; boundary={mark}")

    def _posted(self, path: str, body: bytes, **headers: str) -> Answer:
        answer = self.send("POST", path, body, **{"Cookie": self.cookie, "Origin": self.origin, **headers})
        return self.get() if answer.status == 303 else answer


@contextmanager
def running(folder: Path, *, read_only: bool = False, clock: Callable[[], datetime] = lambda: AT) -> Iterator[Running]:
    """Run the workbench in a folder until the block ends; its session is open."""
    listening = listen(0)
    session = Session(listening.getsockname()[1])
    server = server_of(workbench(Workspace(folder, clock, live_dns=False), session, read_only=read_only))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        found = Running(session)
        found.open()
        yield found
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
