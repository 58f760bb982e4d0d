"""A drop folder of several authorities: one sends what is bad, another what is good."""

import csv
import json
from pathlib import Path

from schemas.quarter import Quarter
from tasks.intake.sweep import sweep_once
from tests.support.files import MEETINGS, as_bytes
from warehouse.ledger import all_in_force, all_submissions, parts_of
from warehouse.store import read_frame

WALSALL, LANCASHIRE = "E08000030", "E10000017"
QUARTER = "2024-25Q4"


class Dropped:
    """The drop folder of one root, swept with a good file of an authority that did no wrong."""

    def __init__(self, root):
        self.root = root
        self.neighbours = 0
        self.swept = None

    def put(self, name, content, *, la_code=WALSALL, quarter=QUARTER) -> Path:
        """Put one file into the folder of an authority and quarter."""
        path = self.root.drop / la_code / quarter / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bytes(content))
        return path

    def sweep(self, *, quarter=QUARTER):
        """Sweep with a good file of Lancashire as well; return what was judged of the others."""
        self.neighbours += 1
        good = f"{MEETINGS}A{self.neighbours},{Quarter.parse(quarter).start},,none\n"
        self.put(f"good{self.neighbours}.csv", good, la_code=LANCASHIRE, quarter=quarter)
        self.swept = sweep_once(self.root, wait=False, progress=lambda _: None)
        taken = self.swept.taken
        (answered,) = [found for found in taken if found.la_code == LANCASHIRE]
        assert (str(answered.state), answered.reason_code) == ("accepted", "")
        assert (LANCASHIRE, "pre_proceedings", quarter) in self.in_force()
        return [found for found in taken if found.la_code != LANCASHIRE]

    def in_force(self):
        """Return the version that counts, by authority, return and quarter."""
        rows = all_in_force(self.root)
        return {(row.la_code, row.return_name, row.quarter): row.version for row in rows}

    def words(self, submission_id):
        """Return what a refused submission was told."""
        (row,) = [row for row in all_submissions(self.root) if row.id == submission_id]
        return row.reason_words

    def rows(self, table, *, la_code=WALSALL):
        """Return the rows of a table that count for an authority."""
        kept = [row.id for row in all_in_force(self.root, la_code=la_code)]
        parts = [part for part in parts_of(self.root, kept) if part.table_name == table]
        return read_frame(self.root, [(part.path, part.quarter) for part in parts])

    def receipt(self, taken):
        """Return the receipt in the answer to one submission."""
        return json.loads((self.pack(taken) / "receipt.json").read_text("utf-8"))

    def used(self, taken, code):
        """Return how often what one code stands for was understood, for each column or file."""
        tolerances = self.receipt(taken)["tolerances"]
        return [used["count"] for used in tolerances if used["code"] == code]

    def findings(self, taken):
        """Return the findings in the answer to one submission."""
        with (self.pack(taken) / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def pack(self, taken):
        """Return the folder with the answer to one submission."""
        return self.root.outbox / taken.la_code / taken.quarter / taken.submission_id
