"""Stories of a submission, one per verdict, through the sweep."""

import csv
import json
import zipfile

import pytest

from tests.flows.conftest import LANCASHIRE, WALSALL
from warehouse.ledger import (
    all_arrivals,
    all_in_force,
    all_submissions,
    parts_of,
)
from warehouse.root import write_bytes

Q1, Q2 = "2022-23Q1", "2022-23Q2"
PRE = "pre_proceedings.csv"


def in_force(root):
    return {(row.la_code, row.return_name, row.quarter): row.version for row in all_in_force(root)}


def pack_of(root, la_code, quarter, return_name):
    packs = [
        folder
        for folder in (root.outbox / la_code / quarter).iterdir()
        if json.loads((folder / "receipt.json").read_text())["return"] == return_name
    ]
    return max(packs, key=lambda f: json.loads((f / "receipt.json").read_text())["version"])


def rewrite(path, change):
    """Change the rows of a CSV file in place."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])
    rows = change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def test_a_whole_quarter_is_accepted_and_answered(root, drop, sweep):
    drop(WALSALL, Q1)
    states = sweep()
    assert set(states.values()) <= {"accepted", "accepted with queries"}
    assert len(states) == 6
    pack = pack_of(root, WALSALL, Q1, "ssda903")
    assert {path.name for path in pack.iterdir()} == {
        "receipt.json",
        "report.html",
        "findings.csv",
        "findings.xlsx",
    }


def test_h006_h007_the_same_files_again_change_nothing(root, drop, sweep):
    drop(WALSALL, Q1)
    sweep()
    before = in_force(root)
    drop(WALSALL, Q1, into="again")
    assert sweep() == {}
    assert in_force(root) == before
    codes = {row.code for row in all_arrivals(root) if row.name.startswith("again/")}
    assert codes == {"DUPLICATE_CONTENT"}


def test_a_second_sweep_finds_nothing_to_do(drop, sweep):
    drop(WALSALL, Q1, PRE)
    assert sweep() != {}
    assert sweep() == {}


def test_one_impossible_episode_is_set_aside_and_the_rest_counts(root, drop, sweep):
    folder = drop(WALSALL, Q1)

    def impossible(rows):
        rows[0]["DECOM"] = "31/02/2022"
        return rows

    rewrite(next(folder.rglob("episodes.csv")), impossible)
    assert sweep()["ssda903", Q1] == "accepted with queries"
    (row,) = [row for row in all_submissions(root) if row.return_name == "ssda903"]
    (part,) = [p for p in parts_of(root, [row.id]) if p.table_name == "episodes"]
    with next(folder.rglob("episodes.csv")).open() as file:
        assert part.row_count == sum(1 for _ in file) - 2
    quarantined = list(root.quarantine.rglob("episodes/**/*.parquet"))
    assert len(quarantined) == 1
    found = (pack_of(root, WALSALL, Q1, "ssda903") / "findings.csv").read_text("utf-8-sig")
    assert "31/02/2022" in found


def test_h010_a_file_without_a_column_is_rejected_and_the_earlier_return_stays_in_force(
    root, drop, sweep
):
    folder = drop(WALSALL, Q1)
    sweep()
    before = in_force(root)
    path = next(folder.rglob("episodes.csv"))
    lines = [",".join(line.split(",")[:-1]) for line in path.read_text().splitlines()]
    write_bytes(path, "\n".join(lines).encode())
    drop(LANCASHIRE, Q1, PRE)
    states = sweep()
    assert states["ssda903", Q1] == "rejected"
    refused = max(
        all_submissions(root), key=lambda row: (row.return_name == "ssda903", row.version)
    )
    assert refused.reason_code == "HEADER_NOT_FOUND"
    assert in_force(root) == before | {(LANCASHIRE, "pre_proceedings", Q1): 1}
    receipt = json.loads((pack_of(root, WALSALL, Q1, "ssda903") / "receipt.json").read_text())
    assert receipt["in_force"].startswith("version 1 (")


def test_h009_one_corrected_file_carries_the_others_forward_and_supersedes(root, drop, sweep):
    folder = drop(WALSALL, Q1)
    sweep()
    corrected = next(folder.rglob("reviews.csv"))
    rewrite(corrected, lambda rows: rows[:-1])
    assert sweep().keys() == {("ssda903", Q1)}
    assert in_force(root)[WALSALL, "ssda903", Q1] == 2
    receipt = json.loads((pack_of(root, WALSALL, Q1, "ssda903") / "receipt.json").read_text())
    carried = [file for file in receipt["files"] if file["carried_from"]]
    assert len(carried) == len(receipt["files"]) - 1


def test_a_zip_of_the_whole_quarter_is_taken_like_its_files(root, drop, sweep, two_authorities):
    (source,) = (two_authorities / "drop").glob(f"{WALSALL}*/{Q1}")
    target = root.drop / source.parent.name / Q1
    target.mkdir(parents=True)
    with zipfile.ZipFile(target / "all.zip", "w") as archive:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(source))
    assert len(sweep()) == 6


def test_h011_quarters_that_arrive_in_the_wrong_order_end_in_the_same_rows(
    root, drop, sweep, tmp_path, two_authorities
):
    from tasks.intake.sweep import sweep_once
    from tasks.operate.set_up import set_up
    from warehouse.root import Root

    other = Root.at(tmp_path / "other")
    with_key_of(root, other)
    set_up(other, settle_seconds=0.0)
    drop(WALSALL, Q1)
    sweep()
    drop(WALSALL, Q2)
    sweep()
    import shutil

    for quarter in (Q2, Q1):
        (source,) = (two_authorities / "drop").glob(f"{WALSALL}*/{quarter}")
        shutil.copytree(source, other.drop / source.parent.name / quarter)
        sweep_once(other, wait=False, progress=lambda _: None)
    assert in_force(root) == in_force(other)
    assert parquet(root) == parquet(other)


def with_key_of(root, other):
    other.key_file.parent.mkdir(parents=True)
    other.key_file.write_bytes(root.key_file.read_bytes())
    other.key_file.chmod(0o400)


def parquet(root):
    return {
        str(path.relative_to(root.path)): path.read_bytes()
        for path in root.tables.rglob("*.parquet")
    }


def test_a_bad_file_of_one_authority_does_not_keep_another_waiting(root, drop, sweep):
    drop(LANCASHIRE, Q1, PRE)
    folder = drop(WALSALL, Q1, PRE)
    write_bytes(folder / "noise.csv", b"\x00\x01\x02")
    states = sweep()
    assert states["unrecognised", Q1] == "rejected"
    assert (LANCASHIRE, "pre_proceedings", Q1) in in_force(root)
    assert (WALSALL, "pre_proceedings", Q1) in in_force(root)


def test_two_files_with_the_same_table_are_held_until_one_is_taken_away(root, drop, sweep):
    folder = drop(WALSALL, Q1, PRE)
    path = folder / PRE
    twin = folder / "corrected.csv"
    twin.write_bytes(path.read_bytes())
    rewrite(twin, lambda rows: [*rows, {**rows[0], "child_id": "Z9"}])
    assert sweep() == {("pre_proceedings", Q1): "held"}
    assert in_force(root) == {}
    path.unlink()
    assert sweep() == {("pre_proceedings", Q1): "accepted"}
    assert in_force(root)[WALSALL, "pre_proceedings", Q1] == 2


def test_h019_names_that_differ_only_in_case_are_both_held(root, drop, sweep):
    folder = drop(WALSALL, Q1, PRE)
    (folder / PRE.upper()).write_bytes((folder / PRE).read_bytes() + b"\n")
    drop(LANCASHIRE, Q1, PRE)
    assert sweep() == {("unrecognised", Q1): "held", ("pre_proceedings", Q1): "accepted"}
    held = [row for row in all_submissions(root) if row.la_code == WALSALL]
    assert {row.reason_code for row in held} == {"NAME_COLLISION"}
    assert list(in_force(root)) == [(LANCASHIRE, "pre_proceedings", Q1)]


def test_h001_a_file_still_arriving_is_left_alone_and_named(root, drop):
    from tasks.intake.receive import receive
    from tasks.intake.settle import still_arriving
    from warehouse.ledger import Actor

    drop(WALSALL, Q1, PRE)
    received = receive(root, settle_seconds=60.0, actor=Actor("t", "t"))
    assert received.submissions == ()
    (waiting,) = received.waiting
    assert waiting.name == f"{WALSALL}/{Q1}/{PRE}"
    moment = (root.drop / f"{WALSALL}-walsall" / Q1 / PRE).stat().st_ctime
    assert still_arriving(root, settle_seconds=60.0, moment=moment + 61) == ()


def test_h002_an_upload_that_never_ends_is_called_abandoned_after_an_hour(root, drop):
    from tasks.intake.receive import receive
    from tasks.intake.settle import ABANDONED_SECONDS
    from warehouse.ledger import Actor

    folder = drop(WALSALL, Q1, PRE)
    (folder / "big.csv.part").write_bytes(b"half")
    import time

    later = time.time() + ABANDONED_SECONDS + 5
    early = receive(root, settle_seconds=0.0, actor=Actor("t", "t"))
    assert [wait.name.rsplit("/", 1)[-1] for wait in early.waiting] == ["big.csv.part"]
    received = receive(root, settle_seconds=0.0, actor=Actor("t", "t"), clock=lambda: later)
    assert len(received.submissions) == 1
    abandoned = [name for name, code in received.refused if code == "FILE_ABANDONED"]
    assert abandoned == [f"{WALSALL}/{Q1}/big.csv.part"]
    assert {row.code for row in all_arrivals(root)} == {"", "FILE_ABANDONED"}


def test_h018_an_authority_that_did_not_exist_yet_is_refused_with_its_successors(root, sweep):
    from tasks.operate.set_up import set_up

    set_up(root, authorities=("E10000006",))
    folder = root.drop / "E10000006-cumbria" / "2023-24Q1"
    folder.mkdir(parents=True)
    (folder / PRE).write_text("child_id,first_meeting_date,proceedings_issued_date,outcome\n")
    assert sweep() == {("unrecognised", "2023-24Q1"): "rejected"}
    (row,) = all_submissions(root)
    assert row.reason_code == "AUTHORITY_NOT_VALID_FOR_PERIOD"
    assert "E06000063" in row.reason_words
    assert "E06000064" in row.reason_words


def test_h017_a_folder_of_an_authority_that_is_not_registered_is_not_read(root):
    from tasks.intake.sweep import sweep_once

    folder = root.drop / "E09000001-city" / Q1
    folder.mkdir(parents=True)
    (folder / PRE).write_text("x")
    swept = sweep_once(root, wait=False, progress=lambda _: None)
    assert swept.taken == ()
    assert swept.refused == ((f"E09000001/{Q1}", "AUTHORITY_UNKNOWN"),)


def test_h105_without_the_key_nothing_is_read(root, drop):
    from schemas.errors import KeyMissingError
    from tasks.intake.sweep import sweep_once

    drop(WALSALL, Q1, PRE)
    root.key_file.unlink()
    with pytest.raises(KeyMissingError):
        sweep_once(root, wait=False, progress=lambda _: None)
    assert all_submissions(root) == []
    assert list(root.landing.iterdir()) == []


def test_a_fault_of_ours_is_named_without_its_text_and_tried_again(root, drop, sweep, monkeypatch):
    import tasks.validate.judge

    drop(WALSALL, Q1, PRE)

    def fail(*_args, **_kwargs):
        raise ValueError("child 12345 born 01/02/2010")

    with monkeypatch.context() as patched:
        patched.setattr(tasks.validate.judge, "read_return", fail)
        from tasks.intake.sweep import sweep_once

        (taken,) = sweep_once(root, wait=False, progress=lambda _: None).taken
    assert taken.reason_code.startswith("INTERNAL_ERROR ValueError at ")
    assert "12345" not in taken.reason_code
    assert sweep() == {("pre_proceedings", Q1): "accepted"}


def test_a_correction_that_died_before_its_pack_is_answered_as_if_it_had_not(root, monkeypatch):
    from tasks.intake.sweep import sweep_once
    from tests.support.files import MEETINGS

    def meetings_of(children):
        folder = root.drop / WALSALL / Q1
        folder.mkdir(parents=True, exist_ok=True)
        rows = "".join(f"C{child},01/05/2022,,\n" for child in range(children))
        (folder / "meetings.csv").write_text(f"{MEETINGS}{rows}")

    def die(*_args):
        raise KeyboardInterrupt

    meetings_of(20)
    sweep_once(root, wait=False, progress=lambda _: None)
    meetings_of(5)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.validate.submission.put_pack", die)
        with pytest.raises(KeyboardInterrupt):
            sweep_once(root, wait=False, progress=lambda _: None)
    (taken,) = sweep_once(root, wait=False, progress=lambda _: None).taken
    (pack,) = root.outbox.glob(f"{WALSALL}*/{Q1}/{taken.submission_id}")
    assert (taken.is_new, taken.query_count) == (False, 2)
    found = (pack / "findings.csv").read_text("utf-8-sig")
    assert all(code in found for code in ("CHANGE_LARGE", "ROWS_FALL"))


def test_h013_a_return_that_never_came_is_x_and_on_the_list_of_overdue_ones(root, drop, sweep):
    from datetime import date

    from tasks.cut.refresh import refresh_now, tables_of_cut
    from tasks.operate.chase import write_overdue

    drop(WALSALL, Q1)
    sweep()
    refresh_now(root, everything=False, progress=lambda _: None)
    table = tables_of_cut(root, "latest").outcomes
    lancashire = table[table["la_code"] == LANCASHIRE]
    assert len(lancashire)
    assert set(lancashire["status"]) == {"x"}
    assert lancashire[["numerator", "denominator", "value"]].isna().all().all()
    overdue = write_overdue(root, today=date(2022, 9, 1))
    rows = overdue[(overdue["la_code"] == LANCASHIRE) & (overdue["quarter"] == Q1)]
    assert set(rows["return_name"]) >= {"ssda903", "cin_census"}
    assert set(rows["due"]) == {"2022-08-11"}
    assert WALSALL not in set(overdue.loc[overdue["quarter"] == Q1, "la_code"])


def test_h031_a_file_that_may_not_be_read_is_tried_again(root, drop, sweep, monkeypatch):
    import tasks.intake.receive

    drop(WALSALL, Q1, PRE)
    drop(LANCASHIRE, Q2, PRE)
    real = tasks.intake.receive.opened_file

    def refused(drop_folder, folder, file):
        if folder.la_code == WALSALL:
            raise PermissionError(13, "Permission denied")
        return real(drop_folder, folder, file)

    with monkeypatch.context() as patched:
        patched.setattr(tasks.intake.receive, "opened_file", refused)
        assert sweep() == {("pre_proceedings", Q2): "accepted"}
    codes = {row.la_code: row.code for row in all_arrivals(root)}
    assert codes == {WALSALL: "FILE_UNREADABLE", LANCASHIRE: ""}
    assert sweep() == {("pre_proceedings", Q1): "accepted"}
