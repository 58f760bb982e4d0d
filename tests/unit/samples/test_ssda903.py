import csv

import pytest

from samples.forms.ssda903 import HEADINGS
from schemas.quarter import Quarter
from schemas.returns.ssda903 import RETURN

STEMS = {table.sent_as: table for table in RETURN.tables}


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def files_of(written):
    for folder in sorted((written / "drop").glob("*/*/ssda903")):
        year = Quarter.parse(folder.parent.name).collection_year
        for file in sorted(folder.iterdir()):
            yield year, file


@pytest.mark.parametrize("stem", sorted(HEADINGS))
def test_headings_and_their_order_are_those_declared(stem):
    table = STEMS[stem]
    assert tuple(HEADINGS[stem].split(",")) == table.headings_in(2024)


def test_every_code_is_valid_in_its_collection_year(written):
    for year, file in files_of(written):
        table = STEMS[file.stem]
        coded = {column.sent_as: column.codes_in(year) for column in table.columns if column.codes}
        for row in rows_of(file):
            for heading, codes in coded.items():
                assert row[heading] == "" or row[heading] in codes, (file, heading)


def test_social_workers_are_not_told_before_2024(written):
    assert not list(written.rglob("sw_episodes.csv"))


def test_every_child_of_every_file_is_in_the_header(written):
    for folder in (written / "drop").glob("*/*/ssda903"):
        known = {row["CHILD"]: row["DOB"] for row in rows_of(folder / "header.csv")}
        for file in folder.iterdir():
            for row in rows_of(file):
                assert row["CHILD"] in known
                assert row.get("DOB", known[row["CHILD"]]) == known[row["CHILD"]]
