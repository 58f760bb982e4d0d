"""Rules of training feedback, on the examples they carry and on whole files."""

import pytest

from expectations.book import rules_of
from expectations.rule import broken_cells, broken_rows
from schemas.training import FORM_KINDS
from tests.support.forms import codes, form_file, form_row, judged
from tests.support.rule_examples import example_rows

RULES = {rule.id: rule for rule in rules_of("training_feedback")}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_what_breaks_it_and_lets_pass_what_keeps_it(name):
    rule = RULES[name]
    for example in rule.fails:
        assert broken_rows(broken_cells(rule, example_rows(rule, example))).any()
    for example in rule.passes:
        assert not broken_rows(broken_cells(rule, example_rows(rule, example))).any()


@pytest.mark.parametrize("kind", ["pre", "post", "review"])
def test_h091_an_answer_off_its_scale_takes_out_the_row(kind, tmp_path):
    heading = {"pre": "before", "post": "after", "review": "now"}[kind] + "_skill_tools"
    rows = [form_row(kind, 1), form_row(kind, 2, **{heading: "6"})]
    _, found = judged(tmp_path, form_file(rows))
    assert codes(found) == {"VALUE_RANGE"}
    assert found.quarantined == {FORM_KINDS[kind].table: [1]}
    (finding,) = found.findings.to_dict("records")
    assert (finding["row"], finding["field"], finding["found"]) == (3, heading, "6")


def test_h091_a_blank_form_takes_out_its_row(tmp_path):
    blank = dict.fromkeys(
        ("relevant", "met_expectations", "facilitator_helpful", "materials_useful", "pace_right",
         "time_to_reflect", "recommend"), "")  # fmt: skip
    rows = [form_row("session", 1), form_row("session", 2, **blank)]
    _, found = judged(tmp_path, form_file(rows))
    assert codes(found) == {"FORM_BLANK"}
    assert found.quarantined == {"training_session": [1]}


def test_a_form_on_which_somebody_prefers_not_to_say_is_not_blank(tmp_path):
    row = form_row("review", **dict.fromkeys(
        ("applied", "supported"), "prefer not to say"))  # fmt: skip
    _, found = judged(tmp_path, form_file([row]))
    assert codes(found) == set()


def test_h089_free_text_is_told_of_and_never_shown_in_a_finding(tmp_path):
    row = form_row("session", helped_text="Ann Other was kind", completed_date="01/06/2024")
    _, found = judged(tmp_path, form_file([row]))
    assert codes(found) == {"FREE_TEXT", "DATE_AFTER_QUARTER"}
    assert "Ann" not in found.findings.to_csv()


def test_a_form_without_a_participant_is_queried_and_kept(tmp_path):
    _, found = judged(tmp_path, form_file([form_row("pre", participant_id="")]))
    assert codes(found) == {"NO_PARTICIPANT"}
    assert found.quarantined == {}


def test_a_participant_who_is_not_on_the_register_is_queried(tmp_path):
    register = form_file([form_row("attendance", 1)])
    _, found = judged(tmp_path, register, form_file([form_row("pre", 1), form_row("pre", 2)]))
    assert codes(found) == {"NOT_ON_REGISTER"}
    assert list(found.findings["row"]) == [3]


def test_the_same_form_twice_is_queried(tmp_path):
    rows = [form_row("post", 1), form_row("post", 2, participant_id="P1")]
    _, found = judged(tmp_path, form_file(rows))
    assert codes(found) == {"FORM_TWICE"}


def test_a_cohort_that_is_a_sentence_takes_out_the_row(tmp_path):
    rows = [form_row("pre", 1), form_row("pre", 2, cohort="Ask J. (duty)")]
    _, found = judged(tmp_path, form_file(rows))
    assert codes(found) == {"NAME_OF_GROUP"}
