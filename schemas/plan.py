"""The analysis plan: what is estimated, how, on whom, fixed before the results are seen.

One declared object, `PLAN`. Its hash is printed alongside every estimate, so that a change of plan
is seen in the outputs and in `sfp diff`. Choices and their reasons: docs/methods.md and
docs/decisions/0005-analysis-plan.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from schemas.errors import DeclarationError
from schemas.trial import MODELS


class ValueKind(StrEnum):
    """What an outcome is of one child."""

    EVENT = "event"
    AMOUNT = "amount"


class Role(StrEnum):
    """What an outcome is for."""

    PRIMARY = "primary"
    LONG = "long follow-up"
    SECONDARY = "secondary"


class Time(StrEnum):
    """What a period is: between successive go-lives, or a calendar quarter."""

    WEDGE = "wedge"
    QUARTER = "quarter"


@dataclass(frozen=True)
class PlannedOutcome:
    """One outcome of the cohort that effects are estimated on.

    Attributes:
        id: column of the cohort table, and id in docs/definitions.md.
        role: primary, long follow-up or secondary.
        kind: an event (yes or no) or an amount.
        window_months: follow-up from referral.
        words: completes `children who ...` (event) or `mean ... per child` (amount).
        unit: of an amount; empty for an event.
        models: models it is estimated for; pooled where there is more than one.
    """

    id: str
    role: Role
    kind: ValueKind
    window_months: int
    words: str
    unit: str = ""
    models: tuple[str, ...] = MODELS


@dataclass(frozen=True)
class Covariate:
    """One characteristic at referral that is adjusted for.

    Attributes:
        id: as `age`.
        column: of the cohort table.
        band_starts: first completed year of each band; empty for what is no number.
    """

    id: str
    column: str
    band_starts: tuple[int, ...] = ()


class Missing(StrEnum):
    """What becomes of a child whose covariate is not known."""

    INDICATOR = "missing indicator"
    COMPLETE_CASE = "complete case"


@dataclass(frozen=True)
class Sensitivity:
    """One pre-specified variation, run with the primary estimator.

    Attributes:
        id: follows the estimator's id and a colon in the effects table.
        question: what it answers.
        exposed_column: column that says who counts as exposed.
        drop_column: children for whom this column holds are left out; empty for no one.
        missing: as in the plan, unless this variation is about it.
        is_adjusted: whether covariates are used.
    """

    id: str
    question: str
    exposed_column: str = "exposed"
    drop_column: str = ""
    missing: Missing = Missing.INDICATOR
    is_adjusted: bool = True


@dataclass(frozen=True)
class Plan:
    """The whole plan.

    Attributes:
        version: raised with every change, with a line in CHANGELOG.md.
        primary_event, primary_amount: estimator that answers for an event and for an amount.
        beside: estimators shown alongside it, labelled as such.
        outcomes, covariates, sensitivities: as declared.
        missing: how unknown covariates are handled in the main analysis.
        time: what a period is in the trial analysis.
        exposure_window: exposure times (1 = quarter of go-live) the effect is averaged over.
        left_out_roles: roles of authorities that stay out, apart from those without a go-live date.
        strata: what the order of go-live was drawn within.
        submission_lag_months: how long after its window an outcome may be reported.
        level: of intervals.
        power: at which the minimum detectable effect is stated.
    """

    version: int
    primary_event: str
    primary_amount: str
    beside: tuple[str, ...]
    outcomes: tuple[PlannedOutcome, ...]
    covariates: tuple[Covariate, ...]
    sensitivities: tuple[Sensitivity, ...]
    missing: Missing
    time: Time
    exposure_window: tuple[int, int]
    left_out_roles: tuple[str, ...]
    strata: str
    submission_lag_months: int
    level: float
    power: float

    def __post_init__(self) -> None:
        """Refuse a plan that names an outcome, covariate or sensitivity twice."""
        for items in (self.outcomes, self.covariates, self.sensitivities):
            ids = [item.id for item in items]
            if len(set(ids)) < len(ids):
                raise DeclarationError(f"analysis plan: an id stands twice in {ids}. Keep one.")

    @property
    def primary_outcome(self) -> PlannedOutcome:
        """The outcome the evaluation is about: the one whose role is primary."""
        return next(outcome for outcome in self.outcomes if outcome.role is Role.PRIMARY)

    def primary(self, outcome: PlannedOutcome) -> str:
        """Return the id of the estimator that answers for the outcome."""
        return self.primary_event if outcome.kind is ValueKind.EVENT else self.primary_amount


_COUPLE: Final = "looked after, of those who became looked after within 18 months"

_OUTCOMES: Final = (
    PlannedOutcome(
        "cla_18m",
        Role.PRIMARY,
        ValueKind.EVENT,
        18,
        "became looked after within 18 months of referral",
    ),
    PlannedOutcome(
        "cla_36m",
        Role.LONG,
        ValueKind.EVENT,
        36,
        "became looked after within 36 months of referral",
    ),
    PlannedOutcome(
        "days_in_care_18m",
        Role.SECONDARY,
        ValueKind.AMOUNT,
        18,
        "days looked after in the 18 months from referral",
        "days",
    ),
    PlannedOutcome(
        "days_in_care_36m",
        Role.SECONDARY,
        ValueKind.AMOUNT,
        36,
        "days looked after in the 36 months from referral",
        "days",
    ),
    PlannedOutcome(
        "return_after_cpp_36m",
        Role.SECONDARY,
        ValueKind.EVENT,
        36,
        "had a new plan or became looked after once a child protection plan had ended",
    ),
    PlannedOutcome(
        "cpp_days_24m",
        Role.SECONDARY,
        ValueKind.AMOUNT,
        24,
        "days on a child protection plan begun within 12 months of referral",
        "days",
    ),
    PlannedOutcome(
        "cpp_days_36m",
        Role.SECONDARY,
        ValueKind.AMOUNT,
        36,
        "days on any child protection plan in the 36 months from referral",
        "days",
    ),
    PlannedOutcome(
        "plo_to_proceedings_16w",
        Role.SECONDARY,
        ValueKind.EVENT,
        24,
        "had care proceedings issued within 16 weeks of the first pre-proceedings meeting",
    ),
    PlannedOutcome(
        "rereferral_factors_18m",
        Role.SECONDARY,
        ValueKind.EVENT,
        18,
        "were referred again within 18 months of an assessment with a listed factor",
    ),
    PlannedOutcome(
        "unauthorised_absence_3t",
        Role.SECONDARY,
        ValueKind.AMOUNT,
        18,
        "share of school sessions missed without leave in the three terms after referral",
        "of sessions",
    ),
    PlannedOutcome(
        "kinship_18m",
        Role.SECONDARY,
        ValueKind.EVENT,
        18,
        f"were placed with relatives or friends while {_COUPLE}",
        models=("family_valued",),
    ),
    PlannedOutcome(
        "reunified_18m",
        Role.SECONDARY,
        ValueKind.EVENT,
        18,
        f"went home to parents or relatives after being {_COUPLE}",
        models=("family_valued",),
    ),
)

COVARIATES: Final = (
    Covariate("age", "age_at_referral", band_starts=(0, 1, 5, 10, 13, 16)),
    Covariate("sex", "sex"),
    Covariate("ethnicity", "ethnicity_group"),
    Covariate("disability", "is_disabled"),
    Covariate("previous_plans", "has_previous_plan"),
    Covariate("uasc", "is_uasc"),
)

SENSITIVITIES: Final = (
    Sensitivity(
        "half_follow_up_exposed",
        "What if a child counts as exposed when at least half of follow-up came after go-live?",
        exposed_column="half_follow_up_exposed",
    ),
    Sensitivity(
        "without_no_further_action",
        "Does the effect rest on referrals that ended in no further action?",
        drop_column="is_nfa",
    ),
    Sensitivity(
        "born_only",
        "Does the effect rest on children not yet born when referred?",
        drop_column="is_unborn",
    ),
    Sensitivity(
        "complete_case",
        "Does the effect rest on how unknown characteristics are handled?",
        missing=Missing.COMPLETE_CASE,
    ),
    Sensitivity(
        "unadjusted",
        "Does the effect rest on adjusting for characteristics at all?",
        is_adjusted=False,
    ),
)

PLAN: Final = Plan(
    version=1,
    primary_event="fixed_effects_logit_cr2_satterthwaite",
    primary_amount="two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite",
    beside=(
        "marginal_risk_difference_among_exposed",
        "marginal_risk_difference_all",
        "fixed_effects_logit_model_based",
        "mixed_logit_cluster_intercept_laplace",
        "mixed_logit_cluster_and_cluster_period_laplace",
        "cell_means_linear_mixed_kenward_roger",
        "two_way_fixed_effects_risk_difference_weighted_cr2_satterthwaite",
        "exposure_time_average",
        "exposure_time_curve",
        "callaway_santanna",
        "gee_mancl_derouen",
        "stratified_randomisation_test",
    ),
    outcomes=_OUTCOMES,
    covariates=COVARIATES,
    sensitivities=SENSITIVITIES,
    missing=Missing.INDICATOR,
    time=Time.WEDGE,
    exposure_window=(1, 4),
    left_out_roles=("pilot", "withdrawn"),
    strata="readiness stratum within model",
    submission_lag_months=3,
    level=0.95,
    power=0.80,
)


def plan_text(plan: Plan = PLAN) -> str:
    """Return the plan as JSON with sorted keys: the same text on every machine."""
    return json.dumps(asdict(plan), sort_keys=True, indent=1, ensure_ascii=True)


def plan_hash(plan: Plan = PLAN) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the plan's text."""
    return hashlib.sha256(plan_text(plan).encode("ascii")).hexdigest()[:16]
