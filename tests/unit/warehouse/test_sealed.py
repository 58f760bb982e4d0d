import hashlib
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import KeyMissingError, LedgerError
from tasks.intake.sweep import sweep_once
from tasks.operate.set_up import set_up
from warehouse import sealed
from warehouse.key import open_key
from warehouse.landing import land_bytes, land_descriptor, landed_chunks, opened_landed
from warehouse.sealed import CHUNK, HEADER, Ring, opened_chunks, write_sealed

RING = Ring("a" * 16, {"a" * 16: b"k" * 32})
OTHER = Ring("b" * 16, {"b" * 16: b"j" * 32})
TAG = 16


def write(path, data, ring=RING, purpose="landing"):
    write_sealed(ring, path, purpose, [data])
    return path


def read(path, ring=RING, purpose="landing"):
    return b"".join(opened_chunks(ring, path, purpose, name="landing/x"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sealed")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 90), st.lists(st.binary(max_size=40), max_size=6))
def test_what_was_sealed_comes_back_whatever_its_size(folder, size, pieces):
    chunks = [*pieces, b"x" * size]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealed, "CHUNK", 32)
        write_sealed(RING, folder / "f", "p", chunks)
        assert b"".join(opened_chunks(RING, folder / "f", "p", name="f")) == b"".join(chunks)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_a_file_at_the_edge_of_a_chunk_comes_back(tmp_path, size):
    data = os.urandom(size)
    assert read(write(tmp_path / "f", data)) == data


def test_nothing_of_the_text_is_in_the_file_and_no_two_files_are_alike(tmp_path):
    text = b"child 123456 born 01/02/2010\n" * 100
    one, other = write(tmp_path / "1", text), write(tmp_path / "2", text)
    assert b"123456" not in one.read_bytes()
    assert one.read_bytes()[HEADER:] != other.read_bytes()[HEADER:]
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_every_byte_counts(tmp_path):
    path = write(tmp_path / "f", b"some text")
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(LedgerError, match=r"landing/x cannot be opened.*cut short or changed"):
            read(path)


def test_a_file_cut_short_or_lengthened_does_not_open(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "CHUNK", 16)
    path = write(tmp_path / "f", b"x" * 40)
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(LedgerError, match="cannot be opened"):
            read(path)
    path.write_bytes(whole + b"\x00")
    with pytest.raises(LedgerError, match="cannot be opened"):
        read(path)


def test_chunks_cannot_be_put_in_another_order(tmp_path, monkeypatch):
    monkeypatch.setattr(sealed, "CHUNK", 16)
    path = write(tmp_path / "f", b"a" * 16 + b"b" * 16 + b"c")
    whole = path.read_bytes()
    width = 16 + TAG
    first, second = whole[HEADER : HEADER + width], whole[HEADER + width : HEADER + 2 * width]
    path.write_bytes(whole[:HEADER] + second + first + whole[HEADER + 2 * width :])
    with pytest.raises(LedgerError, match="part 1"):
        read(path)


def test_a_sealed_file_opens_only_as_what_it_was_sealed_as(tmp_path):
    path = write(tmp_path / "f", b"rows", purpose="quarantine/a")
    with pytest.raises(LedgerError):
        read(path, purpose="quarantine/b")


def test_another_key_opens_nothing(tmp_path):
    path = write(tmp_path / "f", b"rows")
    with pytest.raises(LedgerError, match="names a storage key that is not here"):
        read(path, ring=OTHER)
    under_a_false_name = Ring("a" * 16, {"a" * 16: b"j" * 32})
    with pytest.raises(LedgerError, match="part 1"):
        read(path, ring=under_a_false_name)


def test_no_nonce_repeats_within_a_file():
    nonces = {sealed._nonce(n, is_last=last) for n in range(1000) for last in (False, True)}
    assert len(nonces) == 2000
    assert {len(nonce) for nonce in nonces} == {12}


def test_landed_bytes_are_a_file_in_memory_that_nobody_can_change(root):
    landed = land_bytes(root, b"LA,child\n1,2\n")
    with opened_landed(root, landed.sha256) as path:
        assert path.read_bytes() == b"LA,child\n1,2\n"
        assert path.stat().st_size == landed.size
        with pytest.raises(OSError, match="not permitted"):
            path.write_bytes(b"x")
    assert not path.exists() or path.readlink().name.split(" ")[0] != "memfd:landed"


def test_a_child_process_reads_what_it_was_handed_and_nothing_else_is_open_to_it(root):
    landed = land_bytes(root, b"some text")
    with opened_landed(root, landed.sha256) as path:
        command = [sys.executable, "-c", f"print(open({str(path)!r}).read())"]
        handed = subprocess.run(command, pass_fds=(int(path.name),), capture_output=True)
        refused = subprocess.run(command, capture_output=True)
    assert handed.stdout == b"some text\n"
    assert refused.returncode == 1


def test_the_same_bytes_have_the_same_name_however_they_came(root, tmp_path):
    source = tmp_path / "x"
    source.write_bytes(b"some text")
    descriptor = os.open(source, os.O_RDONLY)
    landed = land_descriptor(root, descriptor)
    os.close(descriptor)
    assert landed == land_bytes(root, b"some text")
    assert landed.sha256 == hashlib.sha256(b"some text").hexdigest()
    assert len(list(root.landing.iterdir())) == 1


def test_a_landed_file_under_another_name_is_refused(root):
    one, other = land_bytes(root, b"one"), land_bytes(root, b"two")
    one.path.replace(other.path)
    with pytest.raises(LedgerError, match="other bytes than its name says"):
        list(landed_chunks(root, other.sha256))


def test_h105_without_the_storage_key_or_with_another_nothing_is_read(root):
    folder = next(root.drop.glob("E*")) / "2023-24Q1"
    folder.mkdir()
    (folder / "a.csv").write_text("x")
    root.storage_key_file.unlink()
    with pytest.raises(KeyMissingError, match="storage key cannot be read"):
        sweep_once(root, wait=False, progress=lambda _: None)
    with pytest.raises(KeyMissingError, match="storage key cannot be read"):
        set_up(root)
    assert not root.storage_key_file.exists()
    root.storage_key_file.write_bytes(b"n" * 32)
    root.storage_key_file.chmod(0o400)
    with pytest.raises(KeyMissingError, match="storage key is not the one"):
        sweep_once(root, wait=False, progress=lambda _: None)
    assert list(root.landing.iterdir()) == []


def test_the_keys_are_three_and_only_their_owner_may_read_them(root):
    files = [root.key_file, root.storage_key_file, root.tombstone_key_file]
    assert len({path.read_bytes() for path in files}) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o400}
    assert open_key(root) == root.key_file.read_bytes()


def test_a_key_the_ledger_knows_is_never_made_anew(root):
    root.key_file.unlink()
    with pytest.raises(KeyMissingError, match="pseudonym key cannot be read"):
        set_up(root)
    assert not root.key_file.exists()
