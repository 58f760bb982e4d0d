"""Commands that make editions and compare them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

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
from cli.printing import plain_csv, say, show, show_table

if TYPE_CHECKING:
    from warehouse.root import Root


def publish(
    root: RootOption = DEFAULT_ROOT,
    edition: Annotated[str, typer.Option(help="Name; made from the cut when left out.")] = "",
    final: Annotated[bool, typer.Option("--final", help="Final editions are immutable.")] = False,
    cut: CutOption = "latest",
    confirm: Annotated[
        str, typer.Option(help="Of a final one: hash of the read draft's disclosure report.")
    ] = "",
) -> None:
    """Make an edition from a cut: a draft, or with --final the edition that stands.

    A final edition is made of a draft by another person than the one who made it, who confirms the
    hash of its disclosure report: without --confirm, the command shows it and says what to read.

    Example: sfp publish --root var/live --edition 2023-24Q4 --final
    """
    from tasks.publish.publish_cut import publish_now

    at = opened(root)
    if final and not confirm and sys.stdin.isatty():
        confirm = _confirmed(at, edition, cut)
    typer.echo(publish_now(at, name=edition, is_final=final, cut=cut, confirm=confirm))


def _confirmed(root: Root, edition: str, cut: str) -> str:
    """Return what the person at the terminal typed, who was shown what to read; empty for none."""
    from tasks.publish.publish_cut import words_to_confirm
    from tasks.publish.release import SHORTEST_CONFIRMATION

    if not (words := words_to_confirm(root, name=edition, cut=cut)):
        return ""
    say(words)
    asked = f"To make it final, type the first {SHORTEST_CONFIRMATION} characters of the hash"
    return str(typer.prompt(asked, default="", show_default=False, err=True))


def editions(root: RootOption = DEFAULT_ROOT, as_json: JsonOption = False) -> None:
    """Show every edition and the cut it was made from.

    Example: sfp editions --root var/live
    """
    from tasks.operate.listing import edition_rows

    show(edition_rows(opened(root)), as_json)


def diff(
    earlier: Annotated[str, typer.Argument(help="Name of an edition, from `sfp editions`.")],
    later: Annotated[str, typer.Argument(help="Name of a later one.")],
    root: RootOption = DEFAULT_ROOT,
    chosen: FormatOption = Format.CSV,
) -> None:
    """Print which published figures moved between two editions, and which submissions moved them.

    Example: sfp diff 2023-24Q4 2024-25Q1-draft-0002 --root var/demo
    """
    from tasks.publish.publish_cut import edition_difference, edition_origin

    at = opened(root)
    before, after = edition_origin(at, earlier), edition_origin(at, later)
    for what, value in before.items():
        say(f"{what}: {'unchanged' if after[what] == value else f'{value} became {after[what]}'}")
    show_table(edition_difference(at, earlier, later), chosen, plain_csv)
