"""Cuts and editions as operators list them."""

from __future__ import annotations

from typing import Any

from warehouse.cuts import all_cuts, all_editions, lost_cuts
from warehouse.releases import published_by
from warehouse.root import Root


def cut_rows(root: Root) -> list[dict[str, Any]]:
    """Return every cut: number, id, made_at, submissions, code_version, config_hash, key_id.

    With `lost`: why it cannot be computed again; empty when it can.
    """
    names = ("number", "id", "made_at", "submissions", "code_version", "config_hash", "key_id")
    lost = lost_cuts(root)
    return [
        {name: getattr(row, name) for name in names} | {"lost": lost.get(row.number, "")}
        for row in all_cuts(root)
    ]


def edition_rows(root: Root) -> list[dict[str, Any]]:
    """Return every edition: name, cut_id, is_final, made_at, folder, sha256.

    With `made_by`, and of a final one `drafted_by`: who made the draft that was read; empty where
    one person runs the root.
    """
    names = ("name", "cut_id", "is_final", "made_at", "folder", "sha256")
    people, nobody = published_by(root), {"made_by": "", "drafted_by": ""}
    return [
        {name: getattr(row, name) for name in names} | people.get(row.name, nobody)
        for row in all_editions(root)
    ]
