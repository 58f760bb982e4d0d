"""Awkward zips, by their ids in the list of hostile cases."""

import io
import stat
import zipfile
from dataclasses import replace

import pytest

from schemas.limits import LIMITS
from tasks.read.unpack import unpacked
from tests.support.files import MEETINGS, refused_zip, workbook, zipped


def unpack(folder, data, **how):
    path = folder / "landed"
    path.write_bytes(data)
    return unpacked(path, "sent.zip", how.get("limits", LIMITS))


def declared_smaller(data, size):
    """Return a zip whose directory understates the size of its only member."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = archive.infolist()[0].file_size
    return data.replace(true.to_bytes(4, "little"), size.to_bytes(4, "little"))


def test_a_zip_gives_its_files_by_name_and_not_its_folders_or_litter(tmp_path):
    data = zipped(
        [("set/b.csv", "b"), ("set/a.csv", "a"), ("__MACOSX/set/._a.csv", "x"), ("Thumbs.db", "x")]
    )
    members = unpack(tmp_path, data)
    assert [(m.name, m.data) for m in members] == [("set/a.csv", b"a"), ("set/b.csv", b"b")]


@pytest.mark.parametrize("data", [MEETINGS.encode(), b"", workbook(("Data", [["a"]]))])
def test_anything_but_a_zip_of_files_is_left_to_be_recognised(tmp_path, data):
    assert unpack(tmp_path, data) == ()


@pytest.mark.parametrize(
    "inside",
    ["../x.csv", "/x.csv", "a/../../x.csv", "..\\x.csv", "C:x.csv", "a\nb.csv", "\x7f.csv"],
)
def test_h021_h066_a_name_that_points_elsewhere_is_refused(tmp_path, inside):
    assert refused_zip(tmp_path, zipped([(inside, "x")])).code == "ZIP_UNSAFE_NAME"


def test_h066_a_link_inside_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("x.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused_zip(tmp_path, zipped([(link, "/etc/passwd")])).code == "ZIP_UNSAFE_NAME"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.csv", "A.CSV"])
def test_h065_two_members_of_one_name_are_refused(tmp_path, second):
    data = zipped([("a.csv", "1"), (second, "2")])
    assert refused_zip(tmp_path, data).code == "ZIP_DUPLICATE_MEMBER"


def test_h061_a_bomb_is_refused_from_what_its_directory_says(tmp_path):
    data = zipped([("a.csv", "0" * 5_000_000)])
    assert len(data) < 10_000
    assert refused_zip(tmp_path, data).code == "UNPACKED_TOO_LARGE"


def test_h061_members_that_together_unpack_to_too_much_are_refused(tmp_path):
    limits = replace(LIMITS, unpacked_bytes=250)
    data = zipped([("a.csv", "a" * 100), ("b.csv", "b" * 100), ("c.csv", "c" * 100)])
    assert refused_zip(tmp_path, data, limits=limits).code == "UNPACKED_TOO_LARGE"


def test_h062_a_member_that_holds_more_than_it_says_is_refused(tmp_path):
    data = declared_smaller(zipped([("a.csv", "0" * 70_001)]), 60_001)
    assert refused_zip(tmp_path, data).code in ("UNPACKED_TOO_LARGE", "ZIP_TRUNCATED")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_h073_a_zip_cut_short_is_refused(tmp_path, part):
    data = zipped([("a.csv", MEETINGS * 50), ("b.csv", "x" * 500)])
    assert refused_zip(tmp_path, data[: int(len(data) * part)]).code == "ZIP_TRUNCATED"


def test_h073_a_zip_with_a_damaged_member_is_refused(tmp_path):
    data = bytearray(zipped([("a.csv", bytes(range(256)) * 20)]))
    data[60] ^= 0xFF
    assert refused_zip(tmp_path, bytes(data)).code == "ZIP_TRUNCATED"


def test_h071_a_zip_behind_a_password_is_refused(tmp_path):
    data = bytearray(zipped([("a.csv", "x")]))
    data[6] |= 1
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    assert refused_zip(tmp_path, bytes(data)).code == "ENCRYPTED"


def test_a_zip_in_a_zip_is_refused(tmp_path):
    inner = zipped([("a.csv", "x")])
    assert refused_zip(tmp_path, zipped([("inner.zip", inner)])).code == "ZIP_NESTED"


def test_a_workbook_in_a_zip_is_one_of_its_files(tmp_path):
    book = workbook(("Data", [["a"]]))
    assert [m.name for m in unpack(tmp_path, zipped([("a.xlsx", book)]))] == ["a.xlsx"]


def test_a_zip_of_too_many_files_is_refused(tmp_path):
    data = zipped([(f"{n}.csv", "x") for n in range(5)])
    error = refused_zip(tmp_path, data, limits=replace(LIMITS, members=4))
    assert error.code == "TOO_MANY_FILES"


def test_an_empty_zip_is_refused(tmp_path):
    assert refused_zip(tmp_path, zipped([])).code == "FILE_EMPTY"


def test_a_zip_packed_by_another_method_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", "x" * 100)
    assert refused_zip(tmp_path, buffer.getvalue()).code == "ZIP_METHOD"


def test_h035_a_huge_zip_is_refused_by_its_size(tmp_path):
    limits = replace(LIMITS, file_bytes=10)
    assert refused_zip(tmp_path, zipped([("a.csv", "x")]), limits=limits).code == "FILE_TOO_LARGE"
