"""What is always true of reading, whatever was sent."""

import csv
import io
import re
import string
import tempfile
import traceback
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas.errors import UnreadableError
from schemas.identifiers import normal_identifier
from schemas.limits import LIMITS
from schemas.returns import RETURNS
from schemas.spellings import plain
from schemas.table import AtRest
from schemas.tolerances import CELL_TOLERANCES
from tasks.read import FileToRead, read_return
from tasks.read.cells import words_for_nothing
from tasks.read.csv_set import Layout, fast_sheet, strict_sheet
from tasks.read.headings import HeadingRow, named
from tasks.read.recognise import recognise
from tasks.read.unpack import unpacked
from tests.support.files import (
    EPISODES,
    MEETING_CELLS,
    MEETINGS,
    ONE_EPISODE,
    QUARTER,
    census,
    child,
    workbook,
    zipped,
)

pytestmark = pytest.mark.slow
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
MANY = settings(max_examples=400, deadline=None, suppress_health_check=CHECKS)
SOME = settings(max_examples=100, deadline=None, suppress_health_check=CHECKS)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)

CELL = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " ,;\"'\n\r\té–£=+-@/"), max_size=12
)
ROWS = st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=8)
LIKE_CSV = st.text(st.sampled_from('a1,;"\n\r '), max_size=60)
MEETING_LAYOUT = Layout(
    HeadingRow(0, MEETING_CELLS, named("pre_proceedings", "pre_proceedings"), (1.0, 4)), ","
)


def taken_in(name, data):
    """Read whatever was sent the way the pipeline does; None when it was refused with a reason."""
    try:
        return [read_bytes(name, data)]
    except UnreadableError as error:
        check_reason(error, name)
        return []


def check_reason(error, name):
    assert error.code == error.code.upper()
    assert error.words.startswith(name)
    assert error.words.endswith(".")


def read_bytes(name, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "landed"
        path.write_bytes(data)
        return read_file(path, name, folder)


def read_file(path, name, folder):
    members = unpacked(path, name, LIMITS)
    if members:
        path = Path(folder) / "member"
        path.write_bytes(members[0].data)
        name = f"{name}/{members[0].name}"
    known = recognise(path, name, limits=LIMITS)
    files = [FileToRead(name, path, known.part)]
    return read_return(known.return_name, files, QUARTER, limits=LIMITS)


def written(rows, *, quoting=csv.QUOTE_MINIMAL, end="\n", headings=MEETING_CELLS):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=quoting, lineterminator=end)
    writer.writerows([headings, *rows])
    return buffer.getvalue().encode()


def contents(sheet):
    return sheet.headings, sheet.cells.to_pydict(), sheet.rows.tolist()


@MANY
@given(
    rows=ROWS,
    style=st.sampled_from(
        [(csv.QUOTE_MINIMAL, "\r\n"), *((csv.QUOTE_ALL, end) for end in ("\n", "\r\n", "\r"))]
    ),
)
def test_the_fast_way_and_the_strict_way_agree_on_every_well_formed_file(rows, style):
    data = written(rows, quoting=style[0], end=style[1])
    strict = strict_sheet(data, "x", MEETING_LAYOUT, LIMITS)
    fast = fast_sheet(data, "x", MEETING_LAYOUT, LIMITS)
    assert fast is None or contents(fast) == contents(strict)


@MANY
@given(text=LIKE_CSV)
@example(text='x",y,z,w\n1,2,3,"4\n')
@example(text='"a"b,c,d,e\n')
def test_what_the_fast_way_takes_the_strict_way_takes_alike(text):
    data = (MEETINGS + text).encode()
    fast = fast_sheet(data, "x", MEETING_LAYOUT, LIMITS)
    if fast is not None:
        assert contents(fast) == contents(strict_sheet(data, "x", MEETING_LAYOUT, LIMITS))


