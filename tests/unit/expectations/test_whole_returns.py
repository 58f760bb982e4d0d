"""The whole book on whole returns, as authorities send them."""

import csv
from collections import defaultdict

import pytest

from expectations.run import check_rows
from samples.faults import KINDS
from samples.write import write_samples
from schemas.limits import LIMITS
from schemas.quarter import Quarter
from schemas.rows import CheckContext
from tasks.read import FileToRead, read_return
from tasks.read.recognise import recognise
from tasks.validate.at_rest import keyed, rows_at_rest
from warehouse.pseudonyms import pseudonyms
from warehouse.store import to_frame

KEY = b"k" * 32
# An early year with the old codes, and one with every table and letter code.
YEARS = (("2020-21Q1", "2020-21Q4"), ("2024-25Q3", "2025-26Q2"))


def returns_of(folder):
    """Each return of a quarter, read and keyed."""
    files = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found = recognise(path, path.name, limits=LIMITS)
            files[found.return_name].append(FileToRead(path.name, path, found.part))
    quarter = Quarter.parse(folder.name)
    for name, held in files.items():
        yield name, read_return(name, held, quarter, limits=LIMITS)


def checked_in_order(authority):
    """What the rules make of every return, each compared with the one before."""
    la_code = authority.name[:9]

    def known(domain, ids):
        return pseudonyms(KEY, domain, la_code, ids)

    previous, sent_for = {}, {}
    for folder in sorted(authority.iterdir()):
        for name, read in returns_of(folder):
            rows = keyed(read, known)
            context = CheckContext(
                la_code,
                Quarter.parse(folder.name),
                previous.get(name, {}),
                previous_quarter=sent_for.get(name),
            )
            sent_for[name] = context.quarter
            yield folder.name, name, check_rows(rows, context)
            previous[name] = {t: to_frame(held) for t, held in rows_at_rest(rows, known).items()}


@pytest.mark.slow
@pytest.mark.parametrize(("first", "last"), YEARS)
def test_fault_free_returns_have_no_error_and_no_query(tmp_path, first, last):
    write_samples(
        tmp_path,
        authorities=["E08000030", "E08000035"],
        first=Quarter.parse(first),
        last=Quarter.parse(last),
        children=250,
        seed=11,
        faults="none",
        jobs=1,
    )
    judged = set()
    for authority in (tmp_path / "drop").iterdir():
        for quarter, name, checked in checked_in_order(authority):
            judged.add((authority.name[:9], name))
            told = checked.findings[checked.findings["severity"] != "notice"]
            assert sorted(set(told["code"])) == [], (authority.name, quarter, name)
            assert not checked.could_not_run, (authority.name, quarter, name)
    assert {la_code for la_code, _ in judged} == {"E08000030", "E08000035"}
    assert {name for _, name in judged} >= {"ssda903", "cin_census", "workforce"}


FOUND_BY_RULES = {
    "rate_out_by_100": {"SCALE_SUSPECT", "SFP-SICKNESS"},
    "quarter_twice_once_blank": {"SFP-BLANK"},
    "leading_zeros_lost": {"INT03"},
    "shared_id": {"CHILD_ID_DUPLICATE"},
    "unborn_with_age": {"SFP-AGE", "8520"},
    "file_missing": {"TABLE_MISSING"},
    "birth_in_mislabelled_columns": {"DATE_INVALID"},
}


@pytest.mark.slow
def test_faults_that_real_returns_have_are_found_where_they_are(tmp_path):
    write_samples(
        tmp_path,
        authorities=["E08000030", "E06000020"],
        first=Quarter.parse("2020-21Q1"),
        last=Quarter.parse("2023-24Q4"),
        children=120,
        seed=5,
        faults="realistic",
        fault_rates={name: 0.15 if name in FOUND_BY_RULES else 0.0 for name in KINDS},
        jobs=1,
    )
    with (tmp_path / "truth" / "faults.csv").open(encoding="utf-8") as file:
        planted = [row for row in csv.DictReader(file) if row["fault"] in FOUND_BY_RULES]
    assert {row["fault"] for row in planted} == set(FOUND_BY_RULES)
    found = findings_by_place(tmp_path / "drop")
    for row in planted:
        codes = found[row["la_code"], row["quarter"], row["return"]]
        told = {code for code, place in codes if not row["row"] or place == int(row["row"])}
        assert told & FOUND_BY_RULES[row["fault"]], row


def findings_by_place(drop):
    found = defaultdict(set)
    for authority in drop.iterdir():
        for quarter, name, checked in checked_in_order(authority):
            rows = checked.findings["row"].fillna(0).astype(int)
            found[authority.name[:9], quarter, name] |= set(
                zip(checked.findings["code"], rows, strict=True)
            )
    return found
