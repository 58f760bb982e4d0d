"""How often each estimator's interval covers the truth, and how long a full refresh takes.

    python -m benchmarks.coverage                 runs what is missing, renews docs/methods.md
    python -m benchmarks.coverage --refresh       times a full refresh on a simulated cohort
    python -m benchmarks.coverage --samples 200   coverage of the primary on simulated cohorts
    python -m benchmarks.coverage --toy           both of these on a few children

Seeded: replication k of a setting is the same on every machine. Parallel: two processes.
Resumable: results of every block of replications rest in var/bench/coverage and are not redone.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame
from scipy.special import expit

from benchmarks.toy import TOY
from schemas.plan import PLAN
from schemas.quarter import Quarter
from schemas.trial import MODELS, analysed_clusters, wedge_starts, windows
from tasks.effects.cells import Cells
from tasks.effects.models import effect_tables, model_effects
from tasks.effects.registry import ESTIMATORS, estimate
from tasks.effects.result import Scale

STORE = Path("var/bench/coverage")
PAGE = Path("docs/methods.md")
MARKERS = ("<!-- coverage: begin -->", "<!-- coverage: end -->")
SEED = 20_260_401
PERIODS = 12
CHILDREN = 270
BLOCK = 50
RAMP = 4
TOY_CHILDREN = 120

REPLICATIONS = {
    "fixed_effects_logit_cr2_satterthwaite": 2000,
    "fixed_effects_logit_model_based": 500,
    "marginal_risk_difference_among_exposed": 1000,
    "two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite": 1000,
    "mixed_logit_cluster_intercept_laplace": 300,
    "mixed_logit_cluster_and_cluster_period_laplace": 200,
    "cell_means_linear_mixed_kenward_roger": 300,
    "exposure_time_average": 500,
    "gee_mancl_derouen": 300,
    "stratified_randomisation_test": 200,
    "callaway_santanna": 200,
}


@dataclass(frozen=True)
class Setting:
    """One way the world may be.

    Attributes:
        clusters: authorities; of one model up to five, else of two or three models together.
        noise: none, of cluster and quarter, or the same correlated from quarter to quarter.
        shape: constant, or ramped over the first four quarters of exposure.
        effect: log odds ratio once fully there.
    """

    clusters: int
    noise: str
    shape: str
    effect: float

    @property
    def id(self) -> str:
        """Name of the setting's file."""
        return f"{self.clusters:02d}-{self.noise}-{self.shape}-{self.effect:+.2f}"


NOISES = ("none", "quarter", "ar1")
# Of the log odds: between clusters, between quarters of a cluster, and its correlation in time.
CLUSTER_SD, QUARTER_SD, CARRY_OVER = 0.25, 0.15, 0.7
EFFECT = -0.20
SETTINGS = tuple(
    Setting(clusters, noise, shape, effect)
    for shape, effect in (("constant", EFFECT), ("constant", 0.0), ("ramped", EFFECT))
    for clusters in (4, 5, 9, 17)
    for noise in NOISES
)
GROUPS = {4: (4,), 5: (5,), 9: (5, 4), 17: (6, 6, 5)}


@dataclass(frozen=True)
class Drawn:
    """Simulated cells with the truth beside them.

    Attributes:
        cells: one per cluster, period and sex.
        risk, risk_without: (n,) true probability, and the same had no one been exposed.
        average: mean over the children exposed of the true log odds ratio.
        window_average: its plain average over the planned exposure times.
    """

    cells: Cells
    risk: np.ndarray
    risk_without: np.ndarray
    average: float
    window_average: float


