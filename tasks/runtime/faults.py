"""Internal errors, reported by kind and place: their text may quote a child's row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import OutageError, PipelineError
from warehouse.outage import outage_words


def kind_and_place(error: BaseException) -> str:
    """Return the kind of an error and the line it came from, without its text.

    What a disk or the system refused is called IO_ERROR first: nothing was wrong with the data.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_globals['__name__']}:{trace.tb_lineno}" if trace else ""
    kind = (
        f"IO_ERROR {type(error).__name__}" if isinstance(error, OSError) else type(error).__name__
    )
    return f"{kind}{place}"


def words_for(error: BaseException) -> str:
    """Return what to say of any error that is not one of ours: the way back, or kind and place."""
    internal = f"internal error: {kind_and_place(error)}. Tell the engineers."
    return outage_words(error) or internal


@contextmanager
def redact_exceptions(what: str) -> Iterator[None]:
    """Let our own errors through; turn any other into one that names only its kind and place.

    Prefect copies the text of an exception, and of those it came from, into the state of a run.

    Raises:
        OutageError: in place of what a disk, a file of the root or the ledger's database refused.
        PipelineError: in place of any other error that is not one.
    """
    try:
        yield
    except PipelineError:
        raise
    except Exception as error:
        if words := outage_words(error):
            raise OutageError(f"{what}: {words}") from None
        raise PipelineError(
            f"{what}: INTERNAL_ERROR {kind_and_place(error)}. Tell the engineers."
        ) from None
