"""Annex A lists and survey exports as they really are, through files (R050 to R067)."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest

from expectations.returns.annex_a import RULES
from schemas.returns import RETURNS
from schemas.submission import Reach
from tests.support.files import workbook

CONTACTS = [c.sent_as for c in RETURNS["annex_a"]["annex_a_contacts"].columns]
DAY = date(2025, 2, 6)


def accepted(dropped, table):
    """Sweep; return what counts of a table, and what was accepted."""
    (taken,) = dropped.sweep()
    assert str(taken.state).startswith("accepted"), taken
    return dropped.rows(table), taken


def contacts(*rows):
    """Return a workbook of List 1 with these genders, ethnicities, ages and sources."""
    made = [
        (f"A{n}", gender, ethnicity, date(2012, 1, 1), age, DAY, source)
        for n, (gender, ethnicity, age, source) in enumerate(rows)
    ]
    return workbook(("List 1", [CONTACTS, *made]))


def test_r050_pick_lists_are_read_by_shape_label_and_table_and_reported_once(dropped):
    sources = ("6", "6: Police", "6 - Police", "q) 6: Police", "Police (6)", "06")
    origins = (
        "a) WBRI",
        "WBRI",
        "WBRI - White British",
        "White British (WBRI)",
        "White",
        "WBRI: x",
    )
    rows = [("M - Male", e, 13, s) for e, s in zip(origins, sources, strict=True)]
    dropped.put("Annex A.xlsx", contacts(*rows))
    frame, taken = accepted(dropped, "annex_a_contacts")
    assert set(frame["contact_source"]) == {"g) Police"}
    assert set(frame["ethnicity"]) == {"a) White"}
    assert dropped.used(taken, "SPELLING") == [6, 6, 6]


def test_r050_a_code_with_the_label_of_another_is_reported_and_the_row_stays(dropped):
    dropped.put("Annex A.xlsx", contacts(("Male", "WBRI", 13, "6: Education")))
    frame, taken = accepted(dropped, "annex_a_contacts")
    assert list(frame["contact_source"].isna()) == [True]
    found = dropped.findings(taken)
    assert [one["field"] for one in found if one["code"] == "CODE_CONTRADICTS"] == [
        "Contact Source"
    ]


def test_r051_ages_with_a_fraction_are_completed_years_and_reported(dropped):
    dropped.put("Annex A.xlsx", contacts(*[("Male", "WBRI", age, "6") for age in (13, 13.6)]))
    frame, taken = accepted(dropped, "annex_a_contacts")
    assert list(frame["age_years"]) == [13, 13]
    assert dropped.used(taken, "YEARS_COMPLETED") == [1]


def test_r051_no_row_of_annex_a_is_ever_set_aside(dropped):
    rows = [("?!", "??", "abc", "nonsense"), ("Male", "WBRI", -4, "6"), ("M", "WBRI", 13, "99")]
    dropped.put("Annex A.xlsx", contacts(*rows, *rows))
    frame, taken = accepted(dropped, "annex_a_contacts")
    assert len(frame) == len(rows) * 2
    assert dropped.findings(taken)


def test_r051_no_rule_on_annex_a_reaches_a_row():
    assert {rule.code for rule in RULES if rule.reach is Reach.RECORD} == set()


PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text("utf-8")
SHOWN = dict(re.findall(r"^([^\n]+):\n\n```csv\n(.*?)```", PAGE, re.S | re.M))
ANSWERS = {
    "content was relevant": "Somewhat agree",
    "met my expectations": "4 - Agree",
    "knowledgeable and clear": "Strongly agree",
    "recommend": "10 - Extremely likely",
    "module": "Strengthening Assessment (2 days) - July 2023",
    "cohort": "Cohort 2 - Autumn term 2023",
    "session did": "Day 1",
    "session": "Day 1",
}
TOOLS = {
    "ID": "{n}", "Respondent ID": "{n}", "ResponseId": "{n}", "Response ID": "{n}",
    "UserID": "{n}", "Unique Response Number": "{n}",
    "Timestamp": "01/02/2025 10:00:00", "Completion time": "01/02/2025 10:00",
    "End Date": "01/02/2025 10:00", "Ended": "01/02/2025 10:00", "Email": "anonymous",
    "Recorded Date": "2025-02-01 10:00:00", "Response Type": "IP Address",
}  # fmt: skip
LEARNING = (
    "knowledge of the research and evidence on this topic",
    "knowledge of the tools for this work",
    "skill in using these tools",
    "skill in showing your workings out",
    "confidence in working with families on this topic",
    "confidence in explaining your decisions",
)
STARS = ["ID", "Your participant code", "Module", "Cohort"]


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def as_text(rows):
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\r\n").writerows(rows)
    return sink.getvalue()


def answered(headings, n, **changed):
    """Return one row of answers below these headings; `changed` by a heading's beginning."""
    row = []
    for heading in headings:
        words = [answer for part, answer in ANSWERS.items() if part in heading.casefold()]
        row.append(TOOLS.get(heading, words[0] if words else "").format(n=n))
    for name, value in changed.items():
        row[[h.replace(" ", "_") for h in headings].index(name)] = value
    return row


