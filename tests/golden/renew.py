"""`make golden`: store the tables of the synthetic quarter again, and print which changed."""

import sys
import tempfile
from pathlib import Path

from tests.golden.quarter import STORED, golden_tables


def stored_tables():
    """Return name to text of what is stored."""
    return {
        str(path.relative_to(STORED)): path.read_bytes().decode("utf-8")
        for path in sorted(STORED.rglob("*"))
        if path.is_file()
    }


def differences(before, after):
    """Return one line for each table that is new, gone or changed."""
    named = {
        "new": after.keys() - before.keys(),
        "gone": before.keys() - after.keys(),
        "changed": {name for name in before.keys() & after.keys() if before[name] != after[name]},
    }
    return [f"{what}: {name}" for what, names in named.items() for name in sorted(names)]


def renew(tables):
    """Store the tables given in place of those stored; return what differs."""
    found = differences(stored_tables(), tables)
    for name in stored_tables().keys() - tables.keys():
        (STORED / name).unlink()
    for name, text in tables.items():
        (STORED / name).parent.mkdir(parents=True, exist_ok=True)
        (STORED / name).write_bytes(text.encode("utf-8"))
    return found


def main():
    """Renew the stored tables; a person reads the diff before committing it."""
    with tempfile.TemporaryDirectory(prefix="sfpc-golden-") as folder:
        found = renew(golden_tables(Path(folder)))
    print("\n".join(found) or "no table changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
