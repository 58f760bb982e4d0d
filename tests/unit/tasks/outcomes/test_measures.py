import pytest

from schemas.errors import DeclarationError
from schemas.outcomes import OUTCOMES
from tasks.outcomes import measures as registry
from tasks.outcomes.care import cla
from tasks.outcomes.measures import measure_functions, measure_of


@pytest.fixture
def registered(monkeypatch):
    found = measure_functions()
    monkeypatch.setattr(registry, "_MEASURES", found)
    return found


def measure(module):
    """Return a function that measures nothing, as if it stood in the module."""

    def nothing(history, outcome):
        raise NotImplementedError

    nothing.__module__ = module
    return nothing


def test_every_declared_outcome_has_a_measure_in_order_of_declaration():
    assert list(measure_functions()) == list(OUTCOMES)
    assert measure_functions()["cla_36m"] is cla


def test_a_measure_without_declaration_is_refused():
    with pytest.raises(DeclarationError, match="cla_9m: not declared"):
        measure_of("cla_9m")(measure("tasks.outcomes.care"))


def test_a_measure_in_the_file_of_another_subject_is_refused(registered):
    del registered["cla_18m"]
    with pytest.raises(DeclarationError, match="cla_18m: declared under care"):
        measure_of("cla_18m")(measure("tasks.outcomes.plans"))
    assert "cla_18m" not in registered


def test_two_measures_of_one_outcome_are_refused():
    with pytest.raises(DeclarationError, match="cla_18m: measured twice"):
        measure_of("cla_18m")(measure("tasks.outcomes.care"))
    assert measure_functions()["cla_18m"] is cla


def test_a_declaration_without_measure_is_refused(registered):
    del registered["neet"]
    with pytest.raises(DeclarationError, match=r"nothing measures \['neet'\]"):
        measure_functions()
