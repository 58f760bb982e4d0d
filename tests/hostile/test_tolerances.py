"""What is understood although it is not in the standard form, each told in the pack by its name."""

import json

import pytest

from tests.hostile.test_content import a_census, a_child, found
from tests.support.dropped import QUARTER
from tests.support.files import MEETING_CELLS, MEETINGS, workbook

ROWS = "007,2024-05-06,,none\n008,2024-05-07,,none\n"
PACKED = "<AssessmentFactors>1A, 2B;3C</AssessmentFactors>"
ASSESSED = (
    "<Assessments><AssessmentActualStartDate>2024-05-07</AssessmentActualStartDate>"
    f"<FactorsIdentifiedAtAssessment>{PACKED}</FactorsIdentifiedAtAssessment></Assessments>"
)
CENSUS = a_census(a_child("C1")).replace("<ReferralNFA>", ASSESSED + "<ReferralNFA>")
TITLED = "Pre-proceedings return\nWalsall\n" + MEETINGS + ROWS
SERIAL = [MEETING_CELLS, ("007", 45418, None, "none"), ("008", 45419, None, "none")]
AS_TEXT = MEETINGS + "007,45418,,none\n008,45419,,none\n"
ACCENTED = MEETINGS + "007,2024-05-06,,café\n"

FILES = {
    "packed factor codes": ("c.xml", CENSUS, "CODES_PACKED"),
    "headings in row 3": ("m.csv", TITLED, "TITLE_ROWS"),
    "headings in row 3 of a sheet": (
        "m.xlsx",
        workbook(("Data", [["Our return"], [None], *SERIAL])),
        "TITLE_ROWS",
    ),
    "semicolons": ("m.csv", (MEETINGS + ROWS).replace(",", ";"), "DELIMITER_SEMICOLON"),
    "cp1252": ("m.csv", ACCENTED.encode("cp1252"), "ENCODING_CONVERTED"),
    "UTF-16": ("m.csv", ("\ufeff" + MEETINGS + ROWS).encode("utf-16-le"), "ENCODING_CONVERTED"),
    "Excel serial dates": ("m.csv", AS_TEXT, "DATE_FORM"),
    "Excel serial dates in a workbook": ("m.xlsx", workbook(("Data", SERIAL)), "DATE_FORM"),
    "blank rows": ("m.csv", MEETINGS + ROWS + ",,,\n\n", "BLANK_ROWS"),
    "headings in capitals": ("m.csv", MEETINGS.upper() + ROWS, "HEADER_SPELLING"),
    "a column more": (
        "m.csv",
        MEETINGS.replace("\n", ",team\n") + "7,2024-05-06,,none,A\n",
        "COLUMN_UNKNOWN",
    ),
    "a spelling of unknown": ("c.xml", a_census(a_child("C1", sex="Not known")), "SPELLING"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_tolerance_used_stands_in_the_report_and_the_receipt_by_its_name(dropped, name):
    file, content, code = FILES[name]
    dropped.put(file, content)
    (taken,) = dropped.sweep()
    assert taken.state.is_accepted
    pack = dropped.pack(taken)
    receipt = json.loads((pack / "receipt.json").read_text())
    told = {used["code"]: used for used in receipt["tolerances"]}
    assert code in told
    assert told[code]["file"] == file
    report = (pack / "report.html").read_text()
    section = report.split('id="tolerances"')[1].split("</section>")[0]
    assert code in section


def test_a_return_in_the_standard_form_has_none(dropped):
    dropped.put("m.csv", MEETINGS + ROWS)
    (taken,) = dropped.sweep()
    pack = dropped.pack(taken)
    assert json.loads((pack / "receipt.json").read_text())["tolerances"] == []
    assert 'id="tolerances"' not in (pack / "report.html").read_text()


LIST_1 = [
    "Child Unique ID",
    "Gender",
    "Ethnicity",
    "Date of Birth",
    "Age of Child (Years)",
    "Date of Contact",
    "Contact Source",
]


def test_every_annex_a_list_that_is_missing_is_told(dropped):
    dropped.put(
        "annex.xlsx", workbook(("List 1", [LIST_1, ["C1", "a) Male", None, None, 9, None, None]]))
    )
    (taken,) = dropped.sweep()
    assert taken.return_name == "annex_a"
    assert taken.state.is_accepted
    told = found(dropped, taken)
    missing = told[told["code"] == "LIST_MISSING"]
    assert set(missing["severity"]) == {"notice"}
    assert sorted(words.split(" is not")[0] for words in missing["words"]) == sorted(
        f"List {number}" for number in range(2, 12)
    )
    report = (dropped.pack(taken) / "report.html").read_text()
    notices = report.split('id="notice"')[1].split('id="changes"')[0]
    assert "List 11 is not in the workbook" in notices


def test_two_exports_of_one_form_are_held_with_what_to_do(dropped):
    from schemas.returns.training_feedback import RETURN

    headings = ",".join(str(column.sent_as) for column in RETURN["training_attendance"].columns)
    row = "P{},systemic practice,1,1,2024-05-06,social_worker,1\n"
    for number in (1, 2):
        dropped.put(f"export{number}.csv", headings + "\n" + row.format(number))
    (taken,) = dropped.sweep()
    assert (str(taken.state), taken.reason_code) == ("held", "PART_TWICE")
    assert "put their rows into one file" in dropped.words(taken.submission_id)
    assert [key for key in dropped.in_force() if key[1] == "training_feedback"] == []
    (dropped.root.drop / taken.la_code / QUARTER / "export2.csv").unlink()
    (second,) = dropped.sweep()
    assert (second.return_name, str(second.state)) != ("training_feedback", "held")
