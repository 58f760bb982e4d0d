"""Children in need census, as local authorities send it.

Elements in `sent_as` and all codes are those of the DfE CIN census guides and schemas, collection
years 2019-20 to 2026-27. A table is one repeated element; the dates that identify the case or plan
above it are repeated in its rows, so that the tables stand without the tree they came in.
"""

import pyarrow as pa

from schemas.authorities import reference_rows
from schemas.returns.child import birth_date, child_id
from schemas.table import (
    AtRest,
    Code,
    Column,
    Coverage,
    Form,
    Return,
    Table,
    codes_from,
)

_SOURCE = "DfE children in need census guide and XML schema"
_CODES = reference_rows("cin_codes.csv")
CHILD = child_id("LAchildID")
# The schema says 0 and 1; true and false are met. The reader brings all four to booleans.
_YES_NO = pa.bool_()


def _codes(code_set: str) -> tuple[Code, ...]:
    return codes_from(_CODES, code_set)


def _date(name: str, meaning: str, sent_as: str, *, required: bool = True) -> Column:
    return Column(name, pa.date32(), meaning, sent_as, required=required)


REFERRAL_DATE = _date("referral_date", "Day of the referral.", "CINreferralDate")

CIN_CHILDREN = Table(
    name="cin_children",
    grain="one row per child with a case open in the year",
    key=("child_id",),
    source=f"{_SOURCE}, ChildIdentifiers and ChildCharacteristics",
    sent_as="Child",
    required=True,
    columns=(
        CHILD,
        Column(
            "upn",
            pa.string(),
            "Unique pupil number.",
            "UPN",
            required=False,
            at_rest=AtRest.DROPPED,
            max_length=13,
        ),
        Column(
            "former_upn",
            pa.string(),
            "Earlier unique pupil number.",
            "FormerUPN",
            required=False,
            at_rest=AtRest.DROPPED,
            max_length=13,
        ),
        Column(
            "upn_unknown_code",
            pa.string(),
            "Why there is no unique pupil number.",
            "UPNunknown",
            _codes("unknownupntype"),
            required=False,
        ),
        birth_date("PersonBirthDate", at_rest=AtRest.MONTH, required=False),
        Column(
            "expected_birth_date",
            pa.date32(),
            "Expected date of birth of an unborn child.",
            "ExpectedPersonBirthDate",
            required=False,
            at_rest=AtRest.MONTH,
        ),
        Column(
            "gender",
            pa.string(),
            "Gender as recorded by the authority, until 2023-24.",
            "GenderCurrent",
            _codes("gendertype"),
            until=2024,
        ),
        Column(
            "sex",
            pa.string(),
            "Sex as recorded by the authority, from 2024-25.",
            "Sex",
            _codes("sextype"),
            since=2025,
        ),
        Column(
            "death_date",
            pa.date32(),
            "Date of death.",
            "PersonDeathDate",
            required=False,
            at_rest=AtRest.MONTH,
        ),
        Column(
            "ethnicity",
            pa.string(),
            "Ethnic origin, DfE main code.",
            "Ethnicity",
            _codes("ethnicitytype"),
        ),
    ),
)

CIN_DISABILITIES = Table(
    name="cin_disabilities",
    grain="one row per child and disability; NONE when the child has none",
    key=("child_id", "disability_code"),
    source=f"{_SOURCE}, Disabilities",
    sent_as="Disability",
    columns=(
        CHILD,
        Column(
            "disability_code",
            pa.string(),
            "Kind of disability.",
            "Disability",
            _codes("disabilitytype"),
        ),
    ),
)

REFERRALS = Table(
    name="referrals",
    grain="one row per referral: a case open at some time in the year",
    key=("child_id", "referral_date"),
    source=f"{_SOURCE}, CINdetails",
    sent_as="CINdetails",
    required=True,
    columns=(
        CHILD,
        REFERRAL_DATE,
        Column(
            "referral_source_code",
            pa.string(),
            "Who referred.",
            "ReferralSource",
            _codes("referralsourcetype"),
        ),
        Column(
            "primary_need_code",
            pa.string(),
            "Primary need at first assessment.",
            "PrimaryNeedCode",
            _codes("primaryneedcodetype"),
            required=False,
        ),
        _date("closure_date", "Day the case closed.", "CINclosureDate", required=False),
        Column(
            "closure_reason",
            pa.string(),
            "Why it closed.",
            "ReasonForClosure",
            _codes("reasonforclosuretype"),
            required=False,
        ),
        _date(
            "icpc_date",
            "Initial child protection conference without a section 47 in this case.",
            "DateOfInitialCPC",
            required=False,
        ),
        Column("is_nfa", _YES_NO, "Whether no further action was taken.", "ReferralNFA"),
    ),
)

ASSESSMENTS = Table(
    name="assessments",
    grain="one row per assessment",
    key=("child_id", "referral_date", "assessment_start_date"),
    source=f"{_SOURCE}, Assessments",
    sent_as="Assessments",
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("assessment_start_date", "Day it began.", "AssessmentActualStartDate"),
        _date(
            "assessment_review_date",
            "Internal review date.",
            "AssessmentInternalReviewDate",
            required=False,
        ),
        _date(
            "assessment_authorised_date",
            "Day it was authorised.",
            "AssessmentAuthorisationDate",
            required=False,
        ),
    ),
)

