"""TLS servers on loopback, made by the openssl program, and ports that are none."""

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from tests.pki import Authority, Leaf

__all__ = ["PATIENCE", "free_port", "raw_port", "tls_server"]

PATIENCE = 10.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def tls_server(
    folder: Path,
    leaf: Leaf,
    *sent: Authority,
    trusted: Sequence[Authority] = (),
    options: Sequence[str] = (),
    port: int = 0,
) -> Iterator[int]:
    """`openssl s_server` with this certificate, sending `sent` after it; the port comes back once it listens."""
    port = free_port()
    base = folder / f"server-{port}"
    base.mkdir(parents=True, exist_ok=True)
    (base / "leaf.pem").write_bytes(leaf.pem)
    (base / "leaf.key").write_bytes(leaf.key_pem)
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-cert", str(base / "leaf.pem")]
    command += ["-key", str(base / "leaf.key")]
    if sent:
        (base / "sent.pem").write_bytes(b"".join(ca.pem for ca in sent))
        command += ["-cert_chain", str(base / "sent.pem")]
    if trusted:
        (base / "cas.pem").write_bytes(b"".join(ca.pem for ca in trusted))
        command += ["-CAfile", str(base / "cas.pem"), "-no-CApath"]
    command += options
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait(port, server)
        yield port
    finally:
        server.kill()
        server.communicate()


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Until the port is open: a connection that says nothing does not disturb s_server."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(server.stderr.read().decode() if server.stderr else "s_server ended")
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise RuntimeError("s_server does not listen")


@contextmanager
def raw_port(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port that accepts connections and does with each what `answer` says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        open_sockets: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                open_sockets.append(sock)
                try:
                    answer(sock)
                except OSError:
                    continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        for sock in open_sockets:
            sock.close()
    thread.join(PATIENCE)


@contextmanager
def nginx(folder: Path, leaf: Leaf, *sent: Authority, trusted: Sequence[Authority] = ()) -> Iterator[int]:
    """nginx with this certificate; with `trusted` it asks for a client certificate from these CAs."""
    port = free_port()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    (folder / "chain.pem").write_bytes(leaf.pem + b"".join(ca.pem for ca in sent))
    (folder / "leaf.key").write_bytes(leaf.key_pem)
    asks = ""
    if trusted:
        (folder / "cas.pem").write_bytes(b"".join(ca.pem for ca in trusted))
        asks = f"ssl_client_certificate {folder}/cas.pem; ssl_verify_client on;"
    (folder / "nginx.conf").write_text(
        f"""daemon off; pid {folder}/nginx.pid; error_log {folder}/logs/error.log; worker_processes 1;
events {{ worker_connections 16; }}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2;
ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/leaf.key; {asks}
return 204; }} }}
""",
        encoding="utf-8",
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait(port, server)
        yield port
    finally:
        server.terminate()
        server.communicate()
