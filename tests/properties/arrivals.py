"""Invented returns dropped in some order, taken in burst by burst, refreshed and published.

    python -m tests.properties.arrivals ROOT SAMPLES SEED BURSTS

is how another process does it. Seed 0 is the order of the names, in one burst.
"""

import random
import shutil
import sys
from pathlib import Path

from tasks.cut.refresh import refresh_now
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from tasks.publish.publish_cut import publish_now
from warehouse.root import Root

KEYS = ("pseudonym.key", "storage.key", "tombstone.key")


def twin(path: Path, of: Root) -> Root:
    """Return a root of its own with the keys of another."""
    root = Root.at(path)
    root.key_file.parent.mkdir(parents=True)
    for name in KEYS:
        shutil.copy2(of.key_file.with_name(name), root.key_file.with_name(name))
    # Kept results end in a digest that is made with it.
    root.head_key_file.parent.mkdir()
    shutil.copy2(of.head_key_file, root.head_key_file)
    return set_up(root, settle_seconds=0.0, two_people=False)


def bursts_of(samples: Path, *, seed: int, bursts: int) -> list[list[Path]]:
    """Return every file of a drop folder, shuffled by the seed and dealt out."""
    files = sorted(path for path in (samples / "drop").rglob("*") if path.is_file())
    if seed:
        random.Random(seed).shuffle(files)
    return [files[place::bursts] for place in range(bursts)]


def ingest_in_bursts(root: Root, samples: Path, *, seed: int, bursts: int) -> None:
    """Drop the files burst by burst, sweeping after each."""
    for burst in bursts_of(samples, seed=seed, bursts=bursts):
        for path in burst:
            target = root.drop / path.relative_to(samples / "drop")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        sweep_once(root, wait=False, progress=lambda _: None)


def publish(root: Root) -> None:
    """Refresh, and make a final edition."""
    refresh_now(root, everything=False, progress=lambda _: None)
    publish_now(root, name="first", is_final=True, cut="latest")


if __name__ == "__main__":
    where, given, order, parts = sys.argv[1:]
    other = Root.at(where)
    ingest_in_bursts(other, Path(given), seed=int(order), bursts=int(parts))
    publish(other)
