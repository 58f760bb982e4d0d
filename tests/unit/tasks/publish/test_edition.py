import io
import json
import re
from dataclasses import replace
from hashlib import sha256
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from frictionless import Package
from lxml import html

from schemas.outcomes import OUTCOME_TABLES, PUBLISHED
from schemas.outcomes.reason import FigureReason
from schemas.quarter import Quarter
from schemas.trial import MODEL_NAMES
from tasks.outcomes.seven import restricted_seven
from tasks.publish import edition as made
from tasks.publish.changes import edition_diff
from tasks.publish.edition import PublicationRefused, edition_files
from tasks.publish.ees_rules import file_breaches
from tasks.publish.inputs import EarlierEdition
from tasks.publish.package import outcome_definitions
from tasks.publish.quality import SHORT_REASONS, definition_changes
from tests.support.editions import (
    PLANTED_MODULE,
    PLANTED_NOTE,
    PLANTED_SCRIPT,
    SIX,
    edition_inputs,
    invented_submissions,
)


@pytest.fixture(scope="module")
def files():
    return edition_files(edition_inputs())


def of_one_outcome():
    """Return inputs with one outcome alone, quick to publish."""
    inputs = edition_inputs()
    mine = inputs.outcomes[inputs.outcomes["outcome"].isin(["repeat_cpp", "repeat_cpp_24m"])]
    return replace(inputs, outcomes=mine)


def later(outcomes):
    """Return the outcomes after one authority sent its returns again, ten referrals more."""
    table = outcomes.copy()
    at = (
        (table["la_code"] == SIX[0])
        & (table["outcome"] == "rereferral_12m")
        & (table["quarter"] == "2021-22Q2")
    )
    table.loc[at, ["numerator", "denominator"]] += 10
    table.loc[at, "value"] = table.loc[at, "numerator"] / table.loc[at, "denominator"]
    return table


@pytest.fixture(scope="module")
def revised(files):
    inputs = edition_inputs()
    new = invented_submissions()
    new.loc[0, "submission_id"] = "feedfeedfeedfeed"
    first = EarlierEdition(inputs.name, files.public, files.restricted)
    return edition_files(
        replace(
            inputs,
            name="2023-08",
            outcomes=later(inputs.outcomes),
            earlier=(first,),
            submissions=new,
        )
    )


def published_texts(files):
    """Yield every published file as text, the parts of the workbook one by one."""
    for path, content in files.public.items():
        if path.endswith(".xlsx"):
            with ZipFile(io.BytesIO(content)) as parts:
                yield from ((f"{path}/{n}", parts.read(n).decode()) for n in parts.namelist())
        else:
            yield path, content.decode()


def tables(files):
    return {
        path: pd.read_csv(io.BytesIO(content), dtype=str)
        for path, content in files.public.items()
        if path.startswith("data/") and not path.endswith(".meta.csv")
    }


def test_the_same_inputs_give_the_same_bytes(files):
    again = edition_files(edition_inputs())
    assert again.public == files.public
    assert again.restricted == files.restricted


def test_the_seven_outcomes_of_whole_models_stay_behind_the_edition(files):
    inputs = edition_inputs()
    seven = restricted_seven(inputs.outcomes)
    whole = edition_files(replace(inputs, seven_outcomes=seven))
    assert whole.public == files.public
    told = pd.read_csv(io.BytesIO(whole.restricted["seven_outcomes.csv"]), dtype=str)
    assert len(told) == len(seven)
    assert set(told.loc[told["la_code"] == "all", "model"]) == set(MODEL_NAMES)
    assert {"before", "after"} == set(told["period"])


def test_every_part_of_the_edition_is_there(files):
    named = {f"data/{table.name}.csv" for table in OUTCOME_TABLES}
    named |= {"data/effects.csv", "data/costs.csv", "data/training.csv", "data/completeness.csv"}
    named |= {"report.html", "edition.xlsx", "datapackage.json", "CHANGES.md", "revisions.csv"}
    named |= {
        "data_dictionary.csv",
        "outcome_definitions.csv",
        "seven_outcomes.csv",
        "not_available.csv",
    }
    assert named <= files.public.keys()


def test_every_figure_not_available_has_its_reason_and_no_hidden_one_has(files):
    runs = pd.read_csv(io.BytesIO(files.public["not_available.csv"]), dtype=str)
    assert set(runs["reason"]) == {"NOT_RETURNED", "NOT_MATURE"}
    explained = {
        (run["outcome"], run["new_la_code"], str(quarter))
        for run in runs.to_dict("records")
        for quarter in Quarter.parse(run["from_quarter"]).through(Quarter.parse(run["to_quarter"]))
    }
    shown = tables(files)["data/cohort_outcomes_quarterly.csv"]
    own = shown[shown["geographic_level"] == "Local authority"]
    symbols = own.set_index(["outcome", "new_la_code"])
    assert {"c", "x"} <= set(symbols["denominator"])
    for (outcome, la_code), row in symbols.iterrows():
        years, number = row["time_period"], row["time_identifier"]
        quarter = f"20{years[2:4]}-{years[4:6]}{number[-2:]}"
        assert ((outcome, la_code, quarter) in explained) == (row["denominator"] == "x")


