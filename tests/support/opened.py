"""Which files of some folders are opened by anyone, as the kernel says: inotify."""

import ctypes
import os
import struct
from contextlib import contextmanager

_OPENED = 0x20
_NONBLOCK = os.O_NONBLOCK
_EVENT = struct.Struct("iIII")


@contextmanager
def opened_in(*folders):
    """Yield a function that returns the names, in these folders, of files opened since it began."""
    kernel = ctypes.CDLL(None, use_errno=True)
    descriptor = kernel.inotify_init1(_NONBLOCK)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    for folder in folders:
        assert kernel.inotify_add_watch(descriptor, os.fsencode(folder), _OPENED) >= 0
    try:
        yield lambda: set(_names(descriptor))
    finally:
        os.close(descriptor)


def _names(descriptor):
    while True:
        try:
            events = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return
        while events:
            *_, length = _EVENT.unpack_from(events)
            name = events[_EVENT.size : _EVENT.size + length].rstrip(b"\0")
            if name:
                yield os.fsdecode(name)
            events = events[_EVENT.size + length :]
