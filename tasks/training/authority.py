"""Every measure of one authority's training feedback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pandas import DataFrame

from schemas.rows import AuthorityRows
from schemas.training import TABLE_COLUMNS
from tasks.training.behaviour import behaviour_measures
from tasks.training.forms import Forms, Slice, forms_of, slices
from tasks.training.learning import learning_measures
from tasks.training.measure import MeasureRow
from tasks.training.reaction import reaction_measures
from tasks.training.response import response_measures
from tasks.training.theming import theme_measures

_KEY = ["la_code", "module", "cohort", "measure"]
_TYPES = dict.fromkeys(("value", "low", "high"), "float64") | {"n": "int64"}


def authority_training(rows: AuthorityRows) -> DataFrame:
    """Return the training table of one authority (`TABLE_COLUMNS`), no rows without any form.

    One row per module, cohort and measure. Roles stand in the measure, as `nps:manager`: the table
    has no column for them. What is descriptive only has no interval.
    """
    return training_of(forms_of(rows.frames), rows.la_code)


def training_of(forms: Forms, la_code: str) -> DataFrame:
    """Return the training table of one authority's forms."""
    found = [
        (
            la_code,
            part.module,
            part.cohort,
            _named(each.name, part),
            each.value,
            each.n,
            each.low,
            each.high,
            each.status,
        )
        for part in slices(forms)
        if forms.has_any
        for each in training_measures(forms.of(part), in_full=not part.role)
    ]
    return _table(found)


def _named(name: str, part: Slice) -> str:
    return f"{name}:{part.role}" if part.role else name


def _table(found: Iterable[tuple[object, ...]]) -> DataFrame:
    table = DataFrame(list(found), columns=list(TABLE_COLUMNS)).astype(
        _TYPES | dict.fromkeys((*_KEY, "status"), "str")
    )
    return table.sort_values(_KEY, ignore_index=True)


def training_measures(forms: Forms, *, in_full: bool) -> Iterator[MeasureRow]:
    """Yield every measure of a group of forms, in order of level.

    Args:
        forms: of the group.
        in_full: also what would be too thin to say of each role by itself.
    """
    yield from response_measures(forms, in_full=in_full)
    yield from reaction_measures(forms, in_full=in_full)
    yield from learning_measures(forms, in_full=in_full)
    yield from behaviour_measures(forms, in_full=in_full)
    if in_full:
        yield from theme_measures(forms)


def training_csv(table: DataFrame) -> str:
    """Return the table as text that is the same, byte for byte, for the same figures.

    Floats to ten significant digits; empty where there is none.
    """
    text: str = table[list(TABLE_COLUMNS)].to_csv(
        index=False, float_format="%.10g", lineterminator="\n"
    )
    return text
