"""What an edition gives away, and what a reader meets, by the ids in the list of hostile cases."""

import csv
import json
import threading
from contextlib import suppress
from dataclasses import replace

import pandas as pd
import pytest

import schemas.authorities
from schemas.editions import TOTAL_ITEM
from schemas.outcomes import OUTCOMES
from schemas.population import newest_vintage, population_0_17
from tasks.cut.code_version import version_of
from tasks.disclose.control import controlled
from tasks.disclose.earlier import Seen
from tasks.disclose.reasons import reason_counts, reasons
from tasks.publish.edition import edition_files
from tasks.publish.inputs import EarlierEdition
from tests.support.editions import edition_inputs
from tests.support.outcome_tables import WALSALL, YEAR, figure, one_outcome, outcome_table
from warehouse.cuts import put_edition, record_cut, stored_edition_files

LARGE = [(40, 200), (45, 210), (38, 190), (50, 220)] * 4


def told(found):
    """Return the rows with why each number is not shown."""
    return found.rows.join(reasons(found))


def test_h101_a_rate_of_three_is_hidden_with_its_count():
    counts = LARGE.copy()
    counts[0] = (3, 200)
    found = controlled(one_outcome("rereferral_12m", counts), seen=[])
    row = figure(told(found), "rereferral_12m", WALSALL, YEAR[0])
    assert (row["numerator_symbol"], row["value_symbol"]) == ("c", "c")
    assert (row["numerator_reason"], row["value_reason"]) == ("SDC_SMALL", "SDC_RATE")
    assert pd.isna(row["value"])
    other = figure(told(found), "rereferral_12m", WALSALL, YEAR[1])
    assert {other["numerator_reason"], other["value_reason"]} <= {"", "SDC_LINKED", "SDC_RATE"}
    assert reason_counts(found)["SDC_RATE"] >= 1


def test_h101_a_rate_of_many_is_shown():
    found = controlled(one_outcome("rereferral_12m", LARGE), seen=[])
    assert set(told(found)["value_reason"]) == {""}
    assert reason_counts(found) == dict.fromkeys(
        ("SDC_SMALL", "SDC_RATE", "SDC_LINKED", "SDC_TEMPORAL"), 0
    )


def two_editions(before, after):
    first = controlled(before, seen=[])
    states = first.rows
    return first, controlled(after, seen=[Seen("first", before, states, first.figures.sets)])


def test_h102_a_change_from_12_to_13_is_held_back_before_release():
    before, after = LARGE.copy(), LARGE.copy()
    before[0], after[0] = (12, 200), (13, 200)
    _, second = two_editions(
        one_outcome("rereferral_12m", before), one_outcome("rereferral_12m", after)
    )
    row = figure(told(second), "rereferral_12m", WALSALL, YEAR[0])
    assert (row["numerator"], row["numerator_state"]) == (12, "held")
    assert row["numerator_reason"] == "SDC_TEMPORAL"
    assert reason_counts(second)["SDC_TEMPORAL"] >= 1


def test_h102_a_change_of_ten_is_let_out():
    before, after = LARGE.copy(), LARGE.copy()
    before[0], after[0] = (12, 200), (22, 200)
    _, second = two_editions(
        one_outcome("rereferral_12m", before), one_outcome("rereferral_12m", after)
    )
    row = figure(told(second), "rereferral_12m", WALSALL, YEAR[0])
    assert (row["numerator"], row["numerator_reason"]) == (22, "")


def test_h103_tables_that_share_a_number_are_protected_together():
    table = outcome_table(
        ("reunification", WALSALL, YEAR[0], 32, 300),
        ("reunification_still_home", WALSALL, YEAR[0], 29, 300),
    )
    found = controlled(table, seen=[])
    both = [
        figure(told(found), name, WALSALL, YEAR[0])["numerator_reason"]
        for name in ("reunification", "reunification_still_home")
    ]
    # 32 came home and 29 are still there: three went back, whom no single table names.
    assert "SDC_LINKED" in both
    assert found.is_safe


