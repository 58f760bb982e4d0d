"""Files of one folder in, returns and refusals out: with a landing place that is a dictionary."""

import hashlib
from contextlib import contextmanager

import pytest

from schemas.limits import LIMITS
from schemas.quarter import Quarter
from tasks.intake.classify import LandingPlace, classified_files
from tests.support.files import MEETINGS
from warehouse.drop import DropFolder, DroppedFile
from warehouse.landing import Landed

WALSALL = "E08000030"
ROWS = f"{MEETINGS}A1,01/05/2023,,\n"


@pytest.fixture
def place(tmp_path):
    """A landing place in a temporary folder, whose files are given by name."""
    removed = []

    def kept(data):
        sha256 = hashlib.sha256(data).hexdigest()
        (tmp_path / sha256).write_bytes(data)
        return Landed(sha256, len(data), tmp_path / sha256)

    @contextmanager
    def opened(sha256):
        yield tmp_path / sha256

    def of(contents, *, taken_out=0, copied=None):
        def copy(file):
            return kept(contents[file.name].encode())

        return LandingPlace(
            copied=copied or copy,
            opened=opened,
            kept=kept,
            without_erased=lambda landed, *_which: (landed, taken_out),
            unless_erased=lambda landed: landed,
            remove=lambda hashes: removed.extend(hashes) or len(hashes),
        )

    of.removed = removed
    return of


def folder(*files):
    return DropFolder(
        WALSALL, Quarter.parse("2023-24Q1"), ("E08000030-walsall", "2023-24Q1"), files, ()
    )


def dropped(name, size=10):
    return DroppedFile((name,), size, 1, hash(name) % 1000)


def classified(contents, place, **how):
    files = tuple(map(dropped, contents))
    return classified_files(folder(*files), files, place(contents, **how))


def outcomes(found):
    return {arrival.name: (arrival.outcome, arrival.code) for arrival in found.arrivals}


def test_a_file_is_recognised_and_makes_a_return(place):
    found = classified({"a.csv": ROWS}, place)
    (given,) = found.incoming
    assert (given.return_name, given.decision) == ("pre_proceedings", None)
    assert [file.part for file in given.files] == ["pre_proceedings"]
    assert outcomes(found) == {"a.csv": ("taken", "")}


def test_two_files_with_one_table_are_held_and_looked_at_again(place):
    found = classified({"a.csv": ROWS, "b.csv": ROWS.replace("A1", "B2")}, place)
    (given,) = found.incoming
    assert given.decision.reason_code == "PART_TWICE"
    assert set(outcomes(found).values()) == {("held", "PART_TWICE")}


def test_the_same_bytes_twice_are_one_file(place):
    found = classified({"a.csv": ROWS, "b.csv": ROWS}, place)
    assert [len(given.files) for given in found.incoming] == [1]
    assert set(outcomes(found).values()) == {("taken", "")}


def test_names_that_differ_in_case_alone_are_held_without_being_copied(place):
    found = classified({"a.csv": ROWS, "A.csv": ROWS}, place, copied=pytest.fail)
    assert set(outcomes(found).values()) == {("held", "NAME_COLLISION")}


def test_what_cannot_be_recognised_is_refused(place):
    found = classified({"a.csv": "noise"}, place)
    (given,) = found.incoming
    assert given.return_name == "unrecognised"
    assert outcomes(found)["a.csv"] == ("refused", given.decision.reason_code)


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        (LIMITS.file_bytes, ("retry", "FILE_STILL_ARRIVING")),
        (LIMITS.file_bytes + 1, ("refused", "FILE_TOO_LARGE")),
    ],
)
def test_what_was_not_copied_is_too_large_or_still_arriving(place, size, outcome):
    file = dropped("a.csv", size)
    found = classified_files(folder(file), (file,), place({}, copied=lambda _file: None))
    assert outcomes(found) == {"a.csv": outcome}


def test_what_may_not_be_read_is_tried_again(place):
    def refused(_file):
        raise PermissionError(13, "Permission denied")

    assert outcomes(classified({"a.csv": ROWS}, place, copied=refused)) == {
        "a.csv": ("retry", "FILE_UNREADABLE")
    }


def test_an_upload_that_never_ended_is_abandoned(place):
    assert outcomes(classified({"a.csv.part": ROWS}, place)) == {
        "a.csv.part": ("abandoned", "FILE_ABANDONED")
    }


def test_a_file_that_named_an_erased_child_leaves_landing_and_its_hash_the_ledger(place):
    found = classified({"a.csv": ROWS}, place, taken_out=2)
    (arrival,) = found.arrivals
    assert (arrival.sha256, arrival.size) == (None, None)
    assert place.removed == [hashlib.sha256(ROWS.encode()).hexdigest()]
    assert found.incoming[0].files[0].left_out == 2
