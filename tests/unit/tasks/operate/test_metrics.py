"""Metrics as a Prometheus collector reads them: names, types, labels and values."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from schemas.calendar import EXPECTED
from schemas.trial import adopters
from tasks.intake.sweep import sweep_once
from tasks.operate.metrics import metrics_text
from warehouse.journal import write_line

MOMENT = datetime(2023, 8, 1, tzinfo=UTC)


@pytest.fixture
def busy(root):
    """A root with one submission in force, one rejected, and three stages in its journal."""
    folder = root.drop / "E08000030-walsall" / "2023-24Q1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pp.csv").write_text(
        "child_id,first_meeting_date,proceedings_issued_date,outcome\n007,03/05/2023,,\n"
    )
    (folder / "noise.csv").write_text("this is not a return\n")
    sweep_once(root, wait=False, progress=lambda _: None)
    for journal in root.logs.glob("*.jsonl"):
        journal.unlink()
    write_line(root, {"stage": "read", "seconds": 0.1, "counts": {"rows": 3, "files": 1}})
    write_line(root, {"stage": "read", "seconds": 400.0004, "counts": {"rows": 4}})
    write_line(root, {"stage": "check", "seconds": 0.25, "fault": "ValueError at check:1"})
    return root


def families(text):
    """Return the type and the values of every metric, values by name and labels."""
    return {
        family.name: (
            family.type,
            {(one.name, *sorted(one.labels.items())): one.value for one in family.samples},
        )
        for family in text_string_to_metric_families(text)
    }


def test_names_types_labels_and_values_are_those_that_collectors_know(busy):
    expected = (Path(__file__).parent / "metrics.prom").read_text()
    expected = expected.replace("{overdue}", str(len(adopters()) * len(EXPECTED)))
    assert families(metrics_text(busy, moment=MOMENT)) == families(expected)


def test_quotes_in_a_label_stay_in_it(root):
    write_line(root, {"stage": 'odd"} 1', "seconds": 1.0})
    kind, values = families(metrics_text(root, moment=MOMENT))["sfpc_stage_faults"]
    assert kind == "gauge"
    assert values == {("sfpc_stage_faults", ("stage", 'odd"} 1')): 0.0}
