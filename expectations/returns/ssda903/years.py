"""Across returns: what an authority said before, and says otherwise now."""

from pandas import Series

from expectations.dates import first_of_month
from expectations.gone import query_gone
from expectations.returns.ssda903.codes import RESPITE
from expectations.rows import Booleans, Rows, as_booleans
from expectations.rule import Condition
from expectations.rule_set import RuleSet, example
from expectations.scale import ENOUGH_ROWS, LARGE_CHANGE, LOST_SHARE
from schemas.returns.ssda903 import CHILDREN, EPISODES
from schemas.rows import CHILD_KEY

_CHILDREN = RuleSet(CHILDREN)
_EPISODES = RuleSet(EPISODES)
SAME_EPISODE = (CHILD_KEY, "episode_start")
APRIL, MAY, JUNE = "2023-04-01", "2023-05-01", "2023-06-01"


# Children


@_CHILDREN.query(
    "203",
    "DOB falls in another month than in the last return. Check it: it is the same child, or the "
    "identifier was used twice.",
    "birth_date",
    needs=("previous.children.birth_month",),
    fails=example(
        children=[{"birth_date": "2010-05-02"}],
        previous={"children": [{"birth_month": "2010-04-01"}]},
    ),
    passes=example(
        children=[{"birth_date": "2010-05-02"}],
        previous={"children": [{"birth_month": "2010-05-01"}]},
    ),
)
def _birth_month_changed(rows: Rows) -> Series:
    before = rows.match_previous("children", (CHILD_KEY,))["birth_month"]
    born = rows["children"]["birth_date"]
    return before.notna() & born.notna() & (first_of_month(born) != before)


def _changed(table: str, column: str, on: tuple[str, ...]) -> Condition:
    def broken(rows: Rows) -> Series:
        here, before = rows[table][column], rows.match_previous(table, on)[column]
        return here.notna() & before.notna() & (here != before)

    return broken


_CHILDREN.query(
    "204",
    "The ethnic origin differs from the last return. Check ETHNIC.",
    "ethnicity",
    needs=("previous.children.ethnicity",),
    fails=example(children=[{"ethnicity": "WBRI"}], previous={"children": [{"ethnicity": "BAFR"}]}),
    passes=example(
        children=[{"ethnicity": "WBRI"}], previous={"children": [{"ethnicity": "WBRI"}]}
    ),
)(_changed("children", "ethnicity", (CHILD_KEY,)))


@_CHILDREN.query(
    "202",
    "The sex differs from the last return. Check SEX.",
    "sex",
    needs=("previous.children.sex",),
    fails=(
        example(children=[{"sex": "1"}], previous={"children": [{"sex": "2"}]}),
        example(
            children=[{"sex": "M"}], previous={"children": [{"sex": "2"}]}, quarter="2024-25Q1"
        ),
    ),
    passes=(
        example(children=[{"sex": "1"}], previous={"children": [{"sex": "1"}]}),
        example(children=[{"sex": "M"}], previous={"children": [{"sex": "1"}]}),
    ),
)
def _is_of_another_sex(rows: Rows) -> Series:
    here = rows["children"]["sex"].replace({"1": "M", "2": "F"})
    before = rows.match_previous("children", (CHILD_KEY,))["sex"].replace({"1": "M", "2": "F"})
    known = here.isin(("M", "F")) & before.isin(("M", "F"))
    return known & (here != before)


@_CHILDREN.query(
    "CHANGE_LARGE",
    "The header names less than half the children of the submission it would replace. Check that "
    "nothing is missing, and send a note if it is right.",
    "child_id",
    table_level=True,
    needs=("earlier.children",),
    fails=example(
        children=[{"child_id": "1"}],
        earlier={"children": [{"child_id": str(n)} for n in range(20)]},
    ),
    passes=example(
        children=[{"child_id": str(n)} for n in range(10)],
        earlier={"children": [{"child_id": str(n)} for n in range(20)]},
    ),
)
def _children_halved(rows: Rows) -> bool:
    now, before = len(rows["children"]), len(rows.earlier("children"))
    return before >= ENOUGH_ROWS and now < before * (1 - LARGE_CHANGE)


