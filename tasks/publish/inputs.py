"""What an edition is made from, read once, so that nothing in this room looks anything up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pandas import DataFrame


@dataclass(frozen=True)
class EarlierEdition:
    """An edition the world has seen.

    Attributes:
        name: of the edition.
        public: its published files, by relative path.
        restricted: its restricted files, by relative path.
    """

    name: str
    public: Mapping[str, bytes]
    restricted: Mapping[str, bytes]


@dataclass(frozen=True)
class EditionInputs:
    """Everything an edition is made from.

    Attributes:
        name: of the edition.
        final: whether it is final; a draft says so on every page.
        cut_id, code_version, plan_hash, prices_hash: what its figures can be traced to.
        edition_code_version: of the code that decides how much of them is shown.
        made_on: day on which the cut was made, from which alone the edition follows: the draft and
            the final edition of a cut have the same.
        cut_quarter: latest quarter covered by the cut, as 2023-24Q4.
        outcomes: columns of `sfp outcomes`, not suppressed.
        effects, costs, training: columns of `sfp effects`, `sfp costs`, `sfp training`; None where
            there are none.
        cost_inputs: every value the cost-benefit analysis used, with its source.
        seven_outcomes: the seven outcomes before and after go-live, by authority and by model,
            unsuppressed: for the restricted files alone; None where there are none.
        completeness: la_code, return_name, quarter, state, received.
        figures: named SVG texts made elsewhere.
        earlier: every earlier edition, oldest first.
        submissions: submission_id, la_code, return_name, quarter of those in the cut.
    """

    name: str
    final: bool
    cut_id: str
    made_on: date
    cut_quarter: str
    code_version: str
    edition_code_version: str
    plan_hash: str
    prices_hash: str
    outcomes: DataFrame
    effects: DataFrame | None
    costs: DataFrame | None
    cost_inputs: DataFrame | None
    seven_outcomes: DataFrame | None
    training: DataFrame | None
    completeness: DataFrame
    figures: Mapping[str, str]
    earlier: tuple[EarlierEdition, ...]
    submissions: DataFrame

    @property
    def day(self) -> str:
        """The day the edition is of, in words."""
        return f"{self.made_on.day} {self.made_on:%B %Y}"
