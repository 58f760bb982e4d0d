"""The blocks of docs/operations.md, with what proves each."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
_BLOCK = re.compile(
    r"(?:<!-- (?P<kind>run by|block): (?P<said>.+?) -->\n)?```sh\n(?P<text>.*?)```", re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """One fenced block: its commands, the name it has, and what runs it in our place."""

    text: str
    name: str
    run_by: str


def blocks():
    return [
        Block(
            found["text"],
            found["said"] if found["kind"] == "block" else found["text"].splitlines()[0],
            found["said"] if found["kind"] == "run by" else "",
        )
        for found in _BLOCK.finditer(PAGE.read_text("utf-8"))
    ]
