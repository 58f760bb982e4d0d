"""The book of rules: every example run, every promise of the book kept."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.book import rule_book, rule_rows, rules_of
from expectations.printed import rules_page
from expectations.rule import Need, Rule, broken_cells, broken_rows
from schemas.errors import DeclarationError
from schemas.returns import RETURNS
from schemas.submission import Reach, Severity
from tests.support.rule_examples import example_rows

HOME = Path(__file__).parents[3]
DFE_RULE_CODES = Path(__file__).with_name("dfe_rule_codes.csv")
"""Codes of the department's own rules in any year from 2022-23 to 2026-27."""
BY_RULE = pytest.mark.parametrize("rule", rule_book(), ids=lambda rule: rule.id)


def breaks(rule, example):
    return bool(broken_rows(broken_cells(rule, example_rows(rule, example))).any())


@BY_RULE
def test_every_rule_finds_its_failing_examples_and_nothing_in_the_others(rule):
    assert rule.fails
    assert rule.passes
    assert [breaks(rule, example) for example in rule.fails] == [True] * len(rule.fails)
    assert [breaks(rule, example) for example in rule.passes] == [False] * len(rule.passes)


def test_there_are_rules_for_every_return_and_at_least_150_written_by_hand():
    by_hand = [r for r in rule_book() if r.condition.__module__ != "expectations.from_schema"]
    assert len(by_hand) >= 150
    assert {rule.return_.name for rule in rule_book()} == set(RETURNS)


def test_every_column_that_may_count_is_read_by_a_rule():
    """Annex A is for monitoring only, and its yes and no answers ask for nothing."""
    read = {
        (table, column)
        for rule in rule_book()
        for table in rule.tables_read
        for column in rule.columns_read(table)
    }
    unread = [
        f"{table.name}.{column.name}"
        for found in RETURNS.values()
        if found.name != "annex_a"
        for table in found.tables
        for column in table.columns
        if column.sent_as and (table.name, column.name) not in read
    ]
    assert unread == []


def test_words_are_sentences_that_say_what_to_do_in_one_breath():
    for rule in rule_book():
        assert rule.words.endswith("."), rule.id
        assert "  " not in rule.words, rule.id
        assert 20 < len(rule.words) < 330, rule.id


def test_only_errors_refuse_a_submission():
    refusing = [rule for rule in rule_book() if rule.reach is Reach.SUBMISSION]
    assert {rule.severity for rule in refusing} == {Severity.ERROR}


def test_a_code_stands_once_for_each_table_in_any_year():
    for year in range(2020, 2028):
        used = [(rule.code, rule.table) for rule in rule_book() if is_used(rule, year)]
        assert len(used) == len(set(used))


def is_used(rule, year):
    columns = [
        rule.return_[table][c] for table in rule.tables_read for c in rule.columns_read(table)
    ]
    return rule.holds_in(year) and all(column.holds_in(year) for column in columns)


@pytest.mark.parametrize("name", ["ssda903", "cin_census"])
def test_codes_that_look_like_dfes_are_in_its_list(name):
    with DFE_RULE_CODES.open(encoding="utf-8") as rows:
        listed = {row["rule"] for row in csv.DictReader(rows) if row["return_name"] == name}
    assert len(listed) > 100
    ours = {"CHILD_ID_DUPLICATE"}
    looks_official = {r.code for r in rules_of(name) if "_" not in r.code and "SFP" not in r.code}
    assert looks_official - ours <= listed


def test_a_rule_naming_a_column_that_is_not_declared_cannot_be_built():
    with pytest.raises(DeclarationError, match="episode_begin"):
        a_rule(fields=("episode_begin",))


@pytest.mark.parametrize("need", ["cats", "children.tail", "previous.children.birth_date"])
def test_a_rule_needing_what_is_not_declared_cannot_be_built(need):
    with pytest.raises(DeclarationError, match=need.replace(".", r"\.")):
        a_rule(needs=(need,))


def test_a_rule_may_need_what_rests_of_a_table():
    assert a_rule(needs=("previous.children.birth_month",)).parsed_needs == (
        Need("children", "birth_month", "previous"),
    )


def a_rule(**changed):
    facts = {
        "code": "X",
        "words": "Wrong.",
        "table": "episodes",
        "fields": ("episode_start",),
        "condition": lambda rows: rows["episodes"]["episode_start"].isna(),
        "reach": Reach.NOTICE,
        "severity": Severity.ERROR,
    }
    return Rule(**{**facts, **changed})


def test_the_printed_book_is_up_to_date():
    printed = (HOME / "docs" / "rules.md").read_text("utf-8")
    assert printed == rules_page(), "run make docs"


def test_one_code_can_be_asked_for():
    (row,) = rule_rows("356")
    assert row["fields"] == "DECOM, DEC"
    assert row["years"] == "all"
    assert len(rule_rows()) == len(rule_book())


def test_the_book_can_be_read_without_great_expectations():
    asked = "import sys, expectations.book; expectations.book.rule_book(); "
    asked += "sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=HOME).returncode == 0
