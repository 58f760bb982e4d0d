"""What the proof about editions one after another would notice."""

import csv
import io

import pytest

from benchmarks.soak.editions import moved_by_few
from tasks.publish.ees import IDENTIFIERS

MEASURES = ("numerator", "denominator", "percentage", "authorities_counted")
HEADS = (*IDENTIFIERS, "outcome", "practice_model", *MEASURES)
CARE = "data/care_and_protection_yearly.csv"


def edition(numerator, denominator="412", *, path=CARE, counted="1", outcome="entries"):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    share = "x" if numerator == "c" else "9.9"
    writer.writerow((*IDENTIFIERS, outcome, "", numerator, denominator, share, counted))
    return {path: text.getvalue().encode()}


@pytest.mark.parametrize("now", ["40", "45", "35", "30"])
def test_a_count_that_moved_by_up_to_five_is_found(now):
    moved = moved_by_few(edition("40"), edition(now))
    few = 0 < abs(int(now) - 40) <= 5
    assert moved == ([f"{CARE}, numerator: 1"] if few else [])


def test_a_denominator_counts_too():
    assert moved_by_few(edition("40"), edition("40", "411")) == [f"{CARE}, denominator: 1"]


@pytest.mark.parametrize("other", [{"outcome": "exits"}, {"path": "data/workforce_yearly.csv"}])
def test_another_figure_and_figures_of_staff_are_left_alone(other):
    assert moved_by_few(edition("40", **other), edition("41", path=other.get("path", CARE))) == []


def test_a_count_that_is_hidden_in_one_has_moved_by_nothing_known():
    assert moved_by_few(edition("6"), edition("c")) == []


def test_a_total_over_other_authorities_is_another_total():
    assert moved_by_few(edition("40"), edition("41", counted="2")) == []
