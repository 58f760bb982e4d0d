"""Training feedback: seven kinds of form, the attendance register and focus-group themes.

Columns are made from `reference/training_items.csv`, so that a training lead can add a question
without touching code. Every answer is read as a code; numbers come when measures are worked out,
because "prefer not to say" is an answer and a blank is none.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from schemas.table import AtRest, Column, Coverage, Form, Return, Table
from schemas.training import (
    COLUMN_CONCEPTS,
    FORM_KINDS,
    FormKind,
    Item,
    column_codes,
    items,
    scale_codes,
    wordings,
)

_MEANINGS: Final = {
    "response_id": "Number of the response, as the survey tool gave it; not a person.",
    "participant_id": "Code of the participant, the same on every form.",
    "module": "Module of the programme.",
    "cohort": "Group that went through the module together, as 2024-1.",
    "session": "Session of the module, as 1 or 2.",
    "role": "Role of the participant.",
    "completed_date": "Day on which the form was filled in.",
    "session_date": "Day of the session.",
    "attended": "Whether the participant attended the session.",
    "audit_period": "Whether the work audited was done before or after the training.",
    "group_id": "Number of the focus group.",
    "participants_count": "People in the focus group.",
    "theme": "Theme raised, by the codebook.",
    "mentions_count": "How often the theme was raised.",
}
_TYPES: Final[dict[str, pa.DataType]] = {
    "completed_date": pa.date32(),
    "session_date": pa.date32(),
    "attended": pa.bool_(),
    "participants_count": pa.int16(),
    "mentions_count": pa.int16(),
}
_MAY_BE_LEFT_OUT: Final = frozenset(("role", "participant_id", "audit_period", "completed_date"))
_PSEUDONYMS: Final = frozenset(("participant_id", "response_id", "group_id"))


def _table(kind: FormKind) -> Table:
    own = items(kind.name)
    texts = [item for item in own if item.is_text]
    return Table(
        name=kind.table,
        grain=kind.grain,
        key=kind.key,
        source="reference/training_items.csv",
        sent_as=kind.table,
        columns=(
            *(_column(kind, name) for name in kind.columns),
            *(_item_column(item) for item in own),
            *(_themes_column(item) for item in texts),
        ),
    )


def _column(kind: FormKind, name: str) -> Column:
    in_key, type_ = name in kind.key, _TYPES.get(name, pa.string())
    is_count = pa.types.is_integer(type_)
    return Column(
        name,
        type_,
        _MEANINGS[name],
        name,
        column_codes(name),
        required=in_key or is_count or name == "attended",
        minimum=0 if is_count else None,
        maximum=1_000 if is_count else None,
        at_rest=AtRest.PSEUDONYM if name in _PSEUDONYMS else AtRest.AS_IS,
        also_sent_as=wordings(kind.name, name),
        may_be_left_out=name == "response_id" or (name in _MAY_BE_LEFT_OUT and not in_key),
        concept=COLUMN_CONCEPTS.get(name, ""),
    )


def _item_column(item: Item) -> Column:
    is_coded = not (item.is_text or item.is_multiple)
    return Column(
        item.name,
        pa.string(),
        item.label + ".",
        item.heading,
        scale_codes(item.scale) if is_coded else (),
        required=False,
        at_rest=AtRest.RESTRICTED if item.is_text else AtRest.AS_IS,
        also_sent_as=wordings(item.form, item.name),
        may_be_left_out=not item.is_core,
        concept=item.scale if is_coded else "",
        is_multiple=item.is_multiple,
    )


def _themes_column(item: Item) -> Column:
    meaning = f"Themes of the codebook found in: {item.label}."
    return Column(item.themes_column, pa.string(), meaning, required=False)


RETURN = Return(
    name="training_feedback",
    title="Training feedback",
    tables=tuple(_table(kind) for kind in FORM_KINDS.values()),
    forms=(Form.TABLE,),
    coverage=Coverage.QUARTER,
    beside=("workforce",),
    is_expected=False,
    comes_from_surveys=True,
)
