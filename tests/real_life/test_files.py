"""Files and folders as authorities really send them, by the ids in the list of real cases."""

import io
import json
import zipfile

import pytest
import xlsxwriter

from schemas.returns import RETURNS
from tests.support.dropped import QUARTER, WALSALL
from tests.support.files import (
    EPISODES,
    HEADER,
    MEETINGS,
    ONE_CHILD,
    ONE_EPISODE,
    census,
    child,
    workbook,
)
from warehouse.ledger import all_arrivals, all_submissions

ROW = "C1,2025-01-15,,none\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zip_of(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


def ole_of(stream):
    return OLE + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600


DOCX = zip_of(word__document_dot_xml="<w/>", **{"[Content_Types].xml": "<Types/>"})
ODS = zip_of(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_dot_xml="<office/>")
XLSB = zip_of(xl__workbook_dot_bin=b"x", **{"[Content_Types].xml": "<Types/>"})
NO_DATA = {
    "Covering note.pdf": (b"%PDF-1.7\n...", "PDF_DOCUMENT", "a PDF document"),
    "note.docx": (DOCX, "WORD_DOCUMENT", "a document of a word processor"),
    "note.doc": (ole_of("WordDocument"), "WORD_DOCUMENT", "a document of a word processor"),
    "screen.png": (b"\x89PNG\r\n\x1a\n", "PICTURE", "a picture"),
    "FW return.msg": (ole_of("__properties_version1.0"), "EMAIL", "an e-mail"),
    "readme.txt": ("Dear team,\nplease find, as agreed, the return.\n", "TEXT_NOTE", "a note"),
    "data.url": ("[InternetShortcut]\nURL=file:///x\n", "SHORTCUT", "a shortcut"),
}
WRONG_FORMS = {
    "return.ods": (ODS, "LibreOffice", "Excel workbook (.xlsx)"),
    "return.xlsb": (XLSB, "binary form (.xlsb)", "Excel workbook (.xlsx)"),
    "return.xls": (ole_of("Workbook"), "before 2007 (.xls)", "Excel workbook (.xlsx)"),
    "return.7z": (b"7z\xbc\xaf\x27\x1c....", "7-Zip", "ordinary zip"),
    "return.rar": (b"Rar!\x1a\x07\x01\x00", "RAR", "ordinary zip"),
    "return.csv.gz": (b"\x1f\x8b\x08....", "packed file", "ordinary zip"),
    "return.accdb": (b"\x00\x01\x00\x00Standard ACE DB", "database", "CSV"),
    "return.numbers": (zip_of(**{"Index/Document.iwa": b"x"}), "Apple Numbers", ".xlsx"),
}


@pytest.mark.parametrize("name", NO_DATA)
def test_r072_what_is_no_data_is_mentioned_in_the_pack_of_the_return(dropped, name):
    content, code, title = NO_DATA[name]
    dropped.put("return.csv", MEETINGS + ROW)
    dropped.put(name, content)
    (found,) = dropped.sweep()
    assert (str(found.state), found.return_name) == ("accepted", "pre_proceedings")
    mine = [row for row in all_submissions(dropped.root) if row.la_code == WALSALL]
    assert [(row.return_name, row.version) for row in mine] == [("pre_proceedings", 1)]
    report = (dropped.pack(found) / "report.html").read_text("utf-8")
    assert f"This is {title}" in report
    assert name in report
    assert code in (dropped.pack(found) / "receipt.json").read_text("utf-8")
    kept = {row.sha256 for row in all_arrivals(dropped.root)} - {None}
    assert {path.name for path in dropped.root.landing.iterdir()} == kept


def test_r072_a_note_inside_the_zip_of_a_return_is_mentioned_alike(dropped):
    members = {"return.csv": MEETINGS + ROW, "note.pdf": b"%PDF-1.7\n..."}
    dropped.put("sent.zip", zip_of(**members))
    (found,) = dropped.sweep()
    assert str(found.state) == "accepted"
    assert "sent.zip/note.pdf" in (dropped.pack(found) / "report.html").read_text("utf-8")


