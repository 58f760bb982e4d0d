"""Invented outcome tables, consistent as real ones are: what outcomes share is the same number."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from pandas import DataFrame

from schemas.authorities import authorities
from schemas.outcomes import OUTCOMES, PUBLISHED
from schemas.outcomes.outcome import OutcomeKind
from schemas.outcomes.publication import ValueMeasure
from schemas.population import population_0_17
from schemas.quarter import Quarter
from schemas.trial import clusters, model_of, windows
from tasks.publish.inputs import EditionInputs
from tasks.training.programme import PROGRAMME_COLUMNS

ADOPTERS = tuple(sorted(cluster.la_code for cluster in clusters()))

# quantity: (parent, share of it); parents come first.
SHARES = {
    "cohort": (None, 40),
    "entered_36m": ("cohort", 0.13),
    "entered_18m": ("entered_36m", 0.7),
    "kinship": ("entered_18m", 0.3),
    "reunified": ("entered_18m", 0.25),
    "plan_ended": ("cohort", 0.3),
    "returned": ("plan_ended", 0.35),
    "cohort_plans": ("cohort", 0.35),
    "pre_proceedings": ("cohort", 0.15),
    "issued_16w": ("pre_proceedings", 0.5),
    "with_factors": ("cohort", 0.6),
    "referred_again": ("with_factors", 0.3),
    "looked_after": (None, 300),
    "care_starts": (None, 20),
    "moved_often": ("looked_after", 0.1),
    "long_in_care": ("looked_after", 0.3),
    "long_in_place": ("long_in_care", 0.7),
    "placement_changes": ("looked_after", 0.2),
    "unplanned_changes": ("placement_changes", 0.2),
    "plan_starts": (None, 45),
    "repeat_plans": ("plan_starts", 0.25),
    "repeat_plans_24m": ("repeat_plans", 0.4),
    "referrals": ("cohort", None),
    "rereferrals": ("referrals", 0.2),
    "returned_home": (None, 9),
    "still_home": ("returned_home", 0.8),
    "conferences": (None, 30),
    "fgc_returned_home": ("conferences", 0.15),
    "fgc_prevented_care": ("conferences", 0.5),
    "fgc_plan_avoided": ("conferences", 0.3),
    "fgc_step_avoided": ("conferences", 0.2),
    "activity_known": (None, 80),
    "neet": ("activity_known", 0.3),
    "scored": (None, 150),
    "scored_high": ("scored", 0.35),
}
AMOUNTS = {
    "care_days_18m": ("entered_18m", 250),
    "care_days_36m": ("entered_36m", 500),
    "plan_days_24m": ("cohort_plans", 250),
    "plan_days_36m": ("cohort_plans", 300),
    "sessions_possible": ("cohort", 250),
    "score_sum": ("scored", 14),
}
STAFF = ("fte_days", "sickness_days", "fte_start", "leavers_fte", "agency_fte", "cases")


def invented_outcomes(
    *,
    la_codes=ADOPTERS,
    first="2019-20Q1",
    last="2023-24Q4",
    seed=1,
    size=1.0,
    missing=0.02,
):
    """Return an outcome table as `sfp outcomes` prints it: some quarters not returned, the newest
    cohorts not yet mature."""
    quarters = list(Quarter.parse(first).through(Quarter.parse(last)))
    grid = DataFrame([(la, q) for la in la_codes for q in quarters], columns=["la_code", "at"])
    quantities = _quantities(grid, np.random.default_rng(seed), size)
    absent = np.random.default_rng(seed + 1).random(len(grid)) < missing
    parts = [_rows(outcome, grid, quantities, absent) for outcome in PUBLISHED]
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values(["outcome", "model", "la_code", "quarter"], ignore_index=True)


def _quantities(grid, draw, size):
    weights = dict(
        zip(grid["la_code"].unique(), draw.gamma(4, 0.25, grid["la_code"].nunique()), strict=True)
    )
    weight = grid["la_code"].map(weights).to_numpy() * size
    found = {}
    for name, (parent, share) in SHARES.items():
        if name == "referrals":
            found[name] = found["cohort"] + draw.poisson(60 * weight)
        elif parent is None:
            found[name] = draw.poisson(share * weight)
        else:
            found[name] = draw.binomial(found[parent], share)
    for name, (people, mean) in AMOUNTS.items():
        each = draw.integers(1, 2 * mean, len(grid))
        found[name] = found[people] * each
    found["sessions_missed"] = draw.binomial(found["sessions_possible"], 0.04)
    posts = np.round(20 + 60 * weight, 1)
    found |= {
        "fte_start": posts,
        "fte_days": np.round(posts * 62, 1),
        "sickness_days": np.round(posts * 62 * draw.uniform(0.01, 0.08, len(grid)), 1),
        "leavers_fte": np.round(posts * draw.uniform(0, 0.08, len(grid)), 1),
        "agency_fte": np.round(posts * draw.uniform(0, 0.3, len(grid)), 1),
        "cases": np.round(posts * draw.uniform(12, 22, len(grid))),
        "total_hours": np.round(posts * 450),
        "direct_hours": np.round(posts * 450 * draw.uniform(0.2, 0.4, len(grid))),
        "population": np.array(
            [
                population_0_17(la, q.collection_year).children
                for la, q in zip(grid["la_code"], grid["at"], strict=True)
            ]
        ),
    }
    return found


def _rows(outcome, grid, quantities, absent):
    declared = OUTCOMES[outcome]
    shown = declared.publication
    # A quantity that is not invented above is that of children looked after, or a quarter of it.
    denominator = quantities.get(shown.denominator.name, quantities["looked_after"]).astype(float)
    numerator = np.full(len(grid), np.nan)
    if shown.numerator is not None:
        numerator = quantities.get(shown.numerator.name, denominator // 4).astype(float)
    if shown.numerator is None:
        value = np.where(denominator > 0, 200.5, np.nan)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = numerator / denominator
    scale = 10_000 if shown.measure is ValueMeasure.RATE else 1
    last = max(grid["at"])
    mature = [q.index + -(-declared.mature_months // 3) + 1 <= last.index for q in grid["at"]]
    known = ~absent & (np.array(mature) | (declared.kind is not OutcomeKind.COHORT))
    rows = DataFrame(
        {
            "outcome": outcome,
            "model": grid["la_code"].map(lambda la: model_of(la) or "")
            if declared.kind is OutcomeKind.COHORT
            else "all",
            "la_code": grid["la_code"],
            "quarter": grid["at"].astype(str),
            "numerator": np.where(known, numerator, np.nan),
            "denominator": np.where(known, denominator, np.nan),
            "value": np.where(known, value * scale, np.nan),
            "status": np.where(known, np.where(denominator == 0, "z", "ok"), "x"),
            "reason": np.select(
                [absent, ~known, denominator == 0],
                ["NOT_RETURNED", "NOT_MATURE", "NO_ONE_TO_COUNT"],
                "",
            ),
        }
    )
    return rows[
        [_applies(declared, la, q) for la, q in zip(grid["la_code"], grid["at"], strict=True)]
    ]


def _applies(declared, la_code, quarter):
    if declared.kind is OutcomeKind.ANNUAL:
        return quarter.number == 4
    if declared.kind is OutcomeKind.QUARTER:
        return True
    model = model_of(la_code)
    if model is None or (declared.models and model not in declared.models):
        return False
    window = windows()[model]
    return quarter.last_day >= window.referral_from and quarter.start <= window.referral_to


def invented_completeness(*, la_codes=ADOPTERS, first="2023-24Q1", last="2023-24Q4"):
    """Return a completeness table: one return missing, one rejected, one held."""
    states = ["accepted", "accepted with queries", "accepted", "accepted"]
    odd = {5: "rejected", 11: "held", 23: "not received"}
    rows = [
        (la, name, str(quarter))
        for la in la_codes
        for name in ("ssda903", "cin_census", "workforce")
        for quarter in Quarter.parse(first).through(Quarter.parse(last))
    ]
    frame = DataFrame(rows, columns=["la_code", "return_name", "quarter"])
    frame["state"] = [odd.get(i, states[i % 4]) for i in range(len(frame))]
    frame["received"] = frame["state"] != "not received"
    frame["unsettled"] = frame["state"].where(frame["state"].isin(["rejected", "held"]), "")
    return frame


def national_authorities():
    """Return the codes in use of every authority in England."""
    return tuple(sorted(code for code, la in authorities().items() if la.valid_to is None))


SIX = ("E08000030", "E10000017", "E10000031", "E08000021", "E08000005", "E10000020")
"""Two authorities of each practice model."""

PLANTED_NOTE = "3 children without a date of birth left out"
PLANTED_MODULE = "module-of-one-authority"
PLANTED_SCRIPT = '<script>document.title="owned"</script>'
PLANTED_FORMULA = '=HYPERLINK("https://example.org/","open me")'


def six_authorities(**more):
    """Return a small outcome table: two authorities of each model, four years."""
    return invented_outcomes(la_codes=SIX, first="2019-20Q1", last="2022-23Q4", size=2.0, **more)


def invented_effects():
    """Return effects as `sfp effects` prints them, some not estimated, with awkward notes."""
    scales = {"fixed_effects_logit_cr2": "log odds ratio", "callaway_santanna": "risk difference"}
    rows = [
        {
            "outcome": outcome,
            "model": model,
            "estimator": estimator,
            "scale": scale,
            "estimate": np.nan if model == "no_wrong_door" else -0.2345,
            "se": np.nan if model == "no_wrong_door" else 0.1,
            "df": 3.2,
            "ci_low": -0.54321,
            "ci_high": 0.07,
            "p": 0.00001,
            "clusters": 5,
            "children": 1234,
            "events": 3 if outcome == "cla_36m" else 157,
            "note": f"odds ratio 0.79 (0.58 to 1.07); {PLANTED_NOTE}; {PLANTED_SCRIPT}",
        }
        for outcome in ("cla_18m", "cla_36m")
        for model in ("family_safeguarding", "no_wrong_door", "pooled")
        for estimator, scale in scales.items()
    ]
    return DataFrame(rows)


def invented_costs():
    """Return cost-benefit results as `sfp costs` prints them."""
    measures = {
        "npv": ("GBP 2024-25", -12345.678),
        "bcr": ("ratio", 0.87),
        "children_exposed": ("children", 1234),
    }
    return DataFrame(
        [
            (model, perspective, measure, value, unit, value - 1, value + 1, PLANTED_FORMULA)
            for model in ("family_safeguarding", "pooled")
            for perspective in ("fiscal", "social")
            for measure, (unit, value) in measures.items()
        ],
        columns=["model", "perspective", "measure", "value", "unit", "low", "high", "note"],
    )


def invented_cost_inputs():
    """Return the inputs of the cost-benefit analysis, with a small count among them."""
    return DataFrame(
        [
            ("pooled", "children exposed 2021-22", 1234.0, "children", np.nan, "", "table"),
            ("pooled", "children exposed 2022-23", 4.0, "children", np.nan, "", "table"),
            ("pooled", "price care_year", 318_400.0, "GBP per year", 0.2, "NAO", "unit_costs.csv"),
        ],
        columns=["model", "input", "value", "unit", "spread", "source", "origin"],
    )


def invented_training():
    """Return training figures of all authorities, one hidden, and of one authority alone."""
    nothing = (np.nan, 0, np.nan, np.nan)
    four, five = " ".join(ADOPTERS[:4]), " ".join(ADOPTERS[:5])
    rows = [
        ("programme", "assessment", "all", "nps", 41.5, 120, 30.0, 53.0, "ok", four, ADOPTERS[4]),
        ("programme", "planning", "all", "nps", *nothing, "c", "", ""),
        ("programme", "planning", "all", "review_tools_any", *nothing, "x", "", five),
        ("programme", "assessment", "all", "attended", 140.0, 140, np.nan, np.nan, "ok", five, ""),
        ("E08000030", PLANTED_MODULE, "all", "nps", 12.0, 40, 1.0, 23.0, "ok", "", ""),
    ]
    return DataFrame(rows, columns=list(PROGRAMME_COLUMNS))


def invented_drawing(title="Effect by every estimator"):
    """Return a drawing as matplotlib writes it, with a script that has no business in it."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="0 0 90 40" role="img" aria-labelledby="t d">'
        f'<title id="t">{title}</title><desc id="d">One interval.</desc>'
        "<defs><style>*{stroke-linejoin: round}</style>"
        '<clipPath id="c"><rect x="0" y="0" width="90" height="40"/></clipPath></defs>'
        '<script>alert(1)</script><image href="https://example.org/x.png"/>'
        '<g clip-path="url(#c)"><path id="m" d="M 1 1 L 9 9" style="stroke: #000; fill: none"/>'
        '<use xlink:href="#m" x="3" onclick="alert(1)"/>'
        "<text style=\"font: bold 10px 'DejaVu Sans', sans-serif; text-anchor: middle\">a</text>"
        "</g></svg>"
    )


def invented_submissions(seed=0):
    """Return the submissions in a cut, one per authority."""
    return DataFrame(
        [(f"{seed:08x}{place:08x}", la, "cin_census", "2022-23Q4") for place, la in enumerate(SIX)],
        columns=["submission_id", "la_code", "return_name", "quarter"],
    )


def edition_inputs(**changes):
    """Return the inputs of a small edition with something in every part of it."""
    made = EditionInputs(
        name="2023-05",
        final=True,
        cut_id="cut-1",
        made_on=date(2023, 5, 15),
        cut_quarter="2022-23Q4",
        code_version="abc",
        edition_code_version="fed",
        plan_hash="def",
        prices_hash="declared",
        outcomes=six_authorities(),
        effects=invented_effects(),
        costs=invented_costs(),
        cost_inputs=invented_cost_inputs(),
        seven_outcomes=None,
        training=invented_training(),
        completeness=invented_completeness(la_codes=SIX, first="2022-23Q1", last="2022-23Q4"),
        figures={"forest_cla_18m_pooled": invented_drawing(), "tornado_pooled": invented_drawing()},
        earlier=(),
        submissions=invented_submissions(),
    )
    return replace(made, **changes)
