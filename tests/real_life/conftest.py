"""A drop folder into which an authority puts what it really sends."""

import pytest

from tests.support.dropped import Dropped


@pytest.fixture
def dropped(root):
    """The drop folder of a root whose files settle at once; see `Dropped` for what it can do."""
    return Dropped(root)