def headings_of(shown):
    """Return the headings that name each column, of however many rows a tool writes."""
    rows = rows_of(shown)
    if len(rows) == 1:
        return rows[0]
    below = rows[1]
    return [
        b if b and not b.endswith("Response") else a for a, b in zip(rows[0], below, strict=True)
    ]


def export(tool, *changes):
    shown = SHOWN[next(name for name in SHOWN if name.startswith(tool))]
    headings = headings_of(shown)
    rows = [
        answered(headings, n, **change) for n, change in enumerate(changes or ({}, {}), start=1)
    ]
    return as_text([*rows_of(shown), *rows])


TOOL_NAMES = (
    "Microsoft Forms", "Google Forms", "SurveyMonkey", "Qualtrics", "Jisc", "SmartSurvey",
)  # fmt: skip


@pytest.mark.parametrize("tool", TOOL_NAMES)
def test_r060_to_r066_each_tools_export_is_read_as_the_page_shows_it(dropped, tool):
    dropped.put("export.csv", export(tool))
    frame, taken = accepted(dropped, "training_session")
    assert len(frame) == 2
    assert set(frame["module"]) == {"assessment"}
    assert set(frame["cohort"]) == {"2023-2"}
    assert set(frame["session"]) == {"1"}
    answers = frame[["relevant", "expectations", "facilitator", "recommend"]]
    assert answers.drop_duplicates().to_numpy().tolist() == [["4", "4", "5", "10"]]
    assert [one for one in dropped.findings(taken) if one["severity"] == "error"] == []


@pytest.mark.parametrize("tool", ["Microsoft Forms", "SurveyMonkey", "Qualtrics"])
def test_r060_a_workbook_is_read_as_the_csv_is(dropped, tool):
    dropped.put("export.xlsx", workbook(("Sheet1", rows_of(export(tool)))))
    frame, _ = accepted(dropped, "training_session")
    assert list(frame["recommend"]) == ["10", "10"]


def test_r060_columns_for_names_without_any_are_dropped_and_reported(dropped):
    dropped.put("export.csv", export("Microsoft Forms"))
    _, taken = accepted(dropped, "training_session")
    assert dropped.used(taken, "SURVEY_NO_NAMES") == [2]


def test_r060_names_are_dropped_unread_and_an_error_of_the_settings(dropped):
    people = ({"Name": "Zebedee Quill", "Email": "z.quill@example.org"}, {"Name": "Ann Other"})
    dropped.put("export.csv", export("Microsoft Forms", *people))
    frame, taken = accepted(dropped, "training_session")
    assert len(frame) == 2
    assert "SURVEY_NAMES" in {one["code"] for one in dropped.findings(taken)}
    held = b"".join(path.read_bytes() for path in dropped.pack(taken).iterdir())
    assert b"Zebedee" not in held
    for folder in ("landing", "warehouse", "quarantine", "restricted_text"):
        files = [path for path in (dropped.root.path / folder).rglob("*") if path.is_file()]
        assert not any(b"Zebedee" in path.read_bytes() for path in files)


def test_r061_rows_without_a_number_are_numbered(dropped):
    dropped.put("export.csv", export("Google Forms"))
    frame, taken = accepted(dropped, "training_session")
    assert frame["response_id"].nunique() == 2
    assert dropped.used(taken, "ROWS_NUMBERED") == [2]


@pytest.mark.parametrize(
    "number", ["1. ", "4.1. ", "Q3. ", "Q3: ", "12) ", "4.1.a. ", "Question 2 - "]
)
def test_r062_numbering_is_taken_off(dropped, number):
    first, *rows = rows_of(export("Microsoft Forms"))
    dropped.put("export.csv", as_text([[*first[:5], *(number + h for h in first[5:])], *rows]))
    assert len(accepted(dropped, "training_session")[0]) == 2


