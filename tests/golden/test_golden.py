"""No figure moves unnoticed: a synthetic quarter comes out as stored, byte for byte."""

import json

import pytest

from schemas.outcomes import QUANTITIES
from tests.golden.quarter import LARGEST_TEXT, figures_in, golden_tables, kept
from tests.golden.renew import differences, stored_tables


@pytest.mark.slow
def test_every_table_is_as_stored(tmp_path):
    found = differences(stored_tables(), golden_tables(tmp_path))
    assert found == [], "run `make golden` and read the diff"


def test_what_is_stored_holds_estimates_findings_and_money():
    stored = stored_tables()
    assert ",ok" in stored["outcomes.csv"]
    assert "cla_18m,family_safeguarding,fixed_effects_logit" in stored["effects.csv"]
    assert len(stored["faulty/findings.csv"].splitlines()) > 2
    assert sum(map(len, stored.values())) < 1_500_000


def test_the_posts_and_hours_of_staff_are_printed_however_small():
    found = json.loads(stored_tables()["restricted/disclosure.json"])["pattern"]["quantities"]
    hidden = {name: found[name]["hidden"] for name in found if QUANTITIES[name].is_printed}
    assert len(hidden) > 6
    assert not any(hidden.values())


def test_a_changed_a_new_and_a_lost_table_are_each_named():
    before, after = {"a": "1", "b": "1", "c": "1"}, {"a": "2", "b": "1", "d": "1"}
    assert differences(before, after) == ["new: d", "gone: c", "changed: a"]


def test_a_long_file_is_stored_as_its_hash_unless_a_person_reads_it():
    long = "a,b\n" * LARGEST_TEXT
    assert kept("public/a.csv", "a,b\n") == "a,b\n"
    assert kept("public/a.csv", long).startswith(f"{LARGEST_TEXT} lines, sha256 ")
    assert kept("public/a.csv", long) != kept("public/a.csv", long.replace("b", "c", 1))
    assert kept("outcomes.csv", long) == long


def test_of_a_page_every_number_counts_and_no_word():
    page = "<p>12 of 1,234 children (0.97 %)</p>"
    numbers = figures_in("report.html", page)
    assert numbers == figures_in("report.html", page.replace("children", "people"))
    assert numbers != figures_in("report.html", page.replace("0.97", "0.98"))
    assert figures_in("table.csv", page) == page
