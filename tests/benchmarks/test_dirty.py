"""How figures on dirty returns are held against the truth, and that no wrong one is passed."""

import pytest

from benchmarks.dirty import compared

OK = {"numerator": "2", "denominator": "4", "value": "0.5", "status": "ok", "reason": ""}
OTHER = OK | {"numerator": "1", "value": "0.25"}
NONE = dict.fromkeys(OK, "") | {"status": "x"}
ASIDE = {"reason": "ROWS_SET_ASIDE"}
REFUSED = NONE | {"reason": "RETURN_REFUSED"}
ZERO = {"numerator": "0", "denominator": "0", "value": "", "status": "z", "reason": ""}


def row(figure, outcome="cla_rate"):
    key = {"outcome": outcome, "model": "all", "la_code": "E08000030", "quarter": "2022-23Q1"}
    return key | figure


def fault(reason, name="ssda903"):
    planted = {"la_code": "E08000030", "return": name, "reason": reason, "fault": "file_missing"}
    return [planted] if reason else [planted | {"reason": ""}]


@pytest.mark.parametrize(
    ("found", "true", "expected", "faults", "verdict"),
    [
        (OK, OK, OK, fault(""), "equal"),
        (REFUSED, OK, REFUSED, fault("RETURN_REFUSED"), "as planted"),
        (OTHER, OK, OTHER, fault("episodes_gone_with_child"), "as planted"),
        (OK, OK, REFUSED, fault("RETURN_REFUSED"), "given in spite of a fault"),
        (REFUSED, OK, OK, fault("RETURN_REFUSED"), "not given because of a fault"),
        (OTHER | ASIDE, OK, OK, fault("unforeseen"), "given with a word"),
    ],
)
def test_what_passes(found, true, expected, faults, verdict):
    result = compared([row(found)], [row(true)], [row(expected)], faults)
    assert result.counts == {verdict: 1}
    assert not result.different
    assert not result.unexplained


@pytest.mark.parametrize("found", [OTHER, ZERO])
@pytest.mark.parametrize("expected", [OK, REFUSED])
def test_another_value_than_the_true_one_is_wrong_whatever_was_planted(found, expected):
    result = compared([row(found)], [row(OK)], [row(expected)], fault("RETURN_REFUSED"))
    assert [one.found for one in result.different] == [row(found)]
    assert "cla_rate all E08000030 2022-23Q1" in result.different[0].words
    assert "instead of 2/4 ok; planted: file_missing" in result.different[0].words


@pytest.mark.parametrize(
    "faults", [fault(""), fault("IDS_DO_NOT_MATCH"), fault("RETURN_REFUSED", "workforce")]
)
def test_a_figure_that_is_missing_for_a_reason_not_planted_in_its_returns_is_named(faults):
    result = compared([row(REFUSED)], [row(OK)], [row(OK)], faults)
    assert [one.found for one in result.unexplained] == [row(REFUSED)]


def test_a_row_that_is_missing_or_too_many_is_wrong():
    with pytest.raises(ValueError, match="1 rows, needs 2"):
        compared([row(OK)], [row(OK), row(OK, "neet")], [row(OK), row(OK, "neet")], fault(""))
