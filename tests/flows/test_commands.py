"""Every command of `sfp` that a page names, run as it stands there on a small root."""

import hashlib
import re
import shlex
import shutil

import pytest

from tests.support.command import expect_only, sfp
from tests.support.promised import HERE, commands, pages, runner
from warehouse.ledger import all_submissions
from warehouse.root import Root

WALSALL = "E08000030"
FIRST, SECOND = "2022-23Q4-draft-0001", "final"
IN_PLACE = {
    "CODE": "101",
    "SUBMISSION": "{submission}",
    "FILE": "{folder}/status.html",
    "ids.txt": "{folder}/ids.txt",
    "var/live": "{root}",
}
"""What stands in a page for something of the reader's own, and what a test puts there."""
COMPLETED = {
    "sfp diff": f"sfp diff {FIRST} {SECOND}",
    "sfp findings": "sfp findings {submission}",
    "sfp erase": f"sfp erase --authority {WALSALL} --ids {{folder}}/ids.txt",
    "sfp init --authorities CODE": "sfp init --authorities E06000001",
    "sfp init --settle-seconds SECONDS": "sfp init --settle-seconds 30",
    "sfp init --unregister CODE": "sfp init --unregister E10000017",
    "sfp publish --cut": "sfp publish --cut 1",
    "sfp publish --final": "sfp publish --final --edition third",
    "sfp publish --final --edition 2024-25Q1 --cut 4 --confirm HASH": (
        "sfp publish --final --edition third --cut 1 --confirm {report}"
    ),
}
"""Commands that a page only mentions, with what they need."""
WITHOUT_ROOT = {"rules", "samples", "templates", "estimate"}
NAMED = sorted(
    {c for text in pages().values() for c in commands(text) if runner(c) == HERE}
    | {f"sfp {name}" for name in ("costs", "editions", "effects", "findings SUBMISSION")}
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder with a root that has been through everything once, and a child's id in a file."""
    folder = tmp_path_factory.mktemp("commands")
    quarter = ("--from", "2022-23Q4", "--to", "2022-23Q4", "--children", 12)
    sfp("samples", folder / "samples", "--authorities", WALSALL, *quarter)
    sfp("init", "--root", folder / "root", "--settle-seconds", 0, "--one-person")
    expect_only(folder / "root", [WALSALL])
    shutil.copytree(folder / "samples" / "drop", folder / "root" / "drop", dirs_exist_ok=True)
    sfp("run", "--root", folder / "root")
    sfp("publish", "--root", folder / "root", "--edition", SECOND, "--final")
    sfp("publish", "--root", folder / "root", "--cut", 1)  # a draft that knows the final edition
    (census,) = (folder / "samples").rglob("cin_census.xml")
    (folder / "ids.txt").write_text(re.search(r"<LAchildID>(\w+)<", census.read_text("utf-8"))[1])
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("command", NAMED)
def test_a_command_of_the_pages_runs(command, filled, tmp_path):
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    root = tmp_path / "root"
    submission = all_submissions(Root.at(root))[0].id
    text = COMPLETED.get(command.removesuffix(" --root var/live"), command)
    for shown, own in IN_PLACE.items():
        text = re.sub(rf"(?<=[ =]){re.escape(shown)}(?= |$)", own, text)
    report = (Root.at(root).restricted / FIRST / "disclosure.json").read_bytes()
    hashed = hashlib.sha256(report).hexdigest()
    given = {"folder": tmp_path, "root": root, "submission": submission, "report": hashed}
    _, *words = shlex.split(text.format_map(given))
    if words[0] not in WITHOUT_ROOT and "--root" not in words:
        words += ["--root", str(root)]
    sfp(*words)
