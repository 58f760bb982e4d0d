"""Small whole returns, as the readers would hand them on."""

import pyarrow as pa

from expectations.findings import no_findings
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import CheckContext, ReadReturn
from tests.support.rule_examples import LA_CODE, typed_frame

CHILD = {
    "child_id": "A1",
    "sex": "2",
    "birth_date": "2012-05-14",
    "ethnicity": "WBRI",
    "upn": "A123456789012",
    "mother_code": "0",
}
EPISODE = {
    "child_id": "A1",
    "episode_start": "2023-05-01",
    "start_reason": "S",
    "legal_status": "C1",
    "need_code": "N1",
    "placement_code": "U6",
    "placement_provider": "PR1",
    "placement_urn": "SC012345",
}


def looked_after(children=(CHILD,), episodes=(EPISODE,), **more):
    return read_return("ssda903", children=children, episodes=episodes, **more)


def read_return(name, *, findings=None, header=None, sent=None, **tables):
    declared = RETURNS[name]
    frames = {
        table.name: typed_frame(table, tables.get(table.name, ())) for table in declared.tables
    }
    return ReadReturn(
        return_name=name,
        frames=frames,
        raw={table.name: texts(table, tables.get(table.name, ())) for table in declared.tables},
        sent=frozenset(tables) if sent is None else frozenset(sent),
        files=("sent.csv",),
        findings=no_findings() if findings is None else findings,
        **(header or {}),
    )


def texts(table, rows):
    """What was sent, as text: every value as Python writes it, nothing where there is none."""
    columns = {
        column.name: pa.array(
            [None if row.get(column.name) is None else str(row[column.name]) for row in rows],
            type=pa.string(),
        )
        for column in table.columns
    }
    return pa.table(columns)


def sent_for(quarter="2023-24Q4", **more):
    return CheckContext(la_code=LA_CODE, quarter=Quarter.parse(quarter), **more)
