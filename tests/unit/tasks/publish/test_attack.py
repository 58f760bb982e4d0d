"""Every leak that was ever found is planted into the bytes of an edition again, and found."""

import itertools
from dataclasses import replace

import pandas as pd
import pytest
from pandas import DataFrame

from schemas.digits import ESTIMATE, MONEY, PEOPLE
from schemas.outcomes import OUTCOME_TABLES, PUBLISHED
from tasks.disclose.control import STATES, controlled
from tasks.disclose.earlier import Seen
from tasks.publish import edition as made
from tasks.publish.attack import UNTIED, attacked_files
from tasks.publish.edition import PublicationRefused, edition_files
from tasks.publish.ees import csv_texts, outcome_file, table_csv
from tasks.publish.quotients import EXACT_COUNT, FINER, evaluation_leaks
from tests.support.editions import edition_inputs
from tests.support.outcome_tables import (
    AUTHORITIES,
    LANCASHIRE,
    ROCHDALE,
    WALSALL,
    YEAR,
    days_that_narrow_children,
    one_outcome,
)

LARGE = [(40, 200), (45, 210), (38, 190), (50, 220)] * 4
SESSIONS = [(700, 60_000), (900, 70_000), (800, 65_000), (750, 62_000)] * 4
QUARTERLY = "data/care_and_protection_quarterly.csv"
COHORT = "data/cohort_outcomes_quarterly.csv"
FORCED = "a number that must be hidden or held is printed"
NARROW = "hidden numbers can be worked out from what is printed"
MIXED = "a fraction of two editions is printed"
ODD = "a value is printed that is not its fraction"
NOW_HIDDEN = "a number shown before became c by a small change"


def edition(table, earlier=()):
    """Return the outcome files of an edition, what they are made from, and what they showed."""
    found = controlled(table, seen=list(earlier))
    tables = [outcome_file(each, found.rows) for each in OUTCOME_TABLES]
    public = {f"data/{t.name}.csv": table_csv(t.frame) for t in tables if t is not None}
    states = found.rows[[*STATES, "numerator_state", "denominator_state"]]
    return public, found, Seen("earlier", table, states, found.figures.sets)


def two_editions(outcome, before, after, others):
    """Return the second of two editions in which Walsall's first quarter changed, and the first."""
    tables = [one_outcome(outcome, [pair, *others[1:]]) for pair in (before, after)]
    first, _, seen = edition(tables[0])
    public, found, _ = edition(tables[1], [seen])
    return public, found, [seen], [first]


def planted(public, path, outcome, place, **cells):
    """Return the files with cells of one authority's first quarter printed otherwise."""
    frame = csv_texts(public[path])
    at = frame["outcome"].eq(PUBLISHED[outcome].label) & frame["new_la_code"].eq(place)
    at &= frame["time_period"].eq("202122") & frame["time_identifier"].str.endswith("Q1")
    assert at.sum() == 1
    for name, text in cells.items():
        assert frame.loc[at, name].ne(text).all()
        frame.loc[at, name] = text
    return {**public, path: table_csv(frame)}


def leaks(public, found, seen, before=()):
    return {leak.rule for leak in attacked_files(public, found, seen, before=before).leaks}


def test_editions_as_published_give_nothing_away_and_every_number_is_tied():
    for pairs in (((60, 400), (70, 403)), ((6, 200), (5, 200)), ((12, 200), (80, 400))):
        public, found, seen, before = two_editions("rereferral_12m", *pairs, LARGE)
        attacked = attacked_files(public, found, seen, before=before)
        assert attacked.leaks == ()
        assert attacked.not_read == ()
        assert attacked.numbers > 100


def test_a_new_numerator_over_a_held_denominator_is_found():
    public, found, seen, before = two_editions(
        "unauthorised_absence_3t", (493, 13_600), (462, 13_240), SESSIONS
    )
    again = planted(public, COHORT, "unauthorised_absence_3t", WALSALL, numerator="462")
    assert leaks(public, found, seen, before) == set()
    assert {FORCED, MIXED, ODD} <= leaks(again, found, seen, before)


def test_six_that_becomes_c_is_found():
    public, found, seen, before = two_editions("rereferral_12m", (6, 200), (5, 200), LARGE)
    again = planted(public, QUARTERLY, "rereferral_12m", WALSALL, numerator="c", percentage="c")
    assert leaks(public, found, seen, before) == set()
    assert leaks(again, found, seen, before) == {NOW_HIDDEN}


def test_a_hidden_count_is_found_where_it_is_printed_or_its_rate_is():
    counts = [(3, 200), *LARGE[1:]]
    public, found, _ = edition(one_outcome("rereferral_12m", counts))
    printed = planted(public, QUARTERLY, "rereferral_12m", WALSALL, numerator="3")
    assert FORCED in leaks(printed, found, [])
    rated = planted(public, QUARTERLY, "rereferral_12m", WALSALL, percentage="1.5")
    assert leaks(rated, found, []) == {ODD}


def test_what_an_earlier_edition_printed_is_read_from_its_files():
    public, found, seen, before = two_editions("rereferral_12m", (60, 400), (63, 403), LARGE)
    assert leaks(public, found, seen, before) == set()
    # The held number is repeated from what stands in the files of then, not from what was meant.
    other = planted(before[0], QUARTERLY, "rereferral_12m", WALSALL, numerator="41")
    assert f"numbers of data are {UNTIED}" in leaks(public, found, seen, [other])


