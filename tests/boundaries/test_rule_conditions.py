"""Every comparison in a rule's condition is held by an example at its boundary.

`<` is swapped with `<=` and `>` with `>=`, one at a time and in memory, and the rules' own examples
are run again: those in which the swapped comparison would have answered otherwise.
"""

from collections import defaultdict
from pathlib import Path

import pytest

from expectations.book import rule_book
from expectations.rows import Rows
from expectations.rule import broken_cells, broken_rows
from tests.boundaries.mutants import Probes, comparisons, made
from tests.boundaries.subjects import modules
from tests.support.rule_examples import example_rows

MOST = 0.05
"""The largest share of swaps that may go unnoticed."""

CONDITIONS = [
    *modules("expectations/returns"),
    *modules("expectations/returns/cin_census", "expectations/returns/ssda903"),
    "expectations.dates",
    "expectations.from_schema",
    "expectations.rows",
    "expectations.scale",
]
UNNOTICED = {
    "expectations.returns.cin_census.referrals._section47_starts_during_another: "
    "rows['section_47']['s47_start_date'] < before['icpc_date']": (
        "the rule's words say 'on or before' and its condition 'before': which is right is open"
    ),
    "expectations.returns.school_attendance._term_ended_before_year: "
    "_ended(rows['school_attendance']) < rows.year_start": "no term ends on 1 April",
    "expectations.rows._repeats: counts[codes + 1] > 1": (
        "rows that repeat no other change no answer; leaving them out is only faster"
    ),
}
"""Swaps that no example can or should notice, each with its reason."""


def unnoticed(mutants, cases):
    """Return the swaps under which every example still ends as it should."""
    able = noticing(mutants, cases)
    return {
        mutant.label
        for number, mutant in enumerate(mutants)
        if not is_noticed(mutant, able[number])
    }


def noticing(mutants, cases):
    """Return, per swap, the examples in which it answers otherwise."""
    able = defaultdict(list)
    probes = Probes(mutants)
    with probes.placed():
        for rule, rows, expected in cases:
            assert outcome(rule, rows) is expected, rule.id
            for number in probes.taken():
                able[number].append((rule, rows, expected))
    return able


def is_noticed(mutant, cases):
    with made(mutant):
        return any(outcome(rule, rows) is not expected for rule, rows, expected in cases)


def outcome(rule, rows):
    """Return whether a row breaks the rule; nothing where its condition raises."""
    fresh = Rows(rows.read, rows.context)
    fresh.lost = rows.lost
    try:
        return bool(broken_rows(broken_cells(rule, fresh)).any())
    except Exception:
        return None


def examples_of(rules):
    return [
        (rule, example_rows(rule, example), expected)
        for rule in rules
        for examples, expected in ((rule.fails, True), (rule.passes, False))
        for example in examples
    ]


@pytest.fixture(scope="module")
def cases():
    return examples_of(rule_book())


def test_every_file_that_conditions_stand_in_is_looked_at():
    files = {str(path) for path in Path("expectations/returns").rglob("*.py")}
    looked_at = {name.replace(".", "/") + ".py" for name in CONDITIONS}
    assert {file for file in files if not file.endswith("__init__.py")} <= looked_at


def test_examples_notice_every_swapped_comparison_but_those_listed(cases):
    mutants = [one for name in CONDITIONS for one in comparisons(name)]
    assert len(mutants) > 180
    assert unnoticed(mutants, cases) == set(UNNOTICED)
    assert len(UNNOTICED) <= MOST * len(mutants)


def test_a_rule_without_its_example_at_the_boundary_is_named(cases):
    name = "expectations.returns.cin_census.plans"
    (mutant,) = (
        one
        for one in comparisons(name)
        if one.name == "plans['cp_plan_end'] < plans['cp_plan_start']"
    )
    of_rule = [case for case in cases if case[0].code == "8925"]
    assert unnoticed([mutant], of_rule) == set()
    fails_only = [case for case in of_rule if case[2]]
    assert unnoticed([mutant], fails_only) == {mutant.label}
