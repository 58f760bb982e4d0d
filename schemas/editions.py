"""What is written in every edition: symbols, labels, licence, the columns of metadata files.

File form: the rules of DfE's Explore Education Statistics (EES) service, as
`tasks/publish/ees_rules.py` checks them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

RELIABLE_FROM: Final = 10
"""A mean over fewer people than this is marked `u`; training feedback draws the same line."""


class Symbol(StrEnum):
    """What stands in a cell instead of a number (DfE and Analysis Function shorthand)."""

    HIDDEN = "c"
    NOT_APPLICABLE = "z"
    NOT_AVAILABLE = "x"
    LOW = "low"
    UNRELIABLE = "u"


SYMBOL_MEANINGS: Final = {
    Symbol.HIDDEN: "confidential: hidden so that no child can be recognised",
    Symbol.NOT_APPLICABLE: "not applicable: the figure cannot exist here",
    Symbol.NOT_AVAILABLE: "not available: not returned, not yet mature, or not fit to "
    "count, as not_available.csv says of each; or a total of which an authority has no figure, as "
    "totals.csv says; never zero",
    Symbol.LOW: "rounds to zero but is not zero",
    Symbol.UNRELIABLE: f"low reliability: a mean over fewer than {RELIABLE_FROM}",
}

COUNTRY_CODE: Final = "E92000001"
COUNTRY_NAME: Final = "England"
TOTAL_ITEM: Final = "Total"
NATIONAL: Final = "National"
LOCAL_AUTHORITY: Final = "Local authority"

PUBLISHER: Final = "Strengthening Families, Protecting Children, data team of the evaluation"
CONTACT: Final = (
    "Questions: the data team of the evaluation, at the address from which you had this edition. "
    "Authorities: at the address on your receipts."
)

LICENCE_NAME: Final = "OGL-UK-3.0"
LICENCE_TITLE: Final = "Open Government Licence v3.0"
LICENCE_PATH: Final = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

META_COLUMNS: Final = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
    "filter_default",
)
"""Columns of a metadata file, in order."""

COST_WORDS: Final = {
    "npv": "Net present value",
    "bcr": "Benefits for every pound of cost",
    "payback_year": "Year in which costs are paid back",
    "probability_npv_positive": "Probability that it pays",
    "children_kept_from_care": "Children kept from care",
    "cost_pv": "Cost, present value",
    "benefit_pv": "Benefit, present value",
}
"""The headline measures of the cost-benefit analysis, as readers know them."""

TRAINING_WORDS: Final = {
    "attended": "People who attended",
    "nps": "Net promoter score",
    "reaction_relevant_top_two": "Found it relevant, share",
    "reaction_expectations_top_two": "Met their expectations, share",
    "reaction_facilitator_top_two": "Facilitated well, share",
    "learning_self_assessment_mean_change": "Mean change in self-assessment",
    "learning_self_assessment_improved": "Improved in self-assessment, share",
    "retention_self_assessment_mean_change": "Mean change still there after six months",
    "retention_self_assessment_above_start": "Still above their start after six months, share",
    "review_applied_top_two": "Applied it at work, share",
    "review_tools_any": "Used at least one tool, share",
    "audit_workings_out_before_good_share": "Files with good workings out before, share",
    "audit_workings_out_after_good_share": "Files with good workings out after, share",
}
"""The training measures that are published, as readers know them."""
