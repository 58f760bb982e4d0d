"""Commands that make editions and compare them."""

from __future__ import annotations

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
from cli.printing import plain_csv, say, show, show_table


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

    made = publish_now(opened(root), name=edition, is_final=final, cut=cut)
    typer.echo(made)


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
