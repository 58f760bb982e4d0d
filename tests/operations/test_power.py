"""What a command has finished outlasts a loss of power a moment later, if the disk is honest.

The loss is the worst there can be: every name that was changed since its folder was forced to disk
is taken back, and every file whose bytes were not forced to disk is empty.
"""

import shutil
from collections import Counter

import pytest

import warehouse.landing
import warehouse.outbox
import warehouse.root
import warehouse.sealed
from benchmarks.soak.power import lose, work_noted
from benchmarks.soak.twins import differing, settled_state, twin
from tasks.intake.sweep import sweep_once
from tasks.operate.reconcile import verified
from tasks.operate.set_up import set_up
from tasks.privacy.erase import erase
from tasks.privacy.rotate import rotate_storage
from warehouse.ledger import Actor
from warehouse.root import Root

from .conftest import SMALL, WALSALL

ACTOR = Actor("tester", "test")


def quiet(_):
    return


@pytest.fixture(scope="module")
def filled(tmp_path_factory, put):
    """A root that took in a return which names children."""
    root = set_up(Root.at(tmp_path_factory.mktemp("filled") / "root"), settle_seconds=0.0)
    put(root, WALSALL, "2023-24Q1", *SMALL[:2])
    sweep_once(root, wait=False, progress=quiet)
    return root


def child_of(root):
    (sent,) = root.drop.glob(f"{WALSALL}*/2023-24Q1/pre_proceedings.csv")
    return sent.read_text().splitlines()[1].split(",")[0]


def swept(root):
    sweep_once(root, wait=False, progress=quiet)


def erased(root):
    erase(root, WALSALL, [child_of(root)], actor=ACTOR)


def sealed_again(root):
    rotate_storage(root, actor=ACTOR)


def lost_after(filled, tmp_path, work):
    """Do the work in a process of its own, lose the most, and return root and what was lost."""
    if work is swept:
        root = twin(filled, tmp_path / "root")
        shutil.copytree(filled.drop, root.drop, dirs_exist_ok=True)
        set_up(root, is_new_drop=True)
    else:
        shutil.copytree(filled.path, tmp_path / "root")
        root = Root.at(tmp_path / "root")
    code, _, said = work_noted(root, tmp_path / "notes", None, lambda _: work(root))
    assert code == 0, said
    lost = Counter()
    lose(root, tmp_path / "notes", None, lost)
    return root, lost


def is_whole(filled, root, work):
    """Return whether a root needs nothing but another sweep, and what it then is."""
    try:
        sweep_once(root, wait=False, progress=quiet)
    except Exception:  # whatever stops it
        return False
    same = work is not swept or differing(settled_state(filled), settled_state(root)) == []
    return same and verified(root) == []


WORK = pytest.mark.parametrize("work", [swept, erased, sealed_again])


@WORK
def test_what_is_finished_outlasts_the_worst_loss(filled, tmp_path, work):
    root, _ = lost_after(filled, tmp_path, work)
    assert verified(root) == []
    assert is_whole(filled, root, work)


@pytest.mark.parametrize("work", [swept, sealed_again])
def test_without_forcing_folders_to_disk_the_same_loss_is_noticed(
    filled, tmp_path, work, monkeypatch
):
    rooms = (warehouse.root, warehouse.landing, warehouse.sealed, warehouse.outbox)
    for module in rooms:
        monkeypatch.setattr(module, "sync_folder", quiet)
    root, lost = lost_after(filled, tmp_path, work)
    assert lost["names"] > 0
    assert verified(root) != []
