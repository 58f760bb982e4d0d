"""The one custom expectation: a rule holds when no row of its boolean column is True.

The conditions are worked out beforehand, once, as boolean columns (True where broken). Great
Expectations judges those. The broken rows of a whole table are counted by a single metric that all
expectations of the table share, because here the price of an expectation is its metrics.
Results carry no values: they are asked for as booleans only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, ClassVar

import great_expectations as gx
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies
from pandas import DataFrame

from expectations.rule import Rule

_COUNTS = "table.broken_rows_by_rule"
# Great Expectations keeps its current context in a process-wide variable.
_ONE_AT_A_TIME = Lock()


class BrokenRowsByRule(TableMetricProvider):
    """How many rows break each rule of a table."""

    metric_name = _COUNTS

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,  # noqa: N805 - Great Expectations calls it on the class
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, int]:
        frame, _, _ = execution_engine.get_compute_domain(
            domain_kwargs=metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        return {str(name): int(count) for name, count in frame.sum().items()}


class ExpectRuleToHold(BatchExpectation):
    """Expect no row to break a rule.

    Attributes:
        rule: id of the rule, which is the name of its boolean column.
    """

    rule: str
    success_keys: ClassVar[tuple[str, ...]] = ("rule",)
    args_keys: ClassVar[tuple[str, ...]] = ("rule",)

    def get_validation_dependencies(
        self,
        execution_engine: Any = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """Ask for the counts of the batch.

        The inherited way comes to the same, but writes out the whole configuration ten times for
        each expectation: three times the price of all the rest.
        """
        configuration = runtime_configuration or {}
        counts = MetricConfiguration(_COUNTS, metric_domain_kwargs={"batch_id": self.batch_id})
        return ValidationDependencies({_COUNTS: counts}, configuration.get("result_format") or {})

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        broken = metrics[_COUNTS][self.rule]
        return {"success": broken == 0, "result": {"observed_value": broken}}


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations made of one rule.

    Attributes:
        holds: whether no row breaks it.
        raised: whether judging it raised, so that `holds` says nothing.
    """

    holds: bool
    raised: bool


def suite_of(name: str, rules: Sequence[Rule]) -> gx.ExpectationSuite:
    """Return the suite of one table: an expectation per rule, what the authority sees in `meta`."""
    expectations = [ExpectRuleToHold(rule=rule.id, meta=_meta(rule)) for rule in rules]
    return gx.ExpectationSuite(name=name, expectations=expectations)


def _meta(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.code,
        "words": rule.words,
        "reach": rule.reach.value,
        "severity": rule.severity.value,
        "fields": list(rule.headings),
        "since": rule.since,
        "until": rule.until,
    }


def verdicts(
    frames: Mapping[str, DataFrame], rules: Mapping[str, Sequence[Rule]]
) -> dict[str, Verdict]:
    """Return the verdict on every rule by its id, judged on boolean frames, one per table."""
    with _ONE_AT_A_TIME:
        found: dict[str, Verdict] = {}
        for table, frame in frames.items():
            found |= _verdicts_on_table(table, frame, rules[table])
        return found


@cache
def _batches() -> Any:
    """Return what makes batches of frames, in a context that stores, shows and sends nothing.

    It is made once: registering a data source writes the whole configuration three times.
    """
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )
    asset = context.data_sources.add_pandas("returns").add_dataframe_asset("broken rows")
    return asset.add_batch_definition_whole_dataframe("of one table")


def _verdicts_on_table(table: str, frame: DataFrame, rules: Sequence[Rule]) -> dict[str, Verdict]:
    batch = _batches().get_batch({"dataframe": frame})
    judged = batch.validate(suite_of(table, rules), result_format="BOOLEAN_ONLY")
    return {
        result.expectation_config.kwargs["rule"]: Verdict(
            holds=bool(result.success), raised=_raised(result.exception_info)
        )
        for result in judged.results
    }


def _raised(exception_info: Mapping[str, Any]) -> bool:
    """Return whether an expectation, or a metric under it, raised: two shapes of report."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(info.get("raised_exception") for info in exception_info.values())
