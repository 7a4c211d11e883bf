"""Whether a human's answer is a yes or a no, where it says so plainly."""

from typing import Literal

from liendea_assets.outreach.replies.folding import fold, pattern

_NO = pattern(
    r"\bnot (?:currently |really |at all )?(?:interested|a (?:good )?fit|a priority|for us|the right (?:time|person|contact)|looking|relevant)\b", r"\bno,? (?:thanks?|thank you|interest|need)\b", r"\bwe(?:'ll| will)? (?:already|have to) (?:have|use|pass|decline|work with)\b", r"\b(?:i|we)(?:'ll| will)? (?:pass|decline)\b", r"\bno (?:budget|need)\b", r"\bwrong person\b",
    r"\b(?:kein(?:en)? (?:interesse|bedarf|budget)|nicht interessiert|nein,? danke|kommt fur uns nicht)\b", r"\b(?:pas (?:interesse\w*|interesses?|d'interet|besoin)|non merci|sans interet)\b", r"\b(?:no (?:me|nos|estamos|estoy) interesa\w*|no gracias|no tenemos interes)\b", r"\b(?:nao (?:tenho|temos|estou|estamos) interess\w*|nao,? obrigad[oa])\b", r"\b(?:non (?:sono|siamo|ci|mi) interess\w*|no,? grazie)\b", r"\b(?:geen (?:interesse|behoefte)|niet geinteresseerd|nee,? (?:bedankt|dank))\b", r"\b(?:nie (?:jestem|jestesmy) zainteresowan\w*|nie,? dziekuje|brak zainteresowania)\b", r"\b(?:inte intresserad\w*|nej tack|ikke interesse\w*|nei takk|nej tak|ei kiinnosta\w*)\b", r"\b(?:nemame zajem|nemam zajem|nem erdekel|nu (?:sunt|suntem) interesat\w*|ilgilenmiyor\w*)\b", r"не интерес\w*|неинтересно|興味(?:は|が)?(?:ありません|ない)|不感兴趣|没兴趣|관심\s?없",
)  # fmt: skip
_YES = pattern(
    r"\b(?:sounds|looks) (?:good|great|interesting|like)\b", r"\b(?:i am|i'm|we are|we're|very|would be|quite) interested\b", r"\b(?:happy|glad|love|like|open|keen) to (?:chat|talk|hear|learn|meet|connect|see|discuss|know|have)\b", r"\b(?:let's|let us|can we|could we|shall we|please) (?:talk|schedule|set up|book|meet|chat|find|arrange|call)\b", r"\b(?:send|tell|share) (?:me |us |over )?(?:some |a bit )?(?:more|details|info\w*|pricing|a deck|your)\b", r"\b(?:call|ring|give) me\b", r"\bwhat (?:does|would|is) (?:it|the|your) (?:cost|price|pricing)\b", r"\bdoes (?:tuesday|monday|wednesday|thursday|friday|next week)\b",
    r"\b(?:klingt (?:gut|interessant|spannend)|interessiert mich|gerne? (?:mehr|sprechen|telefonieren|austauschen)|sehr gerne?|grosses interesse|haben wir interesse)\b", r"\b(?:ca m'interesse|volontiers|avec plaisir|interessant|je suis interesse\w*)\b", r"\b(?:me interesa|suena (?:bien|interesante)|con gusto|encantad[oa])\b", r"\b(?:tenho interesse|parece (?:bom|interessante)|com prazer)\b", r"\b(?:mi interessa|volentieri|sembra interessante)\b", r"\b(?:klinkt (?:goed|interessant)|graag|ik heb interesse)\b", r"\b(?:brzmi (?:dobrze|interesujaco|ciekawie)|chetnie|jestem zainteresowan\w)\b", r"\b(?:later (?:bra|intressant)|garna|lyder (?:godt|interessant)|gerne)\b",
)  # fmt: skip


def find_sentiment(words: str) -> Literal["positive", "negative"] | None:
    """Negative where both stand there: a polite no begins with a compliment."""
    folded = fold(words)
    if _NO.search(folded):
        return "negative"
    return "positive" if _YES.search(folded) else None
