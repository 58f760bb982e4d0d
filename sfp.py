"""The command line: a front door without logic of its own.

Facts go to standard output, progress and messages to standard error. Exit codes: 0 done; 1 a fault
in the run; 2 wrong usage; 3 done, and at least one submission was rejected or held.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pandas import DataFrame

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Returns of children's social care: take them in, compute outcomes, publish.",
)

RootOption = Annotated[
    Path, typer.Option("--root", envvar="SFP_ROOT", help="Folder that holds everything.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine output on standard output.")]
CutOption = Annotated[str, typer.Option("--cut", help="Cut id or number; latest by default.")]
DEFAULT_ROOT = Path("var/root")
REJECTED = 3


class Format(StrEnum):
    """How a table is printed."""

    CSV = "csv"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="csv or json.")]


def say(message: str) -> None:
    """Tell the person at the terminal; never mixed with facts."""
    typer.echo(message, err=True)


def show(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    """Print rows as JSON, or as aligned columns."""
    found = [dict(row) for row in rows]
    if as_json:
        typer.echo(json.dumps(found, default=str, ensure_ascii=False))
        return
    if not found:
        typer.echo("(none)")
        return
    names = list(found[0])
    widths = [max(len(n), *(len(str(row[n])) for row in found)) for n in names]
    for cells in (names, *([str(row[n]) for n in names] for row in found)):
        pairs = zip(cells, widths, strict=True)
        typer.echo("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())


def show_table(table: DataFrame, chosen: Format, csv: Callable[[DataFrame], str]) -> None:
    """Print a table of the contract in the form asked for."""
    if chosen is Format.CSV:
        typer.echo(csv(table), nl=False)
        return
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    typer.echo(json.dumps(rows, ensure_ascii=False))


def plain_csv(table: DataFrame) -> str:
    """Return a table as CSV text."""
    return str(table.to_csv(index=False, lineterminator="\n"))


@app.command()
def init(
    root: RootOption = DEFAULT_ROOT,
    authorities: Annotated[
        str, typer.Option(help="Codes to register besides the 17 adopters, comma-separated.")
    ] = "",
    settle_seconds: Annotated[
        float | None, typer.Option(help="How long a file must lie unchanged to be taken in.")
    ] = None,
    ledger_url: Annotated[
        str | None, typer.Option(help="SQLAlchemy address of a ledger on PostgreSQL.")
    ] = None,
) -> None:
    """Make the folders, the key file and the ledger; safe to repeat.

    Example: sfp init --root var/live
    """
    from tasks.operate.set_up import set_up

    made = set_up(
        _root(root),
        authorities=tuple(code for code in authorities.split(",") if code),
        settle_seconds=settle_seconds,
        ledger_url=ledger_url,
    )
    say(f"{made.path} is ready: put returns in {made.drop}/<authority>/<quarter>/")


@app.command()
def samples(
    out: Annotated[Path, typer.Argument(help="Folder to write to; must not exist or be empty.")],
    authorities: Annotated[str, typer.Option(help="How many, or codes with commas.")] = "17",
    first: Annotated[str, typer.Option("--from", help="First quarter.")] = "2019-20Q1",
    last: Annotated[str, typer.Option("--to", help="Last quarter.")] = "2023-24Q4",
    children: Annotated[int, typer.Option(help="Referrals per authority and year.")] = 1500,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    faults: Annotated[str, typer.Option(help="none or realistic.")] = "none",
    year_end_only: Annotated[
        bool, typer.Option("--year-end-only", help="Only fourth-quarter returns.")
    ] = False,
) -> None:
    """Write invented returns in the real formats, with the truth beside them.

    Example: sfp samples var/samples --authorities 2 --from 2022-23Q1 --to 2023-24Q4
    """
    from samples.choose import chosen_authorities
    from samples.write import write_samples
    from schemas.quarter import Quarter

    write_samples(
        out,
        authorities=chosen_authorities(authorities),
        first=Quarter.parse(first),
        last=Quarter.parse(last),
        children=children,
        seed=seed,
        faults=faults,
        year_end_only=year_end_only,
        progress=say,
    )
    say(f"written to {out}; copy {out}/drop into a root's drop folder")


@app.command()
def templates(
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    year: Annotated[int, typer.Option(help="Collection year: the one its 31 March is in.")] = 2026,
) -> None:
    """Write a template workbook per return, with a data dictionary and drop-down codes.

    Example: sfp templates var/templates --year 2026
    """
    from tasks.operate.template_workbooks import write_templates

    for path in write_templates(out, year=year):
        typer.echo(str(path))


@app.command()
def sweep(
    root: RootOption = DEFAULT_ROOT,
    as_json: JsonOption = False,
    wait: Annotated[
        bool, typer.Option(help="Wait for files still settling, at most one settle window.")
    ] = True,
) -> None:
    """Take in everything that has settled in the drop folder, once, without a server.

    Example: sfp sweep --root var/live
    """
    raise typer.Exit(_sweep(_root(root), as_json=as_json, wait=wait))


def _sweep(root: Any, *, as_json: bool, wait: bool) -> int:
    from tasks.intake.sweep import sweep_once

    swept = sweep_once(root, wait=wait, progress=say)
    for name, code in swept.refused:
        say(f"not taken: {name}: {code}")
    for waiting in swept.waiting:
        say(f"waiting: {waiting.name}: FILE_STILL_ARRIVING ({waiting.seconds:.0f} s)")
    show((found.row() for found in swept.taken), as_json)
    say(swept.summary())
    if swept.has_faults:
        return 1
    return REJECTED if swept.has_rejections else 0


@app.command()
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

    say(refresh_now(_root(root), everything=everything, progress=say))


@app.command()
def publish(
    root: RootOption = DEFAULT_ROOT,
    edition: Annotated[str, typer.Option(help="Name; made from the cut when left out.")] = "",
    final: Annotated[bool, typer.Option("--final", help="Final editions are immutable.")] = False,
    cut: CutOption = "latest",
) -> None:
    """Make an edition from a cut.

    Example: sfp publish --root var/live --edition 2023-24Q4 --final
    """
    from tasks.publish.publish_cut import publish_now

    made = publish_now(_root(root), name=edition, is_final=final, cut=cut)
    typer.echo(made)


@app.command()
def run(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Sweep, refresh and publish a draft: what a schedule does.

    Example: sfp run --root var/live
    """
    from tasks.cut.refresh import refresh_now
    from tasks.publish.publish_cut import publish_now

    opened = _root(root)
    code = _sweep(opened, as_json=as_json, wait=True)
    say(refresh_now(opened, everything=False, progress=say))
    say(f"draft: {publish_now(opened, name='', is_final=False, cut='latest')}")
    raise typer.Exit(code)


