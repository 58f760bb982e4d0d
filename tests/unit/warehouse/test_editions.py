import pytest

import warehouse.cuts
import warehouse.outbox
from schemas.errors import UsageError
from tasks.runtime.heads import leave_signed_head
from warehouse.cuts import all_editions, put_edition, record_cut, stored_edition_files
from warehouse.reconcile import discrepancies

FILES = {"report.html": b"<p>1</p>", "data/a.csv": b"a\n1\n"}


@pytest.fixture
def publish(root, actor):
    cut, _ = record_cut(root, code_version="c", config_hash="p", key_id="k", actor=actor)

    def published(files, *, final=True, name="first"):
        is_new = put_edition(
            root,
            name=name,
            cut=cut,
            is_final=final,
            public=files,
            restricted={"disclosure.json": b"{}"},
            actor=actor,
        )
        leave_signed_head(root)
        return is_new

    return published


def test_an_edition_stands_whole_and_agrees_with_the_ledger(root, publish):
    assert publish(FILES)
    assert stored_edition_files(root, "first") == FILES
    assert discrepancies(root) == []


def test_publishing_the_same_again_changes_nothing(root, publish):
    publish(FILES)
    assert not publish(FILES)
    assert len(all_editions(root)) == 1


def test_a_final_edition_is_never_edited(root, publish):
    publish(FILES)
    with pytest.raises(UsageError, match="revision"):
        publish({**FILES, "report.html": b"<p>2</p>"})
    assert stored_edition_files(root, "first") == FILES


def test_a_draft_may_be_made_again_and_then_final(root, publish):
    publish({"report.html": b"draft"}, final=False)
    publish(FILES, final=False)
    publish(FILES, final=True)
    (row,) = all_editions(root)
    assert row.is_final
    assert stored_edition_files(root, "first") == FILES


def test_a_crash_while_files_are_written_leaves_no_edition(root, publish, monkeypatch):
    real, written = warehouse.outbox._write, []

    def fail_at_the_second(path, data):
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        written.append(path)
        real(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(warehouse.outbox, "_write", fail_at_the_second)
        with pytest.raises(OSError, match="No space"):
            publish(FILES)
    assert not (root.editions / "first").exists()
    assert all_editions(root) == []
    assert publish(FILES)
    assert stored_edition_files(root, "first") == FILES


def test_a_crash_before_the_ledger_knows_is_made_good_by_publishing_again(
    root, publish, monkeypatch
):
    def crash(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(warehouse.cuts, "_record_edition", crash)
        with pytest.raises(KeyboardInterrupt):
            publish(FILES)
    assert all_editions(root) == []
    assert publish(FILES)
    assert stored_edition_files(root, "first") == FILES
    assert discrepancies(root) == []


def test_a_published_file_altered_afterwards_is_named(root, publish):
    publish(FILES)
    (root.editions / "first" / "report.html").write_bytes(b"<p>9</p>")
    assert [(one.kind, one.subject) for one in discrepancies(root)] == [
        ("altered", "editions/first")
    ]
