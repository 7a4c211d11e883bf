"""What the person wrote, without what they quote: ours never counts as theirs.

mail-parser-reply knows the lines by which mail programs introduce a quotation in many languages; the rules beside it are for answers
below and between quoted lines, for header blocks, and for text of ours that stands there without any mark.
"""

import re
from functools import cache

from mailparser_reply import EmailReplyParser

from liendea_assets.outreach.replies.folding import fold, pattern

# Its patterns go back over lines, so what they look at is kept short; an introduction stands within these.
LONGEST_PARSED = 4_000
MOST_LINES = 1_500
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "no", "pt", "cs", "fi", "ja", "ko", "zh"]
# Of a line as long as this, standing in ours says that it is ours; a shorter one, such as "unsubscribe", may be the whole answer.
SHORTEST_LINE_OF_OURS = 25

_WROTE = pattern(
    r"^(?:on|am|le|el|il|op|em|den|dne|dnia|pe|w dniu|a|la|tarih|pada|at|vid|fre|man|tir|ons|tors?|lor|son|mon|tue|wed|thu|fri|sat|sun)\b"
    r".{4,200}(?:wrote|writes|schrieb|schreef|a ecrit|ecrit|escribio|ha scritto|scrisse|scritto|escreveu|napisal\(a\)|napisala?|napsal\(a\)|"
    r"skrev|kirjoitti|irta|ezt irta|a scris|yazdi|napisao|geschreven|skrifadi)\b.{0,120}:\s*$",
    r"^.{3,160}<[^<>\s]+@[^<>\s]+>,? ?(?:wrote|writes|schrieb|schreef|a ecrit|escribio|ha scritto|escreveu|napisal\(a\)|napisala?|"
    r"napsal\(a\)|skrev|kirjoitti|ezt irta|a scris|sunlari yazdi|пишет|писал|написал|написала?)\b.{0,80}:\s*$",
    r"^.{0,160}(?:пишет|писал\(а\)|написал\(?а?\)?|εγραψε|sunlari yazdi|schrieb am .{4,60}|schreef op .{4,60}|のメール|写道|작성)\s?[:：]\s*$",
    r"^\d{4}[-/年.]\s?\d{1,2}[-/月.]\s?\d{1,2}.{0,160}(?:<[^<>\s]+@[^<>\s]+>|写道|:)\s?[:：]?\s*$",
    r"^-{2,} ?(?:on|am|le|el) .{4,160}(?:wrote|schrieb|ecrit|escribio).{0,60}-{0,6}$",
)
_SEPARATOR = pattern(
    r"^[-_=*\s]{0,12}(?:original message|original appointment|urspruengliche nachricht|ursprungliche nachricht|originalnachricht|"
    r"message d'origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|"
    r"wiadomosc oryginalna|oryginalna wiadomosc|ursprungligt meddelande|originalmeddelande|oprindelig meddelelse|opprinnelig melding|"
    r"alkuperainen viesti|puvodni zprava|povodna sprava|eredeti uzenet|mesaj original|orijinal ileti|forwarded message|"
    r"weitergeleitete nachricht|message transfere|mensaje reenviado|reply message|исходное сообщение|пересылаемое сообщение)"
    r"[-_=*\s:]{0,12}(?:from .{0,80})?$",
    r"^[-_]{20,}$",
)
_FROM = pattern(
    r"^[*\s>]*(?:from|von|de|da|van|od|fran|fra|lahettaja|felado|expediteur|kimden|από|απο|от|от кого|差出人|发件人|寄件者|보낸 사람)\*?\s?[:：]\*?\s?\S.*$"
)
_FIELD = pattern(
    r"^[*\s>]*(?:from|sent|to|cc|subject|date|reply-to|importance|von|gesendet|an|betreff|datum|de|envoye|a|objet|date d'envoi|enviado|"
    r"enviado el|enviada em|para|asunto|assunto|data|fecha|da|inviato|oggetto|van|verzonden|aan|onderwerp|od|wyslano|data wyslania|do|"
    r"temat|dw|fran|skickat|till|amne|kopia|fra|sendt|til|emne|odeslano|komu|predmet|lahetetty|vastaanottaja|aihe|elkuldve|cimzett|"
    r"targy|trimis|catre|subiect|gonderilme|gonderildi|kime|konu|tarih|дата|отправлено|кому|тема|送信日時|日時|宛先|件名|发送时间|"
    r"收件人|主题|日期|보낸 날짜|받는 사람|제목)\*?\s?[:：]"
)
_SIGNATURE = pattern(
    r"^(?:sent from my|get outlook for|sent from|sent via|von meinem .{1,30} gesendet|gesendet mit|envoye de(?:puis)? mon|"
    r"enviado desde mi|inviato da|verstuurd vanaf|enviado do meu|wyslano z|skickat fran|sendt fra|mobil gesendet)\b"
)
_DISCLAIMER = pattern(
    r"^[*_\s]*(?:this (?:e-?mail|message)(?: and| is| may| \(| contains|,)|the information (?:contained )?in this (?:e-?mail|message)|"
    r"confidential(?:ity)?(?: notice)?\b|disclaimer\b|diese e-?mail (?:enthalt|kann|ist)|der inhalt dieser e-?mail|"
    r"ce (?:message|courriel)(?: et| est| peut)|este (?:mensaje|correo|e-?mail)(?: y| es| puede| e)|"
    r"il (?:presente messaggio|contenuto)|questo messaggio|deze e-?mail|dit bericht|esta mensagem|niniejsza wiadomosc|ta wiadomosc)"
)


