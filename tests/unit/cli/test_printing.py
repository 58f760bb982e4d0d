"""Rows and tables as a person and a program read them."""

import json

from pandas import DataFrame

from cli.options import Format
from cli.printing import plain_csv, say, show, show_table

TABLE = DataFrame({"la_code": ["E08000030", "E10000017"], "value": [1.5, None]})


def test_rows_are_aligned_under_their_names(capsys):
    show([{"code": "A1", "count": 12}, {"code": "LONGER", "count": 3}], as_json=False)
    assert capsys.readouterr().out == "code    count\nA1      12\nLONGER  3\n"


def test_no_rows_are_said_to_be_none_and_are_an_empty_list_to_a_program(capsys):
    show([], as_json=False)
    show([], as_json=True)
    assert capsys.readouterr().out == "(none)\n[]\n"


def test_a_table_is_csv_or_json_with_null_for_what_is_missing(capsys):
    show_table(TABLE, Format.CSV, plain_csv)
    assert capsys.readouterr().out == "la_code,value\nE08000030,1.5\nE10000017,\n"
    show_table(TABLE, Format.JSON, plain_csv)
    assert [row["value"] for row in json.loads(capsys.readouterr().out)] == [1.5, None]


def test_messages_never_mix_with_facts(capsys):
    say("working")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "working\n")
