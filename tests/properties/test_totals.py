"""Any authority may be missing: every total published is the sum of its set, all with values.

The files are read as a stranger would, and added up from the outcome table by loops.
"""

import io
import itertools

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.outcomes import OUTCOME_TABLES
from schemas.outcomes.publication import TimeSpan
from schemas.quarter import Quarter
from schemas.trial import MODEL_NAMES, clusters, model_of
from tasks.disclose.control import STATES, controlled
from tasks.disclose.earlier import Seen
from tasks.publish.ees import outcome_file, table_csv
from tasks.publish.totals import THIS_EDITION, totals_table
from tests.support.outcome_tables import outcome_table

SOME_EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True)
AUTHORITIES = tuple(
    code
    for model in MODEL_NAMES
    for code in [c.la_code for c in clusters() if c.model == model][:4]
)
"""Twelve, four of each practice model."""
OUTSIDE = ("E08000035",)
QUARTERS = tuple(map(str, Quarter.parse("2019-20Q1").through(Quarter.parse("2022-23Q2"))))
NUMBERS = 60
"""The least of the numbers: what is not hidden can be added up again."""

patterns = st.lists(
    st.sampled_from(["1" * 14, "0" * 14, "1" * 9 + "0" * 5, "1" * 13 + "0", "0" * 6 + "1" * 8])
    | st.text(alphabet="1110", min_size=14, max_size=14),
    min_size=13,
    max_size=13,
)


def returned(marks):
    """Return which authority returned which quarter."""
    keys = itertools.product((*AUTHORITIES, *OUTSIDE), QUARTERS)
    return {key: mark == "1" for key, mark in zip(keys, "".join(marks), strict=True)}


def numbers_of(known, *, more=0):
    """Return numerator and denominator of each figure that is known."""
    return {
        key: (NUMBERS + place % 17 + more, 10 * NUMBERS + place + 2 * more)
        for place, (key, is_known) in enumerate(known.items())
        if is_known
    }


def table_of(known, numbers):
    return outcome_table(
        *(("rereferral_12m", *key, *numbers.get(key, (None, None))) for key in known)
    )


def read(shown, name):
    """Return the national rows of a data file as it is published."""
    (table,) = (one for one in OUTCOME_TABLES if one.name == name)
    made = outcome_file(table, shown)
    if made is None:
        return []
    frame = pd.read_csv(io.BytesIO(table_csv(made.frame)), dtype=str)
    return frame[frame["geographic_level"] == "National"].to_dict("records")


def quarters_of(row, since, span):
    year = f"{row['time_period'][:4]}-{row['time_period'][4:]}"
    if span is TimeSpan.QUARTER:
        return [year + row["time_identifier"][-2:]]
    first = year if span is TimeSpan.YEAR else since
    return [q for q in QUARTERS if first <= q[:7] <= year]


SPANS = {
    "care_and_protection_quarterly": TimeSpan.QUARTER,
    "care_and_protection_yearly": TimeSpan.YEAR,
    "care_and_protection_cumulative": TimeSpan.CUMULATIVE,
}


@SOME_EXAMPLES
@given(patterns)
def test_every_total_is_the_sum_of_its_named_set_all_with_values(marks):
    known = returned(marks)
    numbers = numbers_of(known)
    found = controlled(table_of(known, numbers), seen=())
    totals = totals_table(found, ()).set_index("practice_model")
    for name, span in SPANS.items():
        for row in read(found.rows, name):
            said = totals.loc[row["practice_model"]]
            codes = said["new_la_codes"].split()
            quarters = quarters_of(row, said["cumulative_from"], span)
            keys = list(itertools.product(codes, quarters))
            whole = bool(codes) and all(key in numbers for key in keys)
            if span is not TimeSpan.QUARTER:
                whole = whole and len(quarters) % 4 == 0
            assert (row["denominator"] not in ("x", "z")) == whole, (name, row)
            if whole:
                for place, side in enumerate(("numerator", "denominator")):
                    assert int(row[side]) == sum(numbers[key][place] for key in keys)
                assert int(row["authorities_counted"]) == len(codes)
            else:
                assert row["authorities_counted"] == "0"


@SOME_EXAMPLES
@given(patterns)
def test_no_set_is_smaller_than_half_and_total_is_the_sets_of_all_models(marks):
    known = returned(marks)
    totals = totals_table(controlled(table_of(known, numbers_of(known)), seen=()), ())
    sets = {row["practice_model"]: row for row in totals.to_dict("records")}
    models = [name for name in sets if name != "Total"]
    for row in sets.values():
        count, of = row["authorities_counted"], row["authorities_taking_part"]
        assert count == 0 or count * 2 >= of
        assert count == len(row["new_la_codes"].split())
    joined = {code for name in models for code in sets[name]["new_la_codes"].split()}
    total = set(sets["Total"]["new_la_codes"].split())
    if total:
        assert all(sets[name]["authorities_counted"] for name in models)
        assert joined == {code for code in total if model_of(code)}


@SOME_EXAMPLES
@given(patterns, patterns)
def test_in_a_later_edition_every_total_names_one_set_too(marks, later):
    first, second = returned(marks), returned(later)
    before = table_of(first, numbers_of(first))
    found = controlled(before, seen=())
    states = found.rows[[*STATES, "numerator_state", "denominator_state"]]
    seen = Seen("first", before, states, found.figures.sets)
    known = numbers_of(second, more=2)
    again = controlled(table_of(second, known), seen=[seen])
    totals = totals_table(again, [seen])
    named = totals.set_index(["practice_model", "set"])
    numbers = {THIS_EDITION: known}
    rows = again.rows[(again.rows["level"] != "la") & (again.rows["value_symbol"] == "")]
    for row in rows[rows["span"] == TimeSpan.QUARTER].to_dict("records"):
        place = MODEL_NAMES.get(row["place"], row["place"])
        said = named.loc[(place, row["set"])]
        is_then = "held" in (row["numerator_state"], row["denominator_state"])
        given_then = numbers_of(first) if is_then else numbers[THIS_EDITION]
        codes = said["new_la_codes"].split()
        assert row["authorities"] == len(codes)
        for at, side in enumerate(("numerator", "denominator")):
            assert row[side] == sum(given_then[code, row["time"]][at] for code in codes)
