"""Returns of one authority speak of the same children: cases R001 to R006, through files."""

import csv
import io
import shutil

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from schemas.quarter import Quarter
from tasks.cut.data_cut import authority_rows, make_cut
from tasks.outcomes.authority import authority_outcomes
from tests.support.command import sfp
from warehouse.cuts import read_cut
from warehouse.landing import landed_chunks
from warehouse.ledger import Actor, all_in_force, parts_of
from warehouse.root import Root
from warehouse.store import read_part

LOST, WHOLE = "E10000003", "E08000005"
JOINED = ("ssda903", "pre_proceedings.csv", "school_attendance.csv")
ASKED = Quarter.parse("2019-20Q4"), Quarter.parse("2022-23Q4")
MEETINGS = "child_id,first_meeting_date,proceedings_issued_date,outcome\n"


def without_zeros(path):
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    heading = next((name for name in ("CHILD", "child_id") if name in rows[0]), None)
    if heading:
        place = rows[0].index(heading)
        for row in rows[1:]:
            row[place] = row[place].lstrip("0")
        sink = io.StringIO(newline="")
        csv.writer(sink).writerows(rows)
        path.write_text(sink.getvalue(), newline="")


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """The year-ends of two authorities, whose ids match."""
    folder = tmp_path_factory.mktemp("invented") / "samples"
    sfp(
        "samples",
        folder,
        "--authorities",
        f"{LOST},{WHOLE}",
        "--children",
        60,
        "--from",
        "2019-20Q4",
        "--to",
        "2022-23Q4",
        "--year-end-only",
    )
    for other in (folder / "drop").glob("*/*/*"):
        if other.name not in (*JOINED, "cin_census.xml"):
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    return folder / "drop"


@pytest.fixture(scope="module")
def zeros_lost(invented, tmp_path_factory):
    """A root to which one authority sent year-ends through Excel, and another as they were."""
    folder = tmp_path_factory.mktemp("zeros")
    sfp("init", "--root", folder / "root", "--settle-seconds", 0)
    for sent in invented.glob("*/*"):
        there = folder / "root" / "drop" / sent.parent.name / sent.name
        shutil.copytree(sent, there)
        if sent.parent.name.startswith(LOST):
            for name in JOINED:
                for path in [there / name, *(there / name).rglob("*.csv")]:
                    if path.is_file():
                        without_zeros(path)
    sfp("sweep", "--root", folder / "root")
    return Root.at(folder / "root")


def queries(root, la_code):
    """Return return, quarter and words of every query about ids in an authority's packs."""
    found = []
    for pack in sorted(root.outbox.glob(f"{la_code}*/*/*")):
        name = "".join(
            pack.glob("receipt.json").__next__().read_text().split('"return": "')[1]
        ).split('"')[0]
        lines = csv.DictReader(io.StringIO((pack / "findings.csv").read_text("utf-8-sig")))
        found += [
            (name, pack.parent.name, row["code"], row["words"])
            for row in lines
            if row["code"].startswith("IDS_")
        ]
    return found


def figures_of(root, la_code):
    cut, _ = make_cut(root, Actor("tester", "test"))
    given = [one for one in read_cut(root, cut.id).submissions if one.la_code == la_code]
    rows = authority_rows(root, la_code, given)
    return authority_outcomes(rows, first=ASKED[0], last=ASKED[1]).outcomes


@pytest.fixture(scope="module")
def figures(zeros_lost):
    return {la_code: figures_of(zeros_lost, la_code) for la_code in (LOST, WHOLE)}


def of(figures, la_code, outcome):
    rows = figures[la_code]
    return rows[rows["outcome"] == outcome]


def test_r001_leading_zeros_lost_in_the_looked_after_return(zeros_lost, figures):
    asked = [one for one in queries(zeros_lost, LOST) if one[0] == "ssda903"]
    assert [(quarter, code) for _, quarter, code, _ in asked] == [
        (f"{year}-{year - 1999}Q4", "IDS_DO_NOT_MATCH") for year in range(2019, 2023)
    ]
    assert all(
        "0% of the" in words and "padded with zeros to 8 digits, 100% would match" in words
        for *_, words in asked
    )
    found = of(figures, LOST, "cla_18m")
    assert set(found["status"]) == {"x"}
    assert "IDS_DO_NOT_MATCH" in set(found["reason"])
    assert found["numerator"].isna().all()
    assert set(found["reason"]) <= {"IDS_DO_NOT_MATCH", "NOT_MATURE"}
    assert "ok" in set(of(figures, LOST, "cla_rate")["status"]), "a figure of one return stands"


def test_r001_an_authority_whose_ids_match_is_asked_nothing(zeros_lost, figures):
    assert queries(zeros_lost, WHOLE) == []
    assert "ok" in set(of(figures, WHOLE, "cla_18m")["status"])
    assert "IDS_DO_NOT_MATCH" not in set(figures[WHOLE]["reason"])


