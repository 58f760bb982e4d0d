"""Small invented files, and the two ways a test sends them: read, or refused."""

import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from schemas.errors import UnreadableError
from schemas.limits import LIMITS
from schemas.quarter import Quarter
from tasks.read import FileToRead, read_return
from tasks.read.recognise import recognise
from tasks.read.unpack import unpacked

QUARTER = Quarter.parse("2024-25Q4")
MEETINGS = "child_id,first_meeting_date,proceedings_issued_date,outcome\n"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,"
    "HOME_POST,PL_POST,URN\n"
)
ONE_CHILD = "A1,M,05/04/2010,WBRI,UN1,0,\n"
ONE_EPISODE = "A1,05/04/2024,S,C2,N1,U1,PR1,,,,,,\n"


def as_bytes(content):
    return content if isinstance(content, bytes) else content.encode()


def read_files(folder, contents, *, quarter=QUARTER, limits=LIMITS):
    """Read the files of one return, given as name and content."""
    files = []
    for name, content in contents.items():
        path = folder / f"landed-{len(files)}"
        path.write_bytes(as_bytes(content))
        assert unpacked(path, name, limits) == ()
        known = recognise(path, name, limits=limits)
        files.append((known.return_name, FileToRead(name, path, known.part)))
    (return_name,) = {return_name for return_name, _ in files}
    return read_return(return_name, [file for _, file in files], quarter, limits=limits)


def read_one(folder, content, *, name="sent.csv", quarter=QUARTER, limits=LIMITS):
    return read_files(folder, {name: content}, quarter=quarter, limits=limits)


def meetings(folder, rows, **how):
    """Read a pre-proceedings return with these rows below its headings."""
    return read_one(folder, MEETINGS + rows, **how).frames["pre_proceedings"]


def refused(folder, content, *, name="sent.csv", quarter=QUARTER, limits=LIMITS):
    """Return the error with which a file is refused, which must name the file."""
    with pytest.raises(UnreadableError) as caught:
        read_one(folder, content, name=name, quarter=quarter, limits=limits)
    assert caught.value.words.startswith(name)
    return caught.value


def refused_zip(folder, data, *, name="sent.zip", limits=LIMITS):
    path = folder / "landed"
    path.write_bytes(data)
    with pytest.raises(UnreadableError) as caught:
        unpacked(path, name, limits)
    assert caught.value.words.startswith(name)
    return caught.value


def zipped(members, **how):
    """Return a zip of these members, given as pairs of name and content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, content in members:
            archive.writestr(name, as_bytes(content))
    return buffer.getvalue()


def workbook(*sheets, **options):
    """Return a workbook; each sheet is a name and rows of str, number, date or None."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **options})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                write_cell(sheet, number, column, value, day)
    book.close()
    return buffer.getvalue()


def write_cell(sheet, row, column, value, day):
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write(row, column, value)


def remade(data, change):
    """Return an archive made again with each member's bytes changed by `change(name, bytes)`."""
    members = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            members.append((name, change(name, archive.read(name))))
    return zipped([(name, content) for name, content in members if content is not None])


MEETING_CELLS = tuple(MEETINGS.strip().split(","))


def census(children, *, year=2025, la="301", namespace="", extra=""):
    """Return a census with these children, each given as XML."""
    attribute = f' xmlns="{namespace}"' if namespace else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Message{attribute}>\n<Header><CollectionDetails><Collection>CIN</Collection>"
        f"<Year>{year}</Year><ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>"
        f"<Source><LEA>{la}</LEA></Source></Header>{extra}\n"
        f"<Children>\n{children}\n</Children>\n</Message>\n"
    )


def child(case="", *, child_id="A1"):
    """Return one child of a census with what is inside its case."""
    return (
        f"<Child><ChildIdentifiers><LAchildID>{child_id}</LAchildID>"
        "<PersonBirthDate>2015-04-05</PersonBirthDate><Sex>M</Sex></ChildIdentifiers>\n"
        "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>\n"
        f"<CINdetails><CINreferralDate>2024-05-06</CINreferralDate>\n{case}"
        "<ReferralNFA>0</ReferralNFA></CINdetails></Child>"
    )
