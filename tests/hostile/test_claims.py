"""Another authority's files in a folder, by the ids in the list of real cases."""

import hashlib
import importlib
from datetime import date, timedelta
from itertools import permutations
from unittest.mock import Mock

import pytest

from schemas.authorities import JointReturn
from schemas.claims import claim_rules
from schemas.errors import OutageError
from schemas.quarter import Quarter
from schemas.returns.training_feedback import RETURN as TRAINING_FEEDBACK
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.privacy.erase import erase
from tasks.privacy.rotate import rotate_pseudonym
from tasks.validate.claims import reasons_against
from tests.support.files import EPISODES, HEADER, MEETINGS, as_bytes, workbook
from warehouse import tables
from warehouse.claims import ChildMarks, first_unsettled, record_claim, unsettle_all
from warehouse.database import reading, writing
from warehouse.ledger import all_in_force, all_submissions
from warehouse.reconcile import discrepancies
from warehouse.restated import settle_claims

WALSALL, CAMBRIDGESHIRE, LANCASHIRE = "E08000030", "E10000003", "E10000017"
BEFORE, NOW = "2024-25Q1", "2024-25Q2"
SEEDS = {WALSALL: 1, CAMBRIDGESHIRE: 2, LANCASHIRE: 3}


def birth(la_code, number):
    """A child's date of birth: authorities number children alike, births differ."""
    return date(2010, 1, 4) + timedelta(days=(number * 7919 + SEEDS[la_code] * 104_729) % 3_600)


def looked_after(la_code, *, children=range(1, 21), mark="", since="01/04/2024"):
    """Return the files of a return."""
    header, episodes = HEADER, EPISODES
    for number in children:
        shown = f"{birth(la_code, number):%d/%m/%Y}"
        header += f"{number},1,{shown},WBRI,UN1,0,\n"
        episodes += f"{number},{since},S,C2,N1,U1,PR1,,,,,,\n"
    return {"header.csv": header + mark, "episodes.csv": episodes}


def put(root, la_code, files, quarter=NOW):
    folder = root.drop / la_code / quarter
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(as_bytes(content))


def sweep(root):
    return sweep_once(root, wait=False, progress=lambda _: None)


def verdicts(root, quarter=NOW, return_name="ssda903"):
    """Return state, code and whether it counts, by authority and version."""
    counting = {row.id for row in all_in_force(root)}
    return {
        (row.la_code, row.version): (
            "accepted" if row.state.startswith("accepted") else row.state,
            row.reason_code,
            row.id in counting,
        )
        for row in all_submissions(root)
        if (row.quarter, row.return_name) == (quarter, return_name)
    }


COUNTS = ("accepted", "", True)
FOREIGN = ("rejected", "AUTHORITY_MISMATCH", False)
HELD = ("held", "CROSS_AUTHORITY_DUPLICATE", False)


def test_r071_another_authoritys_files_are_refused_where_its_earlier_returns_know_the_children(
    root,
):
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(la_code), BEFORE)
    sweep(root)
    assert verdicts(root, BEFORE) == {(WALSALL, 1): COUNTS, (CAMBRIDGESHIRE, 1): COUNTS}
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE, children=range(3, 24)))
    (taken,) = sweep(root).taken
    assert (str(taken.state), taken.reason_code) == ("rejected", "AUTHORITY_MISMATCH")
    assert verdicts(root) == {(WALSALL, 1): FOREIGN}


EVENTS = {
    "history of Walsall": (WALSALL, looked_after(WALSALL), BEFORE),
    "history of Cambridgeshire": (CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE), BEFORE),
    "in Walsall's folder": (WALSALL, looked_after(CAMBRIDGESHIRE, children=range(3, 24)), NOW),
    "in its own": (CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE, children=range(3, 24)), NOW),
}
ORDERS = list(permutations(EVENTS))


def arrive(root, order):
    for event in order:
        put(root, *EVENTS[event])
        sweep(root)


@pytest.mark.parametrize("order", ORDERS[::5], ids=range(len(ORDERS[::5])))
def test_r071_the_order_of_arrival_does_not_show(root, order):
    arrive(root, order)
    assert verdicts(root, BEFORE) == {(WALSALL, 1): COUNTS, (CAMBRIDGESHIRE, 1): COUNTS}
    assert verdicts(root) == {(WALSALL, 1): FOREIGN, (CAMBRIDGESHIRE, 1): COUNTS}
    assert not sweep(root).taken


def test_r071_all_at_once_gives_the_same_as_one_after_the_other(root, tmp_path):
    for event in EVENTS.values():
        put(root, *event)
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): FOREIGN, (CAMBRIDGESHIRE, 1): COUNTS}


