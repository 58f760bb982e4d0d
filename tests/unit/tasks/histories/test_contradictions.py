import numpy as np
import pytest

from tasks.histories.contradictions import (
    Contradiction,
    SpellsTold,
    mentioned,
    spell_verdicts,
)
from tasks.histories.dates import FOREVER

OPEN = str(FOREVER)
UNTIL = ("2022-04-01", "2023-04-01", "2024-04-01")
"""The first day that the first return does not cover, the earlier does not, the later does not."""


def days(texts):
    return np.array(texts, dtype="datetime64[s]")


def verdicts(*told, straight_on=(True, True, False)):
    """Return kind, end and goes_on of one child's spells, told as start, end, return, reason."""
    ordered = sorted(told)
    start, ends, place, reason = (np.array(column) for column in zip(*ordered, strict=True))
    child = np.zeros(len(ordered), np.int64)
    found = spell_verdicts(
        SpellsTold(
            person=child,
            start=days(start),
            ends=days(ends),
            place=place,
            reason=np.unique(reason, return_inverse=True)[1],
            continues=reason != "S",
            until=days(UNTIL),
            goes_straight_on=np.array(straight_on),
            mentions=mentioned(child, days(start), place),
            is_ended=True,
        )
    )
    kinds = [Contradiction(kind).name for kind in found.kind]
    ends = [str(end)[:10] for end in found.ends]
    return list(zip(kinds, ends, found.goes_on.tolist(), strict=True))


def first(start, end=OPEN, reason="S"):
    return start, end, 0, reason


def earlier(start, end=OPEN, reason="S"):
    return start, end, 1, reason


def later(start, end=OPEN, reason="S"):
    return start, end, 2, reason


@pytest.mark.parametrize(
    ("moved_to", "kind"), [("2023-02-01", "CORRECTED"), ("2023-02-02", "FOLLOWED")]
)
def test_a_start_moved_by_31_days_is_corrected_and_by_32_is_another_one(moved_to, kind):
    found = verdicts(earlier("2023-01-01"), later(moved_to))
    assert [one[0] for one in found] == [kind, "NONE"]


@pytest.mark.parametrize(
    ("moved_to", "kind"), [("2023-03-31", "CORRECTED"), ("2023-04-01", "FOLLOWED")]
)
def test_after_a_year_not_returned_a_start_that_the_return_could_not_have_is_another(
    moved_to, kind
):
    told = earlier("2023-03-20", reason="P"), later(moved_to, reason="P")
    found = verdicts(*told, straight_on=(True, False, False))
    assert [one[0] for one in found] == [kind, "NONE"]
    assert [one[0] for one in verdicts(*told)] == ["CORRECTED", "NONE"]


@pytest.mark.parametrize(("end", "kind"), [("2023-01-10", "NONE"), ("2023-01-11", "CORRECTED")])
def test_what_ended_on_the_day_another_begins_is_not_the_other_one(end, kind):
    found = verdicts(earlier("2023-01-01", end), later("2023-01-10"))
    assert [one[0] for one in found] == [kind, "NONE"]


@pytest.mark.parametrize(("end", "kind"), [("2023-02-01", "NONE"), ("2023-02-02", "REPLACED")])
def test_one_that_ends_on_the_day_another_begins_does_not_replace_it(end, kind):
    found = verdicts(later("2022-12-01", end), earlier("2023-02-01", "2023-02-10"))
    assert [one[0] for one in found] == ["NONE", kind]


@pytest.mark.parametrize(
    ("begins", "kind", "end"),
    [("2023-03-31", "FOLLOWED", "2023-03-31"), ("2023-04-01", "GONE", "2023-04-01")],
)
def test_what_begins_after_all_that_a_return_covers_does_not_follow_its_open_spell(
    begins, kind, end
):
    assert verdicts(earlier("2022-05-01"), later(begins))[0] == (kind, end, False)


def test_what_goes_on_from_an_open_spell_follows_it_whenever_it_begins():
    found = verdicts(earlier("2022-05-01"), later("2023-09-01", reason="P"))
    assert found[0] == ("FOLLOWED", "2023-09-01", True)


def test_an_open_spell_goes_on_only_where_nothing_in_its_own_return_came_first():
    found = verdicts(earlier("2022-05-01"), earlier("2022-08-01"), later("2023-01-01", reason="P"))
    assert found == [
        ("FOLLOWED", "2022-08-01", False),
        ("FOLLOWED", "2023-01-01", True),
        ("NONE", "2999-12-31", False),
    ]


def test_a_closed_spell_is_followed_by_what_begins_before_its_end_and_not_on_it():
    before = verdicts(earlier("2022-05-01", "2022-09-01"), later("2022-08-31"))
    on_the_day = verdicts(earlier("2022-05-01", "2022-09-01"), later("2022-09-01"))
    assert before[0] == ("FOLLOWED", "2022-08-31", False)
    assert on_the_day[0] == ("NONE", "2022-09-01", False)


