"""The whole way against the truth that was simulated beside the returns, cell for cell."""

import shutil

import pytest

from tasks.outcomes.authority import outcome_csv
from tasks.refresh import refresh_now, tables_of
from tasks.set_up import set_up
from tasks.sweep import sweep_once
from warehouse.root import Root


def test_outcomes_equal_the_truth_of_fault_free_returns(root, four_years):
    shutil.copytree(four_years / "drop", root.drop, dirs_exist_ok=True)
    swept = sweep_once(root, wait=False, progress=lambda _: None)
    assert not swept.has_rejections
    assert not swept.has_faults
    refresh_now(root, everything=False, progress=lambda _: None)
    computed = outcome_csv(tables_of(root, "latest").outcomes)
    truth = (four_years / "truth" / "outcomes.csv").read_text()
    assert computed.splitlines() == truth.splitlines()
    mature = {line.split(",")[0] for line in computed.splitlines() if line.endswith(",ok")}
    assert mature >= {"cla_18m", "days_in_care_18m", "cla_rate", "rereferral_12m"}


@pytest.fixture(scope="module")
def one_quarter(tmp_path_factory, two_authorities):
    """A root that took in one quarter of one authority."""
    root = set_up(Root.at(tmp_path_factory.mktemp("one") / "root"), settle_seconds=0.0)
    (source,) = (two_authorities / "drop").glob("E08000030*/2022-23Q1")
    shutil.copytree(source, root.drop / source.parent.name / source.name)
    sweep_once(root, wait=False, progress=lambda _: None)
    return root


def test_a_refresh_without_change_computes_nothing(one_quarter):
    first = refresh_now(one_quarter, everything=False, progress=lambda _: None)
    again = refresh_now(one_quarter, everything=False, progress=lambda _: None)
    assert ": new," in first
    assert "17 authorities computed" in first
    assert ": unchanged," in again
    assert "0 authorities computed, 17 kept" in again


def test_deleting_the_cache_changes_nothing_but_time(one_quarter):
    refresh_now(one_quarter, everything=False, progress=lambda _: None)
    kept = outcome_csv(tables_of(one_quarter, "latest").outcomes)
    shutil.rmtree(one_quarter.cache)
    assert outcome_csv(tables_of(one_quarter, "1").outcomes) == kept
