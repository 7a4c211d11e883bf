"""Further messages, written when the classifier was done; their first figure stands in docs/inbox.md."""

from liendea_assets_tests.outreach.replies.corpus import Case
from liendea_assets_tests.outreach.replies.letters import SUBJECT, THEM, US, away, complaint, gmail, marked, notice, outlook, reply, report


def further_cases() -> list[Case]:
    """All of them."""
    return [
        ("h1", "bounce_hard", report("I'm sorry", "5.1.1", "smtp; 550 5.1.1 sorry, no mailbox here by that name (#5.7.17)")),
        (
            "h2",
            "bounce_hard",
            report("Address not found", "5.1.1", "smtp; 550 5.1.1 <" + THEM + "> Email address could not be found, or was misspelled (G8)"),
        ),
        ("h3", "bounce_soft", report("x", "5.7.1", "smtp; 550 5.7.1 Message rejected due to content restrictions")),
        ("h4", "bounce_soft", report("x", "5.0.0", "smtp; 550 permanent failure for one or more recipients (" + THEM + ":blocked)")),
        ("h5", "bounce_hard", report("x", "5.0.0", "smtp; 550 5.1.1 unknown user account")),
        ("h6", "bounce_soft", report("x", "4.3.2", "smtp; 451 4.3.2 Please try again later [x.prod.protection.example]", action="delayed")),
        (
            "h7",
            "bounce_hard",
            report(
                "Votre message n'a pas pu être remis",
                "5.1.1",
                "smtp; 550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416",
                subject="Non remis : Robin, a question",
            ),
        ),
        ("h8", "bounce_soft", report("x", "5.0.0", "smtp; 550 Action not taken: sender IP has poor reputation")),
        ("h9", "bounce_soft", report("x", "5.3.2", "smtp; 521 5.3.2 System not accepting network messages")),
        ("h10", "bounce_hard", report("x", "5.0.0", "smtp; 550 " + THEM + " user not found")),
        (
            "h11",
            "bounce_soft",
            notice("Your message could not be delivered to " + THEM + ": 452 4.2.2 Mailbox full\n", subject="Mail delivery failed"),
        ),
        (
            "h12",
            "bounce_hard",
            notice(
                f"** Address not found **\n\nYour message wasn't delivered to {THEM} because the address couldn't be found, or is unable to receive mail.\n",
                subject="Delivery Status Notification (Failure)",
                sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
            ),
        ),
        (
            "h13",
            "auto_reply",
            reply(
                "Hi,\n\nI'm on annual leave until the 12th and will have no access to email. I will respond when I return.\n\nRobin",
                subject=f"Re: {SUBJECT}",
            ),
        ),
        (
            "h14",
            "auto_reply",
            away("Merci pour votre message. Je suis en déplacement jusqu'à vendredi et vous répondrai à mon retour.", "Absence"),
        ),
        ("h15", "auto_reply", away("Vielen Dank für Ihre Nachricht. Ich befinde mich in Elternzeit bis 03/2027.", "Abwesenheitsnotiz")),
        (
            "h16",
            "auto_reply",
            reply(
                "Wir haben Ihre Nachricht erhalten. Dies ist eine automatisch generierte E-Mail, bitte antworten Sie nicht.",
                subject="Eingangsbestätigung",
                sender="noreply@acmelabs.example",
                answers=False,
            ),
        ),
        ("h17", "auto_permanent", away("Hello, Robin has moved on from Acme Labs to pursue other opportunities. Your contact is now Kim.")),
        (
            "h18",
            "auto_permanent",
            away("Ich habe das Unternehmen verlassen. Bitte kontaktieren Sie meine Kollegin Kim.", "Automatische Antwort"),
        ),
        ("h19", "auto_permanent", away("Cette adresse n'est plus utilisée. Robin a quitté l'entreprise.", "Réponse automatique")),
        (
            "h20",
            "auto_reply",
            away(
                "I'm out until 3 November. Note that Alex is no longer with the company; for urgent things write to Kim until my return on 3 November."
            ),
        ),
        (
            "h21",
            "human_reply",
            reply(
                gmail("Robin isn't here any more I'm afraid, but I look after this now. What do you offer?"),
                sender="Kim Lee <kim@acmelabs.example>",
            ),
        ),
        ("h22", "human_reply", reply(outlook("Gern! Passt Ihnen Donnerstag um 14 Uhr?", "de"))),
        ("h23", "human_reply", reply(gmail("We already use another tool for this, sorry."))),
        ("h24", "human_reply", reply(f"> Would a short call next week be useful?\n\nMaybe. Which day?\n\n{marked()}")),
        ("h25", "human_reply", reply(None, html="<p>Danke, kein Bedarf.</p><blockquote>unsubscribe</blockquote>")),
        ("h26", "human_reply", reply(gmail("Our unsubscribe flow is broken too, haha. Sure, show me what you have."))),
        ("h27", "unsubscribe", reply(gmail("Pls remove"))),
        ("h28", "unsubscribe", reply(outlook("Kindly remove our company from your mailing list."))),
        ("h29", "unsubscribe", reply(gmail("I've asked twice now. Why am I still getting these? Take my address out of your system."))),
        ("h30", "unsubscribe", reply(gmail("Bitte löschen Sie meine Kontaktdaten und schreiben Sie mir nicht mehr.", "de"))),
        ("h31", "unsubscribe", reply(gmail("Arrêtez de m'envoyer des mails.", "fr"))),
        ("h32", "unsubscribe", reply(gmail("Quítame de tu lista por favor", "es"))),
        ("h33", "unsubscribe", reply(gmail("Non scrivetemi più.", "it"))),
        ("h34", "unsubscribe", reply(gmail("Haal mij van deze lijst af aub", "nl"))),
        ("h35", "unsubscribe", reply(gmail("Nie życzę sobie takich wiadomości.", "pl"))),
        ("h36", "unsubscribe", reply(gmail("Avregistrera mig", "sv"))),
        ("h37", "unsubscribe", reply(gmail("I don't want to hear from you again, ever."))),
        ("h38", "complaint", complaint("abuse", sender="abuse@provider.example", more=f"Removal-Recipient: {THEM}")),
        (
            "h39",
            "other",
            reply(
                "Hello, we offer cheap office cleaning. To opt out reply with remove.",
                subject="Office cleaning",
                sender="offers@cleaning.example",
                answers=False,
                List_Unsubscribe="<mailto:u@cleaning.example>",
            ),
        ),
        (
            "h40",
            "human_reply",
            reply("Hi, I found you on the web. Do you serve Spain?", subject="Enquiry", sender="lee@other.example", answers=False),
        ),
        ("h41", "unsubscribe", reply(gmail("Não me mandem mais nada.", "pt"))),
        (
            "h42",
            "other",
            report("delivered", "2.1.5", "smtp; 250 2.1.5 Ok", action="delivered", sender=f"postmaster <{US}>", subject="Delivered"),
        ),
    ]
