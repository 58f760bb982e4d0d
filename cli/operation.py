"""Commands that look after a root: set up, status, erase, rotate, retain, verify, copy."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ROOT, DryRunOption, JsonOption, RootOption, opened
from cli.printing import say, say_files, say_waiting, show
from schemas.errors import UsageError

if TYPE_CHECKING:
    from warehouse.root import Root


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
    unregister: Annotated[
        str, typer.Option(help="Codes to take out that never sent anything, comma-separated.")
    ] = "",
    new_drop: Annotated[
        bool, typer.Option("--new-drop", help="The drop folder was moved or made again for good.")
    ] = False,
    two_people: Annotated[
        bool | None,
        typer.Option(
            "--two-people/--one-person",
            help="Whether another person than the one who made a draft makes it final.",
        ),
    ] = None,
) -> None:
    """Make the folders, the key file and the ledger; safe to repeat.

    Example: sfp init --root var/live
    """
    from tasks.operate.set_up import set_up

    made = set_up(
        opened(root),
        authorities=tuple(code for code in authorities.split(",") if code),
        settle_seconds=settle_seconds,
        ledger_url=ledger_url,
        unregister=tuple(code for code in unregister.split(",") if code),
        is_new_drop=new_drop,
        two_people=two_people,
    )
    say(f"{made.path} is ready: put returns in {made.drop}/<authority>/<quarter>/")


def status(
    root: RootOption = DEFAULT_ROOT,
    as_json: JsonOption = False,
    only_overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write it as a self-contained page.")
    ] = None,
    metrics: Annotated[bool, typer.Option("--metrics", help="As Prometheus text.")] = False,
    why: Annotated[
        bool, typer.Option("--why", help="Why figures of the latest cut are not given.")
    ] = False,
) -> None:
    """Show who has sent what for which quarter, in what state, and what is overdue.

    With --why: per authority and outcome the quarters whose figure is x, z, or that of an earlier
    version, with the reason, the return, table and quarters that are meant, and what to do.

    Example: sfp status --root var/live --overdue
    """
    at, moment = opened(root), datetime.now(UTC)
    if page is not None:
        _write_page(at, moment, page)
    if metrics:
        _print_metrics(at, moment)
    if why:
        _print_why(at, as_json=as_json)
    elif page is None and not metrics:
        _print_status(at, moment, only_overdue=only_overdue, as_json=as_json)
    _require_drop_folder(at)
    _require_few_orphans(at)


def _require_few_orphans(root: Root) -> None:
    from tasks.operate.reconcile import orphan_words

    if words := orphan_words(root):
        say(f"sfp: {words}")
        raise typer.Exit(1)


def _require_drop_folder(root: Root) -> None:
    from tasks.operate.status import drop_folder_words

    if words := drop_folder_words(root):
        say(f"sfp: {words}")
        raise typer.Exit(1)


def _write_page(root: Root, moment: datetime, page: Path) -> None:
    from tasks.operate.status_page import status_html

    page.write_text(status_html(root, moment=moment), encoding="utf-8")
    say(f"written to {page}")


def _print_metrics(root: Root, moment: datetime) -> None:
    from tasks.operate.metrics import metrics_text

    typer.echo(metrics_text(root, moment=moment), nl=False)


def _print_why(root: Root, *, as_json: bool) -> None:
    from tasks.operate.why import why_rows

    show(why_rows(root), as_json)


def _print_status(root: Root, moment: datetime, *, only_overdue: bool, as_json: bool) -> None:
    from schemas.errors import DropFolderError
    from tasks.intake.settle import still_arriving
    from tasks.operate.status import (
        files_in_no_quarter,
        history_conflicts,
        overdue,
        refused_arrivals,
        status_table,
    )

    listed = overdue if only_overdue else status_table
    show(listed(root, today=moment.date()).to_dict("records"), as_json)
    window = root.settings().settle_seconds
    with suppress(DropFolderError):  # said at the end, once the ledger's part is printed
        say_waiting(still_arriving(root, settle_seconds=window, moment=moment.timestamp()))
    for row in refused_arrivals(root).itertuples():
        words = (row.outcome, f"{row.la_code}/{row.quarter}", row.files, row.code)
        say(": ".join(str(word) for word in words if word))
    for la_code, files in files_in_no_quarter(root).items():
        say(f"not placed: {la_code}: {files} in no folder of a quarter: QUARTER_UNKNOWN")
    for count in () if only_overdue else history_conflicts(root):
        say(f"histories: {count['la_code']}: {count['kind']}: {count['count']}")


def erase(
    authority: Annotated[str, typer.Option(help="Code of the authority that knows the child.")],
    ids: Annotated[
        typer.FileText,
        typer.Option(help="File with one identifier on each line; - reads standard input."),
    ] = "-",  # type: ignore[assignment]  # typer turns the name into the open file
    root: RootOption = DEFAULT_ROOT,
    dry_run: DryRunOption = False,
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
        opened(root),
        authority,
        ids.read().splitlines(),
        actor=Actor.here(),
        dry_run=dry_run,
        progress=say,
    )
    show(done.rows(), as_json)
    for label in done.without_force:
        say(f"not in force any more: {label}: without the child it was not accepted")
    left = ((path, "names a child or cannot be read") for path in done.left_in_drop)
    say_files("in the drop folder, where only the authority may remove it", left)


class Key(StrEnum):
    """Keys that can be changed."""

    STORAGE = "storage"
    PSEUDONYM = "pseudonym"


def rotate(
    key: Annotated[Key, typer.Argument(help="Which key: storage or pseudonym.")],
    root: RootOption = DEFAULT_ROOT,
) -> None:
    """Change a key: everything is written again with a new one, and no figure changes.

    Run it again to finish what was interrupted.

    Example: sfp rotate storage --root var/live
    """
    from tasks.privacy.rotate import rotate_pseudonym, rotate_storage
    from warehouse.ledger import Actor

    at, actor = opened(root), Actor.here()
    if key is Key.STORAGE:
        say(f"storage key changed: {rotate_storage(at, actor=actor)} files sealed again")
    else:
        count = rotate_pseudonym(at, actor=actor, progress=say)
        say(f"pseudonym key changed: {count} Parquet files written again")


def retain(
    root: RootOption = DEFAULT_ROOT,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove what has been kept as long as it may be; prints how much of each class.

    Example: sfp retain --root var/live --dry-run
    """
    from tasks.privacy.retain import by_class, retained
    from warehouse.ledger import Actor

    moment = datetime.now(UTC)
    found = retained(opened(root), moment=moment, dry_run=dry_run, actor=Actor.here())
    show(by_class(found), as_json)