@app.command()
def serve(
    root: RootOption = DEFAULT_ROOT,
    port: Annotated[int, typer.Option(help="Port of the Prefect server.")] = 4200,
) -> None:
    """Run the server, work pool, deployments, worker and watcher; Ctrl-C stops them all.

    Example: sfp serve --root var/live
    """
    from flows.service.serve import serve as serve_all

    opened = _root(root)
    opened.settings()
    serve_all(str(opened.path), port=port, say=say)


@app.command()
def deploy() -> None:
    """Put work pool, deployments and automations on a running server; safe to repeat.

    Example: sfp deploy (PREFECT_API_URL names the server, SFP_ROOT the root its runs work on)
    """
    from flows.service.deploy import deploy as put_in_place

    put_in_place(say=say)


@app.command()
def watch(root: RootOption = DEFAULT_ROOT) -> None:
    """Watch the drop folder and tell the server when uploads have gone quiet.

    Example: sfp watch --root var/live (PREFECT_API_URL names the server)
    """
    from flows.service.watch import watch as watch_drop

    opened = _root(root)
    opened.settings()
    watch_drop(str(opened.path), say=say)


@app.command()
def status(
    root: RootOption = DEFAULT_ROOT,
    as_json: JsonOption = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write it as a self-contained page.")
    ] = None,
    metrics: Annotated[bool, typer.Option("--metrics", help="As Prometheus text.")] = False,
) -> None:
    """Show who has sent what for which quarter, in what state, and what is overdue.

    Example: sfp status --root var/live --overdue
    """
    from tasks.intake.settle import still_arriving
    from tasks.operate.status import conflict_counts, refused_arrivals, status_table

    opened = _root(root)
    moment = datetime.now(UTC)
    if page is not None or metrics:
        _show_status(opened, moment, page=page, metrics=metrics)
        return
    table = status_table(opened, today=moment.date())
    show((table[table["overdue"]] if overdue else table).to_dict("records"), as_json)
    window = opened.settings().settle_seconds
    for waiting in still_arriving(opened, settle_seconds=window, moment=moment.timestamp()):
        say(f"waiting: {waiting.name}: FILE_STILL_ARRIVING ({waiting.seconds:.0f} s)")
    for row in refused_arrivals(opened).to_dict("records"):
        say(f"{row['outcome']}: {row['la_code']}/{row['quarter']}/{row['name']}: {row['code']}")
    for row in conflict_counts(opened):
        say(f"histories: {row['la_code']}: {row['kind']}: {row['count']}")


def _show_status(root: Any, moment: datetime, *, page: Path | None, metrics: bool) -> None:
    from tasks.operate.metrics import metrics_text
    from tasks.operate.status_page import status_html

    if page is not None:
        page.write_text(status_html(root, moment=moment), encoding="utf-8")
        say(f"written to {page}")
    if metrics:
        typer.echo(metrics_text(root, moment=moment), nl=False)


