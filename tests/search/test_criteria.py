"""The criteria of a search."""

from tests.search.conftest import as_criteria


def test_criteria_are_hashable():
    assert hash(as_criteria("a", contract={"cdi"})) == hash(as_criteria("a", contract=["cdi"]))