def verify(
    root: RootOption = DEFAULT_ROOT,
    heads: Annotated[
        Path | None,
        typer.Option("--heads", help="Folder that signed heads of the chain were carried to."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that ledger, files, hashes and audit chain agree; exit 1 when they do not.

    With --heads also that nothing recorded before any head in that folder was rewritten.

    Example: sfp verify --heads /mnt/audit --root var/live
    """
    from tasks.operate.reconcile import newest_head_words, verified

    if heads is not None and not heads.is_dir():
        raise UsageError(f"verify: there is no folder {heads}. Mount it, or name the right one.")
    at = opened(root)
    found = verified(at, heads=heads and heads.absolute())
    show((vars(one) for one in found), as_json)
    if found:
        _require_few_orphans(at)
        raise typer.Exit(1)
    say("ledger, files, hashes and audit chain agree")
    say(newest_head_words(at, heads))


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

    at = opened(root)
    made = back_up(at, to)
    if keys is not None:
        say(f"{back_up_keys(at, keys)} key files copied to {keys}")
    say(f"{made.copied} files copied, {made.kept} unchanged")
    typer.echo(made.path)
    for place, count in sorted(made.left_out.items()):
        say(
            f"backup: {place}: {count} files or folders could not be read and are not in the copy. "
            "Let them be read, or remove them, and copy again."
        )
    if made.left_out:
        raise typer.Exit(1)


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
    from warehouse.backup import restore as restored_count

    count = restored_count(opened(root), source, keys=keys, ledger_url=ledger_url)
    say(f"{count} files restored to {root}; check it with: sfp verify --root {root}")
