"""The whole way against the truth that was simulated beside the returns, cell for cell."""

import shutil

from tasks.outcomes.authority import outcome_csv
from tasks.refresh import refresh_now, tables_of
from tasks.sweep import sweep_once


def test_outcomes_equal_the_truth_of_fault_free_returns(root, two_authorities):
    shutil.copytree(two_authorities / "drop", root.drop, dirs_exist_ok=True)
    swept = sweep_once(root, wait=False, progress=lambda _: None)
    assert not swept.has_rejections
    assert not swept.has_faults
    refresh_now(root, everything=False, progress=lambda _: None)
    computed = outcome_csv(tables_of(root, "latest").outcomes)
    truth = (two_authorities / "truth" / "outcomes.csv").read_text()
    assert computed.splitlines() == truth.splitlines()
    assert computed.count(",ok\n") > 200


def test_a_refresh_without_change_computes_nothing(root, two_authorities):
    (source,) = (two_authorities / "drop").glob("E08000030*")
    shutil.copytree(source, root.drop / source.name, dirs_exist_ok=True)
    sweep_once(root, wait=False, progress=lambda _: None)
    first = refresh_now(root, everything=False, progress=lambda _: None)
    again = refresh_now(root, everything=False, progress=lambda _: None)
    assert ": new," in first
    assert "17 authorities computed" in first
    assert ": unchanged," in again
    assert "0 authorities computed, 17 kept" in again


def test_deleting_the_cache_changes_nothing_but_time(root, two_authorities):
    (source,) = (two_authorities / "drop").glob("E08000030*")
    shutil.copytree(source, root.drop / source.name, dirs_exist_ok=True)
    sweep_once(root, wait=False, progress=lambda _: None)
    refresh_now(root, everything=False, progress=lambda _: None)
    kept = outcome_csv(tables_of(root, "latest").outcomes)
    shutil.rmtree(root.cache)
    assert outcome_csv(tables_of(root, "1").outcomes) == kept