def own_words(text: str, ours: str = "", *, is_html: bool = False) -> str:
    """The text without quotations, lines of ours, and what a phone or a lawyer adds below.

    Args:
        text: of the answer, as plain text.
        ours: what we had written to them, as plain text; empty where it is not known.
        is_html: the text is that of HTML without marked quotations, in which `>` means nothing.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")[:MOST_LINES]]
    known = _KnownText(ours)
    own, quoted = _split(lines, marks_quotes=not is_html)
    kept = [line for line in own if not known.has(line)]
    kept = _cut_tail(kept)
    if not "".join(kept).strip():
        # somebody who wrote into, or below, a quotation without marks: what of it is not ours
        kept = _cut_tail(_answers_within(quoted, known))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


class _KnownText:
    """What we wrote, to be told from what they wrote."""

    def __init__(self, text: str) -> None:
        self._text = _squeeze(text)
        self._lines = {_squeeze(line) for line in text.splitlines()} - {""}

    def __bool__(self) -> bool:
        return bool(self._text)

    def has(self, line: str) -> bool:
        """Whether a line is surely ours."""
        squeezed = _squeeze(line)
        return len(squeezed) >= SHORTEST_LINE_OF_OURS and squeezed in self._text

    def may_have(self, line: str) -> bool:
        """Whether a line of a quotation stands in ours, however short it is."""
        squeezed = _squeeze(line)
        return not squeezed or squeezed in self._lines or (len(squeezed) > 3 and squeezed in self._text)


def _split(lines: list[str], *, marks_quotes: bool) -> tuple[list[str], list[str]]:
    """The person's lines, and those of quotations that bear no mark."""
    own: list[str] = []
    position = 0
    start = _parsed_start("\n".join(lines))
    while position < len(lines):
        line = lines[position]
        if marks_quotes and _is_marked(line):
            position += 1
            continue
        length = _introduction(lines, position)
        if length or (start is not None and position == start):
            following = position + max(length, 1)
            rest = [text for text in lines[following:] if text.strip()]
            if marks_quotes and rest and _is_marked(rest[0]):
                # every quoted line bears its mark, so answers below and between them are the person's
                position = following
                continue
            return own, lines[following:]
        own.append(line)
        position += 1
    return own, []


def _is_marked(line: str) -> bool:
    return line.lstrip().startswith((">", "|>", "&gt;"))


def _introduction(lines: list[str], position: int) -> int:
    """How many lines introduce a quotation here; 0 where none does."""
    line = fold(lines[position]).strip()
    if not line:
        return 0
    if _SEPARATOR.match(line):
        return 1
    if _is_wrote(line):
        return 1
    for length in (2, 3):
        # mail programs break long introductions; what stands before one is no part of it
        parts = [fold(part).strip() for part in lines[position : position + length]]
        if not all(parts) or any(_is_wrote(" ".join(parts[start:])) for start in range(1, len(parts))):
            break
        if _is_wrote(" ".join(parts)):
            return length
    return _header_block(lines, position)


def _is_wrote(line: str) -> bool:
    return len(line) < 400 and bool(_WROTE.match(line)) and _mentions_somebody(line)


def _mentions_somebody(line: str) -> bool:
    """Whether an introduction names a day, an hour or an address; "On Monday you wrote:" may be a person's own sentence."""
    return "@" in line or bool(re.search(r"\d", line))


def _header_block(lines: list[str], position: int) -> int:
    """The header block of Outlook and others: From, then at least two more fields within the next lines."""
    if not _FROM.match(fold(lines[position]).strip()):
        return 0
    following = [fold(line).strip() for line in lines[position + 1 : position + 10]]
    fields = 0
    last = 0
    for number, line in enumerate(following, start=1):
        if line and _FIELD.match(line):
            fields += 1
            last = number
        elif not line and fields:
            break
    return last + 1 if fields >= 2 else 0


def _parsed_start(text: str) -> int | None:
    """The line at which mail-parser-reply sees the first quotation; None where it sees none."""
    if len(text) > LONGEST_PARSED:
        text = text[:LONGEST_PARSED]
    replies = _parser().read(re.sub(r"[ \t]{3,}", "  ", text)).replies
    if len(replies) < 2 or not replies[1].headers:
        return None
    first = replies[1].headers.split("\n")[0].strip()
    if len(first) < 8 or ("@" not in replies[1].headers and not re.search(r"\d", replies[1].headers)):
        return None
    stripped = [re.sub(r"[ \t]{3,}", "  ", line).strip() for line in text.split("\n")]
    return stripped.index(first) if first in stripped else None


@cache
def _parser() -> EmailReplyParser:
    return EmailReplyParser(languages=list(LANGUAGES))


def _answers_within(quoted: list[str], known: _KnownText) -> list[str]:
    """Lines of an unmarked quotation that we did not write; none where it is not known what we wrote, unless they stand at the very end."""
    if known:
        return [line for line in quoted if not _is_marked(line) and not known.may_have(line) and not _FIELD.match(fold(line).strip())]
    return []


def _cut_tail(lines: list[str]) -> list[str]:
    """Without what a phone adds and without a disclaimer; the name below an answer stays, it does no harm."""
    for number, line in enumerate(lines):
        folded = fold(line).strip()
        if number and (_SIGNATURE.match(folded) or _DISCLAIMER.match(folded)):
            return lines[:number]
        if folded == "--" or line == "-- ":
            return lines[:number] if any(text.strip() for text in lines[:number]) else lines[number + 1 :]
    return lines


def _squeeze(text: str) -> str:
    """Letters and digits alone: blanks, line breaks and marks differ between mail programs."""
    return re.sub(r"[\W_]+", "", fold(text))
