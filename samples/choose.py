"""Which authorities to invent returns for."""

from __future__ import annotations

from schemas.authorities import authorities, lasting_code
from schemas.errors import UsageError
from schemas.trial import adopters


def in_use() -> tuple[str, ...]:
    """Return every authority whose code is in use today, in order of code."""
    return tuple(sorted(code for code, one in authorities().items() if one.valid_to is None))


def chosen_authorities(text: str) -> tuple[str, ...]:
    """Return the authorities meant by a number or by a list of codes.

    A number takes the adopters first, then other authorities by code; `E08000030,E10000017` takes
    those. A code that gave way to another of the same body is read as the lasting one.

    Raises:
        UsageError: the number is out of range, or a code is unknown or no longer in use.
    """
    if text.strip().isdigit():
        return _first(int(text))
    return tuple(dict.fromkeys(_known(code.strip()) for code in text.split(",")))


def _first(count: int) -> tuple[str, ...]:
    everyone = tuple(dict.fromkeys((*adopters(), *in_use())))
    if not 1 <= count <= len(everyone):
        raise UsageError(f"{count} authorities cannot be had. Ask for 1 to {len(everyone)}.")
    return everyone[:count]


def _known(code: str) -> str:
    lasting = lasting_code(code)
    if lasting not in in_use():
        raise UsageError(
            f"{code!r} is not an authority in use. Give nine-character codes such as E08000030, "
            "separated by commas, or a number."
        )
    return lasting
