"""Jinja2 for pages: everything is escaped, a missing value is an error."""

import json
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from liendea_assets.core.durations import show_time

# What a page may do: style, script and pictures of its own, forms to itself, the sandboxed preview of a message.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# A message as its recipient sees it: no script, no request, no form, whoever wrote it.
PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"


def render(template: str, **values: object) -> str:
    """A page of templates/."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("liendea_assets.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "moment": lambda text: f"{text[:16]}" if text else "",
        "day": lambda text: text[:10] if text else "",
        "count": lambda number: f"{number:,}" if number is not None else "",
        "percent": lambda share: f"{share:.0%}" if share is not None else "",
        "signed": lambda points: f"{points:+d}",
        "plain": lambda name: str(name).replace("_", " "),
        "duration": show_time,
        "from_json": json.loads,
    }
    return environment