@app.command()
def findings(
    submission: Annotated[str, typer.Argument(help="Submission id, from `sfp status`.")],
    root: RootOption = DEFAULT_ROOT,
    as_json: JsonOption = False,
) -> None:
    """Show every rule's status on a submission; the values are in the authority's own pack.

    Example: sfp findings 0123456789abcdef --root var/live
    """
    from tasks.operate.status import findings_of

    show(findings_of(_root(root), submission), as_json)


@app.command()
def rules(
    code: Annotated[str, typer.Argument(help="One rule; all when left out.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show every rule: code, words, reach, fields, years.

    Example: sfp rules 101
    """
    from expectations.book import rule_rows

    show(rule_rows(code), as_json)


@app.command()
def outcomes(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
) -> None:
    """Print the restricted outcome table of a cut, unsuppressed.

    Example: sfp outcomes --root var/live --format csv
    """
    from tasks.cut.refresh import tables_of
    from tasks.outcomes.authority import outcome_csv

    show_table(tables_of(_root(root), cut, progress=say).outcomes, chosen, outcome_csv)


@app.command()
def effects(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
    notes: Annotated[bool, typer.Option("--notes", help="What stands beside each.")] = False,
) -> None:
    """Print the pre-specified stepped-wedge effects of a cut.

    With --notes: what stands beside each: sizes, intracluster correlation, smallest effect that
    could be found, whether the last wedge has a control, and a sentence to quote.

    Example: sfp effects --root var/live --format csv
    """
    from schemas.plan import plan_hash
    from tasks.cut.refresh import analysed
    from tasks.effects.text import effects_csv

    tables = analysed(_root(root), cut, progress=say).effects
    say(f"analysis plan {plan_hash()}")
    show_table(tables.notes if notes else tables.effects, chosen, effects_csv)


@app.command()
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


@app.command()
def costs(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
) -> None:
    """Print costs and benefits of a cut; prices.yaml under the root overrides declared prices.

    Example: sfp costs --root var/live --format csv
    """
    from tasks.costs.appraisal import as_csv
    from tasks.cut.refresh import analysed

    show_table(analysed(_root(root), cut, progress=say).costs.table, chosen, as_csv)


@app.command()
def training(
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
    cut: CutOption = "latest",
) -> None:
    """Print what training feedback says: reaction, learning, behaviour, response; restricted.

    Example: sfp training --root var/live --format csv
    """
    from tasks.cut.refresh import tables_of
    from tasks.training.authority import training_csv

    show_table(tables_of(_root(root), cut, progress=say).training, chosen, training_csv)


@app.command()
def cuts(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Show every data cut.

    Example: sfp cuts --root var/live
    """
    from tasks.operate.listing import cut_rows

    show(cut_rows(_root(root)), as_json)


@app.command()
def editions(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Show every edition and the cut it was made from.

    Example: sfp editions --root var/live
    """
    from tasks.operate.listing import edition_rows

    show(edition_rows(_root(root)), as_json)


@app.command()
def diff(
    earlier: Annotated[str, typer.Argument(help="Name of an edition, from `sfp editions`.")],
    later: Annotated[str, typer.Argument(help="Name of a later one.")],
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
) -> None:
    """Print which published figures moved between two editions, and which submissions moved them.

    Example: sfp diff 2023-24Q4 2024-25Q1-draft-0002 --root var/demo
    """
    from tasks.publish.publish_cut import edition_difference, made_from

    opened = _root(root)
    before, after = made_from(opened, earlier), made_from(opened, later)
    for what, value in before.items():
        say(f"{what}: {'unchanged' if after[what] == value else f'{value} became {after[what]}'}")
    show_table(edition_difference(opened, earlier, later), chosen, plain_csv)


@app.command()
def erase(
    authority: Annotated[str, typer.Option(help="Code of the authority that knows the child.")],
    ids: Annotated[
        typer.FileText,
        typer.Option(help="File with one identifier on each line; - reads standard input."),
    ] = "-",  # type: ignore[assignment]  # typer turns the name into the open file
    root: RootOption = DEFAULT_ROOT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase children of one authority from everything, as if they had never been sent.

    Identifiers are read from a file or standard input, one a line, never from the command line:
    other users of the machine can see that. Run it again to finish what was interrupted.

    Example: sfp erase --authority E08000030 --ids ids.txt --dry-run --root var/live
    """
    from tasks.privacy.erase import erase as erase_children
    from warehouse.ledger import Actor

    done = erase_children(
        _root(root),
        authority,
        ids.read().splitlines(),
        actor=Actor.here(),
        dry_run=dry_run,
        progress=say,
    )
    show(done.rows(), as_json)
    for label in done.without_force:
        say(f"not in force any more: {label}: without the child it was not accepted")
    for name in done.left_in_drop:
        say(
            "in the drop folder, where only the authority may remove it, a file still names a "
            f"child or cannot be read: {name}"
        )


class Key(StrEnum):
    """Keys that can be changed."""

    STORAGE = "storage"
    PSEUDONYM = "pseudonym"


@app.command()
def rotate(
    key: Annotated[Key, typer.Argument(help="Which key: storage or pseudonym.")],
    root: RootOption = DEFAULT_ROOT,
) -> None:
    """Change a key: everything is made again with a new one, and every figure stays as it was.

    Run it again to finish what was interrupted.

    Example: sfp rotate storage --root var/live
    """
    from tasks.privacy.rotate import rotate_pseudonym, rotate_storage
    from warehouse.ledger import Actor

    opened, actor = _root(root), Actor.here()
    if key is Key.STORAGE:
        say(f"storage key changed: {rotate_storage(opened, actor=actor)} files sealed anew")
    else:
        count = rotate_pseudonym(opened, actor=actor, progress=say)
        say(f"pseudonym key changed: {count} Parquet files made again")


@app.command()
def retain(
    root: RootOption = DEFAULT_ROOT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove what has been kept as long as it may be; prints how much of each class.

    Example: sfp retain --root var/live --dry-run
    """
    from tasks.privacy.retain import by_class, retained
    from warehouse.ledger import Actor

    moment = datetime.now(UTC)
    found = retained(_root(root), moment=moment, dry_run=dry_run, actor=Actor.here())
    show(by_class(found), as_json)


@app.command()
def verify(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Check that ledger, files, hashes and audit chain agree; exit 1 when they do not.

    Example: sfp verify --root var/live
    """
    from tasks.operate.reconcile import verified

    found = verified(_root(root))
    show((vars(one) for one in found), as_json)
    if found:
        raise typer.Exit(1)
    say("ledger, files, hashes and audit chain agree")


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(help="Folder of the copies, on another disk.")],
    root: RootOption = DEFAULT_ROOT,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="Copy the keys too, to this other folder.")
    ] = None,
) -> None:
    """Copy ledger and files of a living root; unchanged files share their bytes with the last copy.

    Example: sfp backup /mnt/backup/sfp --root /srv/sfp --keys /mnt/safe/sfp-keys
    """
    from warehouse.backup import back_up, back_up_keys

    made = back_up(_root(root), to)
    if keys is not None:
        say(f"{back_up_keys(_root(root), keys)} key files copied to {keys}")
    say(f"{made.copied} files copied, {made.kept} unchanged")
    typer.echo(made.path)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Folder of one copy, as `sfp backup` printed.")],
    keys: Annotated[Path, typer.Option("--keys", help="Folder the keys were copied to.")],
    root: RootOption = DEFAULT_ROOT,
    ledger_url: Annotated[
        str | None, typer.Option(help="Address of an empty database, if not the one before.")
    ] = None,
) -> None:
    """Make a new root from a copy and its keys; then run `sfp verify`.

    Example: sfp restore /mnt/backup/sfp/20261121T020000Z --keys /mnt/safe/sfp-keys --root /srv/sfp
    """
    from warehouse.backup import restore as make_again

    count = make_again(_root(root), source, keys=keys, ledger_url=ledger_url)
    say(f"{count} files restored to {root}; check it with: sfp verify --root {root}")


