"""A return's files into typed rows, each with the way back to where it stood."""

from tasks.read.reading import FileToRead, read_return

__all__ = ["FileToRead", "read_return"]
