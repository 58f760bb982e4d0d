"""A name written into free text is found nowhere outside the restricted store."""

import shutil

import pytest

from samples.choose import chosen_authorities
from samples.trainees import PLANTED_NAME
from samples.write import write_samples
from schemas.quarter import Quarter
from tasks.cut.refresh import refresh_now, tables_of_cut
from tasks.intake.sweep import sweep_once
from tasks.publish.publish_cut import publish_now
from warehouse.store import read_part

MAY_HOLD_IT = ("drop",)
"""What the authority sent; landing and the restricted store are sealed."""


@pytest.mark.slow
def test_a_name_planted_in_free_text_stays_in_the_restricted_store(root, tmp_path):
    write_samples(
        tmp_path,
        authorities=chosen_authorities("1"),
        first=Quarter.parse("2023-24Q4"),
        last=Quarter.parse("2023-24Q4"),
        children=60,
        seed=2,
        faults="none",
        jobs=1,
    )
    shutil.copytree(tmp_path / "drop", root.drop, dirs_exist_ok=True)
    assert any(PLANTED_NAME in path.read_text("utf-8") for path in forms(root))
    assert not sweep_once(root, wait=False, progress=lambda _: None).has_rejections
    refresh_now(root, everything=False, progress=lambda _: None)
    publish_now(root, name="first", is_final=True, cut="latest")
    assert len(tables_of_cut(root, "latest").training)
    assert list(root.outbox.rglob("training-*.html"))
    texts = [
        str(read_part(root, str(path.relative_to(root.path))).to_pylist())
        for path in root.restricted_text.rglob("*.parquet")
    ]
    assert any(PLANTED_NAME in text for text in texts)
    assert holding(root, PLANTED_NAME) == []


def forms(root):
    return [path for path in root.drop.rglob("*.csv") if "training" in str(path)]


def holding(root, name):
    return [
        str(path.relative_to(root.path))
        for path in root.path.rglob("*")
        if path.is_file()
        and path.relative_to(root.path).parts[0] not in MAY_HOLD_IT
        and name.encode() in path.read_bytes()
    ]
