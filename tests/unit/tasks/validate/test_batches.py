"""Batches follow each other, in processes that stay while they are whole."""

import os

from tasks.validate import batches
from warehouse.ledger import Batch


def test_every_batch_is_judged_in_the_same_processes_and_in_new_ones_once_those_broke(
    root, actor, monkeypatch
):
    monkeypatch.setattr(batches, "PRELOAD", ())
    pools, answers = [], []

    def judge(_, pool):
        pools.append(pool)
        answers.append(pool.submit(abs, -1).result())
        if len(pools) == 2:
            assert pool.submit(os._exit, 1).exception() is not None
        return batches.BatchResult((), frozenset())

    three = [Batch("2023-24Q1", ("one",))] * 3
    assert len(list(batches.judge_batches(root, three, actor=actor, processes=2, judge=judge))) == 3
    assert pools[0] is pools[1]
    assert pools[2] is not pools[1]
    assert answers == [1, 1, 1]


def test_without_other_processes_everything_is_judged_here(root, actor):
    pools = []

    def judge(_, pool):
        pools.append(pool)
        return batches.BatchResult((), frozenset())

    two = [Batch("2023-24Q1", ("one",))] * 2
    list(batches.judge_batches(root, two, actor=actor, processes=1, judge=judge))
    assert pools == [None, None]
