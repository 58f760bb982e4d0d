"""A first look: invented returns of the 17 authorities through the whole pipeline.

Five years of returns arrive as the calendar says: what speaks for a quarter every quarter, what
speaks for a year at its end. One sweep takes in what fifteen authorities sent and makes a first
edition. Then the service is started and the last year's end arrives by events: of one authority it
is accepted, of one accepted with queries, and one sends a file again that is rejected, so that the
earlier one goes on counting. A refreshed draft edition appears and is made final. Two authorities
owe a return to the end. Everything lies under one folder.
"""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pandas import DataFrame

from flows.service.serve import serving
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.calendar import YEAR_ENDS
from schemas.errors import PipelineError, UsageError
from schemas.quarter import Quarter
from tasks.cut.refresh import refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.listing import edition_rows
from tasks.operate.set_up import set_up
from tasks.operate.status import overdue, status_table
from tasks.publish.publish_cut import publish_now
from tasks.runtime.workers import process_pool
from warehouse.root import Root, write_settings

OLDEST = Quarter.parse("2019-20Q1")
NEWEST = Quarter.parse("2023-24Q4")
"""A year's end: everything is owed for it."""
EARLY = f"{NEWEST}-early"
"""Name of the edition from before the last authorities had sent."""
REFERRALS_A_YEAR = 900
"""Referrals of each authority in a year: so many that few of its figures are hidden."""
SEED = 903
ACCEPTED, QUERIED, REJECTED = "E08000030", "E10000017", "E06000020"
_LATE = (ACCEPTED, QUERIED)
"""Who sends the newest quarter once the service runs."""
OWING = ("E06000005", "E06000002")
"""Who never sends the school attendance of the newest quarter."""
_OWED = "school_attendance.csv"
MARKER = ".sfpc-demo"
_WAIT_SECONDS = 600.0
_HEADING_LOST = "DEC"
_LOOKED_AFTER = ("ssda903", "unrecognised")
"""What the looked-after return is called; a file without its headings may be known as none."""

_Say = Callable[[str], None]


def run_demo(path: Path, *, say: _Say) -> int:
    """Play the demonstration under `path`, say what to open, and return the exit code.

    Raises:
        UsageError: `path` holds something that is not an earlier demonstration.
        PipelineError: a verdict or the draft edition did not appear in time.
    """
    began = time.monotonic()
    tell = _with_clock(say, began)
    _clear(path)
    with _step(tell, f"inventing returns of 17 authorities, {OLDEST} to {NEWEST}"):
        invent(path / "samples")
    root = _new_root(path)
    drop_history(root.drop, path / "samples")
    with _step(tell, "taking them in, in one sweep; two authorities have not sent all yet"):
        tell(sweep_once(root, wait=True, progress=tell).summary())
    with _step(tell, "computing every outcome, effect and cost"):
        tell(refresh_now(root, everything=False, progress=lambda _: None))
    tell("one person plays every part here, so editions are released by one (--one-person)")
    tell(f"publishing the first edition, {EARLY}, while the service starts ...")
    with _published_early(root) as early, serving(str(root.path), port=None, say=tell) as service:
        first = early.result()
        tell("  the first edition is there")
        tell(f"the Prefect server is at {service.url} while the demo runs")
        tell(f"its pages ask for the secret in {root.server_secret_file}")
        known = _submission_ids(root)
        _drop_newest(root, path / "samples")
        tell(f"two late authorities send {NEWEST}, a third sends a file again; events do the rest")
        _await(lambda: _verdicts(root, known), "verdicts", tell)
        _await(lambda: _draft(root), "the refreshed draft edition", tell)
    with _step(tell, "making the draft final, as a person would after looking at it"):
        final = publish_now(root, name=str(NEWEST), is_final=True, cut="latest")
    _say_what_to_open(root, first, final, say)
    say(f"\nThe demo took {_minutes(time.monotonic() - began)}.")
    return 0


def _with_clock(say: _Say, began: float) -> _Say:
    return lambda message: say(f"[{time.monotonic() - began:5.0f} s] {message}")


@contextmanager
def _step(tell: _Say, name: str) -> Iterator[None]:
    tell(f"{name} ...")
    began = time.monotonic()
    yield
    tell(f"  done in {_minutes(time.monotonic() - began)}")


