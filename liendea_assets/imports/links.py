"""Links in cells: a spreadsheet's formula, Markdown, HTML. Where they lead, and what they show."""

import re

_FORMULA = re.compile(r'^=\s*HYPERLINK\(\s*"([^"]*)"\s*(?:[,;]\s*"?((?:[^"]|"")*?)"?\s*)?\)$', re.IGNORECASE)
_MARKDOWN = re.compile(r"^\[([^\]]*)\]\(\s*<?([^\s)>]+)>?[^)]*\)$")
_HTML = re.compile(r"<a\b[^>]*\bhref\s*=\s*[\"']?([^\"'\s>]+)[^>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# What a cell with a link holds; most cells hold none of it.
SIGNS = r"(?i)hyperlink\(|\]\(|<a\b"


def link_target(text: str) -> str:
    """The address of `=HYPERLINK("https://acme.example","Acme")`, `[Acme](https://acme.example)`, `<a href="…">`; else the text itself."""
    if match := _FORMULA.match(text):
        return match.group(1)
    if match := _MARKDOWN.match(text):
        return match.group(2)
    match = _HTML.search(text)
    return match.group(1) if match else text


def link_label(text: str) -> str:
    """What a link shows: `Acme` in the examples of `link_target`; its address where it shows nothing; else the text itself."""
    if match := _FORMULA.match(text):
        return (match.group(2) or "").replace('""', '"').strip() or match.group(1)
    if match := _MARKDOWN.match(text):
        return match.group(1).strip() or match.group(2)
    if match := _HTML.search(text):
        return _TAG.sub("", match.group(2)).strip() or match.group(1)
    return text