@_CHILDREN.query(
    "NoE",
    "The child was looked after at the end of the last return and has no episode now. Add the "
    "episode, or say how the period of care ended.",
    "child_id",
    needs=(
        "episodes.child_id",
        "previous.episodes.episode_end",
        "previous.episodes.legal_status",
    ),
    fails=example(
        children=[{}],
        episodes=[{"child_id": "B"}],
        previous={"episodes": [{"legal_status": "C2"}]},
    ),
    passes=(
        example(children=[{}], episodes=[{}], previous={"episodes": [{"legal_status": "C2"}]}),
        example(
            children=[{}],
            episodes=[],
            previous={"episodes": [{"legal_status": "C2", "episode_end": MAY}]},
        ),
    ),
)
def _open_child_without_episode(rows: Rows) -> Booleans:
    was_open = _open_keys(rows)
    keys = rows["children"][CHILD_KEY]
    return as_booleans(keys.isin(was_open) & keys.ne(0)) & ~rows.has("children", "episodes")


def _open_keys(rows: Rows) -> Series:
    """Return the children looked after at the end of the last return."""
    before = rows.previous("episodes")
    runs = before["episode_end"].isna() & ~before["legal_status"].isin(RESPITE)
    return before.loc[runs, CHILD_KEY].drop_duplicates()


# Episodes


@_EPISODES.query(
    "SFP-CARE-LOST",
    "More than 5 % of the children looked after at the end of the last return are not in this one. "
    "Add their episodes, or say how their periods of care ended.",
    "child_id",
    table_level=True,
    needs=("previous.episodes.episode_end", "previous.episodes.legal_status"),
    fails=example(
        episodes=[{"child_id": str(n)} for n in range(18)],
        previous={"episodes": [{"child_id": str(n), "legal_status": "C2"} for n in range(20)]},
    ),
    passes=example(
        episodes=[{"child_id": str(n)} for n in range(19)],
        previous={"episodes": [{"child_id": str(n), "legal_status": "C2"} for n in range(20)]},
    ),
)
def _looked_after_children_lost(rows: Rows) -> bool:
    was_open = _open_keys(rows)
    lost = ~was_open.isin(rows["episodes"][CHILD_KEY])
    return len(was_open) >= ENOUGH_ROWS and float(lost.mean()) > LOST_SHARE


@_EPISODES.query(
    "CHANGE_LARGE",
    "The number of children looked after on the last day is less than half, or more than twice, "
    "that of the last return. Check that nothing is missing, and send a note if it is right.",
    "episode_end",
    table_level=True,
    needs=(
        "episodes.legal_status",
        "previous.episodes.episode_end",
        "previous.episodes.legal_status",
    ),
    fails=example(
        episodes=[{"child_id": "1", "legal_status": "C2"}],
        previous={"episodes": [{"child_id": str(n), "legal_status": "C2"} for n in range(20)]},
    ),
    passes=tuple(
        example(
            episodes=[{"child_id": str(n), "legal_status": "C2"} for n in range(now)],
            previous={"episodes": [{"child_id": str(n), "legal_status": "C2"} for n in range(20)]},
        )
        for now in (10, 40)
    ),
)
def _looked_after_halved_or_doubled(rows: Rows) -> bool:
    episodes, before = rows["episodes"], len(_open_keys(rows))
    runs = episodes["episode_end"].isna() & ~episodes["legal_status"].isin(RESPITE)
    now = episodes.loc[runs, CHILD_KEY].nunique()
    is_large = now < before * LARGE_CHANGE or now > before / LARGE_CHANGE
    return before >= ENOUGH_ROWS and is_large


