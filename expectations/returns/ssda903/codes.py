"""DfE's codes for the columns of the return, and groups of codes the rules speak of."""

SSDA903_OFFICIAL_CODES = {
    ("children", "sex"): "101",
    ("children", "birth_date"): "102",
    ("children", "ethnicity"): "103",
    ("children", "mother_code"): "165",
    ("children", "mother_child_birth_date"): "171",
    ("children", "key"): "CHILD_ID_DUPLICATE",
    ("children", "copy"): "INT32",
    ("episodes", "episode_start"): "141",
    ("episodes", "start_reason"): "143",
    ("episodes", "legal_status"): "144",
    ("episodes", "need_code"): "145",
    ("episodes", "placement_code"): "146",
    ("episodes", "placement_provider"): "178",
    ("episodes", "episode_end"): "147",
    ("episodes", "end_reason"): "149",
    ("episodes", "place_change_reason"): "1009",
    ("reviews", "review_date"): "166",
    ("reviews", "review_code"): "167",
    ("uasc", "uasc_end_date"): "104",
    ("uasc", "key"): "INT36",
    ("oc2", "sdq_score"): "180",
    ("oc2", "sdq_reason"): "196",
    ("oc2", "key"): "INT33",
    ("oc3", "in_touch_code"): "131",
    ("oc3", "activity_code"): "132",
    ("oc3", "accommodation_code"): "133",
    ("oc3", "key"): "INT34",
    ("adoptions", "adoption_decision_date"): "112",
    ("adoptions", "adoption_match_date"): "113",
    ("adoptions", "foster_carer_adopts_code"): "114",
    ("adoptions", "adopter_count"): "175",
    ("adoptions", "adopter_sex_code"): "176",
    ("adoptions", "adopter_status_code"): "177",
    ("adoptions", "key"): "INT31",
    ("placed_for_adoption", "placed_date"): "115",
    ("placed_for_adoption", "placed_ceased_date"): "116",
    ("placed_for_adoption", "placed_ceased_reason"): "120",
    ("previous_permanence", "previous_permanence_code"): "631",
    ("previous_permanence", "key"): "INT35",
    ("missing_episodes", "missing_code"): "1006",
    ("missing_episodes", "missing_start"): "1004",
    ("missing_episodes", "missing_end"): "1005",
    ("social_worker_episodes", "social_worker_id"): "SW02STG1",
    ("social_worker_episodes", "social_worker_start"): "SW04STG1",
    ("social_worker_episodes", "social_worker_end"): "SW05STG1",
    ("social_worker_episodes", "social_worker_change_reason"): "SW13STG1",
    ("dolo", "dolo_start"): "700",
    ("dolo", "dolo_end"): "701",
}
"""DfE's code for the validity of a column, by table and column; `key` for disagreeing rows."""

ESSENTIAL_COLUMNS = frozenset(
    {
        ("episodes", "start_reason"),
        ("episodes", "legal_status"),
        ("oc3", "activity_code"),
        ("oc2", "sdq_score"),
    }
)
"""Columns without which a row would mislead an outcome."""

CONDITIONAL_COLUMNS = frozenset({("oc3", "activity_code"), ("oc3", "accommodation_code")})
"""Columns required of some rows only: 153 says of which."""

RESPITE = ("V3", "V4")
ADOPTION_PLACEMENTS = ("A3", "A4", "A5", "A6")
FOSTER_PLACEMENTS = ("U1", "U2", "U3", "U4", "U5", "U6")
ADOPTED = ("E11", "E12")
GUARDIANSHIP = ("E45", "E46", "E47", "E48")
FORMER_CARER_GUARDIANSHIP = ("E45", "E46")
MOVES = ("P", "T", "B", "U")
FEMALE = ("2", "F")
MALE = ("1", "M")
