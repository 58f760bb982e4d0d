from dataclasses import replace

import pytest

from schemas.outcomes import OUTCOMES
from schemas.outcomes.reason import FigureReason, first_reason
from schemas.quarter import Quarter
from schemas.returns import table_named
from schemas.rows import AuthorityRows, Bar
from schemas.trial import windows
from tasks.outcomes.maturity import covered_by, gaps, quarters_in, why_not_known

FIRST, LAST = Quarter.parse("2017-18Q1"), Quarter.parse("2026-27Q4")


def quarters(spans):
    return {name: through(first, last) for name, (first, last) in spans.items()}


def through(first, last):
    return frozenset(Quarter.parse(first).through(Quarter.parse(last)))


def covered(sent=None, bars=(), last=LAST, **spans):
    rows = AuthorityRows("E08000030", {}, quarters(spans), quarters(sent or {}), tuple(bars))
    return covered_by(rows, first=FIRST, last=last)


def why_not(outcome, quarter, having):
    return why_not_known(OUTCOMES[outcome], Quarter.parse(quarter).index, covered=having)


def known(outcome, quarter, having):
    return why_not(outcome, quarter, having) is None


def test_part_of_a_quarter_counts_as_one():
    assert [quarters_in(months) for months in (0, 1, 3, 4, 18, 22)] == [0, 1, 1, 2, 6, 8]


@pytest.mark.parametrize(
    ("outcome", "reads", "last"),
    [
        ("cla_18m", "ssda903", "2021-22Q4"),
        ("cla_36m", "ssda903", "2023-24Q2"),
        ("days_in_care_36m_entered", "ssda903", "2023-24Q2"),
        ("cpp_days_24m", "cin_census", "2023-24Q2"),
        ("rereferral_factors_18m", "cin_census", "2021-22Q4"),
        ("plo_to_proceedings_16w", "pre_proceedings", "2022-23Q2"),
        ("unauthorised_absence_3t", "school_attendance", "2021-22Q4"),
    ],
)
def test_a_cohort_figure_needs_its_follow_up_and_one_quarter_more(outcome, reads, last):
    census = dict.fromkeys(("cin_census", "ssda903"), ("2020-21Q1", "2020-21Q1"))
    enough = covered(**{**census, reads: ("2020-21Q1", last)})
    day_before = Quarter.from_index(Quarter.parse(last).index - 1)
    too_little = covered(**{**census, reads: ("2020-21Q1", str(day_before))})
    assert known(outcome, "2020-21Q1", enough)
    assert not known(outcome, "2020-21Q1", too_little)


def test_a_return_missing_in_the_middle_leaves_the_figure_unknown():
    having = covered(cin_census=("2020-21Q1", "2020-21Q1"), ssda903=("2020-21Q1", "2025-26Q4"))
    gap = having.quarters["ssda903"] - {Quarter.parse("2020-21Q4").index}
    assert known("cla_18m", "2020-21Q1", having)
    having = replace(having, quarters={**having.quarters, "ssda903": gap})
    assert why_not("cla_18m", "2020-21Q1", having) is FigureReason.NOT_RETURNED


def test_a_cohort_figure_needs_the_census_up_to_the_quarter_of_referral_only():
    care = {"ssda903": ("2020-21Q1", "2025-26Q4")}
    assert known("cla_18m", "2020-21Q1", covered(**care, cin_census=("2020-21Q1", "2020-21Q1")))
    assert not known("cla_18m", "2020-21Q1", covered(**care, cin_census=("2020-21Q2", "2025-26Q4")))


def without(having, name, first, last):
    """The same, but for quarters for which a return is missing."""
    lost = {quarter.index for quarter in through(first, last)}
    return replace(having, quarters={**having.quarters, name: having.quarters[name] - lost})


def test_who_is_in_a_cohort_rests_on_every_return_of_care_before_the_referral():
    lost = without(covered(**BOTH), "ssda903", "2020-21Q1", "2020-21Q4")
    for outcome in ("cla_18m", "cpp_days_24m"):
        assert known(outcome, "2021-22Q1", covered(**BOTH))
        assert why_not(outcome, "2021-22Q1", lost) is FigureReason.NOT_RETURNED
    assert known("cpp_days_24m", "2019-20Q4", lost)