def test_the_fast_way_takes_ordinary_files():
    rows = [("1", "2024-05-06", "", "a, b"), ("2", "2024-05-06", "", 'a "b"')]
    assert fast_sheet(written(rows[:1]), "x", MEETING_LAYOUT, LIMITS) is not None
    assert fast_sheet(written(rows[1:]), "x", MEETING_LAYOUT, LIMITS) is None


@MANY
@given(rows=ROWS, order=st.permutations(range(4)))
def test_every_cell_comes_back_as_it_was_sent_whatever_the_order_of_columns(rows, order):
    sent = written(
        [[row[place] for place in order] for row in rows],
        quoting=csv.QUOTE_ALL,
        headings=[MEETING_CELLS[place] for place in order],
    )
    for read in taken_in("sent.csv", sent):
        kept = [n for n, row in enumerate(rows) if any(cell.strip(" \t\r\n") for cell in row)]
        assume(not any(told.code == "NIL_RETURN" for told in read.tolerances))
        assert list(zip(*read.raw["pre_proceedings"].to_pydict().values(), strict=True)) == [
            rows[n] for n in kept
        ]
        assert list(read.frames["pre_proceedings"]["source_row"]) == [n + 2 for n in kept]


@MANY
@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_as_itself_in_every_form(day):
    serial = (day - date(1899, 12, 30)).days
    forms = [day.isoformat(), day.strftime("%d/%m/%Y"), f"{day.isoformat()}T00:00:00"]
    for text in [*forms, *([str(serial)] if serial >= 20_000 else [])]:
        (read,) = taken_in("sent.csv", f"{MEETINGS}1,{text},,\n".encode())
        assert list(read.frames["pre_proceedings"]["first_meeting_date"]) == [pd.Timestamp(day)]


@MANY
@given(text=st.text(st.sampled_from("0123456789/-.T: "), min_size=1, max_size=10))
def test_a_text_is_a_date_a_finding_or_blank_and_never_nothing(text):
    for read in taken_in("sent.csv", f"{MEETINGS}1,{text},,\n".encode()):
        (found,) = read.frames["pre_proceedings"]["first_meeting_date"]
        is_nothing = any(used.code == "NOTHING_WORD" for used in read.tolerances)
        is_said = bool(text.strip()) and not is_nothing
        assert (not pd.isna(found)) + len(read.findings) == is_said
        if not pd.isna(found) and re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", text.strip()):
            assert found.strftime("%d/%m/%Y") == text.strip()


def told_cells(read):
    """Return the table, place and heading of every cell that is reported as not understood."""
    told = {(f["table"], f["position"], f["field"]) for f in read.findings.to_dict("records")}
    declared = RETURNS[read.return_name]
    return told | {
        (table, place, declared[table][unread.column].sent_as)
        for table, columns in read.unread.items()
        for unread in columns
        for place in unread.positions.tolist()
    }


def is_word_for_nothing(read, text):
    """Return whether a text may be one of the words read as empty, which the return reports."""
    is_told = any(used.code in ("NOTHING_WORD", "ERROR_VALUE") for used in read.tolerances)
    return is_told and plain(text) in {"", *words_for_nothing(in_codes=False)}


def nothing_is_lost(read):
    """Check that every text sent became a value, a finding or a told departure."""
    told = told_cells(read)
    for table in RETURNS[read.return_name].tables:
        raw, frame = read.raw[table.name].to_pydict(), read.frames[table.name]
        assert read.raw[table.name].num_rows == len(frame)
        for column in table.columns:
            for position, text in enumerate(raw[column.name]):
                is_told = (table.name, position, column.sent_as) in told
                is_blank = not (text or "").strip(" \t\r\n") or is_word_for_nothing(read, text)
                value = frame[column.name].iloc[position]
                assert pd.isna(value) == (is_told or is_blank)
                if isinstance(value, str) and not any(
                    t.code in (*CELL_TOLERANCES, "CODES_PACKED") for t in read.tolerances
                ):
                    # Ids of children rest in one form; other texts without white space around them.
                    is_id = column.at_rest is AtRest.PSEUDONYM
                    sent = normal_identifier(text) if is_id else text.strip(" \t")
                    assert value == sent


