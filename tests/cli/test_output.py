"""Where documents go: files replaced whole, files never replaced, devices written to, streams that fail."""

import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.interrupting import interrupted
from tests.cli.program import certplan
from tests.clusters import expressway_e
from tests.logs.lines import Log

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX files and streams")

PROGRAM = [sys.executable, "-m", "certplan"]
ROOT = Path(__file__).parents[2]
HOSTILE = "\x1b[31mred\x1b]0;title\x07\u202e"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    draft = expressway_e(2)
    draft.plan["dns"] = {"public": {"zone_files": ["public.zone"]}}
    path = draft.write(tmp_path)
    zone = "$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns hostmaster 1 2 3 4 5\nexe1 IN A 203.0.113.11\n"
    (tmp_path / "public.zone").write_text(zone)
    return path


def shell(command: str, *, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command line whose `certplan` is this one."""
    program = " ".join(PROGRAM)
    return subprocess.run(
        ["bash", "-c", re.sub(r"\bcertplan\b", program, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


class TestFiles:
    def test_what_the_run_has_read_is_never_overwritten(self, plan: Path) -> None:
        for path in sorted(path for path in plan.parent.rglob("*") if path.is_file()):
            before = path.read_bytes()
            for command in (("check",), ("review",), ("check", plan)):
                run = certplan(*command, plan, "--no-dns", "-o", path)
                assert run.code == 2
                assert re.search(r"was read by this run|holds a", run.err), run.err
                assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("name", "text", "holds"),
        [
            ("a.yaml", "# mine\ncluster: {name: x}\npeers: []\n", "holds a plan"),
            ("b.yaml", "certplan: 1\ncluster: [broken\n", "holds a plan"),
            ("c.txt", "exe1.example.com. 300 IN A 203.0.113.11\n; mine\n\tIN AAAA ::1\n", "holds a zone"),
            ("d.txt", "-----BEGIN EC PRIVATE KEY-----\nxxxx\n", "holds a private key"),
            (
                "e.txt",
                "-----BEGIN X509 CRL-----\nxxxx\n-----END X509 CRL-----\n",
                "holds a certificate rev",
            ),
            ("f.txt", "-----BEGIN CERTIFICATE REQUEST-----\nxx\n-----END CERTIFICATE REQUEST-----\n", "holds a cert"),
        ],
    )
    def test_what_cannot_be_had_again_is_never_overwritten(
        self, name: str, text: str, holds: str, tmp_path: Path
    ) -> None:
        file = tmp_path / name
        file.write_text(text)
        run = certplan("rules", "-o", file)
        assert (run.code, run.out) == (2, "")
        assert holds in run.err
        assert file.read_text() == text

    @pytest.mark.parametrize("form", ["text", "json", "csv", "markdown", "sarif", "junit"])
    def test_a_report_is_overwritten_by_the_next(self, form: str, plan: Path) -> None:
        report = plan.parent / "report"
        for _ in range(2):
            assert "wrote" in certplan("check", plan, "--no-dns", "--format", form, "-o", report).err

    @pytest.mark.parametrize("form", ["html", "markdown"])
    def test_a_review_is_overwritten_by_the_next(self, form: str, plan: Path) -> None:
        for _ in range(2):
            run = certplan("review", plan, "--no-dns", "--format", form, "-o", plan.parent / "review")
            assert "wrote" in run.err

    def test_a_file_keeps_its_mode_and_its_link(self, tmp_path: Path) -> None:
        file, link = tmp_path / "file", tmp_path / "link"
        file.write_text("old")
        file.chmod(0o640)
        link.symlink_to(file)
        assert certplan("rules", "-o", link).code == 0
        assert link.is_symlink()
        assert "NAM001" in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert {path.name for path in tmp_path.iterdir()} == {"file", "link"}

    def test_a_new_file_has_the_mode_that_the_umask_leaves(self, tmp_path: Path) -> None:
        shell("umask 027; certplan rules -o new", cwd=tmp_path)
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640

    def test_a_dash_is_standard_output(self, tmp_path: Path) -> None:
        dash = certplan("rules", "-o", "-", cwd=tmp_path)
        assert dash.out == certplan("rules").out
        assert list(tmp_path.iterdir()) == []

    def test_devices_are_written_to(self, tmp_path: Path) -> None:
        whole = certplan("rules").out
        assert shell("certplan rules -o /dev/null", cwd=tmp_path).returncode == 0
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116
        assert shell("certplan rules -o /dev/stdout", cwd=tmp_path).stdout == whole
        assert shell("certplan rules -o /dev/stderr", cwd=tmp_path).stderr == whole
        shell("echo first > all; certplan rules -o /dev/stdout >> all; echo last >> all", cwd=tmp_path)
        assert (tmp_path / "all").read_text() == f"first\n{whole}last\n"
        shell("certplan rules -o /dev/fd/3 3> third", cwd=tmp_path)
        assert (tmp_path / "third").read_text() == whole

    def test_a_pipe_is_written_to(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
        reader.start()
        assert certplan("rules", "-o", pipe).code == 0
        reader.join(60)
        assert "NAM001" in read[0]
        assert pipe.is_fifo()

    def test_a_directory_is_reported(self, tmp_path: Path) -> None:
        run = certplan("rules", "-o", tmp_path)
        assert run.code == 2
        assert "is a directory" in run.err


class TestStreams:
    @pytest.mark.parametrize(
        "command",
        ["check plan.yaml --no-dns", "check plan.yaml --no-dns --format json", "rules", "--help", "check --help"],
    )
    @pytest.mark.parametrize("stream", [">/dev/full", ">&-"])
    @pytest.mark.parametrize("unbuffered", ["", "1"])
    def test_standard_output_that_takes_nothing_is_reported(
        self, command: str, stream: str, unbuffered: str, plan: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
        run = shell(f"certplan {command} {stream}", cwd=plan.parent)
        assert run.returncode == 2
        assert re.fullmatch(r"certplan: .*\n", run.stderr), run.stderr

    @pytest.mark.parametrize("stream", ["2>/dev/full", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
    def test_standard_error_that_takes_nothing_is_no_success(self, stream: str, plan: Path) -> None:
        run = shell(f"certplan check nothing.yaml {stream}", cwd=plan.parent)
        assert run.returncode == 2
        assert run.stdout + run.stderr == ""

    def test_a_closed_stream_is_no_place_for_a_file(self, plan: Path) -> None:
        before = plan.read_bytes()
        shell("certplan check plan.yaml --no-dns >&- <&-", cwd=plan.parent)
        assert plan.read_bytes() == before


class TestWords:
    @pytest.mark.parametrize(
        "command",
        [
            ("check", HOSTILE),
            ("check", "--at", HOSTILE, "x"),
            ("check", "--format", HOSTILE, "x"),
            ("check", f"--{HOSTILE}", "x"),
            (HOSTILE,),
            ("explain", HOSTILE),
            ("init", HOSTILE, "--type", HOSTILE),
            ("init", f"/proc/nowhere/{HOSTILE}"),
            ("demo", f"/proc/{HOSTILE}"),
            ("rules", "-o", f"/proc/nowhere/{HOSTILE}"),
            ("csr", "show", HOSTILE),
            ("csr", "unlock", HOSTILE),
            ("map", HOSTILE),
        ],
    )
    def test_the_command_line_is_shown_escaped(self, command: tuple[str, ...], tmp_path: Path) -> None:
        run = certplan(*command, cwd=tmp_path)
        assert run.code == 2
        assert run.err
        shown = run.out + run.err
        assert shown.replace("\n", "").isprintable(), shown

    def test_a_passphrase_in_the_place_of_a_variable_is_not_quoted(self, plan: Path) -> None:
        run = certplan("csr", "new", plan, "-o", plan.parent / "new", "--passphrase-env", "correct horse")
        assert run.code == 2
        assert "environment variable" in run.err
        assert "horse" not in run.out + run.err


class TestInterrupts:
    @pytest.mark.parametrize("moment", [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5])
    def test_ctrl_c_at_any_moment_is_reported(self, moment: float, plan: Path) -> None:
        report = plan.parent / "report"
        code, said = interrupted(moment, "check", plan, plan, "--no-dns", "-o", report)
        assert code in (130, 1)
        # It may come after the report is written and before the process ends.
        written = f"certplan: wrote {report}: READY\n" if said.startswith("certplan: wrote") else ""
        assert said == written + ("certplan: interrupted\n" if code == 130 else "")
        assert bool(written) or code == 130
        assert not written or report.read_text(encoding="utf-8").endswith("\n")
        assert not [path.name for path in plan.parent.iterdir() if path.name.startswith(".")]

    def test_an_interrupt_that_a_library_turns_into_an_error_is_still_one(self) -> None:
        code = (
            "import os, signal, certplan.vendor as v\n"
            "def alarm(n):\n"
            "    try: os.kill(os.getpid(), signal.SIGINT); signal.pause()\n"
            "    except KeyboardInterrupt: raise ImportError('partially initialized') from None\n"
            "v.alarm = alarm\n"
            "from certplan.cli import main; main()"
        )
        done = subprocess.run([sys.executable, "-c", code, "explain", "40049"], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (130, b"certplan: interrupted\n")


class TestOptimized:
    @pytest.mark.parametrize("command", [("explain", "NAM001"), ("rules", "--format", "json")])
    def test_without_docstrings_and_assertions_it_is_the_same(self, command: tuple[str, ...], tmp_path: Path) -> None:
        run = shell(f"PYTHONOPTIMIZE=2 certplan {' '.join(command)}", cwd=tmp_path)
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout == certplan(*command).out


@pytest.mark.parametrize("at", ["0001-01-01", "1949-12-31", "9000-01-01", "9999-12-31T23:59:59-12:00"])
def test_a_time_beyond_the_calendar_is_reported(at: str, plan: Path) -> None:
    for command in ("check", "renew", "propose"):
        run = certplan(command, plan, "--at", at)
        assert (run.code, run.out) == (2, "")
        assert "expected one from 1950 to 9000" in run.err


@pytest.mark.parametrize("at", ["1950-01-01", "8999-12-31T23:59:59Z"])
@pytest.mark.parametrize("command", ["check", "renew", "propose", "runbook", "review", "draw"])
def test_the_ends_of_the_calendar_are_judged(at: str, command: str, plan: Path) -> None:
    assert certplan(command, plan, "--at", at).err == ""


NEWER = [
    ("log", "NAME"),
    ("log", "made.log", "--plan", "NAME"),
    ("log", "made.log", "-o", "nowhere/NAME"),
    ("verify", "NAME"),
    ("verify", "plan.yaml", "--log", "NAME"),
    ("diff", "NAME", "NAME"),
    ("probe", "NAME"),
    ("probe", "127.0.0.1:1", "--certificate", "NAME"),
    ("import", "NAME", "-o", "imported"),
    ("collect", "NAME", "-o", "record"),
    ("adopt", "NAME"),
    ("propose", "NAME"),
]


@pytest.mark.parametrize("command", NEWER, ids=" ".join)
def test_a_name_with_a_line_break_says_no_line_of_its_own(command: tuple[str, ...], plan: Path) -> None:
    (plan.parent / "made.log").write_text(Log("exe1").sync(0).text)
    done = certplan(*(word.replace("NAME", f"{HOSTILE}\nREADY") for word in command), cwd=plan.parent)
    for stream in (done.out, done.err):
        assert not any(line.startswith("READY") for line in stream.splitlines())
        assert "\x1b" not in stream
        assert "\u202e" not in stream
    assert done.code == 2


COMMANDS_WITH_OUTPUT = [
    ("log", "made.log"),
    ("verify", "plan.yaml", "--log", "made.log"),
    ("probe", "127.0.0.1:1"),
    ("diff", "one", "two"),
]


@pytest.mark.parametrize("command", COMMANDS_WITH_OUTPUT, ids=lambda command: command[0])
def test_newer_commands_write_to_devices_and_pipes_and_over_nothing_they_read(
    command: tuple[str, ...], plan: Path
) -> None:
    folder = plan.parent
    (folder / "made.log").write_text(Log("exe1").sync(0).text)
    for name in ("one", "two"):
        assert certplan("collect", "plan.yaml", "-o", name, "--no-dns", cwd=folder).code == 0
    plain = certplan(*command, cwd=folder)
    assert certplan(*command, "-o", "/dev/stdout", cwd=folder).out == plain.out
    assert certplan(*command, "-o", "/dev/null", cwd=folder).code == plain.code
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116 - of the device, as the command is given it
    os.mkfifo(folder / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((folder / "pipe").read_text()), daemon=True)
    reader.start()
    assert certplan(*command, "-o", "pipe", cwd=folder).code == plain.code
    reader.join(20)
    assert read == [plain.out]
    for name in {"log": ["made.log"], "diff": ["one/record.json"]}.get(command[0], ["plan.yaml"]):
        before = (folder / name).read_bytes()
        assert certplan(*command, "-o", name, cwd=folder).code == 2
        assert (folder / name).read_bytes() == before


@pytest.mark.parametrize("command", COMMANDS_WITH_OUTPUT, ids=lambda command: command[0])
def test_newer_commands_say_that_standard_output_is_closed(command: tuple[str, ...], plan: Path) -> None:
    (plan.parent / "made.log").write_text(Log("exe1").sync(0).text)
    for name in ("one", "two"):
        certplan("collect", "plan.yaml", "-o", name, "--no-dns", cwd=plan.parent)
    done = shell(f"certplan {' '.join(command)} >&-", cwd=plan.parent)
    assert done.returncode == 2
    assert done.stderr == "certplan: standard output: cannot be written: it is closed.\n"
