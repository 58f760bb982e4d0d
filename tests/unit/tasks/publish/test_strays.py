"""A number planted into any file of an edition is found, and none of an edition as published is."""

import io
import json
import re
from dataclasses import replace
from zipfile import ZipFile

import numpy as np
import pytest

from tasks.outcomes.reasons import reason_runs
from tasks.publish.edition import edition_files
from tasks.publish.ees import csv_texts, table_csv
from tasks.publish.inputs import EarlierEdition
from tasks.publish.strays import READ, stray_numbers
from tests.support.editions import SIX, edition_inputs, invented_submissions

KEPT = (
    *("cla_18m", "cla_36m", "cla_rate", "cla_start_rate", "cpp_start_rate"),
    *("repeat_cpp", "repeat_cpp_24m", "rereferral_12m"),
)
EXACT = "1,193"
"""A count of children that stands nowhere in the editions below."""


def small_inputs(**changes):
    inputs = edition_inputs(**changes)
    return replace(inputs, outcomes=inputs.outcomes[inputs.outcomes["outcome"].isin(KEPT)])


@pytest.fixture(scope="module")
def first():
    return edition_files(small_inputs())


@pytest.fixture(scope="module")
def second(first):
    """Return the files of a second edition: one authority sent 30 referrals more."""
    inputs = small_inputs(name="2023-08", submissions=invented_submissions(seed=1))
    table = inputs.outcomes.copy()
    at = table["la_code"].eq(SIX[0]) & table["quarter"].eq("2021-22Q2")
    at &= table["outcome"].eq("rereferral_12m")
    table.loc[at, ["numerator", "denominator"]] += 30
    table.loc[at, "value"] = table.loc[at, "numerator"] / table.loc[at, "denominator"]
    earlier = (EarlierEdition("2023-05", first.public, first.restricted),)
    return edition_files(replace(inputs, outcomes=table, earlier=earlier)).public


@pytest.fixture(scope="module")
def counts():
    """Return how many figures of authorities there are, and how many have each reason."""
    outcomes = small_inputs().outcomes
    return [len(outcomes), *reason_runs(outcomes).groupby("reason")["figures"].sum()]


@pytest.fixture(scope="module")
def strays(first, second):
    """Return what finds the numbers of the second edition, changed, that are tied to nothing."""
    report = json.loads(edition_report(first))
    assert report["attack_on_files"]["numbers_tied_to_nothing"] == []
    assert report["attack_on_files"]["files_not_read"] == []

    def found(path, content):
        changed = {**second, path: content}
        return {one.path for one in stray_numbers(changed, [first.public])} - {"datapackage.json"}

    return found


def edition_report(files):
    return files.restricted["disclosure.json"]


def test_every_file_is_read_and_every_number_tied(first, second, counts):
    assert all(path.endswith(READ) for path in second)
    assert len(csv_texts(second["revisions.csv"])) > 0
    assert stray_numbers(second, [first.public], counts=counts) == []


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("CHANGES.md", "# Changes", f"{EXACT} children were exposed.\n# Changes"),
        ("CHANGES.md", "rows are new", f"rows are new, of {EXACT}"),
        ("report.html", "<h2", f"<p>{EXACT} children were exposed.</p><h2"),
        ("report.html", "<h2", "<p>They were 1,193 in all.</p><h2"),
        ("report.html", "<h2", "<p>4 children came back into care in Walsall.</p><h2"),
        ("report.html", "<h2", "<p>They cost £12,345,678.</p><h2"),
        ("report.html", "<body", f'<body title="{EXACT}"'),
        ("report.html", "</body>", f"<!-- {EXACT} --></body>"),
        ("report.html", "lowest", f"lowest of {EXACT} children"),
        ("datapackage.json", '"name": "sfpc', f'"children": {EXACT.replace(",", "")}, "name": "x'),
        ("data_dictionary.csv", "Name of the authority.", "Name of one of 1193 children."),
        ("outcome_definitions.csv", "referred", "referred (1193 of them)"),
        ("data/costs.meta.csv", "Whose costs", "Costs of 1193 children"),
    ],
)
def test_a_count_planted_into_words_is_found(first, second, path, before, after):
    text = second[path].decode()
    assert before in text
    planted = {**second, path: text.replace(before, after, 1).encode()}
    assert path in {one.path for one in stray_numbers(planted, [first.public])}


