"""A cut belongs to the prices it was made with: with others nothing is made of it, or kept."""

import pytest

from schemas.errors import UsageError
from tasks.cut.analysis import analysis_of
from tasks.cut.refresh import cut_analysis, cut_tables, outcomes_of_cut, refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.publish.publish_cut import publish_now
from warehouse.cuts import read_cut
from warehouse.root import Root

from .conftest import WALSALL

PRICES = """
parameters:
  - {id: optimism_bias.costs, value: 0.1, source: a test, grade: established}
"""


def quiet(_):
    return


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory, put):
    """A root whose cut 1 was made with the declared prices, and cut 2 with later returns."""
    folder = tmp_path_factory.mktemp("prices") / "root"
    root = set_up(Root.at(folder), settle_seconds=0.0, two_people=False)
    for quarter in ("2023-24Q1", "2023-24Q2"):
        put(root, WALSALL, quarter)
        sweep_once(root, wait=False, progress=quiet)
        refresh_now(root, everything=False, progress=quiet)
    return root


@pytest.fixture
def taken(refreshed):
    yield refreshed
    refreshed.prices_file.unlink(missing_ok=True)


def kept(root):
    return {path.name: path.read_bytes() for path in (root.cache / "costs").iterdir()}


def published(root, name, cut):
    return publish_now(root, name=name, is_final=True, cut=cut)


MADE = {
    "costs and effects": lambda root, cut: cut_analysis(root, cut),
    "outcomes": lambda root, cut: outcomes_of_cut(root, cut),
    "an edition": lambda root, cut: published(root, "second", cut),
}


@pytest.mark.parametrize("what", MADE)
@pytest.mark.parametrize("cut", ["1", "latest"])
def test_nothing_is_made_of_a_cut_with_other_prices(taken, what, cut):
    for path in (taken.cache / "costs").iterdir():
        path.unlink()
    taken.prices_file.write_text(PRICES)
    with pytest.raises(UsageError, match=r"there was no prices\.yaml when it was made") as refused:
        MADE[what](taken, cut)
    assert "Run `sfp refresh` for a new cut, or put the prices back" in str(refused.value)
    assert kept(taken) == {}
    assert not (taken.editions / "second").exists()


def test_prices_that_change_while_a_cut_is_worked_out_are_not_kept_as_its_own(taken):
    cut = read_cut(taken, "latest")
    tables = cut_tables(taken, cut)
    for path in (taken.cache / "costs").iterdir():
        path.unlink()
    taken.prices_file.write_text(PRICES)
    with pytest.raises(UsageError, match=f"cut {cut.number} was made with .* other prices"):
        analysis_of(taken, cut, tables.cohort, tables.exposure, jobs=1)
    assert kept(taken) == {}


def test_an_older_cut_of_the_same_prices_is_still_published(taken):
    folder = published(taken, "first", "1")
    assert published(taken, "first", "1") == folder


def test_other_prices_are_another_cut_and_the_words_name_the_one_that_fits(taken):
    taken.prices_file.write_text(PRICES)
    assert ": new," in refresh_now(taken, everything=False, progress=quiet)
    assert cut_analysis(taken, "latest").costs.table is not None
    newest = read_cut(taken, "latest").number
    taken.prices_file.write_text(PRICES.replace("0.1", "0.2"))
    with pytest.raises(UsageError, match=r"prices\.yaml was changed since"):
        cut_analysis(taken, "latest")
    taken.prices_file.unlink()
    with pytest.raises(UsageError, match=r"there is no .*prices\.yaml now") as refused:
        cut_analysis(taken, "latest")
    fits = newest - 1
    assert f"cut {fits} was made with those of now (`--cut {fits}`)" in str(refused.value)
    assert cut_analysis(taken, str(fits)).costs.table is not None
