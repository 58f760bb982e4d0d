"""What a settled file must be before the ledger may name it."""

from tasks.intake import receive as receiving
from tests.support.files import MEETINGS
from warehouse.ledger import Actor

WALSALL = "E08000030"


def test_what_has_landed_is_forced_to_disk_before_the_ledger_names_it(root, monkeypatch):
    folder = root.drop / WALSALL / "2023-24Q1"
    folder.mkdir(parents=True)
    (folder / "meetings.csv").write_text(f"{MEETINGS}A1,01/05/2023,,\n")
    order = []
    for name in ("make_lasting", "register_incoming"):
        real = getattr(receiving, name)

        def called(*given, real=real, name=name, **words):
            order.append(name)
            return real(*given, **words)

        monkeypatch.setattr(receiving, name, called)
    received = receiving.receive(root, settle_seconds=0, actor=Actor("tester", "test"))
    assert len(received.submissions) == 1
    assert order == ["make_lasting", "register_incoming"]
