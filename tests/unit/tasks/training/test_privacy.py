"""What people wrote stays in the restricted store; who they are is known to no one."""

import time

import pytest

from tasks.cut.data_cut import authority_rows, make_cut
from tasks.intake.receive import receive
from tasks.training.authority import authority_training
from tasks.training.coded import options_coded, participant_code, themes_coded
from tasks.training.redact import redacted
from tasks.training.reports import module_reports
from tasks.validate.submission import ingest_submission
from tests.support.forms import LA_CODE, QUARTER, form_file, form_row
from warehouse.store import read_part

NAME = "Marigold Thistlewick"
KINDS_WITH_TEXT = {
    "post": "plan_text",
    "session": "helped_text",
    "facilitator": "observed_text",
    "coaching": "example_text",
    "review": "review_hindered_text",
    "audit": "audit_comment_text",
    "focus_group": "notes_text",
}
A_DAY_OF_FEEDBACK = 1_391
SECONDS = 10


def drop(root, **files):
    """Put files into the authority's drop folder; returns the folder."""
    folder = next(root.drop.glob(f"{LA_CODE}*")) / str(QUARTER)
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, newline="")
    return folder


def taken_in(root, actor):
    received = receive(root, settle_seconds=0.0, actor=actor)
    return [ingest_submission(root, one, actor=actor) for one in received.submissions]


def files_with(root, text):
    """Return the folders under the root with a file that holds the text."""
    return {
        path.relative_to(root.path).parts[0]
        for path in root.path.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    }


def restricted(root):
    return list(root.restricted_text.rglob("*.parquet"))


def rows_of(root, actor):
    cut, _ = make_cut(root, actor)
    return authority_rows(root, LA_CODE, [one for one in cut.submissions if one.la_code == LA_CODE])


def test_h089_a_name_in_free_text_is_found_nowhere_outside_the_restricted_store(root, actor):
    texts = {
        kind: form_file([form_row(kind, n, **{text: f"{NAME} helped: reflecting"}) for n in (1, 2)])
        for kind, text in KINDS_WITH_TEXT.items()
    }
    ticked = form_row("review", 3, tools_used=f"Genogram; {NAME}'s sheet")
    texts["review"] += form_file([ticked]).splitlines()[1] + "\r\n"
    drop(root, **texts)
    (taken,) = taken_in(root, actor)
    assert taken.state.is_accepted
    reports = module_reports(rows_of(root, actor), "Coventry")
    assert not any("Thistlewick" in page for page in reports.values())
    # Only what the authority put there lies open: landing and the restricted store are sealed.
    assert files_with(root, "Thistlewick") == {"drop"}
    texts = [read_part(root, str(path.relative_to(root.path))) for path in restricted(root)]
    assert any("Thistlewick" in str(table.to_pylist()) for table in texts)
    at_rest = rows_of(root, actor).frames
    assert not any("Thistlewick" in frame.to_csv() for frame in at_rest.values())


def test_a_later_file_that_lacks_a_cohort_of_the_earlier_one_is_queried(root, actor):
    drop(root, pre=form_file([form_row("pre", 1), form_row("pre", 2, module="planning")]))
    taken_in(root, actor)
    drop(root, pre=form_file([form_row("pre", 1)]))
    (taken,) = taken_in(root, actor)
    assert taken.query_count == 1
    (findings,) = root.outbox.rglob(f"{taken.submission_id}/findings.csv")
    assert "COHORT_GONE" in findings.read_text()


def test_a_theme_of_what_was_written_is_counted_without_the_words(root, actor):
    row = form_row("session", helped_text="Time to REFLECT, with Ann Other")
    drop(root, session=form_file([row]))
    taken_in(root, actor)
    rows = rows_of(root, actor)
    assert rows.frames["training_session"]["helped_themes"].tolist() == ["reflection"]
    table = authority_training(rows)
    assert "theme_helped_reflection" in set(table["measure"])


def test_the_restricted_store_keeps_the_text_and_the_way_back_to_its_row(root, actor):
    rows = [form_row("session", 1), form_row("session", 2, helped_text="Quiet room")]
    drop(root, session=form_file(rows))
    taken_in(root, actor)
    (path,) = restricted(root)
    kept = read_part(root, str(path.relative_to(root.path))).to_pylist()
    assert [(row["helped_text"], row["source_row"]) for row in kept] == [("Quiet room", 3)]
    assert path.stat().st_mode & 0o077 == 0