@pytest.mark.parametrize(
    ("return_name", "outcome"),
    [
        ("pre_proceedings", "plo_to_proceedings_16w"),
        ("school_attendance", "unauthorised_absence_3t"),
    ],
)
def test_r003_zeros_lost_in_small_returns(zeros_lost, figures, return_name, outcome):
    asked = {
        quarter
        for name, quarter, code, _ in queries(zeros_lost, LOST)
        if (name, code) == (return_name, "IDS_DO_NOT_MATCH")
    }
    assert asked
    found = of(figures, LOST, outcome)
    assert set(found["status"]) == {"x"}
    assert "IDS_DO_NOT_MATCH" in set(found["reason"])


def meetings(root, name, data, *, quarter="2023-24Q4", la_code=LOST):
    """Drop one pre-proceedings return and return its pack's receipt and findings as text."""
    folder = root.drop / la_code / quarter
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    sfp("sweep", "--root", root.path, "--no-wait")
    pack = max((root.outbox / la_code / quarter).iterdir(), key=lambda one: one.stat().st_mtime_ns)
    return (pack / "receipt.json").read_text(), (pack / "findings.csv").read_text("utf-8-sig")


def keys(root):
    parts = sorted(root.tables.rglob("pre_proceedings/**/*.parquet"))
    return [pq.read_table(part).column("child_key").to_pylist() for part in parts]


def test_r002_ids_protected_by_signs_are_read_as_the_text_inside(root):
    plain = MEETINGS + "00020242,01/05/2023,,\n00020243,02/05/2023,,\n"
    protected = MEETINGS + '"=""00020242""",01/05/2023,,\n"=""00020243""",02/05/2023,,\n'
    receipt, findings = meetings(root, "a.csv", protected.encode())
    assert receipt.count("ID_PROTECTED") == 1
    assert "IDS_" not in findings
    meetings(root, "a.csv", plain.encode(), quarter="2023-24Q3")
    assert keys(root)[0] == keys(root)[1]


def book(*cells):
    """Return a workbook of meetings: each id a value and the format of its cell."""
    sink = io.BytesIO()
    made = xlsxwriter.Workbook(sink, {"in_memory": True})
    sheet = made.add_worksheet("meetings")
    sheet.write_row(0, 0, MEETINGS.strip().split(","))
    for row, (value, form) in enumerate(cells, start=1):
        sheet.write(row, 0, value, made.add_format({"num_format": form}))
        sheet.write_string(row, 1, f"{row:02}/05/2023")
    made.close()
    return sink.getvalue()


@pytest.mark.parametrize("form", ["00000000", "00000000;@", "[$-809]00000000"])
def test_r004_a_number_is_read_as_its_cell_shows_it(root, form):
    receipt, _ = meetings(root, "a.xlsx", book((123, form)))
    assert "ID_NUMBER" not in receipt
    meetings(root, "a.csv", (MEETINGS + "00000123,01/05/2023,,\n").encode(), quarter="2023-24Q3")
    assert keys(root)[0] == keys(root)[1]


def test_r004_a_number_without_such_a_format_is_reported_and_its_clash_queried(root):
    receipt, findings = meetings(root, "a.xlsx", book((123, "0"), ("00000123", "@")))
    assert receipt.count("ID_NUMBER") == 1
    assert "IDS_ALIKE" in findings
    assert len(set(keys(root)[0])) == 2, "they may be two children"


def test_r004_a_clash_with_an_earlier_return_is_queried(root):
    padded = "".join(f"{n:08},01/05/2023,,\n" for n in range(123, 223))
    meetings(root, "a.csv", (MEETINGS + padded).encode(), quarter="2023-24Q3")
    later = padded.replace("00000123", "123")
    _, findings = meetings(root, "a.csv", (MEETINGS + later).encode())
    assert "1 against other returns" in findings


def test_r005_ids_that_differ_by_capitals_and_spaces_are_one_child_and_reported(root):
    sent = MEETINGS + "ab12,01/05/2023,,\nAB12,02/05/2023,,\n AB 12 ,03/05/2023,,\n"
    receipt, _ = meetings(root, "a.csv", sent.encode())
    assert receipt.count("ID_FORM") == 1
    assert len(set(keys(root)[0])) == 1


def test_r005_ids_that_differ_by_zeros_stay_two_children_and_are_queried(root):
    sent = MEETINGS + "0012,01/05/2023,,\n12,02/05/2023,,\n"
    _, findings = meetings(root, "a.csv", sent.encode())
    assert "1 within this return" in findings
    assert len(set(keys(root)[0])) == 2


PAIRS = "ssda903_child_id,census_child_id\n"


def in_other_system(text):
    """Return the id by which another case system knows a child: none of the census's."""
    return f"LAC-{text[::-1]}"