def test_what_protects_a_hidden_count_is_missed_where_it_is_printed():
    public, found, _ = edition(one_outcome("rereferral_12m", [(3, 200), *LARGE[1:]]))
    frame = csv_texts(public[QUARTERLY])
    exact = {(la, quarter): str(pair[0]) for (la, quarter), pair in in_place(LARGE)}
    others = frame["numerator"].eq("c") & ~frame["new_la_code"].isin(["", WALSALL])
    assert others.any()
    keys = zip(frame["new_la_code"], "2021-22" + frame["time_identifier"].str[-2:], strict=True)
    true = pd.Series([exact.get(key, "") for key in keys])
    frame["numerator"] = frame["numerator"].where(~others, true)
    assert NARROW in leaks({**public, QUARTERLY: table_csv(frame)}, found, [])


def in_place(counts):
    return zip(itertools.product(AUTHORITIES, YEAR), counts, strict=True)


def test_days_that_narrow_hidden_children_are_found():
    places = (WALSALL, LANCASHIRE, ROCHDALE)
    table = days_that_narrow_children(places, YEAR[:1])
    public, found, _ = edition(table)
    again = planted(public, COHORT, "days_in_care_18m", LANCASHIRE, numerator="5450")
    assert leaks(public, found, []) == set()
    assert NARROW in leaks(again, found, [])


def test_a_number_that_is_no_editions_is_tied_to_nothing():
    public, found, _ = edition(one_outcome("rereferral_12m", LARGE))
    again = planted(public, QUARTERLY, "rereferral_12m", WALSALL, numerator="41")
    assert f"numbers of data are {UNTIED}" in leaks(again, found, [])


def costs_files(*, npv=12_300_000, saving=10_300, kept="30.6", effect="-0.0257"):
    """Return files of costs as coarse as published, of 1,190 children."""
    measures = {
        "children exposed, children": "1190.00",
        "Children kept from care, children": kept,
        "Net present value, GBP, 2024 prices": f"{npv:.2f}",
        "net saving per child referred, GBP, 2024 prices": f"{saving:.2f}",
    }
    rows = [(name, value, "x", "x") for name, value in measures.items()]
    costs = DataFrame(
        rows, columns=["measure", "central_value", "interval_low", "interval_high"]
    ).assign(practice_model="Family Safeguarding", perspective="fiscal")
    inputs = DataFrame(
        [("family_safeguarding", "effect cla_18m", effect, "risk_difference", "", "effects table")],
        columns=["model", "input", "value", "unit", "spread", "origin"],
    )
    return {"data/costs.csv": table_csv(costs), "cost_inputs.csv": table_csv(inputs)}


def test_coarse_costs_give_no_exact_count():
    assert evaluation_leaks(costs_files()) == {FINER: 0, EXACT_COUNT: 0}


@pytest.mark.parametrize(
    "change",
    [{"effect": "-0.02567570674"}, {"kept": "30.63112"}, {"npv": 12_345_678.91}],
    ids=["ten digits", "units to 0.01", "pennies"],
)
def test_more_digits_than_declared_are_found(change):
    assert evaluation_leaks(costs_files(**change))[FINER] == 1


def test_exact_counts_are_found_in_quotients():
    exact = costs_files(npv=12_289_248.09, saving=10_301.13)
    assert evaluation_leaks(exact)[EXACT_COUNT] == 1
    both = costs_files(kept="30.63112", effect="-0.02567570674")
    assert evaluation_leaks(both)[EXACT_COUNT] == 1


def test_a_small_programme_has_few_digits_to_spare():
    assert evaluation_leaks(costs_files(kept="4.96", effect="-0.0257"))[EXACT_COUNT] == 1
    assert evaluation_leaks(costs_files(kept="4.88", effect="-0.0257"))[EXACT_COUNT] == 0


def test_an_edition_whose_files_leak_is_not_published(monkeypatch):
    def with_ten_digits(inputs):
        return DataFrame(
            [("pooled", "effect cla_18m", "-0.02567570674", "", "", "effects table")],
            columns=["model", "input", "value", "unit", "spread", "origin"],
        )

    inputs = edition_inputs()
    two_of_each = {name for table in OUTCOME_TABLES for name in list(table.outcomes)[:2]}
    small = inputs.outcomes[inputs.outcomes["outcome"].isin(two_of_each)]
    monkeypatch.setattr(made, "published_inputs", with_ten_digits)
    with pytest.raises(PublicationRefused, match="rule attack") as refused:
        edition_files(replace(inputs, outcomes=small))
    assert FINER in str(refused.value)
    assert "0.0256" not in str(refused.value)


def test_the_seven_outcomes_repeat_the_data_files_and_nothing_else():
    counts = [(40, 200)] * 16
    public, found, _ = edition(one_outcome("rereferral_12m", counts))
    row = {
        "la_code": WALSALL,
        "outcome": PUBLISHED["rereferral_12m"].label,
        "before_time": "",
        "before": "x",
        "after_time": YEAR[0],
    }
    for after, is_untied in (("20.0", False), ("21.3", True)):
        seven = table_csv(DataFrame([{**row, "after": after}]))
        rules = leaks({**public, "seven_outcomes.csv": seven}, found, [])
        assert (f"numbers of seven_outcomes.csv are {UNTIED}" in rules) is is_untied


def test_half_a_step_is_half_of_the_last_digit_that_is_printed():
    assert ESTIMATE.half_step(-0.0257) == pytest.approx(0.00005)
    assert MONEY.half_step(12_300_000) == pytest.approx(50_000)
    assert MONEY.half_step(12_000) == pytest.approx(500)
    assert PEOPLE.half_step(1_190) == 5
