"""Every outcome of a data cut, authority by authority, keeping what has not changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import pandas as pd
from pandas import DataFrame
from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.errors import PipelineError, UsageError
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows
from tasks.cut.analysis import CutAnalysis, analysis_of, require_configuration
from tasks.cut.code_version import code_version
from tasks.cut.data_cut import (
    AuthorityParts,
    authority_parts,
    make_cut,
    read_rows,
    span,
    submissions_in_use,
)
from tasks.cut.unsettled import with_unsettled
from tasks.outcomes.authority import authority_outcomes
from tasks.runtime.faults import redact_exceptions
from tasks.runtime.journal import stage
from tasks.runtime.progress import Progress
from tasks.runtime.workers import map_parallel
from tasks.training.authority import authority_training
from warehouse.cache import cache_key, is_cached, read_cached, write_cached
from warehouse.cuts import Cut, CutSubmission, check_computable, read_cut, unsettled_now
from warehouse.ledger import Actor
from warehouse.root import Root
from warehouse.root_lock import shared_lock

_TABLES = ("outcomes", "cohort", "exposure", "conflicts", "training")
_KIND = "authority"


@dataclass(frozen=True)
class CutTables:
    """What a cut comes to.

    Attributes:
        outcomes: every authority's outcome table, unsuppressed.
        cohort: one row per child of the trial cohorts; restricted.
        exposure: children exposed by model, authority and financial year; missing where not known.
        conflicts: la_code, kind, count of what did not fit when histories were assembled.
        training: every authority's training table, as `sfp training`.
        computed: authorities whose figures were computed now.
        reused: authorities whose figures were kept from before.
    """

    outcomes: DataFrame
    cohort: DataFrame
    exposure: DataFrame
    conflicts: DataFrame
    training: DataFrame
    computed: tuple[str, ...]
    reused: tuple[str, ...]


@dataclass(frozen=True)
class _Inputs:
    """What one authority puts into a cut, and the name of what comes of it."""

    la_code: str
    submissions: tuple[CutSubmission, ...]
    first: Quarter
    last: Quarter
    key: str


@dataclass(frozen=True)
class _Job:
    """One authority to be computed, small enough to hand to another process or machine."""

    root_path: str
    code_version: str
    key: str
    first: Quarter
    last: Quarter
    parts: AuthorityParts


def cut_tables(
    root: Root,
    cut: Cut,
    *,
    everything: bool = False,
    jobs: int | None = None,
    progress: Progress = lambda _: None,
) -> CutTables:
    """Return the tables of a cut, computing only what is not kept from before.

    Args:
        root: where rows and kept results lie, and whose settings say where work is done.
        cut: what to compute.
        everything: compute every authority again, whatever is kept.
        jobs: processes or threads; as many as there are cores by default.
        progress: called after each authority.
    """
    check_computable(root, cut)
    with shared_lock(root):
        computed = compute(root, cut, everything=everything, jobs=jobs, progress=progress)
        return collect(root, cut, computed=computed)


def compute(
    root: Root,
    cut: Cut,
    *,
    everything: bool = False,
    jobs: int | None = None,
    progress: Progress = lambda _: None,
) -> tuple[str, ...]:
    """Compute and keep what is not kept from before; return the authorities it was done for."""
    missing = [one for one in _inputs_by_authority(cut) if everything or not _is_kept(root, one)]
    jobs_to_run = [_job(root, cut, one) for one in missing]
    for done, la_code in enumerate(
        map_parallel(_compute_job, jobs_to_run, settings=root.settings(), jobs=jobs), start=1
    ):
        progress(f"{la_code}: outcomes worked out ({done} of {len(missing)})")
    return tuple(one.la_code for one in missing)


def collect(root: Root, cut: Cut, *, computed: tuple[str, ...]) -> CutTables:
    """Return the tables of a cut whose authorities have all been computed.

    What is not kept after all, because someone deletes the cache meanwhile, is computed here.
    """
    inputs = list(_inputs_by_authority(cut))
    tables = [_kept(root, one) or _recompute(root, cut, one) for one in inputs]
    return CutTables(
        **{name: _concat(tables, name) for name in _TABLES},
        computed=computed,
        reused=tuple(one.la_code for one in inputs if one.la_code not in computed),
    )


def _inputs_by_authority(cut: Cut) -> Iterator[_Inputs]:
    spanned = span(cut)
    if spanned is None:
        return
    given = {
        la_code: tuple(found)
        for la_code, found in groupby(cut.submissions, key=lambda found: found.la_code)
    }
    for la_code in cut.authorities:
        yield _inputs(cut, la_code, given.get(la_code, ()), *spanned)


def _inputs(
    cut: Cut, la_code: str, given: tuple[CutSubmission, ...], first: Quarter, last: Quarter
) -> _Inputs:
    covering = sorted((found.return_name, found.quarter) for found in given)
    ids = [found.submission_id for found in submissions_in_use(given)]
    facts = [
        cut.code_version,
        cut.config_hash,
        cut.key_id,
        la_code,
        str(first),
        str(last),
        ids,
        covering,
    ]
    return _Inputs(la_code, given, first, last, cache_key(facts))


def _is_kept(root: Root, inputs: _Inputs) -> bool:
    return is_cached(root, _KIND, inputs.key, _TABLES)


def _kept(root: Root, inputs: _Inputs) -> dict[str, DataFrame]:
    return read_cached(root, _KIND, inputs.key, _TABLES)


def _job(root: Root, cut: Cut, inputs: _Inputs) -> _Job:
    parts = authority_parts(root, inputs.la_code, inputs.submissions)
    return _Job(str(root.path), cut.code_version, inputs.key, inputs.first, inputs.last, parts)


def _recompute(root: Root, cut: Cut, inputs: _Inputs) -> dict[str, DataFrame]:
    _compute_job(_job(root, cut, inputs))
    return _kept(root, inputs)


def _compute_job(job: _Job) -> str:
    """Compute one authority, keep the result and return the authority's code.

    Rows never leave the process that read them.

    Raises:
        PipelineError: this process runs other code than the one that made the cut.
    """
    if job.code_version != code_version():
        raise PipelineError(
            f"refresh: a worker runs other code (needs {job.code_version}, found "
            f"{code_version()}). Install the same code on every machine of the cluster."
        )
    root = Root.at(job.root_path)
    rows = read_rows(root, job.parts)
    write_cached(root, _KIND, job.key, _tables(rows, job.first, job.last))
    return rows.la_code


def _tables(rows: AuthorityRows, first: Quarter, last: Quarter) -> dict[str, DataFrame]:
    result = authority_outcomes(rows, first=first, last=last)
    return {
        "outcomes": result.outcomes,
        "cohort": result.cohort,
        "exposure": result.exposure,
        "conflicts": result.conflicts.assign(la_code=rows.la_code),
        "training": _training(rows),
    }


def _training(rows: AuthorityRows) -> DataFrame:
    forms = (table.name for table in RETURNS["training_feedback"].tables)
    return (
        authority_training(rows) if any(name in rows.frames for name in forms) else _no_training()
    )


@cache
def _no_training() -> DataFrame:
    """Return the training table of an authority that sent no form; it takes a while to make."""
    return authority_training(AuthorityRows("", {}, {}))


def _concat(tables: Sequence[dict[str, DataFrame]], name: str) -> DataFrame:
    frames = [found[name] for found in tables]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True) if filled else _no_rows()[name].copy()


@cache
def _no_rows() -> dict[str, DataFrame]:
    """Return the tables, without rows, of a cut that holds no statutory return."""
    any_quarter = Quarter.parse("2023-24Q1")
    tables = _tables(AuthorityRows("", {}, {}), any_quarter, any_quarter)
    return {name: table.head(0) for name, table in tables.items()}


def kept_conflicts(root: Root, cut: Cut) -> DataFrame:
    """Return la_code, kind, count of every conflict of a cut, as far as results are kept."""
    kept = (_kept(root, one) for one in _inputs_by_authority(cut))
    return _concat([found for found in kept if found], "conflicts")


def tables_of_cut(root: Root, cut: str, *, progress: Progress = lambda _: None) -> CutTables:
    """Return the tables of a recorded cut, by id, number or `latest`.

    Raises:
        UsageError: there is no such cut, or it was made by other code than this, with another plan
            or with other prices.
    """
    found = read_cut(root, cut)
    _require_as_made(root, found)
    return cut_tables(root, found, progress=progress)


def outcomes_of_cut(root: Root, cut: str, *, progress: Progress = lambda _: None) -> DataFrame:
    """Return the outcomes of a recorded cut, with what had been sent and did not count.

    Of the newest cut that is what stands now.

    Raises:
        UsageError: as `tables_of_cut`.
    """
    found = read_cut(root, cut)
    outcomes = tables_of_cut(root, cut, progress=progress).outcomes
    is_newest = found.id == read_cut(root, "latest").id
    unsettled = unsettled_now(root) if is_newest else found.unsettled
    return with_unsettled(root, found, outcomes, unsettled)


def _require_as_made(root: Root, cut: Cut) -> None:
    if cut.code_version != code_version():
        raise UsageError(
            f"cut {cut.number} was made by other code (needs {cut.code_version}, found "
            f"{code_version()}). Run `sfp refresh`, or check out the code the cut names."
        )
    require_configuration(root, cut)


def cut_analysis(root: Root, cut: str, *, progress: Progress = lambda _: None) -> CutAnalysis:
    """Return effects and costs of a recorded cut, by id, number or `latest`.

    Raises:
        UsageError: there is no such cut, or it was made by other code than this, with another plan
            or with other prices.
    """
    found = read_cut(root, cut)
    _require_as_made(root, found)
    return _analysed(root, found, cut_tables(root, found, progress=progress), progress)


def _analysed(root: Root, cut: Cut, tables: CutTables, progress: Progress) -> CutAnalysis:
    jobs = os.cpu_count() or 1
    return analysis_of(root, cut, tables.cohort, tables.exposure, jobs=jobs, progress=progress)


def refresh_now(root: Root, *, everything: bool, progress: Progress) -> str:
    """Record a cut and compute all it implies; return one line that says what was done."""
    with stage(root, "refresh") as counts:
        cut, is_new = make_cut(root, Actor.here())
        tables = cut_tables(root, cut, everything=everything, progress=progress)
        _analysed(root, cut, tables, progress)
        counts["authorities"] = len(tables.computed)
    return (
        f"cut {cut.number} ({cut.id}): {'new' if is_new else 'unchanged'}, "
        f"{len(cut.submissions)} submissions, {len(tables.computed)} authorities computed, "
        f"{len(tables.reused)} kept"
    )


@task(name="refresh-cut", cache_policy=NO_CACHE, persist_result=False)
def refresh_cut(root: str) -> str:
    """Record a cut and compute all it implies as an observed step; return its id."""
    at = Root.at(root)
    with redact_exceptions("refresh"):
        with stage(at, "refresh") as counts:
            cut, _ = make_cut(at, Actor.service("refresh-outcomes"))
            tables = cut_tables(at, cut)
            _analysed(at, cut, tables, lambda _: None)
            counts["authorities"] = len(tables.computed)
        return cut.id
