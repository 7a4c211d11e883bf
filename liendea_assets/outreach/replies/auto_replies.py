"""Answers of machines (RFC 3834): who is away for a while, and who is gone for good."""

import re
from dataclasses import dataclass

from liendea_assets.outreach.replies.folding import fold, pattern
from liendea_assets.outreach.replies.parse import ParsedMail

_SUBJECT = pattern(
    r"\bauto(?:matic|mated|matisch\w*)?[ -]?(?:reply|response|respond\w*|answer|antwort|generated|mail)\b", r"\bout[ -]?of[ -]?(?:the[ -]?)?office\b", r"^\W*(?:re:\s*)?ooo\b", r"\booto\b", r"\b(?:on|annual|parental|maternity|paternity|sick) (?:vacation|holiday|leave)\b", r"\bvacation (?:reply|notice|response|message)\b", r"\bi(?:'m| am) (?:currently )?(?:away|on vacation|on leave|on holiday|out)\b", r"\baway from (?:the|my) (?:office|desk|mail|e-?mail)\b", r"\bautoreply\b", r"\bautoresponder\b", r"\bno longer (?:with|at|employed|in use|working)\b", r"\bthank you for (?:contacting|your (?:e-?mail|message|enquiry|inquiry|mail))\b", r"\bwe(?:'ve| have) received your\b", r"\b(?:ticket|case|request) (?:received|created|opened)\b", r"\[(?:ticket|case|request)[ #:-]",
    r"\b(?:automatische (?:antwort|ruckmeldung|antwoord|reactie)|abwesenheits\w*|abwesend|abwesenheit|nicht im (?:buro|haus)|ausser haus|urlaubs?(?:nachricht|notiz)?|im urlaub|afwezig\w*|niet aanwezig|elternzeit)\b", r"\b(?:reponse automatique|absen(?:t|ce)e? (?:du bureau|de)|message d'absence|absence du bureau|absence|en conges?|reponse auto)\b", r"\b(?:respuesta automatica|fuera de (?:la )?oficina|ausencia|ausente|de vacaciones|resposta automatica|fora do escritorio|ausencia temporaria|de ferias|ausente do escritorio)\b", r"\b(?:risposta automatica|fuori (?:sede|ufficio)|assente|in ferie|assenza)\b", r"\b(?:odpowiedz automatyczna|automatyczna odpowiedz|autoodpowiedz|poza biurem|nieobecn\w+|na urlopie)\b", r"\b(?:automatiskt svar|autosvar|automatisk (?:svar|svarmelding)|franvar\w*|fravaer\w*|ikke til ?stede|pa semester|pa ferie|ferie)\b", r"\b(?:automaattinen vastaus|poissaolo\w*|lomalla|automaattivastaus|poissa)\b", r"\b(?:automaticka odpoved|mimo kancelar|nepritomn\w+|dovolen\w+|automatikus valasz|hazon kivul|szabadsag\w*|raspuns automat|in afara biroului|concediu|otomatik (?:yanit|cevap)|ofis disinda|izinde\w*)\b", r"автоответ\w*|автоматическ\w+ ответ|вне офиса|в отпуске|автоматична відповідь|αυτοματη απαντηση|εκτος γραφειου", r"自動(?:応答|返信)|不在|自动(?:回复|答复)|自動回覆|外出|休假|부재중|자동\s?(?:회신|응답)|رد تلقائي|תשובה אוטומטית|מענה אוטומטי",
)  # fmt: skip
AWAY = pattern(
    r"\b(?:i am|i'm|i will be|i'll be|we are|currently|he is|she is|am)\b[^.!?]{0,40}\b(?:out of (?:the )?office|away from (?:the|my) (?:office|desk|e-?mail)|on (?:annual |parental |maternity |paternity |sick |medical )?(?:leave|vacation|holiday|pto)|travell?ing|out of town|on a business trip|attending|ooo|away)\b", r"\blimited (?:or no )?access to (?:my )?e-?mail", r"\b(?:no|intermittent|sporadic) access to (?:my )?e-?mail", r"\b(?:upon|on|after|when) (?:my|i) return\b", r"\bback (?:in the office )?on\b[^.!?]{0,30}\d", r"\bif (?:your (?:matter|request|message|enquiry|e-?mail) is|it is|this is|you need|urgent|you require)\b[^.!?]{0,60}\b(?:urgent|immediate|assistance|contact|call)\b", r"\bout of (?:the )?office\b",
    r"\b(?:nicht im (?:buro|haus)|ausser haus|im urlaub|abwesend|elternzeit|mutterschutz|nicht erreichbar|ausser (?:haus|buro)|auf (?:dienst|geschafts)reise|nicht weitergeleitet|wieder (?:erreichbar|im buro|fur sie da)|krankheitsbedingt|dringenden fallen)\b", r"\b(?:absente?|en conges?|en deplacement|conge (?:maternite|parental)|de retour|mon retour|en vacances|acces limite a (?:ma|mes))\b", r"\b(?:fuera de (?:la )?oficina|de vacaciones|ausente|mi regreso|acceso limitado|de viaje|baja (?:maternal|medica|por))\b", r"\b(?:fora do escritorio|de ferias|meu retorno|meu regresso|licenca)\b", r"\b(?:fuori (?:sede|ufficio)|in ferie|assente|al mio rientro|rientrero|in maternita)\b", r"\b(?:niet (?:aanwezig|op kantoor|bereikbaar)|afwezig|met vakantie|op vakantie|weer (?:aanwezig|bereikbaar)|zwangerschapsverlof)\b", r"\b(?:nieobecn\w+|na urlopie|poza biurem|po powrocie|urlop\w*)\b", r"\b(?:pa semester|inte pa kontoret|tillbaka|foraldraledig|tjanstledig|pa ferie|ikke pa kontoret|tilbage|tilbake|permisjon|barsel)\b", r"\b(?:lomalla|poissa|palaan|vuosilomalla)\b", r"\b(?:dovolene|mimo kancelar|nepritomn\w+|szabadsag\w*|concediu|izinde\w*|tatilde)\b", r"в отпуске|вне офиса|отсутств\w*|у відпустці|εκτος γραφειου|σε αδεια|休暇|不在|外出|休假|부재|휴가",
)  # fmt: skip
_GONE = pattern(
    r"\b(?:no|not) longer (?:(?:is |be )?(?:with|at|an? |working|works?|employed|part of|in (?:this|the) (?:role|position)|associated|affiliated|a member|our|serving|the right)\b|(?:monitored|in use|active|valid|checked|exists?|available|in service|attended))", r"\b(?:has|have|i've|he's|she's) (?:now |recently |since )?(?:left|departed|moved on from|resigned from|retired)\b(?! (?:a|the) (?:message|room|meeting))", r"\b(?:left|leaving|departed|quit) (?:the |our |this )?(?:company|organi[sz]ation|firm|business|team|agency|group)\b", r"\b(?:does ?n[o']t|does not|doesn't) work (?:here|at|for|with)\b", r"\b(?:is|am|was) (?:now )?retired\b", r"\b(?:i|he|she|who|robin|they)(?:'ve| have| has)? (?:now )?changed (?:jobs?|companies|employers?|roles?|positions?)\b", r"\b(?:this )?(?:e-?mail )?(?:address|account|mailbox|inbox) (?:is|has been|was|will be) (?:\w+ )?(?:discontinued|deactivated|closed|disabled|decommissioned|retired|shut down|unmonitored|not monitored|no longer|unattended|obsolete)\b", r"\bmy (?:new|current) (?:e-?mail )?address (?:is|will be)\b", r"\b(?:e-?mail )?address has changed\b", r"\b(?:last|final) (?:working )?day (?:at|with|was|of)\b", r"\bceased (?:operations|trading|to work)\b", r"\bemployment\b[^.!?]{0,30}\b(?:ended|terminated)\b", r"\bpassed away\b", r"\bno longer (?:with|at)\b", r"\bex-?employee\b|\bformer employee\b",
    r"\bnicht mehr\b[^.!?\n]{0,50}\b(?:im unternehmen|unternehmen|tatig|beschaftigt|bei uns|fur uns|in der firma|in unserem|zur verfugung|gultig|aktiv|in (?:betrieb|verwendung|gebrauch)|genutzt|erreichbar unter|gelesen|abgerufen|mitarbeiter\w*|angestellt|arbeite\w*|betreut)\b", r"\b(?:arbeite\w*|bin|ist|sind)\b[^.!?\n]{0,40}\bnicht mehr (?:bei|fur|im|in|teil|mitarbeiter)\b", r"\b(?:unternehmen|firma) verlassen\b", r"\b(?:ausgeschieden|im ruhestand|in (?:den )?ruhestand|in rente|in pension)\b", r"\b(?:postfach|adresse|e-?mail-?adresse) (?:wird|ist|wurde) (?:nicht mehr|deaktiviert|geschlossen|abgeschaltet|stillgelegt|ungultig)\b", r"\bmeine neue (?:e-?mail-?)?adresse\b", r"\barbeitgeber gewechselt\b",
    r"\bne (?:fait|fais|travaill\w+|font|suis|sont|est) plus\b[^.!?\n]{0,60}\b(?:partie|chez|pour|au sein|dans|l'entreprise|societe|collaborat\w*|utilise\w*|active?|valide|en fonction)\b", r"\b(?:a|ai|ayant) quitte\b", r"\bn'est plus (?:en (?:poste|fonction|service)|active?|valide|utilisee?|consultee?|employee?|dans|chez|au sein|parmi|joignable a cette)\b", r"\b(?:a la retraite|parti(?:e)? a la retraite|retraitee?)\b", r"\bma nouvelle adresse\b",
    r"\bya no\b[^.!?\n]{0,40}\b(?:trabaj\w*|forma(?:n)? parte|labora|esta (?:en|activ|con)|pertene\w*|es valida|se encuentra|esta disponible|activ\w|colabor\w*)\b", r"\bha dejado (?:la empresa|de (?:trabajar|formar|pertenecer))\b", r"\b(?:jubilad\w|se ha jubilado)\b", r"\bmi nueva direccion\b",
    r"\bja nao\b[^.!?\n]{0,40}\b(?:trabalh\w*|faz parte|faco parte|integra|pertenc\w*|colabor\w*|esta|se encontra|e valido)\b", r"\bnao (?:trabalh\w+|faz|faco|integra|pertence) mais\b", r"\bnao faz mais parte\b", r"\b(?:deixou|deixei) (?:a empresa|de trabalhar|de fazer parte)\b", r"\b(?:foi desligad\w|se desligou|desligou-se|aposentad\w|reformad\w)\b",
    r"\bnon (?:lavor\w+|fa|faccio|e|sono|collabor\w+|opera)\b[^.!?\n]{0,20}\bpiu\b", r"\bnon (?:e|fa|sono|faccio|lavora|lavoro) piu\b", r"\bha lasciato\b[^.!?\n]{0,20}\b(?:azienda|societa|l'azienda)\b", r"\b(?:in pensione|pensionat\w)\b", r"\bcasella\b[^.!?\n]{0,30}\b(?:non e piu|disattivata|dismessa)\b", r"\bil mio nuovo indirizzo\b",
    r"\b(?:niet (?:meer|langer)|niet (?:meer|langer) (?:in dienst|werkzaam))\b[^.!?\n]{0,40}\b(?:werkzaam|in dienst|bij|actief|in gebruik|gelezen|werk\w*|onderdeel)\b", r"\b(?:werkzaam|in dienst|werk\w*)\b[^.!?\n]{0,30}\bniet (?:meer|langer)\b", r"\b(?:is|ben) (?:\w+ ){0,3}uit dienst\b", r"\bheeft (?:ons|de organisatie|het bedrijf|de onderneming)\b[^.!?\n]{0,20}\bverlaten\b", r"\bmet pensioen\b", r"\bmijn nieuwe (?:e-?mail)?adres\b",
    r"\b(?:juz |wiecej )?nie (?:pracuj\w+|jest juz|jestem juz|jest pracownikiem|jest zatrudnion\w|jest czescia)\b", r"\bzakonczyl\w* (?:prace|wspolprace)\b", r"\b(?:odszedl|odeszla)\b", r"\bna emeryture?\b", r"\b(?:adres|skrzynka)\b[^.!?\n]{0,30}\b(?:nieaktywn\w+|nie jest juz)\b",
    r"\b(?:har slutat|slutade|jobbar inte langre|arbetar inte langre|ar inte langre (?:anstalld|kvar|verksam)|har gatt i pension|inte langre (?:i bruk|aktiv)|ej langre|har lamnat|inte kvar)\b", r"\b(?:er stoppet|er fratradt|arbejder ikke laengere|ikke laengere (?:ansat|hos)|er ikke laengere|har forladt|har sluttet|jobber ikke lenger|er ikke lenger|ikke lenger (?:ansatt|hos)|ikke laengere i brug|gaet pa pension)\b", r"\b(?:ei (?:ole )?enaa (?:tyoskentele|tyossa|palveluksessa|kaytossa|talossa)|en (?:ole )?enaa (?:tyoskentele|tyossa)|ei enaa tyoskentele|ei tyoskentele enaa|siirtynyt (?:pois|elakkeelle|uusiin|muihin)|jaanyt elakkeelle|lopettanut)\b", r"\b(?:jiz (?:u nas |v nasi \w+ |zde )?nepracuj\w+|uz nepracuj\w+|nepracuj\w+ (?:jiz|uz)|jiz neni|odesel|odesla|mar nem dolgoz\w*|tobbe nem dolgoz\w*|nem dolgoz\w+ (?:mar|tobbe)|nu mai (?:lucrez|face|fac|lucr|este)\w*|artik\b[^.!?\n]{0,40}\b(?:calism|gorev yapm)\w*|ayrilmis\w*|ayrildi\w*|emekli)\b", r"больше не работа\w*|уже не работа\w*|уволил\w*|покинул\w*|не является сотрудник\w*|більше не працю\w*|δεν εργαζ\w+ πλεον|αποχωρησ\w*|δεν ειναι πλεον", r"退職|退社|離職|异动|已离职|已離職|不再(?:任职|在|使用)|퇴사|퇴직|لم (?:يعد|اعد|أعد)|כבר לא (?:עובד|עובדת)|אינו עובד",
)  # fmt: skip
_CHALLENGE = pattern(
    r"\b(?:verify|confirm|prove|authenticate) (?:that )?(?:you(?:'re| are)?|your) (?:e-?mail|human|a human|a real|identity|not a|sender|message|are)\b", r"\bclick\b[^.!?]{0,60}\b(?:to deliver|so that your (?:message|e-?mail)|to be added to|to release|to verify)\b", r"\b(?:spam ?arrest|boxbe|mailinblack|choicemail|sender verification|challenge[- ]response|tmda|earthlink spamblocker|sanebox verification|uol antispam|antispam uol|bluebottle)\b", r"\bapproved (?:senders?|guest) list\b", r"\bwaiting for (?:your )?(?:verification|approval|confirmation)\b",
)  # fmt: skip
_RECEIVED = pattern(
    r"\b(?:we|i)(?:'ve| have)? received your (?:e-?mail|message|enquiry|inquiry|request|mail)\b", r"\b(?:thank you|thanks) for (?:your (?:e-?mail|message|enquiry|inquiry|mail|interest)|contacting|reaching out to (?:us|our|the)|getting in touch with)\b", r"\b(?:ticket|case|request|reference) (?:number|id|#|no\b)", r"\bthis is an auto(?:mated|matic|-generated)\b", r"\b(?:do not|please don't|don't) reply to this (?:e-?mail|message)\b", r"\b(?:ihre (?:nachricht|anfrage|e-?mail) (?:ist|wurde|haben wir)|haben ihre (?:nachricht|anfrage|e-?mail)[^.!?]{0,20}erhalten|eingangsbestatigung|automatisch (?:generiert|erstellt|erzeugt)\w*)\b", r"\b(?:accuse de reception|nous avons bien recu|message automatique|hemos recibido su|mensaje automatico|abbiamo ricevuto|messaggio automatico|hebben uw (?:bericht|e-?mail)|automatisch(?:e)? bericht|recebemos (?:a sua|sua)|otrzymalismy|wiadomosc automatyczna|wygenerowana automatycznie)\b",
)  # fmt: skip
_NAMED_BY = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply", "x-autogenerated", "x-auto-reply", "x-vacation", "x-cyrus-auto-reply", "x-ooo")  # fmt: skip


