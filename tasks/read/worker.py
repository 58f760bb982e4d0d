"""The process in which XML and workbooks are parsed: run by path, knows nothing of ours.

It reads one request as JSON on standard input, takes limits on memory, processor time and file
size before it opens anything, and answers with JSON on standard output. Whatever a file does to
it, it dies alone; `child_process` tells the rest of the pipeline why. Only the standard library is
imported at the start, so that a file costs a few hundredths of a second.
"""

from __future__ import annotations

import base64
import json
import re
import resource
import sys
import zipfile
from array import array
from collections import Counter
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers import expat

_MOST_NAMES = 100
_LAYOUT = " \t\r\n"
_MOST_MARKS = 1000
_LONGEST_COMMAND = 100
_LONGEST_ERROR = 20
_FIRST_INEXACT = 1e15  # Excel keeps fifteen digits of a number.
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_STYLES = "xl/styles.xml"
# A format that fills a number up with zeros, as 00000000; a language or further parts may stand by.
_PADDED = re.compile(r"(?:\[[^\]]*\])?(0{2,20})(?:;.*)?")
# Text by which a spreadsheet would start another program.
_COMMAND = re.compile(r"\s*[=+@-]*\s*\w*(cmd|dde|excel|winword|powershell|mshta)\w*\s*\|", re.I)
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


