"""Options that several commands share, and the root that one of them names."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from warehouse.root import Root

RootOption = Annotated[
    Path, typer.Option("--root", envvar="SFP_ROOT", help="Folder that holds everything.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine output on standard output.")]
CutOption = Annotated[str, typer.Option("--cut", help="Cut id or number; latest by default.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")]
DEFAULT_ROOT = Path("var/root")


class Format(StrEnum):
    """How a table is printed."""

    CSV = "csv"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="csv or json.")]


def opened(folder: Path) -> Root:
    """Return the root in a folder, which need not exist yet."""
    from warehouse.root import Root

    return Root.at(folder)