@dataclass(frozen=True, slots=True)
class AutoReply:
    """A machine's answer.

    Attributes:
        is_permanent: the person is gone, or the address is.
    """

    is_permanent: bool
    why: str
    confidence: float


def find_auto_reply(mail: ParsedMail, words: str) -> AutoReply | None:
    """What a machine says for somebody; None where a human writes, as far as can be seen.

    Args:
        words: without quotations.
    """
    folded = fold(words)[:20_000]
    by_header = _header_sign(mail)
    by_subject = bool(_SUBJECT.search(fold(mail.subject))) and not _is_ours(mail, folded)
    away = len(AWAY.findall(folded))
    gone = bool(_GONE.search(folded)) or bool(_GONE.search(fold(mail.subject)))
    if by_header is None and not by_subject:
        return _by_text(mail, folded, away, gone)
    sign = by_header or "the subject is that of an automatic answer"
    confidence = 0.97 if by_header else 0.85
    if gone and not _is_only_a_while(folded):
        return AutoReply(True, f"{sign}, and it says that the person or the address is gone", confidence - 0.05)
    return AutoReply(False, sign, confidence)


def says_gone(words: str) -> bool:
    """Whether a text says that somebody left for good."""
    folded = fold(words)[:20_000]
    return bool(_GONE.search(folded)) and not _is_only_a_while(folded)


