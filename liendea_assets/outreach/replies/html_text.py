"""The text of an HTML message, with or without what mail programs mark as quoted."""

from inscriptis import get_text
from lxml import etree, html

LONGEST_MARKUP = 400_000

# What is quoted, by the mark that each mail program leaves: Gmail, Thunderbird, Yahoo, Proton, Tuta, Zoho, GMX, Apple, Outlook on phones.
_QUOTED_BY = (
    "//blockquote[@type='cite']",
    "//blockquote[contains(@class, 'gmail_quote')]",
    "//div[contains(@class, 'gmail_quote') and not(.//div[contains(@class, 'gmail_quote_container')])]",
    "//div[contains(@class, 'gmail_attr')]",
    "//*[contains(@class, 'moz-cite-prefix')]",
    "//*[contains(@class, 'yahoo_quoted')]",
    "//*[contains(@class, 'protonmail_quote')]",
    "//*[contains(@class, 'tutanota_quote')]",
    "//*[contains(@class, 'zmail_extra')]",
    "//*[contains(@class, 'zoho_quote') or contains(@class, 'zm_quote')]",
    "//*[@name='quote']",
    "//*[@id='mail-editor-reference-message-container']",
    "//*[contains(@class, 'ms-outlook-mobile-reference-message')]",
    "//*[@id='reply-intro' or @id='replybody1']",
    "//*[contains(@class, 'OutlookMessageHeader')]",
    "//*[contains(@class, 'WordSection1')]/following-sibling::blockquote",
    "//blockquote",
)
_QUOTED = " | ".join(_QUOTED_BY)
# Where Outlook and its web form put the header block of the quoted message: what follows on the same level, and above it, is quoted.
_FROM_HERE_ON = (
    "//*[@id='appendonsend'] | //*[@id='divRplyFwdMsg'] | //*[@id='x_divRplyFwdMsg'] | //hr[@id='stopSpelling'] | "
    "//div[contains(translate(@style, ' ', ''), 'border-top:solid#E1E1E1') or contains(translate(@style, ' ', ''), 'border-top:solid#B5C4DF')"
    " or contains(translate(@style, ' ', ''), 'border:none;border-top:solid')]"
)


def own_html_text(markup: str, *, with_quotes: bool) -> str:
    """The text as a reader sees it.

    Args:
        with_quotes: False leaves out what is marked as quoted. Words that somebody wrote into a quotation are kept by those who write
            below a mark, and lost by those who write inside it.
    """
    capped = markup[:LONGEST_MARKUP]
    try:
        tree = html.fromstring(capped.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    try:
        _drop(tree.xpath("//style | //script | //head | //title | //comment()"))
        if not with_quotes:
            _drop_following(tree.xpath(_FROM_HERE_ON))
            _drop(tree.xpath(_QUOTED))
        return _as_text(tree)
    except (etree.LxmlError, ValueError, RecursionError, AttributeError, LookupError):
        return ""


def _as_text(tree: html.HtmlElement) -> str:
    try:
        return str(get_text(etree.tostring(tree, encoding="unicode", method="html"))).replace("\xa0", " ")
    except (AssertionError, TypeError, RecursionError):
        return str(tree.text_content())


def _drop(elements: list[html.HtmlElement]) -> None:
    for element in elements:
        parent = element.getparent()
        if parent is None:
            continue
        # what stands behind an element is its tail, and not part of it
        _keep_tail(element, parent)
        parent.remove(element)


def _drop_following(elements: list[html.HtmlElement]) -> None:
    for first in elements:
        if first.getparent() is None:
            continue
        node = first
        while node is not None and node.tag not in ("body", "html"):
            parent = node.getparent()
            for sibling in list(node.itersiblings()):
                parent.remove(sibling)
            if node is not first:
                node.tail = None
            node = parent
        first.tail = None
        first.getparent().remove(first)


def _keep_tail(element: html.HtmlElement, parent: html.HtmlElement) -> None:
    if not element.tail:
        return
    previous = element.getprevious()
    if previous is None:
        parent.text = (parent.text or "") + element.tail
    else:
        previous.tail = (previous.tail or "") + element.tail
