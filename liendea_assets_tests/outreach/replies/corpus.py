"""Messages with the kind that each is of: (name, kind, bytes)."""

from collections.abc import Iterator

from liendea_assets_tests.outreach.replies.letters import (
    BODY,
    FOOTER,
    ORIGINAL_HEADERS,
    SUBJECT,
    THEM,
    TOKEN,
    US,
    away,
    complaint,
    gmail,
    marked,
    notice,
    outlook,
    reply,
    report,
)

Case = tuple[str, str, bytes]

HARD_REPORTS = {
    "postfix": ("5.1.1", f"smtp; 550 5.1.1 <{THEM}>: Recipient address rejected: User unknown in virtual mailbox table"),
    "dovecot-lmtp": ("5.1.1", f"smtp; 550 5.1.1 <{THEM}> User doesn't exist: {THEM}"),
    "gmail": ("5.1.1", "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. For more information, go to https://support.example/mail 550 5.1.1 - gsmtp"),
    "gmail-disabled": ("5.2.1", "smtp; 550 5.2.1 The email account that you tried to reach is disabled."),
    "exchange-online": ("5.1.10", f"smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {THEM} not found by SMTP address lookup"),
    "exchange-edge": ("5.4.1", "smtp;550 5.4.1 Recipient address rejected: Access denied. [AM0EUR02FT009.eop-EUR02.prod.protection.example]"),
    "exchange-2016": ("5.1.1", "smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"),
    "ses": ("5.1.1", "smtp; 550 5.1.1 user unknown"),
    "sendmail": ("5.1.1", f"SMTP; 550 5.1.1 <{THEM}>... User unknown"),
    "sendmail-host": ("5.1.2", "DNS; Host unknown (Name server: acmelabs.example: host not found)"),
    "exim": ("5.0.0", "smtp; 550 No such user here"),
    "exim-unrouteable": ("5.0.0", "smtp; 550-Unrouteable address"),
    "zimbra": ("5.1.1", f"smtp; 550 5.1.1 <{THEM}>: Recipient address rejected: acmelabs.example"),
    "yahoo": ("5.0.0", f"smtp; 554 delivery error: dd This user doesn't have a yahoo account ({THEM}) [0] - mta4.example"),
    "yahoo-disabled": ("5.0.0", "smtp; 554 delivery error: dd Sorry your message cannot be delivered. This account has been disabled or discontinued [#102]."),
    "gmx": ("5.1.1", "smtp; 550 Requested action not taken: mailbox unavailable"),
    "web.de-vague": ("5.0.0", "smtp; 550 Requested action not taken: mailbox unavailable"),
    "outlook.com": ("5.5.0", "smtp; 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."),
    "postfix-no-host": ("5.4.4", "X-Postfix; Host or domain name not found. Name service error for name=acmelabs.example type=AAAA: Host not found"),
    "null-mx": ("5.1.10", "smtp; 556 5.1.10 Recipient address rejected: Domain acmelabs.example does not accept mail (nullMX)"),
    "mimecast-unknown": ("5.0.0", "smtp; 550 Invalid Recipient - https://community.example/docs/550"),
    "proofpoint-unknown": ("5.1.1", "smtp; 550 5.1.1 User Unknown"),
    "ironport": ("5.1.0", f"smtp; 550 #5.1.0 Address rejected. Unknown address error 550-'5.1.1 <{THEM}>: user unknown'"),
    "iplanet": ("5.1.1", f"smtp;550 5.1.1 unknown or illegal alias: {THEM}"),
    "domino": ("5.0.0", f"smtp; 550 {THEM}... No such user"),
    "groupwise": ("5.0.0", "smtp; 550 User account is inactive"),
}  # fmt: skip
SOFT_REPORTS = {
    "full-postfix": ("5.2.2", f"smtp; 552 5.2.2 <{THEM}> Quota exceeded (mailbox for user is full)", "failed"),
    "full-gmail": ("5.2.2", "smtp; 552-5.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.example", "failed"),
    "full-exchange": ("5.2.2", "smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded", "failed"),
    "full-said-as-511": ("5.1.1", "smtp; 550 5.1.1 mailbox is full, user over quota", "failed"),
    "full-vague": ("5.0.0", "smtp; 552 Mailbox has exceeded the limit", "failed"),
    "full-4xx": ("4.2.2", "smtp; 452 4.2.2 The email account that you tried to reach is over quota.", "failed"),
    "delayed-postfix": ("4.4.1", "X-Postfix; connect to mx.acmelabs.example[192.0.2.7]:25: Connection timed out", "delayed"),
    "delayed-gmail": ("4.4.1", "smtp; The recipient server did not accept our requests to connect.", "delayed"),
    "expired": ("4.4.7", "smtp;550 4.4.7 QUEUE.Expired; message expired", "failed"),
    "expired-5": ("5.4.7", "smtp; 554 5.4.7 [internal] exceeded max time without delivery", "failed"),
    "greylist": ("4.2.0", f"smtp; 450 4.2.0 <{THEM}>: Recipient address rejected: Greylisted, see http://postgrey.example", "failed"),
    "block-spamhaus": ("5.7.1", "smtp; 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.example", "failed"),
    "block-microsoft": ("5.7.606", "smtp; 550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "failed"),
    "block-auth": ("5.7.515", "smtp; 550 5.7.515 Access denied, sending domain northwind.example does not meet the required authentication level", "failed"),
    "block-dmarc": ("5.7.26", "smtp; 550-5.7.26 Unauthenticated email from northwind.example is not accepted due to domain's DMARC policy.", "failed"),
    "block-mimecast": ("5.0.0", "smtp; 554 Email rejected due to security policies - MCSpamSignature.77.1", "failed"),
    "block-proofpoint": ("5.7.0", "smtp; 554 5.7.0 Blocked - see https://ipcheck.proofpoint.example/?ip=192.0.2.1", "failed"),
    "block-gmail-spam": ("5.7.1", "smtp; 550-5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent, this message has been blocked.", "failed"),
    "block-yahoo": ("5.7.9", "smtp; 554 5.7.9 Message not accepted for policy reasons. See https://postmaster.example/error-codes", "failed"),
    "block-as-511": ("5.1.1", "smtp; 550 5.1.1 Recipient rejected, sender IP on blacklist, spam suspected", "failed"),
    "relay": ("5.7.1", f"smtp; 550 5.7.1 <{THEM}>: Relay access denied", "failed"),
    "restricted": ("5.7.133", "smtp; 550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "failed"),
    "not-permitted": ("5.7.1", "smtp;550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized", "failed"),
    "loop": ("5.4.6", "X-Postfix; mail for acmelabs.example loops back to myself", "failed"),
    "loop-exchange": ("5.4.14", "smtp;554 5.4.14 Hop count exceeded - possible mail loop ATTR34", "failed"),
    "too-large": ("5.3.4", "smtp; 552 5.3.4 Message size exceeds fixed maximum message size", "failed"),
    "content": ("5.6.0", "smtp; 550 5.6.0 Invalid message content", "failed"),
    "virus": ("5.7.1", "smtp; 554 5.7.1 The message was rejected because it contains prohibited virus or spam content", "failed"),
    "sender-unknown": ("5.1.8", f"smtp; 553 5.1.8 <{US}>: Sender address rejected: Domain not found", "failed"),
    "sender-bad": ("5.1.7", "smtp; 553 5.1.7 sender address does not exist", "failed"),
    "vague": ("5.0.0", "smtp; 550 Rejected", "failed"),
    "vague-transaction": ("5.0.0", "smtp; 554 Transaction failed", "failed"),
    "rate": ("4.2.1", "smtp; 450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.", "failed"),
    "rate-5": ("5.2.1", "smtp; 550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages", "failed"),
    "smtputf8": ("5.6.7", "X-Postfix; SMTPUTF8 is required, but was not offered by host", "failed"),
    "web.de-block": ("5.0.0", "smtp; 554 Transaction failed. Reject due to policy restrictions. For explanation visit https://postmaster.example", "failed"),
    "t-online": ("5.7.0", "smtp; 554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.example to clarify.)", "failed"),
}  # fmt: skip

AWAY = {
    "en": ("Automatic reply: Robin, a question", "I am out of the office until Monday, 12 October, with limited access to email. For urgent matters write to kim@acmelabs.example."),
    "de": ("Automatische Antwort: Robin, a question", "Ich bin bis zum 12.10.2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet. In dringenden Fällen wenden Sie sich bitte an kim@acmelabs.example."),
    "fr": ("Réponse automatique : Robin, a question", "Je suis absente du bureau jusqu'au 12 octobre. Pour toute urgence, merci de contacter kim@acmelabs.example."),
    "es": ("Respuesta automática: Robin, a question", "Estoy fuera de la oficina hasta el 12 de octubre. Contestaré a mi regreso."),
    "it": ("Risposta automatica: Robin, a question", "Sono fuori ufficio fino al 12 ottobre. Risponderò al mio rientro."),
    "nl": ("Automatisch antwoord: Robin, a question", "Ik ben afwezig tot en met 12 oktober en lees mijn e-mail niet."),
    "pt": ("Resposta automática: Robin, a question", "Estou de férias até 12 de outubro, com acesso limitado ao e-mail."),
    "pl": ("Odpowiedź automatyczna: Robin, a question", "Jestem na urlopie do 12.10. Odpowiem po powrocie."),
    "sv": ("Autosvar: Robin, a question", "Jag är på semester till och med 12 oktober. Kontakta kim@acmelabs.example vid brådskande ärenden."),
    "da": ("Automatisk svar: Robin, a question", "Jeg er på ferie og er tilbage den 12. oktober."),
    "fi": ("Automaattinen vastaus: Robin, a question", "Olen lomalla 12.10. asti. Palaan asiaan sen jälkeen."),
    "cs": ("Automatická odpověď: Robin, a question", "Do 12. 10. čerpám dovolenou. V naléhavých případech pište na kim@acmelabs.example."),
    "ja": ("自動応答: Robin, a question", "10月12日まで休暇をいただいております。"),
    "ru": ("Автоответ: Robin, a question", "Я в отпуске до 12 октября и отвечу после возвращения."),
}  # fmt: skip
GONE = {
    "en": "Robin Weaver is no longer with Acme Labs. Please direct all enquiries to kim@acmelabs.example.",
    "en-left": "I have left Acme Labs and this mailbox is not monitored.",
    "en-address": "This email address is no longer in use. My new address is robin@elsewhere.example.",
    "en-retired": "Thank you for your message. I have retired as of 1 July.",
    "de": "Robin Weaver ist nicht mehr im Unternehmen tätig. Bitte wenden Sie sich an kim@acmelabs.example.",
    "fr": "Robin Weaver ne fait plus partie de la société. Merci de contacter kim@acmelabs.example.",
    "es": "Robin Weaver ya no trabaja en Acme Labs. Por favor, contacte con kim@acmelabs.example.",
    "it": "Robin Weaver non lavora più in Acme Labs. Si prega di contattare kim@acmelabs.example.",
    "nl": "Robin Weaver is niet meer werkzaam bij Acme Labs. Neem contact op met kim@acmelabs.example.",
    "pt": "Robin Weaver já não trabalha na Acme Labs. Contacte kim@acmelabs.example.",
    "pl": "Robin Weaver nie pracuje już w Acme Labs. Prosimy o kontakt z kim@acmelabs.example.",
    "sv": "Robin Weaver har slutat på Acme Labs. Kontakta kim@acmelabs.example.",
}
HUMAN = {
    "yes": "Sounds good, Tuesday at 10 works. Call me.",
    "no": "Thanks, but we are not interested at the moment.",
    "later": "Not the right time for us. Try me again in spring.",
    "who": "I'm not the right person, Kim runs sales operations.",
    "where": "How did you get my address?",
    "away-human": "I'm travelling until Thursday, can we talk on Friday?",
    "de-no": "Vielen Dank, aber wir haben derzeit keinen Bedarf.",
    "de-yes": "Klingt spannend, gerne nächste Woche. Ich melde mich ab Mittwoch.",
    "fr-no": "Merci, mais cela ne nous intéresse pas pour le moment.",
    "es-yes": "Me interesa, ¿puede enviarme más información?",
    "it-no": "Grazie, ma non siamo interessati.",
    "nl-no": "Dank je, maar we hebben geen interesse.",
    "pl-yes": "Brzmi ciekawie, proszę o telefon w środę.",
    "pt-no": "Obrigado, mas não temos interesse neste momento.",
    "sv-no": "Tack, men vi är inte intresserade just nu.",
    "keep": "Please don't remove me from your list, I do want to see the webinar.",
    "metric": "We cut our unsubscribe rate by half with your competitor, so we are happy.",
    "spam-folder": "Sorry, your mail was in my spam folder. Happy to talk.",
    "stop-by": "Please stop by our booth at the fair, hall 3.",
}
OPT_OUTS = {
    "one-word": "unsubscribe",
    "shouted": "UNSUBSCRIBE!!!",
    "stop": "Stop.",
    "remove-me": "Please remove me.",
    "polite": "Hi Sam,\n\nthanks for reaching out, but please take me off your list.\n\nBest\nRobin",
    "no-more": "No more emails please.",
    "stop-mailing": "Stop mailing me.",
    "gdpr": "Under GDPR I object to the processing of my personal data for direct marketing.",
    "erase": "Please delete all my data. Where did you get it?",
    "never": "I never signed up for this. Do not contact me again.",
    "report": "This is spam. I will report you.",
    "not-interested-and": "Not interested, please do not email me again.",
    "link-broken": "Your unsubscribe link does not work, get me off this list.",
    "opt-out": "I'd like to opt out of these messages.",
    "leave": "Leave me alone",
    "typo": "Unsubcribe me please, and remove my email address from your database.",
    "de": "Bitte austragen.",
    "de-long": "Guten Tag,\n\nbitte nehmen Sie mich aus Ihrem Verteiler.\n\nMit freundlichen Grüßen\nRobin Weaver",
    "de-werbung": "Ich möchte keine weiteren E-Mails von Ihnen erhalten.",
    "de-widerspruch": "Hiermit widerspreche ich der Nutzung meiner Daten zu Werbezwecken.",
    "fr": "Merci de me désinscrire de votre liste.",
    "fr-plus": "Merci de ne plus me contacter.",
    "es": "Por favor, dame de baja de la lista.",
    "es-no": "No me envíen más correos.",
    "it": "Vi prego di cancellarmi dalla vostra lista.",
    "it-no": "Non desidero ricevere altre comunicazioni.",
    "nl": "Graag uitschrijven uit uw mailinglijst.",
    "nl-geen": "Ik wil geen mails meer van u ontvangen.",
    "pt": "Por favor, remova-me da sua lista.",
    "pt-nao": "Não quero receber mais e-mails.",
    "pl": "Proszę o usunięcie mnie z bazy.",
    "pl-nie": "Proszę nie wysyłać do mnie więcej wiadomości.",
    "sv": "Ta bort mig från er lista, tack.",
    "sv-fler": "Jag vill inte ha fler mejl från er.",
    "da": "Afmeld mig venligst.",
    "no": "Vennligst fjern meg fra listen.",
    "fi": "Poistakaa minut listaltanne.",
    "cs": "Prosím, odhlaste mě z odběru.",
    "ru": "Пожалуйста, удалите меня из рассылки.",
    "ja": "配信停止をお願いします。",
    "zh": "请把我从邮件列表中删除。",
    "tr": "Lütfen beni listenizden çıkarın.",
}


def cases() -> list[Case]:
    """All of them."""
    return [*_reports(), *_notices(), *_machines(), *_people(), *_opt_outs(), *_complaints(), *_others()]


def _reports() -> Iterator[Case]:
    for number, (name, (status, said)) in enumerate(HARD_REPORTS.items()):
        yield (
            f"report {name}",
            "bounce_hard",
            report("This message was created automatically by mail delivery software.", status, said, as_headers=number % 2 == 1),
        )
    for name, (status, said, action) in SOFT_REPORTS.items():
        yield f"report {name}", "bounce_soft", report("Delivery did not succeed.", status, said, action=action)
    yield (
        "report delivered",
        "other",
        report("Your message was delivered.", "2.0.0", "smtp; 250 2.0.0 Ok", action="delivered", subject="Successful Mail Delivery Report"),
    )
    yield (
        "report relayed",
        "other",
        report("Relayed to a server without receipts.", "2.6.0", "", action="relayed", subject="Relayed: Robin, a question"),
    )


def _notices() -> Iterator[Case]:
    yield (
        "qmail",
        "bounce_hard",
        notice(
            f"Hi. This is the qmail-send program at mail.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{THEM}>:\nSorry, no mailbox here by that name. (#5.1.1)\n"
        ),
    )
    yield (
        "qmail remote",
        "bounce_hard",
        notice(
            f"Hi. This is the qmail-send program at mail.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{THEM}>:\n192.0.2.9 does not like recipient.\nRemote host said: 550 5.1.1 <{THEM}>: Recipient address rejected: User unknown\nGiving up on 192.0.2.9.\n"
        ),
    )
    yield (
        "qmail full",
        "bounce_soft",
        notice(
            f"Hi. This is the qmail-send program at mail.example.\n\n<{THEM}>:\nThe users mailfolder is over the allowed quota (size). (#5.2.2)\n"
        ),
    )
    yield (
        "exim text",
        "bounce_hard",
        notice(
            f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {THEM}\n    Unrouteable address\n",
            subject="Mail delivery failed: returning message to sender",
            sender="Mail Delivery System <Mailer-Daemon@mail.example>",
            X_Failed_Recipients=THEM,
        ),
    )
    yield (
        "exim delay",
        "bounce_soft",
        notice(
            f"This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  {THEM}\n",
            subject="Warning: message 1abcDE-0001 delayed 24 hours",
            sender="Mail Delivery System <Mailer-Daemon@mail.example>",
        ),
    )
    yield (
        "exim retry timeout",
        "bounce_soft",
        notice(
            f"A message that you sent could not be delivered.\n\n  {THEM}\n    retry timeout exceeded\n",
            subject="Mail delivery failed: returning message to sender",
            sender="Mailer-Daemon@mail.example",
        ),
    )
    yield (
        "yahoo text",
        "bounce_hard",
        notice(
            f"Sorry, we were unable to deliver your message to the following address.\n\n<{THEM}>:\n554: delivery error: dd This user doesn't have an account ({THEM})\n",
            subject="Failure Notice",
            sender="MAILER-DAEMON@yahoo.example",
        ),
    )
    yield (
        "microsoft text",
        "bounce_hard",
        notice(
            f"Delivery has failed to these recipients or groups:\n\n{THEM}\nThe email address you entered couldn't be found. Please check the recipient's email address and try to resend the message.\n\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'\n",
            subject="Undeliverable: Robin, a question",
            sender="postmaster@acmelabs.example",
        ),
    )
    yield (
        "german text",
        "bounce_hard",
        notice(
            f"Ihre Nachricht konnte nicht zugestellt werden.\n\n{THEM}\n550 Empfänger unbekannt\n",
            subject="Unzustellbar: Robin, a question",
            sender="postmaster@acmelabs.example",
        ),
    )
    yield (
        "groupwise text",
        "bounce_soft",
        notice("The message could not be delivered.\n", subject="Message status - undeliverable", sender="postmaster@acmelabs.example"),
    )
    yield (
        "lotus",
        "bounce_soft",
        notice(
            f"Your message was not delivered to {THEM} because: the router could not connect; connection refused\n",
            subject="DELIVERY FAILURE: connection refused",
            sender="postmaster@acmelabs.example",
        ),
    )
    yield (
        "barracuda",
        "bounce_soft",
        notice(
            f"Your message to {THEM} was blocked by our Spam Firewall. The email you sent has NOT BEEN DELIVERED.\n",
            subject="**Message you sent blocked by our bulk email filter**",
            sender="Postmaster <postmaster@acmelabs.example>",
            X_Failed_Recipients=THEM,
        ),
    )


def _machines() -> Iterator[Case]:
    for language, (subject, text) in AWAY.items():
        yield f"away {language}", "auto_reply", away(text, subject)
    for language in ("en", "de", "fr", "es"):
        subject, text = AWAY[language]
        yield f"away without header {language}", "auto_reply", reply(text, subject=subject)
    yield (
        "away from postmaster",
        "auto_reply",
        reply(AWAY["en"][1], subject=AWAY["en"][0], sender="postmaster@acmelabs.example", X_Auto_Response_Suppress="All", Return_Path="<>"),
    )
    yield "away quoting us", "auto_reply", away(f"I am away until 12 October.\n\n{outlook('')}")
    yield (
        "away precedence",
        "auto_reply",
        reply(
            "I am on holiday until 12 October and will reply upon my return.", subject=f"Out of office: {SUBJECT}", Precedence="auto_reply"
        ),
    )
    yield "away x-autoreply", "auto_reply", reply("I am away.", subject=f"Re: {SUBJECT}", X_Autoreply="yes")
    yield "maternity", "auto_reply", away("I am currently on maternity leave until 1 March 2027. Please contact kim@acmelabs.example.")
    yield (
        "ticket",
        "auto_reply",
        reply(
            "Thank you for contacting us. We have received your request; your ticket number is 4711.",
            subject=f"[Ticket #4711] {SUBJECT}",
            sender="support@acmelabs.example",
            Auto_Submitted="auto-generated",
        ),
    )
    yield (
        "challenge",
        "auto_reply",
        reply(
            "To release your message, please verify that you are human: click the link to verify: https://verify.example/1",
            subject="Please verify your message",
            sender="challenge@boxbe.example",
        ),
    )
    yield (
        "away with newsletter footer",
        "auto_reply",
        away("I am out of the office until 12 October.\n\nTo unsubscribe from our newsletter click here: https://acmelabs.example/u"),
    )
    for language, text in GONE.items():
        yield f"gone {language}", "auto_permanent", away(text)
    yield "gone without header", "auto_permanent", reply(GONE["en"], subject=f"Re: {SUBJECT}")
    yield (
        "auto that objects",
        "unsubscribe",
        away("This mailbox does not take sales mail. Please remove this address from your mailing list."),
    )


def _people() -> Iterator[Case]:
    for name, text in HUMAN.items():
        language = name[:2] if name[2:3] == "-" else "en"
        yield f"human gmail {name}", "human_reply", reply(gmail(text, language))
        yield f"human outlook {name}", "human_reply", reply(outlook(text, language))
    yield "human below", "human_reply", reply(f"On 05/10/2026 09:00, Sam Rivera wrote:\n{marked()}\n\nHappy to talk on Tuesday.\n")
    yield (
        "human between",
        "human_reply",
        reply(
            'On 05/10/2026 09:00, Sam Rivera wrote:\n> Would a short call next week be useful?\nYes, please call me.\n> reply with "unsubscribe"\n> or write to unsubscribe@northwind.example\n'
        ),
    )
    yield (
        "human html gmail",
        "human_reply",
        reply(
            None,
            html=f'<div>Interesting, tell me more.</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Oct 5, 2026 Sam wrote:</div><blockquote class="gmail_quote"><p>{FOOTER}</p><a>unsubscribe</a></blockquote></div>',
        ),
    )
    yield (
        "human html outlook",
        "human_reply",
        reply(
            None,
            html=f'<html><body><div class="WordSection1"><p>Not now, thanks.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p><b>From:</b> Sam<br><b>Sent:</b> Monday<br><b>Subject:</b> {SUBJECT}</p></div><p>{FOOTER}</p><p>unsubscribe</p></div></body></html>',
        ),
    )
    yield (
        "human html owa",
        "human_reply",
        reply(
            None,
            html=f'<div>Let us talk.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Sam</div><div>{FOOTER}<br>unsubscribe</div>',
        ),
    )
    yield "human new subject", "human_reply", reply("Can you send pricing?", subject="Question about Northwind", answers=False)
    yield "calendar accepted", "human_reply", _calendar()


def _opt_outs() -> Iterator[Case]:
    for number, (name, text) in enumerate(OPT_OUTS.items()):
        yield f"opt-out {name}", "unsubscribe", reply((gmail, outlook)[number % 2](text))
    yield "opt-out token", "unsubscribe", reply("", subject=f"unsubscribe-{TOKEN}", answers=False)
    yield (
        "opt-out token by machine",
        "unsubscribe",
        reply(
            "This message was generated by the mail program.",
            subject=f"unsubscribe-{TOKEN}",
            answers=False,
            Auto_Submitted="auto-generated",
        ),
    )
    yield "opt-out in subject", "unsubscribe", reply("", subject="UNSUBSCRIBE", answers=False)
    yield "opt-out below", "unsubscribe", reply(f"On 05/10/2026 09:00, Sam Rivera wrote:\n{marked()}\n\nremove me please\n")
    yield (
        "opt-out html",
        "unsubscribe",
        reply(None, html='<div dir="auto">Remove me from this list</div><blockquote type="cite">Hi Robin</blockquote>'),
    )
    yield "opt-out phone", "unsubscribe", reply(outlook("Please stop sending me these.\n\nSent from my iPhone"))
    yield "opt-out mail to many header", "unsubscribe", reply(gmail("unsubscribe me"), Precedence="bulk")


def _complaints() -> Iterator[Case]:
    yield "arf", "complaint", complaint()
    yield (
        "arf yahoo",
        "complaint",
        complaint(sender="feedback@arf.mail.yahoo.example", more=f"Original-Rcpt-To: {THEM}\nReported-Domain: northwind.example"),
    )
    yield "arf ses", "complaint", complaint(sender="complaints@email-abuse.ses.example", subject="Amazon SES complaint")
    yield (
        "arf comcast",
        "complaint",
        complaint(sender="feedbackloop@feedback.comcast.example", more="Received-Date: Mon, 05 Oct 2026 11:00:00 +0000"),
    )
    yield "arf fraud", "complaint", complaint("fraud")
    yield (
        "jmrp",
        "complaint",
        f"From: staff@hotmail.example\nTo: abuse@northwind.example\nSubject: complaint about message from 192.0.2.1\nX-HmXmrOriginalRecipient: {THEM}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/rfc822\n\n{ORIGINAL_HEADERS}\n{BODY}\n--B--\n".encode(),
    )
    yield (
        "spamcop",
        "complaint",
        notice(
            "[ SpamCop V5 ]\nThis message is brief for your comfort.",
            sender="1234@reports.spamcop.example",
            subject="[SpamCop (192.0.2.1) id:1234] Robin, a question",
        ),
    )
    yield "not spam", "other", complaint("not-spam")
    yield "dmarc failure", "other", complaint("auth-failure")


def _others() -> Iterator[Case]:
    yield (
        "newsletter",
        "other",
        reply(
            "Our autumn news. To unsubscribe click here: https://acmelabs.example/u",
            subject="Acme Labs news",
            sender="news@acmelabs.example",
            answers=False,
            List_Id="<news.acmelabs.example>",
            List_Unsubscribe="<https://acmelabs.example/u>",
            Precedence="bulk",
        ),
    )
    yield (
        "invoice",
        "other",
        reply(
            "Your invoice 17 is attached.",
            subject="Invoice 17",
            sender="billing@tool.example",
            answers=False,
            Auto_Submitted="auto-generated",
        ),
    )
    yield (
        "read receipt",
        "other",
        (
            f"From: Robin Weaver <{THEM}>\nTo: {US}\nSubject: Read: {SUBJECT}\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n--B\nContent-Type: text/plain\n\nYour message was read.\n\n--B\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{THEM}\nOriginal-Message-ID: <{TOKEN}@northwind.example>\nDisposition: automatic-action/MDN-sent-automatically; displayed\n\n--B--\n".encode()
        ),
    )
    yield "nothing", "other", b""
    yield "binary", "other", bytes(range(128, 256)) * 20


def _calendar() -> bytes:
    return (
        f"From: Robin Weaver <{THEM}>\nTo: {US}\nSubject: Accepted: Call\nIn-Reply-To: <{TOKEN}@northwind.example>\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=B\n\n"
        f"--B\nContent-Type: text/plain\n\nRobin Weaver has accepted this invitation.\n\n--B\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{THEM}\nEND:VEVENT\nEND:VCALENDAR\n\n--B--\n"
    ).encode()
