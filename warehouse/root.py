"""Where everything lies under the root, and with which modes it is made."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import UsageError
from warehouse.settings import Settings, settings_of, settings_text

PRIVATE_DIR = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True)
class Root:
    """The folders of one installation."""

    path: Path

    @classmethod
    def at(cls, path: Path | str) -> Root:
        """Return the root at `path`, made absolute."""
        return cls(Path(path).absolute())

    @property
    def drop(self) -> Path:
        """Where authorities put files."""
        return self.path / "drop"

    @property
    def outbox(self) -> Path:
        """Where authorities find the answers."""
        return self.path / "outbox"

    @property
    def landing(self) -> Path:
        """Bytes as they came, by hash."""
        return self.path / "landing"

    @property
    def tables(self) -> Path:
        """Parquet files, one per submission and table."""
        return self.path / "warehouse"

    @property
    def quarantine(self) -> Path:
        """Rows that broke a record-level rule; restricted."""
        return self.path / "quarantine"

    @property
    def cache(self) -> Path:
        """Results that can be made again."""
        return self.path / "cache"

    @property
    def editions(self) -> Path:
        """Published sets."""
        return self.path / "editions"

    @property
    def restricted(self) -> Path:
        """What stands behind a published set and must not leave: disclosure reports."""
        return self.path / "restricted"

    @property
    def restricted_text(self) -> Path:
        """Free text of forms: read by no one but those named for it, and only once redacted."""
        return self.path / "restricted_text"

    @property
    def staging(self) -> Path:
        """Packs and editions being written; on the same file system as where they go."""
        return self.path / "staging"

    @property
    def notices(self) -> Path:
        """Lists for operators, as the chase of overdue returns."""
        return self.path / "notices"

    @property
    def logs(self) -> Path:
        """The journal of stages, and the output of services that run without systemd."""
        return self.path / "logs"

    @property
    def set_aside(self) -> Path:
        """Files that no ledger row names, moved here by the moment, each time with a manifest."""
        return self.path / "set_aside"

    @property
    def prefect(self) -> Path:
        """Prefect's own home: its database and profiles."""
        return self.path / "prefect"

    @property
    def key_file(self) -> Path:
        """Secret from which pseudonyms are made."""
        return self.path / "keys" / "pseudonym.key"

    @property
    def storage_key_file(self) -> Path:
        """Secret with which landing, quarantine and restricted text are sealed."""
        return self.path / "keys" / "storage.key"

    @property
    def tombstone_key_file(self) -> Path:
        """Secret from which the marks of erased children are made; never changed."""
        return self.path / "keys" / "tombstone.key"

    @property
    def head_key_file(self) -> Path:
        """Secret with which heads of the audit chain are signed; apart, as both workers sign."""
        return self.path / "signing" / "head.key"

    @property
    def heads(self) -> Path:
        """Signed heads of the audit chain."""
        return self.path / "heads"

    @property
    def server_secret_file(self) -> Path:
        """What lets a client into the Prefect server of `sfp serve`."""
        return self.path / "server.secret"

    @property
    def prices_file(self) -> Path:
        """Prices an evaluator sets in place of the declared ones; usually not there."""
        return self.path / "prices.yaml"

    @property
    def settings_file(self) -> Path:
        """Settings of this root."""
        return self.path / "settings.toml"

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy address of the ledger."""
        return self.ledger_address(self.settings().ledger_url)

    def ledger_address(self, named: str) -> str:
        """Return the address that settings name, or that of the file under the root."""
        return named or f"sqlite:///{self.path / 'ledger.sqlite'}"

    def settings(self) -> Settings:
        """Return the settings of this root.

        Raises:
            UsageError: the root was never set up, or its settings are not whole.
        """
        try:
            return settings_of(self.settings_file)
        except FileNotFoundError:
            raise UsageError(
                f"{self.path} has not been set up, or has lost its settings.toml. A new root: run "
                f"`sfp init --root {self.path}` first. One that was in use: put the file back from "
                "its copy (`sfp backup` keeps it)."
            ) from None

    def folders(self) -> tuple[Path, ...]:
        """Return every folder that `make_folders` makes."""
        return (
            self.drop,
            self.outbox,
            self.landing,
            self.tables,
            self.quarantine,
            self.cache,
            self.editions,
            self.restricted,
            self.restricted_text,
            self.staging,
            self.notices,
            self.logs,
            self.set_aside,
            self.prefect,
            self.key_file.parent,
            self.head_key_file.parent,
            self.heads,
        )


def make_folders(root: Root) -> None:
    """Make the folders of the root, readable by their owner alone; safe to repeat."""
    root.path.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    for folder in root.folders():
        folder.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)


def file_mode(folder: Path) -> int:
    """Return the mode of a new file: its owner's alone, unless the folder lets its group read.

    In production the folders of a root belong to different users (docs/operations.md); what is
    made in a folder is as open as the folder, and everything else stays private.
    """
    return PRIVATE_FILE | (folder.stat().st_mode & 0o040)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, each as open to its group as the one it lies in.

    Each new folder is forced to disk in the one above: what is written into it survives with it.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=PRIVATE_DIR | (path.parent.stat().st_mode & 0o070), exist_ok=True)
    sync_folder(path.parent)


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner may read, if there is none."""
    path.touch(mode=PRIVATE_FILE, exist_ok=True)


def write_settings(root: Root, settings: Settings) -> None:
    """Write the settings of a root in place of any earlier ones."""
    write_bytes(root.settings_file, settings_text(settings).encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader meets either nothing or the whole of it, even after a crash.

    The bytes are written under a temporary name in the same folder, forced to disk, renamed, and
    the folder is forced to disk.
    """
    make_folder(path.parent)
    draft = path.parent / f".{path.name}.{os.getpid()}.draft"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, file_mode(path.parent))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)  # a disk that is full needs the room
        raise
    draft.replace(path)
    sync_folder(path.parent)


def write_once(path: Path, data: bytes) -> None:
    """Write a file unless there is one; when two processes do it at once, the first file stays.

    A reader meets either nothing or the whole of it, even after a crash.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file_mode(path.parent))
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, so that a rename in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
