"""How large anything an authority sends may be, and why.

Limits are declared so that no file, however made, can take the machine's memory, time or disk.
Each is far above what the largest authority sends; a file over one is refused by name, before it
is parsed wherever its size can be known before.
"""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Every limit of the readers.

    Attributes:
        file_bytes: one file as it arrives. The largest authority's episodes over a year are 5 MB.
        unpacked_bytes: everything a zip or workbook holds, together. Twice a file, since what
            is sent packed is several files.
        member_bytes: one member of a zip or workbook: as one file.
        ratio: unpacked to packed bytes. Real tables pack 10 to 40 times, bombs 400 and more.
        ratio_from_bytes: members smaller than this are not judged by ratio: short repetitive
            parts of real workbooks pack better than 200 times.
        members: files in one zip or parts of one workbook. A whole return is twelve.
        cell_characters: one cell. No spreadsheet cell can hold more than 32,767.
        rows: rows of one table. The largest authority has some 30,000 episodes a year.
        columns: columns of one table. The widest list of any return has 34.
        heading_rows: rows searched for the headings, so that data are never taken for them.
        cells: rows times columns of one sheet, empty cells among them included.
        sheets: sheets of one workbook. Annex A has eleven and its notes.
        xml_depth: elements within elements. The deepest return nests seven.
        xml_attributes: attributes of one element. The returns use none but namespaces.
        xml_elements: elements of one file. 10,000 children make 300,000.
        child_memory_bytes: address space of the process that parses XML and workbooks. Six times
            the largest file it may be given.
        child_cpu_seconds: processor time of that process. 10,000 children take one second.
        child_wall_seconds: elapsed time of that process, for when it waits instead of working.
        child_answer_bytes: what that process may answer.
    """

    file_bytes: int = 150 * MEGABYTE
    unpacked_bytes: int = 300 * MEGABYTE
    member_bytes: int = 150 * MEGABYTE
    ratio: int = 200
    ratio_from_bytes: int = MEGABYTE
    members: int = 200
    cell_characters: int = 32_767
    rows: int = 1_000_000
    columns: int = 200
    heading_rows: int = 25
    cells: int = 10 * MEGABYTE
    sheets: int = 40
    xml_depth: int = 30
    xml_attributes: int = 20
    xml_elements: int = 5_000_000
    child_memory_bytes: int = 900 * MEGABYTE
    child_cpu_seconds: int = 60
    child_wall_seconds: int = 180
    child_answer_bytes: int = 400 * MEGABYTE


LIMITS = Limits()
"""The limits in use; tests make smaller ones with `dataclasses.replace`."""
