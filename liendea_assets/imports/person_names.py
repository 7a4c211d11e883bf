"""Names of people: bare of decoration and credentials, in one order, split where a file joins them. Their spelling stays."""

import re
import unicodedata

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_BRACKETED = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_PRONOUN = r"(?:she|her|hers|he|him|his|they|them|theirs|ze|zir|xe|xem)"
_PRONOUNS = re.compile(rf"(?<!\w){_PRONOUN}(?:\s*/\s*{_PRONOUN})+(?!\w)", re.IGNORECASE)
_KEPT_MARKS = " '’-.·&"
# A word of capitals after a comma is a credential, where the name itself is not all capitals.
_ACRONYM = re.compile(r"^[A-Z][A-Za-z]?[A-Z][A-Za-z-]*$")

# Words before a last name that belong to it.
PARTICLES = (
    "van", "von", "der", "den", "de", "del", "della", "di", "dello", "da", "do", "dos", "das", "du", "des", "la", "le", "lo", "ten",
    "ter", "te", "zu", "zur", "zum", "af", "av", "bin", "ibn", "al", "el", "e", "y", "st", "san", "santa", "mac", "'t", "op", "in",
)  # fmt: skip
_LETTER = "[A-Za-zÀ-ÖØ-öø-ɏЀ-џ一-鿿가-힣]"
_PLAIN = f"{_LETTER}(?:(?:{_LETTER}|[ '’.·&-])*{_LETTER})?"
_GENERATIONS = {"jr": "Jr", "sr": "Sr", "ii": "II", "iii": "III", "iv": "IV"}
# Without a comma before it only what is no name in any usual spelling is taken for a credential: Ma, Do and Md are names.
CREDENTIALS = frozenset({
    "MBA", "EMBA", "MSc", "BSc", "MPhil", "PhD", "PHD", "DPhil", "DBA", "LLM", "LLB", "MPH", "MPA", "CPA", "CFA", "CFP", "CAIA", "FRM",
    "PMP", "PgMP", "CISSP", "CISA", "CISM", "CCIE", "CSM", "CSPO", "SHRM-CP", "SHRM-SCP", "SPHR", "PHR", "FCCA", "ACCA", "FCA", "ITIL",
})  # fmt: skip

# Capitalised, other particles are names of their own as often as not: Thi Van Nguyen.
_CAPITALISED = ("Van de[rn]?", "De", "De la", "Del", "Della", "Di", "Da", "Dos", "Von", "Von de[rn]")
SPLIT_PATTERN = (
    rf"^(?:(?P<first>.*?\S) )??(?P<last>(?:(?:{'|'.join([*PARTICLES, *_CAPITALISED])}) )*\S+(?: (?:{'|'.join(_GENERATIONS.values())}))?)$"
)


def parse_person_name(text: str, fewest_words: int = 1) -> str | None:
    """A name without emoji, pronouns, brackets and credentials; None when nothing is left. `Weaver, Jr.` → `Weaver Jr`.

    Args:
        fewest_words: how many words must remain for a word at the end to be a credential.
    """
    bare = _PRONOUNS.sub(" ", _BRACKETED.sub(" ", text))
    head, *rest = bare.split(",")
    words = _letters(head).split()
    while len(words) > fewest_words and words[-1].replace(".", "") in CREDENTIALS:
        words.pop()
    name = " ".join(words).strip(" -.&")
    generation = next((found for part in rest if (found := _generation(part))), None)
    if not name:
        return None
    return _spell_generation(f"{name} {generation}" if generation and not _generation(name.split()[-1]) else name)


def parse_full_name(text: str, *, is_last_first: bool = False) -> str | None:
    """As `parse_person_name`; a last name before a comma goes behind: `van Weaver, Robin` → `Robin van Weaver`.

    Args:
        is_last_first: whether a name without a comma starts with the last name, too.
    """
    bare = _PRONOUNS.sub(" ", _BRACKETED.sub(" ", text))
    parts = [part.strip() for part in bare.split(",")]
    filled = [part for part in parts[1:] if _letters(part).strip(_KEPT_MARKS)]
    generations = [part for part in filled if _generation(part)]
    given = next((part for part in filled if part not in generations), None)
    if given is not None and parts[0] and _is_last_name(parts[0]) and not _is_credentials(given, parts[0]):
        return parse_person_name(", ".join([f"{given} {parts[0]}", *generations]), fewest_words=2)
    if is_last_first and len(parts) == 1:
        words = bare.split()
        end = next((position for position, word in enumerate(words) if word.casefold() not in PARTICLES), 0) + 1
        bare = " ".join(words[end:] + words[:end])
    return parse_person_name(bare, fewest_words=2)


def find_plain_names(names: pd.Series) -> pd.Series:
    """Of names in which `parse_full_name` and `parse_person_name` would change nothing the name; missing where they must look.

    Args:
        names: distinct cleaned texts, `str`.
    """
    last = names.str.replace("^.* ", "", regex=True).str.replace(".", "", regex=False)
    is_plain = names.str.fullmatch(_PLAIN) & ~last.isin(CREDENTIALS) & ~last.str.lower().isin(_GENERATIONS)
    return names.where(is_plain)


def split_names(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """First and last names of full names: `Robin van Weaver Jr` → `Robin`, `van Weaver Jr`; one word is a last name."""
    array = pa.array(names.array, type=pa.large_string(), from_pandas=True)
    found = pc.extract_regex(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array, SPLIT_PATTERN)
    first, last = (pd.Series(pc.struct_field(found, [part]).to_pandas(), index=names.index, dtype="str") for part in ("first", "last"))
    return first.where(first != ""), last


def _letters(text: str) -> str:
    return "".join(char for char in text if char in _KEPT_MARKS or unicodedata.category(char)[0] in "LM")


def _generation(text: str) -> str | None:
    return _GENERATIONS.get(text.strip(" .").casefold())


def _spell_generation(name: str) -> str:
    """`Weaver jr` → `Weaver Jr`; a whole name that looks like one stays."""
    rest, _, last = name.rpartition(" ")
    return f"{rest} {found}" if rest and (found := _generation(last)) else name


def _is_last_name(text: str) -> bool:
    words = _letters(text).split()
    if len(words) > 1 and _generation(words[-1]):
        words = words[:-1]
    return bool(words) and all(word.casefold() in PARTICLES for word in words[:-1])


def _is_credentials(text: str, name: str) -> bool:
    words = text.replace(".", "").split()
    has_capitals_only = name.isupper()
    return all(word in CREDENTIALS or (bool(_ACRONYM.match(word)) and not has_capitals_only) for word in words)
