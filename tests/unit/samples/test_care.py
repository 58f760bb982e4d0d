from samples.implied.care import implied_looked_after, implied_moves, implied_placements, periods
from tests.unit.samples.lives import child, episode, on


def spans(found):
    return [(one.start, one.end) for one in found]


def test_back_to_back_episodes_are_one_period():
    told = child(
        episodes=[
            episode("2022-04-03", "2022-05-01", rec="X1"),
            episode("2022-05-01", "2022-06-01", rne="P"),
        ]
    )
    assert spans(periods(told)) == [(on("2022-04-03"), on("2022-06-01"))]


def test_a_start_opens_a_second_period():
    told = child(
        episodes=[episode("2022-04-03", "2022-04-20"), episode("2022-06-01", "2022-06-09")]
    )
    assert len(periods(told)) == 2


def test_a_gap_opens_a_second_period_even_without_a_start_code():
    told = child(
        episodes=[
            episode("2022-04-03", "2022-04-20", rec="X1"),
            episode("2022-04-21", "2022-06-09", rne="P"),
        ]
    )
    assert spans(periods(told))[1] == (on("2022-04-21"), on("2022-06-09"))


def test_a_period_whose_last_episode_says_x1_and_none_follows_ends_with_it():
    told = child(episodes=[episode("2022-04-03", "2022-05-01", rec="X1")])
    assert spans(periods(told)) == [(on("2022-04-03"), on("2022-05-01"))]
    assert not implied_looked_after(told, on("2022-05-01"))


def test_the_day_care_ends_is_not_a_day_in_care():
    told = child(episodes=[episode("2022-04-03", "2022-05-01")])
    assert implied_looked_after(told, on("2022-04-03"))
    assert implied_looked_after(told, on("2022-04-30"))
    assert not implied_looked_after(told, on("2022-05-01"))


def test_short_breaks_are_never_periods_of_care():
    told = child(
        episodes=[
            episode("2022-04-03", "2022-04-05", ls="V3"),
            episode("2022-05-03", "2022-09-05", ls="V4"),
        ]
    )
    assert periods(told) == []
    assert implied_placements(told) == []


def test_a_change_of_legal_status_alone_is_no_new_placement():
    told = child(
        episodes=[
            episode("2022-04-03", "2022-05-01", ls="C1", rec="X1"),
            episode("2022-05-01", "2022-08-01", rne="L", ls="C2"),
        ]
    )
    assert spans(implied_placements(told)) == [(on("2022-04-03"), on("2022-08-01"))]
    assert list(implied_moves(told)) == []


def test_a_change_of_legal_status_and_carer_is_a_new_placement():
    told = child(
        episodes=[
            episode("2022-04-03", "2022-05-01", ls="C1", rec="X1", reason="CREQB"),
            episode("2022-05-01", "2022-08-01", rne="B", ls="C2"),
        ]
    )
    assert len(implied_placements(told)) == 2
    assert list(implied_moves(told)) == [(on("2022-05-01"), "CREQB")]


def temporary_move(back_to="U6", urn="1030001"):
    return child(
        episodes=[
            episode("2022-04-03", "2022-05-01", rec="X1"),
            episode("2022-05-01", "2022-05-05", rne="P", place="T1", urn="", rec="X1"),
            episode("2022-05-05", "2022-08-01", rne="P", place=back_to, urn=urn),
        ]
    )


def test_coming_back_from_a_temporary_move_continues_the_placement():
    assert spans(implied_placements(temporary_move())) == [(on("2022-04-03"), on("2022-08-01"))]


def test_going_elsewhere_after_a_temporary_move_is_a_new_placement():
    told = implied_placements(temporary_move(urn="1030002"))
    assert spans(told) == [
        (on("2022-04-03"), on("2022-05-01")),
        (on("2022-05-05"), on("2022-08-01")),
    ]


def test_a_temporary_move_counts_among_placement_changes():
    assert [reason for _, reason in implied_moves(temporary_move())] == ["", ""]
