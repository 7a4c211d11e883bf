import base64
import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from liendea_assets.reports.charts import BAR_COLOUR, HIGHLIGHT_COLOUR, as_markdown_image, bar_chart

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<script>alert("x")</script> & Co. €'


def chart(*rows: tuple[str, int], is_horizontal: bool = False, highlighted: frozenset[str] = frozenset()) -> str:
    data = pd.DataFrame(list(rows), columns=["dimension", "value"]).astype({"dimension": "str", "value": "int64"})
    return bar_chart(data, "Across", "Up", is_horizontal=is_horizontal, highlighted=highlighted)


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("is_horizontal", [True, False])
def test_chart_is_svg_that_shows_names_values_and_titles(is_horizontal: bool) -> None:
    svg = chart(("contacts", 12_345), ("targets", 67), is_horizontal=is_horizontal)
    assert ElementTree.fromstring(svg).tag == f"{SVG}svg"
    assert {"contacts", "targets", "12,345", "67", "Across", "Up"} <= set(texts(svg))


@pytest.mark.parametrize("is_horizontal", [True, False])
def test_chart_refers_to_nothing_outside(is_horizontal: bool) -> None:
    svg = chart(("contacts", 5), (NASTY, 1), is_horizontal=is_horizontal)
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert not tags & {"script", "image", "use", "foreignObject", "style", "a"}
    assert set(re.findall(r"https?://[^\s\"')<]+", svg)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not [reference for reference in re.findall(r"url\(([^)]*)", svg) if not reference.startswith("#")]


@pytest.mark.parametrize("is_horizontal", [True, False])
def test_names_are_escaped(is_horizontal: bool) -> None:
    svg = chart((NASTY, 1), is_horizontal=is_horizontal)
    assert "<script" not in svg
    assert NASTY in texts(svg)


def test_text_takes_the_colour_of_the_page() -> None:
    svg = chart(("contacts", 5))
    assert {element.get("fill") for element in ElementTree.fromstring(svg).iter(f"{SVG}text")} == {"currentColor"}


def test_ground_is_the_pages() -> None:
    grounds = {element.get("fill") for element in ElementTree.fromstring(chart(("contacts", 5))).iter(f"{SVG}rect")}
    assert grounds <= {None, "none", "transparent"}


def test_highlighted_bars_have_the_second_colour() -> None:
    svg = chart(("low", 1), ("high", 2), ("higher", 3), highlighted=frozenset({"high", "higher"}))
    fills = [element.get("fill") for element in ElementTree.fromstring(svg).iter(f"{SVG}path")]
    assert [fill for fill in fills if fill in (BAR_COLOUR, HIGHLIGHT_COLOUR)] == [BAR_COLOUR, HIGHLIGHT_COLOUR, HIGHLIGHT_COLOUR]


def test_bars_stand_in_the_order_of_the_rows() -> None:
    shown = texts(chart(("zebra", 1), ("ape", 3), ("mole", 2)))
    assert [name for name in shown if name in ("zebra", "ape", "mole")] == ["zebra", "ape", "mole"]


@pytest.mark.parametrize("is_horizontal", [True, False])
def test_chart_of_nothing_is_a_chart(is_horizontal: bool) -> None:
    assert ElementTree.fromstring(chart(is_horizontal=is_horizontal)).tag == f"{SVG}svg"


def test_markdown_holds_the_image_itself() -> None:
    image = as_markdown_image("<svg/>", "Scores")
    assert image.startswith("![Scores](data:image/svg+xml;base64,")
    assert base64.b64decode(image.partition("base64,")[2].removesuffix(")")) == b"<svg/>"
