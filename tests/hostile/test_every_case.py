"""Every hostile case has a test of its name; every bad file is refused beside good ones."""

import ast
import csv
from pathlib import Path

import pytest

import tasks.validate.batches
from tests.hostile.test_workbooks import (
    DAY,
    OLE,
    PLAIN,
    SHEET,
    with_cell,
    with_member,
    with_sheet,
)
from tests.support.dropped import LANCASHIRE, QUARTER
from tests.support.files import MEETING_CELLS, MEETINGS, census, child, workbook

TESTS = Path(__file__).parents[1]
CASES = Path(__file__).with_name("cases.csv")
ROW = "007,2024-05-06,,none\n"
FAR_OUT = "<row r='1048576'><c r='XFD1048576' t='inlineStr'><is><t>x</t></is></c></row></sheetData>"
PASSWORD = OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
TWO_ENCODINGS = (MEETINGS + "1,2024-05-06,,café\n").encode() + "2,,,café\n".encode("cp1252")

# A file for every case that is a file by itself.
FILES = {
    "H005": ("m.csv", MEETINGS + ROW + "008,2024-0"),
    "H014": (
        "c.xml",
        census(child()).replace(
            "<Source><LEA>301</LEA></Source>",
            "<Source><LEA>940</LEA></Source><Source><LEA>941</LEA></Source>",
        ),
    ),
    "H015": ("c.xml", census(child())),
    "H033": ("m.csv", ""),
    "H034": ("m.csv", MEETINGS),
    "H037": ("m.xlsx", MEETINGS + ROW),
    "H039": ("m.csv", (MEETINGS + ROW).encode("utf-16-le")),
    "H041": ("m.csv", TWO_ENCODINGS),
    "H042": ("m.csv", MEETINGS + "0\x007,2024-05-06,,none\n"),
    "H043": ("m.csv", MEETINGS + "0\u202e07,2024-05-06,,none\n"),
    "H045": ("m.csv", MEETINGS + "007,2024-05-06\n" + ROW),
    "H046": ("m.csv", MEETINGS + "007,2024-05-06,,none,more\n" + ROW),
    "H047": ("m.csv", MEETINGS + ROW.replace("\n", ",\n") * 3),
    "H049": ("m.csv", MEETINGS + '007,2024-05-06,,"none\n' + ROW),
    "H050": ("m.csv", MEETINGS + f"007,2024-05-06,,{'x' * 200_000}\n"),
    "H051": ("m.csv", MEETINGS.replace("outcome", "child_id,outcome") + "7,2024-05-06,,7,none\n"),
    "H053": ("m.csv", "Our return\n\nof last quarter\n"),
    "H054": ("m.csv", MEETINGS + ROW + "Total,,,1\n"),
    "H055": ("m.csv", (MEETINGS + ROW).replace(",", "\t")),
    "H061": ("m.xlsx", with_member("xl/media/image1.bin", b"\0" * 5_000_000)),
    "H062": ("m.xlsx", with_member(SHEET.replace("1", "2"), "x" * 5_000_000)),
    "H063": ("m.xlsx", with_sheet(lambda text: text.replace("</sheetData>", FAR_OUT))),
    "H066": ("m.xlsx", with_member("../../x", "x")),
    "H067": ("c.xml", census(child()).replace("<Message>", "<!DOCTYPE Message><Message>")),
    "H069": ("c.xml", census(child("<a>" * 3_000 + "</a>" * 3_000))),
    "H070": ("m.xlsx", with_member("xl/vbaProject.bin", b"x")),
    "H071": ("m.xlsx", PASSWORD),
    "H073": ("m.xlsx", PLAIN[: len(PLAIN) // 2]),
    "H074": ("m.xlsx", with_cell("<c r='A3'><f>1+1</f></c>")),
    "H075": ("m.xlsx", with_cell("<c r='A3' t='e'><v>#REF!</v></c>")),
    "H078": ("m.xlsx", workbook(("DR1", [["a", "b"]]))),
    "H090": ("m.csv", MEETINGS.replace("\n", ",NHS number\n") + ROW.replace("\n", ",1\n")),
}
WELL = {
    "H038": ("m.csv", ("\ufeff" + MEETINGS + ROW).encode()),
    "H057": ("m.csv", MEETINGS + "NA,2024-05-06,,none\n1E5,2024-05-06,,none\n" + ROW),
    "H058": ("m.csv", MEETINGS + "=HYPERLINK(1),2024-05-06,,none\n"),
    "H059": ("m.csv", MEETINGS + "007,2024-05-06,,<script>alert(1)</script>\n"),
}
GOOD_BOOK = workbook(("Data", [MEETING_CELLS, ("007", DAY, None, "none")]))


def cases():
    """Every case of the list, as facts: id, area, title, outcome, reason code."""
    with CASES.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def named_tests():
    """Return the name of every test function of the repository."""
    return {
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_the_list_of_cases_is_whole():
    assert len(cases()) == 82
    assert set(FILES) | set(WELL) <= set(cases())


@pytest.mark.parametrize("case", sorted(cases()))
def test_every_case_has_a_test_of_its_name(case):
    named = {part for name in NAMED for part in name.split("_")}
    assert case.lower() in named, f"{case} ({cases()[case]['title']}) has no test of its name"


NAMED = named_tests()


def test_every_bad_file_is_refused_with_its_code_and_nothing_else_moves(root, dropped, monkeypatch):
    # One after the other: starting processes would cost more than it saves.
    monkeypatch.setattr(tasks.validate.batches, "ONE_BY_ONE", 100)
    others = [la for la in root.settings().authorities if la != LANCASHIRE]
    quarters = [f"2024-25Q{number}" for number in (4, 3, 2)]
    slots = [(la_code, quarter) for quarter in quarters for la_code in others]
    case_of = dict(zip(slots, {**FILES, **WELL}, strict=False))
    for (la_code, quarter), case in case_of.items():
        name, content = (FILES | WELL)[case]
        dropped.put(name, content, la_code=la_code, quarter=quarter)
    taken = {case_of[found.la_code, found.quarter]: found for found in dropped.sweep()}
    assert set(taken) == set(FILES) | set(WELL)
    known = cases()
    for case in FILES:
        assert str(taken[case].state) == "rejected", case
        assert taken[case].reason_code in known[case]["reason_code"].split(" / "), case
    assert {case for case in WELL if not taken[case].state.is_accepted} == set()
    in_force = {(la_code, quarter) for la_code, _, quarter in dropped.in_force()}
    well = {(taken[case].la_code, taken[case].quarter) for case in WELL}
    assert in_force == well | {(LANCASHIRE, QUARTER)}


@pytest.mark.parametrize("case", ["H053", "H067", "H070", "H078"])
def test_a_good_file_beside_a_bad_one_in_one_folder_is_taken(dropped, case):
    name, content = FILES[case]
    dropped.put(name, content)
    dropped.put("good.xlsx", GOOD_BOOK)
    states = {found.return_name: (str(found.state), found.reason_code) for found in dropped.sweep()}
    assert states == {
        "pre_proceedings": ("accepted", ""),
        "unrecognised": ("rejected", cases()[case]["reason_code"]),
    }
