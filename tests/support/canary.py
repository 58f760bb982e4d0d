"""Sentinels in every field that names or tells of anybody, and the search for them."""

import csv
import io
import re
import zipfile
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.returns import RETURNS
from schemas.table import AtRest
from tests.support.files import workbook
from warehouse.cache import DIGEST_BYTES

MARK = "CNRY"
"""Begins every sentinel."""
NAMING = f"{MARK}P"
"""Begins those in fields that may not rest in the warehouse."""
KID = f"{MARK}KID"
LABELS = ("cohort",)
"""Fields that the contract prints: a cohort's label is the programme's own word for it."""
BORN = date(1911, 7, 13)
BIRTHS = ("13/07/1911", "1911-07-13")
BESIDE_THE_AUTHORITY = ("drop", "outbox")
"""What an authority sent, and what it was answered: no one else reads there."""


def tables_by_headings():
    found = {}
    for declared in RETURNS.values():
        for table in declared.tables:
            found[frozenset(c.sent_as for c in table.columns if c.sent_as)] = table
    return found


def sentinel(column, number):
    if column.name in LABELS:
        return None
    if column.name == "child_id":
        return f"{KID}{number}"
    if not pa.types.is_string(column.type) or (column.codes and column.at_rest is AtRest.AS_IS):
        return None
    kind = f"{MARK}A" if column.at_rest is AtRest.AS_IS else NAMING
    return f"{kind}{column.name[:8].upper()}{number}".replace("_", "")


def planted_row(row, table, number, *, broken):
    """A row with a sentinel in every text field; broken ones have a false date of birth, too."""
    columns = {column.sent_as: column for column in table.columns if column.sent_as}
    made = dict(row)
    for heading, column in columns.items():
        if heading not in made:
            continue
        if text := sentinel(column, number):
            made[heading] = text
        elif broken and pa.types.is_date(column.type):
            made[heading] = BIRTHS[0] if "birth" in column.name else "99/99/2023"
    return made


def plant_in_csv(path, tables, *, into_empty=False):
    """Add a sound row and a broken one, each with sentinels; say which table it was.

    Into a table without rows only where the return may be refused: one that keeps no row is.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names, rows = list(reader.fieldnames), list(reader)
    headings = set(names)
    table = max(tables, key=lambda key: len(key & headings) / len(key | headings))
    if not rows and not into_empty:
        return tables[table].name
    first = rows[0] if rows else dict.fromkeys(names, "")
    added = [planted_row(first, tables[table], n, broken=n == 2) for n in (1, 2)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows([*rows, *added])
    return tables[table].name


def plant_in_census(path):
    """Add two children to the census, with sentinels in whatever names them."""
    text = path.read_text()
    first = re.search(r"<Child>.*?</Child>", text, re.S).group(0)
    made = ""
    for number, born in ((1, None), (2, BIRTHS[1])):
        child = re.sub(r"(<LAchildID>)[^<]*", rf"\g<1>{KID}{number}", first)
        child = re.sub(r"(<UPN>)[^<]*", rf"\g<1>{NAMING}UPN{number}", child)
        if born:
            child = re.sub(r"(<PersonBirthDate>)[^<]*", rf"\g<1>{born}", child)
        made += child
    path.write_text(text.replace(first, first + made, 1))


def annex_a():
    """Every list of an inspection workbook, one row each, sentinels in every text field."""
    sheets = []
    for table in RETURNS["annex_a"].tables:
        headings = [column.sent_as for column in table.columns]
        row = [sentinel(column, 1) for column in table.columns]
        sheets.append((table.sent_as[:31], [headings, row]))
    return workbook(*sheets)


def plant(folder):
    """Plant in every file of one authority and quarter; return the tables met."""
    tables = tables_by_headings()
    met = {plant_in_csv(path, tables) for path in sorted(folder.rglob("*.csv"))}
    plant_in_census(folder / "cin_census.xml")
    (folder / "annex.xlsx").write_bytes(annex_a())
    (folder / "noise.csv").write_text(f"{NAMING}1 was seen on Monday\n")
    (folder / "broken.xml").write_text(f"<Message><Children><Child>{NAMING}2")
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04" + f"{NAMING}3".encode())
    return met


def plant_everywhere(folder):
    """Plant in every CSV file of one authority and quarter, in those without rows as well."""
    tables = tables_by_headings()
    for path in sorted(folder.rglob("*.csv")):
        plant_in_csv(path, tables, into_empty=True)


def opened(path):
    """The bytes of a file, and of what is packed inside it."""
    data = path.read_bytes()
    yield data
    if path.suffix in (".xlsx", ".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def holding(root, texts):
    wanted = [text.encode() for text in texts]
    return sorted(
        {
            str(path.relative_to(root.path))
            for path in root.path.rglob("*")
            if path.is_file() and path.relative_to(root.path).parts[0] not in BESIDE_THE_AUTHORITY
            for data in opened(path)
            if any(text in data for text in wanted)
        }
    )


def at_rest(root):
    """Every row in the warehouse and in the cache, as text."""
    for folder, after in ((root.tables, 0), (root.cache, DIGEST_BYTES)):
        for path in folder.rglob("*.parquet"):
            data = path.read_bytes()
            yield str(pq.read_table(io.BytesIO(data[: len(data) - after])).to_pylist())


def assert_nowhere_but_with_the_authority(root):
    """Search the whole root, packed files and rows at rest; the authority's own pack is found."""
    packs = [path.read_bytes() for path in root.outbox.rglob("findings.csv")]
    assert any(MARK.encode() in data for data in packs)
    found = holding(root, [MARK, *BIRTHS])
    # Fields declared to rest as they are sent (a provider's number, a meeting's outcome) do so,
    # under pseudonyms; what names a child does not, which is looked for in the rows themselves.
    assert [name for name in found if not name.startswith("warehouse/")] == []
    for rows in at_rest(root):
        assert NAMING not in rows
        assert KID not in rows
        assert repr(BORN) not in rows