def test_whose_first_referral_it_is_rests_on_every_census_since_referrals_count():
    having = covered(cin_census=("2017-18Q1", "2024-25Q4"), ssda903=("2017-18Q1", "2024-25Q4"))
    starts = Quarter.containing(windows()["family_safeguarding"].referral_from)
    inside, before = str(starts), str(Quarter.from_index(starts.index - 1))
    later = str(Quarter.from_index(starts.index + 3))
    assert known("cla_18m", later, without(having, "cin_census", before, before))
    lost = without(having, "cin_census", inside, inside)
    assert why_not("cla_18m", later, lost) is FigureReason.NOT_RETURNED


def test_the_first_return_of_one_kind_is_missing_where_the_other_has_begun():
    later = {**BOTH, "ssda903": ("2020-21Q1", "2024-25Q4")}
    assert not known("cla_18m", "2020-21Q2", covered(**later))
    both_later = dict.fromkeys(BOTH, ("2020-21Q1", "2024-25Q4"))
    assert known("cla_18m", "2020-21Q2", covered(**both_later))


def test_factors_can_be_found_at_any_later_time_so_no_later_census_may_be_missing():
    lost = without(covered(**BOTH), "cin_census", "2024-25Q1", "2024-25Q4")
    assert known("rereferral_factors_18m", "2020-21Q1", covered(**BOTH))
    assert why_not("rereferral_factors_18m", "2020-21Q1", lost) is FigureReason.NOT_RETURNED
    assert known("cpp_days_24m", "2020-21Q1", lost)


def test_two_years_with_one_carer_rest_on_the_returns_of_thirty_months_that_had_begun():
    having = covered(**BOTH)
    assert known("placement_long_term", "2019-20Q1", having)
    lost = without(having, "ssda903", "2020-21Q4", "2020-21Q4")
    assert known("placement_long_term", "2020-21Q3", lost)
    for quarter in ("2020-21Q4", "2021-22Q1", "2022-23Q4"):
        assert why_not("placement_long_term", quarter, lost) is FigureReason.NOT_RETURNED
        assert known("placement_long_term", quarter, having)
    # On 30 June 2023 the 30 months back end on 31 December 2020: a start before it is long ago.
    assert not known("placement_long_term", "2023-24Q1", lost)
    assert known("placement_long_term", "2023-24Q2", lost)


def test_coming_back_after_a_plan_needs_both_returns_throughout():
    both = {"ssda903": ("2020-21Q1", "2023-24Q2"), "cin_census": ("2020-21Q1", "2023-24Q2")}
    short = {**both, "cin_census": ("2020-21Q1", "2023-24Q1")}
    assert known("return_after_cpp_36m", "2020-21Q1", covered(**both))
    assert not known("return_after_cpp_36m", "2020-21Q1", covered(**short))


@pytest.mark.parametrize(
    ("outcome", "reads", "first"),
    [
        ("rereferral_12m", "cin_census", "2019-20Q1"),
        ("repeat_cpp_24m", "cin_census", "2018-19Q1"),
        ("placement_moves_3plus", "ssda903", "2019-20Q2"),
        ("cla_rate", "ssda903", "2020-21Q1"),
    ],
)
def test_a_quarter_figure_needs_the_quarter_and_those_it_looks_back_on(outcome, reads, first):
    after = Quarter.parse(first).next()
    assert known(outcome, "2020-21Q1", covered(**{reads: (first, "2020-21Q1")}))
    assert not known(outcome, "2020-21Q2", covered(**{reads: (first, "2020-21Q1")}))
    if str(after) <= "2020-21Q1":
        assert not known(outcome, "2020-21Q1", covered(**{reads: (str(after), "2020-21Q1")}))


