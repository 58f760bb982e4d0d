"""Every kind of form: recognised by what it asks, accepted, queried, rejected."""

import pytest

from schemas.errors import UnreadableError
from schemas.training import FORM_KINDS, items, wordings
from tasks.training.forms import LEARNING
from tests.support.files import workbook
from tests.support.forms import (
    QUARTER,
    codes,
    form_file,
    form_row,
    judged,
    read_forms,
)

KINDS = list(FORM_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_in_our_template_is_recognised_and_accepted_without_a_query(kind, tmp_path):
    read, found = judged(tmp_path, form_file([form_row(kind, n) for n in (1, 2)]))
    assert read.sent == {FORM_KINDS[kind].table}
    assert not found.has_queries
    assert found.quarantined == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_dated_after_its_quarter_is_queried_and_kept(kind, tmp_path):
    day = next(name for name in FORM_KINDS[kind].columns if name.endswith("_date"))
    _, found = judged(tmp_path, form_file([form_row(kind, **{day: "01/06/2024"})]))
    assert codes(found) == {"DATE_AFTER_QUARTER"}
    assert found.has_queries
    assert not found.is_rejected
    assert found.quarantined == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_in_which_most_forms_name_no_module_of_ours_is_rejected(kind, tmp_path):
    rows = [form_row(kind, n, module="Juggling") for n in range(1, 26)]
    _, found = judged(tmp_path, form_file(rows))
    assert found.is_rejected
    assert "TOO_MANY_ERRORS" in codes(found)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "attendance"])
def test_questions_as_a_survey_tool_exports_them_are_read_as_the_items_they_are(kind, tmp_path):
    asked = {
        item.heading: next(iter(wordings(kind, item.name)), item.heading) for item in items(kind)
    }
    row = {asked.get(name, name): value for name, value in form_row(kind).items()}
    read = read_forms(tmp_path, form_file([row]))
    frame = read.frames[FORM_KINDS[kind].table]
    scaled = [item.name for item in items(kind) if not item.is_text]
    assert frame[scaled].notna().all(axis=None)


def test_a_questionnaire_is_told_by_whether_it_asks_before_or_after(tmp_path):
    asked = {side: [wordings(side, name)[0] for name in LEARNING] for side in ("pre", "post")}
    for side, questions in asked.items():
        headings = ["ID", "Your participant code", "Which module did you attend?", "Cohort"]
        row = dict.fromkeys(questions, "4 - high")
        known = dict(zip(headings, ("1", "P1", "Strengthening Assessment", "1"), strict=True))
        assert read_forms(tmp_path, form_file([known | row])).sent == {f"training_{side}"}


def test_several_forms_may_come_as_sheets_of_one_workbook(tmp_path):
    sheets = [
        (kind, [list(form_row(kind)), list(form_row(kind).values())]) for kind in ("pre", "post")
    ]
    path = tmp_path / "book"
    path.write_bytes(workbook(*sheets))
    from schemas.limits import LIMITS
    from tasks.read.recognise import recognise

    assert recognise(path, "forms.xlsx", limits=LIMITS).part == "training_post+training_pre"


def test_a_column_of_names_is_dropped_unread_and_an_error_of_the_settings(tmp_path):
    read, found = judged(tmp_path, form_file([form_row("pre") | {"Name": "Ann Other"}]))
    assert len(read.frames["training_pre"]) == 1
    assert "SURVEY_NAMES" in codes(found)
    assert "Ann" not in str(found.findings.to_dict()) + str(read.tolerances)


def test_a_question_we_do_not_know_is_left_out_and_told(tmp_path):
    read = read_forms(tmp_path, form_file([form_row("pre") | {"Favourite colour?": "blue"}]))
    assert "COLUMN_UNKNOWN" in [told.code for told in read.tolerances]


def test_a_form_that_lacks_a_core_question_is_refused_by_its_heading(tmp_path):
    row = form_row("audit")
    del row["audit_workings_out"]
    with pytest.raises(UnreadableError, match="audit_workings_out") as caught:
        read_forms(tmp_path, form_file([row]))
    assert caught.value.code == "HEADER_NOT_FOUND"


def test_a_question_that_is_not_core_may_be_left_out(tmp_path):
    row = form_row("session")
    del row["materials_useful"]
    assert (
        read_forms(tmp_path, form_file([row])).frames["training_session"]["materials"].isna().all()
    )


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("4", "4"),
        ("Agree", "4"),
        ("agree (4)", "4"),
        ("5 - Strongly agree", "5"),
        ("STRONGLY DISAGREE", "1"),
        ("Prefer not to say", "PNTS"),
        ("", None),
    ],
)
def test_words_and_numbers_of_a_scale_meet_and_a_blank_stays_blank(sent, meant, tmp_path):
    read = read_forms(tmp_path, form_file([form_row("session", relevant=sent)]))
    (value,) = read.frames["training_session"]["relevant"]
    assert (value if value == value else None) == meant


def test_the_quarter_that_reviews_a_cohort_need_not_be_the_one_that_trained_it(tmp_path):
    _, found = judged(tmp_path, form_file([form_row("review")]), quarter=QUARTER.next())
    assert not found.has_queries