@app.command()
def demo(
    root: RootOption = Path("var/demo"),
) -> None:
    """Take invented returns of the 17 authorities through the whole pipeline, by events.

    Example: sfp demo
    """
    from demo import run_demo

    raise typer.Exit(run_demo(root.absolute(), say=say))


def _root(path: Path) -> Any:
    from warehouse.root import Root

    return Root.at(path)


def main() -> None:
    """Run the command line; faults we raise on purpose are told in one line, without a trace."""
    from schemas.errors import PipelineError, UsageError

    # Whatever any library writes under a root, Prefect's server included, is its owner's alone;
    # except where the service was started with a umask that lets its group in and nobody else
    # (deploy/systemd): then each folder says what its group may read (warehouse/root.py).
    given = os.umask(0o077)
    if given & 0o007 == 0o007:
        os.umask(given)
    try:
        app()
    except UsageError as error:
        say(f"sfp: {error}")
        sys.exit(2)
    except PipelineError as error:
        say(f"sfp: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("sfp: interrupted")
        sys.exit(1)
    except Exception as error:  # its text may quote a row: only kind and place are told
        from tasks.runtime.faults import kind_and_place

        say(f"sfp: a fault of ours: {kind_and_place(error)}. Tell the engineers.")
        sys.exit(1)


if __name__ == "__main__":
    main()
