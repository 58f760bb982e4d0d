"""Two people release: who may make which draft final, and what is recorded of it."""

import hashlib
import json
from types import SimpleNamespace

import pytest
from sqlalchemy import select

import cli.publication
import warehouse.cuts
import warehouse.ledger
from schemas.errors import UsageError
from schemas.quarter import Quarter
from tasks.operate.listing import edition_rows
from tasks.publish import publish_cut
from tasks.publish.edition import EditionFiles
from tasks.publish.publish_cut import publish_draft, publish_now
from tests.support.command import ending, sfp
from warehouse import tables
from warehouse.cuts import all_editions, record_cut, stored_edition_files
from warehouse.database import reading
from warehouse.ledger import Actor
from warehouse.reconcile import discrepancies

LAST = Quarter.parse("2023-24Q4")
FINAL = "2023-24Q4"
DRAFT = "2023-24Q4-draft-0001"
MADE_WITH = ("edition_code_version", "compared_with")


@pytest.fixture
def made_of(monkeypatch):
    """What the next edition will be made of; its files are few, and made as real ones are."""
    given = {"figure": "12", "untied": [], "edition_code_version": "c1", "compared_with": []}
    origin = dict.fromkeys(("code_version", "plan_hash", "prices_hash", "population_vintage"), "p")

    def files(inputs):
        public = {
            "data/a.csv": f"a\n{given['figure']}\n".encode(),
            "report.html": f"<h1>{inputs.name}</h1>".encode(),
        }
        report = {
            "edition": inputs.name,
            "files": {n: digest(public[n]) for n in public},
            "attack_on_files": {"numbers_tied_to_nothing": given["untied"]},
        }
        made_with = {**origin, **{k: v for k, v in given.items() if k in MADE_WITH}}
        restricted = {
            "disclosure.json": json.dumps(report).encode(),
            "origin.json": json.dumps(made_with).encode(),
        }
        return EditionFiles(public, restricted)

    monkeypatch.setattr(publish_cut, "span", lambda _: (LAST, LAST))
    monkeypatch.setattr(
        publish_cut, "_inputs", lambda _root, _cut, name, *_: SimpleNamespace(name=name)
    )
    monkeypatch.setattr(publish_cut, "edition_files", files)
    return given


