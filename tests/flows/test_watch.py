import pytest

import flows.service.watch
from flows.service.watch import REPEAT_SECONDS, Memory, look
from tasks.intake.pending import Pending

SETTLE = 2.0


@pytest.fixture
def events(monkeypatch):
    """Ids of the events sent."""
    sent = []
    monkeypatch.setattr(
        flows.service.watch, "emit_event", lambda _name, resource, id: sent.append(id)
    )
    return sent


@pytest.fixture
def seen(monkeypatch):
    """Let the watcher look at what is said to wait."""
    memory = Memory()

    def looked(moment, files=(), unfinished=(), arriving=0):
        found = Pending(tuple(files), tuple(unfinished), arriving, SETTLE)
        monkeypatch.setattr(flows.service.watch, "pending", lambda _root, moment: found)
        return look("root", memory, moment=moment, say=lambda _: None)

    return looked


def test_a_burst_is_announced_once(seen, events):
    assert not seen(0)
    assert seen(1, files=["a", "b"])
    assert not seen(2, files=["a", "b"])
    assert not seen(3, files=["b"], unfinished=["s1"])
    assert not seen(4)
    assert len(events) == 1


def test_nothing_is_announced_while_files_are_still_arriving(seen, events):
    seen(0)
    assert not seen(1, files=["a"], arriving=3)
    assert seen(2, files=["a", "b", "c", "d"])
    assert len(events) == 1


def test_an_authority_that_never_stops_sending_does_not_keep_the_others_waiting(seen, events):
    seen(0)
    for second in range(1, 10):
        assert not seen(second, files=["a"], arriving=1)
    assert seen(12, files=["a"], arriving=1)


def test_what_was_left_unfinished_is_announced_when_the_watcher_starts(seen, events):
    assert seen(0, unfinished=["s1"])


def test_progress_is_no_reason_to_announce_again(seen, events):
    seen(0)
    seen(1, files=["a", "b"])
    for second, left in enumerate((["s1", "s2", "s3"], ["s2", "s3"], ["s3"]), start=50):
        assert not seen(second * 2, unfinished=left)
    assert len(events) == 1


def test_what_does_not_move_is_announced_again_with_growing_pauses(seen, events):
    seen(0)
    seen(1, files=["a"])
    assert not seen(REPEAT_SECONDS, files=["a"])
    assert seen(REPEAT_SECONDS + 1, files=["a"])
    assert not seen(2 * REPEAT_SECONDS + 1, files=["a"])
    assert seen(3 * REPEAT_SECONDS + 1, files=["a"])
    assert len(set(events)) == 3


def test_what_arrives_before_the_run_begins_sets_off_no_other(seen, events):
    seen(0)
    assert seen(1, files=["a"])
    for second in range(2, 9):
        assert not seen(second, files=["a", *"bcdefgh"[: second - 1]])
    assert seen(9, files=["i"], unfinished=["s1"])
    assert len(set(events)) == 2


def test_what_arrives_while_a_run_does_not_begin_is_announced_after_a_minute(seen, events):
    seen(0)
    seen(1, files=["a"])
    for second in range(2, int(REPEAT_SECONDS), 7):
        assert not seen(second, files=["a", f"b{second}"])
    assert seen(REPEAT_SECONDS + 1, files=["a", "c"])
    assert len(set(events)) == 2


def test_a_second_burst_is_announced_while_the_first_is_at_work(seen, events):
    seen(0)
    seen(1, files=["a"])
    assert seen(2, files=["b"], unfinished=["s1"])
    assert len(set(events)) == 2
