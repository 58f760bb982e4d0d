"""DuckDB over the Parquet files that outcomes read: the floor under any refresh.

    python -m benchmarks.national_scan ROOT

Of every table, per authority, the rows and the largest value of each column that outcomes read.
"""

from __future__ import annotations

import json
import sys

import duckdb

from schemas.derived import COLUMNS_READ

QUARTERLY = ("workforce", "programme_delivery")


def main() -> None:
    (root,) = sys.argv[1:]
    rows = 0
    with duckdb.connect() as database:
        database.execute("SET threads = 2")
        for table in (*COLUMNS_READ, *QUARTERLY):
            files = f"{root}/warehouse/{table}/*/*/*.parquet"
            if database.execute("SELECT count(*) FROM glob(?)", [files]).fetchall() == [(0,)]:
                continue
            source = f"read_parquet('{files}', hive_partitioning = true, union_by_name = false)"
            there = {row[0] for row in database.execute(f"DESCRIBE FROM {source}").fetchall()}
            wanted = [
                *COLUMNS_READ.get(table, ()),
                *(("child_key",) if table in COLUMNS_READ else ()),
            ]
            columns = ", ".join(f'max("{name}")' for name in wanted if name in there)
            query = (
                f"SELECT la_code, count(*), {columns or 'max(quarter)'} FROM {source} GROUP BY 1"
            )
            rows += sum(found[1] for found in database.execute(query).fetchall())
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