def digest(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def at_work(monkeypatch):
    """Let an account be at work."""
    return lambda name: monkeypatch.setattr(warehouse.ledger, "account_at_work", lambda: name)


@pytest.fixture
def two_people(any_ledger_root, made_of, actor, at_work):
    """A root that two people run, with a cut of which Anna made the draft; Ben is at work."""
    sfp("init", "--root", any_ledger_root.path, "--two-people")
    record_cut(any_ledger_root, code_version="c", config_hash="p", key_id="k", actor=actor)
    at_work("anna")
    publish_now(any_ledger_root, name="", is_final=False, cut="latest")
    at_work("ben")
    return any_ledger_root


def released(root, confirm="", name=FINAL):
    return publish_now(root, name=name, is_final=True, cut="latest", confirm=confirm)


def hash_of(root, name=DRAFT):
    return digest((root.restricted / name / "disclosure.json").read_bytes())


def last_entry(root):
    with reading(root) as connection:
        entry = connection.execute(
            select(tables.audit)
            .where(tables.audit.c.action == "publish")
            .order_by(tables.audit.c.number.desc())
        ).first()
    return entry.actor, json.loads(entry.detail)


def finals(root):
    return [row.name for row in all_editions(root) if row.is_final]


def test_another_person_releases_what_was_read_and_both_names_are_recorded(two_people):
    whole = hash_of(two_people)
    for confirm in (whole, whole, whole[:12]):
        released(two_people, confirm)
    who, detail = last_entry(two_people)
    assert (who, detail["by"]) == ("ben", {"account": "ben"})
    assert detail["release"] == {
        "two_people": True,
        "draft": DRAFT,
        "report": whole[:32],
        "drafted_by": "anna",
        "drafted_account": "anna",
    }
    (row,) = (row for row in edition_rows(two_people) if row["is_final"])
    assert (row["made_by"], row["drafted_by"]) == ("ben", "anna")
    assert discrepancies(two_people) == []


def test_a_final_edition_without_a_name_is_called_by_its_quarter_and_not_as_a_draft(two_people):
    released(two_people, hash_of(two_people), name="")
    assert finals(two_people) == [FINAL]


def test_numbers_tied_to_nothing_are_named_to_who_reads_the_draft(two_people, at_work, made_of):
    with pytest.raises(UsageError) as clean:
        released(two_people)
    assert "tied to nothing" not in str(clean.value)
    made_of["figure"] = "13"
    made_of["untied"] = [{"file": "report.html", "place": "Completeness", "count": 2}]
    at_work("anna")
    publish_now(two_people, name="", is_final=False, cut="latest")
    at_work("ben")
    with pytest.raises(UsageError, match=r"report\.html \(Completeness\): 2\. See that they tell"):
        released(two_people)


def test_who_made_the_draft_does_not_release_it(two_people, at_work, monkeypatch):
    at_work("anna")
    for name in ("USER", "SUDO_USER"):
        monkeypatch.setenv(name, "ben")
    with pytest.raises(UsageError, match=r"anna made draft .* and you are anna"):
        released(two_people, hash_of(two_people))
    assert finals(two_people) == []


def test_a_draft_of_the_service_is_released_by_any_account_but_its_own(two_people, at_work):
    at_work("sfp-publish")
    record_cut(two_people, code_version="d", config_hash="p", key_id="k", actor=Actor("t", "t"))
    publish_draft.fn(str(two_people.path))
    draft = "2023-24Q4-draft-0002"
    with pytest.raises(UsageError, match=r"the service \(account sfp-publish\) made draft"):
        released(two_people, hash_of(two_people, draft))
    at_work("ben")
    released(two_people, hash_of(two_people, draft))
    _, detail = last_entry(two_people)
    assert detail["release"]["drafted_by"] == "service"
    assert detail["release"]["drafted_account"] == "sfp-publish"


def test_without_a_hash_the_command_says_what_to_read_and_what_to_type(two_people):
    ended = ending("publish", "--root", two_people.path, "--edition", FINAL, "--final")
    assert ended.returncode == 2
    for words in (f"draft {DRAFT}", "anna made", "report.html", "disclosure.json"):
        assert words in ended.stderr
    command = ended.stderr.rpartition("Then: sfp ")[2].split()
    assert command[-1] == hash_of(two_people)[:32]
    sfp(*command, "--root", two_people.path)
    assert finals(two_people) == [FINAL]


@pytest.mark.parametrize("confirm", ["0" * 64, "0" * 12, "short", "abc"])
def test_a_hash_that_is_not_that_of_the_draft_is_refused(two_people, confirm):
    with pytest.raises(UsageError, match="is not the hash of the disclosure report"):
        released(two_people, confirm)
    with pytest.raises(UsageError, match="is not the hash"):
        released(two_people, hash_of(two_people)[:11])
    assert finals(two_people) == []


def test_at_a_terminal_the_hash_is_asked_for(two_people, monkeypatch):
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(cli.publication, "sys", terminal)
    command = ("publish", "--root", two_people.path, "--edition", FINAL, "--final")
    ended = ending(*command, stdin="\n")
    assert (ended.returncode, finals(two_people)) == (2, [])
    ended = ending(*command, stdin=f"{hash_of(two_people)[:12]}\n")
    assert (ended.returncode, finals(two_people)) == (0, [FINAL])
    assert f"begins with {hash_of(two_people)[:32]}" in ended.stderr
    assert ended.stdout.strip() == str(two_people.editions / FINAL)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"figure": "13"}, r"Files that differ: data/a\.csv\. Nothing"),
        ({"edition_code_version": "c2"}, "Changed since: the code that makes editions. "),
        ({"compared_with": ["x"]}, "Changed since: the final editions it is compared with. "),
    ],
)
def test_what_changed_since_it_was_read_is_refused_and_named(two_people, made_of, changed, words):
    made_of.update(changed)
    with pytest.raises(UsageError, match=words):
        released(two_people, hash_of(two_people))
    assert finals(two_people) == []


def test_a_draft_that_was_made_again_is_read_again(two_people, made_of, at_work):
    read = hash_of(two_people)
    made_of["figure"] = "13"
    publish_now(two_people, name="", is_final=False, cut="latest")
    at_work("carl")
    with pytest.raises(UsageError, match="made again since: read it again"):
        released(two_people, read)
    released(two_people, hash_of(two_people))
    assert last_entry(two_people)[1]["release"]["drafted_by"] == "ben"


def test_a_newer_cut_is_not_released_on_the_draft_of_an_older(two_people):
    record_cut(two_people, code_version="d", config_hash="p", key_id="k", actor=Actor("t", "t"))
    with pytest.raises(UsageError, match=f"no draft of cut 2 .* that of draft {DRAFT}, of cut 1"):
        released(two_people, hash_of(two_people))
    publish_now(two_people, name=FINAL, is_final=True, cut="1", confirm=hash_of(two_people))
    assert finals(two_people) == [FINAL]


@pytest.mark.parametrize("name", [FINAL, DRAFT])
def test_killed_before_the_ledger_knows_it_the_next_try_releases_the_same(
    two_people, monkeypatch, name
):
    confirm = hash_of(two_people)
    with monkeypatch.context() as patch:
        patch.setattr(warehouse.cuts, "_record_edition", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            released(two_people, confirm, name=name)
    assert finals(two_people) == []
    for _ in range(2):
        released(two_people, confirm, name=name)
    assert finals(two_people) == [name]
    assert stored_edition_files(two_people, name)["report.html"] == f"<h1>{name}</h1>".encode()
    assert discrepancies(two_people) == []


def test_where_one_person_runs_the_root_the_record_says_so(two_people, at_work, made_of):
    at_work("anna")
    sfp("init", "--root", two_people.path, "--one-person")
    released(two_people)
    assert last_entry(two_people)[1]["release"] == {"two_people": False}
    with pytest.raises(UsageError, match="is not the hash"):
        released(two_people, "0" * 12, name="second")
    released(two_people, hash_of(two_people), name="second")
    assert last_entry(two_people)[1]["release"]["two_people"] is False
    assert last_entry(two_people)[1]["release"]["draft"] == DRAFT
    assert discrepancies(two_people) == []
