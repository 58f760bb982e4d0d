"""The coverage study itself: the same on every machine, resumed rather than redone."""

import numpy as np
import pytest

from benchmarks import coverage
from benchmarks.coverage import SETTINGS, Setting, drawn, truth

PRIMARY = "fixed_effects_logit_cr2_satterthwaite"
SMALL = Setting(5, "quarter", "constant", -0.2)


def test_a_replication_is_the_same_every_time_and_another_is_not():
    first, again, other = drawn(SMALL, 3), drawn(SMALL, 3), drawn(SMALL, 4)
    assert np.array_equal(first.cells.total, again.cells.total)
    assert not np.array_equal(first.cells.total, other.cells.total)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.id)
def test_every_setting_is_a_stepped_wedge_of_the_size_it_says(setting):
    cells = drawn(setting, 0).cells
    assert cells.cluster_count == setting.clusters
    assert cells.exposed.any()
    assert not cells.exposed.all()
    assert len(set(cells.models)) == {4: 1, 5: 1, 9: 2, 17: 3}[setting.clusters]


def test_the_truth_of_a_constant_effect_is_the_effect():
    world = drawn(SMALL, 0)
    assert truth(PRIMARY, world) == pytest.approx(-0.2)
    assert truth("exposure_time_average", world) == pytest.approx(-0.2)
    assert -0.03 < truth("callaway_santanna", world) < 0


def test_the_truth_of_a_ramp_is_its_average_over_the_exposed_and_over_the_window():
    world = drawn(Setting(5, "none", "ramped", -0.2), 0)
    assert -0.2 < truth(PRIMARY, world) < -0.1
    assert truth("exposure_time_average", world) == pytest.approx(-0.2 * 0.625)


def test_blocks_at_rest_are_not_run_again(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "STORE", tmp_path)
    monkeypatch.setattr(coverage, "BLOCK", 4)
    path = coverage._made((SMALL, PRIMARY, 0))
    assert path.exists()
    coverage._made((SMALL, PRIMARY, 1))
    found = coverage.summary(SMALL, PRIMARY)
    assert found["n"] == 8
    assert 0 <= found["coverage"] <= 1


def test_the_study_stands_between_the_markers_of_the_page(tmp_path):
    page = tmp_path / "methods.md"
    begin, end = coverage.MARKERS
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    coverage.renew("new", page)
    assert page.read_text() == f"before\n{begin}\n\nnew\n\n{end}\nafter\n"
