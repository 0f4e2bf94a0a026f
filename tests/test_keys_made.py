"""Keys and CSRs: a run that is killed, what is made and loaded, and that no key is shown."""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from certplan.csr.model import Choices, Request
from certplan.csr.names import order_requests
from certplan.csr.words import KeyAlgorithm
from certplan.evidence.model import KeyFile, PublicKey
from certplan.evidence.pki.keyfiles import load_key_file
from certplan.evidence.pki.requests import parse_request
from certplan.intent.cluster import Intent
from certplan.keys import KeyAndCsr, PrivateKeyError, load_private_key, make_pairs, prepare, private_pem, write_new
from certplan.plan.reading import load_plan
from tests.clusters import expressway_e
from tests.key_folders import everything, posix
from tests.pki import AT, ec_key, key_pem, openssl, rsa_key

Kill = Callable[[Path, str], None]


PLAIN = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


KILLED_AFTER_THE_FIRST = """
import os, signal, sys
from pathlib import Path
from cryptography.hazmat.primitives import serialization

from certplan import keys
put = keys.put_new
def put_and_die(staged, final):
    put(staged, final)
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "link":
    keys.put_new = put_and_die
else:
    keys._write_one = lambda path, file: (path.write_bytes(file.data), os.kill(os.getpid(), signal.SIGKILL))
key, csr = (Path(sys.argv[3]).joinpath(name).read_bytes() for name in ("exe1.key", "exe1.csr"))
keys.write_new(Path(sys.argv[1]), [[keys.NewFile("exe1.key", key, private=True), keys.NewFile("exe1.csr", csr)]])
"""


def requests(folder: Path, count: int = 1, algorithm: KeyAlgorithm = KeyAlgorithm.ECDSA_256) -> tuple[Request, ...]:
    folder.mkdir(exist_ok=True)
    plan = load_plan(expressway_e(count).write(folder))
    return order_requests(Intent.unseen(plan, AT), plan.peers, Choices(algorithm=algorithm)).requests


