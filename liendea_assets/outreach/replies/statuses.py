"""From what a mail server said to hard or soft. Hard is only what says that the address does not exist; what is doubtful is soft."""

import re
from typing import Literal

from liendea_assets.outreach.replies.folding import fold, pattern

Severity = Literal["hard", "soft"]

# RFC 3463: 5.1.1 no such mailbox, 5.1.2 no such domain, 5.1.3 no valid address, 5.1.6 moved without a trace, 5.1.10 the domain takes no
# mail (Exchange: no such recipient), 5.2.1 disabled, 5.7.17 and 5.7.18 another owner.
HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.7.17", "5.7.18", "5.4.310"})
# These say too little by themselves; the text beside them decides.
_VAGUE = re.compile(r"5\.(?:0\.0|1\.0|2\.0|3\.0|4\.0|4\.1|4\.4|5\.0|5\.1|5\.4|1\.4|1\.5|1\.9|4\.316|0\.1|0\.[3-9]\d*|9\.9)")
CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\.\d|\d)")
REPLY = re.compile(r"(?<![\d.:/-])([45]\d\d)(?:[ -]+#?(?:[45]\.\d{1,3}\.\d{1,3})|[ -])")

GONE = pattern(
    r"\b(?:user|recipient|mailbox|account|address|alias|destination)(?: e-?mail)?(?: address| user| account)? ?(?:is |was )?(?:unknown|not found|invalid|does ?n[o']t exist|nonexist\w*|not known|not listed|not valid|no longer (?:exists?|valid|available|active|in use)|inactive|disabled|deactivated|deleted|discontinued|closed|terminated|not exist)",
    r"\b(?:unknown|no such|invalid|nonexist\w*|non-exist\w*|illegal|bad destination|inactive|unrecogni[sz]ed|undefined) (?:local )?(?:e-?mail )?(?:user|recipient|mailbox|account|address|person|alias|or illegal alias|destination|domain|host|name|mailbox address|or unavailable)",
    r"\bno (?:mailbox|user|account|such \w+|recipient|one|subscriber)\b[^\n]{0,30}\b(?:here|by that name|with that name|found|there)\b", r"\b(?:does ?n[o']t|do not|doesn't) (?:exist|have (?:an? )?(?:\S+ )?account|match any)\b", r"\bcould ?n[o']t be found\b", r"\bwas ?n[o']t found\b", r"\bwere not found\b",
    r"\bunrouteable\b", r"\baddress (?:not found|rejected: (?:user )?unknown|couldn't be found|lookup failed)\b", r"\b(?:host or )?domain (?:name )?(?:not found|does not exist|couldn't be found|is invalid)\b", r"\bhost (?:unknown|not found)\b", r"\bname service error\b[^\n]{0,80}\b(?:not found|nxdomain)\b", r"\bno mx\b|\bnull ?mx\b|\bnxdomain\b", r"\ball relevant mx records point to non-existent\b",
    r"\b(?:this|the|user|mailbox|account|e-?mail)(?: account| e-?mail account| mailbox| user| address)? (?:has been |is |was )(?:disabled|deactivated|discontinued|deleted|closed|terminated|removed|no longer)\b", r"\bno longer (?:accepts? mail|has an account|on server|employed|with (?:the|this) (?:company|organi[sz]ation))\b", r"\bnot (?:our|a) (?:customer|valid (?:user|mailbox|recipient|address))\b",
    r"\b(?:550[- ])?(?:5\.\d\.\d )?requested (?:mail )?action (?:not taken|aborted)[:;,]? ?(?:mailbox unavailable|user not found)", r"\bmailbox unavailable\b(?![^\n]{0,30}(?:full|quota|busy|temporar))", r"\brecipient (?:rejected|not recogni[sz]ed|unknown)\b", r"\bnot a known user\b", r"\bmailbox (?:for \S+ )?not (?:found|available)\b", r"\bunable to find\b[^\n]{0,40}\b(?:recipient|user|mailbox)\b",
    r"\b(?:unbekannt\w*|existiert nicht|nicht gefunden|nicht vorhanden|konnte nicht gefunden|kein (?:empfanger|postfach))\b", r"\b(?:n'existe pas|introuvable|inconnue?|n'a pas ete trouvee?)\b", r"\bno (?:existe|se (?:ha podido encontrar|encontro|encuentra))\b", r"\b(?:desconocid\w|inexistente|nao (?:existe|foi encontrad\w))\b", r"\b(?:non esiste|sconosciut\w|inesistente|non e stato trovato)\b", r"\b(?:bestaat niet|niet gevonden|onbekend\w*)\b", r"\b(?:nie istnieje|nieznan\w*|nie znaleziono)\b", r"\b(?:finns inte|hittades inte|okand\w*|findes ikke|ukendt|finnes ikke|ukjent)\b",
    r"не (?:существует|найден\w*)", r"存在しません|見つかりません|不存在",
)  # fmt: skip
FULL = pattern(
    r"\b(?:mailbox|inbox|mail ?box|account|storage|folder)\b[^\n.]{0,30}\b(?:is |are |was )?(?:full|exceed\w*|over ?(?:quota|limit)|out of (?:space|storage))", r"\bover ?-?quota\b", r"\bquota\b[^\n]{0,30}\b(?:exceed\w*|full|reached|over)\b", r"\b(?:exceed\w*|over|out of)\b[^\n.]{0,30}\b(?:quota|storage|disk|space|mailbox size)\b", r"\b(?:insufficient|not enough|no) (?:system )?(?:storage|space|disk)\b", r"\bmailbox (?:size )?limit\b",
    r"\bpostfach\b[^\n]{0,30}\bvoll\b", r"\b(?:speicherplatz|kontingent)\b[^\n]{0,40}\b(?:erschopft|uberschritten|voll)\b", r"\b(?:boite|messagerie)\b[^\n]{0,40}\bpleine\b", r"\bbuzon\b[^\n]{0,20}\blleno\b", r"\bcasella\b[^\n]{0,30}\bpiena\b", r"\bpostvak\b[^\n]{0,20}\bvol\b", r"\bcaixa\b[^\n]{0,30}\bcheia\b", r"\bskrzynka\b[^\n]{0,40}\b(?:pelna|przepelniona)\b",
)  # fmt: skip
REFUSED = pattern(
    r"\bspam\w*\b", r"\bblock(?:ed|ing|list\w*)?\b", r"\bblack ?list\w*\b", r"\bdeny ?list\w*\b", r"\b(?:rbl|dnsbl|spamhaus|barracuda|cloudmark|proofpoint|mimecast|spamcop|sorbs|uceprotect)\b", r"\breputation\b", r"\bpolic(?:y|ies)\b", r"\b(?:dmarc|spf|dkim)\b", r"\bauthenticat\w*\b", r"\bunsolicited\b", r"\b(?:content|message|mail) (?:was |has been |is )?(?:rejected|refused|blocked|filtered)\b", r"\b(?:virus|malware|phish\w*)\b", r"\b(?:message|mail) (?:size|is too)\b", r"\btoo (?:large|big|many|fast|much)\b", r"\battachment\w*\b", r"\brelay\w*\b(?! recipient)", r"\baccess denied\b", r"\b(?:loop|too many hops|hop count)\b", r"\bnot (?:allowed|permitted|authori[sz]ed|accept\w* mail from)\b", r"\bpermission\b", r"\badministrative\w*\b", r"\brejected by (?:the )?(?:recipient|administrator|system|user)\b", r"\bsuspicious\b", r"\bsender\b[^\n]{0,40}\b(?:rejected|denied|verify|unknown|not exist|invalid)\b", r"\bbulk\b", r"\bsuspended\b",
)  # fmt: skip
PASSING = pattern(
    r"\btemporar\w*\b", r"\btry(?:ing)? (?:it |again|later)\b", r"\bretr(?:y|ies|ied|ying)\b", r"\bdefer\w*\b", r"\bdelay\w*\b", r"\btime[ -]?out\b", r"\btimed out\b", r"\bconnection (?:refused|reset|lost|dropped|failed)\b", r"\bgr[ea]y-?list\w*\b", r"\brate (?:limit\w*|exceed\w*|that)\b", r"\bthrottl\w*\b", r"\b(?:unable|failed) to connect\b", r"\bcould not connect\b", r"\bexpired\b", r"\bservice (?:unavailable|not available)\b", r"\bserver (?:busy|not available|down)\b", r"\bno route to host\b", r"\bunreachable\b", r"\bstill (?:being|trying|be)\b", r"\bresources\b",
)  # fmt: skip


