import traceback

import pytest

from schemas.errors import PipelineError, UsageError
from tasks.runtime.faults import kind_and_place, redact_exceptions

SECRET = "child 12345 born 01/02/2010"


def test_an_unforeseen_error_is_named_by_kind_and_place_alone():
    with pytest.raises(PipelineError) as caught, redact_exceptions("refresh"):
        raise ValueError(SECRET)
    shown = "".join(traceback.format_exception(caught.value))
    assert "refresh: INTERNAL_ERROR ValueError at " in shown
    assert SECRET not in shown


def test_an_error_of_ours_keeps_its_words():
    with pytest.raises(UsageError, match="do this"), redact_exceptions("refresh"):
        raise UsageError("do this")


def test_the_place_is_where_it_was_raised():
    with pytest.raises(ValueError, match="12345") as caught:
        int(SECRET)
    assert kind_and_place(caught.value).startswith(f"ValueError at {__name__}:")
