"""What operators see of a submission: counts and rule codes, never a value."""

from tasks.announce.events import broken_rules, rule_totals
from tests.hostile.test_content import a_census, a_child, found
from tests.support.dropped import WALSALL
from tests.support.files import MEETINGS

SECRET = "Zq7Secret"


def test_h106_operators_see_counts_and_codes_but_no_value(root, dropped):
    children = [a_child(f"{SECRET}{n}") for n in range(2)]
    dropped.put("census.xml", a_census(*children).replace("WBRI", SECRET))
    (taken,) = dropped.sweep()
    told = broken_rules(root, taken.submission_id)
    in_the_pack = found(dropped, taken)["code"].value_counts().to_dict()
    assert in_the_pack
    assert {row["code"]: row["findings"] for row in told} == in_the_pack
    assert {row["status"] for row in told} == {"failed"}
    assert SECRET not in str(told)
    assert SECRET not in str(taken.row())
    assert SECRET in (dropped.pack(taken) / "findings.csv").read_text("utf-8-sig")


def test_operators_see_why_a_file_could_not_be_read(root, dropped):
    dropped.put("m.csv", MEETINGS + f"{SECRET},2024-05-06\n{SECRET},,,\n", la_code=WALSALL)
    (taken,) = dropped.sweep()
    (row,) = broken_rules(root, taken.submission_id)
    assert (row["code"], row["findings"]) == ("ROW_WIDTH", 1)
    assert SECRET not in str(row)


def test_operators_see_of_a_burst_in_how_many_returns_each_rule_was_broken(root, dropped):
    dropped.put("m.csv", MEETINGS + f"{SECRET},2024-05-06\n{SECRET},,,\n", la_code=WALSALL)
    (first,) = dropped.sweep()
    dropped.put("m.csv", MEETINGS + f"{SECRET},2024-05-06\n", la_code=WALSALL)
    (second,) = dropped.sweep()
    (row,) = rule_totals(root, [first.submission_id, second.submission_id])
    assert (row["code"], row["submissions"], row["findings"]) == ("ROW_WIDTH", 2, 2)
    assert SECRET not in str(row)
