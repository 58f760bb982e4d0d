"""What moved between two editions: every table, headlines first, each with everything behind it."""

from dataclasses import replace

import pytest

from schemas.plan import PLAN
from tasks.publish.changes import edition_diff, tables_not_compared
from tasks.publish.edition import edition_files
from tasks.publish.inputs import EarlierEdition
from tests.support.editions import edition_inputs, invented_costs, invented_effects

TWO = (PLAN.primary_outcome.id, "kinship_18m")
PRIMARY = PLAN.primary(PLAN.primary_outcome)


def small(**changes):
    """Return inputs of two outcomes, the primary one among them; no submission is new later."""
    inputs = edition_inputs(effects=effects(), submissions=edition_inputs().submissions.iloc[:0])
    mine = inputs.outcomes[inputs.outcomes["outcome"].isin(TWO)]
    return replace(inputs, outcomes=mine, **changes)


def effects(estimate=-0.2345):
    found = invented_effects().replace({"estimator": {"fixed_effects_logit_cr2": PRIMARY}})
    is_given = found["estimate"].notna()
    return found.assign(estimate=found["estimate"].mask(is_given, estimate))


def costs(npv):
    found = invented_costs()
    is_npv = found["measure"] == "npv"
    return found.assign(value=found["value"].mask(is_npv, npv))


def edition(inputs):
    made = edition_files(inputs)
    return EarlierEdition(inputs.name, made.public, made.restricted)


@pytest.fixture(scope="module")
def first():
    return edition(small())


def a_quarter_later(first, **changes):
    return small(name="2023-08", cut_quarter="2023-24Q1", earlier=(first,), **changes)


@pytest.fixture(scope="module")
def second(first):
    """A quarter later: other prices, another plan, and every estimate and value moved."""
    return edition(
        a_quarter_later(
            first,
            effects=effects(-0.5),
            costs=costs(2_000_000.0),
            prices_hash="0123456789abcdef",
            plan_hash="another",
        )
    )


def test_estimates_and_values_of_the_next_quarter_are_compared(first, second):
    moved = edition_diff(first, second)
    estimates = moved[(moved["table"] == "effects") & (moved["indicator"] == "estimate")]
    assert len(estimates) == 8
    assert set(estimates["before"]) == {"-0.235"}
    values = moved[(moved["table"] == "costs") & moved["filters"].str.contains("Net present value")]
    assert set(values["indicator"]) == {"central_value"}
    assert len(values) == 4


def test_each_says_everything_that_changed_and_that_it_rests_on(first, second):
    why = edition_diff(first, second).groupby("table")["why"].unique()
    assert list(why["effects"]) == ["analysis plan changed"]
    assert list(why["costs"]) == ["analysis plan changed; prices changed"]


def test_prices_alone_are_named_where_they_alone_changed(first):
    inputs = a_quarter_later(first, costs=costs(5e6), prices_hash="0123456789abcdef")
    assert set(edition_diff(first, edition(inputs))["why"]) == {"prices changed"}


def test_what_an_older_edition_does_not_say_of_itself_is_not_said_to_have_changed(first):
    older = replace(
        first,
        restricted={
            **first.restricted,
            "disclosure.json": first.restricted["disclosure.json"].replace(
                b'"prices_hash": "declared",\n', b""
            ),
        },
    )
    assert older.restricted != first.restricted
    now = edition(a_quarter_later(first, costs=costs(5e6), prices_hash="0123456789abcdef"))
    assert set(edition_diff(older, now)["why"]) == {"hidden to protect another figure"}


def test_headlines_come_first_in_files_and_on_the_page(first, second):
    moved = edition_diff(first, second)
    is_headline = moved["headline"].eq("yes")
    assert is_headline.is_monotonic_decreasing
    headlines = moved[is_headline]
    assert set(headlines["table"]) == {"effects", "costs"}
    assert (headlines["table"] == "effects").sum() == 2
    assert not moved.loc[~is_headline, "filters"].str.contains("Net present value").any()
    changes = second.public["CHANGES.md"].decode()
    assert changes.index("## Headline figures") < changes.index("## By table")
    assert "| -0.235 | -0.500 | analysis plan changed |" in changes
    assert "Headline figures that moved" in second.public["report.html"].decode()


def test_that_no_headline_moved_is_said(first):
    inputs = a_quarter_later(first, effects=effects().assign(p=0.5))
    assert "No headline figure moved." in edition(inputs).public["CHANGES.md"].decode()


def test_tables_that_are_divided_otherwise_are_named_and_not_compared_in_silence(first):
    one_model = effects(-0.5).query("model == 'pooled'")
    now = edition(a_quarter_later(first, effects=one_model))
    assert tables_not_compared(first, now) == ["effects"]
    assert "divided otherwise than before: effects." in now.public["CHANGES.md"].decode()
    assert not (edition_diff(first, now)["table"] == "effects").any()


def test_the_same_number_with_other_digits_has_not_moved(first):
    effects = first.public["data/effects.csv"]
    padded = effects.replace(b"-0.235,", b"-0.2350,")
    assert padded != effects
    before = replace(first, public={**first.public, "data/effects.csv": padded})
    assert edition_diff(before, first).empty