@posix
class TestKilled:
    @pytest.fixture
    def pair(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A folder with exe1.key and its exe1.csr, made by a run that nobody killed."""
        made = tmp_path_factory.mktemp("pair")
        (pair,) = make_pairs(requests(tmp_path_factory.mktemp("plan")))
        for file in pair.files:
            (made / file.name).write_bytes(file.data)
        return made

    @pytest.fixture
    def killed(self, pair: Path) -> Callable[[Path, str], None]:
        def killed(folder: Path, at: str) -> None:
            command = [sys.executable, "-c", KILLED_AFTER_THE_FIRST, str(folder), at, str(pair)]
            assert subprocess.run(command, check=False).returncode == -signal.SIGKILL

        return killed

    def test_between_the_two_files_the_next_run_completes_the_pair(
        self, tmp_path: Path, pair: Path, killed: Kill
    ) -> None:
        killed(tmp_path, "link")
        assert (tmp_path / "exe1.key").exists()
        assert not (tmp_path / "exe1.csr").exists()
        found = prepare(tmp_path, ["exe1.key", "exe1.csr"])
        assert found.recovered == ("exe1.csr",)
        assert found.taken == ("exe1.key", "exe1.csr")
        assert everything(tmp_path) == ["exe1.csr", "exe1.key"]
        assert (tmp_path / "exe1.csr").read_bytes() == (pair / "exe1.csr").read_bytes()

    def test_before_the_first_file_nothing_is_left_after_the_next_run(
        self, tmp_path: Path, pair: Path, killed: Kill
    ) -> None:
        killed(tmp_path, "write")
        assert not (tmp_path / "exe1.key").exists()
        assert prepare(tmp_path, ["exe1.key"]).taken == ()
        assert everything(tmp_path) == []

    def test_a_key_in_use_since_is_never_taken_away(self, tmp_path: Path, pair: Path, killed: Kill) -> None:
        killed(tmp_path, "link")
        prepare(tmp_path, [])
        (tmp_path / "exe1.csr").unlink()
        assert prepare(tmp_path, []).recovered == ()
        assert (tmp_path / "exe1.key").exists()

    def test_leftovers_do_not_touch_a_key_of_another_run(self, tmp_path: Path, pair: Path, killed: Kill) -> None:
        killed(tmp_path, "write")
        (tmp_path / "exe1.key").write_bytes(b"other")
        prepare(tmp_path, [])
        assert everything(tmp_path) == ["exe1.key"]
        assert (tmp_path / "exe1.key").read_bytes() == b"other"

    def test_a_csr_whose_key_is_another_is_not_put_beside_it(self, tmp_path: Path, pair: Path, killed: Kill) -> None:
        killed(tmp_path, "link")
        (staging,) = tmp_path.glob(".certplan-new-*")
        (staging / "exe1.key").unlink()
        (tmp_path / "exe1.key").write_bytes(ec_key("another").private_bytes(*PLAIN))
        assert prepare(tmp_path, []).recovered == ()
        assert everything(tmp_path) == ["exe1.key"]

    @pytest.mark.parametrize(("mode", "recovered"), [(0o700, True), (0o755, True), (0o720, False), (0o702, False)])
    def test_what_others_may_have_staged_is_left_alone(
        self, mode: int, recovered: bool, tmp_path: Path, pair: Path, killed: Kill
    ) -> None:
        killed(tmp_path, "link")
        (staging,) = tmp_path.glob(".certplan-new-*")
        staging.chmod(mode)
        assert prepare(tmp_path, []).recovered == (("exe1.csr",) if recovered else ())
        assert staging.exists() is not recovered

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
    def test_what_another_user_staged_is_left_alone(self, tmp_path: Path, pair: Path, killed: Kill) -> None:
        killed(tmp_path, "link")
        (staging,) = tmp_path.glob(".certplan-new-*")
        os.chown(staging, 12345, 12345)
        assert prepare(tmp_path, []).recovered == ()
        assert (staging / "exe1.csr").exists()


class TestMaking:
    @pytest.mark.parametrize("algorithm", [KeyAlgorithm.RSA_2048, KeyAlgorithm.ECDSA_256, KeyAlgorithm.ECDSA_521])
    def test_a_pair_belongs_together_and_the_key_is_pkcs8_with_its_newline(
        self, tmp_path: Path, algorithm: KeyAlgorithm
    ) -> None:
        (pair,) = make_pairs(requests(tmp_path, algorithm=algorithm))
        assert pair.key_pem is not None
        assert pair.key_pem.startswith(b"-----BEGIN PRIVATE KEY-----\n")
        assert pair.key_pem.endswith(b"-----END PRIVATE KEY-----\n")
        write_new(tmp_path / "new", [pair.files])
        found = load_key_file(tmp_path / "new" / "exe1.key", "exe1.key", "key")
        assert isinstance(found, KeyFile)
        assert isinstance(found.key, PublicKey)
        assert found.final_newline
        assert found.key.name == algorithm.words
        assert found.key.sha256 == public_of(pair)

    def test_pairs_come_in_the_order_asked_for_and_each_is_reported(self, tmp_path: Path) -> None:
        reported: list[str] = []
        pairs = make_pairs(requests(tmp_path, 6), made=lambda request: reported.append(request.stem))
        assert [pair.request.stem for pair in pairs] == [f"exe{n}" for n in range(1, 7)]
        assert sorted(reported) == [f"exe{n}" for n in range(1, 7)]
        assert len({public_of(pair) for pair in pairs}) == 6

    def test_an_existing_key_is_used_and_not_written(self, tmp_path: Path) -> None:
        (pair,) = make_pairs(requests(tmp_path), existing=ec_key("mine"))
        assert [file.name for file in pair.files] == ["exe1.csr"]
        assert pair.key_pem is None


def public_of(pair: KeyAndCsr) -> str:
    from cryptography.x509 import load_pem_x509_csr

    from certplan.evidence.pki.x509facts import public_key_facts

    return public_key_facts(load_pem_x509_csr(pair.csr_pem).public_key()).sha256


class TestLoading:
    @pytest.mark.parametrize("traditional", [False, True])
    @pytest.mark.parametrize("password", [None, b"open sesame"])
    @pytest.mark.parametrize("kind", ["rsa", "ec"])
    def test_every_usual_form(self, tmp_path: Path, kind: str, password: bytes | None, *, traditional: bool) -> None:
        key = rsa_key() if kind == "rsa" else ec_key("loading")
        (tmp_path / "k.pem").write_bytes(b"text before\n" + key_pem(key, password=password, traditional=traditional))
        loaded = load_private_key(tmp_path / "k.pem", "k.pem", password)
        assert private_pem(loaded) == private_pem(key)

    @pytest.mark.system("openssl")
    def test_openssl_opens_what_is_encrypted(self, tmp_path: Path) -> None:
        (tmp_path / "k.pem").write_bytes(private_pem(ec_key("a"), b"pass phrase"))
        plain = openssl("pkey", "-in", "k.pem", "-passin", "pass:pass phrase", cwd=tmp_path)
        assert plain == private_pem(ec_key("a"))

    @pytest.mark.parametrize(
        ("contents", "password", "said"),
        [
            (private_pem(ec_key("a"), b"right"), b"wrong", "passphrase is wrong"),
            (private_pem(ec_key("a"), b"right"), None, "is encrypted"),
            (b"nothing", None, "neither PEM"),
            (private_pem(ec_key("a")) * 2, None, "2 private keys"),
            (private_pem(ec_key("a"))[:90] + b"\n-----END PRIVATE KEY-----\n", None, "not base64"),
        ],
    )
    def test_trouble_is_told_without_a_byte_of_the_key(
        self, tmp_path: Path, contents: bytes, password: bytes | None, said: str
    ) -> None:
        (tmp_path / "k.pem").write_bytes(contents)
        with pytest.raises(PrivateKeyError, match=said) as caught:
            load_private_key(tmp_path / "k.pem", "k.pem", password)
        reported = "".join(traceback.format_exception(caught.value))
        lines = [line for line in contents.decode().splitlines() if len(line) > 20 and "-----" not in line]
        assert not any(line in reported for line in lines)
        assert caught.value.__cause__ is None
        assert "right" not in reported.replace("Give the right one", "")


def test_nothing_made_here_shows_a_key(tmp_path: Path) -> None:
    (pair,) = make_pairs(requests(tmp_path))
    assert pair.key_pem is not None
    for shown in (repr(pair), str(pair), repr(pair.files), f"{pair.files}"):
        assert "PRIVATE" not in shown
        assert pair.key_pem.decode().splitlines()[1] not in shown


def test_the_usage_bits_follow_the_algorithm(tmp_path: Path) -> None:
    found = {}
    for algorithm in (KeyAlgorithm.RSA_2048, KeyAlgorithm.ECDSA_384):
        (pair,) = make_pairs(requests(tmp_path, algorithm=algorithm))
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509 import load_pem_x509_csr

        found[algorithm] = parse_request(load_pem_x509_csr(pair.csr_pem).public_bytes(Encoding.DER)).key_usage
    assert found[KeyAlgorithm.RSA_2048] == ("digitalSignature", "keyEncipherment")
    assert found[KeyAlgorithm.ECDSA_384] == ("digitalSignature",)
