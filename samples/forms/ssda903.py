"""The SSDA903 file set: eleven CSV files, headings and order as in specs/ssda903_columns.csv."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from samples.days import NEVER, uk, year_end
from samples.forms import Occasion
from samples.identity import upn_on
from samples.lives import Child, Period
from samples.seen import Span, episodes_seen, known, periods_seen

_Rows = Iterable[tuple[str, ...]]

HEADINGS = {
    "header": "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB",
    "episodes": "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,"
    "PL_POST,URN",
    "reviews": "CHILD,DOB,REVIEW,REVIEW_CODE",
    "uasc": "CHILD,SEX,DOB,DUC",
    "oc2": "CHILD,DOB,SDQ_SCORE,SDQ_REASON,CONVICTED,HEALTH_CHECK,IMMUNISATIONS,TEETH_CHECK,"
    "HEALTH_ASSESSMENT,SUBSTANCE_MISUSE,INTERVENTION_RECEIVED,INTERVENTION_OFFERED",
    "oc3": "CHILD,DOB,IN_TOUCH,ACTIV,ACCOM",
    "ad1": "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR",
    "placed_for_adoption": "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED",
    "previous_permanence": "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM",
    "missing": "CHILD,DOB,MISSING,MIS_START,MIS_END",
    "sw_episodes": "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON",
}
SOCIAL_WORKERS_SINCE = 2024
SEX_LETTERS_SINCE = 2025
_OLD_SEXES = {"M": "1", "F": "2"}


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one quarter; a file without rows has its headings all the same."""
    span = occasion.span
    children = [child for child in occasion.history.children if in_header(child, span)]
    tables: dict[str, _Rows] = {
        "header": (_header(child, span) for child in children),
        "episodes": chain.from_iterable(_episodes(child, span) for child in children),
        "reviews": chain.from_iterable(_reviews(child, span) for child in children),
        "uasc": chain.from_iterable(_uasc(child, span) for child in children),
        "oc2": chain.from_iterable(_oc2(child, span) for child in children),
        "oc3": chain.from_iterable(_oc3(child, span) for child in children),
        "ad1": chain.from_iterable(_ad1(child, span) for child in children),
        "placed_for_adoption": chain.from_iterable(_placed(child, span) for child in children),
        "previous_permanence": chain.from_iterable(
            _permanence(child, span, occasion.setting.old_la_code) for child in children
        ),
        "missing": chain.from_iterable(_missing(child, span) for child in children),
    }
    if span.collection >= SOCIAL_WORKERS_SINCE:
        tables["sw_episodes"] = chain.from_iterable(_workers(child, span) for child in children)
    for name, rows in tables.items():
        yield f"ssda903/{name}.csv", lines_csv(HEADINGS[name], rows)


def lines_csv(headings: str, rows: _Rows) -> bytes:
    """Return a CSV file; no invented value holds a comma, a quote or a line break."""
    lines = [headings, *map(",".join, rows)]
    return ("\r\n".join(lines) + "\r\n").encode()


def in_header(child: Child, span: Span) -> bool:
    """Return whether the child is in the return: looked after in the year, or a care leaver."""
    return any(True for _ in episodes_seen(child, span)) or any(
        span.covers(row.birthday) for row in child.leaver_years
    )


def sex_code(child: Child, collection: int) -> str:
    """Return the code of the collection year: 1 and 2 until 2024, letters since."""
    return child.sex if collection >= SEX_LETTERS_SINCE else _OLD_SEXES[child.sex]


def _header(child: Child, span: Span) -> tuple[str, ...]:
    mother, first_baby = _mother(child, span)
    return (
        child.child_id,
        sex_code(child, span.collection),
        uk(child.born),
        child.ethnicity,
        upn_on(child, span.cut),
        mother,
        first_baby,
    )


def _mother(child: Child, span: Span) -> tuple[str, str]:
    """Return MOTHER and MC_DOB: for girls looked after in the year, short breaks left out."""
    if child.sex != "F" or not periods_seen(child, span):
        return "", ""
    if known(child.first_baby, span.cut) < NEVER:
        return "1", uk(child.first_baby)
    return "0", ""


def _episodes(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for e in episodes_seen(child, span):
        yield (
            child.child_id,
            uk(e.decom),
            e.rne,
            e.ls,
            e.cin,
            e.place,
            e.provider,
            uk(e.dec),
            e.rec,
            e.reason,
            e.home_post,
            e.pl_post,
            e.urn,
        )


def _reviews(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for period in periods_seen(child, span):
        for when, code in period.reviews:
            if span.covers(when):
                yield child.child_id, uk(child.born), uk(when), code


def _uasc(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    periods = periods_seen(child, span)
    if child.is_uasc and periods:
        ceased = known(periods[-1].end, span.cut)
        yield child.child_id, sex_code(child, span.collection), uk(child.born), uk(ceased)


def _oc2(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for row in child.wellbeing:
        if span.cut == year_end(span.cut) and row.year == span.collection:
            yield (
                child.child_id,
                uk(child.born),
                row.sdq,
                row.sdq_reason,
                row.convicted,
                row.health_check,
                row.immunised,
                row.teeth,
                row.health_assessment,
                row.substance,
                row.received,
                row.offered,
            )


def _oc3(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for row in child.leaver_years:
        if span.covers(row.birthday):
            yield child.child_id, uk(child.born), row.in_touch, row.activity, row.accommodation


def _ad1(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    adoption = child.adoption
    if adoption is not None and span.covers(adoption.adopted):
        yield (
            child.child_id,
            uk(child.born),
            uk(adoption.decided),
            uk(adoption.matched),
            str(int(adoption.by_foster_carer)),
            str(adoption.adopters),
            adoption.adopters_sex,
            adoption.adopters_status,
        )


def _placed(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    adoption = child.adoption
    if adoption is None or adoption.decided > span.cut or not periods_seen(child, span):
        return
    if adoption.reversed_on >= span.start:
        ceased = known(adoption.reversed_on, span.cut)
        why = adoption.reversed_why if ceased < NEVER else ""
        yield child.child_id, uk(child.born), uk(adoption.decided), uk(ceased), why


def _permanence(child: Child, span: Span, old_la_code: str) -> Iterator[tuple[str, ...]]:
    started = list(_started(child, span))
    if started:
        last = started[-1]
        has_date = last.permanence_date < NEVER
        yield (
            child.child_id,
            uk(child.born),
            last.previous_permanence,
            old_la_code if has_date else "",
            uk(last.permanence_date),
        )


def _started(child: Child, span: Span) -> Iterator[Period]:
    for period in periods_seen(child, span):
        if span.covers(period.start) and period.episodes[0].rne == "S":
            yield period


def _missing(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for period in periods_seen(child, span):
        for start, end, code in period.missing:
            if span.meets(start, end):
                yield child.child_id, uk(child.born), code, uk(start), uk(known(end, span.cut))


def _workers(child: Child, span: Span) -> Iterator[tuple[str, ...]]:
    for period in periods_seen(child, span):
        for start, end, worker, why in period.workers:
            if span.meets(start, end):
                dates = uk(start), uk(known(end, span.cut))
                yield child.child_id, uk(child.born), worker, *dates, why
