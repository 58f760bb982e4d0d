"""Returns in a drop folder as outcomes read them: read and brought to rest, without any rule."""

from collections import defaultdict
from pathlib import Path

from pandas import DataFrame, concat

from schemas.authorities import lasting_code
from schemas.limits import LIMITS
from schemas.quarter import Quarter
from schemas.returns import RETURNS
from schemas.rows import AuthorityRows
from schemas.table import Coverage
from tasks.read import FileToRead, read_return
from tasks.read.recognise import recognise
from tasks.validate.at_rest import keyed, rows_at_rest
from warehouse.pseudonyms import pseudonyms
from warehouse.store import to_frame

KEY = b"invented children have no secrets"


def authority_rows(folder: Path) -> AuthorityRows:
    """Return everything one authority's drop folder holds, as if all of it were in force."""
    la_code = lasting_code(folder.name[:9])
    quarters = {Quarter.parse(child.name): child for child in sorted(folder.iterdir())}
    frames, covered, sent = defaultdict(list), defaultdict(set), defaultdict(set)
    for quarter, place in quarters.items():
        for name, files in returns_in(place).items():
            covered[name] |= set(spoken_for(name, quarter))
            if counts(name, quarter, list(quarters)):
                rows_by_table, tables = at_rest(name, files, quarter, la_code)
                for table in tables:
                    sent[table] |= set(spoken_for(name, quarter))
                for table, rows in rows_by_table.items():
                    frames[table].append(rows)
    whole = {table: concat(parts, ignore_index=True) for table, parts in frames.items()}
    return AuthorityRows(la_code, whole, frozen(covered), frozen(sent))


def frozen(found: dict[str, set[Quarter]]) -> dict[str, frozenset[Quarter]]:
    return {name: frozenset(quarters) for name, quarters in found.items()}


def returns_in(place: Path) -> dict[str, list[FileToRead]]:
    """Return the files of each return, recognised by what they hold."""
    found = defaultdict(list)
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        known = recognise(path, path.name, limits=LIMITS)
        found[known.return_name].append(FileToRead(path.name, path, known.part))
    return found


def spoken_for(name: str, quarter: Quarter) -> list[Quarter]:
    """Return the quarters a submission of the return covers."""
    if RETURNS[name].coverage is Coverage.YEAR_TO_DATE:
        return list(Quarter(quarter.year, 1).through(quarter))
    return [quarter]


def counts(name: str, quarter: Quarter, quarters: list[Quarter]) -> bool:
    """Return whether the submission is the last of its financial year, or the return quarterly."""
    if RETURNS[name].coverage is Coverage.QUARTER:
        return True
    return quarter == max(one for one in quarters if one.year == quarter.year)


def at_rest(
    name: str, files: list[FileToRead], quarter: Quarter, la_code: str
) -> tuple[dict[str, DataFrame], frozenset[str]]:
    """Return the rows of one submission as they rest, and the tables it brought."""

    def known(domain, ids):
        return pseudonyms(KEY, domain, la_code, ids)

    read = read_return(name, files, quarter, limits=LIMITS)
    tables = rows_at_rest(keyed(read, known), known)
    rows_by_table = {
        table: to_frame(rows).assign(quarter=str(quarter)).astype({"quarter": "str"})
        for table, rows in tables.items()
    }
    return rows_by_table, read.sent
