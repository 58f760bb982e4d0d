"""Effects, costs and benefits of a data cut, kept by what they were made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import pandas as pd
from pandas import DataFrame

from schemas.errors import UsageError
from schemas.plan import PLAN, plan_hash
from schemas.prices import PriceBook, declared_prices
from schemas.returns.programme_delivery import PROGRAMME_DELIVERY
from tasks.costs.appraisal import CostResult, cost_benefit
from tasks.costs.delivery import delivery_by_model
from tasks.costs.overrides import price_book
from tasks.costs.settings import CostSettings
from tasks.effects.models import GROUPS, EffectTables, group_tables, stacked
from tasks.effects.words import POOLED
from tasks.runtime.progress import Progress
from tasks.runtime.workers import process_pool
from warehouse.cache import cache_key, read_cached, write_cached
from warehouse.cuts import Cut, all_cuts
from warehouse.ledger import parts_of
from warehouse.root import Root
from warehouse.store import read_frame

_SEED = 903
"""Of the cost draws; part of the configuration, so that equal cuts give equal bytes."""
COST_SETTINGS = CostSettings(seed=_SEED, pooled=POOLED)
"""Of every cut: exact; published costs are worked out from coarser numbers."""
_EFFECTS = tuple(field.name for field in fields(EffectTables))
_COSTS = tuple(field.name for field in fields(CostResult))


@dataclass(frozen=True)
class CutAnalysis:
    """What the evaluation says of a cut: effects of every model and pooled, and their worth."""

    effects: EffectTables
    costs: CostResult


def config_hash(root: Root) -> str:
    """Return one hash over the analysis plan and any prices that override the declared ones."""
    return _config_hash(_override(root))


def prices_hash(root: Root) -> str:
    """Return a hash of the prices a root has of its own; `declared` where it has none."""
    override = _override(root)
    return "declared" if override is None else hashlib.sha256(override).hexdigest()[:16]


def _config_hash(override: bytes | None) -> str:
    return hashlib.sha256(plan_hash().encode() + (override or b"")).hexdigest()[:16]


def _override(root: Root) -> bytes | None:
    """Return the prices that a root has of its own, as they are now; None when it has none."""
    return root.prices_file.read_bytes() if root.prices_file.exists() else None


def require_configuration(root: Root, cut: Cut) -> None:
    """Make sure that a cut was made with the plan and the prices that there are now.

    Raises:
        UsageError: it was not; the words say what differs and what to do.
    """
    _require_made_with(root, cut, _override(root))


def _require_made_with(root: Root, cut: Cut, override: bytes | None) -> None:
    found = _config_hash(override)
    if found == cut.config_hash:
        return
    wanted = (cut.code_version, found)
    alike = [c.number for c in all_cuts(root) if (c.code_version, c.config_hash) == wanted]
    other = f"; cut {alike[-1]} was made with those of now (`--cut {alike[-1]}`)" if alike else ""
    raise UsageError(
        f"cut {cut.number} was made with another analysis plan or other prices (needs "
        f"{cut.config_hash}, found {found}): {_what_differs(root, cut, override)}. Run `sfp "
        f"refresh` for a new cut, or put the prices back{other}."
    )


def _what_differs(root: Root, cut: Cut, override: bytes | None) -> str:
    """Return what is not as it was, in words; the plan is part of the code, which cuts name too."""
    file = root.prices_file
    if override is None:
        return f"there was a {file.name} when it was made, and there is no {file} now"
    if cut.config_hash == _config_hash(None):
        return f"there was no {file.name} when it was made, and {file} was put there since"
    return f"{file} was changed since"


def analysis_of(
    root: Root,
    cut: Cut,
    cohort: DataFrame,
    exposure: DataFrame,
    *,
    jobs: int,
    progress: Progress = lambda _: None,
) -> CutAnalysis:
    """Return effects and costs of a cut, from the tables of children that belong to it."""
    effects = _effects_of(root, cut, cohort, jobs, progress)
    return CutAnalysis(effects, _costs_of(root, cut, exposure, effects, progress))


def _key(cut: Cut, *facts: str) -> str:
    return cache_key([cut.id, cut.code_version, cut.config_hash, *facts])


def _effects_of(
    root: Root, cut: Cut, cohort: DataFrame, jobs: int, progress: Progress
) -> EffectTables:
    kept = {model: read_cached(root, "effects", _key(cut, model), _EFFECTS) for model in GROUPS}
    missing = [model for model in GROUPS if not kept[model]]
    for model, found in zip(missing, _estimated(cohort, missing, jobs), strict=True):
        kept[model] = {name: getattr(found, name) for name in _EFFECTS}
        write_cached(root, "effects", _key(cut, model), kept[model])
        progress(f"{model}: effects estimated")
    return stacked([EffectTables(**kept[model]) for model in GROUPS])


def _estimated(cohort: DataFrame, models: Sequence[str], jobs: int) -> list[EffectTables]:
    if len(models) <= 1 or jobs == 1 or cohort.empty:
        return [_estimate((cohort, model)) for model in models]
    with process_pool(jobs, __name__) as pool:
        return list(pool.map(_estimate, [(cohort, model) for model in models]))


def _estimate(given: tuple[DataFrame, str]) -> EffectTables:
    cohort, model = given
    return group_tables(cohort, plan=PLAN, model=model)


def _costs_of(
    root: Root, cut: Cut, exposure: DataFrame, effects: EffectTables, progress: Progress
) -> CostResult:
    kept = read_cached(root, "costs", _key(cut), _COSTS)
    if kept:
        return CostResult(**kept)
    found = costs_of(root, cut, exposure, effects.effects, settings=COST_SETTINGS)
    write_cached(root, "costs", _key(cut), _tables(found))
    progress("costs and benefits worked out")
    return found


def costs_of(
    root: Root, cut: Cut, exposure: DataFrame, effects: DataFrame, *, settings: CostSettings
) -> CostResult:
    """Return costs and benefits of a cut, the effects valued as they are given."""
    # Read once: what is kept by the cut's configuration is made from nothing else.
    override = _override(root)
    _require_made_with(root, cut, override)
    return cost_benefit(
        effects,
        delivery_by_model(_delivery(root, cut)),
        exposure,
        prices=_price_book(root, override),
        settings=settings,
    )


def _tables(result: CostResult) -> Mapping[str, DataFrame]:
    return {name: getattr(result, name) for name in _COSTS}


def _price_book(root: Root, override: bytes | None) -> PriceBook:
    book = declared_prices()
    if override is None:
        return book
    return price_book(book, override.decode("utf-8"), name=root.prices_file.name)


def _delivery(root: Root, cut: Cut) -> DataFrame:
    """Return the delivery rows in force, with the authority each came from."""
    parts = parts_of(root, [given.submission_id for given in cut.submissions])
    frames = [
        read_frame(root, [(part.path, part.quarter)]).assign(la_code=part.la_code)
        for part in parts
        if part.table_name == "programme_delivery"
    ]
    if not frames:
        return DataFrame(columns=[column.name for column in PROGRAMME_DELIVERY.columns])
    return pd.concat(frames, ignore_index=True)