VALID_CSV = {
    "meetings": written([(f"0{n}", f"2024-05-0{n + 1}", "", f"tenancy {n}, é") for n in range(6)]),
    "episodes": (EPISODES + ONE_EPISODE * 5).encode(),
}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_ordinary_rows_are_read_in_whatever_order_their_columns_stand(order):
    rows = [("1", "2024-05-06", "", "x"), ("2", "2024-05-07", "2024-06-01", "y")]
    headings = [MEETING_CELLS[place] for place in order]
    sent = written([[row[place] for place in order] for row in rows], headings=headings)
    (read,) = taken_in("sent.csv", sent)
    raw = read.raw["pre_proceedings"].to_pydict()
    assert list(zip(*raw.values(), strict=True)) == rows


@st.composite
def mutated_bytes(draw, sources):
    data = bytearray(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        change = draw(st.sampled_from(["set", "insert", "delete", "cut", "repeat"]))
        odd = draw(st.sampled_from([0, 9, 10, 13, 34, 39, 44, 59, 60, 62, 127, 128, 200, 255, 65]))
        if change == "set" and data:
            data[place] = odd
        elif change == "insert":
            data.insert(place, odd)
        elif change == "delete":
            del data[place : place + draw(st.integers(1, 30))]
        elif change == "cut":
            del data[place:]
        else:
            data[place:place] = data[place : place + draw(st.integers(1, 60))]
    return bytes(data)


@MANY
@given(data=mutated_bytes(list(VALID_CSV.values())))
def test_a_csv_file_damaged_anywhere_is_refused_with_a_reason_or_read_without_loss(data):
    for read in taken_in("sent.csv", data):
        nothing_is_lost(read)
        if not any(told.code == "ENCODING_CONVERTED" for told in read.tolerances):
            agrees_with_the_standard_library(read, data)


def agrees_with_the_standard_library(read, data):
    semicolons = any(told.code == "DELIMITER_SEMICOLON" for told in read.tolerances)
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    lines = dict(enumerate(csv.reader(text, delimiter=";" if semicolons else ","), start=1))
    (name,) = read.sent
    sent = {cell for cells in lines.values() for cell in cells}
    for column in read.raw[name].to_pydict().values():
        assert {cell for cell in column if cell is not None} <= sent
    for number, child_id in zip(
        read.frames[name]["source_row"], read.raw[name]["child_id"].to_pylist(), strict=True
    ):
        assert child_id in lines[number]


@st.composite
def mutated_rows(draw):
    rows = [list(MEETING_CELLS), *([f"{n}", f"2024-05-0{n}", "", "x"] for n in range(1, 6))]
    for _ in range(draw(st.integers(1, 3))):
        change = draw(st.sampled_from(["row", "column", "cell", "twice", "swap", "wider"]))
        row, column = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, 3))
        if change == "row":
            del rows[row]
        elif change == "column":
            rows = [[c for place, c in enumerate(r) if place != column] for r in rows]
        elif change == "cell" and rows[row]:
            rows[row][column % len(rows[row])] = draw(CELL)
        elif change == "twice":
            rows.insert(row, list(rows[row]))
        elif change == "swap":
            rows = [[*r[column:], *r[:column]] for r in rows]
        else:
            rows[row].append(draw(CELL))
        assume(rows)
    return rows


@MANY
@given(rows=mutated_rows())
def test_a_table_with_rows_or_columns_gone_wrong_is_refused_or_read_cell_for_cell(rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    for read in taken_in("sent.csv", buffer.getvalue().encode()):
        nothing_is_lost(read)
        raw = read.raw["pre_proceedings"].to_pydict()
        for place, number in enumerate(read.frames["pre_proceedings"]["source_row"]):
            row = [column[place] for column in raw.values()]
            assert all(cell in rows[number - 1] for cell in row)


SECRET = "Zq7Secret"


@MANY
@given(data=st.data())
def test_no_reason_repeats_what_stands_in_a_row(data):
    rows = [(f"{SECRET}{n}", f"{SECRET}-05-06", SECRET, f"{SECRET} {SECRET}") for n in range(4)]
    sent = bytearray(written(rows))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(sent) - 1))
        odd = data.draw(st.sampled_from([*b'\n\r",;\0\xe9', None]))
        if odd is None:
            del sent[place]
        else:
            sent[place] = odd
    try:
        taken = read_bytes("sent.csv", bytes(sent))
    except UnreadableError as error:
        said = "".join(traceback.format_exception(error))
    else:
        said = " ".join(told.words for told in taken.tolerances)
        said += " ".join(taken.findings["words"])
    assert "Secret" not in said
    assert "Zq7" not in said


