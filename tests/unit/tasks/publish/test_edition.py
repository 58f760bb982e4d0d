import io
from dataclasses import replace

import pandas as pd
import pytest
from pandas import DataFrame

from tasks.publish.edition import EditionInputs, edition_files
from tests.unit.tasks.publish.invented import invented_completeness, invented_outcomes


def inputs(**changes):
    made = EditionInputs(
        name="2024-05",
        final=False,
        cut_id="cut-1",
        cut_quarter="2023-24Q4",
        code_version="abc",
        plan_hash="def",
        outcomes=invented_outcomes(),
        effects=None,
        costs=None,
        cost_inputs=None,
        seven_outcomes=None,
        training=None,
        completeness=invented_completeness(),
        figures={},
        earlier=(),
        submissions=DataFrame(columns=["submission_id", "la_code", "return_name", "quarter"]),
    )
    return replace(made, **changes)


@pytest.fixture(scope="module")
def files():
    return edition_files(inputs())


def read(files, name):
    return pd.read_csv(io.BytesIO(files.public[f"data/{name}.csv"]), dtype=str)


def test_the_same_inputs_give_the_same_bytes(files):
    assert edition_files(inputs()).public == files.public


def test_no_count_from_one_to_five_is_published(files):
    for path, content in files.public.items():
        if path.startswith("data/") and not path.endswith(".meta.csv"):
            frame = pd.read_csv(io.BytesIO(content), dtype=str)
            for side in ("numerator", "denominator"):
                numbers = pd.to_numeric(frame[side], errors="coerce")
                assert not ((numbers > 0) & (numbers <= 5)).any(), path


def test_a_hidden_count_hides_the_value_made_from_it(files):
    rows = read(files, "cohort_outcomes_quarterly")
    hidden = rows[rows["numerator"] == "c"]
    assert len(hidden) > 0
    assert set(hidden["percentage"]) <= {"c", "z"}


def test_the_report_runs_nothing_and_loads_nothing(files):
    page = files.public["report.html"].decode()
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert page.count("<svg") == 3


def test_an_edition_of_nothing_still_has_its_report():
    files = edition_files(inputs(outcomes=invented_outcomes().iloc[:0]))
    assert "report.html" in files.public
