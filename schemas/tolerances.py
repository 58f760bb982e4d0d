"""How cells are written by exports and spreadsheets, and read all the same: each kind once.

Each is reported once for a column, with the number of its cells. What is understood at a whole file
or sheet stands where it is understood; `docs/route.md` lists both.
"""

CELL_TOLERANCES = {
    "CELL_WRAPPED": "quotation marks, apostrophes and special spaces around cells were left out.",
    "NOTHING_WORD": "words that stand for nothing were read as empty.",
    "ERROR_VALUE": "a spreadsheet's error values were left out; the column is not kept.",
    "DECIMAL_TAIL": "whole numbers and codes were read without their decimal tail (.0).",
    "NUMBER_FORM": "numbers were read without pound signs and without commas between thousands.",
    "DECIMAL_COMMA": "decimal commas were read as points.",
    "TIME_DROPPED": "times of day were left out of dates.",
    "DATE_FORM": "dates were read as written in another form than {needed}: {forms}.",
    "YEARS_COMPLETED": "the completed years were read.",
    "SPELLING": "spellings were read as the codes they stand for.",
}
"""What was done, by code, in the words of the report; the heading of the column goes before."""

ERROR_VALUES = frozenset(
    {
        "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
        "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!", "#GETTING_DATA",
    }
)  # fmt: skip
"""What a spreadsheet shows where it could not work out a cell."""