def renumbered(folder):
    """Give the children of a looked-after return the ids of another system; return the pairs."""
    pairs = set()
    for path in folder.rglob("*.csv"):
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
        place = rows[0].index("CHILD")
        for row in rows[1:]:
            pairs.add((in_other_system(row[place]), row[place]))
            row[place] = in_other_system(row[place])
        sink = io.StringIO(newline="")
        csv.writer(sink).writerows(rows)
        path.write_text(sink.getvalue(), newline="")
    return pairs


def other_system(invented, path):
    """Return a root in which returns of another numbering lie dropped, and the pairs of ids."""
    root, pairs = Root.at(path), set()
    sfp("init", "--root", path, "--settle-seconds", 0)
    for sent in invented.glob(f"{WHOLE}*/*"):
        there = shutil.copytree(sent, root.drop / sent.parent.name / sent.name)
        pairs |= renumbered(there / "ssda903")
    return root, sorted(pairs)


def put_pairs(root, name, pairs, *, heading=PAIRS, quarter="2021-22Q4"):
    (folder,) = root.drop.glob(f"{WHOLE}*")
    (folder / quarter).mkdir(exist_ok=True)
    lines = "".join(f"{one},{other}\n" for one, other in pairs)
    (folder / quarter / name).write_text(heading + lines)


@pytest.fixture(scope="module")
def two_systems(invented, tmp_path_factory):
    """A root whose children have two ids, with figures before and after the list of both."""
    root, pairs = other_system(invented, tmp_path_factory.mktemp("two") / "root")
    sfp("sweep", "--root", root.path)
    told = [figures_of(root, WHOLE)]
    put_pairs(root, "list.csv", [(other, one) for one, other in pairs])
    sfp("sweep", "--root", root.path)
    told.append(figures_of(root, WHOLE))
    put_pairs(root, "corrected list.csv", pairs)
    sfp("sweep", "--root", root.path)
    return root, pairs, [*told, figures_of(root, WHOLE)]


def test_r006_two_systems_without_a_list_of_ids(two_systems):
    before = two_systems[2][0]
    cohort = before[before["outcome"] == "cla_18m"]
    assert set(cohort["status"]) == {"x"}
    assert "IDS_DO_NOT_MATCH" in set(cohort["reason"])


def test_r006_a_list_with_its_columns_exchanged_is_queried_and_its_correction_counts(
    two_systems, figures
):
    root, _, (before, exchanged, corrected) = two_systems
    asked = [code for name, _, code, _ in queries(root, WHOLE) if name == "child_ids"]
    assert asked == ["IDS_DO_NOT_MATCH"] * 2, "both columns of the first list, none of the second"
    assert exchanged.equals(before)
    assert corrected.equals(figures[WHOLE]), "as if both systems had one id"
    assert "ok" in set(of({WHOLE: corrected}, WHOLE, "cla_18m")["status"])


@pytest.fixture(scope="module")
def list_first(invented, tmp_path_factory):
    """A root to which everything came at once, the list of ids in the first quarter of all."""
    root, pairs = other_system(invented, tmp_path_factory.mktemp("first") / "root")
    put_pairs(root, "ids.csv", pairs, quarter="2019-20Q4")
    sfp("sweep", "--root", root.path)
    return root, pairs


def test_r006_a_list_that_comes_first_counts_for_every_quarter(list_first, figures):
    root, _ = list_first
    assert queries(root, WHOLE) == []
    assert figures_of(root, WHOLE).equals(figures[WHOLE])


def test_r006_a_list_is_sealed_set_aside_and_erased_like_the_others(list_first, tmp_path):
    root, pairs = list_first
    (one, other), (twin, _), *_, (_, last) = pairs
    put_pairs(root, "more.csv", [*pairs, (twin, "00999999"), ("LAC-0", "")], quarter="2022-23Q4")
    sfp("sweep", "--root", root.path)
    assert count_of_pairs(root) == len(pairs) - 1
    ids = tmp_path / "ids.txt"
    ids.write_text(f"{one}\n{last}\n")
    sfp("erase", "--authority", WHOLE, "--ids", ids, "--root", root.path)
    assert count_of_pairs(root) == len(pairs) - 3
    kept = b"".join(b"".join(landed_chunks(root, path.name)) for path in landed(root))
    assert one.encode() not in kept
    assert f",{last}\n".encode() not in kept
    assert other.encode() in kept, "erased by one id, a child stays under the other"
    assert not [path for path in landed(root) if b"LAC-" in path.read_bytes()]


def landed(root):
    return [path for path in root.landing.iterdir() if not path.name.startswith(".")]


def count_of_pairs(root):
    """Return how many pairs count, of the newest list."""
    ids = [row.id for row in all_in_force(root, la_code=WHOLE) if row.return_name == "child_ids"]
    parts = sorted(parts_of(root, ids), key=lambda part: part.quarter)
    rows = read_part(root, parts[-1].path)
    assert {*rows.column_names} == {
        *("child_key", "birth_mark", "census_child_id", "source_file", "source_row")
    }
    return len(rows)