@pytest.mark.parametrize("order", [ORDERS[-1], ORDERS[14]], ids=range(2))
def test_r071_the_order_does_not_show_on_either_database(any_ledger_root, order):
    arrive(any_ledger_root, order)
    assert verdicts(any_ledger_root) == {(WALSALL, 1): FOREIGN, (CAMBRIDGESHIRE, 1): COUNTS}


@pytest.mark.parametrize("order", [*permutations((WALSALL, CAMBRIDGESHIRE, LANCASHIRE))][:3])
def test_r071_the_same_file_in_three_folders_is_held_in_all_and_each_is_told(root, order):
    for la_code in order:
        put(root, la_code, looked_after(CAMBRIDGESHIRE))
        sweep(root)
    assert set(verdicts(root).values()) == {HELD}
    for la_code in order:
        (report,) = (root.outbox / la_code / NOW).glob("*/report.html")
        assert "CROSS_AUTHORITY_DUPLICATE" in report.read_text()
        assert all(other in report.read_text() for other in order)
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE, children=range(1, 19)), BEFORE)
    sweep(root)
    assert verdicts(root) == {
        (WALSALL, 1): FOREIGN,
        (CAMBRIDGESHIRE, 1): COUNTS,
        (LANCASHIRE, 1): FOREIGN,
    }


def test_r071_after_the_event_the_earlier_version_counts_again_and_the_pack_is_replaced(root):
    put(root, WALSALL, looked_after(WALSALL))
    sweep(root)
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE))
    sweep(root)
    assert verdicts(root)[WALSALL, 2] == COUNTS
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE, children=range(1, 19)), BEFORE)
    taken = {(each.la_code, each.quarter): each for each in sweep(root).taken}
    assert taken[WALSALL, NOW].reason_code == "AUTHORITY_MISMATCH"
    assert verdicts(root) == {(WALSALL, 1): COUNTS, (WALSALL, 2): FOREIGN}
    pack = root.outbox / WALSALL / NOW / taken[WALSALL, NOW].submission_id
    told = "".join(file.read_text() for file in pack.iterdir() if file.suffix != ".xlsx")
    assert "Cambridgeshire" in told
    assert "version 1" in told
    assert "/2010" not in told
    assert discrepancies(root) == []


def test_r071_ones_own_return_takes_the_place_of_the_others_and_frees_it(root):
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(CAMBRIDGESHIRE))
    sweep(root)
    assert set(verdicts(root).values()) == {HELD}
    put(root, WALSALL, looked_after(WALSALL))
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): HELD, (WALSALL, 2): COUNTS, (CAMBRIDGESHIRE, 1): COUNTS}
    assert discrepancies(root) == []


class Killed(BaseException):
    """Stands for a process that is no more."""


STEPS = {
    "before claims are compared": ("tasks.validate.batches", "settle_claims"),
    "within the transaction that changes verdicts": ("warehouse.restated", "note_settled"),
    "before a verdict": ("tasks.validate.submission", "decide"),
    "after a verdict": ("tasks.validate.submission", "put_pack"),
    "after the pack": ("tasks.validate.submission", "mark_answered"),
}


def killed_at_every_call(root, monkeypatch, place):
    """Sweep again and again, killed at the first call, then the second, until a sweep ends."""
    module, name = place
    real = getattr(importlib.import_module(module), name)
    for calls in range(10):
        left = [calls]

        def dying(*given, left=left, **named):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*given, **named)

        with monkeypatch.context() as patched:
            patched.setattr(f"{module}.{name}", dying)
            try:
                sweep(root)
            except Killed:
                continue
        return calls
    raise AssertionError


@pytest.mark.parametrize("is_known", [True, False], ids=["refused", "held"])
@pytest.mark.parametrize("step", STEPS)
def test_r071_a_process_killed_between_its_steps_changes_nothing_in_the_end(
    any_ledger_root, monkeypatch, step, is_known
):
    root = any_ledger_root
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE))
    sweep(root)
    put(root, LANCASHIRE, looked_after(CAMBRIDGESHIRE))
    if is_known:
        put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE, children=range(1, 19)), BEFORE)
    assert killed_at_every_call(root, monkeypatch, STEPS[step])
    assert not sweep(root).taken
    wanted = FOREIGN if is_known else HELD
    assert verdicts(root) == {(WALSALL, 1): wanted, (LANCASHIRE, 1): wanted}
    for la_code in (WALSALL, LANCASHIRE):
        (report,) = (root.outbox / la_code / NOW).glob("*/report.html")
        assert wanted[1] in report.read_text()
    assert discrepancies(root) == []


