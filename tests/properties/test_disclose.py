"""Whatever the table: nothing hidden can be worked out, and little more is hidden than must be.

The attacker here shares no code with `tasks/disclose`: it writes out every published number of
every edition as an equation over authorities and quarters, by loops, and asks a linear programme.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from schemas.trial import MODEL_NAMES
from tasks.disclose.attack import attack
from tasks.disclose.control import STATES, controlled
from tasks.disclose.earlier import Seen
from tasks.disclose.protect import protected
from tasks.disclose.system import system
from tasks.publish.totals import THIS_EDITION, totals_table
from tests.support.outcome_tables import AUTHORITIES, one_outcome

T = 5
QUARTERS = ("2021-22Q3", "2021-22Q4", "2022-23Q1", "2022-23Q2", "2022-23Q3", "2022-23Q4")
FEW_EXAMPLES = settings(max_examples=12, deadline=None, derandomize=True)

counts = st.one_of(st.integers(0, 9), st.integers(0, 60))
pairs = st.tuples(counts, counts).map(lambda pair: (pair[0], pair[0] + pair[1]))
cells = st.one_of(pairs, pairs, pairs, pairs, st.just((None, None)))
tables = st.lists(
    cells, min_size=len(AUTHORITIES) * len(QUARTERS), max_size=len(AUTHORITIES) * len(QUARTERS)
)


def numbered(counts):
    keys = list(itertools.product(AUTHORITIES, QUARTERS))
    return dict(zip(keys, counts, strict=True))


def covered(row, counts, sets):
    """Return the authorities and quarters that a published row adds up: all of its set, or none."""
    places = [row["place"]] if row["level"] == "la" else sets[row["place"]]
    quarters = [row["time"]]
    if row["span"] != "quarter":
        years = {q[:7] for q in QUARTERS if q[:7] <= row["time"]} - {"2021-22"}
        quarters = [q for q in QUARTERS if q[:7] in years]
    if row["span"] == "year":
        quarters = [q for q in quarters if q[:7] == row["time"]]
    keys = [(la, q) for la in places for q in quarters]
    return keys if all(counts[key][0] is not None for key in keys) else []


def named_sets(found, earlier):
    """Return the authorities that each practice model and Total adds up, as the edition says."""
    table = totals_table(found, earlier)
    table = table[table["set_of"] == THIS_EDITION]
    places = {name: model for model, name in MODEL_NAMES.items()}
    return {
        places.get(row["practice_model"], row["practice_model"]): row["new_la_codes"].split()
        for row in table.to_dict("records")
    }


class Attacker:
    """Collects what editions print, and bounds what they hide."""

    def __init__(self):
        self.names, self.truth, self.equations, self.secrets = {}, [], [], []

    def variable(self, side, key, value):
        name = (side, key, value)
        if name not in self.names:
            self.names[name] = len(self.names)
            self.truth.append(value)
        return self.names[name]

    def read(self, rows, counts, sets):
        for row in rows.to_dict("records"):
            keys = covered(row, counts, sets)
            for place, side in enumerate(("numerator", "denominator")):
                parts = [self.variable(side, key, counts[key][place]) for key in keys]
                state = row[f"{side}_state"]
                if state == "shown":
                    assert parts
                    assert sum(self.truth[p] for p in parts) == row[side]
                    self.equations.append((parts, row[side]))
                elif state in ("c", "held") and parts:
                    self.secrets.append(parts)
        for key, (numerator, denominator) in counts.items():
            if numerator is not None:
                self.variable("numerator", key, numerator)
                self.variable("denominator", key, denominator)

    def width(self, parts, pairs):
        count = len(self.names)
        goal = np.zeros(count)
        goal[parts] = 1.0
        equal = np.zeros((len(self.equations), count))
        for place, (members, _) in enumerate(self.equations):
            equal[place, members] += 1.0
        totals = np.array([total for _, total in self.equations], dtype=float)
        within = np.zeros((len(pairs), count))
        for place, (inner, outer) in enumerate(pairs):
            within[place, inner], within[place, outer] = 1.0, -1.0
        ends = []
        for sign in (1, -1):
            found = linprog(
                sign * goal,
                A_eq=equal if len(equal) else None,
                b_eq=totals if len(equal) else None,
                A_ub=within,
                b_ub=np.zeros(len(pairs)),
                bounds=(0, 10_000),
            )
            assert found.success
            ends.append(sign * found.fun)
        return ends[1] - ends[0]


def nested(attacker, *editions):
    """Return which variables lie within which: numerators within their denominators."""
    found = set()
    for counts in editions:
        for key, (numerator, denominator) in counts.items():
            if numerator is not None:
                inner = attacker.names["numerator", key, numerator]
                outer = attacker.names["denominator", key, denominator]
                found.add((inner, outer))
    return sorted(found)


def published(table, earlier=()):
    found = controlled(table, seen=list(earlier))
    assert found.is_safe
    states = found.rows[[*STATES, "numerator_state", "denominator_state"]]
    seen = Seen("earlier", table, states, found.figures.sets)
    return found.rows, seen, named_sets(found, earlier)


@FEW_EXAMPLES
@given(tables)
def test_no_hidden_figure_can_be_worked_out(counts):
    table = one_outcome("rereferral_12m", counts, quarters=QUARTERS)
    rows, _, sets = published(table)
    by_key = numbered(counts)
    attacker = Attacker()
    attacker.read(rows, by_key, sets)
    pairs = nested(attacker, by_key)
    for parts in {tuple(parts) for parts in attacker.secrets}:
        assert attacker.width(list(parts), pairs) >= T - 1e-6


@FEW_EXAMPLES
@given(tables)
def test_every_small_count_and_every_rate_made_from_one_is_hidden(counts):
    rows, _, _ = published(one_outcome("rereferral_12m", counts, quarters=QUARTERS))
    shown = rows[rows["numerator_symbol"] == ""]
    assert not shown["numerator"].between(1, T).any()
    valued = rows[rows["value_symbol"] == ""]
    assert not valued["denominator"].between(1, T).any()
    over = valued["denominator"] - valued["numerator"]
    assert not over.between(1, T).any()
    assert not ((over == 0) & (valued["numerator"] > 0)).any()


changes = st.lists(
    st.tuples(
        st.integers(0, len(AUTHORITIES) * len(QUARTERS) - 1), st.integers(-8, 8), st.integers(0, 8)
    ),
    min_size=1,
    max_size=5,
)


def changed(counts, moves):
    made = list(counts)
    for place, up, rest in moves:
        numerator, denominator = made[place]
        if numerator is None:
            made[place] = (rest, 3 * rest)
        else:
            numerator = max(numerator + up, 0)
            made[place] = (numerator, max(denominator, numerator) + rest)
    return made


@FEW_EXAMPLES
@given(tables, changes)
def test_no_difference_between_editions_gives_a_child_away(counts, moves):
    later = changed(counts, moves)
    tables_ = [one_outcome("rereferral_12m", each, quarters=QUARTERS) for each in (counts, later)]
    first, seen, sets = published(tables_[0])
    second, _, later_sets = published(tables_[1], [seen])
    both = first.merge(second, on=["outcome", "level", "place", "span", "time"])
    for side in ("numerator", "denominator"):
        gap = (both[f"{side}_x"] - both[f"{side}_y"]).abs()
        assert not gap.between(1, T).any()
        was_hidden = both[f"{side}_state_x"] == "c"
        assert not (both.loc[was_hidden, f"{side}_state_y"] == "shown").any()
    attacker = Attacker()
    attacker.read(first, numbered(counts), sets)
    attacker.read(second, numbered(later), later_sets)
    pairs = nested(attacker, numbered(counts), numbered(later))
    for parts in {tuple(parts) for parts in attacker.secrets}:
        if not _is_public(attacker, parts):
            assert attacker.width(list(parts), pairs) >= T - 1e-6


def _is_public(attacker, parts):
    """Return whether what is held back now is what an edition showed as it is."""
    return any(sorted(members) == sorted(parts) for members, _ in attacker.equations)


def family(draw, *, authorities, quarters):
    """Return a random table with totals both ways, as a system with one width for all."""
    values = draw.integers(0, 18, authorities * quarters).astype(float)
    grid = np.arange(len(values)).reshape(authorities, quarters)
    sums = [[each] for each in grid.ravel()]
    sums += [list(line) for line in grid] + [list(line) for line in grid.T] + [list(grid.ravel())]
    rows = np.zeros((len(sums), len(values)))
    for place, members in enumerate(sums):
        rows[place, members] = 1.0
    totals = rows @ values
    forced = (totals > 0) & (totals <= T)
    widths = np.full(len(sums), float(T))
    return system(values, csr_matrix(rows), forced=forced, widths=widths)


def fewest(made):
    """Return how many cells the best of all choices hides, trying every one."""
    free = np.flatnonzero(~made.forced)
    for more in range(len(free) + 1):
        for chosen in itertools.combinations(free, more):
            hidden = made.forced.copy()
            hidden[list(chosen)] = True
            if not attack(made, hidden).unsafe.any():
                return int(hidden.sum())
    raise AssertionError("hiding everything must be safe")


@pytest.mark.parametrize("seed", range(16))
def test_never_more_than_twice_the_cells_that_must_be_hidden(seed):
    shape = {"authorities": 2, "quarters": 3} if seed % 2 else {"authorities": 3, "quarters": 2}
    made = family(np.random.default_rng(seed), **shape)
    found = protected(made)
    assert not attack(made, found.hidden).unsafe.any()
    assert found.hidden.sum() <= 2 * fewest(made)


@pytest.mark.parametrize("seed", range(6))
def test_larger_families_are_protected_step_by_step(seed):
    made = family(np.random.default_rng(seed), authorities=12, quarters=12)
    found = protected(made)
    assert not attack(made, found.hidden).unsafe.any()
    assert (found.hidden & ~made.forced).sum() <= 2 * made.forced.sum()