ASSESSMENT_FACTORS = Table(
    name="assessment_factors",
    grain="one row per assessment and factor identified",
    key=("child_id", "referral_date", "assessment_start_date", "factor_code"),
    source=f"{_SOURCE}, FactorsIdentifiedAtAssessment",
    sent_as="AssessmentFactors",
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("assessment_start_date", "Day it began.", "AssessmentActualStartDate"),
        Column(
            "factor_code",
            pa.string(),
            "Factor identified.",
            "AssessmentFactors",
            _codes("assessmentfactorstype"),
        ),
    ),
)

SECTION_47 = Table(
    name="section_47",
    grain="one row per section 47 enquiry",
    key=("child_id", "referral_date", "s47_start_date"),
    source=f"{_SOURCE}, Section47",
    sent_as="Section47",
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("s47_start_date", "Day the enquiry began.", "S47ActualStartDate"),
        _date(
            "icpc_target_date",
            "Day by which the conference was due.",
            "InitialCPCtarget",
            required=False,
        ),
        _date(
            "icpc_date", "Initial child protection conference.", "DateOfInitialCPC", required=False
        ),
        Column(
            "is_icpc_not_required",
            _YES_NO,
            "Whether no conference was required.",
            "ICPCnotRequired",
        ),
    ),
)

CP_PLANS = Table(
    name="cp_plans",
    grain="one row per child protection plan",
    key=("child_id", "cp_plan_start"),
    source=f"{_SOURCE}, ChildProtectionPlans",
    sent_as="ChildProtectionPlans",
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("cp_plan_start", "First day of the plan.", "CPPstartDate"),
        _date("cp_plan_end", "Day the plan ended (not included).", "CPPendDate", required=False),
        Column(
            "initial_abuse_code",
            pa.string(),
            "Category of abuse at the start.",
            "InitialCategoryOfAbuse",
            _codes("categoryofabusetype"),
        ),
        Column(
            "latest_abuse_code",
            pa.string(),
            "Category of abuse at the latest review.",
            "LatestCategoryOfAbuse",
            _codes("categoryofabusetype"),
        ),
        Column(
            "previous_cp_plan_count",
            pa.int16(),
            "Child protection plans the child had before this one.",
            "NumberOfPreviousCPP",
            minimum=0,
            maximum=50,
        ),
    ),
)

CP_PLAN_REVIEWS = Table(
    name="cp_plan_reviews",
    grain="one row per review of a child protection plan",
    key=("child_id", "cp_plan_start", "cp_plan_review_date"),
    source=f"{_SOURCE}, Reviews",
    sent_as="Reviews",
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("cp_plan_start", "First day of the plan.", "CPPstartDate"),
        _date("cp_plan_review_date", "Day of the review.", "CPPreviewDate"),
    ),
)

CIN_PLANS = Table(
    name="cin_plans",
    grain="one row per child in need plan",
    key=("child_id", "cin_plan_start"),
    source=f"{_SOURCE}, CINPlanDates",
    sent_as="CINPlanDates",
    since=2022,
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("cin_plan_start", "First day of the plan.", "CINPlanStartDate"),
        _date(
            "cin_plan_end", "Day the plan ended (not included).", "CINPlanEndDate", required=False
        ),
    ),
)

CIN_PRE_PROCEEDINGS = Table(
    name="cin_pre_proceedings",
    grain="one row per pre-proceedings process",
    key=("child_id", "referral_date", "first_meeting_date"),
    source=f"{_SOURCE}, pre-proceedings block",
    sent_as="PreProceedings",
    since=2026,
    columns=(
        CHILD,
        REFERRAL_DATE,
        _date("pre_proceedings_start", "Day the process began.", "PPStartDate", required=False),
        _date(
            "letter_before_date",
            "Letter before proceedings sent.",
            "LBPSentDate",
            required=False,
        ),
        Column(
            "is_family_meeting_offered",
            _YES_NO,
            "Whether a family group decision-making meeting was offered.",
            "FGDMMeetingOffer",
            required=False,
        ),
        Column(
            "is_family_meeting_held",
            _YES_NO,
            "Whether it was held.",
            "FGDMMeetingFac",
            required=False,
        ),
        _date("first_meeting_date", "First meeting.", "InitialPPMeetingDate", required=False),
        Column(
            "review_meeting_count",
            pa.int16(),
            "Review meetings held.",
            "ReviewMeetingsCount",
            required=False,
            minimum=0,
            maximum=99,
        ),
        _date(
            "step_decision_date", "Decision to step up or down.", "StepDecisionDate", required=False
        ),
        Column(
            "pre_proceedings_outcome",
            pa.string(),
            "What was decided.",
            "PPOutcome",
            required=False,
            max_length=40,
        ),
        _date("proceedings_issued_date", "Court application.", "CourtAppDate", required=False),
        _date(
            "letter_of_initiation_date",
            "Letter that began care proceedings.",
            "LetterInitCPDate",
            required=False,
        ),
    ),
)

RETURN = Return(
    name="cin_census",
    title="Children in need census",
    tables=(
        CIN_CHILDREN,
        CIN_DISABILITIES,
        REFERRALS,
        ASSESSMENTS,
        ASSESSMENT_FACTORS,
        SECTION_47,
        CP_PLANS,
        CP_PLAN_REVIEWS,
        CIN_PLANS,
        CIN_PRE_PROCEEDINGS,
    ),
    forms=(Form.XML,),
    coverage=Coverage.YEAR_TO_DATE,
)
