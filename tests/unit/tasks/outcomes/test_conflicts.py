from schemas.conflicts import CONFLICTS
from tests.spec.example import outcomes_of, rows_sent


def conflicts(text, **more):
    counts = outcomes_of(rows_sent(text, **more)).conflicts
    assert counts["kind"].tolist() == list(CONFLICTS)
    return {kind: count for kind, count in counts.itertuples(index=False) if count}


def test_nothing_sent_is_no_conflict():
    assert conflicts("referrals\nchild | referral_date") == {}


def test_the_same_episode_word_for_word_in_two_returns_is_merged():
    twice = """
        episodes
        sent_in | child | episode_start | episode_end | end_reason
        2022-23Q4 | A | 2023-03-01 | 2023-03-31 | E4A
        2023-24Q4 | A | 2023-03-01 | 2023-03-31 | E4A
    """
    assert conflicts(twice) == {"episodes_merged": 1}


def test_an_episode_closed_a_year_later_is_counted_as_that():
    closed = """
        episodes
        sent_in | child | episode_start | episode_end | end_reason
        2022-23Q4 | A | 2023-03-01 |            |
        2023-24Q4 | A | 2023-03-01 | 2023-05-31 | E4A
    """
    assert conflicts(closed) == {"episodes_closed_later": 1}


def test_an_end_or_a_start_that_was_changed_is_counted_as_that():
    changed = """
        episodes
        sent_in | child | episode_start | legal_status | episode_end | end_reason
        2022-23Q4 | A | 2023-01-01 | C2 | 2023-03-31 | E4A
        2023-24Q4 | A | 2023-01-01 | C2 | 2023-04-30 | E4A
        2022-23Q4 | B | 2023-01-01 | V2 |            |
        2023-24Q4 | B | 2023-01-01 | C2 | 2023-04-30 | E4A
    """
    assert conflicts(changed) == {"episodes_end_changed": 1, "episodes_start_changed": 1}


def test_two_episodes_of_one_start_in_one_return_are_counted_as_that():
    doubled = """
        episodes
        child | episode_start | placement_code | episode_end
        A | 2023-05-01 | U6 | 2023-06-01
        A | 2023-05-01 | K2 | 2023-06-01
        A | 2023-05-01 | K2 | 2023-06-01
    """
    assert conflicts(doubled) == {"episodes_twice_in_one_return": 1, "episodes_merged": 1}


def test_an_open_episode_missing_from_the_next_year_is_gone_if_that_year_came_in():
    forgotten = """
        children
        sent_in | child
        2022-23Q1 | B

        episodes
        sent_in | child | episode_start
        2021-22Q4 | A | 2022-02-01
        2021-22Q4 | B | 2022-02-01
    """
    gone = {"episodes_gone_with_child": 1, "episodes_gone_alone": 1}
    assert conflicts(forgotten, covered={"ssda903": ("2021-22Q1", "2022-23Q1")}) == gone
    assert conflicts(forgotten, covered={"ssda903": ("2021-22Q1", "2021-22Q4")}) == {}


def test_what_a_later_return_corrects_replaces_or_takes_over_is_counted_as_that():
    changed = """
        episodes
        sent_in | child | episode_start | start_reason | episode_end | end_reason
        2021-22Q4 | A | 2022-02-01 | S |            |
        2022-23Q4 | A | 2022-02-04 | S |            |
        2021-22Q4 | B | 2022-02-01 | P |            |
        2022-23Q4 | B | 2021-11-01 | S |            |
        2021-22Q4 | C | 2022-02-01 | S |            |
        2022-23Q4 | C | 2022-03-01 | P |            |
        2021-22Q4 | D | 2022-02-01 | S | 2022-03-01 | X1
    """
    assert conflicts(changed) == {
        "episodes_corrected": 1,
        "episodes_replaced": 1,
        "episodes_followed": 1,
        "episodes_unfollowed": 1,
    }


def test_plans_child_in_need_episodes_and_missing_spells_go_by_the_same_rules():
    gone = """
        cp_plans
        sent_in | child | cp_plan_start
        2021-22Q4 | A | 2022-02-01

        cin_plans
        sent_in | child | cin_plan_start
        2021-22Q4 | A | 2022-02-01

        referrals
        sent_in | child | referral_date | is_nfa
        2021-22Q4 | A | 2022-02-01 | no
        2021-22Q4 | B | 2022-02-01 | yes

        missing_episodes
        sent_in | child | missing_start
        2021-22Q4 | A | 2022-02-01
    """
    whole = ("2021-22Q1", "2022-23Q4")
    tables = ("cp_plans", "cin_plans", "referrals", "missing_episodes")
    found = conflicts(gone, covered={"ssda903": whole, "cin_census": whole})
    assert found == {f"{table}_gone_with_child": 1 for table in tables}


def test_overlapping_episodes_are_counted():
    overlap = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-05-01 | S | 2023-06-01 | X1
        A | 2023-05-20 | P | 2023-07-01 | E4A
    """
    assert conflicts(overlap) == {"episodes_overlap": 1}


def test_a_shared_id_is_counted_once_however_many_rows_carry_it():
    shared = """
        cin_children
        child | born
        A | 2015-04-02
        A | 2012-11-20
        A | 2012-11-20
    """
    assert conflicts(shared) == {"id_shared_by_two_persons": 1}


def test_rows_that_cannot_be_placed_in_time_are_left_out_and_counted():
    undated = """
        episodes
        child | episode_start
        A |

        school_attendance
        child | academic_year | term | sessions_possible_count | sessions_unauthorised_absence_count
        A | 2023     | autumn | 100 | 1
        A | 2023/24  | winter | 100 | 1
        A | 2023/24  | autumn |     | 1
        A | 2023/24  | spring | 100 | 1
    """
    assert conflicts(undated) == {"rows_without_a_day": 4}


def test_other_rows_told_more_than_once_are_counted_by_table():
    twice = """
        referrals
        sent_in | child | referral_date
        2022-23Q4 | A | 2023-03-01
        2023-24Q4 | A | 2023-03-01

        cp_plans
        sent_in | child | cp_plan_start
        2022-23Q4 | A | 2023-03-01
        2023-24Q4 | A | 2023-03-01

        cin_plans
        sent_in | child | cin_plan_start
        2022-23Q4 | A | 2023-03-01
        2023-24Q4 | A | 2023-03-01

        pre_proceedings
        sent_in | child | first_meeting_date
        2022-23Q4 | A | 2023-03-01
        2023-24Q4 | A | 2023-03-01
    """
    kinds = ("referrals_merged", "cp_plans_merged", "cin_plans_merged", "meetings_merged")
    assert conflicts(twice) == dict.fromkeys(kinds, 1)


def test_an_episode_that_starts_on_the_day_another_ends_does_not_overlap_it():
    next_day = """
        episodes
        child | episode_start | episode_end | end_reason
        A | 2023-05-01 | 2023-06-01 | X1
        A | 2023-06-01 | 2023-07-01 | E4A
    """
    assert conflicts(next_day) == {}
    assert conflicts(next_day.replace("2023-06-01 | X1", "2023-06-02 | X1")) == {
        "episodes_overlap": 1
    }