MEETINGS_ROWS = {
    la_code: MEETINGS + "".join(f"{first + n},2024-05-{n:02d},,none\n" for n in range(1, 11))
    for la_code, first in ((WALSALL, 100), (CAMBRIDGESHIRE, 900))
}
TERMS = "child_id,academic_year,term,sessions_possible,sessions_authorised_absence,"
TERMS += "sessions_unauthorised_absence\n"
TERMS_ROWS = TERMS + "".join(f"{n},2023/24,summer,100,3,1\n" for n in range(700, 712))
CONTACTS = ("Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)")
CONTACTS += ("Date of Contact", "Contact Source")
CONTACTS_ROWS = [
    [f"C{n}", "a) Male", "a) WBRI", date(2012, n, 3), 12, date(2024, 8, n), "1A: Individual"]
    for n in range(1, 11)
]
REGISTER = ",".join(str(c.sent_as) for c in TRAINING_FEEDBACK["training_attendance"].columns)
REGISTER_ROWS = "".join(f"P{n},assessment,1,1,2024-08-06,social_worker,1\n" for n in range(1, 11))
WITHOUT_CODE = {
    "pre_proceedings": ("sent.csv", MEETINGS_ROWS[CAMBRIDGESHIRE]),
    "school_attendance": ("sent.csv", TERMS_ROWS),
    "annex_a": ("sent.xlsx", workbook(("List 1", [CONTACTS, *CONTACTS_ROWS]))),
    "training_feedback": ("sent.csv", f"{REGISTER}\n{REGISTER_ROWS}"),
}


@pytest.mark.parametrize("return_name", WITHOUT_CODE)
def test_r071_every_return_without_a_code_is_held_where_two_authorities_sent_it(root, return_name):
    for la_code in (CAMBRIDGESHIRE, WALSALL):
        put(root, la_code, dict([WITHOUT_CODE[return_name]]))
        sweep(root)
    found = verdicts(root, return_name=return_name)
    assert found == {(CAMBRIDGESHIRE, 1): HELD, (WALSALL, 1): HELD}


def test_r071_identifiers_alone_decide_where_the_authorities_number_differently(root):
    for la_code, rows in MEETINGS_ROWS.items():
        put(root, la_code, {"sent.csv": rows}, BEFORE)
    put(root, WALSALL, {"sent.csv": MEETINGS_ROWS[CAMBRIDGESHIRE]})
    sweep(root)
    found = verdicts(root, return_name="pre_proceedings")
    assert found == {(WALSALL, 1): FOREIGN}


def test_r071_identifiers_alone_decide_nothing_where_the_authorities_number_alike(root):
    rows = [MEETINGS + "".join(f"{n},2024-0{m}-01,,none\n" for n in range(1, 31)) for m in (5, 6)]
    for la_code, sent in zip((WALSALL, CAMBRIDGESHIRE), rows, strict=True):
        put(root, la_code, {"sent.csv": sent}, BEFORE)
    put(
        root,
        WALSALL,
        {"sent.csv": MEETINGS + "".join(f"{n},2024-08-01,,none\n" for n in range(20, 29))},
    )
    sweep(root)
    assert verdicts(root, return_name="pre_proceedings") == {(WALSALL, 1): COUNTS}


def test_files_of_headings_alone_are_the_same_for_every_authority(root):
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, {"header.csv": HEADER})
    sweep(root)
    assert "CROSS_AUTHORITY_DUPLICATE" not in {row.reason_code for row in all_submissions(root)}


def test_one_short_form_among_others_may_be_the_same_for_two_authorities(root):
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(la_code))
    shared = {looked_after(la_code)["episodes.csv"] for la_code in (WALSALL, CAMBRIDGESHIRE)}
    assert len(shared) == 1
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): COUNTS, (CAMBRIDGESHIRE, 1): COUNTS}


def test_r071_children_in_annex_a_are_known_from_another_return(root):
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE), BEFORE)
    rows = [
        [str(number), "a) Male", "a) WBRI", birth(CAMBRIDGESHIRE, number), 12, date(2024, 8, 5)]
        for number in range(1, 11)
    ]
    sent = workbook(("List 1", [CONTACTS, *([*row, "1A: Individual"] for row in rows)]))
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, {"sent.xlsx": sent})
    sweep(root)
    found = verdicts(root, return_name="annex_a")
    assert found == {(WALSALL, 1): FOREIGN, (CAMBRIDGESHIRE, 1): COUNTS}


