"""Options that several commands share, and the root that one of them names."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.service import HOME

if TYPE_CHECKING:
    from warehouse.root import Root

RootOption = Annotated[
    Path, typer.Option("--root", envvar="SFP_ROOT", help="Folder that holds everything.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine output on standard output.")]
CutOption = Annotated[str, typer.Option("--cut", help="Cut id or number; latest by default.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")]
DEFAULT_ROOT = HOME / "var" / "root"
"""Below the checkout: in the folder a command is typed in, anyone may have put a root of theirs."""
DEMO_ROOT = HOME / "var" / "demo"


class Format(StrEnum):
    """How a table is printed."""

    CSV = "csv"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="csv or json.")]


def opened(folder: Path) -> Root:
    """Return the root in a folder, which need not exist yet.

    Raises:
        UsageError: another user may write what decides what is run.
    """
    from tasks.operate.trusted_root import trusted_root

    return trusted_root(folder)
