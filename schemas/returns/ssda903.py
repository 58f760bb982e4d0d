"""Children looked after return (SSDA903), as local authorities send it.

Headings in `sent_as` and all codes are those of the DfE guides to the SSDA903 collection, years
2019-20 to 2026-27; what changed between them is in `since` and `until`.
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

_SOURCE = "DfE guide to the SSDA903 collection"
_CODES = reference_rows("ssda903_codes.csv")


def _codes(code_set: str) -> tuple[Code, ...]:
    return codes_from(_CODES, code_set)


def _code(name: str, meaning: str, sent_as: str, *, required: bool = True) -> Column:
    return Column(name, pa.string(), meaning, sent_as, _codes(sent_as), required=required)


def _date(name: str, meaning: str, sent_as: str, *, required: bool = True) -> Column:
    return Column(name, pa.date32(), meaning, sent_as, required=required)


def _text(
    name: str, meaning: str, sent_as: str, max_length: int, at_rest: AtRest = AtRest.AS_IS
) -> Column:
    return Column(
        name, pa.string(), meaning, sent_as, required=False, at_rest=at_rest, max_length=max_length
    )


def _flag(name: str, meaning: str, sent_as: str) -> Column:
    return _code(name, meaning, sent_as, required=False)


CHILDREN = Table(
    name="children",
    grain="one row per child looked after, or care leaver followed up, in the year",
    key=("child_id",),
    source=f"{_SOURCE}, header file",
    sent_as="header",
    required=True,
    columns=(
        child_id("CHILD"),
        _code("sex", "Sex as recorded by the authority.", "SEX"),
        birth_date("DOB", at_rest=AtRest.MONTH),
        _code("ethnicity", "Ethnic origin, DfE main code.", "ETHNIC"),
        _text("upn", "Unique pupil number, or UN1 to UN5 when unknown.", "UPN", 13, AtRest.DROPPED),
        _flag("mother_code", "1 when the child is a mother, else 0 or empty.", "MOTHER"),
        Column(
            "mother_child_birth_date",
            pa.date32(),
            "Date of birth of the mother's child.",
            "MC_DOB",
            required=False,
            at_rest=AtRest.DROPPED,
        ),
    ),
)

EPISODES = Table(
    name="episodes",
    grain="one row per episode: a child under one legal status in one placement",
    key=("child_id", "episode_start"),
    source=f"{_SOURCE}, episodes file",
    sent_as="episodes",
    required=True,
    columns=(
        child_id("CHILD"),
        _date("episode_start", "First day of the episode.", "DECOM"),
        _code("start_reason", "Why the episode began; S opens a period of care.", "RNE"),
        _code("legal_status", "Legal status; V3 and V4 are short-break series.", "LS"),
        _code("need_code", "Category of need when the period of care began.", "CIN"),
        _code("placement_code", "Type of placement.", "PLACE"),
        _code("placement_provider", "Who provides it.", "PLACE_PROVIDER", required=False),
        _date(
            "episode_end",
            "Day the episode ceased (not included); empty while it is open.",
            "DEC",
            required=False,
        ),
        _code(
            "end_reason",
            "Why the episode ceased; X1 when another begins the same day.",
            "REC",
            required=False,
        ),
        _code(
            "place_change_reason",
            "Why the placement that this episode ends was changed.",
            "REASON_PLACE_CHANGE",
            required=False,
        ),
        _text("home_postcode", "Postcode of the home.", "HOME_POST", 8, AtRest.DROPPED),
        _text("placement_postcode", "Postcode of the placement.", "PL_POST", 8, AtRest.DROPPED),
        _text("placement_urn", "Ofsted number of the provider.", "URN", 8),
    ),
)

REVIEWS = Table(
    name="reviews",
    grain="one row per review of a child looked after",
    key=("child_id", "review_date"),
    source=f"{_SOURCE}, reviews file",
    sent_as="reviews",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _date("review_date", "Day of the review.", "REVIEW"),
        _code("review_code", "How the child took part.", "REVIEW_CODE"),
    ),
)

UASC = Table(
    name="uasc",
    grain="one row per unaccompanied asylum-seeking child",
    key=("child_id",),
    source=f"{_SOURCE}, UASC file",
    sent_as="uasc",
    columns=(
        child_id("CHILD"),
        Column("sex", pa.string(), "Sex as recorded by the authority.", "SEX", _codes("SEX")),
        birth_date("DOB"),
        _date("uasc_end_date", "Day the status ceased.", "DUC", required=False),
    ),
)

OC2 = Table(
    name="oc2",
    grain="one row per child looked after for twelve months at 31 March: health and offending",
    key=("child_id",),
    source=f"{_SOURCE}, OC2 file",
    sent_as="oc2",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        Column(
            "sdq_score",
            pa.int16(),
            "Strengths and difficulties questionnaire, total score 0 to 40.",
            "SDQ_SCORE",
            required=False,
            minimum=0,
            maximum=40,
        ),
        _flag("sdq_reason", "Why there is no score.", "SDQ_REASON"),
        _flag("convicted_code", "Convicted or cautioned in the year.", "CONVICTED"),
        _flag("health_check_code", "Development checks up to date (under 5).", "HEALTH_CHECK"),
        _flag("immunisations_code", "Immunisations up to date.", "IMMUNISATIONS"),
        _flag("teeth_check_code", "Seen by a dentist in the year.", "TEETH_CHECK"),
        _flag("health_assessment_code", "Annual health assessment done.", "HEALTH_ASSESSMENT"),
        _flag("substance_misuse_code", "Substance misuse problem found.", "SUBSTANCE_MISUSE"),
        _flag("intervention_received_code", "Help received for it.", "INTERVENTION_RECEIVED"),
        _flag("intervention_offered_code", "Help offered but refused.", "INTERVENTION_OFFERED"),
    ),
)

OC3 = Table(
    name="oc3",
    grain="one row per care leaver followed up around a birthday from 17 to 21",
    key=("child_id",),
    source=f"{_SOURCE}, OC3 file",
    sent_as="oc3",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _code("in_touch_code", "Whether the authority is in touch.", "IN_TOUCH"),
        _code("activity_code", "Education, employment or training.", "ACTIV"),
        _code("accommodation_code", "Where the young person lives.", "ACCOM"),
    ),
)

ADOPTIONS = Table(
    name="adoptions",
    grain="one row per child adopted in the year",
    key=("child_id",),
    source=f"{_SOURCE}, AD1 file",
    sent_as="ad1",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _date("adoption_decision_date", "Decision that the child should be adopted.", "DATE_INT"),
        _date("adoption_match_date", "Matched to the adopters.", "DATE_MATCH"),
        _code("foster_carer_adopts_code", "1 when the foster carer adopts.", "FOSTER_CARE"),
        Column(
            "adopter_count", pa.int16(), "How many adopters.", "NB_ADOPTR", minimum=1, maximum=2
        ),
        _code("adopter_sex_code", "Sex of the adopters.", "SEX_ADOPTR"),
        _code("adopter_status_code", "Legal status of the adopters.", "LS_ADOPTR"),
    ),
)

PLACED_FOR_ADOPTION = Table(
    name="placed_for_adoption",
    grain="one row per decision that a child should be placed for adoption",
    key=("child_id", "placed_date"),
    source=f"{_SOURCE}, placed for adoption file",
    sent_as="placed_for_adoption",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _date("placed_date", "Decision to place for adoption.", "DATE_PLACED"),
        _date("placed_ceased_date", "Decision withdrawn.", "DATE_PLACED_CEASED", required=False),
        _code(
            "placed_ceased_reason", "Why it was withdrawn.", "REASON_PLACED_CEASED", required=False
        ),
    ),
)

PREVIOUS_PERMANENCE = Table(
    name="previous_permanence",
    grain="one row per child who began to be looked after in the year",
    key=("child_id",),
    source=f"{_SOURCE}, previous permanence file",
    sent_as="previous_permanence",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _code("previous_permanence_code", "Permanence the child left.", "PREV_PERM"),
        _text("previous_permanence_la", "Authority that arranged it.", "LA_PERM", 3),
        # Kept as text: the guide allows zz for an unknown day or month, as zz/zz/2019.
        _text("previous_permanence_date", "When it was granted.", "DATE_PERM", 10),
    ),
)

MISSING_EPISODES = Table(
    name="missing_episodes",
    grain="one row per time a child was missing or away without authorisation",
    key=("child_id", "missing_start"),
    source=f"{_SOURCE}, missing file",
    sent_as="missing",
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _code("missing_code", "M missing, A away without authorisation.", "MISSING"),
        _date("missing_start", "Day the child went.", "MIS_START"),
        _date("missing_end", "Day the child was back.", "MIS_END", required=False),
    ),
)

SOCIAL_WORKER_EPISODES = Table(
    name="social_worker_episodes",
    grain="one row per spell of one social worker with one child",
    key=("child_id", "social_worker_id", "social_worker_start"),
    source=f"{_SOURCE}, social worker episodes file",
    sent_as="sw_episodes",
    since=2024,
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        Column(
            "social_worker_id",
            pa.string(),
            "Registration number of the social worker.",
            "SW_ID",
            at_rest=AtRest.PSEUDONYM,
            max_length=12,
        ),
        _date("social_worker_start", "First day.", "SW_DECOM"),
        _date("social_worker_end", "Last day (not included).", "SW_DEC", required=False),
        _code("social_worker_change_reason", "Why it ended.", "SW_REASON", required=False),
    ),
)

DOLO = Table(
    name="dolo",
    grain="one row per deprivation of liberty order",
    key=("child_id", "dolo_start"),
    source=f"{_SOURCE} 2026-27, DoLO file",
    sent_as="dolo",
    since=2027,
    columns=(
        child_id("CHILD"),
        birth_date("DOB"),
        _date("dolo_start", "First day of the order.", "DOLO_START"),
        _date("dolo_end", "Last day of the order (not included).", "DOLO_END", required=False),
    ),
)

RETURN = Return(
    name="ssda903",
    title="Children looked after return (SSDA903)",
    tables=(
        CHILDREN,
        EPISODES,
        REVIEWS,
        UASC,
        OC2,
        OC3,
        ADOPTIONS,
        PLACED_FOR_ADOPTION,
        PREVIOUS_PERMANENCE,
        MISSING_EPISODES,
        SOCIAL_WORKER_EPISODES,
        DOLO,
    ),
    forms=(Form.CSV_SET, Form.XML, Form.WORKBOOK),
    coverage=Coverage.YEAR_TO_DATE,
    beside=("cin_census",),
)
