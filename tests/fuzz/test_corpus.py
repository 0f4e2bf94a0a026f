"""The fuzzing harnesses over their corpus and what is left of it when bytes are cut, swapped or joined."""

import random
from pathlib import Path

import pytest

from tests.fuzz.harness import CORPUS, READERS

INPUTS = [(path.parent.name, path) for path in sorted(CORPUS.glob("*/*"))]


def test_every_reader_has_a_corpus() -> None:
    assert {reader for reader, _ in INPUTS} == READERS.keys()


@pytest.mark.parametrize(("reader", "path"), INPUTS, ids=[f"{reader}-{path.name}" for reader, path in INPUTS])
def test_a_reader_takes_any_bytes(reader: str, path: Path) -> None:
    data = path.read_bytes()
    chance = random.Random(path.name)  # noqa: S311 - the same in every run
    READERS[reader](data)
    for _ in range(40):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(changed) + 1)
            match chance.randrange(4):
                case 0:
                    del changed[at : at + chance.randint(1, 40)]
                case 1:
                    changed[at:at] = chance.randbytes(chance.randint(1, 8))
                case 2:
                    changed[at:at] = data[chance.randrange(len(data)) :][:40]
                case _:
                    changed[at : at + 1] = bytes([chance.choice(b"\x00\x30\x80\xff\"'{[:\n")])
        READERS[reader](bytes(changed))
