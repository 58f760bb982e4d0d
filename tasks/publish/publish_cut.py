"""From a cut to an edition in its place."""

from __future__ import annotations

from datetime import date
from functools import partial

from pandas import DataFrame
from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas.calendar import EXPECTED
from schemas.errors import UsageError
from schemas.outcomes.publication import THRESHOLD
from schemas.plan import plan_hash
from schemas.submission import NOT_RECEIVED
from tasks.cut.analysis import costs_of, prices_hash
from tasks.cut.code_version import edition_code_version
from tasks.cut.data_cut import quarters_covered, span
from tasks.cut.refresh import cut_analysis, tables_of_cut
from tasks.cut.unsettled import with_unsettled
from tasks.outcomes.seven import restricted_seven
from tasks.publish.changes import edition_diff
from tasks.publish.edition import edition_files
from tasks.publish.edition_drawings import edition_drawings
from tasks.publish.evaluation import PUBLISHED_COSTS, published_analysis
from tasks.publish.inputs import EarlierEdition, EditionInputs
from tasks.publish.release import (
    release_record,
    require_as_read,
    reviewed_draft,
    to_be_confirmed,
)
from tasks.runtime.faults import redact_exceptions
from tasks.runtime.heads import leave_signed_head
from tasks.runtime.journal import stage
from tasks.training.programme import programme_training
from warehouse.cuts import (
    Cut,
    all_editions,
    edition_named,
    put_edition,
    read_cut,
    stored_edition_files,
)
from warehouse.ledger import Actor, all_submissions
from warehouse.root import Root


def publish_now(
    root: Root,
    *,
    name: str,
    is_final: bool,
    cut: str,
    confirm: str = "",
    actor: Actor | None = None,
) -> str:
    """Make an edition from a recorded cut, and return its folder.

    Without a name, an edition is called by its last quarter, a draft by its cut as well. Publishing
    the same cut under the same name again changes nothing. A final edition is of a draft that
    another person made (`tasks/publish/release.py`), unless the settings say that one person runs
    this root.

    Args:
        root: where.
        name: of the edition; empty for one made from the cut.
        is_final: whether it is for good.
        cut: which, by id or number; `latest` for the newest.
        confirm: of a final edition, the hash of the disclosure report of the draft that was read.
        actor: who asks; the person at work where it is left out.

    Raises:
        UsageError: nothing has been computed; a final edition of that name differs; the draft was
            not made by another, not confirmed, or is not what would be published.
        PublicationRefused: the edition would break a rule of disclosure control or of the form.
    """
    who = actor or Actor.here()
    found, chosen, last = _asked_for(root, name, cut, is_final=is_final)
    draft = (
        reviewed_draft(root, found, name=chosen, confirm=confirm, actor=who) if is_final else None
    )
    with stage(root, "publish") as counts:
        files = edition_files(_inputs(root, found, chosen, is_final, last))
        if draft is not None:
            require_as_read(root, draft, files, name=chosen)
        put_edition(
            root,
            name=chosen,
            cut=found,
            is_final=is_final,
            public=files.public,
            restricted=files.restricted,
            actor=who,
            release=release_record(root, draft) if is_final else None,
        )
        counts["files"] = len(files.public)
    leave_signed_head(root)
    return str(root.editions / chosen)


def words_to_confirm(root: Root, *, name: str, cut: str) -> str:
    """Return what is to be read and confirmed before an edition is final; empty for nothing.

    Raises:
        UsageError: nothing has been computed; there is no draft of the cut, or its maker is who
            asks.
    """
    found, chosen, _ = _asked_for(root, name, cut, is_final=True)
    return to_be_confirmed(root, found, name=chosen, actor=Actor.here())


def _asked_for(root: Root, name: str, cut: str, *, is_final: bool) -> tuple[Cut, str, str]:
    """Return the cut that is meant, the edition's name, and the last quarter of the cut."""
    found = read_cut(root, cut)
    spanned = span(found)
    if spanned is None:
        raise UsageError(f"cut {found.number} holds no statutory return: nothing to publish yet.")
    chosen = name or f"{spanned[1]}" + ("" if is_final else f"-draft-{found.number:04d}")
    _check_name(chosen)
    return found, chosen, str(spanned[1])


def _check_name(name: str) -> None:
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 60:
        raise UsageError(
            "an edition's name holds letters, digits, dashes and underscores, at most 60."
        )


