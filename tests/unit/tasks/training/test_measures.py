"""What is worked out from forms at rest, on a few people at a time."""

import pandas as pd
import pytest

from schemas.training import STATUSES, TABLE_COLUMNS
from tasks.training.authority import authority_training, training_csv
from tasks.training.forms import forms_of
from tests.support.forms import (
    at_rest,
    authority_rows,
    figure,
    is_blank,
    learning,
    measured,
    register,
)

CHECK = (1, 1, 0, 2, 1, 0, 1, 1, -1, 2)
CHANGE = "learning_self_assessment_mean_change"
PEOPLE = range(1, 11)


def before_and_after(changes=CHECK, **more):
    pre = at_rest("pre", *(learning(n, 2, **more) for n in range(1, len(changes) + 1)))
    post = at_rest(
        "post", *(learning(n, 2 + change, **more) for n, change in enumerate(changes, start=1))
    )
    return {"pre": pre, "post": post}


def table_of(**frames):
    return authority_training(authority_rows(**frames))


def test_the_table_has_the_columns_of_the_contract_and_no_other_status():
    table = table_of(**before_and_after(), attendance=register(*PEOPLE))
    assert tuple(table.columns) == TABLE_COLUMNS
    assert set(table["status"]) <= set(STATUSES)
    assert training_csv(table).splitlines()[0] == ",".join(TABLE_COLUMNS)


def test_the_check_vector_comes_through_from_forms_to_table():
    found = figure(table_of(**before_and_after(), attendance=register(*PEOPLE)), CHANGE)
    assert (found["value"], found["n"], found["status"]) == (pytest.approx(0.8), 10, "ok")
    assert found["low"] == pytest.approx(0.142632, abs=5e-7)
    assert found["high"] == pytest.approx(1.457368, abs=5e-7)


def test_an_authority_that_sent_nothing_has_no_rows():
    assert len(table_of()) == 0
    assert tuple(table_of().columns) == TABLE_COLUMNS


def test_fewer_than_ten_people_are_described_without_interval_or_test():
    changes = CHECK[:9]
    table = table_of(**before_and_after(changes), attendance=register(*range(1, 10)))
    found = figure(table, CHANGE)
    assert found["status"] == "few"
    assert is_blank(found["low"])
    assert "learning_self_assessment_t_p" not in measured(table)


def test_when_most_of_those_who_came_cannot_be_followed_figures_are_described():
    table = table_of(**before_and_after(), attendance=register(*range(1, 18)))
    assert figure(table, CHANGE)["status"] == "low_response"
    assert is_blank(figure(table, CHANGE)["high"])
    assert figure(table, "response_post")["value"] == pytest.approx(10 / 17)


def test_without_a_register_response_is_not_known_and_counts_as_low():
    table = table_of(**before_and_after())
    assert figure(table, CHANGE)["status"] == "low_response"
    assert figure(table, "response_post")["status"] == "x"
    assert is_blank(figure(table, "response_post")["value"])


def test_what_was_not_sent_is_not_available_and_never_zero():
    table = table_of(**before_and_after())
    unknown = table[table["status"] == "x"]
    assert {"attended", "response_pre", "response_post"} <= set(unknown["measure"])
    assert unknown["value"].isna().all()


def test_someone_who_was_entered_and_did_not_come_is_not_asked():
    absent = register(*PEOPLE, 99)
    absent.loc[absent["participant_id"] == 99, "attended"] = False
    table = table_of(**before_and_after(), attendance=absent)
    assert figure(table, "attended")["value"] == 10


def test_a_form_without_a_participant_counts_as_returned_and_stays_unmatched():
    frames = before_and_after()
    frames["post"].loc[0, "participant_id"] = 0
    table = table_of(**frames, attendance=register(*PEOPLE))
    assert figure(table, "response_post")["value"] == 1
    assert figure(table, CHANGE)["n"] == 9
    assert figure(table, "learning_only_after")["value"] == 1
    assert figure(table, "learning_only_before_self_assessment_mean")["value"] == 2


def test_of_two_forms_of_one_person_the_last_counts():
    post = at_rest("post", learning(1, 5, completed_date="2024-02-01"),
                   learning(1, 3, completed_date="2024-03-01"))  # fmt: skip
    forms = forms_of({"training_post": post})
    assert forms["post"]["self_assessment_number"].tolist() == [3.0]


def test_the_composite_compares_only_items_answered_both_times():
    pre = at_rest("pre", learning(1, 2))
    post = at_rest("post", learning(1, 3) | {"knowledge_tools": None, "skill_tools": "PNTS"})
    pre.loc[0, ["knowledge_tools", "skill_tools"]] = "5"
    found = figure(table_of(pre=pre, post=post), CHANGE)
    assert found["value"] == 1


def test_a_person_who_left_out_most_items_has_no_composite():
    post = at_rest("post", learning(1, None) | {"knowledge_tools": "5", "skill_tools": "5"})
    table = table_of(pre=at_rest("pre", learning(1, 2)), post=post)
    assert CHANGE not in measured(table)
    assert figure(table, "learning_skill_tools_mean_change")["value"] == 3


def test_over_all_modules_a_person_counts_once_with_the_mean_of_their_changes():
    pre = at_rest("pre", learning(1, 2), learning(1, 2, module="planning"))
    post = at_rest("post", learning(1, 3), learning(1, 5, module="planning"))
    table = table_of(pre=pre, post=post)
    found = figure(table, CHANGE, module="all", cohort="all")
    assert (found["value"], found["n"]) == (2, 1)