def test_reunification_needs_the_delivery_return_as_well_as_the_looked_after_one():
    assert not known("reunification", "2020-21Q1", covered(ssda903=("2020-21Q1", "2020-21Q1")))


@pytest.mark.parametrize(
    ("outcome", "table"), [("sdq_total", "oc2"), ("sdq_high", "oc2"), ("neet", "oc3")]
)
def test_a_return_without_the_table_an_outcome_is_made_of_does_not_count(outcome, table):
    year = ("2020-21Q1", "2020-21Q4")
    assert known(outcome, "2020-21Q4", covered(ssda903=year, sent={table: year}))
    assert not known(outcome, "2020-21Q4", covered(ssda903=year, sent={"uasc": year}))
    assert not known(outcome, "2020-21Q4", covered(sent={table: year}))


def test_a_table_named_as_another_return_does_not_stand_for_it():
    span = ("2020-21Q1", "2020-21Q1")
    assert not known("caseload", "2020-21Q1", covered(sent={"workforce": span}))


LONG = {"ssda903": ("2019-20Q1", "2026-27Q4"), "cin_census": ("2019-20Q1", "2026-27Q4")}
BOTH = {"ssda903": ("2019-20Q1", "2024-25Q4"), "cin_census": ("2019-20Q1", "2024-25Q4")}


def test_what_nobody_was_asked_for_yet_is_not_mature_and_what_was_is_not_returned():
    last = Quarter.parse("2021-22Q3")
    spans = {"ssda903": ("2020-21Q1", "2021-22Q3"), "cin_census": ("2020-21Q1", "2021-22Q3")}
    reason = FigureReason.NOT_MATURE
    assert why_not("cla_18m", "2020-21Q1", covered(last=last, **spans)) is reason
    behind = {**spans, "ssda903": ("2020-21Q1", "2021-22Q2")}
    reason = FigureReason.NOT_RETURNED
    assert why_not("cla_18m", "2020-21Q1", covered(last=last, **behind)) is reason


def test_looking_back_beyond_the_first_returns_is_not_mature():
    reason = FigureReason.NOT_MATURE
    having = covered(cin_census=(str(FIRST), str(LAST)))
    assert why_not("rereferral_12m", "2017-18Q4", having) is reason
    assert known("rereferral_12m", "2018-19Q1", having)


def ids_of(first, last, joined_to="cin_census"):
    reason = FigureReason.IDS_DO_NOT_MATCH
    return Bar(reason, "ssda903", through(first, last), joined_to=joined_to)


def test_ids_that_do_not_match_bar_figures_that_join_the_two_returns_and_need_those_quarters():
    having = covered(bars=[ids_of("2021-22Q4", "2022-23Q3")], **BOTH)
    for outcome in ("cla_18m", "return_after_cpp_36m"):
        assert why_not(outcome, "2020-21Q1", having) is FigureReason.IDS_DO_NOT_MATCH
    assert known("cla_18m", "2019-20Q4", having)
    assert known("cla_rate", "2022-23Q1", having)
    # Care in those quarters is no child's of the census: who had been looked after is not seen.
    assert why_not("cla_18m", "2022-23Q4", having) is FigureReason.IDS_DO_NOT_MATCH


def test_a_cohort_figure_that_reads_the_census_alone_needs_the_care_before_referral_to_match():
    having = covered(bars=[ids_of("2020-21Q2", "2020-21Q2")], **BOTH)
    assert why_not("cpp_days_24m", "2020-21Q2", having) is FigureReason.IDS_DO_NOT_MATCH
    assert known("cpp_days_24m", "2020-21Q1", having)
    away = covered(cin_census=BOTH["cin_census"])
    assert why_not("cpp_days_24m", "2020-21Q2", away) is FigureReason.NOT_RETURNED


def test_a_return_of_another_period_bars_every_figure_made_of_the_return():
    bar = Bar(FigureReason.PERIOD_MISMATCH, "ssda903", through("2022-23Q1", "2022-23Q4"))
    having = covered(bars=[bar], **BOTH)
    for outcome in ("cla_rate", "cla_18m", "placement_moves_3plus"):
        assert why_not(outcome, "2022-23Q1", having) is FigureReason.PERIOD_MISMATCH
    assert known("cpp_start_rate", "2022-23Q1", having)