@pytest.mark.parametrize("reason", ["P", "L"])
@pytest.mark.parametrize("told_in", [first, earlier])
def test_what_ended_on_a_start_that_moves_on_ends_where_it_moves_to(reason, told_in):
    found = verdicts(
        told_in("2022-01-01", "2023-03-10"),
        earlier("2023-03-10", reason=reason),
        later("2023-03-15", reason=reason),
    )
    assert [one[:2] for one in found] == [
        ("NONE", "2023-03-15"),
        ("CORRECTED", OPEN[:10]),
        ("NONE", OPEN[:10]),
    ]


def test_what_ended_on_a_start_that_moves_back_is_followed_there():
    found = verdicts(
        earlier("2022-11-01", "2023-03-10"),
        earlier("2023-03-10", reason="P"),
        later("2023-03-05", reason="P"),
    )
    assert [one[:2] for one in found] == [
        ("FOLLOWED", "2023-03-05"),
        ("NONE", OPEN[:10]),
        ("CORRECTED", OPEN[:10]),
    ]


@pytest.mark.parametrize(
    ("end", "reason", "told_in"),
    [
        ("2023-03-09", "P", earlier),
        ("2023-03-11", "P", earlier),
        ("2023-03-10", "S", earlier),
        ("2023-03-10", "P", later),
    ],
    ids=["ends before", "ends after", "period opens", "later word"],
)
def test_only_what_ended_at_once_before_one_that_goes_on_from_it_is_led_on(end, reason, told_in):
    found = verdicts(
        told_in("2022-11-01", end),
        earlier("2023-03-10", reason=reason),
        later("2023-03-15", reason=reason),
    )
    assert found[0][:2] == ("NONE", end)


def test_what_ended_on_a_start_is_led_on_whatever_lies_between():
    found = verdicts(
        earlier("2022-11-01", "2023-03-10"),
        earlier("2023-03-01", "2023-03-08", reason="L"),
        earlier("2023-03-10", reason="P"),
        later("2023-03-15", reason="P"),
    )
    assert [one[1] for one in found[:2]] == ["2023-03-15", "2023-03-08"]


def test_two_corrections_lead_on_to_the_last():
    found = verdicts(
        first("2021-11-01", "2022-03-10"),
        first("2022-03-10", reason="P"),
        earlier("2022-03-15", reason="P"),
        later("2022-03-20", reason="P"),
    )
    assert [one[0] for one in found] == ["NONE", "CORRECTED", "CORRECTED", "NONE"]
    assert found[0][1] == "2022-03-20"


def test_one_later_spell_corrects_the_last_of_several():
    found = verdicts(
        earlier("2023-03-01", "2023-03-10"),
        earlier("2023-03-10", "2023-03-20", reason="P"),
        earlier("2023-03-20", reason="P"),
        later("2023-03-15", reason="P"),
    )
    assert [one[:2] for one in found] == [
        ("NONE", "2023-03-10"),
        ("FOLLOWED", "2023-03-15"),
        ("NONE", OPEN[:10]),
        ("CORRECTED", OPEN[:10]),
    ]


def test_one_later_spell_corrects_the_last_of_several_with_one_for_another_reason_between_them():
    found = verdicts(
        earlier("2023-03-01", "2023-03-12", reason="P"),
        earlier("2023-03-12", "2023-03-20", reason="L"),
        earlier("2023-03-20", reason="P"),
        later("2023-03-10", reason="P"),
    )
    assert [one[:2] for one in found] == [
        ("FOLLOWED", "2023-03-10"),
        ("NONE", OPEN[:10]),
        ("REPLACED", "2023-03-20"),
        ("CORRECTED", OPEN[:10]),
    ]


def test_of_two_later_starts_that_could_be_it_the_last_is_it():
    found = verdicts(
        earlier("2022-11-01", "2023-03-10"),
        earlier("2023-03-10", reason="P"),
        later("2023-03-05", "2023-03-15", reason="P"),
        later("2023-03-15", reason="P"),
    )
    assert [one[0] for one in found] == ["FOLLOWED", "NONE", "CORRECTED", "NONE"]
    both = verdicts(
        earlier("2023-03-01", "2023-03-09"),
        earlier("2023-03-10"),
        later("2023-03-05", "2023-03-15"),
        later("2023-03-15"),
    )
    assert [one[0] for one in both] == ["CORRECTED", "NONE", "CORRECTED", "NONE"]


def test_two_of_a_kind_that_knows_no_start_reason_are_not_one_because_a_later_start_is_near_both():
    found = verdicts(
        earlier("2023-03-01", "2023-03-12"), earlier("2023-03-20"), later("2023-03-10")
    )
    assert [one[:2] for one in found] == [
        ("FOLLOWED", "2023-03-10"),
        ("NONE", OPEN[:10]),
        ("CORRECTED", OPEN[:10]),
    ]