def test_h103_a_number_that_stands_in_two_tables_is_hidden_in_both():
    shared = [
        (one.id, other.id)
        for one in OUTCOMES.values()
        for other in OUTCOMES.values()
        if (one.id, other.id) == ("repeat_cpp", "repeat_cpp_24m")
    ]
    assert shared == [("repeat_cpp", "repeat_cpp_24m")]
    table = outcome_table(
        ("repeat_cpp", WALSALL, YEAR[0], 20, 24), ("repeat_cpp_24m", WALSALL, YEAR[0], 3, 24)
    )
    rows = told(controlled(table, seen=[]))
    places = {WALSALL, TOTAL_ITEM}
    hidden = rows[(rows["outcome"] == "repeat_cpp_24m") & rows["place"].isin(places)]
    assert len(hidden) >= 2
    assert set(hidden["numerator_symbol"]) == {"c"}


@pytest.fixture
def publish(root, actor):
    cut, _ = record_cut(root, code_version="c", config_hash="p", key_id="k", actor=actor)

    def published(files, *, is_final=False):
        put_edition(
            root, name="e", cut=cut, is_final=is_final, public=files, restricted={}, actor=actor
        )

    return published


def test_h098_a_reader_meets_a_whole_edition_or_none_while_it_is_made_again(root, publish):
    names = sorted(f"{n}.csv" for n in range(40))
    versions = [dict.fromkeys(names, f"{version}\n".encode() * 50) for version in range(12)]
    publish(versions[0])
    seen, torn, stop = [], [], threading.Event()

    def read():
        while not stop.is_set():
            with suppress(FileNotFoundError):
                found = sorted(path.name for path in (root.editions / "e").iterdir())
                if found != names:
                    torn.append(found)
                seen.append(found)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for version in versions[1:]:
            publish(version)
    finally:
        stop.set()
        reader.join()
    assert seen
    assert torn == []
    assert stored_edition_files(root, "e") == versions[-1]


def test_h098_a_final_edition_read_meanwhile_never_changes(root, publish):
    first = {"data/a.csv": b"1\n"}
    publish(first, is_final=True)
    publish(first, is_final=True)
    assert stored_edition_files(root, "e") == first


def with_new_vintage(folder):
    """Write reference files in which one authority has other children, by a newer vintage."""
    name = "population_0_17.csv"
    with (schemas.authorities.REFERENCE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    newer = [
        {**row, "vintage": "2025", "population_0_17": str(int(row["population_0_17"]) + 500)}
        for row in rows
        if row["la_code"] == WALSALL and row["population_0_17"].isdigit()
    ]
    assert newer
    folder.mkdir()
    for path in schemas.authorities.REFERENCE.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows + newer)


def forget():
    from schemas import population

    for function in (population._series, population.newest_vintage, population.population_0_17):
        function.cache_clear()


@pytest.fixture
def revised_population(tmp_path, monkeypatch):
    with_new_vintage(tmp_path / "reference")
    monkeypatch.setattr(schemas.authorities, "REFERENCE", tmp_path / "reference")
    forget()
    yield
    monkeypatch.undo()
    forget()


DEFAULTS = ("cla_rate", "cla_start_rate", "cpp_start_rate")


def small_inputs():
    inputs = edition_inputs()
    table = inputs.outcomes
    mine = table["outcome"].isin(DEFAULTS) & table["quarter"].ge("2021-22")
    return replace(inputs, outcomes=table[mine])


def test_h099_an_edition_records_the_vintage_it_used_and_a_revision_its_own(request, tmp_path):
    before = population_0_17(WALSALL, 2024)
    first = edition_files(small_inputs())
    assert json.loads(first.restricted["disclosure.json"])["population_vintage"] == newest_vintage()
    request.getfixturevalue("revised_population")
    after = population_0_17(WALSALL, 2024)
    assert (after.children, after.vintage) == (before.children + 500, 2025)
    earlier = EarlierEdition(small_inputs().name, first.public, first.restricted)
    revised = edition_files(
        replace(small_inputs(), name="revised", code_version="other", earlier=(earlier,))
    )
    report = json.loads(revised.restricted["disclosure.json"])
    assert report["population_vintage"] == 2025
    assert report["compared_with"] == [small_inputs().name]
    assert report["code_version"] == "other"


def test_h099_a_change_of_reference_is_another_code_version(tmp_path):
    file = tmp_path / "schemas" / "reference" / "population_0_17.csv"
    file.parent.mkdir(parents=True)
    found = []
    for text in ("vintage\n2024\n", "vintage\n2025\n", "vintage\n2024\n"):
        file.write_text(text)
        found.append(version_of(tmp_path, ["schemas"]))
    assert found[0] != found[1]
    assert found[0] == found[2]
