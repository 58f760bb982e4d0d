"""Facts and rows in, a verdict and an answer out: no root, no ledger, no clock."""

from dataclasses import replace

import pytest

from schemas.errors import UnreadableError
from schemas.quarter import Quarter
from schemas.submission import State, Submission, SubmittedFile
from tasks.answer import pack_files
from tasks.read import FileToRead
from tasks.validate.judge import judge, refused_before, rows_sent, tables_to_keep, unreadable
from tasks.validate.reply import answer_to, module_feedback
from tests.support.files import MEETINGS
from tests.support.returned import CHILD, EPISODE, LA_CODE, looked_after, read_return
from warehouse.ledger import InForce, Recorded
from warehouse.submission_facts import SubmissionFacts, VersionBefore

QUARTER = Quarter.parse("2023-24Q4")
GIVEN = Submission(
    id="f" * 16,
    la_code=LA_CODE,
    return_name="ssda903",
    quarter=QUARTER,
    version=2,
    files=(SubmittedFile("sent.csv", "a" * 64, 10, "episodes"),),
)
FACTS = SubmissionFacts(GIVEN, received_at="2024-05-01T10:00:00+00:00")
STARTS_TOO_LATE = {**EPISODE, "child_id": "B2", "episode_start": "2024-04-01"}
TWO_CHILDREN = (CHILD, {**CHILD, "child_id": "B2"})


def known(domain, ids):
    """Return invented pseudonyms: the place of the identifier; 0 for an empty one."""
    return {one: place + 1 if one else 0 for place, one in enumerate(ids)}


def judged(read, given=GIVEN, **compared):
    compared = {"previous": {}, "replaced": {}} | compared
    return judge(replace(given, return_name=read.return_name), read, known=known, **compared)


def kept(found):
    by_kind = tables_to_keep(found, known).by_kind
    return {
        (kind, name): rows.num_rows
        for kind, tables in by_kind.items()
        for name, rows in tables.items()
    }


def with_texts_for_dates():
    read = looked_after()
    broken = read.frames["episodes"].assign(episode_start="x")
    return replace(read, frames={**read.frames, "episodes": broken})


def test_a_return_without_findings_is_accepted_and_kept_whole():
    found = judged(looked_after())
    assert (found.decision.state, found.decision.reason_code) == (State.ACCEPTED, "")
    assert (found.decision.row_counts, found.decision.child_count) == (
        {"children": 1, "episodes": 1},
        1,
    )
    assert kept(found) == {("accepted", "children"): 1, ("accepted", "episodes"): 1}


def test_a_broken_row_is_set_aside_and_the_rest_accepted_with_queries():
    found = judged(looked_after(children=TWO_CHILDREN, episodes=(EPISODE, STARTS_TOO_LATE)))
    assert found.decision.state is State.ACCEPTED_WITH_QUERIES
    assert (found.decision.error_count, found.decision.query_count) == (1, 0)
    assert found.decision.row_counts == {"children": 2, "episodes": 1}
    assert kept(found) == {
        ("quarantine", "episodes"): 1,
        ("accepted", "children"): 2,
        ("accepted", "episodes"): 1,
    }


def test_a_query_is_counted_as_one():
    long_open = {"child_id": "A1", "first_meeting_date": "2018-05-01"}
    recent = {"child_id": "A2", "first_meeting_date": "2023-05-01"}
    found = judged(read_return("pre_proceedings", pre_proceedings=(long_open, recent)))
    assert found.decision.state is State.ACCEPTED_WITH_QUERIES
    assert (found.decision.error_count, found.decision.query_count) == (0, 1)


def test_a_finding_that_reaches_the_submission_rejects_it_and_nothing_is_kept():
    found = judged(looked_after(header={"la_code": "E08000035"}))
    assert (found.decision.state, found.decision.reason_code) == (
        State.REJECTED,
        "AUTHORITY_MISMATCH",
    )
    assert ("AUTHORITY_MISMATCH", "failed") in {
        (code, status) for code, _, status, _, _ in found.decision.statuses
    }
    assert kept(found) == {}


def test_a_rule_that_cannot_run_holds_the_submission_and_nothing_is_kept():
    found = judged(with_texts_for_dates())
    assert (found.decision.state, found.decision.reason_code) == (State.HELD, "RULE_COULD_NOT_RUN")
    assert kept(found) == {}


def test_a_return_is_compared_with_the_quarter_before():
    read = looked_after(children=TWO_CHILDREN)
    before = judged(read).rows.frames["episodes"].assign(child_key=2, quarter="2022-23Q4")
    found = judged(read, previous={"episodes": before}).checked
    # The other child's episode was open, and is not here.
    assert list(found.findings["code"]) == ["NoE", "SFP-GONE"]


