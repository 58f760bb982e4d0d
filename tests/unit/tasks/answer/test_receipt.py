import json

from tasks.answer import pack_files
from tests.support.answers import PLANTED_SCRIPT, every_verdict, rejected, unreadable


def receipt_of(answer):
    return json.loads(pack_files(answer)["receipt.json"])


def test_a_receipt_says_who_when_what_and_the_verdict():
    receipt = receipt_of(rejected())
    assert receipt["schema"] == "sfp-receipt/1"
    assert receipt["la_code"] == "E08000035"
    assert receipt["quarter"] == "2025-26Q1"
    assert receipt["verdict"] == "rejected"
    assert receipt["in_force"] == "11aa22bb33cc44dd, version 1"
    assert receipt["findings"] == {"error": 441, "query": 3, "notice": 1}
    assert receipt["findings_by_code"]["SFP300"] == 412
    assert receipt["rules"]["passed"] == 40
    assert receipt["rules"]["could not run"] == 0


def test_a_receipt_names_every_file_with_its_hash_and_where_it_came_from():
    files = receipt_of(rejected())["files"]
    assert [file["sha256"][-1] for file in files] == ["1", "2", "3"]
    assert [file["carried_from"] for file in files] == [None, None, "11aa22bb33cc44dd"]


def test_a_receipt_says_why_a_file_could_not_be_read():
    refusal = receipt_of(unreadable())["refusal"]
    assert (refusal["code"], refusal["row"]) == ("ROW_WIDTH", 1044)


def test_h106_a_receipt_holds_no_value_from_a_childs_row():
    for answer in every_verdict().values():
        text = pack_files(answer)["receipt.json"].decode()
        assert PLANTED_SCRIPT not in text
        assert "31/02/2025" not in text


def test_the_same_answer_gives_the_same_bytes():
    for answer in every_verdict().values():
        assert pack_files(answer) == pack_files(answer)


def test_a_pack_has_four_files():
    for answer in every_verdict().values():
        assert list(pack_files(answer)) == [
            "receipt.json",
            "findings.csv",
            "findings.xlsx",
            "report.html",
        ]
