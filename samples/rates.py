"""How often things happen in the invented lives, and the effects planted in them.

Shares are rounded from national tables (DfE characteristics of children in need, children looked
after, SSDA903 guides) where there is one and are otherwise our own choice; nothing is estimated
from these data, so plausible is enough. Effects are what an evaluation should find again.
"""

from __future__ import annotations

from samples.chance import Weights

# Odds ratio of becoming looked after within 18 months of a referral on or after go-live.
PLANTED_ODDS_RATIOS = {"family_safeguarding": 0.75, "family_valued": 0.85, "no_wrong_door": 0.80}
# Applied to referrals of children in the model's age range (unborn included where it says so).
EFFECT_WINDOW_MONTHS = 18

# Log-odds of becoming looked after within 18 months of a referral, without the effect.
ENTRY_BASE = -2.80
ENTRY_AUTHORITY_SPREAD = 0.25
ENTRY_QUARTER_SPREAD = 0.10
ENTRY_TREND_PER_YEAR = 0.02
ENTRY_BY_AGE = ((0, 0.65), (1, 0.35), (5, -0.15), (10, -0.20), (13, 0.05), (16, 0.10), (18, 0.0))
ENTRY_UNBORN = 1.10
ENTRY_BOY = 0.06
ENTRY_DISABLED = 0.15
ENTRY_EARLIER_PLAN = 0.60
ENTRY_BY_SEASON = (0.03, -0.04, 0.05, -0.04)
LATE_ENTRY = 0.012

# Referrals by quarter of the financial year; the first lockdown quarter was lower.
REFERRALS_BY_SEASON = (1.03, 0.94, 1.03, 1.00)
LOCKDOWN = ("2020-21Q1", 0.86)
REFERRALS_NOISE = 0.04
REFERRED_AGAIN = 0.34
REFERRED_AGAIN_SOON = 0.68
BURN_IN_YEARS = 6
EARLIER_ENTRANTS_YEARS = 11

NO_FURTHER_ACTION = 0.34
ENQUIRY = 0.34
CONFERENCE = 0.42
PLAN_AFTER_CONFERENCE = 0.87
CIN_PLAN = 0.38
STEP_DOWN = 0.62
SECOND_PLAN = 0.10
EARLY_HELP = 0.30

AGES = Weights(
    {"unborn": 4, "0": 7, "1": 5, "2": 5, "3": 5, "4": 5, "5": 5.5, "6": 5.5, "7": 5.5, "8": 5.5}
    | {"9": 5.5, "10": 5.5, "11": 5.5, "12": 5.7, "13": 6, "14": 6.2, "15": 6, "16": 4.6, "17": 1.4}
)
SEX_SHARES = Weights({"M": 51.5, "F": 48.5})
ETHNICITIES = Weights(
    {"WBRI": 66, "WIRI": 0.5, "WIRT": 0.3, "WOTH": 6, "WROM": 0.7, "MWBC": 3, "MWBA": 1.4}
    | {"MWAS": 1.6, "MOTH": 3, "AIND": 1.2, "APKN": 3, "ABAN": 1.6, "AOTH": 2, "BAFR": 4}
    | {"BCRB": 1.5, "BOTH": 1.2, "CHNE": 0.3, "OOTH": 2.5, "REFU": 0.6, "NOBT": 1.6}
)
UASC_ETHNICITIES = Weights({"OOTH": 40, "BAFR": 30, "AOTH": 20, "WOTH": 10})
DISABLED = 0.12
DISABILITIES = Weights(
    {"AUT": 30, "LD": 40, "BEH": 22, "COMM": 20, "MOB": 16, "PC": 9, "INC": 9, "HEAR": 5, "VIS": 6}
    | {"HAND": 4, "CON": 4, "DDA": 12}
)

