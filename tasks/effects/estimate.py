"""Observed steps over the effects: the only file here that knows Prefect.

The cohort is a table of children: nothing of it may rest in caches or results of a run.
"""

from __future__ import annotations

from pandas import DataFrame
from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.plan import PLAN
from schemas.trial import MODELS
from tasks.effects.models import EffectTables, effect_tables, group_tables, stacked
from tasks.effects.words import POOLED

GROUPS = (*MODELS, POOLED)
"""What `estimate_model_effects` is mapped over."""


@task(cache_policy=NO_CACHE, persist_result=False)
def estimate_effects(cohort: DataFrame) -> EffectTables:
    """Run `effect_tables` as an observed step."""
    return effect_tables(cohort, plan=PLAN)


@task(task_run_name="estimate-effects-{model}", cache_policy=NO_CACHE, persist_result=False)
def estimate_model_effects(cohort: DataFrame, model: str) -> EffectTables:
    """Run `group_tables` of one model as an observed step."""
    return group_tables(cohort, plan=PLAN, model=model)


@task(cache_policy=NO_CACHE, persist_result=False)
def join_effects(parts: list[EffectTables]) -> EffectTables:
    """Run `stacked` as an observed step."""
    return stacked(parts)