CASE = (
    "<PrimaryNeedCode>N1</PrimaryNeedCode><Assessments><AssessmentActualStartDate>2024-05-07"
    "</AssessmentActualStartDate><FactorsIdentifiedAtAssessment><AssessmentFactors>1A"
    "</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>"
    "<Section47><S47ActualStartDate>2024-05-09</S47ActualStartDate>"
    "<ICPCnotRequired>false</ICPCnotRequired></Section47>"
)
CENSUS = census("\n".join(child(CASE, child_id=f"A{n}") for n in range(3)))


@FEW
@given(data=mutated_bytes([CENSUS.encode()]))
def test_xml_damaged_anywhere_is_refused_with_a_reason_or_read_without_loss(data):
    for read in taken_in("sent.xml", data):
        nothing_is_lost(read)
        agrees_with_lxml(read, data)


def agrees_with_lxml(read, data):
    # Recovering, because it minds the version in the first line and ours does not.
    parser = etree.XMLParser(resolve_entities=False, remove_comments=True, recover=True)
    root = etree.fromstring(data, parser)
    for name, element in (("child_id", "LAchildID"), ("ethnicity", "Ethnicity")):
        there = [text_of(found) for found in root.iter(element)]
        got = [text for text in read.raw["cin_children"][name].to_pylist() if text is not None]
        assert set(got) <= set(there)
    days = [text_of(found) for found in root.iter("CINreferralDate")]
    got = [text for text in read.raw["referrals"]["referral_date"].to_pylist() if text is not None]
    assert set(got) <= set(days)


def text_of(element):
    return "".join(element.itertext()).strip()


@st.composite
def mutated_elements(draw):
    root = etree.fromstring(CENSUS.encode())
    for _ in range(draw(st.integers(1, 4))):
        every = list(root.iter())[1:]
        assume(every)
        element = every[draw(st.integers(0, len(every) - 1))]
        other = every[draw(st.integers(0, len(every) - 1))]
        change = draw(st.sampled_from(["drop", "twice", "rename", "move", "text"]))
        if change == "drop":
            element.getparent().remove(element)
        elif change == "twice":
            element.addnext(etree.fromstring(etree.tostring(element)))
        elif change == "rename":
            element.tag = other.tag
        elif change == "move" and element not in other.iterancestors() and element is not other:
            other.append(element)
        else:
            element.text = draw(CELL)
    return etree.tostring(root)


@FEW
@given(data=mutated_elements())
def test_xml_with_elements_gone_wrong_is_refused_with_a_reason_or_read_without_loss(data):
    for read in taken_in("sent.xml", data):
        nothing_is_lost(read)
        agrees_with_lxml(read, data)


BOOK_ROWS = [MEETING_CELLS, *((f"0{n}", date(2024, 5, n), None, "x") for n in range(1, 5))]
BOOK = workbook(("Data", BOOK_ROWS))


@FEW
@given(data=mutated_bytes([BOOK]))
def test_a_workbook_damaged_anywhere_is_refused_with_a_reason_or_read_as_it_was(data):
    for read in taken_in("sent.xlsx", data):
        frame = read.frames["pre_proceedings"]
        assert list(frame["child_id"]) == ["01", "02", "03", "04"]
        assert list(frame["first_meeting_date"]) == [pd.Timestamp(2024, 5, n) for n in range(1, 5)]


