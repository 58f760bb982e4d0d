from schemas.derived import CHANGES_CARER, OPENS_PLACEMENT
from schemas.endings import SPELLS
from tasks.histories.care import care_episodes, days_looked_after, periods_of_care, placements
from tasks.histories.endings import spells_settled
from tasks.histories.persons import persons
from tests.spec.example import rows_sent


def care(text, **more):
    rows = rows_sent(text, **more)
    return care_of(persons(rows.frames)[0]["episodes"], rows.sent["episodes"])


def care_of(episodes, covered):
    return care_episodes(spells_settled(episodes, spell=SPELLS["episodes"], covered=covered))


def dates(rows, *columns):
    return [tuple(str(day)[:10] for day in row) for row in rows[list(columns)].to_numpy()]


def periods(text, **more):
    return dates(periods_of_care(care(text, **more)), "period_start", "period_end")


def placed(text):
    return stays(text, OPENS_PLACEMENT)


def stays(text, opened_by):
    found = placements(care(text), opened_by=opened_by)
    return dates(found, "placement_start", "placement_end")


OPEN = "2999-12-31"


def test_a_move_of_placement_stays_in_the_same_period():
    moved = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-03 | S | 2023-05-01 | X1
        A | 2023-05-01 | P |            |
    """
    assert periods(moved) == [("2023-04-03", OPEN)]
    assert placed(moved) == [("2023-04-03", "2023-05-01"), ("2023-05-01", OPEN)]


def test_start_reason_s_opens_a_period_even_without_a_gap():
    back = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-03 | S | 2023-05-01 | E4A
        A | 2023-05-01 | S | 2023-06-01 | E4A
    """
    assert periods(back) == [("2023-04-03", "2023-05-01"), ("2023-05-01", "2023-06-01")]


def test_a_gap_opens_a_period_whatever_the_reason_says():
    gap = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-03 | S | 2023-05-01 | X1
        A | 2023-05-02 | P | 2023-06-01 | E4A
    """
    assert periods(gap) == [("2023-04-03", "2023-05-01"), ("2023-05-02", "2023-06-01")]


def test_an_x1_that_nothing_follows_ends_on_its_day_once_that_day_has_come_in():
    alone = """
        episodes
        sent_in | child | episode_start | start_reason | episode_end | end_reason
        2023-24Q1 | A | 2023-04-03 | S | {end} | X1
    """
    until_june = {"ssda903": ("2023-24Q1", "2023-24Q1")}
    last, beyond = alone.format(end="2023-06-30"), alone.format(end="2023-07-01")
    assert periods(last, covered=until_june) == [("2023-04-03", "2023-06-30")]
    assert periods(beyond, covered=until_june) == [("2023-04-03", OPEN)]
    until_september = {"ssda903": ("2023-24Q1", "2023-24Q2")}
    assert periods(beyond, covered=until_september) == [("2023-04-03", "2023-07-01")]


def test_an_episode_that_was_never_closed_leaves_no_gap():
    forgotten = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-03 | S |            |
        A | 2023-09-01 | P | 2023-10-01 | E4A
    """
    assert periods(forgotten) == [("2023-04-03", "2023-10-01")]


def test_a_long_episode_bridges_what_follows_a_short_one_inside_it():
    inside = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-01 | S | 2023-08-01 | X1
        A | 2023-05-01 | P | 2023-06-01 | X1
        A | 2023-07-01 | P | 2023-09-01 | E4A
    """
    assert periods(inside) == [("2023-04-01", "2023-09-01")]


def test_short_breaks_neither_open_nor_bridge_a_period():
    respite = """
        episodes
        child | episode_start | start_reason | legal_status | episode_end | end_reason
        A | 2023-04-01 | S | V3 | 2023-04-03 | E8
        A | 2023-05-01 | S | V2 | 2023-06-01 | X1
        A | 2023-06-01 | L | V4 | 2023-07-01 | X1
        A | 2023-07-01 | L | C2 | 2023-08-01 | E4A
    """
    assert periods(respite) == [("2023-05-01", "2023-06-01"), ("2023-07-01", "2023-08-01")]


def test_children_do_not_run_into_each_other():
    two = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-01 | P |            |
        B | 2023-04-02 | P | 2023-05-01 | E4A
    """
    assert len(periods(two)) == 2


