"""What is always true of the rules, whatever was sent."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from expectations.book import rules_of
from expectations.run import check_rows
from schemas.returns import RETURNS
from schemas.rows import Unread
from schemas.submission import Reach
from tests.support.returned import read_return, sent_for
from tests.support.rule_examples import child_key

# A failing return names its rules at once; making it smaller takes minutes.
FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
CHILDREN = ("A", "B", "C", None)
DAYS = st.one_of(
    st.none(),
    st.dates(pd.Timestamp("2022-06-01").date(), pd.Timestamp("2024-06-01").date()).map(str),
    st.sampled_from(("0001-01-01", "2035-01-01", "2024-02-29", "2024-03-31", "2023-04-01")),
)


def cells(column):
    """Cells that a column may hold, right and wrong."""
    if column.name == "child_id":
        return st.sampled_from(CHILDREN)
    if pa.types.is_date(column.type):
        return DAYS
    if pa.types.is_boolean(column.type):
        return st.sampled_from((True, False, None))
    if column.codes:
        return st.sampled_from([*sorted({code.value for code in column.codes})[:6], None, "??"])
    if pa.types.is_string(column.type):
        return st.sampled_from(("x", "", None, "UN1", "SC012345", "zz/zz/2019"))
    return st.sampled_from((0.0, 1.0, 41.0, -1.0, None))


def tables(name, most=4):
    declared = RETURNS[name].tables
    return st.fixed_dictionaries(
        {
            table.name: st.lists(
                st.fixed_dictionaries({column.name: cells(column) for column in table.columns}),
                max_size=most,
            )
            for table in declared
        }
    )


@pytest.mark.parametrize("name", sorted(RETURNS))
@FEW
@given(data=st.data())
def test_every_rule_runs_on_any_return(name, data):
    sent = data.draw(tables(name))
    assert could_not_run(read_return(name, **sent), sent_for()) == []


@FEW
@given(
    tables("ssda903"), tables("ssda903"), st.sampled_from(("2019-20Q1", "2024-25Q2", "2026-27Q4"))
)
def test_every_rule_runs_beside_any_earlier_return_in_any_year(sent, before, quarter):
    rest = at_rest("ssda903", before)
    context = sent_for(quarter, previous=rest, earlier=rest)
    assert could_not_run(read_return("ssda903", **sent), context) == []


@FEW
@given(tables("cin_census"), tables("cin_census"), st.sampled_from(("2019-20Q1", "2026-27Q4")))
def test_every_rule_runs_beside_any_earlier_census_in_any_year(sent, before, quarter):
    rest = at_rest("cin_census", before)
    context = sent_for(quarter, previous=rest, earlier=rest)
    assert could_not_run(read_return("cin_census", **sent), context) == []


def could_not_run(read, context):
    statuses = check_rows(read, context).statuses
    raised = statuses[statuses["status"] == "could not run"]
    return raised[["code", "table", "reason"]].to_numpy().tolist()


def at_rest(name, sent):
    """Frames as the warehouse keeps them, near enough: months for births, keys for children."""
    frames = read_return(name, **sent).frames
    return {
        table: frame.assign(
            **{
                column.replace("_date", "_month"): frame[column]
                for column in frame
                if column in ("birth_date", "expected_birth_date", "death_date")
            }
        )
        for table, frame in frames.items()
    }


@FEW
@given(tables("ssda903", most=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_immaterial(sent, chance):
    told_apart = {name: first_of_a_day(name, rows) for name, rows in sent.items()}
    shuffled = {name: chance.sample(rows, len(rows)) for name, rows in told_apart.items()}
    assert told(told_apart) == told(shuffled)


def first_of_a_day(name, rows):
    """One row for each child and day: of two the order cannot be known."""
    key = [column for column in RETURNS["ssda903"][name].key if column != "social_worker_id"]
    kept = {tuple(row[column] for column in key): row for row in reversed(rows)}
    return list(kept.values())


def told(sent):
    """Codes with the rows they speak of."""
    found = check_rows(read_return("ssda903", **sent), sent_for()).findings
    return sorted(
        (code, table, repr(sent[table][place]) if pd.notna(place) else "")
        for code, table, place in zip(found["code"], found["table"], found["position"], strict=True)
    )


@FEW
@given(tables("ssda903"), tables("ssda903"))
def test_another_childs_rows_change_nothing_for_this_child(sent, others):
    strangers = {
        name: [{**row, "child_id": f"other {row['child_id']}"} for row in rows]
        for name, rows in others.items()
    }
    both = {name: rows + strangers[name] for name, rows in sent.items()}
    assert by_child(sent) == [each for each in by_child(both) if each[0] < len(sent[each[2]])]


def by_child(sent):
    found = check_rows(read_return("ssda903", **sent), sent_for()).findings
    found = found[found["position"].notna() & ~found["code"].isin(("SFP-COPY", "INT32"))]
    return sorted(
        (int(place), code, table)
        for place, code, table in zip(found["position"], found["code"], found["table"], strict=True)
    )


@FEW
@given(tables("ssda903"), st.integers(0, 10**6))
def test_a_date_that_could_not_be_read_brings_no_finding_on_its_field(sent, which):
    read = read_return("ssda903", **sent)
    places = [
        (table.name, column.name, row)
        for table in RETURNS["ssda903"].tables
        for column in table.columns
        if pa.types.is_date(column.type)
        for row in range(len(sent[table.name]))
        if sent[table.name][row][column.name]
    ]
    if not places:
        return
    table, column, row = places[which % len(places)]
    frame = read.frames[table].copy()
    frame.loc[row, column] = pd.NaT
    cells = Unread(column, np.array([row]), Reach.RECORD)
    unread = replace(read, frames={**read.frames, table: frame}, unread={table: (cells,)})
    found = check_rows(unread, sent_for()).findings
    heading = RETURNS["ssda903"][table][column].sent_as
    here = found[(found["table"] == table) & (found["position"] == row)]
    about = {
        code
        for code, fields in zip(here["code"], here["field"], strict=True)
        if heading in fields.split(", ")
    }
    assert sorted(about - KEYS) == []


KEYS = {
    "SFP-COPY",
    "SFP-KEY",
    "SFP-BLANK",
    "INT31",
    "INT32",
    "INT33",
    "INT34",
    "INT35",
    "INT36",
    "CHILD_ID_DUPLICATE",
}


@FEW
@given(tables("ssda903"))
def test_what_is_set_aside_is_what_reaches_the_record(sent):
    checked = check_rows(read_return("ssda903", **sent), sent_for())
    record = checked.findings[checked.findings["reach"] == "record"]
    expected = {
        table: sorted(set(map(int, places)))
        for table, places in record.groupby("table")["position"]
    }
    assert checked.quarantined == expected


@FEW
@given(tables("ssda903"))
def test_a_status_counts_the_rows_its_findings_speak_of(sent):
    checked = check_rows(read_return("ssda903", **sent), sent_for())
    statuses = checked.statuses.set_index(["code", "table"])
    untold = [rule.code for rule in rules_of("ssda903") if not rule.is_told]
    is_told = ~statuses.index.get_level_values("code").isin(untold)
    failed = statuses[(statuses["status"] == "failed") & is_told]
    found = checked.findings.groupby(["code", "table"])["position"].nunique(dropna=False)
    assert set(failed.index) == set(found.index)
    assert np.array_equal(failed["count"].sort_index(), found.sort_index())


def test_an_example_child_without_an_id_has_key_nought():
    assert child_key(None) == 0