def find_code(text: str) -> str | None:
    """The first enhanced status of a text that is no success, such as 5.1.1."""
    return next((code for code in CODE.findall(text) if not code.startswith("2.")), None)


def judge(status: str | None, said: str) -> tuple[Severity, str]:
    """Hard or soft, and the reason.

    Args:
        status: what the report says, such as 5.1.1; None where there is none.
        said: the server's own words (a diagnostic code), or the text around them; may be empty.
    """
    text = fold(said)[:4_000]
    own = find_code(text)
    reply = REPLY.search(text)
    if status is not None and status.startswith("4."):
        return "soft", f"status {status} passes"
    if own is not None and (status is None or _is_vague(status) or _is_milder(own, status)):
        status = own
    if status is not None and status.startswith("4."):
        return "soft", f"the server said {status}, which passes"
    if FULL.search(text) or status == "5.2.2":
        return "soft", "the mailbox is full"
    if status is not None and not _is_vague(status):
        return _judge_clear(status, text)
    if reply is not None and reply.group(1).startswith("4"):
        return "soft", f"the server answered {reply.group(1)}, which passes"
    gone = GONE.search(text)
    code = f"status {status}" if status else "no status"
    if gone and status == "5.4.1" and "access denied" in text:
        return "hard", "status 5.4.1, and the recipient's server knows no such recipient"
    if status == "5.4.1" and "recipient address rejected" in text:
        return "hard", "status 5.4.1: the recipient's server knows no such recipient"
    if PASSING.search(text) or REFUSED.search(text):
        return "soft", f"{code}, and the text speaks of something that passes or of a refusal"
    if gone:
        return "hard", f"{code}, and the text says that the address does not exist"
    return "soft", f"{code}, and nothing says that the address does not exist"


