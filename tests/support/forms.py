"""Invented forms, as files in our template and as frames at rest."""

import csv
import io

import pandas as pd
from pandas import DataFrame

from schemas.limits import LIMITS
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows, CheckContext
from schemas.table import AtRest
from schemas.training import FORM_KINDS, items
from tasks.read import FileToRead, read_return
from tasks.read.recognise import recognise
from tasks.training.forms import LEARNING
from tasks.validate.check import checked

RETURN = RETURNS["training_feedback"]
QUARTER = Quarter.parse("2023-24Q4")
LA_CODE = "E08000026"

_RIGHT = {
    "participant_id": "P{n}",
    "response_id": "{n}",
    "module": "assessment",
    "cohort": "2023-4",
    "session": "1",
    "role": "Social worker",
    "completed_date": "01/02/2024",
    "session_date": "01/02/2024",
    "attended": "Yes",
    "audit_period": "after",
    "group_id": "G{n}",
    "participants_count": "6",
    "theme": "workload",
    "mentions_count": "3",
}
_ANSWERS = {
    "agreement": "Agree",
    "rating_1_5": "4",
    "rating_0_10": "9",
    "grade_1_4": "Good",
    "yes_partly_no": "Partly",
    "tools": "Genogram; Ecomap",
    "text": "",
}


def form_row(kind, number=1, **changed):
    """Return one right row of a form, by heading of the template."""
    values = {name: _RIGHT[name].format(n=number) for name in FORM_KINDS[kind].columns}
    values |= {item.heading: _ANSWERS[item.scale] for item in items(kind)}
    unknown = set(changed) - set(values)
    assert not unknown, unknown
    return values | changed


def form_file(rows):
    """Return rows of one form as a CSV file."""
    sink = io.StringIO(newline="")
    writer = csv.DictWriter(sink, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue()


def read_forms(folder, *contents, quarter=QUARTER):
    """Read several files of one submission, recognised by what they hold."""
    files = []
    for number, content in enumerate(contents):
        path = folder / f"landed-{number}"
        path.write_bytes(content.encode())
        known = recognise(path, f"{number}.csv", limits=LIMITS)
        assert known.return_name == RETURN.name
        files.append(FileToRead(f"{number}.csv", path, known.part))
    return read_return(RETURN.name, files, quarter, limits=LIMITS)


def judged(folder, *contents, quarter=QUARTER):
    """Read and check several files of one submission."""
    read = read_forms(folder, *contents, quarter=quarter)
    return read, checked(read, CheckContext(LA_CODE, quarter))


def codes(found):
    return set(found.findings["code"])


def at_rest(kind, *rows):
    """Return rows of a form as they rest; a column not named is missing."""
    table = RETURN[FORM_KINDS[kind].table]
    kept = [column for column in table.columns if column.at_rest is not AtRest.RESTRICTED]
    given = [
        {"response_id": n, "module": "assessment", "cohort": "1", "quarter": "2023-24Q4"}
        | {"source_row": n + 1}
        | row
        for n, row in enumerate(rows, start=1)
    ]
    frame = DataFrame({c.name: [row.get(c.name) for row in given] for c in kept})
    for column in kept:
        frame[column.name] = frame[column.name].astype(_type(column.name))
    for name in ("quarter", "source_row"):
        frame[name] = [row[name] for row in given]
    return frame


def _type(name):
    if name.endswith("_id"):
        return "int64"
    if name.endswith("_date"):
        return "datetime64[s]"
    if name.endswith("_count"):
        return "float64"
    return "boolean" if name == "attended" else "str"


def learning(person, answer, **more):
    """Return one questionnaire in which every learning item has the same answer."""
    answers = {name: None if answer is None else str(answer) for name in LEARNING}
    return {"participant_id": person, **answers, **more}


def register(*people, **more):
    """Return an attendance register on which everybody came to one session."""
    return at_rest(
        "attendance",
        *({"participant_id": one, "session": "1", "attended": True, **more} for one in people),
    )


def authority_rows(**frames):
    """Return an authority's rows with these forms, by kind."""
    named = {
        FORM_KINDS[kind].table if kind in FORM_KINDS else kind: f for kind, f in frames.items()
    }
    return AuthorityRows(LA_CODE, named, {})


def figure(table, measure, *, module="assessment", cohort="1"):
    """Return the one row of the table with this measure."""
    wanted = (table["module"] == module) & (table["cohort"] == cohort)
    (row,) = table[wanted & (table["measure"] == measure)].to_dict("records")
    return row


def measured(table, *, module="assessment", cohort="1"):
    """Return the names of the measures given for a group."""
    return set(table[(table["module"] == module) & (table["cohort"] == cohort)]["measure"])


def is_blank(value):
    return pd.isna(value)