def _inputs(root: Root, cut: Cut, name: str, is_final: bool, last: str) -> EditionInputs:
    tables = tables_of_cut(root, cut.id)
    outcomes = with_unsettled(root, cut, tables.outcomes, cut.unsettled)
    exact = cut_analysis(root, cut.id).effects
    analysis = published_analysis(
        exact,
        outcomes,
        costs_of=partial(costs_of, root, cut, tables.exposure, settings=PUBLISHED_COSTS),
    )
    return EditionInputs(
        name=name,
        final=is_final,
        cut_id=cut.id,
        made_on=date.fromisoformat(cut.made_at[:10]),
        cut_quarter=last,
        code_version=cut.code_version,
        edition_code_version=edition_code_version(),
        plan_hash=plan_hash(),
        prices_hash=prices_hash(root),
        outcomes=outcomes,
        effects=exact.effects,
        costs=analysis.costs.table,
        cost_inputs=analysis.costs.inputs,
        seven_outcomes=restricted_seven(outcomes),
        training=programme_training(tables.training, threshold=THRESHOLD),
        completeness=returns_received(root, cut),
        figures=edition_drawings(analysis),
        earlier=_earlier(root, name),
        submissions=_submissions(cut),
    )


def _earlier(root: Root, name: str) -> tuple[EarlierEdition, ...]:
    """Return every final edition made before; the world has not seen drafts."""
    return tuple(
        _stored(root, row.name) for row in all_editions(root) if row.is_final and row.name != name
    )


def edition_difference(root: Root, earlier: str, later: str) -> DataFrame:
    """Return every published figure that differs between two editions, and what moved it.

    Raises:
        UsageError: there is no edition of that name.
    """
    return edition_diff(_stored(root, earlier), _stored(root, later))


def edition_origin(root: Root, name: str) -> dict[str, str]:
    """Return what an edition was made from: cut, code and configuration (analysis plan, prices).

    Raises:
        UsageError: there is no edition of that name.
    """
    row = edition_named(root, name)
    if row is None:
        raise UsageError(f"no edition {name}. `sfp editions` lists them.")
    cut = read_cut(root, row.cut_id)
    return {
        "cut": cut.id,
        "code": cut.code_version,
        "analysis plan and prices": cut.config_hash,
    }


def _stored(root: Root, name: str) -> EarlierEdition:
    edition_origin(root, name)
    restricted = stored_edition_files(root, name, restricted=True)
    return EarlierEdition(name, stored_edition_files(root, name), restricted)


def _submissions(cut: Cut) -> DataFrame:
    columns = ["submission_id", "la_code", "return_name", "quarter"]
    rows = [tuple(getattr(given, name) for name in columns) for given in cut.submissions]
    return DataFrame(rows, columns=columns)


def returns_received(root: Root, cut: Cut) -> DataFrame:
    """Return what each authority sent for each quarter of a cut, and what became of it.

    Returns:
        la_code, return_name, quarter, state, received (whether the quarter is covered by what is
        in force in the cut), unsettled (`rejected` or `held` where what was sent last was, as the
        cut names it; empty elsewhere), one row per registered authority, expected return and
        quarter.
    """
    columns = ["la_code", "return_name", "quarter", "state", "received", "unsettled"]
    spanned = span(cut)
    if spanned is None:
        return DataFrame(columns=columns)
    counting = _states_counting(root, cut)
    last = {(one.la_code, one.return_name, one.quarter): one.state for one in cut.unsettled}
    rows = []
    for la_code in cut.authorities:
        for name in EXPECTED:
            for quarter in map(str, spanned[0].through(spanned[1])):
                key = la_code, name, quarter
                unsettled = last.get(key, "")
                state = counting.get(key) or unsettled or NOT_RECEIVED
                rows.append((*key, state, key in counting, unsettled))
    return DataFrame(rows, columns=columns)


def _states_counting(root: Root, cut: Cut) -> dict[tuple[str, str, str], str]:
    """Return the state of what counts in a cut, for each quarter that it speaks for."""
    states = {row.id: row.state for row in all_submissions(root)}
    found = {}
    for given in cut.submissions:
        found[given.la_code, given.return_name, given.quarter] = states[given.submission_id]
    for given in cut.submissions:
        for quarter in quarters_covered(given):
            key = given.la_code, given.return_name, str(quarter)
            found.setdefault(key, states[given.submission_id])
    return found


@task(name="publish-draft", cache_policy=NO_CACHE, persist_result=False)
def publish_draft(root: str) -> str:
    """Publish the newest cut as a draft, as an observed step; return the edition's name."""
    with redact_exceptions("publish"):
        actor = Actor.service("publish-edition")
        folder = publish_now(Root.at(root), name="", is_final=False, cut="latest", actor=actor)
        return folder.rsplit("/", 1)[-1]
