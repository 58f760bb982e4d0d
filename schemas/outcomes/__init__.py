"""Every outcome the pipeline computes, declared once, by subject.

One file per subject declares its outcomes with the numbers and codes they turn on; here they are
collected in the orders in which they are computed and printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from schemas.errors import DeclarationError
from schemas.outcomes import (
    attendance,
    care,
    delivery,
    leavers,
    placements,
    plans,
    proceedings,
    referrals,
    wellbeing,
    workforce,
)
from schemas.outcomes.outcome import Outcome, OutcomeKind
from schemas.outcomes.publication import (
    NESTED,
    TABLE_TITLES,
    Publication,
    Quantity,
    TimeSpan,
    ValueMeasure,
)
from schemas.outcomes.themes import SevenTheme, SevenView

_SUBJECTS: Final = (
    care,
    placements,
    plans,
    referrals,
    proceedings,
    attendance,
    workforce,
    delivery,
    leavers,
    wellbeing,
)
_AS_PUBLISHED: Final = (
    "care",
    "plans",
    "proceedings",
    "referrals",
    "attendance",
    "placements",
    "workforce",
    "delivery",
    "leavers",
    "wellbeing",
)
"""The subjects in the order in which a published table shows them."""


def outcomes_by_id(declared: Iterable[Outcome]) -> dict[str, Outcome]:
    """Return outcomes by their ids, in order of declaration.

    Raises:
        DeclarationError: two outcomes have one id.
    """
    found: dict[str, Outcome] = {}
    for outcome in declared:
        if found.setdefault(outcome.id, outcome) is not outcome:
            raise DeclarationError(f"outcome {outcome.id}: declared twice. Keep one.")
    return found


def quantities_by_name(publications: Iterable[Publication]) -> dict[str, Quantity]:
    """Return by name every quantity that publications are made of.

    Raises:
        DeclarationError: two different quantities have one name.
    """
    found: dict[str, Quantity] = {}
    for publication in publications:
        for quantity in publication.quantities:
            if found.setdefault(quantity.name, quantity) != quantity:
                raise DeclarationError(f"quantity {quantity.name}: declared twice. Keep one.")
    return found


def _place_published(outcome: Outcome) -> tuple[int, bool, int]:
    """Return the table's place, then those of every model first, then the subject's place."""
    table = list(TABLE_TITLES).index(outcome.publication.table)
    return table, bool(outcome.models), _AS_PUBLISHED.index(outcome.subject)


OUTCOMES: Final = outcomes_by_id(one for subject in _SUBJECTS for one in subject.DECLARED)
COHORT_OUTCOMES: Final = tuple(o.id for o in OUTCOMES.values() if o.kind is OutcomeKind.COHORT)
(PRIMARY_OUTCOME,) = (outcome.id for outcome in OUTCOMES.values() if outcome.role == "primary")

TABLES_BEHIND: Final = frozenset(
    table for outcome in OUTCOMES.values() for table in outcome.tables_behind
)
"""Every table that some outcome is made of."""

PUBLISHED: Final[dict[str, Publication]] = {
    outcome.id: outcome.publication for outcome in sorted(OUTCOMES.values(), key=_place_published)
}
QUANTITIES: Final = quantities_by_name(PUBLISHED.values())


def outcomes_shown(view: SevenView) -> dict[SevenTheme, tuple[str, ...]]:
    """Return what a view of the seven outcomes shows of each theme, in order: ids of outcomes."""
    themed = sorted((o for o in OUTCOMES.values() if o.theme), key=lambda o: o.theme_place)
    shown = {
        theme: tuple(o.id for o in themed if o.theme is theme and o.id not in view.left_out)
        for theme in view.names
    }
    return {theme: ids or (view.from_elsewhere[theme],) for theme, ids in shown.items()}


if not {name for pair in NESTED for name in pair} <= QUANTITIES.keys():
    raise DeclarationError("NESTED: names a quantity that no outcome is made of. Take it out.")


@dataclass(frozen=True)
class OutcomeTable:
    """One data file of the outcomes.

    Attributes:
        name: stem of the file.
        title: what people call it.
        holds: the outcomes in it: those whose publication names this table.
        span: how long a time each row speaks for.
    """

    name: str
    title: str
    holds: str
    span: TimeSpan

    @property
    def outcomes(self) -> dict[str, Publication]:
        """The outcomes it holds, by id, in order."""
        return {
            name: shown
            for name, shown in PUBLISHED.items()
            if shown.table == self.holds and self.span in shown.spans
        }

    @property
    def measures(self) -> tuple[ValueMeasure, ...]:
        """The value columns it needs, in order."""
        used = {shown.measure for shown in self.outcomes.values()}
        return tuple(measure for measure in ValueMeasure if measure in used)


_SPAN_TITLES: Final = {
    TimeSpan.QUARTER: "by quarter",
    TimeSpan.YEAR: "by financial year",
    TimeSpan.CUMULATIVE: "from the first quarter to the end of each financial year",
}
_SPAN_STEMS: Final = {
    TimeSpan.QUARTER: "quarterly",
    TimeSpan.YEAR: "yearly",
    TimeSpan.CUMULATIVE: "cumulative",
}

OUTCOME_TABLES: Final = tuple(
    table
    for name, title in TABLE_TITLES.items()
    for span in TimeSpan
    if (
        table := OutcomeTable(
            f"{name}_{_SPAN_STEMS[span]}", f"{title}, {_SPAN_TITLES[span]}", name, span
        )
    ).outcomes
)
