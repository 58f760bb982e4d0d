"""A drop folder of several authorities: one sends what is bad, another what is good."""

import pytest

from tests.support.dropped import Dropped


@pytest.fixture
def dropped(root):
    """The drop folder of a root whose files settle at once."""
    return Dropped(root)
