"""Metrics as text for Prometheus and anything that reads its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from tasks.operate.status import drop_folder_words, overdue
from warehouse.cuts import all_cuts, all_editions
from warehouse.journal import lines
from warehouse.ledger import all_in_force, all_submissions, unfinished
from warehouse.root import Root, write_bytes

DAYS = 30
"""How far back stages are counted; a moving window, so the counters are gauges."""
BUCKETS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
FILE = "metrics.prom"
_DECIMALS = 3


@dataclass(frozen=True)
class _Found(Collector):
    """Metrics of one moment, as prometheus_client takes them."""

    metrics: tuple[Metric, ...]

    def collect(self) -> tuple[Metric, ...]:
        """Return the metrics."""
        return self.metrics


@dataclass
class _Stage:
    """What is known of one stage."""

    seconds: list[float] = field(default_factory=list)
    faults: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def metrics_text(root: Root, *, moment: datetime) -> str:
    """Return every metric of a root in the text format of Prometheus.

    Stages: how often, how long (a histogram), how many faults and how many rows, findings or files
    over the last 30 days, from the journal. The state of the root: submissions by state, in force,
    unfinished, overdue, from the ledger; moments of the newest cut and edition.
    """
    return generate_latest(
        _Found((*_stage_metrics(root, moment), *_state_metrics(root, moment)))
    ).decode()


def write_metrics(root: Root, *, moment: datetime | None = None) -> None:
    """Write the metrics to `notices/metrics.prom`, for a text-file collector to pick up."""
    found = metrics_text(root, moment=moment or datetime.now(UTC))
    write_bytes(root.notices / FILE, found.encode())


def stage_seconds(root: Root, moment: datetime) -> list[tuple[str, list[float], int]]:
    """Return each stage's name, its times in seconds and its faults over the last 30 days."""
    return [(name, one.seconds, one.faults) for name, one in _stages(root, moment).items()]


def _stages(root: Root, moment: datetime) -> dict[str, _Stage]:
    found: dict[str, _Stage] = {}
    for line in lines(root, since=moment - timedelta(days=DAYS)):
        one = found.setdefault(str(line.get("stage", "")), _Stage())
        one.seconds.append(float(line.get("seconds", 0.0)))
        one.faults += bool(line.get("fault"))
        one.counts.update({str(k): int(v) for k, v in dict(line.get("counts", {})).items()})
    return dict(sorted(found.items()))


def _stage_metrics(root: Root, moment: datetime) -> Iterator[Metric]:
    stages = _stages(root, moment)
    yield _histogram(
        "sfpc_stage_seconds",
        f"Time of a stage, last {DAYS} days.",
        {name: one.seconds for name, one in stages.items()},
    )
    yield _gauge(
        "sfpc_stage_faults",
        f"Stages that ended in an internal error, last {DAYS} days.",
        {(name,): one.faults for name, one in stages.items()},
        labels=("stage",),
    )
    yield _gauge(
        "sfpc_stage_count",
        f"What stages went through, last {DAYS} days.",
        {
            (name, of): count
            for name, one in stages.items()
            for of, count in sorted(one.counts.items())
        },
        labels=("stage", "of"),
    )


def _state_metrics(root: Root, moment: datetime) -> Iterator[Metric]:
    states = Counter(str(row.state) for row in all_submissions(root))
    yield _gauge(
        "sfpc_submissions",
        "Submissions by state.",
        {(state,): count for state, count in sorted(states.items())},
        labels=("state",),
    )
    plain = {
        "sfpc_drop_folder_there": (
            "1 while all of the drop folder is there.",
            float(not drop_folder_words(root)),
        ),
        "sfpc_in_force": ("Submissions that count now.", len(all_in_force(root))),
        "sfpc_last_cut_seconds": ("Moment of the newest cut.", _newest(all_cuts(root))),
        "sfpc_last_edition_seconds": ("Moment of the newest edition.", _newest(all_editions(root))),
        "sfpc_overdue": ("Returns overdue.", len(overdue(root, today=moment.date()))),
        "sfpc_unfinished": ("Submissions to be judged or answered.", len(unfinished(root))),
        "sfpc_written_seconds": ("Moment these metrics were written.", moment.timestamp()),
    }
    for name, (words, value) in plain.items():
        yield _gauge(name, words, {(): round(value, _DECIMALS)})


def _newest(rows: Iterable[object]) -> float:
    moments = [datetime.fromisoformat(row.made_at).timestamp() for row in rows]  # type: ignore[attr-defined]  # rows of the ledger
    return max(moments, default=0.0)


def _histogram(name: str, words: str, seconds: Mapping[str, Sequence[float]]) -> Metric:
    """Return a histogram by stage."""
    made = HistogramMetricFamily(name, words, labels=("stage",))
    for stage, values in seconds.items():
        counts = [(f"{bound:g}", sum(value <= bound for value in values)) for bound in BUCKETS]
        every = [*counts, ("+Inf", len(values))]
        made.add_metric((stage,), every, sum_value=round(sum(values), _DECIMALS))
    return made


def _gauge(
    name: str,
    words: str,
    values: Mapping[tuple[str, ...], float],
    *,
    labels: tuple[str, ...] = (),
) -> Metric:
    """Return a gauge, its values by their labels."""
    made = GaugeMetricFamily(name, words, labels=labels)
    for found, value in values.items():
        made.add_metric(found, value)
    return made