def _header_sign(mail: ParsedMail) -> str | None:
    submitted = fold(mail.header("auto-submitted")).split(";")[0].strip()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    for name in _NAMED_BY:
        if name in mail.headers and fold(mail.header(name)).strip() not in ("no", "false", "0"):
            return f"the header {name.title()}"
    if fold(mail.header("precedence")).strip() in ("auto_reply", "auto-reply", "autoreply"):
        return "Precedence"
    if "autoresponder" in fold(mail.header("x-post-messageclass")) or "autoresponder" in fold(mail.header("delivered-to")):
        return "the header of an autoresponder"
    if "mailbox rules agent" in fold(mail.header("x-ms-exchange-generated-message-source")):
        return "a rule of an Exchange mailbox"
    if fold(mail.header("x-fc-machinegenerated")) == "true":
        return "the header X-FC-MachineGenerated"
    return None


def _by_text(mail: ParsedMail, folded: str, away: int, gone: bool) -> AutoReply | None:
    """Without a header and without a subject that says so: only what a human would hardly write."""
    precedence = fold(mail.header("precedence")).strip() in ("bulk", "junk", "list")
    suppresses = "x-auto-response-suppress" in mail.headers
    sender = (mail.from_address or "").partition("@")[0]
    is_robot = bool(re.match(r"^(?:no-?reply|do-?not-?reply|donotreply|autoreply|auto-reply|noreply\S*|mailer-daemon|postmaster)", sender))
    if _CHALLENGE.search(folded):
        return AutoReply(False, "asks the sender to prove that they are human", 0.85)
    if gone and (precedence or suppresses or is_robot or _is_about_third(folded)) and not _is_only_a_while(folded):
        return AutoReply(True, "the text says that the person or the address is gone", 0.75)
    if away >= 2 and not gone:
        return AutoReply(False, "the text is that of somebody away", 0.75)
    if away and (precedence or suppresses or is_robot):
        return AutoReply(False, "the text is that of somebody away, and a header that of a machine", 0.85)
    if _RECEIVED.search(folded) and (precedence or suppresses or is_robot or len(_RECEIVED.findall(folded)) >= 2):
        return AutoReply(False, "confirms by machine that the message was received", 0.8)
    return None


