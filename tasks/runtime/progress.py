"""How work that takes a while says where it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes one line about what is going on, for a person at a terminal; nothing from a child's row."""