SOURCES = Weights(
    {"1A": 7, "1B": 1.5, "1C": 1, "1D": 2, "2A": 19, "2B": 2, "3A": 2.2, "3B": 2.5, "3C": 0.6}
    | {"3D": 3, "3E": 4.5, "3F": 3, "4": 1.6, "5A": 6, "5B": 5, "5C": 3.5, "6": 29, "7": 4, "8": 5}
    | {"9": 2, "10": 1}
)
EARLY_HELP_SOURCE = ("5D", 0.04)
NEEDS = Weights({"N1": 58, "N3": 5, "N4": 10, "N5": 16, "N6": 5, "N7": 0.7, "N8": 2, "N9": 2})
FACTORS = Weights(
    {"1A": 2, "1B": 16, "1C": 1.5, "2A": 4, "2B": 17, "2C": 2, "3A": 14, "3B": 34, "3C": 5}
    | {"4A": 15, "4B": 33, "4C": 4, "5A": 9, "5B": 3, "5C": 1.5, "6A": 6, "6B": 4, "6C": 1.5}
    | {"7A": 3, "8B": 0.1, "10A": 4, "11A": 4, "12A": 1, "13A": 3, "14A": 8, "15A": 6, "16A": 16}
    | {"17A": 21, "18": 13, "19": 6, "20": 8, "22A": 0.4, "23A": 0.3, "24A": 4}
)
CATEGORIES = Weights({"NEG": 49, "EMO": 38, "PHY": 7, "SAB": 4, "MUL": 2})

LEGAL_START = Weights({"V2": 46, "C1": 44, "L2": 3, "L1": 5, "C2": 2})
LEGAL_START_BABY = Weights({"V2": 20, "C1": 70, "L2": 4, "L1": 4, "C2": 2})
ADOPTION = 0.42
CARE_NEEDS = Weights({"N1": 64, "N2": 3, "N3": 4, "N4": 8, "N5": 14, "N6": 2, "N8": 5})
PLANNED_REASONS = Weights({"CARPL": 58, "LAREQ": 14, "CHILD": 8, "OTHER": 20})
UNPLANNED_REASON_SHARES = Weights(
    {"CREQB": 46, "CREQO": 22, "CLOSE": 8, "STAND": 8, "ALLEG": 9, "APPRR": 7}
)
UNPLANNED_MOVE = 0.36
REPORTED_TEMPORARY = Weights({"T0": 25, "T1": 25, "T2": 8, "T3": 22, "T4": 20})
TEMPORARY_LONGEST = {"T0": 7, "T1": 35, "T2": 14, "T3": 18, "T4": 6}

IN_TOUCH = Weights({"YES": 90, "NO": 5.5, "REFU": 2.5, "NREQ": 1.5, "DIED": 0.3})
ACTIVITIES = Weights(
    {"F1": 6, "F2": 25, "F4": 4, "F5": 15, "G4": 13, "G5": 19, "G6": 6, "P1": 0.4, "P2": 4}
    | {"P4": 0.6, "P5": 4}
)
BEFORE_2022 = {"F4": "F3", "F5": "F3", "P4": "P3", "P5": "P3"}
ACCOMMODATIONS = Weights(
    {"B1": 13, "B2": 0.6, "C1": 2, "D1": 13, "E1": 6, "K1": 2, "R2": 1.5, "S2": 1.5, "T1": 2}
    | {"U1": 34, "U2": 1.5, "V2": 1, "W2": 0.4, "X2": 3, "Y1": 3, "Y2": 1, "Z1": 14}
)
REVIEW_CODES = Weights(
    {"PN1": 47, "PN2": 6, "PN3": 3, "PN4": 4, "PN5": 9, "PN6": 22, "PN7": 9},
)
WORKER_CHANGES = Weights(
    {"ABSENC": 8, "CHCHAN": 2, "LEFTRL": 34, "MANAGE": 14, "ORGRST": 6, "OTHERS": 8, "PCCHAN": 2}
    | {"TSPROC": 26}
)
