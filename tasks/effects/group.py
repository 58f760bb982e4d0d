"""The children of one model, or of all together, ready to be counted into cells."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from pandas import DataFrame

from schemas.arrays import Flags, Floats
from schemas.plan import Plan, PlannedOutcome, Sensitivity, Time, ValueKind
from schemas.trial import MODELS, Cluster, analysed_clusters, clusters_left_out
from tasks.effects.cells import Cells
from tasks.effects.collapse import Collapse, collapse, filled
from tasks.effects.words import POOLED

# The main analysis as a variation of itself: everybody counts, exposure is by day of referral.
MAIN: Final = Sensitivity("", "")


class Group:
    """The children of one model's analysed authorities, or of every model's, ready to be counted.

    Collapses are kept, because all outcomes of one variation share one.
    """

    def __init__(self, cohort: DataFrame, model: str) -> None:
        self.model = model
        self.models = MODELS if model == POOLED else (model,)
        self.clusters = tuple(c for name in self.models for c in analysed_clusters(name))
        codes = [cluster.la_code for cluster in self.clusters]
        self.children = cohort.loc[cohort["la_code"].isin(codes)].reset_index(drop=True)
        self._collapses: dict[tuple[Time, str, bool], Collapse] = {}

    def collapsed(self, plan: Plan, *, time: Time, variation: Sensitivity) -> Collapse:
        """Return where each child goes, worked out once per kind of cells."""
        key = (time, variation.exposed_column, variation.is_adjusted)
        if key not in self._collapses:
            self._collapses[key] = collapse(
                self.children,
                covariates=plan.covariates if variation.is_adjusted else (),
                time=time,
                exposed=variation.exposed_column,
            )
        return self._collapses[key]

    def values(self, outcome: PlannedOutcome) -> Floats:
        """Return the outcome of each child, NaN where not known; (children,)."""
        if outcome.id not in self.children.columns:
            return np.full(len(self.children), np.nan)
        column = self.children[outcome.id]
        return column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)

    def kept(self, variation: Sensitivity) -> Flags:
        """Return who counts in the variation; (children,)."""
        if not variation.drop_column:
            return np.ones(len(self.children), dtype=np.bool_)
        dropped = self.children[variation.drop_column].astype("boolean").fillna(False)
        return ~dropped.to_numpy(dtype=np.bool_)

    def cells(
        self, outcome: PlannedOutcome, plan: Plan, *, time: Time, variation: Sensitivity = MAIN
    ) -> Cells:
        """Return the outcome's cells under one variation."""
        missing = variation.missing if variation.id else plan.missing
        return filled(
            self.collapsed(plan, time=time, variation=variation),
            self.values(outcome),
            is_event=outcome.kind is ValueKind.EVENT,
            missing=missing,
            keep=self.kept(variation),
        )

    @cached_property
    def left_out(self) -> str:
        """In words, the authorities of these models that stay out, each with the reason."""
        out = [c for name in self.models for c in clusters_left_out(name)]
        return ", ".join(f"{c.la_name} ({c.reason_left_out})" for c in out)

    def without_value(self, cells: Cells) -> tuple[Cluster, ...]:
        """Return the authorities that are analysed but have no child with a value."""
        here = {cells.cluster_names[place] for place in np.unique(cells.cluster)}
        return tuple(c for c in self.clusters if c.la_name not in here)
