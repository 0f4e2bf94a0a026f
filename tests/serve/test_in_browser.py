"""The workbench as people use it: in a real browser, by mouse and by keyboard, at every width, with scripts off."""

import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser import Browser, Page
from tests.cli.importing import node
from tests.cli.program import certplan
from tests.clusters import ISSUING, ROOT
from tests.pki import bundle, ec_key
from tests.serve.running import running
from tests.serve.unmapped import unmapped
from tests.sources.exports import peer_files, tar_gz

pytestmark = pytest.mark.system("chromium")

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1 hostmaster (1 3600 900 1209600 300)
expe IN A 203.0.113.11
expe IN A 203.0.113.12
exe1 IN A 203.0.113.11
exe2 IN A 203.0.113.12
"""


def verdicts(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        '[...document.querySelectorAll("[role=status] [data-verdict]")].map(e => e.textContent)'
    )
    return found


def after(page: Page, act: str, *arguments: str) -> None:
    """Do something, and wait until the page shows the next state."""
    before = page.evaluate('document.querySelector("[name=revision]").value')
    getattr(page, act)(*arguments)
    page.wait(f'document.querySelector("[name=revision]").value !== "{before}"')


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    """The archives of two peers of an Expressway-E with two interfaces, and the public zone, of this very day."""
    now = datetime.now(UTC)
    files = []
    for number in (1, 2):
        leaf = ISSUING.issue(
            cn="expe.example.com",
            sans=["expe.example.com", f"exe{number}.example.com"],
            key=ec_key(f"exe{number} today"),
            not_before=now - timedelta(days=9),
            not_after=now + timedelta(days=300),
        )
        peers = ("exe1.example.com", "exe2.example.com")
        each = node(number, peers=peers, zones=(), server=leaf.pem, trusted=bundle(ISSUING, ROOT))
        files.append(tmp_path / f"{each.host}.tar.gz")
        files[-1].write_bytes(tar_gz(peer_files(each)))
    files.append(tmp_path / "example.zone")
    files[-1].write_text(ZONE)
    return files


def test_the_whole_life(reaching: Browser, exports: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "work"
    program = [sys.executable, "-m", "certplan", "serve", str(folder), "--no-browser"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", address)
        with reaching.open(address, width=1600) as page:
            page.give_files("input[type=file]", *exports)
            page.wait('document.querySelector("[data-verdict=today]") !== null')
            assert verdicts(page) == ["UNDECIDED", "UNDECIDED"]
            page.choose('[name="cluster.type"]', "expressway-e")
            page.choose('[name="cluster.tls_verification"]', "permissive")
            page.fill('[name="cluster.address_mapping"]', "off")
            after(page, "click", "role=button[name='Answer']")
            assert verdicts(page) == ["NOT READY", "NOT READY"]
            after(page, "click", "role=button[name='Accept']")
            assert verdicts(page) == ["NOT READY", "READY"]
            after(page, "fill", '[name="target.address_mapping.1.ip"]', "203.0.113.12")
            assert verdicts(page) == ["NOT READY", "NOT READY"]
            after(page, "click", "role=button[name='Undo']")
            assert verdicts(page) == ["NOT READY", "READY"]
            page.click("role=button[name='Save']")
            page.wait('document.querySelector("#notice").textContent.includes("Saved")')
            assert page.console() == []
            assert all(asked.split()[1].startswith(address.partition("?")[0]) for asked in page.requests())
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert "Traceback" not in process.stderr.read()
    found = certplan("check", folder, "--format", "json").json["plans"][0]
    assert (found["verdict"], found["target"]["verdict"]) == ("not-ready", "ready")
    assert not [path for path in folder.rglob("*") if ".certplan" in path.name]


def tab_to(page: Page, start: str, key: str = "Tab") -> str:
    """Press Tab until what has the focus begins like this; it is visible, and so is its outline."""
    for _ in range(60):
        focus = page.press(key)
        if focus.startswith(start):
            style = "getComputedStyle(document.activeElement)"
            assert page.evaluate(f"document.activeElement.checkVisibility() && {style}.outlineStyle !== 'none'"), focus
            return focus
    raise AssertionError(f"{start} is not reached; the focus is at {page.focused()}")


def typed(page: Page, text: str) -> None:
    """Type over what the field with the focus holds, and leave it; the page shows the next state then."""
    after(page, "press", "Control+a", *text, "Tab")


def test_the_whole_life_by_the_keyboard_alone(reaching: Browser, exports: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "work"
    with (
        running(folder, clock=lambda: datetime.now(UTC)) as workbench,
        reaching.open(workbench.session.address) as page,
    ):
        assert page.press("Tab") == 'a.skip "Skip to what was judged"'
        tab_to(page, "input#add-files")
        page.choose_files_on("Enter", *exports)
        page.wait('document.querySelector("[data-verdict=today]") !== null')
        assert verdicts(page) == ["UNDECIDED", "UNDECIDED"]
        assert page.focused().startswith("input#add-files")

        tab_to(page, "select#q-cluster.type", "Shift+Tab")
        page.press("ArrowDown")
        tab_to(page, "select#q-cluster.tls_verification")
        page.press("ArrowDown")
        tab_to(page, "textarea#q-cluster.address_mapping")
        page.press(*"off")
        tab_to(page, 'button "Answer"')
        after(page, "press", "Enter")
        assert verdicts(page) == ["NOT READY", "NOT READY"]
        assert page.focused().startswith("div#verdicts")

        tab_to(page, 'button "Accept"')
        after(page, "press", "Space")
        assert verdicts(page) == ["NOT READY", "READY"]
        assert page.focused().startswith("div#verdicts")

        tab_to(page, "input#f-target.address_mapping.1.ip")
        typed(page, "203.0.113.12")
        assert verdicts(page) == ["NOT READY", "NOT READY"]
        following = page.focused()
        assert following.startswith("input#f-target."), "the focus stays in the form while the page changes around it"
        assert page.press("Shift+Tab").startswith("input#f-target.address_mapping.1.ip")

        tab_to(page, 'button "Undo"', "Shift+Tab")
        after(page, "press", "Enter")
        assert verdicts(page) == ["NOT READY", "READY"]
        tab_to(page, 'button.main "Save"')
        page.press("Enter")
        page.wait('document.querySelector("#notice").textContent.includes("Saved")')
        assert page.focused().startswith("div#verdicts"), "Save is disabled now, and the focus is beside it"

        tab_to(page, 'a "plan.yaml"')
        assert page.download_on("Enter") == (folder / "plan.yaml").read_bytes()
        assert page.console() == []
    found = certplan("check", folder, "--format", "json").json["plans"][0]
    assert (found["verdict"], found["target"]["verdict"]) == ("not-ready", "ready")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1024, 1600])
def test_it_is_sound_at_every_width(reaching: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    with running(unmapped(tmp_path / "work").parent) as workbench:
        workbench.accept(workbench.get().changes[0])
        with reaching.open(workbench.session.address, width=width, scheme=scheme) as page:  # type: ignore[arg-type]
            assert page.axe() == []
            assert page.overflow() == []
            assert page.console() == []


def test_without_scripts_it_is_seen_and_its_forms_work(reaching: Browser, tmp_path: Path) -> None:
    work = unmapped(tmp_path / "work").parent
    with running(work) as workbench, reaching.open(workbench.session.address, scripts=False) as page:
        assert verdicts(page) == ["NOT READY", "NOT READY"]
        assert page.overflow() == []
        page.submit("role=button[name='Accept']")
        assert verdicts(page) == ["NOT READY", "READY"]
        page.fill('[name="target.address_mapping.1.ip"]', "10.20.0.9")
        page.submit("role=button[name='Judge']")
        assert verdicts(page)[1] == "NOT READY"
