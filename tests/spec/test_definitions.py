import math

import pytest

from schemas.outcomes import OUTCOMES
from tests.spec.definitions import PAGE, definitions_page
from tests.spec.example import Example, figure_of
from tests.spec.examples import EXAMPLES

EDGES = (
    "event on the last day of the window",
    "29 February",
    "unborn",
    "two ids, one child",
    "one id, two children",
    "care before referral",
    "respite",
    "legal change that is not a move",
    "open episode closed a year later",
    "overlap of two returns",
    "authority that changed code in April 2023",
    "child who moves authority",
)


def expected_value(example: Example) -> float | None:
    if example.value is not None or example.status != "ok":
        return example.value
    return example.numerator / example.denominator * OUTCOMES[example.outcome].scale


def same(found: float, expected: float | None) -> bool:
    return math.isnan(found) if expected is None else found == expected


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.outcome}: {one.says}")
def test_the_pipeline_gives_the_answer_worked_out_beside_the_example(example):
    figure = figure_of(example)
    assert figure["status"] == example.status
    assert same(figure["numerator"], example.numerator)
    assert same(figure["denominator"], example.denominator)
    assert same(figure["value"], expected_value(example))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_an_example(outcome):
    assert [one for one in EXAMPLES if one.outcome == outcome]


def test_every_edge_case_is_settled_by_an_example():
    assert set(EDGES) <= {one.edge for one in EXAMPLES}


def test_every_outcome_is_printed_under_its_subject():
    page = definitions_page()
    assert [name for name in OUTCOMES if f"\n### {name}\n" not in page] == []


def test_the_definitions_page_is_as_the_declarations_and_examples_print_it():
    assert PAGE.read_text(encoding="utf-8") == definitions_page(), "renew it with: make docs"
