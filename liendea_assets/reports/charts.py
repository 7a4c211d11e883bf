"""Charts as SVG text, from one grammar (Vega-Lite): no network, no browser, readable on light and on dark ground."""

import base64
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import altair as alt

# from Okabe and Ito's palette, which people with any colour vision can tell apart
BAR_COLOUR = "#0072B2"
HIGHLIGHT_COLOUR = "#D55E00"


def bar_chart(
    data: pd.DataFrame, x_title: str, y_title: str, *, is_horizontal: bool = False, highlighted: frozenset[str] = frozenset()
) -> str:
    """Bars in the order of the rows.

    Args:
        data: `dimension` (text), `value` (number).
        highlighted: dimensions drawn in the second colour.

    Returns:
        SVG whose text takes the colour of the page around it.
    """
    import altair as alt

    frame = data.assign(colour=[HIGHLIGHT_COLOUR if dimension in highlighted else BAR_COLOUR for dimension in data["dimension"]])
    ticks = alt.Axis(tickMinStep=1)
    if is_horizontal:
        names = alt.Y("dimension:N", sort=None, title=x_title, axis=alt.Axis(labelLimit=260))
        base = alt.Chart(frame).encode(x=alt.X("value:Q", title=y_title, axis=ticks), y=names)
    else:
        bands = alt.X("dimension:N", sort=None, title=x_title, axis=alt.Axis(labelAngle=0))
        base = alt.Chart(frame).encode(x=bands, y=alt.Y("value:Q", title=y_title, axis=ticks))
    bars = base.mark_bar().encode(color=alt.Color("colour:N", scale=None))
    beside = alt.MarkDef(type="text", color="currentColor", dx=4, align="left", baseline="middle")
    above = alt.MarkDef(type="text", color="currentColor", dy=-6)
    labels = base.encode(text=alt.Text("value:Q", format=",")).properties()
    labels.mark = beside if is_horizontal else above
    return _as_svg(bars + labels, max(120, 30 * len(frame)) if is_horizontal else 220)


def share_chart(data: pd.DataFrame, x_title: str, y_title: str, overall: float) -> str:
    """Shares with their intervals in the order of the rows, and a line at the share of all.

    Args:
        data: `dimension` (text), `value`, `low`, `high` (0–1), `cases`, which are written above.

    Returns:
        SVG as that of `bar_chart`.
    """
    import altair as alt

    bands = alt.X("dimension:N", sort=None, title=x_title, axis=alt.Axis(labelAngle=0))
    shares = alt.Scale(domain=[0, 1])
    base = alt.Chart(data).encode(x=bands)
    intervals = base.mark_rule(color=BAR_COLOUR, strokeWidth=2).encode(
        y=alt.Y("low:Q", title=y_title, scale=shares, axis=alt.Axis(format="%")), y2="high:Q"
    )
    points = base.mark_point(color=BAR_COLOUR, filled=True, size=70, opacity=1).encode(y=alt.Y("value:Q", scale=shares))
    labels = base.encode(y=alt.Y("high:Q", scale=shares), text=alt.Text("cases:Q", format=","))
    labels.mark = alt.MarkDef(type="text", color="currentColor", dy=-9)
    line = alt.Chart(pd.DataFrame({"overall": [overall]})).mark_rule(color=HIGHLIGHT_COLOUR, strokeDash=[6, 4]).encode(y="overall:Q")
    return _as_svg(intervals + points + labels + line, 220)


def _as_svg(layers: "alt.LayerChart", height: int) -> str:
    import vl_convert

    chart = (
        layers.properties(width=560, height=height, background="transparent")
        .configure(font="sans-serif")
        .configure_axis(labelColor="currentColor", titleColor="currentColor", gridOpacity=0.25, labelFontSize=12, titleFontSize=12)
        .configure_view(stroke=None)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_json()))


def as_markdown_image(svg: str, alt_text: str) -> str:
    """The chart for a Markdown field of the Dagster UI, which shows images and strips raw SVG."""
    return f"![{alt_text}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"
