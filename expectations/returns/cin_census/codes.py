"""DfE's codes for the elements of the census."""

CIN_OFFICIAL_CODES = {
    ("cin_children", "child_id"): "8500",
    ("cin_children", "key"): "CHILD_ID_DUPLICATE",
    ("cin_children", "copy"): "8510",
    ("cin_children", "gender"): "4180",
    ("cin_children", "sex"): "4180",
    ("cin_children", "ethnicity"): "4220",
    ("cin_disabilities", "disability_code"): "8540",
    ("cin_disabilities", "copy"): "8794",
    ("referrals", "referral_date"): "8600",
    ("referrals", "referral_source_code"): "8866",
    ("referrals", "primary_need_code"): "8650",
    ("referrals", "closure_reason"): "8640",
    ("referrals", "is_nfa"): "8568",
    ("assessment_factors", "copy"): "8898",
    ("cp_plans", "cp_plan_start"): "8720",
    ("cp_plans", "initial_abuse_code"): "8905",
    ("cp_plans", "latest_abuse_code"): "8910",
    ("cp_plans", "previous_cp_plan_count"): "8730",
    ("cin_plans", "cin_plan_start"): "4010",
}
"""DfE's code for the validity of a column, by table and column; `key` for disagreeing rows."""
