"""Invented SSDA903 tables with a known share of faulty rows, for two benchmarks."""

from __future__ import annotations

import numpy as np

SHARES = {
    "children": 0.1,
    "episodes": 0.2,
    "reviews": 0.3,
    "missing_episodes": 0.12,
    "social_worker_episodes": 0.16,
    "oc2": 0.06,
    "previous_permanence": 0.04,
    "oc3": 0.01,
    "uasc": 0.006,
    "placed_for_adoption": 0.003,
    "adoptions": 0.001,
}


LA_CODE = "E08000030"


FAULTY = 50
"""One row in so many has a fault."""


CONSTANT = {
    "sex": "2",
    "birth_date": "2012-05-14",
    "ethnicity": "WBRI",
    "upn": "A123456789012",
    "mother_code": "0",
    "legal_status": "C2",
    "need_code": "N1",
    "placement_provider": "PR1",
    "review_date": "2023-09-01",
    "review_code": "PN1",
    "missing_code": "M",
    "missing_start": "2023-08-01",
    "missing_end": "2023-08-03",
    "social_worker_id": "SW0000001",
    "social_worker_start": "2023-05-01",
    "sdq_score": "12",
    "convicted_code": "0",
    "immunisations_code": "1",
    "teeth_check_code": "1",
    "health_assessment_code": "1",
    "substance_misuse_code": "0",
    "previous_permanence_code": "Z1",
    "in_touch_code": "YES",
    "activity_code": "F2",
    "accommodation_code": "K1",
}


def texts_of(table: str, rows: int) -> dict[str, np.ndarray]:
    """Columns of one table as text: every child in turn, episodes in pairs."""
    number = np.arange(rows)
    child = number // 2 if table == "episodes" else number
    columns = {name: np.full(rows, text, dtype=object) for name, text in CONSTANT.items()}
    columns["child_id"] = np.array([f"{each:08d}" for each in child], dtype=object)
    if table == "episodes":
        is_first = number % 2 == 0
        columns["episode_start"] = np.where(is_first, "2022-06-01", "2023-07-01").astype(object)
        columns["episode_end"] = np.where(is_first, "2023-07-01", None).astype(object)
        columns["start_reason"] = np.where(is_first, "S", "P").astype(object)
        columns["end_reason"] = np.where(is_first, "X1", None).astype(object)
        columns["place_change_reason"] = np.where(is_first, "CARPL", None).astype(object)
        columns["placement_code"] = np.where(is_first, "U6", "K2").astype(object)
        columns["placement_urn"] = np.where(is_first, "SC000001", "SC000002").astype(object)
        columns["need_code"][::FAULTY] = "N99"
        columns["episode_start"][1::FAULTY] = "2023-07-05"
    if table == "reviews":
        columns["review_date"][::FAULTY] = "2024-05-01"
    if table == "missing_episodes":
        columns["missing_end"][::FAULTY] = "2023-07-01"
    return columns