@pytest.mark.parametrize("grid", ["Agree? [{}]", "Agree? - {}", "Agree?: {}", "Agree?.{}", "{} *"])
def test_r063_the_rows_of_a_grid_are_its_questions(dropped, grid):
    first, *rows = rows_of(export("Microsoft Forms"))
    asked = [*first[:8], *(grid.format(h) for h in first[8:11]), *first[11:]]
    dropped.put("export.csv", as_text([asked, *rows]))
    assert len(accepted(dropped, "training_session")[0]) == 2


def test_r063_a_grid_whose_question_says_before(dropped):
    asked = [f"Before the training, how would you rate your: [{each}]" for each in LEARNING]
    dropped.put(
        "export.csv", as_text([[*STARS, *asked], ["1", "P1", "Assessment", "1", *["4/5"] * 6]])
    )
    frame, _ = accepted(dropped, "training_pre")
    assert list(frame["skill_tools"]) == ["4"]


@pytest.mark.parametrize(
    ("yes", "no"), [("{}", ""), ("1", "0"), ("Yes", "No"), ("Checked", "Unchecked")]
)
def test_r064_a_column_for_each_option_is_joined(dropped, yes, no):
    headings = rows_of(SHOWN[next(name for name in SHOWN if name.startswith("One column"))])[0]
    start = ["P1", "Assessment", "1", "Agree", "Yes"]
    rows = [
        ["1", *start, yes.format("Genogram"), yes.format("Ecomap")],
        ["2", *start, yes.format("Genogram"), no],
    ]
    dropped.put("export.csv", as_text([headings, *rows]))
    frame, taken = accepted(dropped, "training_coaching")
    assert list(frame["tools"]) == ["ecomap|genogram", "genogram"]
    assert dropped.used(taken, "SURVEY_OPTIONS") == [2]


def test_r065_previews_and_tests_are_left_out_and_reported(dropped):
    marked = ({"Response_Type": "Survey Preview"}, {"Response_Type": "1"}, {})
    dropped.put("export.csv", export("Qualtrics", *marked))
    frame, taken = accepted(dropped, "training_session")
    assert len(frame) == 1
    assert dropped.used(taken, "SURVEY_PREVIEW") == [2]


def test_r065_a_number_is_a_preview_in_qualtrics_alone(dropped):
    first, *rows = rows_of(export("Microsoft Forms", *({} for _ in range(6))))
    status = [[*row, text] for row, text in zip(rows, "012898", strict=True)]
    dropped.put("export.csv", as_text([[*first, "Status"], *status]))
    frame, taken = accepted(dropped, "training_session")
    assert len(frame) == 6
    assert dropped.used(taken, "SURVEY_PREVIEW") == []


@pytest.mark.parametrize("mark", ["Distribution Channel", "RecordedDate", "ImportId"])
def test_r065_any_mark_of_qualtrics_shows_that_its_numbers_count(dropped, mark):
    first, *rows = rows_of(export("Microsoft Forms", {}, {}))
    if mark == "ImportId":
        rows = [[f'{{"ImportId":"QID{n}"}}' for n, _ in enumerate(first)], *rows]
    channel = ["x" if mark == "ImportId" else mark, "Status"]
    below = [["", "1" if row is rows[-1] else ""] for row in rows]
    made = [[*row, *more] for row, more in zip(rows, below, strict=True)]
    dropped.put("export.csv", as_text([[*first, *channel], *made]))
    frame, taken = accepted(dropped, "training_session")
    assert len(frame) == 1
    assert dropped.used(taken, "SURVEY_PREVIEW") == [1]


@pytest.mark.parametrize("word", ["Other (please specify)", "Response", "Label"])
def test_r066_a_first_answer_is_no_row_of_headings(dropped, word):
    columns = RETURNS["training_feedback"]["training_session"].columns
    headings = [c.sent_as for c in columns if c.sent_as not in (None, "response_id")]
    given = {"module": "assessment", "cohort": "2023-2", "session": "1", "role": word}
    codes = {c.sent_as: c.codes[0].value for c in columns if c.codes}
    row = [given.get(h, codes.get(h, "")) for h in headings]
    dropped.put("session.csv", as_text([headings, row, [*row[:3], "", *row[4:]]]))
    frame, taken = accepted(dropped, "training_session")
    assert len(frame) == 2
    assert dropped.used(taken, "SURVEY_HEADINGS") == []


