from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from schemas.outcomes import OUTCOMES
from schemas.outcomes.outcome import Statistic
from tasks.outcomes.authority import authority_outcomes, outcome_csv
from tests.properties.returned_rows import FIRST, LA_CODES, LAST, authority, both, drawn

FEW = st.integers(1, 4)
OTHERS = st.integers(101, 104)
KEY = ["outcome", "model", "la_code", "quarter"]
BOTH = ["numerator", "denominator"]
SHARES = [
    "cla_18m",
    "cla_36m",
    "kinship_18m",
    "reunified_18m",
    "placement_moves_3plus",
    "placement_long_term",
    "unplanned_moves",
    "return_after_cpp_36m",
    "repeat_cpp",
    "repeat_cpp_24m",
    "rereferral_factors_18m",
    "rereferral_12m",
    "plo_to_proceedings_16w",
    "neet",
    "sdq_high",
]
# One run over all outcomes takes about a tenth of a second: shrinking would take minutes.
some = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def result(rows, la_code):
    return authority_outcomes(authority(rows, la_code), first=FIRST, last=LAST)


def same(left, right):
    assert outcome_csv(left.outcomes) == outcome_csv(right.outcomes)
    assert_frame_equal(left.cohort, right.cohort)
    assert_frame_equal(left.conflicts, right.conflicts)


@some
@given(drawn(FEW), st.sampled_from(LA_CODES), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_immaterial_to_every_figure(rows, la_code, random):
    shuffled = {name: random.sample(found, len(found)) for name, found in rows.items()}
    same(result(shuffled, la_code), result(rows, la_code))


@some
@given(drawn(FEW), st.sampled_from(LA_CODES))
def test_the_order_in_which_returns_arrive_is_immaterial_to_every_figure(rows, la_code):
    arrived = {
        name: sorted(found, key=lambda row: row["quarter"], reverse=True)
        for name, found in rows.items()
    }
    same(result(arrived, la_code), result(rows, la_code))


@some
@given(drawn(FEW), drawn(OTHERS), st.sampled_from(LA_CODES))
def test_an_unrelated_child_changes_nothing_for_the_others(rows, others, la_code):
    alone = result(rows, la_code).cohort
    together = result(both(rows, others), la_code).cohort
    ours = together[together["person_id"].isin(alone["person_id"])].reset_index(drop=True)
    assert_frame_equal(ours, alone)


@some
@given(drawn(FEW), drawn(OTHERS), st.sampled_from(LA_CODES))
def test_every_child_adds_what_it_would_bring_alone(rows, others, la_code):
    one, two = (result(each, la_code).outcomes.set_index(KEY) for each in (rows, others))
    together = result(both(rows, others), la_code).outcomes.set_index(KEY)
    names = together.index.get_level_values("outcome")
    summed = [o.statistic is Statistic.RATIO and o.scale == 1 for o in map(OUTCOMES.get, names)]
    added = one[BOTH].add(two[BOTH])
    assert_frame_equal(added[summed], together.loc[summed, BOTH])


@some
@given(drawn(FEW), st.sampled_from(LA_CODES))
def test_a_share_lies_between_none_and_all(rows, la_code):
    table = result(rows, la_code).outcomes
    shares = table[table["outcome"].isin(SHARES) & (table["status"] == "ok")]
    assert ((shares["numerator"] >= 0) & (shares["numerator"] <= shares["denominator"])).all()


@some
@given(drawn(FEW), st.sampled_from(LA_CODES))
def test_longer_windows_hold_at_least_what_shorter_ones_do(rows, la_code):
    cohort = result(rows, la_code).cohort
    for shorter, longer in (
        ("cla_18m", "cla_36m"),
        ("days_in_care_18m", "days_in_care_36m"),
    ):
        mature = cohort[longer].notna()
        assert (cohort.loc[mature, longer] >= cohort.loc[mature, shorter]).all()