def test_items_are_adjusted_for_being_several_and_the_composite_is_not():
    frames = before_and_after()
    frames["post"]["skill_tools"] = [str(2 + c) for c in (1, 1, 1, 2, 1, 1, 1, 1, 0, 2)]
    table = table_of(**frames, attendance=register(*PEOPLE))
    raw = figure(table, "learning_skill_tools_t_p")["value"]
    assert figure(table, "learning_skill_tools_t_p_holm")["value"] == pytest.approx(6 * raw)
    assert "learning_self_assessment_t_p_holm" not in measured(table)


def test_six_months_on_the_kept_gain_is_what_is_left_of_the_first():
    frames = before_and_after((2,) * 5 + (1,) * 5)
    review = at_rest("review", *(learning(n, 3) for n in PEOPLE))
    table = table_of(**frames, review=review, attendance=register(*PEOPLE))
    name = "retention_self_assessment"
    assert figure(table, f"{name}_mean_change")["value"] == -0.5
    assert figure(table, f"{name}_kept_gain")["value"] == pytest.approx(1 / 1.5)
    assert figure(table, f"{name}_above_start")["value"] == 1


def test_a_cohort_whose_review_is_not_yet_due_is_not_counted_as_silent():
    frames = before_and_after()
    review = at_rest("review", *(learning(n, 3, cohort="1") for n in PEOPLE))
    later = register(*range(20, 60), cohort="2")
    both = pd.concat([register(*PEOPLE), later], ignore_index=True)
    table = table_of(**frames, review=review, attendance=both)
    assert figure(table, "response_review", cohort="all")["value"] == 1


def session_forms(recommends, relevant=None, session="1"):
    rows = [
        {"session": session, "recommend": str(one), "relevant": relevant or "4"}
        for one in recommends
    ]
    return at_rest("session", *rows)


def test_promoters_less_detractors_is_the_net_promoter_score():
    sessions = session_forms([10, 9, 9, 8, 7, 6, 0, 10, 10, 5])
    table = table_of(session=sessions, attendance=register(*PEOPLE))
    assert figure(table, "nps")["value"] == pytest.approx(100 * (5 - 3) / 10)
    assert figure(table, "nps_promoters")["value"] == 0.5
    assert figure(table, "nps")["status"] == "ok"


def test_who_prefers_not_to_say_is_told_from_who_left_a_blank():
    sessions = session_forms(["10", "PNTS", "9"])
    sessions.loc[2, "recommend"] = None
    table = table_of(session=sessions)
    assert figure(table, "reaction_recommend_prefer_not_to_say")["value"] == pytest.approx(1 / 3)
    assert figure(table, "reaction_recommend_blank")["value"] == pytest.approx(1 / 3)
    assert figure(table, "nps")["n"] == 1


def test_the_shares_of_a_distribution_add_up_to_one():
    sessions = session_forms([9] * 4)
    sessions["relevant"] = ["1", "4", "5", "5"]
    table = table_of(session=sessions)
    shares = [figure(table, f"reaction_relevant_share_{n}")["value"] for n in range(1, 6)]
    assert shares == [0.25, 0, 0, 0.25, 0.5]
    assert figure(table, "reaction_relevant_top_two")["value"] == 0.75


def test_roles_stand_in_the_measure():
    frames = before_and_after(role="manager")
    table = table_of(**frames, attendance=register(*PEOPLE, role="manager"))
    assert figure(table, f"{CHANGE}:manager", cohort="all")["value"] == pytest.approx(0.8)
    assert f"{CHANGE}:manager" not in measured(table, cohort="1")


def test_audits_before_and_after_are_two_groups_of_files():
    audits = at_rest(
        "audit",
        *({"audit_period": "before", "workings_out": grade} for grade in "1122121212"),
        *({"audit_period": "after", "workings_out": grade} for grade in "3434343433"),
    )
    table = table_of(audit=audits)
    assert figure(table, "audit_workings_out_before_good_share")["value"] == 0
    assert figure(table, "audit_workings_out_after_good_share")["value"] == 1
    assert figure(table, "audit_workings_out_difference")["value"] == pytest.approx(1.9)
    assert figure(table, "audit_workings_out_difference")["low"] > 0


def test_tools_are_shares_of_those_who_answered_and_none_is_an_answer():
    review = at_rest(
        "review",
        learning(1, 3, tools="ecomap|genogram"),
        learning(2, 3, tools="none"),
        learning(3, 3, tools="genogram"),
        learning(4, 3),
    )
    table = table_of(review=review)
    assert figure(table, "review_tools_any")["value"] == pytest.approx(2 / 3)
    assert figure(table, "review_tools_genogram")["n"] == 3


def test_themes_are_counted_by_form_and_by_whether_they_helped():
    sessions = session_forms([9, 9, 9])
    sessions["helped_themes"] = ["reflection|tools_materials", "reflection", None]
    table = table_of(session=sessions)
    found = figure(table, "theme_helped_reflection")
    assert (found["value"], found["n"]) == (2, 2)
    assert "theme_hindered_reflection" not in measured(table)


def test_the_order_of_rows_does_not_matter():
    frames = before_and_after()
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in frames.items()}
    here = training_csv(table_of(**frames, attendance=register(*PEOPLE)))
    assert here == training_csv(table_of(**turned, attendance=register(*PEOPLE)))
