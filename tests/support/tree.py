"""A copy of the tracked files, for tests that follow a recipe of CONTRIBUTING.md in it."""

import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2]
LONGEST_SECONDS = 300


class CopiedTree:
    """The tracked files of this repository in another folder, to be changed and run there."""

    def __init__(self, folder):
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=HOME, capture_output=True, text=True, check=True
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (HOME / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(HOME / name, folder / name)

    def read(self, name):
        """Return the text of one file."""
        return (self.folder / name).read_text("utf-8")

    def write(self, name, text):
        """Write one file."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, "utf-8")

    def edit(self, name, old, new):
        """Put `new` wherever `old` stands in a file; it must stand there."""
        text = self.read(name)
        assert old in text, name
        self.write(name, text.replace(old, new))

    def run(self, *arguments):
        """Run Python on the copy; return what it printed, which fails the test if it failed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