def drawn(setting: Setting, replication: int) -> Drawn:
    """Return one replication of a setting; the same for every estimator."""
    entropy = [SEED, *setting.id.encode(), replication]
    random = np.random.default_rng(entropy)
    cluster, period, female = (
        grid.ravel()
        for grid in np.meshgrid(
            np.arange(setting.clusters), np.arange(PERIODS), [0, 1], indexing="ij"
        )
    )
    model, start = _design(setting)
    since = np.maximum(period - start[cluster] + 1, 0)
    exposed = (since > 0).astype(np.float64)
    children = random.poisson(CHILDREN / 2, cluster.size).astype(np.float64) + 1
    level = -2.3 + random.normal(0, CLUSTER_SD, setting.clusters)
    base = level[cluster] + _noise(setting, random)[cluster, period] + 0.1 * female
    base += _seasons(random, int(model.max()) + 1)[model[cluster], period]
    effect = setting.effect * (np.minimum(since, RAMP) / RAMP if _is_ramped(setting) else exposed)
    risk = expit(base + effect)
    total = random.binomial(children.astype(np.int64), risk).astype(np.float64)
    first, last = PLAN.exposure_window
    times = np.arange(first, last + 1)
    steps = np.minimum(times, RAMP) / RAMP if _is_ramped(setting) else np.ones(times.size)
    cells = Cells(
        cluster=cluster,
        period=model[cluster] * PERIODS + period,
        exposed=exposed,
        children=children,
        total=total,
        covariates=female[:, None].astype(np.float64),
        cluster_names=tuple(f"L{k:02d}" for k in range(setting.clusters)),
        period_names=tuple(map(str, range(PERIODS * (int(model.max()) + 1)))),
        covariate_names=("female",),
        exposure_time=since,
        strata=_strata(model),
        models=tuple(f"M{k}" for k in model),
    )
    return Drawn(
        cells=cells,
        risk=risk,
        risk_without=expit(base),
        average=float(effect @ (children * exposed) / (children @ exposed)),
        window_average=float(setting.effect * steps.mean()),
    )


def _is_ramped(setting: Setting) -> bool:
    return setting.shape == "ramped"


def _design(setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """Return each cluster's model, and the period (from 0) in which it goes live."""
    sizes = GROUPS[setting.clusters]
    model = np.repeat(np.arange(len(sizes)), sizes)
    starts = [np.round(np.linspace(2, PERIODS - 2, size)).astype(np.int64) for size in sizes]
    return model, np.concatenate(starts)


def _strata(model: np.ndarray) -> tuple[str, ...]:
    """Return readiness strata: of each model the first two clusters to go live are `high`."""
    place = np.arange(model.size) - np.searchsorted(model, model)
    return tuple("high" if rank < 2 else "low" for rank in place)


def _noise(setting: Setting, random: np.random.Generator) -> np.ndarray:
    """Return what cluster and quarter add to the log odds; (clusters, periods)."""
    shocks = random.normal(0, QUARTER_SD, (setting.clusters, PERIODS))
    if setting.noise == "none":
        return np.zeros_like(shocks)
    if setting.noise == "quarter":
        return shocks
    carried = shocks.copy()
    for t in range(1, PERIODS):
        fresh = np.sqrt(1 - CARRY_OVER**2) * shocks[:, t]
        carried[:, t] = CARRY_OVER * carried[:, t - 1] + fresh
    return carried


def _seasons(random: np.random.Generator, models: int) -> np.ndarray:
    """Return each model's course of time; (models, periods)."""
    return np.cumsum(random.normal(0, 0.05, (models, PERIODS)), axis=1)


def truth(estimator: str, world: Drawn) -> float:
    """Return what an estimator is held against: the effect on the children exposed, on its scale.

    Of a ramped effect that is the average over the exposed children, and for the exposure-time
    average the plain average over the planned exposure times.
    """
    cells = world.cells
    if estimator == "exposure_time_average":
        return world.window_average
    if ESTIMATORS[estimator].scale is Scale.LOG_ODDS_RATIO:
        return world.average
    weights = cells.children * cells.exposed
    return float(weights @ (world.risk - world.risk_without) / weights.sum())


def block(setting: Setting, estimator: str, number: int) -> list[dict[str, float]]:
    """Return the outcomes of one block of replications."""
    found = []
    for replication in range(number * BLOCK, (number + 1) * BLOCK):
        world = drawn(setting, replication)
        result = estimate(world.cells, ESTIMATORS[estimator])
        found.append(
            {
                "truth": truth(estimator, world),
                "estimate": result.estimate,
                "se": result.se,
                "low": result.ci_low,
                "high": result.ci_high,
                "p": result.p,
                "df": result.df,
            }
        )
    return found


def _file(setting: Setting, estimator: str, number: int) -> Path:
    return STORE / setting.id / f"{estimator}-{number:03d}.json"


def _made(job: tuple[Setting, str, int]) -> Path:
    """Run one block and leave it at rest, whole before it takes its name."""
    path = _file(*job)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(block(*job)))
    draft.replace(path)
    return path