def test_r072_a_note_changes_nothing_when_it_is_sent_again_with_the_same_return(dropped):
    dropped.put("return.csv", MEETINGS + ROW)
    dropped.put("note.pdf", b"%PDF-1.7\n...")
    dropped.sweep()
    before = all_submissions(dropped.root)
    dropped.put("return copy.csv", MEETINGS + ROW)
    dropped.put("note copy.pdf", b"%PDF-1.7\n... another")
    assert dropped.sweep() == []
    mine = [row for row in all_submissions(dropped.root) if row.la_code == WALSALL]
    assert [row.id for row in mine] == [row.id for row in before if row.la_code == WALSALL]


@pytest.mark.parametrize("name", NO_DATA)
def test_r072_alone_it_is_named_and_what_was_sent_before_counts_as_it_did(dropped, name):
    content, code, title = NO_DATA[name]
    dropped.put("return.csv", MEETINGS + ROW)
    dropped.sweep()
    dropped.put(name, content)
    (found,) = dropped.sweep()
    assert (str(found.state), found.reason_code) == ("rejected", code)
    report = (dropped.pack(found) / "report.html").read_text("utf-8")
    assert f"This is {title}" in report
    assert "what you sent before counts as it did" in report
    assert "counts as not returned" not in report
    assert dropped.in_force()[WALSALL, "pre_proceedings", QUARTER] == 1


@pytest.mark.parametrize("name", WRONG_FORMS)
def test_r072_a_form_that_is_not_read_is_named_with_what_to_do(dropped, name):
    content, title, advice = WRONG_FORMS[name]
    dropped.put(name, content)
    (found,) = dropped.sweep()
    assert (str(found.state), found.reason_code) == ("rejected", "TYPE_UNSUPPORTED")
    words = dropped.words(found.submission_id)
    assert title in words
    assert advice in words


def test_r072_a_note_that_calls_itself_a_return_is_refused(dropped):
    dropped.put("good.csv", MEETINGS + ROW)
    dropped.put("episodes.csv", b"%PDF-1.7\n...")
    refused, _ = sorted(dropped.sweep(), key=lambda one: str(one.state), reverse=True)
    assert refused.reason_code == "TYPE_MISMATCH"
    assert "a PDF document" in dropped.words(refused.submission_id)


def test_r072_a_text_file_with_columns_is_no_note(dropped):
    dropped.put("good.csv", MEETINGS + ROW)
    dropped.put("list.txt", "child,started,ended\nA1,2025-01-01,2025-02-01\n")
    refused, _ = sorted(dropped.sweep(), key=lambda one: str(one.state), reverse=True)
    assert refused.reason_code == "HEADER_NOT_FOUND"


def test_r072_a_text_file_of_two_columns_is_no_note(dropped):
    dropped.put("good.csv", MEETINGS + ROW)
    dropped.put("ids.txt", "ssda903 number,census number\nA1,B1\nA2,B2\n")
    refused, _ = sorted(dropped.sweep(), key=lambda one: str(one.state), reverse=True)
    assert refused.reason_code == "HEADER_NOT_FOUND"


