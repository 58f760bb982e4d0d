"""The whole way against the truth that was simulated beside the returns, cell for cell."""

import shutil

import pytest
from typer.testing import CliRunner

from cli.app import app
from schemas.errors import UsageError
from tasks.cut.code_version import code_version
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.outcomes.authority import outcome_csv
from warehouse.root import Root


def test_outcomes_equal_the_truth_of_fault_free_returns(root, four_years):
    shutil.copytree(four_years / "drop", root.drop, dirs_exist_ok=True)
    swept = sweep_once(root, wait=False, progress=lambda _: None)
    assert not swept.has_rejections
    assert not swept.has_internal_errors
    refresh_now(root, everything=False, progress=lambda _: None)
    computed = outcome_csv(tables_of_cut(root, "latest").outcomes)
    truth = (four_years / "truth" / "outcomes.csv").read_text()
    assert computed.splitlines() == truth.splitlines()
    mature = {line.split(",")[0] for line in computed.splitlines() if line.endswith(",ok,")}
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
    kept = outcome_csv(tables_of_cut(one_quarter, "latest").outcomes)
    shutil.rmtree(one_quarter.cache)
    assert outcome_csv(tables_of_cut(one_quarter, "1").outcomes) == kept


def sfp(*words):
    """Return what a command prints: standard output and standard error."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def two_cuts(one_quarter, two_authorities):
    """The same root after a return of the next year, with what the first cut printed before."""
    refresh_now(one_quarter, everything=False, progress=lambda _: None)
    before, _ = sfp("outcomes", "--root", one_quarter.path, "--cut", "1")
    (source,) = (two_authorities / "drop").glob("E08000030*/2023-24Q1")
    shutil.copytree(source, one_quarter.drop / source.parent.name / source.name)
    sweep_once(one_quarter, wait=False, progress=lambda _: None)
    refresh_now(one_quarter, everything=False, progress=lambda _: None)
    return one_quarter, before


def test_an_old_cut_is_printed_again_byte_for_byte_after_a_later_one(two_cuts):
    root, before = two_cuts
    shutil.rmtree(root.cache)
    assert sfp("outcomes", "--root", root.path, "--cut", "1")[0] == before
    assert sfp("outcomes", "--root", root.path)[0] != before


def test_an_old_cut_read_by_other_code_is_refused_with_both_named(two_cuts, monkeypatch):
    root, _ = two_cuts
    made_by = code_version()
    monkeypatch.setattr("tasks.cut.refresh.code_version", lambda: "another code")
    with pytest.raises(UsageError, match=f"cut 1 .*needs {made_by}, found another code"):
        tables_of_cut(root, "1")


def test_conflicts_of_histories_are_shown_by_kind_and_those_not_met_left_out(two_cuts):
    root, _ = two_cuts
    counts = tables_of_cut(root, "latest").conflicts
    met = counts[counts["count"] > 0]
    assert {"episodes_closed_later", "episodes_merged"} <= set(met["kind"])
    assert set(met["la_code"]) == {"E08000030"}
    _, told = sfp("status", "--root", root.path, "--json")
    lines = {line for line in told.splitlines() if line.startswith("histories: ")}
    assert lines == {
        f"histories: {row['la_code']}: {row['kind']}: {row['count']}"
        for row in met.to_dict("records")
    }


def kept_bytes(root):
    return {path.name: path.read_bytes() for path in (root.cache / "authority").iterdir()}


def test_a_resubmission_computes_its_own_authority_again_and_no_other(two_cuts):
    root, _ = two_cuts
    refresh_now(root, everything=False, progress=lambda _: None)
    before = kept_bytes(root)
    (sent,) = root.drop.glob("E08000030*/2022-23Q1/pre_proceedings.csv")
    sent.write_bytes(sent.read_bytes() + b"\r\n")
    assert not sweep_once(root, wait=False, progress=lambda _: None).has_rejections
    line = refresh_now(root, everything=False, progress=lambda _: None)
    assert "1 authorities computed, 16 kept" in line
    after = kept_bytes(root)
    assert before == {name: after[name] for name in before}
    assert len(after) - len(before) == len(
        ("outcomes", "cohort", "exposure", "conflicts", "training")
    )
