"""A first look: invented returns of the 17 authorities through the whole pipeline.

Five years of history arrive as year-end returns and are taken in by one sweep. Then the service is
started and the newest quarter of three authorities arrives by events: one is accepted, one accepted
with queries, one rejected; a refreshed draft edition appears and is made final. Everything lies
under one folder.
"""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flows.service.serve import serving
from samples.choose import chosen_authorities
from samples.write import write_samples
from schemas.errors import PipelineError, UsageError
from schemas.quarter import Quarter
from tasks.cut.refresh import refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.listing import edition_rows
from tasks.operate.set_up import set_up
from tasks.operate.status import status_table
from tasks.publish.publish_cut import publish_now
from warehouse.root import Root

_FIRST = Quarter.parse("2019-20Q1")
NEWEST = Quarter.parse("2024-25Q1")
_CHILDREN = 300
SEED = 903
ACCEPTED, QUERIED, REJECTED = "E08000030", "E10000017", "E06000020"
MARKER = ".sfpc-demo"
_WAIT_SECONDS = 180.0
_HEADING_LOST = "DEC"

_Say = Callable[[str], None]


def run_demo(path: Path, *, say: _Say) -> int:
    """Play the demonstration under `path`, say what to open, and return the exit code.

    Raises:
        UsageError: `path` holds something that is not an earlier demonstration.
        PipelineError: a verdict or the draft edition did not appear in time.
    """
    tell = _with_clock(say)
    _clear(path)
    with _step(tell, "inventing five years of returns for 17 authorities"):
        _invent(path / "samples")
    root = set_up(Root.at(path), settle_seconds=2.0, two_people=False)
    _drop_history(root, path / "samples")
    with _step(tell, "taking the history in, in one sweep"):
        tell(sweep_once(root, wait=True, progress=tell).summary())
    with _step(tell, "computing every outcome"):
        tell(refresh_now(root, everything=False, progress=lambda _: None))
    tell("one person plays every part here, so editions are released by one (--one-person)")
    with _step(tell, "publishing the first edition"):
        first = publish_now(root, name=str(_before(NEWEST)), is_final=True, cut="latest")
    with serving(str(root.path), port=None, say=tell) as service:
        tell(f"the Prefect server is at {service.url} while the demo runs")
        tell(f"its pages ask for the secret in {root.server_secret_file}")
        _drop_newest(root, path / "samples")
        tell(f"three authorities have just sent {NEWEST}; events do all that follows")
        _await(lambda: _verdicts(root), "verdicts", tell)
        _await(lambda: _draft(root), "the refreshed draft edition", tell)
    with _step(tell, "making the draft final, as a person would after looking at it"):
        final = publish_now(root, name=str(NEWEST), is_final=True, cut="latest")
    _say_what_to_open(root, first, final, say)
    return 0


def _with_clock(say: _Say) -> _Say:
    began = time.monotonic()
    return lambda message: say(f"[{time.monotonic() - began:5.0f} s] {message}")


@contextmanager
def _step(tell: _Say, name: str) -> Iterator[None]:
    tell(f"{name} ...")
    yield


def _clear(path: Path) -> None:
    if path.exists() and any(path.iterdir()) and not (path / MARKER).exists():
        raise UsageError(f"{path} is not an earlier demo. Choose another --root.")
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    (path / MARKER).touch()


def _invent(out: Path) -> None:
    write_samples(
        out,
        authorities=chosen_authorities("17"),
        first=_FIRST,
        last=NEWEST,
        children=_CHILDREN,
        seed=SEED,
        faults="none",
        year_end_only=True,
    )


def _before(quarter: Quarter) -> Quarter:
    return Quarter.from_index(quarter.index - 1)


def _drop_history(root: Root, samples: Path) -> None:
    for authority in sorted((samples / "drop").iterdir()):
        for quarter in sorted(authority.iterdir()):
            if quarter.name != str(NEWEST):
                shutil.copytree(quarter, root.drop / authority.name / quarter.name)


def _drop_newest(root: Root, samples: Path) -> None:
    for code in (ACCEPTED, QUERIED, REJECTED):
        (authority,) = (samples / "drop").glob(f"{code}*")
        source = authority / str(NEWEST)
        if code == QUERIED:
            end_before_it_began(next(source.rglob("episodes.csv")))
        if code == REJECTED:
            lose_heading(next(source.rglob("episodes.csv")))
        shutil.copytree(source, root.drop / authority.name / str(NEWEST))


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


def _newest_rows(root: Root) -> dict[str, str]:
    table = status_table(root, today=datetime.now(UTC).date())
    rows = table[(table["quarter"] == str(NEWEST)) & (table["submission_id"] != "")]
    rows = rows[rows["return_name"].isin(["ssda903", "unrecognised"])]
    return dict(zip(rows["la_code"], rows["state"], strict=True))


def _verdicts(root: Root) -> str:
    states = _newest_rows(root)
    expected = {ACCEPTED, QUERIED, REJECTED}
    if set(states) != expected or "landed" in states.values():
        return ""
    return "; ".join(f"{code}: {state}" for code, state in sorted(states.items()))


def _draft(root: Root) -> str:
    drafts = [row for row in edition_rows(root) if not row["is_final"]]
    return f"draft edition {drafts[-1]['name']} has appeared" if drafts else ""


def _say_what_to_open(root: Root, first: str, final: str, say: _Say) -> None:
    say("\nOpen in a browser:")
    say(f"  the edition of the history   {first}/report.html")
    say(f"  the newest edition           {final}/report.html")
    say(f"  its workbook                 {final}/edition.xlsx")
    for code, word in ((ACCEPTED, "accepted"), (QUERIED, "queried"), (REJECTED, "rejected")):
        say(f"  an answer ({word}){' ' * (16 - len(word))}{_pack_of(root, code)}/report.html")
    for page in sorted(root.outbox.glob(f"{ACCEPTED}/*/*/training-*.html"))[-1:]:
        say(f"  a training module report     {page}")
    say("Then look around:")
    say(f"  .venv/bin/sfp status --root {root.path}")
    say(f"  .venv/bin/sfp diff {_before(NEWEST)} {NEWEST} --root {root.path}")


def _pack_of(root: Root, code: str) -> Path:
    """Return the folder of the answer to an authority's newest looked-after return."""
    table = status_table(root, today=datetime.now(UTC).date())
    rows = table[(table["quarter"] == str(NEWEST)) & (table["la_code"] == code)]
    newest = rows[rows["return_name"].isin(["ssda903", "unrecognised"])].iloc[-1]
    return root.outbox / code / str(NEWEST) / str(newest["submission_id"])