def test_no_count_from_one_to_five_is_published(files):
    for path, frame in tables(files).items():
        is_of_posts = "workforce" in path
        if is_of_posts:
            frame = frame[frame["outcome"] == PUBLISHED["caseload"].label]
        for side in ("numerator", "denominator", "children", "events"):
            if side in frame and not (is_of_posts and side == "denominator"):
                numbers = pd.to_numeric(frame[side], errors="coerce")
                assert not ((numbers > 0) & (numbers <= 5)).any(), path


def test_a_hidden_count_hides_the_value_made_from_it(files):
    rows = tables(files)["data/cohort_outcomes_quarterly.csv"]
    hidden = rows[rows["numerator"] == "c"]
    assert len(hidden) > 0
    assert set(hidden["percentage"]) | set(hidden["mean_days"]) <= {"c", "z"}


def test_every_data_file_passes_every_rule_of_the_form(files):
    data = {path: body for path, body in files.public.items() if path.startswith("data/")}
    assert file_breaches(data) == []


def test_frictionless_reads_every_table_back(files, tmp_path):
    for path, content in files.public.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    report = Package(str(tmp_path / "datapackage.json")).validate()
    assert report.flatten(["message"]) == []
    package = json.loads(files.public["datapackage.json"])
    assert package["$schema"].endswith("2.0/datapackage.json")
    assert package["code_version"] == "abc"
    assert {each["path"] for each in package["resources"]} == files.public.keys() - {
        "datapackage.json"
    }
    schemas = [each["schema"] for each in package["resources"] if each["name"] == "headlines"]
    assert {"value", "label"} == set(schemas[0]["missingValues"][0])


def test_openpyxl_reads_the_workbook_back_without_formula_or_merged_cell(files):
    book = openpyxl.load_workbook(io.BytesIO(files.public["edition.xlsx"]))
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    assert "costs" in book["Costs"].tables


def test_nothing_that_was_planted_leaves(files):
    for path, text in published_texts(files):
        assert PLANTED_NOTE not in text, path
        assert PLANTED_MODULE not in text, path
        assert PLANTED_SCRIPT not in text, path


def test_the_disclosure_report_holds_the_hash_of_every_published_file(files):
    report = json.loads(files.restricted["disclosure.json"])
    assert report["files"] == {
        path: sha256(content).hexdigest() for path, content in files.public.items()
    }
    assert report["attack"]["unsafe"] == 0
    assert report["attack"]["targets"] > 0


def test_the_report_runs_nothing_and_loads_nothing(files):
    page = files.public["report.html"].decode()
    assert "<script" not in page
    assert " style=" not in page
    assert "example.org" not in page
    assert "Mean number of days" in page


def test_an_edition_of_nothing_still_has_its_report():
    empty = edition_inputs(
        outcomes=edition_inputs().outcomes.iloc[:0],
        effects=None,
        costs=None,
        cost_inputs=None,
        training=None,
        figures={},
    )
    assert "report.html" in edition_files(empty).public


def test_an_edition_that_can_be_worked_out_is_refused(monkeypatch):
    def careless(outcomes, *, seen):
        found = controlled(outcomes, seen=seen)
        return replace(found, ranges=replace(found.ranges, upper=found.ranges.lower))

    controlled = made.controlled
    monkeypatch.setattr(made, "controlled", careless)
    with pytest.raises(PublicationRefused, match="rule attack"):
        edition_files(of_one_outcome())


def test_an_edition_out_of_form_is_refused_by_table_and_rule_without_a_value(monkeypatch):
    def blank(frame):
        return frame.replace("Total", "").to_csv(index=False).encode()

    monkeypatch.setattr(made, "table_csv", blank)
    with pytest.raises(PublicationRefused, match="filter_blank"):
        edition_files(of_one_outcome())


def test_a_revision_says_what_moved_and_which_submission_moved_it(files, revised):
    inputs = edition_inputs()
    moved = edition_diff(
        EarlierEdition(inputs.name, files.public, files.restricted),
        EarlierEdition("2023-08", revised.public, revised.restricted),
    )
    walsall = moved[(moved["place"] == "Walsall") & (moved["indicator"] == "numerator")]
    assert set(walsall["change"]) == {10.0}
    assert set(moved["why"]) == {"returns sent since"}
    assert moved["submissions"].str.contains("feedfeedfeedfeed").all()
    assert "feedfeedfeedfeed | Walsall" in revised.public["CHANGES.md"].decode()
    assert len(pd.read_csv(io.BytesIO(revised.public["revisions.csv"]))) == len(moved)