def jobs() -> Iterator[tuple[Setting, str, int]]:
    """Yield every block of every setting and estimator."""
    for estimator, replications in REPLICATIONS.items():
        for setting in SETTINGS:
            for number in range(replications // BLOCK):
                yield setting, estimator, number


def run(processes: int = 2) -> None:
    """Run the blocks that are not at rest yet, each process on one thread: matrices are small."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    waiting = [job for job in jobs() if not _file(*job).exists()]
    print(f"{len(waiting)} blocks to run", file=sys.stderr)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        for done, _ in enumerate(pool.map(_made, waiting, chunksize=4), start=1):
            if done % 200 == 0:
                print(f"{done} of {len(waiting)}", file=sys.stderr)


def summary(setting: Setting, estimator: str) -> dict[str, float]:
    """Return what the replications of one setting say of one estimator.

    A replication without an interval covers nothing and rejects nothing; `given` is the share with
    one.
    """
    files = sorted((STORE / setting.id).glob(f"{estimator}-*.json"))
    rows = DataFrame([row for file in files for row in json.loads(file.read_text())], dtype=float)
    given = rows["low"].notna()
    covered = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    error = rows["estimate"] - rows["truth"]
    n = len(rows)
    share = covered[given].mean() if given.any() else np.nan
    return {
        "n": n,
        "given": given.mean(),
        "coverage": share,
        "coverage_error": np.sqrt(share * (1 - share) / max(given.sum(), 1)),
        "bias": error.mean(),
        "bias_error": error.std() / np.sqrt(n),
        "spread": error.std(),
        "rejected": (rows["p"] < 0.05).mean(),
        "rejected_error": np.sqrt((rows["p"] < 0.05).mean() * (rows["p"] >= 0.05).mean() / n),
        "df": rows["df"].median(),
    }


def table() -> DataFrame:
    """Return one row per estimator and setting."""
    rows = [
        {"estimator": estimator, **vars(setting), **summary(setting, estimator)}
        for estimator in REPLICATIONS
        for setting in SETTINGS
        if (STORE / setting.id).exists() and list((STORE / setting.id).glob(f"{estimator}-*"))
    ]
    return DataFrame(rows)


def pages(found: DataFrame) -> str:
    """Return the study as markdown: one table per question."""
    constant = found[(found["shape"] == "constant") & (found["effect"] != 0)]
    nothing = found[found["effect"] == 0]
    ramped = found[found["shape"] == "ramped"]
    return "\n\n".join(
        (
            _verdict(found),
            _page("Coverage, constant effect (log odds ratio -0.20)", constant, "coverage"),
            _page("Coverage, no effect", nothing, "coverage"),
            _page("Coverage, effect ramped over four quarters", ramped, "coverage"),
            _page("Type I error (no effect, tested at 5 %)", nothing, "rejected"),
            _page("Power (constant effect -0.20, tested at 5 %)", constant, "rejected"),
            _page("Bias, constant effect, in thousandths of the scale", constant, "bias"),
            _page("Bias, ramped effect, in thousandths of the scale", ramped, "bias"),
        )
    )


def _verdict(found: DataFrame) -> str:
    primary = found[(found["estimator"] == PLAN.primary_event) & (found["shape"] == "constant")]
    low, high = 100 * primary["coverage"].min(), 100 * primary["coverage"].max()
    inside = primary["coverage"].between(0.93, 0.97).sum()
    return (
        f"The primary's 95 % interval covered the truth in {low:.1f} to {high:.1f} % of "
        f"replications over {len(primary)} constant-effect settings ({inside} of them between "
        "93 and 97 %)."
    )


def _page(title: str, rows: DataFrame, measure: str) -> str:
    factor = 1000 if measure == "bias" else 100
    unit = "" if measure == "bias" else " %"
    lines = [
        f"### {title}",
        "",
        "| estimator | noise | 4 | 5 | 9 | 17 |",
        "|---|---|---|---|---|---|",
    ]
    for (estimator, noise), some in rows.groupby(["estimator", "noise"], sort=False):
        by_size = some.set_index("clusters")
        if by_size[measure].isna().all() or (measure != "bias" and not by_size["given"].any()):
            continue
        shown = [_shown(by_size, k, measure, factor) for k in (4, 5, 9, 17)]
        lines.append(f"| {ESTIMATORS[str(estimator)].label} | {noise} | {' | '.join(shown)} |")
    lines.append("")
    lines.append(
        f"Columns: authorities. In brackets: Monte Carlo standard error{unit and ', in points'}."
    )
    return "\n".join(lines)


def _shown(by_size: DataFrame, clusters: int, measure: str, factor: int) -> str:
    if clusters not in by_size.index or not np.isfinite(by_size.at[clusters, measure]):
        return "-"
    value, error = (by_size.at[clusters, name] for name in (measure, f"{measure}_error"))
    return f"{factor * value:.1f} ({factor * error:.1f})"


def renew(text: str, page: Path = PAGE) -> None:
    """Put the study between the markers of the page."""
    before, _, rest = page.read_text().partition(MARKERS[0])
    _, _, after = rest.partition(MARKERS[1])
    page.write_text(f"{before}{MARKERS[0]}\n\n{text}\n\n{MARKERS[1]}{after}")


def simulated_cohort(
    seed: int, *, children: int = 3000, effect: float = EFFECT, noise: float = 0.1
) -> DataFrame:
    """Return a cohort table with a planted effect on becoming looked after, every outcome known.

    Args:
        seed: of everything drawn.
        children: per authority.
        effect: log odds ratio of exposure.
        noise: standard deviation of the log odds over quarters of an authority.
    """
    random = np.random.default_rng([SEED, seed])
    parts = [
        _authority(random, model, cluster.la_code, cluster.go_live, children, effect, noise)
        for model in MODELS
        for cluster in analysed_clusters(model)
    ]
    return pd.concat(parts, ignore_index=True)


def _authority(random, model, la_code, go_live, children, effect, noise) -> DataFrame:
    window = windows()[model]
    days = (window.referral_to - window.referral_from).days
    referred = pd.Timestamp(window.referral_from) + pd.to_timedelta(
        np.sort(random.integers(0, days + 1, children)), unit="D"
    )
    quarter = np.array([str(Quarter.containing(day.date())) for day in referred])
    names, place = np.unique(quarter, return_inverse=True)
    starts = np.array([np.datetime64(start) for start in wedge_starts(model)])
    since = (referred - pd.Timestamp(go_live)).days.to_numpy() / 91.3125
    age = random.integers(window.age_from, window.age_to + 1, children).astype(float)
    unborn = window.include_unborn & (random.random(children) < 0.05)
    table = DataFrame(
        {
            "la_code": la_code,
            "model": model,
            "person_id": np.arange(children),
            "referral_date": referred,
            "cohort_quarter": quarter,
            "wedge": np.searchsorted(starts, referred.to_numpy(), side="right"),
            "exposed": pd.array(since >= 0, dtype="boolean"),
            "exposure_quarters": np.maximum(since, 0),
            "age_at_referral": np.where(unborn, np.nan, age),
            "is_unborn": unborn,
            "sex": random.choice(["female", "male", "unknown"], children, p=[0.48, 0.5, 0.02]),
            "ethnicity_group": random.choice(
                ["white", "mixed", "asian", "black", "other", "unknown"],
                children,
                p=[0.7, 0.08, 0.08, 0.06, 0.03, 0.05],
            ),
            "is_disabled": pd.array(random.random(children) < 0.1, dtype="boolean"),
            "has_previous_plan": random.random(children) < 0.12,
            "is_uasc": random.random(children) < 0.01,
            "is_nfa": pd.array(random.random(children) < 0.3, dtype="boolean"),
            "half_follow_up_exposed": since >= -3,
        }
    )
    table.loc[random.random(children) < 0.05, "is_disabled"] = pd.NA
    odds = -2.2 + random.normal(0, 0.2) + random.normal(0, noise, names.size)[place]
    odds = odds + 0.3 * unborn + 0.4 * table["has_previous_plan"] + effect * (since >= 0)
    return table.assign(**_outcomes(random, expit(odds.to_numpy())))


def _outcomes(random, risk) -> dict[str, np.ndarray]:
    """Return a value of every planned outcome; care leads, the others follow it loosely."""
    entered = random.random(risk.size) < risk
    later = entered | (random.random(risk.size) < 0.03)
    days = np.where(entered, random.uniform(1, 540, risk.size), 0.0)
    on_plan = random.random(risk.size) < 0.15
    plan_days = np.where(on_plan, random.uniform(30, 600, risk.size), 0.0)
    event = random.random(risk.size) < 0.2
    missing = np.nan
    return {
        "cla_18m": entered.astype(float),
        "cla_36m": later.astype(float),
        "days_in_care_18m": days,
        "days_in_care_36m": days * 1.8,
        "return_after_cpp_36m": np.where(on_plan, event, missing),
        "cpp_days_24m": np.where(on_plan, plan_days, missing),
        "cpp_days_36m": plan_days,
        "plo_to_proceedings_16w": np.where(random.random(risk.size) < 0.1, event, missing),
        "rereferral_factors_18m": np.where(random.random(risk.size) < 0.4, event, missing),
        "unauthorised_absence_3t": random.beta(1, 20, risk.size),
        "kinship_18m": np.where(entered, event, missing),
        "reunified_18m": np.where(entered, event, missing),
    }


def time_refresh(children: int = 3000) -> float:
    """Return the seconds a full refresh takes: all models, outcomes, estimators, sensitivities."""
    cohort = simulated_cohort(1, children=children)
    start = time.perf_counter()
    tables = effect_tables(cohort)
    seconds = time.perf_counter() - start
    print(
        f"{len(cohort)} children, {len(tables.effects)} rows of effects, "
        f"{len(tables.allocations)} allocations: {seconds:.1f} s (budget 60 s)"
    )
    return seconds


def cohort_coverage(samples: int, *, children: int = 2000) -> float:
    """Return how often the primary covers an effect planted in simulated cohorts, per model."""
    covered = []
    for seed in range(samples):
        cohort = simulated_cohort(seed, children=children)
        for model in (*MODELS, "pooled"):
            rows = model_effects(cohort, plan=_primary_only(), model=model)
            row = rows.iloc[0]
            covered.append({"model": model, "hit": row["ci_low"] <= EFFECT <= row["ci_high"]})
    found = DataFrame(covered).groupby("model")["hit"].mean()
    error = np.sqrt(found * (1 - found) / samples)
    for model, share in found.items():
        print(f"{model}: {100 * share:.1f} % ({100 * error[model]:.1f}) of {samples} cohorts")
    return float(found.mean())


def _primary_only():
    return replace(PLAN, outcomes=PLAN.outcomes[:1], beside=(), sensitivities=())


def main(arguments: Sequence[str] = ()) -> int:
    """Run what `arguments` ask for; a study judges nothing, so the exit code is always 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="time a full refresh")
    parser.add_argument("--samples", type=int, default=0, help="coverage on this many cohorts")
    parser.add_argument(TOY, action="store_true", help="a refresh and a study, both small")
    asked = parser.parse_args(arguments)
    if asked.toy:
        time_refresh(children=TOY_CHILDREN)
        cohort_coverage(1, children=TOY_CHILDREN)
    elif asked.refresh:
        time_refresh()
    elif asked.samples:
        cohort_coverage(asked.samples)
    else:
        run()
        text = pages(table())
        renew(text)
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
