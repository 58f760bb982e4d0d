"""Two people release: a final edition is of a draft that another person made, and one has read.

The disclosure report of a draft lists the SHA-256 of every file that is published, so that its own
hash stands for the whole edition. Who makes the edition final confirms that hash. What is then
published is held against the draft as the audit chain recorded it: every file that does not carry
the edition's own name is the same, byte for byte, and those that do are made of the same by the
same code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from schemas.errors import UsageError
from tasks.publish.record import ORIGIN_FILE, REPORT_FILE
from warehouse.cuts import Cut, edition_named, stored_edition_files
from warehouse.ledger import Actor
from warehouse.recorded import file_digests
from warehouse.releases import Draft, drafts, release_detail

if TYPE_CHECKING:
    from pathlib import Path

    from tasks.publish.edition import EditionFiles
    from warehouse.root import Root

SHORTEST_CONFIRMATION: Final = 12
"""Letters of the hash that are to be given at least: no one hits them by chance."""
_CARRY_THE_NAME: Final = frozenset(
    {"report.html", "edition.xlsx", "CHANGES.md", "datapackage.json", REPORT_FILE}
)
_ORIGIN_WORDS: Final = {
    "code_version": "the code of the cut",
    "edition_code_version": "the code that makes editions",
    "plan_hash": "the analysis plan",
    "prices_hash": "the prices",
    "population_vintage": "the population estimates",
    "compared_with": "the final editions it is compared with",
}


def reviewed_draft(root: Root, cut: Cut, *, name: str, confirm: str, actor: Actor) -> Draft | None:
    """Return the draft of which an edition is made final; None where no one needs to have read it.

    None is needed where the settings say that one person runs this root, unless a hash is given,
    and where the edition is final already.

    Raises:
        UsageError: there is no draft of the cut; its maker is who asks; no hash was given, or not
            that of its disclosure report.
    """
    two_people = root.settings().two_people_release
    if _is_final(root, name) or not (two_people or confirm):
        return None
    draft = _draft_of(root, cut, name=name, confirm=confirm)
    if two_people:
        _require_another_person(name, draft, actor)
    if not confirm:
        raise UsageError(f"{review_words(root, draft, name=name)} Then: {_command(draft, name)}")
    _require_confirmed(draft, name=name, confirm=confirm)
    return draft


def to_be_confirmed(root: Root, cut: Cut, *, name: str, actor: Actor) -> str:
    """Return what is to be read, and the hash to be confirmed; empty where none needs to be.

    Raises:
        UsageError: there is no draft of the cut, or its maker is who asks.
    """
    if _is_final(root, name) or not root.settings().two_people_release:
        return ""
    draft = _draft_of(root, cut, name=name, confirm="")
    _require_another_person(name, draft, actor)
    return review_words(root, draft, name=name)


def review_words(root: Root, draft: Draft, *, name: str) -> str:
    """Return which draft is to be read before an edition is final, where it lies, and its hash."""
    page = root.editions / draft.name / "report.html"
    report = root.restricted / draft.name / REPORT_FILE
    return (
        f"edition {name} is not final yet: it is made of draft {draft.name}, which "
        f"{_maker(draft.made_by)} made on {draft.made_at[:10]} of cut {draft.cut_number}. Read "
        f"{page} with the files alongside it, and {report}, which lists them with their hashes. "
        f"{_untied_words(report)}"
        f"The hash of that report begins with {draft.restricted.get(REPORT_FILE, '')}."
    )


def _untied_words(report: Path) -> str:
    """Return where a draft prints numbers that are tied to nothing; empty where it prints none."""
    found = json.loads(report.read_bytes()) if report.exists() else {}
    untied = found.get("attack_on_files", {}).get("numbers_tied_to_nothing", ())
    if not untied:
        return ""
    listed = "; ".join(f"{one['file']} ({one['place']}): {one['count']}" for one in untied)
    return (
        f"Numbers in it that are tied to nothing that is published: {listed}. See that they tell "
        "of no child. "
    )


def release_record(root: Root, draft: Draft | None) -> dict[str, Any]:
    """Return what the audit chain is to keep of a release."""
    report = "" if draft is None else draft.restricted[REPORT_FILE]
    two_people = root.settings().two_people_release
    return release_detail(draft, report=report, two_people=two_people)


def require_as_read(root: Root, draft: Draft, files: EditionFiles, *, name: str) -> None:
    """Refuse to make final what is not what was read.

    Raises:
        UsageError: with the files that differ, and what they were made from where that does.
    """
    changed = sorted(
        {
            *_differing(draft.public, file_digests(files.public)),
            *_differing(draft.restricted, file_digests(files.restricted)),
        }
    )
    if not changed:
        return
    why = ", ".join(_origin_words(root, draft, files))
    raise UsageError(
        f"edition {name}: what would be published is not what draft {draft.name} showed. "
        f"{f'Changed since: {why}. ' if why else ''}Files that differ: {', '.join(changed)}. "
        f"Nothing was published. Make the draft again (`sfp publish --cut {draft.cut_number}`), "
        "let another person read it, and confirm its hash."
    )


def _is_final(root: Root, name: str) -> bool:
    standing = edition_named(root, name)
    return standing is not None and bool(standing.is_final)


def _draft_of(root: Root, cut: Cut, *, name: str, confirm: str) -> Draft:
    known = drafts(root)
    of_cut = [draft for draft in known if draft.cut_id == cut.id]
    if of_cut:
        meant = [draft for draft in of_cut if confirm and _is_confirmed(draft, confirm)]
        return [*meant, *of_cut][0]
    elsewhere = [draft for draft in known if confirm and _is_confirmed(draft, confirm)]
    words = "".join(
        f"The hash is that of draft {draft.name}, of cut {draft.cut_number}: returns, code or "
        f"prices changed since. To release that one, add --cut {draft.cut_number}. "
        for draft in elsewhere[:1]
    )
    raise UsageError(
        f"edition {name}: there is no draft of cut {cut.number} that anyone could have read. "
        f"{words}Another person makes one: sfp publish --cut {cut.number}"
    )


def _require_another_person(name: str, draft: Draft, actor: Actor) -> None:
    if draft.made_by.person != actor.person:
        return
    raise UsageError(
        f"edition {name}: {_maker(draft.made_by)} made draft {draft.name}, and you are "
        f"{actor.person}. Another person reads it and makes it final. Where one person runs a "
        "root, `sfp init --one-person` says so, and every final edition is recorded as such."
    )


def _require_confirmed(draft: Draft, *, name: str, confirm: str) -> None:
    if _is_confirmed(draft, confirm):
        return
    raise UsageError(
        f"edition {name}: {confirm} is not the hash of the disclosure report of draft "
        f"{draft.name}, made on {draft.made_at[:10]} of cut {draft.cut_number} (needs its first "
        f"{SHORTEST_CONFIRMATION} characters or more). If you read another draft, it was made "
        f"again since: read it again. Its hash begins with {draft.restricted.get(REPORT_FILE)}."
    )


def _is_confirmed(draft: Draft, confirm: str) -> bool:
    given, recorded = confirm.strip().lower(), draft.restricted.get(REPORT_FILE, "")
    return len(given) >= SHORTEST_CONFIRMATION and given[: len(recorded)] == recorded[: len(given)]


def _maker(made_by: Actor) -> str:
    is_person = made_by.person == made_by.name
    return made_by.name if is_person else f"the {made_by.name} (account {made_by.person})"


def _command(draft: Draft, name: str) -> str:
    hash_words = draft.restricted.get(REPORT_FILE, "")
    return f"sfp publish --final --edition {name} --cut {draft.cut_number} --confirm {hash_words}"


def _differing(read: Mapping[str, str], made: Mapping[str, str]) -> Iterator[str]:
    for file in (read.keys() | made.keys()) - _CARRY_THE_NAME:
        if read.get(file) != made.get(file):
            yield file


def _origin_words(root: Root, draft: Draft, files: EditionFiles) -> Iterator[str]:
    """Yield in words what of its origin differs, where the draft's own lies as it was recorded."""
    stored = stored_edition_files(root, draft.name, restricted=True)
    before = stored.get(ORIGIN_FILE, b"")
    if file_digests({ORIGIN_FILE: before})[ORIGIN_FILE] != draft.restricted.get(ORIGIN_FILE):
        return
    was, now = json.loads(before), json.loads(files.restricted[ORIGIN_FILE])
    yield from (words for key, words in _ORIGIN_WORDS.items() if was.get(key) != now[key])
