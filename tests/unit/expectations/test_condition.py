"""Great Expectations judges boolean columns, and tells nobody."""

import logging

import pandas as pd
from great_expectations.data_context import project_manager

from expectations.book import rules_of
from expectations.condition import ExpectRuleToHold, Verdict, suite_of, verdicts

RULES = rules_of("ssda903")[:3]


def frame(*broken):
    return pd.DataFrame({rule.id: each for rule, each in zip(RULES, broken, strict=False)})


def test_a_rule_holds_when_no_row_of_its_column_is_true():
    found = verdicts({"t": frame([False, False], [False, True])}, {"t": RULES[:2]})
    assert found[RULES[0].id] == Verdict(holds=True, raised=False)
    assert found[RULES[1].id] == Verdict(holds=False, raised=False)


def test_each_frame_is_judged_for_itself_though_the_context_is_made_once():
    first = verdicts({"t": frame([True])}, {"t": RULES[:1]})
    second = verdicts({"t": frame([False])}, {"t": RULES[:1]})
    assert not first[RULES[0].id].holds
    assert second[RULES[0].id].holds


def test_a_rule_without_a_column_is_told_as_one_that_raised():
    found = verdicts({"t": frame([False])}, {"t": RULES[:2]})
    assert found[RULES[1].id].raised


def test_a_frame_without_rows_breaks_no_rule():
    empty = pd.DataFrame({RULES[0].id: pd.Series([], dtype=bool)})
    assert verdicts({"t": empty}, {"t": RULES[:1]})[RULES[0].id].holds


def test_every_expectation_carries_what_the_authority_sees():
    (one,) = suite_of("t", RULES[:1]).expectations
    assert isinstance(one, ExpectRuleToHold)
    assert set(one.meta) == {"rule", "words", "reach", "severity", "fields", "since", "until"}
    assert one.meta["rule"] == RULES[0].code


def test_nothing_is_shown_or_sent(capfd, caplog):
    with caplog.at_level(logging.WARNING):
        verdicts({"t": frame([True] * 1000)}, {"t": RULES[:1]})
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")
    assert caplog.records == []
    context = project_manager.get_context() if hasattr(project_manager, "get_context") else None
    assert context is None or context.config.analytics_enabled is False