def test_overlapping_periods_are_joined_for_counting_days():
    overlap = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-01 | S | 2023-05-01 | E4A
        A | 2023-04-15 | S | 2023-06-01 | E4A
    """
    days = days_looked_after(periods_of_care(care(overlap)))
    assert dates(days, "start", "end") == [("2023-04-01", "2023-06-01")]


def test_a_legal_change_continues_the_placement_unless_it_opens_the_period():
    legal = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-01 | L | 2023-05-01 | X1
        A | 2023-05-01 | L | 2023-06-01 | X1
        A | 2023-06-01 | U | 2023-07-01 | E4A
    """
    assert placed(legal) == [("2023-04-01", "2023-06-01"), ("2023-06-01", "2023-07-01")]


def test_a_move_with_the_same_carer_is_a_placement_and_continues_the_stay():
    moved = """
        episodes
        child | episode_start | start_reason | placement_urn | episode_end | end_reason
        A | 2023-04-01 | S | SC1 | 2023-05-01 | X1
        A | 2023-05-01 | T | SC2 | 2023-06-01 | X1
        A | 2023-06-01 | U | SC3 | 2023-07-01 | X1
        A | 2023-07-01 | B | SC3 |            |
    """
    assert [start for start, _ in placed(moved)] == [
        "2023-04-01",
        "2023-05-01",
        "2023-06-01",
        "2023-07-01",
    ]
    assert stays(moved, CHANGES_CARER) == [("2023-04-01", "2023-07-01"), ("2023-07-01", OPEN)]


def test_a_temporary_placement_is_looked_through_only_on_return_to_the_same_place():
    away = """
        episodes
        child | episode_start | start_reason | placement_code | placement_urn | episode_end | end_reason
        A | 2023-04-01 | S | U6 | SC1 | 2023-05-01 | X1
        A | 2023-05-01 | P | T1 |     | 2023-05-08 | X1
        A | 2023-05-08 | P | U6 | SC1 | 2023-06-01 | X1
        A | 2023-06-01 | P | T2 |     | 2023-06-08 | X1
        A | 2023-06-08 | L | T2 |     | 2023-06-10 | X1
        A | 2023-06-10 | P | U5 | SC1 | 2023-07-01 | E4A
    """
    assert placed(away) == [("2023-04-01", "2023-06-01"), ("2023-06-10", "2023-07-01")]


def test_a_return_to_a_place_without_a_provider_number_continues_it_too():
    home = """
        episodes
        child | episode_start | start_reason | placement_code | placement_urn | episode_end | end_reason
        A | 2023-04-01 | S | P1 |  | 2023-05-01 | X1
        A | 2023-05-01 | P | T1 |  | 2023-05-08 | X1
        A | 2023-05-08 | P | P1 |  |            |
    """
    assert placed(home) == [("2023-04-01", OPEN)]


def test_the_same_place_without_a_temporary_one_between_is_a_new_placement():
    moved = """
        episodes
        child | episode_start | start_reason | episode_end | end_reason
        A | 2023-04-01 | S | 2023-05-01 | X1
        A | 2023-05-01 | P |            |
    """
    assert len(placed(moved)) == 2


def test_a_period_of_temporary_placements_alone_has_no_placement():
    hospital = """
        episodes
        child | episode_start | start_reason | placement_code
        A | 2023-04-01 | S | T1
    """
    assert placed(hospital) == []
    assert periods(hospital) == [("2023-04-01", OPEN)]


def test_no_episodes_are_no_periods_and_no_placements():
    nothing = care_of(persons({})[0]["episodes"], ())
    assert len(periods_of_care(nothing)) == 0
    assert len(placements(nothing, opened_by=OPENS_PLACEMENT)) == 0