def test_r071_another_key_for_pseudonyms_changes_nothing(any_ledger_root, actor):
    root = any_ledger_root
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE), BEFORE)
    put(root, LANCASHIRE, looked_after(CAMBRIDGESHIRE, children=range(2, 20)))
    sweep(root)
    assert rotate_pseudonym(root, actor=actor) > 0
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE, children=range(3, 20)))
    sweep(root)
    assert verdicts(root) == {(LANCASHIRE, 1): FOREIGN, (WALSALL, 1): FOREIGN}
    assert discrepancies(root) == []


def test_r071_a_successor_sends_the_children_of_its_predecessors_and_no_one_else_does(root):
    barrow, cumbria, cumberland = "E10000017", "E10000006", "E06000063"
    set_up(root, authorities=(cumbria, cumberland))
    put(root, cumbria, looked_after(CAMBRIDGESHIRE, since="01/02/2023"), "2022-23Q4")
    sweep(root)
    put(root, cumberland, looked_after(CAMBRIDGESHIRE, since="02/05/2023"), "2023-24Q1")
    put(root, barrow, looked_after(CAMBRIDGESHIRE, since="03/05/2023"), "2023-24Q2")
    sweep(root)
    assert verdicts(root, "2022-23Q4") == {(cumbria, 1): COUNTS}
    assert verdicts(root, "2023-24Q1") == {(cumberland, 1): COUNTS}
    assert verdicts(root, "2023-24Q2") == {(barrow, 1): FOREIGN}


def identifiers(count):
    return [str(number) for number in range(1, count + 1)]


def test_r071_erasing_all_children_of_one_of_two_frees_the_other(any_ledger_root, actor):
    root = any_ledger_root
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(CAMBRIDGESHIRE))
    sweep(root)
    assert set(verdicts(root).values()) == {HELD}
    erase(root, WALSALL, identifiers(20), actor=actor)
    sweep(root)
    found = verdicts(root)
    assert found[CAMBRIDGESHIRE, 1] == COUNTS
    assert found[WALSALL, 1][0] == "erased"
    assert discrepancies(root) == []
    assert not sweep(root).taken


@pytest.mark.parametrize(("count", "wanted"), [(5, COUNTS), (20, HELD)], ids=["unlike", "alike"])
def test_r071_erasing_one_child_of_one_of_two_leaves_its_copy_to_be_compared(
    any_ledger_root, actor, count, wanted
):
    root = any_ledger_root
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(CAMBRIDGESHIRE, children=range(1, count + 1)))
    sweep(root)
    erase(root, WALSALL, ["1"], actor=actor)
    sweep(root)
    assert verdicts(root) == {
        (WALSALL, 1): ("erased", "", False),
        (WALSALL, 2): wanted,
        (CAMBRIDGESHIRE, 1): wanted,
    }
    assert discrepancies(root) == []


def test_r071_erasing_what_was_known_frees_what_was_refused_because_of_it(any_ledger_root, actor):
    root = any_ledger_root
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE), BEFORE)
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE))
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): FOREIGN}
    erase(root, CAMBRIDGESHIRE, identifiers(20), actor=actor)
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): COUNTS}


def test_r071_a_pair_registered_as_joint_later_frees_what_was_refused(any_ledger_root, monkeypatch):
    root = any_ledger_root
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE), BEFORE)
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE))
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): FOREIGN}
    pair = JointReturn(CAMBRIDGESHIRE, WALSALL, Quarter.parse(BEFORE), None, "an agreement")
    with monkeypatch.context() as patched:
        for place in ("schemas.authorities", "schemas.claims"):
            patched.setattr(f"{place}.joint_returns", lambda: (pair,))
        sweep(root)
        assert verdicts(root) == {(WALSALL, 1): COUNTS}
    sweep(root)
    assert verdicts(root) == {(WALSALL, 1): FOREIGN}
    assert discrepancies(root) == []


def without_claims(root):
    """Let a root be as one from before the ledger kept claims."""
    with writing(root) as connection:
        connection.execute(tables.claims.delete())


def kept(root):
    with reading(root) as connection:
        claims = tables.claims.c
        rows = connection.execute(tables.claims.select().order_by(claims.submission_id))
        return [(row.submission_id, row.basis, bytes(row.marks), row.contents) for row in rows]


def older_root(root):
    """Fill a root as one that has taken in another authority's files, and knows no claims."""
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(la_code), BEFORE)
    put(root, LANCASHIRE, dict([WITHOUT_CODE["annex_a"]]))
    sweep(root)
    claims = kept(root)
    without_claims(root)
    return claims