def filtered(rows, *, hide_rows=(), hide_columns=()):
    """Return a workbook of pre-proceedings with some of its rows and columns hidden."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("Sheet1")
    for number, row in enumerate((MEETINGS.strip(), *rows)):
        sheet.write_row(number, 0, row.split(","))
    for number in hide_rows:
        sheet.set_row(number, options={"hidden": True})
    for number in hide_columns:
        sheet.set_column(number, number, options={"hidden": True})
    book.close()
    return made.getvalue()


THREE = ("C1,2025-01-15,,none", "C2,2025-01-16,,none", "C3,2025-01-17,,none")


def test_r073_rows_hidden_by_a_filter_are_read_and_counted(dropped):
    dropped.put("return.xlsx", filtered(THREE, hide_rows=(1, 3, 7), hide_columns=(2,)))
    (found,) = dropped.sweep()
    assert str(found.state) == "accepted"
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert receipt["rows"] == {"pre_proceedings": 3}
    used = {used["code"]: used["count"] for used in receipt["tolerances"]}
    assert (used["ROWS_HIDDEN"], used["COLUMNS_HIDDEN"]) == (2, 1)


def test_r073_a_title_hidden_above_the_headings_and_a_plain_sheet_are_not_reported(dropped):
    dropped.put("return.xlsx", filtered(THREE, hide_rows=(0,)))
    (found,) = dropped.sweep()
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert receipt["tolerances"] == []


SHEETS = (
    ("header", [HEADER.strip().split(","), ONE_CHILD.strip().split(",")]),
    ("episodes", [EPISODES.strip().split(","), ONE_EPISODE.strip().split(",")]),
)


def test_r074_an_ssda903_set_in_one_workbook_is_read(dropped):
    dropped.put("903.xlsx", workbook(*SHEETS, ("notes", [["any"]])))
    (found,) = dropped.sweep()
    assert found.return_name == "ssda903"
    assert str(found.state).startswith("accepted"), dropped.words(found.submission_id)
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert {name: count for name, count in receipt["rows"].items() if count} == {
        "children": 1,
        "episodes": 1,
    }


def test_r074_a_workbook_for_each_table_is_a_set_as_files_are(dropped):
    for name, rows in SHEETS:
        dropped.put(f"{name}.xlsx", workbook((name, rows)))
    (found,) = dropped.sweep()
    assert (found.return_name, str(found.state).startswith("accepted")) == ("ssda903", True)
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert sorted(file["part"] for file in receipt["files"]) == ["children", "episodes"]


WORKFORCE = RETURNS["workforce"]["workforce"]


def workforce(la_code):
    cells = {"la_code": la_code, "quarter": QUARTER}
    headings = [column.sent_as for column in WORKFORCE.columns]
    values = [cells.get(name, "1") for name in headings]
    return ",".join(headings) + "\n" + ",".join(values) + "\n"


@pytest.mark.parametrize("named", ["Walsall", "WALSALL MBC", "Walsall Council", "335", "e08000030"])
def test_r075_names_and_old_codes_of_the_authority_itself_are_understood(dropped, named):
    dropped.put("workforce.csv", workforce(named))
    (found,) = dropped.sweep()
    assert str(found.state).startswith("accepted"), dropped.words(found.submission_id)
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert [used["code"] for used in receipt["tolerances"]] == ["AUTHORITY_SPELLING"]


@pytest.mark.parametrize("named", ["Lancashire", "888", "E10000017", "Walsal", "x"])
def test_r075_the_name_of_another_authority_is_refused_as_before(dropped, named):
    dropped.put("workforce.csv", workforce(named))
    (found,) = dropped.sweep()
    assert (str(found.state), found.reason_code) == ("rejected", "AUTHORITY_MISMATCH")


def pre_proceedings_in(block):
    inside = "<PPStartDate>2025-05-01</PPStartDate><FGDMMeetingOffer>1</FGDMMeetingOffer>"
    case = f"<{block}>{inside}</{block}>"
    return census(child(case).replace("2024-05-06", "2025-05-06"), year=2026, la="335")


@pytest.mark.parametrize("block", ["PreProceedings", "PreProceedingsandFGDM"])
def test_r076_pre_proceedings_are_known_under_every_name_of_their_block(dropped, block):
    dropped.put("cin.xml", pre_proceedings_in(block), quarter="2025-26Q4")
    (found,) = dropped.sweep(quarter="2025-26Q4")
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert receipt["rows"]["cin_pre_proceedings"] == 1
    assert "BLOCK_UNKNOWN" not in receipt["findings_by_code"]


def test_r076_a_block_under_an_unknown_name_is_one_query_that_names_it(dropped):
    content = pre_proceedings_in("EarlyCourtWork")
    dropped.put("cin.xml", content, quarter="2025-26Q4")
    (found,) = dropped.sweep(quarter="2025-26Q4")
    receipt = json.loads((dropped.pack(found) / "receipt.json").read_text("utf-8"))
    assert receipt["findings_by_code"]["BLOCK_UNKNOWN"] == 1
    assert str(found.state) == "accepted with queries"
    assert "EarlyCourtWork" in (dropped.pack(found) / "report.html").read_text("utf-8")
