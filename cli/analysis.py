"""Commands that compute outcomes, effects, costs and training measures from a data cut."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    DEFAULT_ROOT,
    CutOption,
    Format,
    FormatOption,
    JsonOption,
    RootOption,
    opened,
)
from cli.printing import say, show, show_table


def refresh(
    root: RootOption = DEFAULT_ROOT,
    everything: Annotated[
        bool, typer.Option("--all", help="Compute every authority again.")
    ] = False,
) -> None:
    """Record a data cut and compute what changed since the last one.

    Example: sfp refresh --root var/live
    """
    from tasks.cut.refresh import refresh_now

    say(refresh_now(opened(root), everything=everything, progress=say))


def cuts(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Show every data cut.

    Example: sfp cuts --root var/live
    """
    from tasks.operate.listing import cut_rows

    show(cut_rows(opened(root)), as_json)


def outcomes(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
) -> None:
    """Print the restricted outcome table of a cut, unsuppressed.

    Every x and z has a reason; `sfp status --why` says what is meant and what to do.

    Example: sfp outcomes --root var/live --format csv
    """
    from tasks.cut.refresh import outcomes_of_cut
    from tasks.outcomes.authority import outcome_csv

    show_table(outcomes_of_cut(opened(root), cut, progress=say), chosen, outcome_csv)


def effects(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
    notes: Annotated[bool, typer.Option("--notes", help="The notes on each effect.")] = False,
) -> None:
    """Print the pre-specified stepped-wedge effects of a cut.

    With --notes: sizes, intracluster correlation, the smallest effect that could be found, whether
    the last wedge has a control, and a sentence to quote, for each effect.

    Example: sfp effects --root var/live --format csv
    """
    from schemas.plan import plan_hash
    from tasks.cut.refresh import cut_analysis
    from tasks.effects.text import effects_csv

    tables = cut_analysis(opened(root), cut, progress=say).effects
    say(f"analysis plan {plan_hash()}")
    show_table(tables.notes if notes else tables.effects, chosen, effects_csv)


def estimate(
    cells: Annotated[Path, typer.Argument(help="CSV: cluster, period, exposed, children, events.")],
    estimator: Annotated[str, typer.Option(help="Id of one estimator, or all.")] = "all",
    chosen: FormatOption = Format.CSV,
) -> None:
    """Run the same estimators on any cell table.

    Example: sfp estimate cells.csv --estimator fixed_effects_logit_cr2_satterthwaite
    """
    from tasks.effects.table import estimate_cells
    from tasks.effects.text import cells_from_csv, effects_csv

    found = estimate_cells(cells_from_csv(cells), estimator=estimator)
    show_table(found, chosen, effects_csv)


def costs(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
) -> None:
    """Print costs and benefits of a cut; prices.yaml under the root overrides declared prices.

    Example: sfp costs --root var/live --format csv
    """
    from tasks.costs.appraisal import as_csv
    from tasks.cut.refresh import cut_analysis

    show_table(cut_analysis(opened(root), cut, progress=say).costs.table, chosen, as_csv)


def training(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
) -> None:
    """Print measures of training: reaction, learning, behaviour, response; restricted.

    Example: sfp training --root var/live --format csv
    """
    from tasks.cut.refresh import tables_of_cut
    from tasks.training.authority import training_csv

    show_table(tables_of_cut(opened(root), cut, progress=say).training, chosen, training_csv)
