"""The CIN census as XML: elements in the order of specs/cin_elements.csv.

A case carries all its assessments and enquiries, but only the plans of the year to date.
Text is put together piece by piece: no invented value needs escaping, and a case that is closed is
written once and reused in the later quarters of its year.
"""

from __future__ import annotations

from collections.abc import Iterator

from samples.days import NEVER, iso
from samples.forms import Occasion
from samples.identity import upn_on
from samples.lives import (
    Assessment,
    Child,
    CinPlan,
    PreProceedings,
    ReferralCase,
    SamplePlan,
    Section47,
)
from samples.seen import Span, cases_seen, is_born, known

CIN_PLANS_SINCE = 2022
SEX_SINCE = 2025
PRE_PROCEEDINGS_SINCE = 2026
_GENDERS = {"M": "1", "F": "2"}


def files(occasion: Occasion) -> Iterator[tuple[str, bytes]]:
    """Yield the one file of the quarter."""
    span = occasion.span
    written: dict[tuple[int, bool, bool], str] = occasion.kept.setdefault("cin_census", {})
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n<Message>', _header(occasion), "<Children>"]
    for child in occasion.history.children:
        cases = cases_seen(child, span)
        if cases:
            pieces.append(_child(child, span))
            pieces.extend(_remembered(case, span, written) for case in cases)
            pieces.append("</Child>")
    pieces.append("</Children>\n</Message>\n")
    yield "cin_census.xml", "\n".join(pieces).encode()


def _tag(name: str, value: str) -> str:
    return f"<{name}>{value}</{name}>" if value else ""


def _header(occasion: Occasion) -> str:
    year = occasion.span.collection
    return (
        "<Header><CollectionDetails><Collection>CIN</Collection>"
        f"<Year>{year}</Year><ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{occasion.setting.old_la_code}</LEA>"
        "<SoftwareCode>Invented</SoftwareCode><Release>1.0</Release><SerialNo>001</SerialNo>"
        f"<DateTime>{iso(occasion.span.cut + 20)}T10:00:00</DateTime></Source></Header>"
    )


def _child(child: Child, span: Span) -> str:
    """Return the child's identifiers and characteristics, the element left open for cases."""
    upn = upn_on(child, span.cut) if is_born(child, span.cut) else "UN1"
    unknown = upn.startswith("UN")
    return (
        f"<Child><ChildIdentifiers><LAchildID>{child.child_id}</LAchildID>"
        f"{_tag('UPNunknown' if unknown else 'UPN', upn)}{_birth_and_sex(child, span)}"
        "</ChildIdentifiers><ChildCharacteristics>"
        f"<Ethnicity>{child.ethnicity}</Ethnicity>{_disabilities(child, span)}"
        "</ChildCharacteristics>"
    )


def _birth_and_sex(child: Child, span: Span) -> str:
    born = is_born(child, span.cut)
    birth = _tag("PersonBirthDate", iso(child.born)) if born else ""
    expected = "" if born else _tag("ExpectedPersonBirthDate", iso(child.expected))
    died = _tag("PersonDeathDate", iso(known(child.died, span.cut)))
    if span.collection >= SEX_SINCE:
        return birth + expected + _tag("Sex", child.sex if born else "U") + died
    return birth + expected + _tag("GenderCurrent", _GENDERS[child.sex] if born else "0") + died


def _disabilities(child: Child, span: Span) -> str:
    if not is_born(child, span.cut):
        return ""
    codes = child.disabilities or ("NONE",)
    return f"<Disabilities>{''.join(_tag('Disability', code) for code in codes)}</Disabilities>"


def _remembered(case: ReferralCase, span: Span, written: dict[tuple[int, bool, bool], str]) -> str:
    """Return the case's text, written once for good when the case is closed."""
    if case.closure > span.cut:
        return _case(case, span)
    key = (
        id(case),
        span.collection >= CIN_PLANS_SINCE,
        span.collection >= PRE_PROCEEDINGS_SINCE,
    )
    if key not in written:
        written[key] = _case(case, span)
    return written[key]


