"""Whether somebody wants to hear no more. To overlook one is the worst error there is, so what is doubtful counts as a wish."""

import re
from dataclasses import dataclass

from liendea_assets.outreach.replies.folding import fold, pattern
from liendea_assets.outreach.replies.optout_phrases import NOT_A_WISH, REMOVALS, STOPS, WORDS

TOKEN = re.compile(r"\bunsubscribe[-_+=]([A-Za-z0-9_-]{16,80})", re.IGNORECASE)

_REPLY = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|sv|vs|odp|rif|r|res|ynt|ha|回复|答复|转发|fw|fwd|wg|tr|rv|i|enc)\s*(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_GREETING = pattern(
    r"^(?:hi|hello|hey|dear|hallo|guten (?:tag|morgen)|sehr geehrte\w*|liebe\w*|moin|servus|bonjour|bonsoir|salut|cher|chere|madame|monsieur|"
    r"hola|buenos dias|buenas tardes|estimad\w+|ciao|buongiorno|salve|gentile|spett\w*|beste|geachte|goedendag|hoi|ola|bom dia|boa tarde|"
    r"prezad\w+|car[oa]|dzien dobry|witam|czesc|szanown\w+|hej|god dag|bra dag|hei|kaera?|moi|dobry den|vazen\w+|tisztelt|kedves|buna|"
    r"merhaba|sayin|здравствуйте|добрый день|уважаем\w+|привет|καλημερα|γεια)\b.{0,60}$"
)
_CLOSING = pattern(
    r"^(?:thanks?(?: you)?(?: very much| in advance)?|thx|cheers|best|regards|kind regards|best regards|many thanks|ty|danke|vielen dank|"
    r"besten dank|gruss|grusse|viele grusse|mfg|mit freundlichen grussen|lg|vg|merci|merci d'avance|cordialement|bien a vous|gracias|"
    r"saludos|un saludo|grazie|saluti|cordiali saluti|distinti saluti|bedankt|dank(?: u| je)?|groet(?:en|jes)?|met vriendelijke groet(?:en)?|"
    r"obrigad[oa]|cumprimentos|att|abracos|dziekuje|z gory dziekuje|pozdrawiam|tack|mvh|hilsen|med venlig hilsen|vanliga halsningar|"
    r"kiitos|terveisin|dekuji|s pozdravem|koszonom|multumesc|tesekkurler|спасибо|с уважением|ευχαριστω)[\s,.!]*$"
)
_SHORT_WORDS = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to hear no more.

    Attributes:
        why: which rule saw it; nothing of what was written.
        confidence: 0 to 1.
    """

    why: str
    confidence: float


def find_token(subject: str) -> str | None:
    """The token of a subject that our own opt-out address writes; None in any other."""
    found = TOKEN.search(subject)
    return found.group(1) if found else None


def subject_words(subject: str) -> str:
    """A subject without `Re:` and its like."""
    return _REPLY.sub("", subject).strip()


def find_wish(words: str, subject: str = "") -> Wish | None:
    """The wish in a person's own words, or in a subject that is nothing else; None where there is none.

    Args:
        subject: of the message; a subject that it only repeats is left empty by the caller.
    """
    for line in _first_lines(words):
        if _is_word(line):
            return Wish("the answer is nothing but a word for opting out", 0.98)
        break
    if _is_word(fold(subject_words(subject))):
        return Wish("the subject is nothing but a word for opting out", 0.95)
    text = without_instructions(words)
    if _finds(REMOVALS, text):
        return Wish("asks to be taken off the list, or for their data to be deleted", 0.95)
    if _finds(STOPS, text):
        return Wish("asks for no further mail, or objects to it", 0.9)
    about = without_instructions(subject_words(subject))
    if _finds(REMOVALS, about):
        return Wish("the subject asks to be taken off the list", 0.85)
    return None


def asks_by_machine(words: str) -> bool:
    """Whether an automatic answer carries a wish all the same: it says in so many words that this address is to be taken off a list."""
    return _finds(REMOVALS, without_instructions(words))


def without_instructions(text: str) -> str:
    """Folded text without sentences that tell readers how they could opt out: those are of mail that somebody sends, not of an answer."""
    folded = re.sub(r"(?<=[\w,;])\n(?=[\w'\"(<])", " ", fold(text))
    return NOT_A_WISH.sub(" ", folded)


def _finds(phrases: tuple[tuple[re.Pattern[str], ...], re.Pattern[str]], text: str) -> bool:
    """Whether one of the patterns stands there, and is not taken back by what stands before it."""
    patterns, negation = phrases
    return any(not negation.search(text[max(0, found.start() - 40) : found.start()]) for one in patterns for found in one.finditer(text))


def _first_lines(words: str) -> list[str]:
    lines = [line.strip() for line in fold(words).splitlines()]
    return [line for line in lines if line and not _GREETING.match(line) and not _CLOSING.match(line)]


def _is_word(line: str) -> bool:
    """Whether a line is nothing but a word or two for opting out, however it is dressed."""
    bare = re.sub(r"[^\w\s'-]+", " ", line).replace("_", " ")
    bare = " ".join(bare.split())
    bare = re.sub(
        r"^(?:please|pls|plz|bitte|nur|just|merci de|svp|por favor|per favore|alstublieft|aub|prosze|snalla|vanligen|venligst|vennligst|no thanks|no thank you|nein danke|ok|yes)\s+",
        "",
        bare,
    )
    bare = re.sub(
        r"\s+(?:please|pls|plz|bitte|svp|por favor|per favore|alstublieft|aub|prosze|tack|thanks|thank you|danke|merci|gracias|grazie|bedankt|obrigad[oa]|dziekuje|me|now|asap)$",
        "",
        bare,
    )
    return bool(bare) and len(bare.split()) <= _SHORT_WORDS and bool(WORDS.fullmatch(bare))
