"""A return speaks of its period: cases R010 to R012 of real life, and what must not be refused."""

import csv
import json
import shutil

import pytest
from typer.testing import CliRunner

from cli.app import app
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.quarter import Quarter

WALSALL = "E08000030"
PAST, RETURNED, LATER = "2023-24Q3", "2024-25Q4", "2024-25Q1"
CHILD = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\nA1,M,05/04/2010,WBRI,UN1,0,\n"
EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,"
    "HOME_POST,PL_POST,URN\n"
)
MEETINGS = "child_id,first_meeting_date,proceedings_issued_date,outcome\n"


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Returns of one small authority, by quarter."""
    out = tmp_path_factory.mktemp("sent")
    write_samples(
        out,
        authorities=chosen_authorities(WALSALL),
        first=Quarter.parse("2023-24Q1"),
        last=Quarter.parse("2024-25Q2"),
        children=60,
        seed=7,
        faults="none",
        jobs=1,
    )
    (folder,) = (out / "drop").iterdir()
    return folder


def swept(root, files, quarter):
    """Put files into the folder of a quarter, sweep, and return verdicts by return."""
    folder = root.drop / WALSALL / quarter
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return _swept(root)


def _swept(root):
    done = CliRunner().invoke(app, ["sweep", "--root", str(root.path), "--json"])
    assert done.exit_code in (0, 3), done.output
    return {row["return_name"]: row for row in json.loads(done.stdout)}


def misplaced(root, sent, quarter, *, into):
    """Put the returns of one quarter into the folder of another, and sweep."""
    shutil.copytree(sent / quarter, root.drop / WALSALL / into)
    return _swept(root)


def pack(root, row):
    return root.outbox / WALSALL / row["quarter"] / row["submission_id"]


def first_finding(root, row):
    with (pack(root, row) / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))


def test_r010_the_returns_of_a_year_long_past_are_refused_and_their_quarter_is_named(root, sent):
    found = misplaced(root, sent, "2023-24Q4", into="2031-32Q4")
    for name in ("ssda903", "workforce", "programme_delivery"):
        assert (found[name]["state"], found[name]["reason_code"]) == ("rejected", "PERIOD_MISMATCH")
        assert "looks like the return of 2023-24Q4" in first_finding(root, found[name])["words"]
    status = CliRunner().invoke(app, ["status", "--root", str(root.path), "--json"]).stdout
    in_force = {row["return_name"] for row in json.loads(status) if row["in_force"]}
    assert in_force <= {"pre_proceedings"}, "only the nil return"


def test_r011_the_returns_of_a_past_quarter_are_refused(root, sent):
    found = misplaced(root, sent, PAST, into=RETURNED)
    expected = {"ssda903", "cin_census", "workforce", "programme_delivery", "school_attendance"}
    refused = {name for name, row in found.items() if row["reason_code"] == "PERIOD_MISMATCH"}
    assert expected <= refused
    words = first_finding(root, found["ssda903"])["words"]
    assert words.startswith(f"This looks like the return of {PAST}, not of {RETURNED}. None of its")


def test_r011_training_forms_of_a_past_quarter_are_refused(root, sent):
    shutil.copytree(sent / "2024-25Q2" / "training", root.drop / WALSALL / RETURNED / "training")
    found = _swept(root)["training_feedback"]
    assert (found["state"], found["reason_code"]) == ("rejected", "PERIOD_MISMATCH")


def test_r011_pre_proceedings_of_the_year_before_are_refused(root):
    found = swept(root, {"a.csv": f"{MEETINGS}1,05/05/2023,,\n"}, RETURNED)["pre_proceedings"]
    assert (found["state"], found["reason_code"]) == ("rejected", "PERIOD_MISMATCH")
    assert "2023-24Q1" in first_finding(root, found)["words"]


def test_r012_the_returns_of_a_later_quarter_get_one_sentence_and_the_rest_is_folded(root, sent):
    found = misplaced(root, sent, LATER, into="2023-24Q4")["ssda903"]
    assert (found["state"], found["reason_code"]) == ("rejected", "PERIOD_MISMATCH")
    assert "looks like the return of 2024-25Q1" in first_finding(root, found)["words"]
    page = (pack(root, found) / "report.html").read_text()
    assert page.index("looks like the return of 2024-25Q1") < page.index("<details")
    assert page.index("<details") < page.index("Correct ")


def test_a_year_to_date_return_of_the_quarter_before_is_refused_where_it_is_certain(root, sent):
    found = misplaced(root, sent, PAST, into="2023-24Q4")
    assert found["cin_census"]["reason_code"] == "PERIOD_MISMATCH"
    assert "looks like the return of 2023-24Q3" in first_finding(root, found["cin_census"])["words"]


def test_every_return_in_its_own_folder_is_accepted(root, sent):
    for quarter in sent.iterdir():
        shutil.copytree(quarter, root.drop / WALSALL / quarter.name)
    found = json.loads(
        CliRunner().invoke(app, ["sweep", "--root", str(root.path), "--json"]).stdout
    )
    assert {row["reason_code"] for row in found} == {""}
    assert not list(root.outbox.glob("*/*/*/findings.csv")) or all(
        "PERIOD" not in path.read_text() for path in root.outbox.glob("*/*/*/findings.csv")
    )


@pytest.mark.parametrize(
    ("quarter", "files"),
    [
        ("2024-25Q1", {"h.csv": CHILD, "e.csv": f"{EPISODES}A1,05/02/2024,S,C2,N1,U1,PR1,,,,,,\n"}),
        ("2024-25Q1", {"a.csv": f"{MEETINGS}1,05/01/2024,,\n"}),
        ("2024-25Q1", {"a.csv": f"{MEETINGS}nil return,,,\n"}),
        ("2024-25Q4", {"a.csv": f"{MEETINGS}1,05/04/2024,,\n2,07/04/2024,,\n"}),
    ],
    ids=["a child in care since before", "a process since before", "nil", "quiet since April"],
)
def test_a_small_return_of_a_quiet_quarter_is_accepted(root, quarter, files):
    (found,) = swept(root, files, quarter).values()
    assert found["state"].startswith("accepted"), found


def test_a_child_in_care_for_years_without_any_event_is_a_question_not_a_refusal(root):
    files = {"h.csv": CHILD, "e.csv": f"{EPISODES}A1,05/02/2019,S,C2,N1,U1,PR1,,,,,,\n"}
    found = swept(root, files, "2024-25Q4")["ssda903"]
    assert found["state"] == "accepted with queries"
    assert first_finding(root, found)["code"] == "PERIOD_DOUBTFUL"


def test_one_date_years_ahead_among_good_ones_does_not_refuse_the_return(root):
    rows = "".join(f"{n},{n:02d}/05/2024,,\n" for n in range(1, 9)) + "9,01/05/2052,,\n"
    found = swept(root, {"a.csv": MEETINGS + rows}, "2024-25Q1")["pre_proceedings"]
    assert found["state"] == "accepted with queries"


def test_a_workforce_row_whose_quarter_is_spelled_otherwise_is_of_its_quarter():
    from pandas import DataFrame

    from tasks.histories.period import period_doubt

    rows = {"workforce": DataFrame({"quarter": ["Q4 2024-25"]})}
    assert period_doubt("workforce", rows, Quarter.parse("2024-25Q4")) is None
    assert period_doubt("workforce", rows, Quarter.parse("2024-25Q3")).is_certain


def test_one_process_that_has_gone_on_for_longer_than_guidance_is_no_other_period(root):
    files = {"a.csv": f"{MEETINGS}1,15/09/2023,,stepped_down\n"}
    found = swept(root, files, "2024-25Q1")["pre_proceedings"]
    assert found["reason_code"] == ""


def test_episodes_of_the_year_before_among_files_of_this_one_leave_the_good_ones_in_force(
    root, sent
):
    folder = root.drop / WALSALL / "2024-25Q2" / "ssda903"
    shutil.copytree(sent / "2024-25Q2" / "ssda903", folder)
    assert _swept(root)["ssda903"]["reason_code"] == ""
    shutil.copy(sent / "2023-24Q4" / "ssda903" / "episodes.csv", folder / "episodes.csv")
    found = _swept(root)["ssda903"]
    assert found["reason_code"] == "PERIOD_MISMATCH"
    assert "dates in episodes lies between" in first_finding(root, found)["words"]