def _minutes(seconds: float) -> str:
    """Return a time in words, as 1 min 5 s or 12 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _clear(path: Path) -> None:
    if path.exists() and any(path.iterdir()) and not (path / MARKER).exists():
        raise UsageError(f"{path} is not an earlier demo. Choose another --root.")
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    (path / MARKER).touch()


def invent(out: Path) -> None:
    """Write the returns of every authority, as those of the demonstration."""
    write_samples(
        out,
        authorities=chosen_authorities("17"),
        first=OLDEST,
        last=NEWEST,
        children=REFERRALS_A_YEAR,
        seed=SEED,
        faults="none",
        cadence=YEAR_ENDS.name,
    )


def _new_root(path: Path) -> Root:
    """Return a root that expects returns by the calendar they follow, up to the newest quarter."""
    root = set_up(Root.at(path), settle_seconds=2.0, two_people=False)
    owed = replace(root.settings(), calendar=YEAR_ENDS.name, last_quarter=str(NEWEST))
    write_settings(root, owed)
    return set_up(root)


def drop_history(drop: Path, samples: Path) -> None:
    """Copy what was sent before the service runs: of late authorities not the newest quarter."""
    for authority in sorted((samples / "drop").iterdir()):
        code = authority.name[:9]
        for quarter in sorted(authority.iterdir()):
            if quarter.name == str(NEWEST) and code in _LATE:
                continue
            place = drop / authority.name / quarter.name
            shutil.copytree(quarter, place)
            if quarter.name == str(NEWEST) and code in OWING:
                (place / _OWED).unlink()


def _drop_newest(root: Root, samples: Path) -> None:
    """Send what is late, one of it with an error, and one file again without a column."""
    for code in _LATE:
        source = _newest_folder(samples / "drop", code)
        if code == QUERIED:
            end_before_it_began(next(source.rglob("episodes.csv")))
        shutil.copytree(source, root.drop / source.parent.name / str(NEWEST))
    lose_heading(next(_newest_folder(root.drop, REJECTED).rglob("episodes.csv")))


@contextmanager
def _published_early(root: Root) -> Iterator[Future[str]]:
    """Publish the first edition in a process of its own, while this one does other things."""
    with process_pool(1, publish_now.__module__) as other:
        yield other.submit(publish_now, root, name=EARLY, is_final=True, cut="latest")


def _newest_folder(drop: Path, code: str) -> Path:
    (authority,) = drop.glob(f"{code}*")
    return authority / str(NEWEST)


def end_before_it_began(episodes: Path) -> None:
    """Swap the dates of the first episode that has ended: an error at one row."""
    rows = _read(episodes)
    for row in rows:
        if row["DEC"] and row["DEC"] != row["DECOM"]:
            row["DECOM"], row["DEC"] = row["DEC"], row["DECOM"]
            break
    _write(episodes, rows)


def lose_heading(episodes: Path) -> None:
    """Leave out one column: a file that cannot be read as what it is."""
    rows = [{k: v for k, v in row.items() if k != _HEADING_LOST} for row in _read(episodes)]
    _write(episodes, rows)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _await(found: Callable[[], str], what: str, tell: _Say) -> None:
    """Wait until `found` says something, and tell it.

    Raises:
        PipelineError: it said nothing in time.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        if message := found():
            tell(message)
            return
        time.sleep(0.5)
    raise PipelineError(f"demo: {what} did not appear within {_WAIT_SECONDS:.0f} s. See the logs.")


def _submissions(root: Root) -> DataFrame:
    table = status_table(root, today=datetime.now(UTC).date())
    return table[table["submission_id"] != ""]


def _submission_ids(root: Root) -> frozenset[str]:
    return frozenset(_submissions(root)["submission_id"])


def _verdicts(root: Root, known: frozenset[str]) -> str:
    """Return the verdict on each looked-after return but those known before; empty until all."""
    rows = _submissions(root)
    rows = rows[~rows["submission_id"].isin(known) & rows["return_name"].isin(_LOOKED_AFTER)]
    states = dict(zip(rows["la_code"], rows["state"], strict=True))
    expected = {ACCEPTED, QUERIED, REJECTED}
    if set(states) != expected or "landed" in states.values():
        return ""
    return "; ".join(f"{code}: {state}" for code, state in sorted(states.items()))


def _draft(root: Root) -> str:
    drafts = [row for row in edition_rows(root) if not row["is_final"]]
    return f"draft edition {drafts[-1]['name']} has appeared" if drafts else ""


def _say_what_to_open(root: Root, first: str, final: str, say: _Say) -> None:
    owed = overdue(root, today=datetime.now(UTC).date())
    say(
        "\nWhat happened: returns came in, were checked, answered and counted, and what they add up"
    )
    say(f"to was published twice. {NEWEST} says in CHANGES.md what the late returns moved.")
    say("\nOpen in a browser, this one first:")
    say(f"  the newest edition           {final}/report.html")
    say(f"  its workbook                 {final}/edition.xlsx")
    say(f"  the edition before           {first}/report.html")
    for code, word in ((ACCEPTED, "accepted"), (QUERIED, "queried"), (REJECTED, "rejected")):
        say(f"  an answer ({word}){' ' * (16 - len(word))}{_pack_of(root, code)}/report.html")
    for page in sorted(root.outbox.glob(f"{ACCEPTED}/*/*/training-*.html"))[-1:]:
        say(f"  a training module report     {page}")
    say(f"Then look around ({len(owed)} returns are overdue, as some always are):")
    say(f"  .venv/bin/sfp status --overdue --root {root.path}")
    say(f"  .venv/bin/sfp diff {EARLY} {NEWEST} --root {root.path}")


def _pack_of(root: Root, code: str) -> Path:
    """Return the folder of the answer to an authority's newest looked-after return."""
    table = _submissions(root)
    rows = table[(table["quarter"] == str(NEWEST)) & (table["la_code"] == code)]
    newest = rows[rows["return_name"].isin(_LOOKED_AFTER)].iloc[-1]
    return root.outbox / code / str(NEWEST) / str(newest["submission_id"])
