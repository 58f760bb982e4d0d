from pathlib import Path

import pytest

from schemas.errors import DeclarationError, UsageError
from tests.support.costs import overridden, run

FOSTER = """
prices:
  - {id: care_foster_week_2017, amount_gbp: 700, price_year: 2020, source: ours, grade: local}
"""
NEW_FOSTER = """
prices:
  - {id: ours, thing: care_foster, item: Foster care, amount_gbp: 700, per: week,
     price_year: 2022-23, price_year_kind: financial, payer: local_authority,
     perspective: fiscal, source: our accounts, grade: local}
"""
EXAMPLE = Path("schemas/cost_overrides_example.yaml")


def used(book, thing):
    (price,) = book.prices_of(thing)
    return price


def test_an_entry_changes_what_it_names_and_keeps_the_rest():
    price = used(overridden(FOSTER), "care_foster")
    assert (price.amount_gbp, price.price_year, price.per) == (700, "2020", "week")
    assert (price.source, price.origin) == ("ours", "override our.yaml")


def test_a_new_price_takes_the_place_of_the_declared_one_and_says_so():
    book = overridden(NEW_FOSTER)
    assert used(book, "care_foster").id == "ours"
    (old,) = [price for price in book.prices if price.id == "care_foster_week_2017"]
    assert old.why == "replaced by ours of our.yaml"


def test_the_output_names_the_override_a_value_came_from():
    inputs = run(book=overridden(NEW_FOSTER)).inputs
    (origin,) = set(inputs.loc[inputs["input"].eq("price ours"), "origin"])
    assert origin == "override our.yaml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prices: [{id: care_foster_week_2017, amount_gbp: 7, grade: local}]", "source is missing"),
        ("prices: [{id: care_foster_week_2017, amount_gbp: 7, source: s}]", "grade"),
        ("prices: [{id: new, thing: x, source: s, grade: local}]", "price new.*missing"),
        ("prices: [{id: care_foster_week_2017, cost: 7, source: s}]", "cost not known"),
        ("prices: [{id: care_foster_week_2017, amount_gbp: x, source: s, grade: local}]", "number"),
        ("parameters: [{id: cashabel, value: 1, source: s, grade: local}]", "cashabel.*not known"),
        ("parameters: [{id: deadweight.care, value: 0.3, source: s, grade: local}]", "taken out"),
        ("parameters: [{id: spend_cv, value: 0.1, source: '', grade: local}]", "spend_cv.*source"),
        ("deflator: [{year: 2025, index: 103, source: ''}]", "2025.*source is missing"),
        ("discount_rates: [{from_year: 1, rate: 0.03, source: s}]", "follow each other"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_used_is_refused_by_name(text, words):
    with pytest.raises(DeclarationError, match=words):
        overridden(text)


def test_one_entry_given_twice_is_refused():
    twice = "parameters: [{0}, {0}]".format("{id: spend_cv, value: 0.1, source: s, grade: local}")
    with pytest.raises(DeclarationError, match=r"spend_cv.*more than once"):
        overridden(twice)


@pytest.mark.parametrize("text", ["[1]", "price: []", "prices: 3", "prices: [1]", "{"])
def test_a_file_of_another_form_is_refused(text):
    with pytest.raises(UsageError, match=r"override our\.yaml"):
        overridden(text)


def test_an_empty_file_changes_nothing():
    assert overridden("") == overridden("prices: []")


def test_a_later_deflator_year_lets_a_later_price_in():
    book = overridden("deflator: [{year: 2025, index: 103.0, source: a later release}]")
    assert book.deflator.covers("2024-25", kind="financial")


def test_an_older_price_comes_into_use_once_the_deflator_reaches_it():
    years = ", ".join(
        f"{{year: {y}, index: {60 + y - 2005}, source: s}}" for y in range(2005, 2007)
    )
    use = "{id: persistent_absence_year, is_used: true, source: s, grade: secondary}"
    book = overridden(f"deflator: [{years}]\nprices: [{use}]")
    assert used(book, "persistent_absence").amount_gbp == 1509


def test_discount_rates_are_replaced_as_a_whole():
    book = overridden("discount_rates: [{from_year: 0, rate: 0.015, source: health}]")
    assert [band.rate for band in book.discount_bands] == [0.015]


def test_a_grade_of_optimism_bias_can_be_corrected():
    entry = "{grade: 3, costs_share: 0.12, benefits_share: 0.2, evidence: e, source: s}"
    book = overridden(f"optimism_grades: [{entry}]")
    (third,) = [grade for grade in book.optimism_grades if grade.grade == 3]
    assert (third.costs_share, third.status) == (0.12, "override our.yaml")


def test_a_mix_can_be_given_for_one_model():
    shares = {"care_foster": 0.4, "care_residential": 0.6}
    rows = ", ".join(
        f"{{id: placement_mix.{thing}@no_wrong_door, value: {v}, source: s, grade: local}}"
        for thing, v in shares.items()
    )
    book = overridden(f"parameters: [{rows}]")
    assert [p.value for p in book.mix("placement_mix", ("no_wrong_door",))] == [0.4, 0.6]
    assert len(book.mix("placement_mix", ("family_valued",))) == 3


def test_the_example_file_is_taken_and_marked_as_invented():
    book = overridden(EXAMPLE.read_text(encoding="utf-8"))
    ours = [price for price in book.used if price.origin == "override our.yaml"]
    assert ours
    assert {price.grade for price in ours} == {"illustration"}