def test_a_file_that_cannot_be_read_rejects_the_submission_with_its_reason(tmp_path):
    path = tmp_path / "landed"
    path.write_bytes(b"\x00\x01\x02")
    given = replace(GIVEN, return_name="pre_proceedings")
    with pytest.raises(UnreadableError) as caught:
        rows_sent(given, [FileToRead("sent.csv", path, "pre_proceedings")])
    found = unreadable(caught.value)
    assert found.decision.state is State.REJECTED
    assert found.decision.statuses == ((caught.value.code, "", "failed", 1, ""),)
    assert found.decision.error_count == 1
    assert found.refusal[0] == found.decision.reason_code == caught.value.code
    assert kept(found) == {}


def test_rows_of_erased_children_taken_out_are_named_among_the_tolerances(tmp_path):
    path = tmp_path / "landed"
    path.write_text(f"{MEETINGS}A1,01/05/2023,,\n")
    file = replace(GIVEN.files[0], part="pre_proceedings", left_out=3)
    given = replace(GIVEN, return_name="pre_proceedings", files=(file,))
    read = rows_sent(given, [FileToRead("sent.csv", path, "pre_proceedings")])
    assert ("ERASED_ROWS", 3) in {(used.code, used.count) for used in read.tolerances}


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, submission=replace(GIVEN, return_name="unrecognised"), state=State.REJECTED),
        replace(FACTS, state=State.HELD),
    ],
    ids=["not recognised", "held"],
)
def test_what_was_refused_before_it_was_read_stays_as_it_was(facts):
    facts = replace(facts, reason_code="PART_TWICE", reason_words="Two files hold it.")
    found = refused_before(facts)
    assert found.decision.state is facts.state
    assert (found.refusal, kept(found)) == (("PART_TWICE", "Two files hold it.", None, None), {})


@pytest.mark.parametrize("state", [State.LANDED, State.ACCEPTED, State.HELD])
def test_what_was_registered_to_be_read_is_read_however_it_was_judged(state):
    assert refused_before(replace(FACTS, state=state)) is None


def counts_now(*versions):
    return tuple(InForce(f"{one}" * 16, "ssda903", str(QUARTER), one) for one in versions)


@pytest.mark.parametrize(
    ("in_force", "label"),
    [
        ((InForce(GIVEN.id, "ssda903", str(QUARTER), 2),), "this submission"),
        (counts_now(1), f"version 1 ({'1' * 16})"),
        ((InForce("1" * 16, "ssda903", "2023-24Q3", 1),), None),
        ((), None),
    ],
)
def test_the_answer_names_what_the_ledger_says_is_in_force(in_force, label):
    found = judged(looked_after())
    recorded = Recorded(State.ACCEPTED, in_force=in_force)
    assert answer_to(FACTS, found, recorded).in_force == label


def test_the_answer_gives_the_verdict_on_record_and_not_the_one_just_reached():
    answer = answer_to(FACTS, judged(looked_after()), Recorded(State.REJECTED, is_new=False))
    assert answer.state is State.REJECTED


def test_the_answer_compares_with_the_version_and_the_quarters_before():
    before = VersionBefore({"episodes": 7}, 5, "2024-25Q4")
    facts = replace(FACTS, version_before=before, past_patterns=(("2023-24Q3", "354", 2),))
    answer = answer_to(facts, judged(looked_after()), Recorded(State.ACCEPTED))
    assert (answer.previous_row_counts, answer.previous_child_count) == ({"episodes": 7}, 5)
    assert answer.past_patterns.to_dict("records") == [
        {"quarter": "2023-24Q3", "code": "354", "count": 2}
    ]
    assert answer_to(FACTS, judged(looked_after()), Recorded(State.ACCEPTED)).past_patterns is None


def test_the_pack_of_the_same_facts_is_the_same_bytes():
    def pack():
        return pack_files(answer_to(FACTS, judged(looked_after()), Recorded(State.ACCEPTED)))

    assert pack() == pack()


def test_only_feedback_that_was_accepted_has_pages_of_modules():
    feedback = replace(GIVEN, return_name="training_feedback")
    accepted = Recorded(State.ACCEPTED, in_force=counts_now(1))
    assert module_feedback(feedback, accepted) == accepted.in_force
    assert module_feedback(feedback, replace(accepted, state=State.REJECTED)) == ()
    assert module_feedback(GIVEN, accepted) == ()
