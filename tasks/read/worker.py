"""The process in which XML and workbooks are parsed: run by path, knows nothing of ours.

It reads one request as JSON on standard input, takes limits on memory, processor time and file
size before it opens anything, and answers with JSON on standard output. Whatever a file does to
it, it dies alone; `child_process` tells the rest of the pipeline why. Only the standard library is
imported at the start, so that a file costs a few hundredths of a second.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from typing import Any
from xml.parsers import expat

_MOST_NAMES = 100
_LAYOUT = " \t\r\n"


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
        return {"rows": self.rows, "unknown": self.unknown}

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
        """Refuse a strange root and an element inside a cell; count what else is unexpected."""
        if len(self.trail) == 1:
            raise self.refused("XML_ROOT")
        if parent is not None and "cell" in parent:
            raise self.refused("XML_STRUCTURE")
        known = local in self.unknown or len(self.unknown) < _MOST_NAMES
        name = local if known else "other"
        self.unknown[name] = self.unknown.get(name, 0) + 1

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
    data = Path(request["path"]).read_bytes()
    return TreeReader(request["plan"], request["limits"]).read(data)


_ANSWERS = {"xml": read_xml}

if __name__ == "__main__":
    main()