def with_cell(content, column, place, text):
    frame = csv_texts(content)
    at = frame.index[frame[column].str.fullmatch(r"-?[\d.]+")][place]
    assert frame.loc[at, column] != text
    frame.loc[at, column] = text
    return table_csv(frame)


@pytest.mark.parametrize(
    ("path", "column", "text"),
    [
        ("data/training.csv", "forms", "4"),
        ("data/training.csv", "forms", "137"),
        ("data/training.csv", "central_value", "41.537"),
        ("data/completeness.csv", "returns_received", "5"),
        ("data/quality.csv", "number", "1193"),
        ("data/headlines.csv", "quarters_counted", "1193"),
        ("totals.csv", "authorities_counted", "137"),
        ("not_available.csv", "figures", "137"),
        ("revisions.csv", "before", "137"),
        ("revisions.csv", "after", "137"),
        ("revisions.csv", "change", "3"),
    ],
)
def test_a_count_planted_into_a_table_is_found(first, second, path, column, text):
    planted = {**second, path: with_cell(second[path], column, 0, text)}
    given = np.array([41.5, 30.0, 53.0, 120.0, 140.0, 140.0])
    found = stray_numbers(planted, [first.public], training=given)
    assert path in {one.path for one in found}


def test_a_size_or_a_hash_that_is_not_its_files_is_found(first, second, counts):
    for name in ("bytes", "hash"):
        described = json.loads(second["datapackage.json"])
        described["resources"][0][name] = 1193
        planted = {**second, "datapackage.json": json.dumps(described).encode()}
        found = stray_numbers(planted, [first.public], counts=counts)
        assert [one.path for one in found] == ["datapackage.json"]


def test_a_cell_of_the_page_that_repeats_no_row_is_found(strays, second):
    page = second["report.html"].decode()
    # A number that stands in data files, in the row of another quarter.
    pattern = re.compile(r'<td class="[^"]*numeric[^"]*">(\d+\.\d)</td>')
    cells = list(pattern.finditer(page, page.index("Figures of this chart")))
    first, other = cells[0], next(c for c in cells if c[1] != cells[0][1])
    planted = page[: first.start(1)] + other[1] + page[first.end(1) :]
    assert "report.html" in strays("report.html", planted.encode())


def test_a_cell_of_the_workbook_that_repeats_no_row_is_found(strays, second):
    book = io.BytesIO()
    with ZipFile(io.BytesIO(second["edition.xlsx"])) as parts, ZipFile(book, "w") as changed:
        for name in parts.namelist():
            content = parts.read(name).decode()
            if name == "xl/worksheets/sheet5.xml":
                content, count = re.subn(
                    r"<v>(\d{3,})</v></c>(?=<c[^>]*><v>\d)", _one_more, content
                )
                assert count
            changed.writestr(name, content)
    assert "edition.xlsx" in strays("edition.xlsx", book.getvalue())


def _one_more(match):
    return match[0].replace(match[1], str(int(match[1]) + 1))


def test_a_point_of_a_chart_with_more_digits_than_are_printed_is_found(strays, second):
    page = second["report.html"].decode()
    dot = re.search(r'<circle cx="[\d.]+" cy="([\d.]+)"', page)
    moved = dot[0].replace(dot[1], f"{float(dot[1]) + 0.4:.1f}")
    planted = page.replace(dot[0], moved, 1)
    assert "report.html" in strays("report.html", planted.encode())
