"""Who is let in, and what every answer carries."""

from collections.abc import Iterator

import pytest

from certplan.serve import app
from certplan.serve.run import NotLoopbackError, listen
from tests.clusters import expressway_e
from tests.serve.running import Running, running


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("plan")
    expressway_e(2).write(folder)
    with running(folder) as found:
        yield found


def test_the_token_opens_the_session_and_can_be_used_again(workbench: Running) -> None:
    for _ in range(2):
        answer = workbench.send("GET", f"/?token={workbench.session.token}")
        assert answer.status == 200
        assert answer.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict")
        assert workbench.session.token not in answer.headers["set-cookie"]
        assert workbench.session.token not in answer.text


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=x", "?token={token}x", "?token={token}&token={token}", "?token=%ff", "?token"]
)
@pytest.mark.parametrize("path", ["/", "/workbench.js", "/revision", "/download/plan.yaml", "/nothing"])
def test_without_the_token_there_is_nothing(workbench: Running, path: str, query: str) -> None:
    answer = workbench.send("GET", path + query.format(token=workbench.session.token))
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert "exe1" not in answer.text


@pytest.mark.parametrize("cookie", ["", "certplan={cookie}", "{name}=x", "{name}={token}", "{name}", "\x00;=;"])
def test_no_other_cookie_is_a_session(workbench: Running, cookie: str) -> None:
    session = workbench.session
    given = cookie.format(name=session.cookie_name, token=session.token, cookie=session.cookie)
    assert workbench.send("GET", "/", Cookie=given).status in (400, 403)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_a_name_that_was_made_to_lead_here_is_refused(workbench: Running, host: str) -> None:
    answer = workbench.get(Host=host.format(port=workbench.session.port))
    assert answer.status == 403
    assert "exe1" not in answer.text


def test_localhost_is_this_machine(workbench: Running) -> None:
    assert workbench.get(Host=f"localhost:{workbench.session.port}").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "null"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "null", "Sec_Fetch_Site": "same-site"},
        {"Origin": "{origin}", "Sec_Fetch_Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/save", "/example", "/add", "/undo"])
def test_a_page_of_another_origin_changes_nothing(workbench: Running, path: str, headers: dict[str, str]) -> None:
    session = workbench.session
    before = workbench.get().revision
    given = {name: value.format(port=session.port, origin=workbench.origin) for name, value in headers.items()}
    assert workbench.send("POST", path, b"revision=1", Cookie=workbench.cookie, **given).status == 403
    assert workbench.send("POST", f"{path}?token={session.token}", b"revision=1", **given).status == 403
    assert workbench.get().revision == before


def test_a_form_that_names_no_origin_is_vouched_for_by_the_browser(workbench: Running) -> None:
    answer = workbench.post(
        "/undo", {"revision": workbench.get().revision}, Origin="null", Sec_Fetch_Site="same-origin"
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    "path", ["/", "/workbench.css", "/workbench.js", "/revision", "/download/review.html", "/nothing"]
)
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_carries_the_headers(workbench: Running, path: str, known: bool) -> None:
    answer = workbench.get(path) if known else workbench.send("GET", path)
    policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) <= {"'none'", "'self'"}
    for name, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
    }.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


def test_the_page_has_neither_scripts_nor_styles_of_its_own(workbench: Running) -> None:
    text = workbench.get().text
    assert text.count("<script") == 1
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/download/../plan.yaml",
        "/download/%2e%2e%2fplan.yaml",
        "/download/..%2f..%2fetc%2fpasswd",
        "/download//etc/passwd",
        "/download/certs/exe1-server.pem",
        "/..//plan.yaml",
    ],
)
def test_no_path_leads_to_a_file(workbench: Running, path: str) -> None:
    assert workbench.get(path).status in (404, 307)


@pytest.mark.parametrize("plan", ["../plan.yaml", "/etc/passwd", "keys/exe1.key", "", "plan.yaml/..", "\x00"])
def test_only_plans_of_the_folder_are_opened(workbench: Running, plan: str) -> None:
    answer = workbench.post("/open", {"plan": plan})
    assert answer.status == 422
    assert "root:" not in answer.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_nothing_but_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(NotLoopbackError):
        listen(0, host)


def test_a_form_over_its_bound_is_not_read(workbench: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_FORM", 1000)
    assert workbench.post("/edit", {"x": "y" * 2000}).status == 413
    monkeypatch.setattr(app, "MAX_UPLOAD", 1000)
    assert workbench.add({"big.txt": b"x" * 2000}).status == 413


def test_what_is_no_form_is_refused(workbench: Running) -> None:
    answer = workbench.send("POST", "/add", b"{}", Cookie=workbench.cookie, Origin=workbench.origin)
    assert answer.status == 400
    assert (
        workbench.send("POST", "/edit", b"\xff\xfe=%ff", Cookie=workbench.cookie, Origin=workbench.origin).status == 400
    )