@_EPISODES.query(
    "502",
    "The child was looked after at the end of the last return, in an episode that is not in this "
    "one. Check DECOM of the first episode.",
    "episode_start",
    needs=(
        "episodes.episode_end",
        "previous.episodes.episode_start",
        "previous.episodes.episode_end",
        "previous.episodes.legal_status",
    ),
    fails=example(
        episodes=[{"episode_start": "2022-06-02"}],
        previous={"episodes": [{"episode_start": "2022-06-01", "legal_status": "C2"}]},
    ),
    passes=example(
        episodes=[{"episode_start": "2022-06-01"}],
        previous={"episodes": [{"episode_start": "2022-06-01", "legal_status": "C2"}]},
    ),
)
def _open_episode_gone(rows: Rows) -> Booleans:
    before = rows.previous("episodes")
    runs = before["episode_end"].isna() & ~before["legal_status"].isin(RESPITE)
    was = before[runs & (before[CHILD_KEY] != 0)].groupby(CHILD_KEY)["episode_start"].max()
    expected = Series(was.reindex(rows["episodes"][CHILD_KEY]).array)
    found = rows.match_previous("episodes", SAME_EPISODE).found
    is_first = ~rows.before("episodes", ("episode_start", "episode_end")).found
    holds = Series(found).groupby(rows["episodes"][CHILD_KEY]).transform("any")
    return as_booleans(expected.notna()) & is_first & ~as_booleans(holds)


query_gone(_EPISODES)


_SAME = (
    ("503A", "start_reason", "reason for the new episode", "S", "P"),
    ("503B", "legal_status", "legal status", "C2", "C1"),
    ("503C", "need_code", "category of need", "N1", "N2"),
    ("503D", "placement_code", "placement", "U6", "K2"),
    ("503E", "placement_provider", "provider", "PR1", "PR4"),
    ("503F", "placement_urn", "Ofsted number", "SC012345", "SC012346"),
)


def _same_rule(code: str, column: str, what: str, one: str, other: str) -> None:
    here = [{"episode_start": MAY, column: one}]
    _EPISODES.query(
        code,
        f"The {what} of the episode differs from the last return. Check which is right.",
        column,
        needs=("episodes.episode_start", f"previous.episodes.{column}"),
        fails=example(
            episodes=here, previous={"episodes": [{"episode_start": MAY, column: other}]}
        ),
        passes=(
            example(episodes=here, previous={"episodes": [{"episode_start": MAY, column: one}]}),
            example(episodes=here, previous={"episodes": [{"episode_start": JUNE, column: other}]}),
        ),
    )(_changed("episodes", column, SAME_EPISODE))


for _column in _SAME:
    _same_rule(*_column)


@_EPISODES.query(
    "SFP-HISTORY",
    "The episode had ceased in the last return; now it is open, or ceased on another day. Check "
    "DEC.",
    "episode_end",
    needs=(
        "episodes.episode_start",
        "previous.episodes.episode_start",
        "previous.episodes.episode_end",
    ),
    fails=(
        example(
            episodes=[{"episode_start": APRIL}],
            previous={"episodes": [{"episode_start": APRIL, "episode_end": MAY}]},
        ),
        example(
            episodes=[{"episode_start": APRIL, "episode_end": JUNE}],
            previous={"episodes": [{"episode_start": APRIL, "episode_end": MAY}]},
        ),
    ),
    passes=(
        example(
            episodes=[{"episode_start": APRIL, "episode_end": MAY}],
            previous={"episodes": [{"episode_start": APRIL, "episode_end": MAY}]},
        ),
        example(
            episodes=[{"episode_start": APRIL, "episode_end": MAY}],
            previous={"episodes": [{"episode_start": APRIL}]},
        ),
    ),
)
def _episode_end_changed(rows: Rows) -> Series:
    before = rows.match_previous("episodes", SAME_EPISODE)["episode_end"]
    return before.notna() & (rows["episodes"]["episode_end"] != before)


RULES = (*_CHILDREN.rules, *_EPISODES.rules)