def _case(case: ReferralCase, span: Span) -> str:
    cut = span.cut
    closure = known(case.closure, cut)
    pieces = [
        f"<CINdetails><CINreferralDate>{iso(case.referral)}</CINreferralDate>"
        f"<ReferralSource>{case.source}</ReferralSource>"
        f"<PrimaryNeedCode>{case.need}</PrimaryNeedCode>"
    ]
    if closure < NEVER:
        pieces.append(
            f"<CINclosureDate>{iso(closure)}</CINclosureDate>"
            f"<ReasonForClosure>{case.reason}</ReasonForClosure>"
        )
    pieces.extend(_assessment(a, cut) for a in case.assessments if a.start <= cut)
    pieces.extend(_enquiry(e, cut) for e in case.enquiries if e.start <= cut)
    pieces.append(f"<ReferralNFA>{int(case.nfa)}</ReferralNFA>")
    pieces.extend(_plan(p, cut) for p in case.plans if span.meets(p.start, p.end))
    if span.collection >= CIN_PLANS_SINCE:
        pieces.extend(_cin_plan(p, cut) for p in case.cin_plans if span.meets(p.start, p.end))
    if span.collection >= PRE_PROCEEDINGS_SINCE:
        pieces.extend(_process(p, cut) for p in case.pre_proceedings if p.first_meeting <= cut)
    pieces.append("</CINdetails>")
    return "".join(pieces)


def _assessment(assessment: Assessment, cut: int) -> str:
    start = f"<Assessments>{_tag('AssessmentActualStartDate', iso(assessment.start))}"
    if assessment.authorised > cut:
        return start + "</Assessments>"
    factors = "".join(_tag("AssessmentFactors", code) for code in assessment.factors)
    return (
        f"{start}{_tag('AssessmentAuthorisationDate', iso(assessment.authorised))}"
        f"<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment></Assessments>"
    )


def _enquiry(enquiry: Section47, cut: int) -> str:
    return (
        f"<Section47>{_tag('S47ActualStartDate', iso(enquiry.start))}"
        f"{_tag('InitialCPCtarget', iso(enquiry.target))}"
        f"{_tag('DateOfInitialCPC', iso(known(enquiry.conference, cut)))}"
        f"<ICPCnotRequired>{int(enquiry.not_required <= cut)}</ICPCnotRequired></Section47>"
    )


def _plan(plan: SamplePlan, cut: int) -> str:
    reviews = "".join(_tag("CPPreviewDate", iso(day)) for day in plan.reviews if day <= cut)
    latest = plan.latest_category if plan.reviews and plan.reviews[0] <= cut else ""
    return (
        f"<ChildProtectionPlans>{_tag('CPPstartDate', iso(plan.start))}"
        f"{_tag('CPPendDate', iso(known(plan.end, cut)))}"
        f"{_tag('InitialCategoryOfAbuse', plan.initial_category)}"
        f"{_tag('LatestCategoryOfAbuse', latest or plan.initial_category)}"
        f"{_tag('NumberOfPreviousCPP', str(plan.previous))}"
        f"{_tag('Reviews', reviews)}</ChildProtectionPlans>"
    )


def _cin_plan(plan: CinPlan, cut: int) -> str:
    return (
        f"<CINPlanDates>{_tag('CINPlanStartDate', iso(plan.start))}"
        f"{_tag('CINPlanEndDate', iso(known(plan.end, cut)))}</CINPlanDates>"
    )


def _process(process: PreProceedings, cut: int) -> str:
    ended = process.ended <= cut
    issued = iso(known(process.issued, cut))
    return (
        f"<PreProceedings>{_tag('PPStartDate', iso(process.started))}"
        f"{_tag('LBPSentDate', iso(process.letter))}"
        f"<FGDMMeetingOffer>{int(process.conference_offered)}</FGDMMeetingOffer>"
        f"<FGDMMeetingFac>{int(process.conference_held)}</FGDMMeetingFac>"
        f"{_tag('InitialPPMeetingDate', iso(process.first_meeting))}"
        f"<ReviewMeetingsCount>{process.reviews if ended else 0}</ReviewMeetingsCount>"
        f"{_tag('StepDecisionDate', iso(process.ended) if ended else '')}"
        f"{_tag('PPOutcome', process.outcome if ended else '')}"
        f"{_tag('CourtAppDate', issued)}{_tag('LetterInitCPDate', issued)}</PreProceedings>"
    )