def test_r064_the_options_below_a_question_are_headings(dropped):
    headings = ["Respondent ID", "Participant code", "Module", "Cohort",
                "The learning was applied to a case",
                "Did it make a difference for the child or family?", "Which tools?",
                ""]  # fmt: skip
    below = ["", "Open-Ended Response", *["Response"] * 4, "Genogram", "Ecomap"]
    row = ["1", "P1", "Assessment", "1", "Agree", "Yes", "Genogram", "Ecomap"]
    dropped.put("export.csv", as_text([headings, below, row]))
    frame, taken = accepted(dropped, "training_coaching")
    assert list(frame["tools"]) == ["ecomap|genogram"]
    assert dropped.used(taken, "SURVEY_HEADINGS") == [1]


def test_r066_cohorts_of_two_terms_stay_two(dropped):
    names = ("Cohort 1 autumn 2024", "Cohort 1 - May 2024", "Cohort 2 - May 2024")
    headings, *_ = rows_of(export("Microsoft Forms"))
    (at,) = [n for n, h in enumerate(headings) if "cohort" in h]
    rows = [answered(headings, n) for n, _ in enumerate(names, start=1)]
    for row, name in zip(rows, names, strict=True):
        row[at] = name
    dropped.put("export.csv", as_text([headings, *rows]))
    frame, _ = accepted(dropped, "training_session")
    assert set(frame["cohort"]) == {*names[:2], "2024-2"}


def test_r067_before_and_after_in_one_form_are_split(dropped):
    asked = [
        f"{when} the training, how would you rate your {each}?"
        for when in ("Before", "After")
        for each in LEARNING
    ]
    rows = [
        ["1", "P1", "Assessment", "1", *"2" * 6, *"4" * 6],
        ["2", "P2", "Assessment", "1", *"3" * 6, *[""] * 6],
    ]
    dropped.put("export.csv", as_text([[*STARS, *asked], *rows]))
    before, _ = accepted(dropped, "training_pre")
    after = dropped.rows("training_post")
    assert list(before["skill_tools"]) == ["2", "3"]
    assert list(after["skill_tools"]) == ["4"]


def test_r067_one_half_sent_again_takes_the_place_of_both(dropped):
    asked = [
        f"{when} the training, how would you rate your {each}?"
        for when in ("Before", "After")
        for each in LEARNING
    ]
    dropped.put(
        "export.csv", as_text([[*STARS, *asked], ["1", "P1", "Assessment", "1", *"2" * 12]])
    )
    accepted(dropped, "training_pre")
    after = [["1", "P1", "Assessment", "1", *"5" * 6]]
    dropped.put("after.csv", as_text([[*STARS, *asked[6:]], *after]))
    frame, _ = accepted(dropped, "training_post")
    assert list(frame["skill_tools"]) == ["5"]


def test_r067_a_form_that_does_not_say_when_is_answered_with_the_words_that_are_needed(dropped):
    asked = [f"How would you rate your {each}?" for each in LEARNING]
    rows = [
        ["Pre-course questionnaire"],
        [*STARS, *asked],
        ["1", "P1", "Assessment", "1", *"2" * 6],
    ]
    dropped.put("pre.csv", as_text(rows))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "FORM_UNDECIDED")
    assert "before the training" in dropped.words(taken.submission_id)


SESSION = ("ID", "Which module did you attend?", "Cohort", "Session")
AGREED = (
    "The content was relevant to my work",
    "The session met my expectations",
    "The facilitators were knowledgeable and clear",
)
RECOMMENDED = "How likely are you to recommend this session to a colleague?"
TURNED = " (1 = strongly agree, 5 = strongly disagree)"


def a_session(answer, recommended="9", *, hint=TURNED, asked_to=""):
    headings = [*SESSION, *(f"{asked}{hint}" for asked in AGREED), RECOMMENDED + asked_to]
    row = ["1", "Strengthening Assessment", "2023-2", "1", *[answer] * len(AGREED), recommended]
    return as_text([headings, row])


def test_numbers_on_a_scale_that_runs_the_other_way_are_refused_with_both_scales(dropped):
    dropped.put("session.csv", a_session("1"))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "SCALE_DIFFERS")
    words = dropped.words(taken.submission_id)
    assert "needs 1 for the least to 5 for the most" in words
    assert "found 5 for the least and 1 for the most" in words


def test_numbers_on_a_scale_of_another_length_are_refused(dropped):
    dropped.put("session.csv", a_session("5", "4", hint="", asked_to=" (1 to 5)"))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("rejected", "SCALE_DIFFERS")
    assert "found 1 to 5" in dropped.words(taken.submission_id)


def test_answers_in_words_are_read_by_their_words_whatever_scale_stands_beside_them(dropped):
    dropped.put("session.csv", a_session("Strongly agree"))
    frame, _ = accepted(dropped, "training_session")
    assert list(frame["relevant"]) == ["5"]