def test_a_bar_explains_the_quarters_that_are_not_there():
    bar = Bar(FigureReason.RETURN_HELD, "ssda903", through("2024-25Q4", "2024-25Q4"))
    short = {**BOTH, "ssda903": ("2019-20Q1", "2024-25Q3")}
    having = covered(bars=[bar], **short)
    assert why_not("cla_rate", "2024-25Q4", having) is FigureReason.RETURN_HELD
    assert why_not("cla_rate", "2025-26Q1", having) is FigureReason.NOT_RETURNED


def test_rows_set_aside_bar_what_is_made_of_their_table():
    reason = FigureReason.TOO_MANY_SET_ASIDE
    bar = Bar(reason, "cin_census", through("2022-23Q1", "2022-23Q4"), table="cp_plans")
    having = covered(bars=[bar], **BOTH)
    assert why_not("cpp_start_rate", "2022-23Q1", having) is reason
    assert why_not("cpp_days_36m", "2020-21Q1", having) is reason
    assert known("cpp_days_36m", "2023-24Q1", covered(last=LAST, bars=[bar], **LONG))
    assert known("rereferral_12m", "2022-23Q1", having)
    assert known("cla_18m", "2022-23Q1", having)


def test_rows_set_aside_of_who_was_referred_bar_every_cohort_figure_from_that_quarter_on():
    reason = FigureReason.TOO_MANY_SET_ASIDE
    bar = Bar(reason, "cin_census", through("2020-21Q2", "2020-21Q2"), table="referrals")
    having = covered(bars=[bar], **BOTH)
    assert why_not("cla_18m", "2020-21Q2", having) is reason
    assert known("cla_18m", "2020-21Q1", having)
    assert why_not("cla_18m", "2020-21Q3", having) is reason


def test_of_several_reasons_the_first_of_the_list_is_named():
    assert first_reason([]) is None
    backwards = list(FigureReason)[::-1]
    assert first_reason(backwards) is FigureReason.NOT_RETURNED
    assert first_reason(backwards[:3]) is backwards[2]


def test_a_gap_says_which_return_table_and_quarters_are_meant():
    year = ("2020-21Q1", "2020-21Q4")
    having = covered(ssda903=year)
    (gap,) = gaps(OUTCOMES["neet"], Quarter.parse("2020-21Q4").index, covered=having)
    assert (gap.reason, gap.return_name, gap.table) == ("TABLE_NOT_SENT", "ssda903", "oc3")
    assert gap.quarters == {Quarter.parse("2020-21Q4").index}


def test_every_outcome_names_tables_of_the_returns_it_reads():
    for outcome in OUTCOMES.values():
        homes = {table_named(table)[0].name for table in outcome.made_of}
        assert homes
        assert homes <= {*outcome.reads, *outcome.joins}
        assert set(outcome.tables) <= set(outcome.made_of)


def test_every_reason_has_a_sentence_and_what_to_do():
    for reason in FigureReason:
        assert reason.words.endswith(".")
        assert reason.advice.endswith(".")


@pytest.mark.parametrize(
    ("outcome", "is_barred"),
    [("cla_rate", True), ("unplanned_moves", True), ("sdq_total", False), ("neet", False)],
)
def test_years_under_other_ids_bar_what_is_made_of_spells_that_they_tell_again(outcome, is_barred):
    span = ("2019-20Q1", "2021-22Q4")
    own, other = (ids_of(*span, joined_to=name) for name in ("ssda903", "cin_census"))
    sent = {table: span for table in ("oc2", "oc3")}
    having = {bar.joined_to: covered(sent, (bar,), ssda903=span) for bar in (own, other)}
    found = why_not(outcome, "2020-21Q4", having["ssda903"])
    assert found == (FigureReason.IDS_DO_NOT_MATCH if is_barred else None)
    assert known(outcome, "2020-21Q4", having["cin_census"])
