"""The programme delivery return of adopting authorities: one row for the quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from samples.forms import Occasion
from samples.forms.workforce import one_row


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the quarter; authorities without a model send none."""
    sent = occasion.history.delivery.get(occasion.quarter)
    if sent is not None:
        yield "programme_delivery.csv", one_row(occasion, asdict(sent))
