"""Every outcome of a data cut, authority by authority, keeping what has not changed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame
from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.errors import UsageError
from schemas.quarter import Quarter
from tasks.analysis import CutAnalysis, analysis_of
from tasks.data_cut import (
    authority_rows,
    code_version,
    counting,
    make_cut,
    of_authority,
    span,
)
from tasks.faults import without_text
from tasks.outcomes.authority import authority_outcomes
from tasks.training.authority import authority_training
from warehouse.cache import cache_key, read_cached, write_cached
from warehouse.cuts import Cut, CutSubmission, read_cut
from warehouse.ledger import Actor
from warehouse.root import Root

_TABLES = ("outcomes", "cohort", "conflicts", "training")
_KIND = "authority"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class CutTables:
    """What a cut comes to.

    Attributes:
        outcomes: every authority's outcome table, unsuppressed.
        cohort: one row per child of the trial cohorts; restricted.
        conflicts: la_code, kind, count of what did not fit when histories were assembled.
        training: every authority's training table, as `sfp training`.
        computed: authorities whose figures were worked out now.
        reused: authorities whose figures were kept from before.
    """

    outcomes: DataFrame
    cohort: DataFrame
    conflicts: DataFrame
    training: DataFrame
    computed: tuple[str, ...]
    reused: tuple[str, ...]


@dataclass(frozen=True)
class _Work:
    """One authority's share of a refresh, small enough to hand to another process."""

    root_path: str
    la_code: str
    submissions: tuple[CutSubmission, ...]
    first: Quarter
    last: Quarter
    key: str


def cut_tables(
    root: Root,
    cut: Cut,
    *,
    everything: bool = False,
    jobs: int | None = None,
    progress: Progress = lambda _: None,
) -> CutTables:
    """Return the tables of a cut, working out only what is not kept from before.

    Args:
        root: where rows and kept results lie.
        cut: what to compute.
        everything: work out every authority again, whatever is kept.
        jobs: processes; as many as there are cores by default.
        progress: told after each authority.
    """
    work = _work(root, cut)
    missing = [one for one in work if everything or not _kept(root, one)]
    for done, one in enumerate(_computed(missing, jobs or os.cpu_count() or 1), start=1):
        progress(f"{one.la_code}: outcomes worked out ({done} of {len(missing)})")
    tables = [_kept(root, one) for one in work]
    computed = tuple(one.la_code for one in missing)
    return CutTables(
        **{name: _together(tables, name) for name in _TABLES},
        computed=computed,
        reused=tuple(one.la_code for one in work if one.la_code not in computed),
    )


def _work(root: Root, cut: Cut) -> list[_Work]:
    spanned = span(cut)
    if spanned is None:
        return []
    return [_authority_work(root, cut, la_code, *spanned) for la_code in cut.authorities]


def _authority_work(root: Root, cut: Cut, la_code: str, first: Quarter, last: Quarter) -> _Work:
    given = tuple(of_authority(cut, la_code))
    covering = sorted((found.return_name, found.quarter) for found in given)
    ids = [found.submission_id for found in counting(given)]
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
    return _Work(str(root.path), la_code, given, first, last, cache_key(facts))


def _kept(root: Root, work: _Work) -> dict[str, DataFrame]:
    return read_cached(root, _KIND, work.key, _TABLES)


def _computed(missing: Sequence[_Work], jobs: int) -> Iterable[_Work]:
    if len(missing) <= 1 or jobs == 1:
        return map(_compute, missing)
    return _in_parallel(missing, jobs)


def _in_parallel(missing: Sequence[_Work], jobs: int) -> Iterable[_Work]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tasks.refresh"])
    with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
        yield from pool.map(_compute, missing)


def _compute(work: _Work) -> _Work:
    """Work out one authority and keep the result; rows never leave the process that read them."""
    root = Root.at(work.root_path)
    rows = authority_rows(root, work.la_code, work.submissions)
    result = authority_outcomes(rows, first=work.first, last=work.last)
    conflicts = result.conflicts.assign(la_code=work.la_code)
    tables = {
        "outcomes": result.outcomes,
        "cohort": result.cohort,
        "conflicts": conflicts,
        "training": authority_training(rows),
    }
    write_cached(root, _KIND, work.key, tables)
    return work


def _together(tables: Sequence[dict[str, DataFrame]], name: str) -> DataFrame:
    frames = [found[name] for found in tables]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True) if filled else DataFrame()


def kept_conflicts(root: Root, cut: Cut) -> DataFrame:
    """Return la_code, kind, count of every conflict of a cut, as far as results are kept."""
    kept = (_kept(root, one) for one in _work(root, cut))
    return _together([found for found in kept if found], "conflicts")


def tables_of(root: Root, cut: str, *, progress: Progress = lambda _: None) -> CutTables:
    """Return the tables of a recorded cut, by id, number or `latest`.

    Raises:
        UsageError: there is no such cut, or it was read by other code than this.
    """
    found = read_cut(root, cut)
    _same_code(found)
    return cut_tables(root, found, progress=progress)


def _same_code(cut: Cut) -> None:
    if cut.code_version != code_version():
        raise UsageError(
            f"cut {cut.number} was made by other code (needs {cut.code_version}, found "
            f"{code_version()}). Run `sfp refresh`, or check out the code the cut names."
        )


def analysed(root: Root, cut: str, *, progress: Progress = lambda _: None) -> CutAnalysis:
    """Return effects and costs of a recorded cut, by id, number or `latest`.

    Raises:
        UsageError: there is no such cut, or it was read by other code than this.
    """
    found = read_cut(root, cut)
    _same_code(found)
    return _analysed(root, found, cut_tables(root, found, progress=progress), progress)


def _analysed(root: Root, cut: Cut, tables: CutTables, progress: Progress) -> CutAnalysis:
    return analysis_of(root, cut, tables.cohort, jobs=os.cpu_count() or 1, progress=progress)


def refresh_now(root: Root, *, everything: bool, progress: Progress) -> str:
    """Record a cut and compute all it implies; return one line that says what was done."""
    cut, is_new = make_cut(root, Actor.here())
    tables = cut_tables(root, cut, everything=everything, progress=progress)
    _analysed(root, cut, tables, progress)
    return (
        f"cut {cut.number} ({cut.id}): {'new' if is_new else 'unchanged'}, "
        f"{len(cut.submissions)} submissions, {len(tables.computed)} authorities computed, "
        f"{len(tables.reused)} kept"
    )


@task(name="refresh-cut", cache_policy=NO_CACHE, persist_result=False)
def refresh_cut(root: str) -> str:
    """Record a cut and compute all it implies as an observed step; return its id."""
    at = Root.at(root)
    with without_text("refresh"):
        cut, _ = make_cut(at, Actor.here("refresh-outcomes"))
        _analysed(at, cut, cut_tables(at, cut), lambda _: None)
        return cut.id
