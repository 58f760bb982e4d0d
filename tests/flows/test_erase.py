"""A child erased: everything afterwards is as if it had never been sent (hostile case H107)."""

import csv
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tasks.cut.refresh import cut_analysis, refresh_now, tables_of_cut
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.privacy.erase import erase
from tests.flows.conftest import WALSALL
from warehouse.cuts import read_cut, why_lost
from warehouse.key import open_key
from warehouse.landing import landed_chunks
from warehouse.ledger import all_submissions
from warehouse.pseudonyms import pseudonyms
from warehouse.reconcile import discrepancies
from warehouse.root import Root

HOME = Path(__file__).parents[2]


def quiet(_):
    pass


def twin(first, path):
    """A root with the same keys."""
    second = Root.at(path)
    shutil.copytree(first.key_file.parent, second.key_file.parent)
    return set_up(second, settle_seconds=0.0)


def text_without(path, child):
    """A file without a child, taken out by other means than the pipeline's."""
    if path.suffix == ".xml":
        ElementTree.register_namespace("", "")
        tree = ElementTree.parse(path)
        for parent in tree.getroot().iter():
            for element in list(parent):
                ids = [e.text for e in element if e.tag in ("LAchildID", "CHILDID")]
                ids += [e.text for e in element.findall("ChildIdentifiers/LAchildID")]
                if element.tag in ("Child", "CHILD") and child in ids:
                    parent.remove(element)
        tree.write(path, encoding="utf-8", xml_declaration=True)
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(row for row in rows if child not in row)


def children(folder):
    """Every identifier in the census files of an authority, in order."""
    trees = [ElementTree.parse(path) for path in sorted(folder.rglob("*.xml"))]
    found = [id_.text for tree in trees for id_ in tree.getroot().iter("LAchildID")]
    return list(dict.fromkeys(found))


def of_the_cohort(root, la_code):
    """A child whose referral counts in the trial and who was looked after later."""
    (folder,) = root.drop.glob(f"{la_code}*")
    known = pseudonyms(open_key(root), "child", la_code, children(folder))
    cohort = set(tables_of_cut(root, "latest").cohort["person_id"])
    episodes = "".join(path.read_text("utf-8-sig") for path in folder.rglob("episodes.csv"))
    return next(id_ for id_, key in known.items() if key in cohort and f"{id_}," in episodes)


def swept(root):
    return sweep_once(root, wait=False, progress=quiet).taken


def figures(root):
    """Every figure, as bytes."""
    refresh_now(root, everything=False, progress=quiet)
    tables = tables_of_cut(root, "latest")
    return {
        "outcomes": tables.outcomes.to_csv(),
        "cohort": tables.cohort.to_csv(),
        "training": tables.training.to_csv(),
        "conflicts": tables.conflicts.to_csv(),
        "effects": cut_analysis(root, "latest").effects.effects.to_csv(),
    }


def opened(root):
    """Every byte in landing, by file."""
    return {path.name: b"".join(landed_chunks(root, path.name)) for path in root.landing.iterdir()}


def names(child, data):
    """Whether bytes hold an identifier as a word; digits of a longer one do not count."""
    return re.search(rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])" % child.encode(), data) is not None


def files_naming(root, child, *, but=("drop",)):
    return [
        str(path.relative_to(root.path))
        for path in root.path.rglob("*")
        if path.is_file()
        and path.relative_to(root.path).parts[0] not in but
        and names(child, path.read_bytes())
    ]


@pytest.mark.slow
def test_h107_after_an_erasure_everything_is_as_if_the_child_had_never_been_sent(
    root, four_years, tmp_path, actor
):
    never = twin(root, tmp_path / "never")
    for one in (root, never):
        shutil.copytree(four_years / "drop", one.drop, dirs_exist_ok=True)
    swept(root)
    before = figures(root)
    child = of_the_cohort(root, WALSALL)
    for path in never.drop.rglob("*"):
        if path.is_file() and f"{child}" in path.read_text("utf-8-sig"):
            text_without(path, child)
    swept(never)
    cut = read_cut(root, "latest")

    planned = erase(root, WALSALL, [child], actor=actor, dry_run=True)
    assert before == figures(root)
    assert planned.counts["tombstones"] == 1
    done = erase(root, WALSALL, [child], actor=actor)
    assert done.without_force == ()
    assert done.left_in_drop == planned.left_in_drop != ()
    assert done.counts["landing"] == planned.counts["landing files"] > 0
    assert done.counts["submissions"] == planned.counts["submissions in force"] > 0

    after, expected = figures(root), figures(never)
    assert after == expected
    assert before["outcomes"] != expected["outcomes"]
    assert before["cohort"] != expected["cohort"]
    assert not any(names(child, data) for data in opened(root).values())
    assert files_naming(root, child) == []
    assert discrepancies(root) == []
    assert "erased from" in why_lost(root, cut)
    states = {row.state for row in all_submissions(root) if row.id in ids_of(cut)}
    assert "erased" in states


def ids_of(cut):
    return {given.submission_id for given in cut.submissions}
