"""Values that were once misread on the way in, or altered on the way out, each by its name."""

import openpyxl
import pandas as pd
import pytest

from tests.hostile.test_content import a_census, a_child, found
from tests.support.files import EPISODES, HEADER, MEETINGS, read_one

IDENTIFIERS = ["007", "7", "1e5", "100000", "12345678901234567", "12345678901234568", "NA", "-1"]


def test_identifiers_stay_text_of_every_digit(tmp_path):
    rows = "".join(f"{text},2024-05-06,,none\n" for text in IDENTIFIERS)
    frame = read_one(tmp_path, MEETINGS + rows).frames["pre_proceedings"]
    # Capitals alone are taken as one: `ab12` and `AB12` are one child.
    assert list(frame["child_id"]) == [text.upper() for text in IDENTIFIERS]


def test_05_04_2010_is_the_fifth_of_april_and_31_02_2025_a_finding(root, dropped):
    born = HEADER + "A1,1,05/04/2010,WBRI,UN1,0,\nA2,1,06/05/2011,WBRI,UN1,0,\n"
    placed = EPISODES + "".join(
        f"{child},{start},S,C2,N1,U1,PR1,,,,,,\n"
        for child, start in (("A1", "31/02/2025"), ("A2", "05/04/2024"))
    )
    dropped.put("header.csv", born)
    dropped.put("episodes.csv", placed)
    (taken,) = dropped.sweep()
    told = found(dropped, taken)
    impossible = told[told["code"] == "DATE_INVALID"]
    assert impossible[["file", "row", "field", "found"]].to_numpy().tolist() == [
        ["episodes.csv", "2", "DECOM", "31/02/2025"]
    ]
    frame = read_one(root.path, born).frames["children"]
    assert list(frame["birth_date"]) == [pd.Timestamp(2010, 4, 5), pd.Timestamp(2011, 5, 6)]


@pytest.mark.parametrize("text", ["tenancy", "Fernanda", "nan", "1/2"])
def test_no_text_is_altered_on_the_way_out(dropped, text):
    sent = a_census(a_child("C1"), a_child("C2")).replace("WBRI", text, 1)
    dropped.put("census.xml", sent)
    (taken,) = dropped.sweep()
    told = found(dropped, taken)
    (row,) = told[told["field"] == "Ethnicity"].to_dict("records")
    assert row["found"] == text
    pack = dropped.pack(taken)
    assert text in (pack / "report.html").read_text()
    sheet = openpyxl.load_workbook(pack / "findings.xlsx")["Findings"]
    assert text in {cell.value for (cell,) in sheet["I2:I50"]}