def _is_about_third(folded: str) -> bool:
    """Whether it is a notice to everybody rather than an answer to us."""
    return bool(
        pattern(
            r"\b(?:please|kindly) (?:direct|contact|forward|send|address|update|use|e-?mail|note|reach out to)\b", r"\b(?:all|any|future|further) (?:e-?mails?|enquiries|inquiries|correspondence|messages|requests)\b", r"\b(?:bitte (?:wenden|kontaktieren|richten|senden|nutzen)|wenden sie sich)\b", r"\b(?:veuillez|merci de) (?:contacter|adresser|vous adresser)\b", r"\b(?:por favor,? (?:contact|dirij|escrib|entre)\w*|puede contactar|dirija\w*)\b", r"\b(?:si prega di|vi preghiamo|puo contattare|contattare)\b", r"\b(?:neem|u kunt) (?:\w+ ){0,3}contact\b", r"\bprosze (?:o kontakt|kontaktowac|kierowac)\b", r"\b(?:vanligen|kontakta|kontakt venligst|vennligst)\b",
        ).search(folded)
    ) and not re.search(r"\byour (?:e-?mail|message) (?:below|to)\b", folded)  # fmt: skip


def _is_only_a_while(folded: str) -> bool:
    """Somebody who says when they are back is not gone, whoever else may be."""
    return bool(
        pattern(
            r"\b(?:until|till|back (?:on|in)|return(?:ing)? (?:on|to)|through)\b[^.!?]{0,40}\d", r"\b(?:upon|on|after) my return\b", r"\b(?:i am|i'm) (?:currently )?(?:out of|away|on (?:\w+ )?(?:leave|vacation|holiday))\b",
            r"\b(?:bis) (?:zum |dem |einschliesslich )?\d[^.!?]{0,40}\b", r"\bbin ich (?:\w+ ){0,4}(?:wieder|nicht im|im urlaub)\b", r"\bjusqu'au\b", r"\bde retour\b", r"\bhasta el\b", r"\bfino al\b", r"\bate \d", r"\btot (?:en met )?\d", r"\bdo \d{1,2}[. ]", r"\btill och med\b|\btillbaka\b", r"\btilbage den\b|\btilbake\b", r"до \d",
        ).search(folded)
    )  # fmt: skip


def _is_ours(mail: ParsedMail, folded: str) -> bool:
    """A subject of ours may speak of holidays; a human's answer then begins with Re: and does not."""
    subject = fold(mail.subject)
    return (
        bool(re.match(r"(?:re|aw|sv|antw|r)\s*:", subject))
        and not AWAY.search(folded)
        and not _GONE.search(folded)
        and not re.match(r"(?:re|aw|sv|antw|r)\s*:\s*(?:auto|out of office|ooo)", subject)
    )
