"""Which function computes which outcome."""

from __future__ import annotations

from typing import Final

from tasks.outcomes import (
    attendance,
    care,
    delivery,
    leavers,
    placements,
    plans,
    proceedings,
    referrals,
    wellbeing,
    workforce,
)
from tasks.outcomes.units import Measure

MEASURES: Final[dict[str, Measure]] = {
    "cla_18m": care.cla,
    "cla_36m": care.cla,
    "days_in_care_18m": care.days_in_care,
    "days_in_care_36m": care.days_in_care,
    "days_in_care_18m_entered": care.days_in_care_entered,
    "days_in_care_36m_entered": care.days_in_care_entered,
    "kinship_18m": care.kinship_18m,
    "reunified_18m": care.reunified_18m,
    "cla_rate": care.cla_rate,
    "cla_start_rate": care.cla_start_rate,
    "placement_moves_3plus": placements.placement_moves_3plus,
    "placement_long_term": placements.placement_long_term,
    "unplanned_moves": placements.unplanned_moves,
    "return_after_cpp_36m": plans.return_after_cpp_36m,
    "cpp_days_24m": plans.cpp_days_24m,
    "cpp_days_24m_median": plans.cpp_days_24m,
    "cpp_days_36m": plans.cpp_days_36m,
    "cpp_start_rate": plans.cpp_start_rate,
    "repeat_cpp": plans.repeat_cpp,
    "repeat_cpp_24m": plans.repeat_cpp_24m,
    "rereferral_factors_18m": referrals.rereferral_factors_18m,
    "rereferral_12m": referrals.rereferral_12m,
    "plo_to_proceedings_16w": proceedings.plo_to_proceedings_16w,
    "unauthorised_absence_3t": attendance.unauthorised_absence_3t,
    "sickness_absence": workforce.sickness_absence,
    "turnover": workforce.turnover,
    "agency_rate": workforce.agency_rate,
    "direct_work_share": workforce.direct_work_share,
    "caseload": workforce.caseload,
    "reunification": delivery.reunification,
    "reunification_still_home": delivery.reunification_still_home,
    "fgc_returned_home": delivery.fgc_returned_home,
    "fgc_prevented_care": delivery.fgc_prevented_care,
    "fgc_plan_avoided": delivery.fgc_plan_avoided,
    "fgc_step_avoided": delivery.fgc_step_avoided,
    "neet": leavers.neet,
    "sdq_total": wellbeing.sdq_total,
    "sdq_high": wellbeing.sdq_high,
}