@FEW
@given(data=mutated_bytes([zipped([("a.csv", VALID_CSV["meetings"])])]))
def test_a_zip_damaged_anywhere_is_refused_with_a_reason_or_read_as_it_was(data):
    for read in taken_in("sent.zip", data):
        assert list(read.frames["pre_proceedings"]["child_id"]) == [f"0{n}" for n in range(6)]


SET = zipped([("meetings.csv", VALID_CSV["meetings"]), ("set/episodes.csv", VALID_CSV["episodes"])])


@st.composite
def mutated_members(draw, data):
    """An archive whose members were dropped, doubled, renamed, emptied or exchanged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(members) - 1))
        other = draw(st.integers(0, len(members) - 1))
        (name, content), (other_name, other_content) = members[place], members[other]
        change = draw(st.sampled_from(["drop", "twice", "rename", "empty", "exchange", "case"]))
        if change == "drop" and len(members) > 1:
            del members[place]
        elif change == "twice":
            members.append((name, other_content))
        elif change == "rename":
            odd = draw(
                st.sampled_from(["x.csv", "../x.csv", "a/b/c", "x.bin", "sheet1.xml", "\u202e"])
            )
            members[place] = (odd, content)
        elif change == "empty":
            members[place] = (name, b"")
        elif change == "exchange":
            members[place], members[other] = (name, other_content), (other_name, content)
        else:
            members.append((name.upper(), content))
    return zipped(members)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@SOME
@given(data=mutated_members(SET))
def test_a_zip_with_members_gone_wrong_is_refused_with_a_reason_or_read_as_it_was(data):
    for read in taken_in("sent.zip", data):
        nothing_is_lost(read)
        (name,) = read.sent
        assert name in ("pre_proceedings", "episodes")
        assert len(read.frames[name]) == (6 if name == "pre_proceedings" else 5)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@FEW
@given(data=mutated_members(BOOK))
def test_a_workbook_with_parts_gone_wrong_is_refused_with_a_reason_or_read_as_it_was(data):
    for read in taken_in("sent.xlsx", data):
        frame = read.frames["pre_proceedings"]
        assert list(frame["child_id"]) == ["01", "02", "03", "04"]
        assert list(frame["first_meeting_date"]) == [pd.Timestamp(2024, 5, n) for n in range(1, 5)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sent.csv", VALID_CSV["meetings"]),
        ("sent.csv", VALID_CSV["episodes"]),
        ("sent.xml", CENSUS.encode()),
        ("sent.xlsx", BOOK),
        ("sent.zip", zipped([("a.csv", VALID_CSV["meetings"])])),
    ],
)
def test_what_the_damaged_files_are_made_from_is_read(name, data):
    (read,) = taken_in(name, data)
    nothing_is_lost(read)
    assert sum(map(len, read.frames.values())) >= 3


def test_some_damage_is_survived_and_some_is_not():
    whole = VALID_CSV["meetings"]
    damaged = [whole[:place] + b"\n" + whole[place:] for place in range(len(whole))]
    read = [len(taken_in("sent.csv", data)) for data in damaged]
    assert 0 < sum(read) < len(read)


@FEW
@given(
    data=st.binary(max_size=300), name=st.sampled_from(["x.csv", "x.xml", "x.xlsx", "x.zip", "x"])
)
def test_any_bytes_at_all_are_refused_with_a_reason(data, name):
    assert taken_in(name, data) == []


@pytest.mark.parametrize("first", [date(2024, 5, 6)])
def test_the_order_of_rows_changes_nothing_but_their_order(first):
    rows = [(f"A{n}", (first + timedelta(n)).isoformat(), "", f"x{n}") for n in range(20)]
    (one,) = taken_in("sent.csv", written(rows))
    (other,) = taken_in("sent.csv", written(rows[::-1]))
    frames = [read.frames["pre_proceedings"].drop(columns="source_row") for read in (one, other)]
    pd.testing.assert_frame_equal(frames[0], frames[1][::-1].reset_index(drop=True))
