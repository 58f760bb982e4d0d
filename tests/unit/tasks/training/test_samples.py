"""Invented training feedback: taken in without a query, the same on every machine."""

from samples.forms import Occasion
from samples.forms.training_feedback import files
from samples.history import told
from samples.settings import setting
from samples.trainees import PLANTED_GAIN
from schemas.quarter import Quarter
from tasks.training.authority import authority_training
from tests.support.forms import LA_CODE, figure, judged

FIRST, LAST = Quarter.parse("2023-24Q1"), Quarter.parse("2023-24Q4")


def sent(quarter):
    own = setting(LA_CODE, first=FIRST, last=LAST, children=1, seed=7)
    return dict(files(Occasion(told(own), quarter)))


def test_training_runs_in_the_last_three_quarters_alone():
    assert sent(FIRST) == {}
    assert len(sent(Quarter.parse("2023-24Q2"))) == 5
    assert len(sent(LAST)) == 9


def test_every_form_is_taken_in_without_a_query(tmp_path):
    contents = [content.decode() for content in sent(LAST).values()]
    read, found = judged(tmp_path, *contents, quarter=LAST)
    assert len(read.sent) == 9
    assert not found.has_queries


def test_the_same_seed_gives_the_same_bytes():
    assert sent(LAST) == sent(LAST)


def test_the_planted_gain_is_found_again(tmp_path):
    from schemas.rows import AuthorityRows
    from tasks.validate.at_rest import rows_at_rest

    contents = [content.decode() for content in sent(LAST).values()]
    read, _ = judged(tmp_path, *contents, quarter=LAST)
    tables = rows_at_rest(read, lambda _, ids: {one: n for n, one in enumerate([*ids, "nan"], 1)})
    from warehouse.store import to_frame

    frames = {name: to_frame(rows).assign(quarter=str(LAST)) for name, rows in tables.items()}
    table = authority_training(AuthorityRows(LA_CODE, frames, {}))
    found = figure(table, "learning_self_assessment_mean_change", cohort="2023-4")
    assert found["low"] < PLANTED_GAIN < found["high"]