class RefusedError(Exception):
    """The file breaks a limit or cannot be read: a reason code and what belongs to it."""

    def __init__(self, code: str, row: int | None = None, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.row = row
        self.detail = detail


class TreeReader:
    """Walks XML once, as it streams by, into rows of text.

    The plan is a tree of nodes by element name. A node may open a row (`row`: table), hold a cell
    (`cell`: table, place of the column, and whether the row is a loose one, that no element of its
    own encloses), or merely contain others (`kids`). Names are taken without their namespace.
    Nothing is kept of the file but the rows: their cells, the line they begin on and the place of
    the row they lie in.
    """

    def __init__(self, plan: dict[str, Any], limits: dict[str, int]) -> None:
        self.limits = limits
        self.width: dict[str, int] = plan["tables"]
        self.rows: dict[str, list[list[Any]]] = {name: [] for name in self.width}
        self.unknown: dict[str, int] = {}
        self.blocks: dict[str, int] = {}
        self.outermost = ""
        self.forbidden = re.compile(plan["forbidden"])
        self.trail: list[Any] = [{"kids": {plan["root"]: plan["tree"]}}]
        self.open: list[tuple[str, int]] = []
        self.loose: dict[str, tuple[int, int]] = {}
        self.text: list[str] = []
        self.elements = 0
        self.characters = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters_met
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    def read(self, data: bytes) -> dict[str, Any]:
        """Return the rows of each table and the names of elements that were not expected."""
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            raise RefusedError("XML_DAMAGED", error.lineno) from error
        return {"rows": self.rows, "unknown": self.unknown, "blocks": self.blocks}

    def refused(self, code: str) -> RefusedError:
        """Return the error for the line being read."""
        return RefusedError(code, int(self.parser.CurrentLineNumber))

    def refuse_doctype(self, *_: object) -> None:
        """Refuse any document type: it could define text that is not in the file."""
        raise self.refused("XML_DTD")

    def start(self, name: str, attributes: list[str]) -> None:
        """Take in the beginning of an element."""
        self.elements += 1
        if (
            self.elements > self.limits["elements"]
            or len(self.trail) > self.limits["depth"]
            or len(attributes) > 2 * self.limits["attributes"]
        ):
            raise self.refused("XML_LIMIT")
        self.end_of_text()
        local = name.rpartition(":")[2]
        parent = self.trail[-1]
        node = parent["kids"].get(local) if parent else None
        if node is None:
            self.strange(parent, local)
        elif "row" in node:
            self.open_row(node["row"])
        self.trail.append(node)

    def end_of_text(self) -> None:
        """Forget white space before an element; refuse anything else there."""
        if self.trail[-1] is not None and "".join(self.text).strip():
            raise self.refused("XML_STRUCTURE")
        self.text.clear()
        self.characters = 0

    def strange(self, parent: Any, local: str) -> None:
        """Refuse a strange root and an element inside a cell; count what else is unexpected.

        An unexpected element which holds others is a block: a part of the return is not read.
        """
        if len(self.trail) == 1:
            raise self.refused("XML_ROOT")
        if parent is not None and "cell" in parent:
            raise self.refused("XML_STRUCTURE")
        if parent is None and self.outermost:
            count_name(self.blocks, self.outermost)
        self.outermost = local if parent is not None else ""
        count_name(self.unknown, local)

    def open_row(self, table: str) -> int:
        """Begin a row of `table` inside the row that is open; return its place."""
        rows = self.rows[table]
        inside = self.open[-1][1] if self.open else -1
        rows.append([*[None] * self.width[table], int(self.parser.CurrentLineNumber), inside])
        self.open.append((table, len(rows) - 1))
        return len(rows) - 1

    def characters_met(self, text: str) -> None:
        """Take in text."""
        self.characters += len(text)
        if self.characters > self.limits["characters"]:
            raise self.refused("CELL_TOO_LONG" if self.trail[-1] is not None else "XML_LIMIT")
        self.text.append(text)

    def end(self, _: str) -> None:
        """Take in the end of an element."""
        node = self.trail[-1]
        if node is not None and "cell" in node:
            self.set_cell(*node["cell"])
            self.text.clear()
        self.end_of_text()
        self.trail.pop()
        if node is not None and "row" in node:
            self.open.pop()

    def set_cell(self, table: str, column: int, is_loose: bool, begins: bool) -> None:
        """Put the text of a cell in its row; white space at its edges is layout, not text."""
        text = "".join(self.text).strip(_LAYOUT)
        if not text.isascii() and self.forbidden.search(text):
            raise self.refused("CONTROL_CHARACTER")
        place = self.loose_row(table, column, begins) if is_loose else self.open[-1][1]
        row = self.rows[table][place]
        if row[column] is not None:
            raise self.refused("XML_REPEATED")
        row[column] = text

    def loose_row(self, table: str, column: int, begins: bool) -> int:
        """Return the place of the loose row inside the open row, beginning one where needed.

        A second element that begins such a row begins a second row.
        """
        inside = self.open[-1][1]
        held, place = self.loose.get(table, (-1, -1))
        if held != inside or (begins and self.rows[table][place][column] is not None):
            place = self.open_row(table)
            self.open.pop()
            self.loose[table] = (inside, place)
        return place


def count_name(counts: dict[str, int], name: str) -> None:
    """Count a name that a file brought; beyond a hundred they are counted together."""
    shown = name if name in counts or len(counts) < _MOST_NAMES else "other"
    counts[shown] = counts.get(shown, 0) + 1


class SheetScan:
    """Looks over one sheet's XML for what the workbook library cannot take or would hide.

    Notes, as row and column counted from 1: formulas that were never calculated, which would read
    as nothing, and error values, which would too; and which rows and columns are hidden. Refuses a
    sheet whose cells lie too far out, are out of order or stand twice, because the library takes
    memory for everything in between and readers differ on which cell counts.
    """

    def __init__(self, limits: dict[str, int], widths: dict[str, int]) -> None:
        self.limits = limits
        self.widths = widths
        self.padded: list[tuple[int, int, int]] = []
        self.uncalculated: list[tuple[int, int]] = []
        self.errors: dict[tuple[int, int], str] = {}
        self.calculated = 0
        self.depth = 0
        self.widest = 0
        self.row = 0
        self.column = 0
        self.is_error = self.has_formula = self.has_value = False
        self.is_hidden = False
        self.hidden_rows: list[int] = []
        self.hidden_columns: set[int] = set()
        self.value = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = refuse_doctype

    def read(self, data: bytes) -> None:
        """Look over a sheet."""
        parse(self.parser, data)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the beginning of an element."""
        self.depth += 1
        if self.depth > self.limits["depth"] or len(attributes) > self.limits["attributes"]:
            raise RefusedError("XML_LIMIT")
        local = name.rpartition(":")[2]
        if local == "c":
            self.start_cell(attributes)
        elif local == "row":
            self.start_row(attributes)
        elif local == "f":
            self.has_formula = True
        elif local == "col" and is_true(attributes.get("hidden")):
            last = min(int(attributes["max"]), self.limits["columns"])
            self.hidden_columns.update(range(int(attributes["min"]), last + 1))

    def start_row(self, attributes: dict[str, str]) -> None:
        """Move to a row: the one it names, or the next."""
        number = int(attributes.get("r", self.row + 1))
        if number <= self.row:
            raise RefusedError("WORKBOOK_DAMAGED")
        self.row, self.column = number, 0
        self.is_hidden = is_true(attributes.get("hidden"))

    def start_cell(self, attributes: dict[str, str]) -> None:
        """Move to a cell: the one it names, or the next."""
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        column = column_number(place[1]) if place else self.column + 1
        if column <= self.column or (place and int(place[2]) != self.row):
            raise RefusedError("WORKBOOK_DAMAGED")
        self.column = column
        self.is_error = attributes.get("t") == "e"
        width = self.widths.get(attributes.get("s", ""))
        if width and attributes.get("t", "n") == "n":
            self.padded.append((self.row, column, width))
        self.has_formula = self.has_value = False
        self.value = ""

    def text(self, text: str) -> None:
        """Take in text: within a cell, it is its value or its formula."""
        self.has_value = self.has_value or bool(text)
        if self.is_error:
            self.value += text[:_LONGEST_ERROR]

    def end(self, name: str) -> None:
        """Take in the end of an element."""
        self.depth -= 1
        local = name.rpartition(":")[2]
        if local == "c":
            self.end_cell()
        elif local == "f":
            self.has_value = False
            self.value = ""

    def end_cell(self) -> None:
        """Judge a cell that is over."""
        if self.has_value:
            self.widest = max(self.widest, self.column)
            if (
                self.row > self.limits["rows"]
                or self.column > self.limits["columns"]
                or self.row * self.widest > self.limits["cells"]
            ):
                raise RefusedError("SHEET_TOO_LARGE")
            if self.is_hidden and self.hidden_rows[-1:] != [self.row]:
                self.hidden_rows.append(self.row)
        if self.is_error:
            self.errors[self.row, self.column] = self.value.strip()[:_LONGEST_ERROR]
        elif self.has_formula and not self.has_value:
            self.uncalculated.append((self.row, self.column))
        self.calculated += self.has_formula and self.has_value


def is_true(value: str | None) -> bool:
    """Return whether an attribute says yes."""
    return value in ("1", "true")


def column_number(letters: str) -> int:
    """Return the number of the column with these letters: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def refuse_doctype(*_: object) -> None:
    """Refuse any document type."""
    raise RefusedError("XML_DTD")


def parse(parser: Any, data: bytes) -> None:
    """Run a part of a workbook through a parser."""
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as error:
        raise RefusedError("WORKBOOK_DAMAGED") from error


def attributes_of(data: bytes, element: str, *, inside: str = "") -> list[dict[str, str]]:
    """Return the attributes, names without prefix, of every element called so.

    Where a parent is named, only of those right inside it.
    """
    found: list[dict[str, str]] = []
    trail = [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        local, parent = name.rpartition(":")[2], trail[-1]
        trail.append(local)
        if local == element and inside in ("", parent):
            found.append({key.rpartition(":")[2]: text for key, text in attributes.items()})

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: trail.pop()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parse(parser, data)
    return found


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part that holds each sheet, by the sheet's name."""
    base = PurePosixPath("xl")
    targets = {
        rel.get("Id", ""): rel.get("Target", "")
        for rel in attributes_of(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    }
    return {
        sheet["name"]: str(base / targets[sheet["id"]]).lstrip("/")
        for sheet in attributes_of(archive.read("xl/workbook.xml"), "sheet")
    }


def padded_widths(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return how many digits a cell of each style shows, for styles that fill up with zeros."""
    if _STYLES not in archive.namelist():
        return {}
    data = archive.read(_STYLES)
    formats = {
        one.get("numFmtId", ""): len(found[1])
        for one in attributes_of(data, "numFmt")
        if (found := _PADDED.fullmatch(one.get("formatCode", "")))
    }
    styles = enumerate(attributes_of(data, "xf", inside="cellXfs"))
    return {
        str(place): formats[style["numFmtId"]]
        for place, style in styles
        if style.get("numFmtId") in formats
    }


def check_parts(archive: zipfile.ZipFile) -> None:
    """Refuse macros, and a document type in any part."""
    for name in archive.namelist():
        if name.lower().endswith("vbaproject.bin"):
            raise RefusedError("MACRO")
        data = archive.read(name)
        if any(mark in data for mark in _DOCTYPES):
            raise RefusedError("XML_DTD")
        if name == "[Content_Types].xml" and b"macroEnabled" in data:
            raise RefusedError("MACRO")


def text_of(value: Any) -> str:
    """Return a cell as text: dates as ISO, whole numbers without a point, nothing as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if is_exact(value) and value.is_integer() else repr(value)
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def texts_of(rows: list[list[Any]], errors: dict[tuple[int, int], str]) -> list[list[str]]:
    """Return rows as text, with what a spreadsheet shows where it could not work out a cell."""
    texts = [[text_of(value) for value in row] for row in rows]
    for (row, column), shown in errors.items():
        if row <= len(texts) and column <= len(texts[row - 1]):
            texts[row - 1][column - 1] = shown
    return texts


def is_exact(value: float) -> bool:
    """Return whether a number has few enough digits for a workbook to have kept them all."""
    return abs(value) < _FIRST_INEXACT


def sheet_answer(sheet: Any, scan: SheetScan, request: dict[str, Any]) -> dict[str, Any]:
    """Return one sheet's cells as text, and the places of those that need a word."""
    forbidden = re.compile(request["forbidden"])
    rows = sheet.to_python(skip_empty_area=False, nrows=request["most_rows"])
    shown = {(row, column): width for row, column, width in scan.padded}
    inexact, unseen, commands = [], [], []
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if isinstance(value, float):
                if not is_exact(value):
                    inexact.append((number, column))
            elif isinstance(value, str) and value and not value.isalnum():
                if not value.isprintable() and forbidden.search(value):
                    unseen.append((number, column))
                if "|" in value and _COMMAND.match(value[:_LONGEST_COMMAND]):
                    commands.append((number, column))
    marks = {
        "uncalculated": scan.uncalculated,
        "command": commands,
        "inexact": inexact,
        "unseen": unseen,
    }
    texts = texts_of(rows, scan.errors)
    fill_up(texts, shown)
    return {
        "name": sheet.name,
        "rows": texts,
        "numbers": list(numbers_as_they_are(rows, shown).items()),
        "marks": {mark: places[:_MOST_MARKS] for mark, places in marks.items()}
        | {"error": list(scan.errors)},
        "calculated": scan.calculated,
        "hidden_rows": scan.hidden_rows,
        "hidden_columns": sorted(scan.hidden_columns),
    }


def numbers_as_they_are(rows: list[list[Any]], shown: dict[tuple[int, int], int]) -> Counter[int]:
    """Return per column, counted from 1, its numbers that no format fills up with zeros."""
    return Counter(
        column
        for number, row in enumerate(rows, start=1)
        for column, value in enumerate(row, start=1)
        if isinstance(value, float) and (number, column) not in shown
    )


def fill_up(texts: list[list[str]], shown: dict[tuple[int, int], int]) -> None:
    """Write whole numbers as their cells show them: with zeros up to the width of the format."""
    for (row, column), width in shown.items():
        if row <= len(texts) and column <= len(texts[row - 1]):
            text = texts[row - 1][column - 1]
            texts[row - 1][column - 1] = text.zfill(width) if text.isdecimal() else text


def read_workbook(request: dict[str, Any]) -> dict[str, Any]:
    """Return the visible sheets of a workbook."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    limits = request["limits"]
    try:
        scans = scanned(request["path"], limits)
        workbook = CalamineWorkbook.from_path(request["path"])
        tables = [m for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        shown = [m.name for m in tables if m.visible == SheetVisibleEnum.Visible]
        sheets = [
            sheet_answer(workbook.get_sheet_by_name(name), scans[name], request)
            for name in shown
            if name in scans
        ]
    except (CalamineError, KeyError, zipfile.BadZipFile) as error:
        raise RefusedError("WORKBOOK_DAMAGED") from error
    hidden = [m.name for m in tables if m.name not in shown]
    return {"sheets": sheets, "hidden": hidden, "counts_from_1904": counts_from_1904(request)}


def scanned(path: str, limits: dict[str, int]) -> dict[str, SheetScan]:
    """Return each sheet looked over, by name, once nothing in the workbook is refused."""
    scans = {}
    with zipfile.ZipFile(path) as archive:
        check_parts(archive)
        parts, widths = sheet_parts(archive), padded_widths(archive)
        if len(parts) > limits["sheets"]:
            raise RefusedError("SHEET_TOO_LARGE")
        for name, part in parts.items():
            scans[name] = SheetScan(limits, widths)
            scans[name].read(archive.read(part))
    return scans


def counts_from_1904(request: dict[str, Any]) -> bool:
    """Return whether the workbook counts its days from 1904."""
    with zipfile.ZipFile(request["path"]) as archive:
        properties = attributes_of(archive.read("xl/workbook.xml"), "workbookPr")
    return any(is_true(p.get("date1904")) for p in properties)


def main() -> None:
    """Answer the one request on standard input."""
    request = json.load(sys.stdin)
    limits = request["limits"]
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    try:
        answer = _ANSWERS[request["kind"]](request)
    except RefusedError as refused:
        answer = {"refused": [refused.code, refused.row, refused.detail]}
    except MemoryError:
        answer = {"refused": ["MEMORY", None, ""]}
    written = json.dumps(answer)
    if len(written) > limits["answer"]:
        written = json.dumps({"refused": ["MEMORY", None, ""]})
    sys.stdout.write(written)


def read_xml(request: dict[str, Any]) -> dict[str, Any]:
    """Return the rows in an XML file, by the plan of the request."""
    reader = TreeReader(request["plan"], request["limits"])
    answer = reader.read(Path(request["path"]).read_bytes())
    rows = answer["rows"]
    # Table by table, so that no table is held in both shapes longer than it takes.
    answer["rows"] = {name: packed(rows.pop(name), reader.width[name]) for name in list(rows)}
    return answer


def packed(rows: list[list[Any]], width: int) -> dict[str, Any]:
    """Return a table's rows by column: distinct texts once, and places among them as numbers.

    A census says the same few codes ten thousand times. Floats are 32 bits each, in base 64: -1
    where nothing was sent.
    """
    columns = []
    for column in range(width):
        known: dict[str, int] = {}
        texts = (row[column] for row in rows)
        places = array("i", (-1 if t is None else known.setdefault(t, len(known)) for t in texts))
        columns.append({"texts": list(known), "places": numbers(places)})
    lines, inside = (array("i", (row[place] for row in rows)) for place in (width, width + 1))
    return {"columns": columns, "lines": numbers(lines), "inside": numbers(inside)}


def numbers(values: array[int]) -> str:
    """Return numbers as text."""
    return base64.b64encode(values.tobytes()).decode()


_ANSWERS = {"xml": read_xml, "workbook": read_workbook}

if __name__ == "__main__":
    main()
