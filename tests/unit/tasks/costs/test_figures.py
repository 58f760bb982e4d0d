import re

import pytest
from lxml import etree

from tasks.costs.figures import acceptability_svg, plane_svg, tornado_svg
from tests.support.costs import MODEL, effect, effects, run

RESULT = run()
FIGURES = {
    "tornado": lambda result: tornado_svg(result.tornado, model=MODEL, perspective="fiscal"),
    "plane": lambda result: plane_svg(result.plane, model=MODEL, perspective="fiscal"),
    "acceptability": lambda result: acceptability_svg(
        result.acceptability, model=MODEL, perspective="fiscal"
    ),
}
SVG = "{http://www.w3.org/2000/svg}"


WORDS = [f"{SVG}{tag}" for tag in ("title", "desc", "text")]


@pytest.fixture(params=sorted(FIGURES))
def figure(request):
    return FIGURES[request.param]


def test_the_same_result_gives_the_same_bytes(figure):
    assert figure(RESULT) == figure(run())


def test_a_figure_has_a_title_and_a_description_it_is_labelled_by(figure):
    root = etree.fromstring(figure(RESULT).encode())
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title.text
    assert desc.text
    assert root.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    assert root.get("role") == "img"


def test_a_figure_has_no_date_no_style_for_the_page_and_asks_for_nothing(figure):
    svg = figure(RESULT)
    assert "<metadata" not in svg
    assert "<style" not in svg
    assert "dc:date" not in svg
    assert not re.findall(r'(?:href|src)="(?!#)', svg)


def test_ids_of_two_figures_do_not_meet():
    ids = [set(re.findall(r'\bid="([^"]+)"', draw(RESULT))) for draw in FIGURES.values()]
    assert len(set.union(*ids)) == sum(len(one) for one in ids)


def test_every_reference_inside_a_figure_is_found(figure):
    svg = figure(RESULT)
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg)) <= ids


def test_a_figure_without_data_still_draws_and_says_so(figure):
    empty = run(effects(effect(estimate=None)))
    assert "<title" in figure(empty)


def test_the_description_of_the_tornado_names_the_widest_bar_first():
    desc = re.search(r"<desc[^>]*>([^<]*)", FIGURES["tornado"](RESULT))
    assert desc[1].startswith("Effect on days in care within 18 months, all children: £")


def test_a_figure_names_nothing_as_a_machine_would(figure):
    root = etree.fromstring(figure(RESULT).encode())
    words = " ".join("".join(one.itertext()) for one in root.iter(*WORDS))
    assert not re.search(r"\w_\w|\bpooled\b", words)
    assert words
