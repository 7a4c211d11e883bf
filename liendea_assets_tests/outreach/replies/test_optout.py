"""Wishes to hear no more, and what only looks like one, each as the answer to a message of ours."""

import pytest

from liendea_assets.outreach.replies.classify import classify
from liendea_assets_tests.outreach.replies.letters import gmail, outlook, reply

WISHES = (
    "Take me off your mailing list immediately",
    "Please remove my name",
    "I want out",
    "Don't email me anymore",
    "do not send me emails",
    "kindly stop",
    "pls unsubscribe",
    "Unsubscribe. Thanks, Robin",
    "Not interested. Remove.",
    "Please don't contact us again",
    "I wish to unsubscribe",
    "how do I unsubscribe?",
    "No more, please",
    "Remove from list",
    "Please cancel my subscription",
    "I'd prefer not to receive further emails",
    "delete my email",
    "cease all communication",
    "please don't send any more messages",
    "Nein danke, bitte aus dem Verteiler nehmen",
    "Bitte keine Mails mehr",
    "Löschen Sie meine Daten",
    "Bitte löschen",
    "Ich widerspreche der Verarbeitung",
    "Bitte kontaktieren Sie mich nicht mehr",
    "Désabonnement svp",
    "Veuillez supprimer mon adresse de vos fichiers",
    "Je ne souhaite plus recevoir vos emails",
    "Quiero darme de baja",
    "No deseo recibir más correos",
    "Eliminen mi correo de su base de datos",
    "Cancellatemi dalla lista",
    "Per favore rimuovete il mio indirizzo",
    "Gelieve mij te verwijderen uit uw bestand",
    "Stop met mailen",
    "Proszę mnie wypisać",
    "Proszę usunąć mój adres z listy",
    "Nie chcę otrzymywać takich maili",
    "Sluta mejla mig",
    "Vänligen ta bort mig",
    "Retire meu email da lista",
    "Não envie mais emails",
    "Please stop contacting me",
    "Stop",
    "STOP SPAMMING ME",
    "remove me from this thread of emails",
    "Opt-out please",
    "You have no permission to contact me",
    "Wrong person, remove me please",
    "Please take us off your distribution list.",
    "Unsubscribe me from this crap",
    "We do not wish to be contacted by you",
    "I object to direct marketing",
)
NO_WISHES = (
    "Not interested",
    "No thanks",
    "Who is this?",
    "Please send me more information",
    "Remove the comma in line 3 and it's fine",
    "We are happy with our provider, no need",
    "Kein Interesse",
    "Pas intéressé",
    "No me interesa",
    "Non mi interessa",
    "Geen interesse",
    "Nie jestem zainteresowany",
    "Inte intresserad",
    "Call me next week",
    "Could you stop by on Tuesday?",
    "I no longer handle this, please contact Kim",
    "Ich bin nicht mehr zuständig, bitte wenden Sie sich an Kim",
    "Je ne m'occupe plus de ce sujet",
    "Ya no me ocupo de esto",
    "Never heard of you, tell me more",
    "Don't hesitate to call me",
    "Please contact me next month",
    "Do you have a list of customers?",
    "Nie dziękuję, już mamy dostawcę",
    "Vi bruger ikke mere tid på dette nu",
    "Ikke nu, måske igen til foråret",
    "I don't have time for a call, email me the details instead",
    "I do not want to buy a new tool",
    "Wir melden uns ab Januar wieder",
    "We take data protection seriously, how do you handle my data?",
    "Smetto presto di lavorare, ma parliamone",
)


@pytest.mark.parametrize("words", WISHES)
def test_wish_is_never_overlooked(words: str) -> None:
    assert {classify(reply(quote(words))).kind for quote in (gmail, outlook)} == {"unsubscribe"}


@pytest.mark.parametrize("words", NO_WISHES)
def test_an_answer_is_no_wish(words: str) -> None:
    assert {classify(reply(quote(words))).kind for quote in (gmail, outlook)} == {"human_reply"}