def test_a_participant_is_one_pseudonym_on_every_form_however_the_code_is_written(root, actor):
    drop(
        root,
        pre=form_file([form_row("pre", participant_id="ab 12")]),
        post=form_file([form_row("post", participant_id="AB12")]),
    )
    taken_in(root, actor)
    frames = rows_of(root, actor).frames
    (before,), (after,) = (frames[f"training_{k}"]["participant_id"] for k in ("pre", "post"))
    assert before == after != 0
    assert files_with(root, "AB12") == {"drop"}


def test_participants_have_a_key_domain_of_their_own(root, actor):
    from tasks.validate.at_rest import restricted_at_rest, rows_at_rest
    from tests.support.forms import read_forms

    asked = []

    def known(domain, ids):
        asked.append(domain)
        return dict.fromkeys([*ids, "nan"], 1)

    folder = root.staging
    read = read_forms(folder, form_file([form_row("coaching", example_text="It went well")]))
    rows_at_rest(read, known)
    restricted_at_rest(read, known)
    assert "participant" in asked
    assert "child" not in asked
    assert "participant_id" not in asked


def test_1391_forms_in_one_drop_are_taken_checked_and_reported_in_ten_seconds(root, actor):
    drop(
        root,
        attendance=form_file([form_row("attendance", n) for n in range(1, 251)]),
        pre=form_file([form_row("pre", n) for n in range(1, 251)]),
        post=form_file([form_row("post", n) for n in range(1, 251)]),
        session=form_file([form_row("session", n) for n in range(1, 501)]),
        review=form_file([form_row("review", n) for n in range(1, 201)]),
        coaching=form_file([form_row("coaching", n) for n in range(1, 101)]),
        audit=form_file([form_row("audit", n) for n in range(1, 91)]),
        facilitator=form_file([form_row("facilitator", 1)]),
    )
    began = time.process_time()
    (taken,) = taken_in(root, actor)
    assert taken.state.is_accepted
    rows = rows_of(root, actor)
    assert module_reports(rows, "Coventry")
    assert time.process_time() - began < SECONDS
    forms = [frame for name, frame in rows.frames.items() if name != "training_attendance"]
    assert sum(map(len, forms)) == A_DAY_OF_FEEDBACK


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("I met Jane Smith.", "I met [name]."),
        ("Her son called liam left.", "Her son called [name] left."),
        ("Mrs o'Brien rang twice.", "[name] rang twice."),
        ("Zoë-Anne's plan", "[name] plan"),
        ("call 01900 822458", "call [number]"),
        ("NHS 485 777 3456", "[name] [number]"),
        ("write to j.smith@example.gov.uk now", "write to [email] now"),
        ("at CA13 9NQ since 12/03/2024", "at [postcode] since [date]"),
        ("case LCS123456", "case [identifier]"),
        ("The trainer used the Genogram.", "The trainer used the Genogram."),
        ("It helped. Great day.", "It helped. Great day."),
    ],
)
def test_names_and_identifiers_are_taken_out_and_plain_words_stay(written, shown):
    assert redacted(written) == shown


def test_a_name_known_to_be_at_risk_is_taken_out_in_any_case():
    assert redacted("then thistlewick said", names=["Thistlewick"]) == "then [name] said"


@pytest.mark.parametrize(
    ("ticked", "coded"),
    [
        ("Genogram;Ecomap", "ecomap|genogram"),
        ("ecomap, GENOGRAM, genogram", "ecomap|genogram"),
        ("Graded Care Profile\nother: my own", "graded_care_profile|other"),
        ("None of these", "none"),
    ],
)
def test_ticked_options_become_codes_and_anything_else_is_other(ticked, coded):
    assert options_coded(ticked) == coded


def test_a_text_in_which_no_theme_is_found_is_uncoded():
    assert themes_coded("Biscuits") == "uncoded"
    assert themes_coded("Too rushed, and my caseload is high") == "workload|pace"


def test_a_participant_code_is_read_without_case_and_spaces():
    assert participant_code(" ab 12 ") == "AB12"


def test_sweeping_again_leaves_the_restricted_text_where_it_is(root, actor):
    drop(root, session=form_file([form_row("session", helped_text="Quiet room")]))
    taken_in(root, actor)
    from warehouse.orphans import orphans
    from warehouse.reconcile import discrepancies

    assert discrepancies(root) == []
    assert orphans(root, older_than_seconds=-1.0) == []