def test_a_revised_figure_carries_its_mark_in_the_workbook(revised):
    book = openpyxl.load_workbook(io.BytesIO(revised.public["edition.xlsx"]))
    notes = [row[-1] for row in book["Care and protection yearly"].iter_rows(values_only=True)]
    assert any(str(note).startswith("[r] Number with the outcome was ") for note in notes)


def test_an_edition_differs_in_nothing_from_itself(files):
    one = EarlierEdition("one", files.public, files.restricted)
    assert len(edition_diff(one, one)) == 0


FILE_NAME = re.compile(r"[\w./-]+\.(?:csv|json|xlsx|md)\b")
MACHINE_NAME = re.compile(r"\b\w+_\w+\b")


def machine_names(text):
    """Return what a machine would call something, names of files apart."""
    return set(MACHINE_NAME.findall(FILE_NAME.sub("", text)))


def page_of(files):
    return html.document_fromstring(files.public["report.html"])


def test_the_page_names_nothing_as_a_machine_would(files):
    (body,) = page_of(files).xpath("//body")
    assert machine_names(" ".join(body.itertext())) == set()
    assert "Children in need census" in body.text_content()


def test_the_workbook_names_nothing_as_a_machine_would(files, revised):
    for one in (files, revised):
        book = openpyxl.load_workbook(io.BytesIO(one.public["edition.xlsx"]))
        texts = [*book.sheetnames]
        for sheet in book.worksheets:
            texts += [str(v) for row in sheet.iter_rows(values_only=True) for v in row if v]
        assert machine_names(" ".join(texts)) == set()


def test_the_page_links_to_every_file_of_its_edition(files):
    links = {one.get("href") for one in page_of(files).xpath("//section[@id='files']//a")}
    described = {path for path in files.public if path.endswith(".meta.csv")}
    assert links == files.public.keys() - described - {"report.html"}


def test_the_workbook_says_of_when_and_whose_it_is_and_keeps_headings_in_sight(files):
    book = openpyxl.load_workbook(io.BytesIO(files.public["edition.xlsx"]))
    cover = " ".join(str(v) for row in book["Cover"].iter_rows(values_only=True) for v in row if v)
    assert "Final edition, of 15 May 2023. Returns up to 2022-23Q4" in cover
    assert "Questions: " in cover
    assert "Language: English" in cover
    assert book.properties.subject == "Outcomes of three practice models in children's social care"
    assert book.custom_doc_props["Language"].value == "en-GB"
    for sheet in book.worksheets[1:]:
        (table,) = sheet.tables.values()
        first = int(re.sub(r"\D", "", table.ref.partition(":")[0]))
        assert sheet.freeze_panes == f"A{first + 1}", sheet.title


def test_the_quality_statement_counts_what_anyone_can_count_again(files):
    rows = tables(files)["data/quality.csv"].set_index("statement")
    completeness = tables(files)["data/completeness.csv"]
    every = completeness[
        (completeness["geographic_level"] == "National")
        & (completeness["collection"] == "Children in need census")
    ]
    counted = rows.loc["Coverage: returns counted, Children in need census"]
    assert int(counted["number"]) == every["returns_received"].astype(int).sum()
    assert int(counted["out_of"]) == every["returns_due"].astype(int).sum()
    costs = tables(files)["data/costs.csv"]
    hidden = rows.loc["Not shown: cells hidden, cohort outcomes quarterly"]
    cohort = tables(files)["data/cohort_outcomes_quarterly.csv"]
    assert int(hidden["number"]) == (cohort == "c").sum().sum()
    assert not (costs == "c").any(axis=None)
    assert "Not shown: cells hidden, costs" not in rows.index


def test_the_page_states_the_quality_of_its_edition_with_the_numbers_of_the_file(files):
    chapter = page_of(files).get_element_by_id("quality")
    cells = {" ".join(cell.text_content().split()) for cell in chapter.iter("td")}
    numbers = pd.to_numeric(tables(files)["data/quality.csv"]["number"])
    assert {f"{number:,}" for number in numbers} <= cells
    assert "no definition has changed" in chapter.text_content()


def test_a_definition_that_changed_is_named():
    now = outcome_definitions()
    before = now.assign(definition=now["definition"].mask(now["id"] == "cla_18m", "another"))
    (told,) = definition_changes(before, now)
    assert told == "Became looked after within 18 months of referral: definition changed."
    assert definition_changes(before.iloc[1:], now)[0] == f"{now['outcome'].iloc[0]} is new."
    assert definition_changes(now, now) == []
    assert definition_changes(None, now) == []


def test_every_reason_has_a_few_words():
    assert set(SHORT_REASONS) == set(FigureReason)
