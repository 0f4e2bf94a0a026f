"""The library's front door: every name it promises, and none shadowed by a module."""

from importlib import import_module
from types import ModuleType

import pytest

import certplan


@pytest.mark.parametrize("name", certplan.__all__)
def test_a_promised_name_is_the_thing_itself_whatever_was_imported_before(name: str) -> None:
    for room in ("judgement", "report", "evidence.gather", "proposal.propose"):
        import_module(f"certplan.{room}")
    assert not isinstance(getattr(certplan, name), ModuleType)


def test_any_other_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'jugde'"):
        certplan.jugde  # noqa: B018
