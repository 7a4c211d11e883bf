"""The HTML part of a message: its frame, the text that is made from it, and links that are counted. No template is read here."""

import html
import re
from collections.abc import Callable

_LINK = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?://.*?)\2""", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"""https?://[^\s<>"']*[^\s<>"'.,;:!?)\]]""")
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_HEAD = """<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
</head>"""
# as mail programs show a message that somebody wrote by hand
_BODY = '<body style="font-family: Arial, Helvetica, sans-serif; font-size: 15px; line-height: 1.5; color: #222222">'
_GAPS = re.compile(r"\n[ \t]*\n\s*\n")

Rewrite = Callable[[str], str]


def rewrite_links(markup: str, rewrite: Rewrite) -> str:
    """HTML whose links to web pages lead elsewhere; `rewrite` is given each address as a browser reads it."""
    return _LINK.sub(lambda found: f"{found[1]}{found[2]}{html.escape(rewrite(html.unescape(found[3])))}{found[2]}", markup)


def rewrite_addresses(text: str, rewrite: Rewrite) -> str:
    """Text whose addresses of web pages lead elsewhere."""
    return _ADDRESS.sub(lambda found: rewrite(found[0]), text)


def text_of(markup: str) -> str:
    """What somebody reads who sees no HTML: links as `[text](address)`, lists with bullets, tables in columns."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    found = get_text(markup, ParserConfig(display_links=True))
    return _GAPS.sub("\n\n", "\n".join(line.rstrip() for line in found.splitlines())).strip()


def as_paragraphs(text: str) -> str:
    """Escaped text as HTML: an empty line begins a paragraph, a line break stays one."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "\n".join(f"<p>{part.replace(chr(10), '<br>' + chr(10))}</p>" for part in paragraphs)


def add_foot(markup: str, foot: str, language: str) -> str:
    """A whole page with the foot at its end; what is no whole page gets its frame."""
    if _BODY_END.search(markup):
        last = list(_BODY_END.finditer(markup))[-1]
        return f"{markup[: last.start()]}{foot}\n{markup[last.start() :]}"
    return f'<!DOCTYPE html>\n<html lang="{language}">\n{_HEAD}\n{_BODY}\n{markup}\n{foot}\n</body>\n</html>'
