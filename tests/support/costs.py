"""Small invented tables for the cost tests."""

from pandas import DataFrame

from schemas.prices import PriceBook, declared_prices
from tasks.costs.appraisal import CostResult, cost_benefit
from tasks.costs.overrides import price_book
from tasks.costs.settings import CostSettings

MODEL = "family_safeguarding"
ESTIMATOR = "marginal_risk_difference_among_exposed"
EFFECTS = [
    "outcome", "model", "estimator", "scale", "estimate", "se", "df",
    "ci_low", "ci_high", "p", "clusters", "children", "events", "note",
]  # fmt: skip
SPEND = ["spend_set_up_gbp", "spend_staff_gbp", "spend_training_gbp", "spend_other_running_gbp"]
SETTINGS = CostSettings(seed=7)
WHY = "source: invented, grade: local"


def effect(
    outcome="days_in_care_18m",
    estimate=-4.0,
    se=1.0,
    *,
    df=5.0,
    model=MODEL,
    estimator=ESTIMATOR,
    scale="mean_difference",
    children=4000,
    note="",
):
    cells = (outcome, model, estimator, scale, estimate, se, df, None, None, None, 5, children, 400)
    return dict(zip(EFFECTS, (*cells, note), strict=True))


def entry(estimate=-0.02, se=0.005, **others):
    return effect("cla_18m", estimate, se, scale="risk_difference", **others)


def effects(*rows):
    return DataFrame(list(rows or (effect(), entry())), columns=EFFECTS)


def spend(quarter, *, la_code="E08000030", model=MODEL, amounts=(1000.0, 2000.0, 300.0, 40.0)):
    return {"la_code": la_code, "model": model, "quarter": quarter,
            **dict(zip(SPEND, amounts, strict=True)),
            "reunifications": 3, "reunifications_still_home": 2}  # fmt: skip


def a_year(start, **others):
    return [spend(f"{start}-{(start + 1) % 100:02d}Q{number}", **others) for number in (1, 2, 3, 4)]


def delivery(*rows):
    return DataFrame(list(rows or (*a_year(2020), *a_year(2021))))


def exposed(year="2020-21", children=1000, *, la_code="E08000030", model=MODEL):
    return {
        "model": model, "la_code": la_code, "financial_year": year, "children_exposed": children,
    }  # fmt: skip


def referrals(*rows):
    return DataFrame(list(rows or (exposed("2020-21"), exposed("2021-22", 500))))


def overridden(text, *, book=None):
    return price_book(book or declared_prices(), text, name="our.yaml")


def given(*parameters):
    """Return the declared book with parameters given as `id=value` or `id=value~spread`."""
    rows = []
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        value, _, spread = value.partition("~")
        rows.append(f"  - {{id: {name}, value: {value}, spread: {spread or 'null'}, {WHY}}}")
    return overridden("parameters:\n" + "\n".join(rows))


def run(
    effect_rows=None,
    delivery_rows=None,
    referral_rows=None,
    *,
    book: PriceBook | None = None,
    settings: CostSettings = SETTINGS,
) -> CostResult:
    return cost_benefit(
        effects() if effect_rows is None else effect_rows,
        delivery() if delivery_rows is None else delivery_rows,
        referrals() if referral_rows is None else referral_rows,
        prices=book or declared_prices(),
        settings=settings,
    )


def row(result, measure, *, perspective=None, model=MODEL):
    """Return the one row of a measure; counts stand under `all`, money under `fiscal`."""
    table = result.table
    is_count = measure.startswith(("children", "units"))
    perspective = perspective or ("all" if is_count else "fiscal")
    (found,) = table[
        table["model"].eq(model)
        & table["perspective"].eq(perspective)
        & table["measure"].eq(measure)
    ].to_dict("records")
    return found


def value(result, measure, **where):
    return row(result, measure, **where)["value"]


def cost_tables(result):
    """Return every table of a result by name."""
    return {name: getattr(result, name) for name in CostResult.__dataclass_fields__}
