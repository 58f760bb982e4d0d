import hashlib
import os
import stat

import pytest

from schemas.errors import KeyMissingError
from warehouse.landing import land_bytes, land_descriptor, landed_chunks
from warehouse.pseudonyms import key_id, make_key, pseudonym, pseudonyms, read_key
from warehouse.root import Root, write_bytes


def test_bytes_land_under_their_hash_readable_by_the_owner_alone(root):
    landed = land_bytes(root, b"abc")
    assert landed.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert b"".join(landed_chunks(root, landed.sha256)) == b"abc"
    assert b"abc" not in landed.path.read_bytes()
    assert stat.S_IMODE(landed.path.stat().st_mode) == 0o600


def test_an_open_file_is_copied_from_its_descriptor_even_when_its_name_is_gone(root, tmp_path):
    source = tmp_path / "x"
    source.write_bytes(b"one")
    descriptor = os.open(source, os.O_RDONLY)
    source.unlink()
    source.write_bytes(b"two")
    landed = land_descriptor(root, descriptor)
    os.close(descriptor)
    assert landed is not None
    assert b"".join(landed_chunks(root, landed.sha256)) == b"one"


def test_a_file_that_grows_while_it_is_copied_is_still_arriving(root, tmp_path, monkeypatch):
    source = tmp_path / "x"
    source.write_bytes(b"one")
    descriptor = os.open(source, os.O_RDONLY)
    real = os.read

    def read_and_grow(number, size):
        data = real(number, size)
        if number == descriptor and data:
            with source.open("ab") as file:
                file.write(b"more")
        return data

    monkeypatch.setattr(
        os, "read", lambda n, s: read_and_grow(n, s) if source.stat().st_size < 40 else b""
    )
    assert land_descriptor(root, descriptor) is None
    os.close(descriptor)
    assert [path.name for path in root.landing.iterdir()] == []


def test_h093_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "x"
    write_bytes(path, b"old")

    def fail(_descriptor):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "keys" / "k"
    assert make_key(path)
    key = read_key(path)
    assert not make_key(path)
    assert read_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_without_a_key_there_is_no_pseudonym(tmp_path):
    with pytest.raises(KeyMissingError, match="cannot be read"):
        read_key(tmp_path / "none")


def test_a_key_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "k"
    make_key(path)
    path.chmod(0o644)
    with pytest.raises(KeyMissingError, match="0644"):
        read_key(path)


def test_a_key_of_another_length_is_refused(tmp_path):
    path = tmp_path / "k"
    path.write_bytes(b"short")
    path.chmod(0o400)
    with pytest.raises(KeyMissingError, match="needs 32 bytes, found 5"):
        read_key(path)


def test_pseudonyms_differ_by_authority_domain_and_key_and_repeat_otherwise():
    one, other = b"1" * 32, b"2" * 32
    base = pseudonym(one, "child", "E08000030", "007")
    assert base == pseudonym(one, "child", "E08000030", "007")
    differing = {
        pseudonym(one, "child", "E08000030", "7"),
        pseudonym(one, "child", "E10000017", "007"),
        pseudonym(one, "participant", "E08000030", "007"),
        pseudonym(other, "child", "E08000030", "007"),
        base,
    }
    assert len(differing) == 5
    assert all(0 < found < 2**63 for found in differing)


def test_no_identifier_has_no_pseudonym():
    assert pseudonyms(b"1" * 32, "child", "E08000030", ["", "a"])[""] == 0


def test_the_name_of_a_key_is_not_the_key():
    assert key_id(b"1" * 32) != key_id(b"2" * 32)
    assert "31" * 8 not in key_id(b"1" * 32)


def test_a_root_that_was_not_set_up_says_what_to_run(tmp_path):
    from schemas.errors import UsageError

    with pytest.raises(UsageError, match="sfp init"):
        Root.at(tmp_path).settings()
