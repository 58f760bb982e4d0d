"""A synthetic quarter taken through the whole pipeline, and every table that comes out of it.

Invented year-end returns of seven authorities over four years: statutory returns from all, small
returns and training forms from two, spending on delivery from all. One return is faulty in a fixed
way. Everything is done by the commands a person would type, in this process.
"""

import csv
import hashlib
import json
import re
import shutil
from datetime import date
from pathlib import Path

from tasks.cut.refresh import tables_of_cut
from tests.support.command import expect_only, sfp
from warehouse.root import Root

STORED = Path(__file__).parent / "tables"
LARGEST_TEXT = 50_000
"""Characters; of a longer file its number of lines and its hash are stored."""
READ_BY_A_PERSON = ("outcomes.csv", "effects.csv", "training.csv")
"""Stored as text, however long: what the longer files of the edition are made from."""

# Five authorities of one model, so that its effects can be estimated; two of the others.
AUTHORITIES = (
    "E08000030",
    "E10000017",
    "E06000020",
    "E09000032",
    "E06000030",
    "E08000005",
    "E10000031",
)
FULL_SENDERS = ("E08000030", "E08000005")
TRAINED = "E08000030"
FROM_ALL = ("ssda903", "cin_census.xml", "programme_delivery.csv")
FAULTY = ("E10000017", "2021-22Q4")
EDITION = "golden"


def golden_tables(folder):
    """Return name to text of every table that comes out of the synthetic quarter.

    Identities that change with the code (code version and cut) are replaced by fixed words.
    """
    sfp("samples", folder / "samples", "--authorities", ",".join(AUTHORITIES), *SAMPLES)
    root = folder / "root"
    sfp("init", "--root", root, "--settle-seconds", 0, "--one-person")
    expect_only(root, AUTHORITIES)
    drop(folder / "samples" / "drop", root / "drop")
    sfp("sweep", "--root", root)
    sfp("refresh", "--root", root)
    sfp("publish", "--root", root, "--edition", EDITION, "--final")
    named = {**printed(root), **edition(root), **answer(root), "cohort.csv": cohort(root)}
    return {
        name: kept(name, figures_in(name, text)) for name, text in anonymous(root, named).items()
    }


SAMPLES = (
    *("--from", "2019-20Q1", "--to", "2022-23Q4", "--children", 60, "--seed", 14),
    "--year-end-only",
)


def drop(source, target):
    for path in sorted(source.rglob("*")):
        place = path.relative_to(source)
        if path.is_file() and is_sent(*place.parts[:3]):
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target / place)
    la_code, quarter = FAULTY
    (episodes,) = target.glob(f"{la_code}*/{quarter}/ssda903/episodes.csv")
    spoil(episodes)


def is_sent(authority, _quarter, name):
    la_code = authority[:9]
    if name == "training":
        return la_code == TRAINED
    return la_code in FULL_SENDERS or name in FROM_ALL


def spoil(episodes):
    """Swap the dates of one episode, and give three others what no guide allows."""
    with episodes.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    ended = [row for row in rows if row["DEC"] and row["DEC"] != row["DECOM"]]
    ended[0]["DECOM"], ended[0]["DEC"] = ended[0]["DEC"], ended[0]["DECOM"]
    ended[1]["LS"] = "Z9"
    ended[2]["DECOM"] = "31/02/2021"
    ended[3]["HOME_POST"] = "ZZ"
    with episodes.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def printed(root):
    """Return what the commands print of the latest cut."""
    return {
        "outcomes.csv": sfp("outcomes", "--root", root),
        "effects.csv": sfp("effects", "--root", root),
        "effects_notes.csv": sfp("effects", "--notes", "--root", root),
        "costs.csv": sfp("costs", "--root", root),
        "training.csv": sfp("training", "--root", root),
    }


def edition(root):
    """Return every file of the edition but the workbook, whose cells stand in the others."""
    folders = {"public": root / "editions" / EDITION, "restricted": root / "restricted" / EDITION}
    return {
        f"{reach}/{path.relative_to(folder)}": path.read_bytes().decode("utf-8")
        for reach, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".xlsx"
    }


def answer(root):
    """Return findings and rules of the faulty return, as its authority and as `sfp` shows them."""
    la_code, quarter = FAULTY
    packs = (root / "outbox" / la_code / quarter).glob("*/findings.csv")
    (pack,) = (path for path in packs if len(path.read_text("utf-8").splitlines()) > 1)
    return {
        "faulty/findings.csv": pack.read_bytes().decode("utf-8"),
        "faulty/rules.txt": sfp("findings", pack.parent.name, "--root", root),
    }


def cohort(root):
    """Return per model, authority and cohort quarter the children, and the sum of each fact."""
    children = tables_of_cut(Root.at(root), "latest").cohort
    by = ["model", "la_code", "cohort_quarter"]
    counted = children.drop(columns="person_id").groupby(by)
    facts = counted.sum(numeric_only=True).round(6)
    facts.insert(0, "children", counted.size())
    return facts.to_csv(lineterminator="\n")


def anonymous(root, named):
    """Return the texts with a fixed word in place of the cut, its day and the code version."""
    (cut,) = json.loads(sfp("cuts", "--root", root, "--json"))
    day = date.fromisoformat(cut["made_at"][:10])
    named = {n: text.replace(f"{day.day} {day:%B %Y}", "<day>") for n, text in named.items()}
    for word in ("id", "code_version"):
        named = {name: text.replace(cut[word], f"<{word}>") for name, text in named.items()}
    return named


def figures_in(name, text):
    """Return a text without what the words on a page change in it.

    Of a page its numbers alone, in order; of a list of files neither hashes nor sizes, nor the
    version of the code that wrote them.
    """
    if name.endswith(".html"):
        return "\n".join(NUMBER.findall(text)) + "\n"
    if name.endswith(".json"):
        return CODE.sub(r'\1"<code>"', SIZE.sub('"bytes": 0', HASH.sub("<sha256>", text)))
    return text


NUMBER = re.compile(r"\d[\d.,]*")
HASH = re.compile(r"\b[0-9a-f]{64}\b")
CODE = re.compile(r'("edition_code_version": )"[0-9a-f]+"')
SIZE = re.compile(r'"bytes": \d+')


def kept(name, text):
    """Return a text as it is stored: a long one as its number of lines and its hash."""
    if len(text) <= LARGEST_TEXT or name in READ_BY_A_PERSON:
        return text
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return f"{len(text.splitlines())} lines, sha256 {digest}\n"
