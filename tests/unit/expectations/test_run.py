"""The rules run on whole returns: findings, statuses, and what is set aside."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import expectations.run
from expectations.book import rules_of
from expectations.condition import Verdict
from expectations.run import check_rows
from schemas.errors import PipelineError
from schemas.rows import FINDING_COLUMNS, STATUS_COLUMNS, Unread
from schemas.submission import Reach, RuleStatus
from tests.support.returned import CHILD, EPISODE, looked_after, read_return, sent_for

BACKWARDS = {**EPISODE, "episode_end": "2023-04-02", "end_reason": "E4A"}


def status_of(checked, code, table):
    found = checked.statuses
    (row,) = found[(found["code"] == code) & (found["table"] == table)].to_dict("records")
    return row


def codes(checked):
    return sorted(checked.findings["code"])


def test_a_sound_return_passes_every_rule_that_applies():
    checked = check_rows(looked_after(), sent_for())
    assert codes(checked) == []
    assert set(checked.statuses["status"]) <= {"passed", "not applicable", "not run"}
    assert not checked.has_queries
    assert checked.quarantined == {}


def test_findings_and_statuses_have_the_columns_others_rely_on():
    checked = check_rows(looked_after(episodes=(BACKWARDS,)), sent_for())
    assert tuple(checked.findings.columns) == FINDING_COLUMNS
    assert tuple(checked.statuses.columns) == STATUS_COLUMNS
    assert tuple(check_rows(looked_after(), sent_for()).findings.columns) == FINDING_COLUMNS


def test_a_finding_says_file_row_fields_and_what_was_found_there():
    sound = {**EPISODE, "child_id": "B2"}
    children = (CHILD, {**CHILD, "child_id": "B2"})
    found = check_rows(
        looked_after(children=children, episodes=(sound, BACKWARDS)), sent_for()
    ).findings
    (finding,) = found[found["code"] == "356"].to_dict("records")
    assert finding["file"] == "sent.csv"
    assert finding["row"] == 3
    assert finding["field"] == "DECOM, DEC"
    assert finding["found"] == "DECOM 2023-05-01; DEC 2023-04-02"
    assert (finding["table"], finding["position"]) == ("episodes", 1)


def test_a_rule_of_one_field_finds_the_cell_alone():
    found = check_rows(looked_after(children=({**CHILD, "sex": "X"},)), sent_for()).findings
    assert list(found["found"]) == ["X"]


def test_words_never_carry_a_value():
    found = check_rows(looked_after(children=({**CHILD, "sex": "Zebedee"},)), sent_for()).findings
    assert not found["words"].str.contains("Zebedee").any()


def test_a_broken_record_is_set_aside_and_a_notice_is_not():
    later = {**EPISODE, "child_id": "B2", "episode_start": "2024-04-01"}
    odd = {**EPISODE, "need_code": "N99"}
    children = (CHILD, {**CHILD, "child_id": "B2"})
    checked = check_rows(looked_after(children=children, episodes=(odd, later)), sent_for())
    assert checked.quarantined == {"episodes": [1]}
    assert codes(checked) == ["145", "354"]
    assert not checked.is_rejected


def test_what_reading_found_of_a_record_is_set_aside_too():
    read = looked_after(episodes=(EPISODE, {**EPISODE, "episode_start": "2023-06-01"}))
    told = pd.DataFrame(
        [
            {
                "file": "sent.csv",
                "place": "",
                "row": 3,
                "field": "DEC",
                "code": "DATE_INVALID",
                "severity": "error",
                "reach": "record",
                "words": "DEC is no date.",
                "found": "31/02/2025",
                "table": "episodes",
                "position": 1,
            }
        ]
    )
    checked = check_rows(replace(read, findings=told), sent_for())
    assert checked.quarantined["episodes"] == [1]
    assert "DATE_INVALID" in codes(checked)


def test_a_rule_whose_table_was_not_sent_does_not_apply():
    row = status_of(check_rows(looked_after(), sent_for()), "166", "reviews")
    assert row["status"] == RuleStatus.NOT_APPLICABLE
    assert row["reason"] == "not sent: reviews"


def test_a_rule_of_other_years_does_not_apply():
    row = status_of(check_rows(looked_after(), sent_for("2025-26Q4")), "370", "episodes")
    assert row["status"] == RuleStatus.NOT_APPLICABLE
    assert "2024" in row["reason"]


def test_a_comparison_with_nothing_before_is_not_run():
    row = status_of(check_rows(looked_after(), sent_for()), "203", "children")
    assert row["status"] == RuleStatus.NOT_RUN
    assert "before this quarter" in row["reason"]


def test_a_rule_that_raises_could_not_run_and_its_text_is_not_told(monkeypatch):
    def raising(rows):
        raise ZeroDivisionError("the child is called Zebedee")

    book = tuple(
        replace(r, condition=raising) if r.code == "356" else r for r in rules_of("ssda903")
    )
    monkeypatch.setattr(expectations.run, "rules_of", lambda _name: book)
    checked = check_rows(looked_after(), sent_for())
    row = status_of(checked, "356", "episodes")
    assert (row["status"], row["reason"]) == (RuleStatus.COULD_NOT_RUN, "ZeroDivisionError")
    assert checked.could_not_run
    assert not checked.findings.astype(str).apply(lambda c: c.str.contains("Zebedee")).any().any()


def test_a_rule_that_answers_for_other_rows_than_its_own_could_not_run(monkeypatch):
    def of_children(rows):
        return rows["children"]["birth_date"].isna()

    book = tuple(
        replace(r, condition=of_children) if r.code == "356" else r for r in rules_of("ssda903")
    )
    monkeypatch.setattr(expectations.run, "rules_of", lambda _name: book)
    read = looked_after(episodes=(EPISODE, {**EPISODE, "child_id": "B2"}))
    row = status_of(check_rows(read, sent_for()), "356", "episodes")
    assert row["status"] == RuleStatus.COULD_NOT_RUN


def test_a_rule_the_engine_could_not_judge_could_not_run(monkeypatch):
    monkeypatch.setattr(expectations.run, "verdicts", judged_as(Verdict(holds=False, raised=True)))
    assert check_rows(looked_after(), sent_for()).could_not_run


def test_an_engine_that_disagrees_with_a_condition_stops_the_run(monkeypatch):
    monkeypatch.setattr(expectations.run, "verdicts", judged_as(Verdict(holds=True, raised=False)))
    with pytest.raises(PipelineError, match="356 on episodes"):
        check_rows(looked_after(episodes=(BACKWARDS,)), sent_for())


def judged_as(verdict):
    return lambda _frames, rules: {rule.id: verdict for each in rules.values() for rule in each}


def test_a_cell_that_could_not_be_read_takes_its_row_out_of_a_rule_and_no_other_row():
    first = {**EPISODE, "episode_end": "2023-06-01", "end_reason": "X1"}
    second = {**EPISODE, "episode_start": "2023-06-01", "start_reason": "P", "placement_code": "K2"}
    read = looked_after(episodes=(first, second))
    assert codes(check_rows(read, sent_for())) == ["225"]
    lost = read.frames["episodes"].assign(episode_end=pd.Series([pd.NaT, pd.NaT], dtype="M8[s]"))
    cells = Unread("episode_end", np.array([0, 1]), Reach.NOTICE)
    unread = replace(read, frames={**read.frames, "episodes": lost}, unread={"episodes": (cells,)})
    assert "142" not in codes(check_rows(unread, sent_for())), "its end is there, though unreadable"


def test_every_copy_of_a_child_with_two_births_is_set_aside():
    twin = {**CHILD, "birth_date": "2013-05-14"}
    other = {**CHILD, "child_id": "B2"}
    checked = check_rows(looked_after(children=(CHILD, twin, other)), sent_for())
    assert checked.quarantined["children"] == [0, 1]
    assert codes(checked).count("CHILD_ID_DUPLICATE") == 2


def test_of_an_exact_copy_the_first_is_kept():
    checked = check_rows(looked_after(children=(CHILD, CHILD)), sent_for())
    assert checked.quarantined == {"children": [1]}
    assert codes(checked) == ["INT32"]
    assert not checked.has_queries


def test_of_a_quarter_sent_twice_and_once_blank_the_full_row_is_kept():
    key = {"la_code": "E08000030", "quarter": "2023-24Q4"}
    full = {**key, "fte_days": 625.0, "sickness_days": 20.0, "fte_start": 10.0, "leavers_fte": 0.5}
    full |= {"agency_fte": 1.0, "vacancies_fte": 1.0, "cases": 180.0}
    full |= {"direct_work_hours": 1200.0, "total_hours": 4600.0}
    checked = check_rows(read_return("workforce", workforce=(full, key)), sent_for())
    assert codes(checked) == ["SFP-BLANK"]
    assert checked.quarantined == {"workforce": [1]}


def test_a_missing_table_refuses_the_submission():
    checked = check_rows(looked_after(sent={"children"}, episodes=()), sent_for())
    assert "TABLE_MISSING" in codes(checked)
    assert checked.is_rejected


def test_another_authority_or_year_refuses_the_submission():
    checked = check_rows(looked_after(header={"old_la_code": "330"}), sent_for())
    assert codes(checked) == ["AUTHORITY_MISMATCH"]
    assert checked.is_rejected
    checked = check_rows(looked_after(header={"claimed_year": 2022}), sent_for())
    assert codes(checked) == ["YEAR_MISMATCH"]


def test_an_authority_under_an_earlier_code_of_its_own_is_the_same():
    context = replace(sent_for(), la_code="E08000037")
    assert codes(check_rows(looked_after(header={"la_code": "E08000020"}), context)) == []


def test_too_many_broken_records_refuse_the_submission():
    children = tuple({**CHILD, "child_id": f"C{n}"} for n in range(100))
    episodes = tuple({**EPISODE, "child_id": f"C{n}"} for n in range(100))
    late = {"episode_start": "2024-04-01"}

    def with_late(count):
        broken = tuple({**each, **late} for each in episodes[:count])
        return check_rows(
            looked_after(children=children, episodes=broken + episodes[count:]), sent_for()
        )

    assert not with_late(19).is_rejected
    refused = with_late(20)
    assert refused.is_rejected
    assert codes(refused).count("TOO_MANY_ERRORS") == 1


def test_a_table_that_loses_more_than_a_tenth_is_queried_and_counts_for_no_figure():
    children = tuple({**CHILD, "child_id": f"C{n}"} for n in range(49))
    episodes = tuple({**EPISODE, "child_id": f"C{n}"} for n in range(49))
    late = {"episode_start": "2024-04-01"}

    def with_late(count, of):
        broken = tuple({**each, **late} for each in episodes[:count])
        rows = looked_after(children=children, episodes=broken + episodes[count:of])
        return check_rows(rows, sent_for())

    many = with_late(5, of=49)
    assert not many.is_rejected
    assert many.has_queries
    statuses = many.statuses.set_index(["code", "table"])["status"]
    assert statuses["TOO_MANY_SET_ASIDE", "episodes"] == "failed"
    assert statuses["TOO_MANY_SET_ASIDE", "children"] == "passed"
    assert "TOO_MANY_SET_ASIDE" not in codes(with_late(4, of=20))
    assert "TOO_MANY_SET_ASIDE" not in codes(with_late(4, of=49))


@pytest.mark.parametrize(("late", "status"), [(0, "passed"), (1, "failed"), (5, "passed")])
def test_a_table_that_loses_few_rows_is_counted_and_the_errors_alone_are_told(late, status):
    children = tuple({**CHILD, "child_id": f"C{n}"} for n in range(49))
    episodes = tuple({**EPISODE, "child_id": f"C{n}"} for n in range(49))
    broken = tuple({**each, "episode_start": "2024-04-01"} for each in episodes[:late])
    rows = looked_after(children=children, episodes=broken + episodes[late:])
    checked = check_rows(rows, sent_for())
    found = checked.statuses.set_index(["code", "table"])["status"]
    assert found["ROWS_SET_ASIDE", "episodes"] == status
    assert "ROWS_SET_ASIDE" not in codes(checked)


def test_a_jump_against_the_last_quarter_is_a_query():
    before = {"episodes": many_at_rest(40)}
    checked = check_rows(looked_after(), sent_for(previous=before))
    assert {"CHANGE_LARGE", "SFP-CARE-LOST"} <= set(codes(checked))
    assert not checked.is_rejected
    assert checked.has_queries


def many_at_rest(count):
    frame = looked_after(
        episodes=tuple({**EPISODE, "child_id": f"C{n}"} for n in range(count))
    ).frames["episodes"]
    return frame.drop(columns=["child_id", "home_postcode", "placement_postcode"])


def test_the_same_return_gives_the_same_findings_every_time():
    read = looked_after(episodes=(BACKWARDS, EPISODE), children=({**CHILD, "sex": "X"},))
    first, second = check_rows(read, sent_for()), check_rows(read, sent_for())
    pd.testing.assert_frame_equal(first.findings, second.findings)
    pd.testing.assert_frame_equal(first.statuses, second.statuses)


def test_findings_come_in_order_of_table_row_and_code():
    children = ({**CHILD, "sex": "X", "ethnicity": "?"},)
    found = check_rows(looked_after(children=children, episodes=(BACKWARDS,)), sent_for()).findings
    assert list(found["table"]) == ["children", "children", "episodes", "episodes"]
    assert list(found["code"])[:2] == ["101", "103"]