def test_r071_an_older_root_knows_children_by_what_lies_in_landing(any_ledger_root):
    root, told = any_ledger_root, []
    claims = older_root(root)
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE))
    sweep_once(root, wait=False, progress=told.append)
    assert verdicts(root) == {(WALSALL, 1): FOREIGN}
    assert set(claims) < set(kept(root))
    assert "children of earlier returns noted: 0 of 3 returns" in told
    told.clear()
    sweep_once(root, wait=False, progress=told.append)
    assert not any("noted" in line for line in told)


def test_r071_what_an_older_root_accepted_wrongly_is_refused_after_the_event(
    any_ledger_root, monkeypatch
):
    root = any_ledger_root
    put(root, WALSALL, looked_after(CAMBRIDGESHIRE))
    put(root, CAMBRIDGESHIRE, looked_after(CAMBRIDGESHIRE), BEFORE)
    with monkeypatch.context() as patched:
        patched.setattr("tasks.validate.submission.objection_to", lambda *_: None)
        patched.setattr("tasks.validate.batches.settle_claims", lambda *_, **__: [])
        sweep(root)
    assert verdicts(root) == {(WALSALL, 1): COUNTS}
    without_claims(root)
    assert killed_at_every_call(root, monkeypatch, RECORDS) == 2
    assert verdicts(root) == {(WALSALL, 1): FOREIGN}
    assert not sweep(root).taken


RECORDS = ("tasks.intake.earlier_claims", "record_earlier_claim")


def test_r071_what_cannot_be_opened_in_an_older_root_keeps_nothing_waiting(root):
    claims = older_root(root)
    (header,) = root.drop.glob(f"{WALSALL}*/{BEFORE}/header.csv")
    landed = root.landing / hashlib.sha256(header.read_bytes()).hexdigest()
    sealed = landed.read_bytes()
    for path in (header, landed):
        path.unlink()
    put(root, LANCASHIRE, looked_after(LANCASHIRE))
    told = []
    sweep_once(root, wait=False, progress=told.append)
    assert any("children of 1 earlier returns could not be noted" in line for line in told)
    assert verdicts(root) == {(LANCASHIRE, 1): COUNTS}
    assert len(set(claims) - set(kept(root))) == 1
    landed.write_bytes(sealed)
    sweep(root)
    assert set(claims) < set(kept(root))


def test_r071_an_outage_while_an_older_root_is_read_is_no_damaged_return(root, monkeypatch):
    claims = older_root(root)
    put(root, LANCASHIRE, looked_after(LANCASHIRE))
    with monkeypatch.context() as patched:
        full = OutageError("the disk is full")
        patched.setattr("tasks.intake.earlier_claims.marks_in", Mock(side_effect=full))
        with pytest.raises(OutageError):
            sweep(root)
    sweep(root)
    assert set(claims) < set(kept(root))


def test_r071_what_retention_has_removed_from_an_older_root_stays_without_a_claim(root):
    claims, told = older_root(root), []
    (header,) = root.drop.glob(f"{WALSALL}*/{BEFORE}/header.csv")
    sha256 = hashlib.sha256(header.read_bytes()).hexdigest()
    with writing(root) as connection:
        files = tables.submission_files
        connection.execute(files.update().filter_by(sha256=sha256).values(removed=True))
    sweep(root)
    assert len(set(claims) - set(kept(root))) == 1
    sweep_once(root, wait=False, progress=told.append)
    assert not any("noted" in line for line in told)


@pytest.mark.parametrize("any_ledger_root", ["postgresql"], indirect=True)
def test_r071_what_comes_while_claims_are_compared_is_compared_by_the_next_run(
    any_ledger_root, actor
):
    root = any_ledger_root
    for la_code in (WALSALL, CAMBRIDGESHIRE):
        put(root, la_code, looked_after(la_code), BEFORE)
    sweep(root)
    late = all_submissions(root)[0].id
    with writing(root) as connection:
        connection.execute(tables.claims.delete().filter_by(submission_id=late))
        unsettle_all(connection)

    def while_another_comes(earlier, claims):
        with writing(root) as other:
            record_claim(other, late, ChildMarks())
        return reasons_against(earlier, claims)

    assert settle_claims(root, while_another_comes, actor, rules=claim_rules()) == []
    with reading(root) as connection:
        unsettled = connection.execute(tables.claims.select().filter_by(is_settled=False)).all()
    assert [row.submission_id for row in unsettled] == [late]
    sweep(root)
    with reading(root) as connection:
        assert first_unsettled(connection) is None