def _judge_clear(status: str, text: str) -> tuple[Severity, str]:
    if status not in HARD:
        if status.startswith("5.7."):
            return "soft", f"status {status} is a refusal, and says nothing of the address"
        return "soft", f"status {status} says nothing of the address"
    if status.startswith("5.7."):
        return "hard", f"status {status}: the address is somebody else's"
    if GONE.search(text):
        # "user unknown; relayed mail is refused": what is said of the address counts, but not beside a word of spam
        return (
            ("soft", f"status {status}, but the text speaks of spam")
            if _is_refusal(text)
            else ("hard", f"status {status}: the address does not exist")
        )
    if REFUSED.search(text) or (status == "5.2.1" and PASSING.search(text)):
        return "soft", f"status {status}, but the text speaks of a refusal"
    return "hard", f"status {status}: the address does not exist"


_SPAM = pattern(r"\bspam\w*\b", r"\bblack ?list\w*\b", r"\bblock ?list\w*\b", r"\breputation\b", r"\b(?:rbl|dnsbl|spamhaus|barracuda)\b", r"\bunsolicited\b", r"\brate (?:limit|that)\w*\b", r"\bsender\b[^\n]{0,40}\b(?:rejected|denied|verify|unknown|not exist|invalid)\b")  # fmt: skip


def _is_refusal(text: str) -> bool:
    return bool(_SPAM.search(text))


def _is_vague(status: str) -> bool:
    return bool(_VAGUE.fullmatch(status))


def _is_milder(own: str, status: str) -> bool:
    """Whether the server's words are milder than the report: of two that differ the one that suppresses nobody counts."""
    return status in HARD and own not in HARD and not _is_vague(own)
