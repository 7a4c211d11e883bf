"""Invented companies of many countries and how people write their names, each spelling with the company behind it.

What people do to a name follows spreadsheets and profiles: half leave the legal form away, others write it another way, in capitals,
with `&` for `and`, without accents, abbreviated, run together, misspelt, with a remark behind. Every tenth company has a near namesake
that is another company: `Holding`, another line of business, a number, a letter.
"""

import random
import unicodedata
from dataclasses import dataclass

# Spellings of one legal form, as countries have them; `^` stands before a form that precedes the name.
FORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "US": (("Inc.", "Inc", "Incorporated", "INC"), ("LLC", "L.L.C.", "Llc"), ("Corp.", "Corporation", "Corp"), ("Co.", "Company"), ("LP", "L.P.")),
    "GB": (("Ltd", "Ltd.", "Limited", "LTD"), ("PLC", "plc", "P.L.C."), ("LLP", "L.L.P.")),
    "DE": (("GmbH", "Gmbh", "GMBH", "G.m.b.H.", "mbH"), ("AG", "Aktiengesellschaft"), ("GmbH & Co. KG", "GmbH & Co KG", "GmbH und Co. KG"), ("SE",), ("UG (haftungsbeschränkt)", "UG"), ("e.K.", "eK")),
    "AT": (("GmbH", "Ges.m.b.H.", "GesmbH"), ("AG",)),
    "CH": (("AG", "SA"), ("GmbH", "Sàrl", "Sagl")),
    "FR": (("SAS", "S.A.S.", "SASU"), ("SARL", "S.A.R.L.", "Sarl"), ("SA", "S.A.", "Société Anonyme")),
    "BE": (("BV", "SRL", "BVBA", "SPRL"), ("NV", "SA", "N.V.")),
    "LU": (("S.à r.l.", "SARL", "S.à.r.l."), ("SA", "S.A.")),
    "NL": (("B.V.", "BV", "B.V"), ("N.V.", "NV")),
    "IT": (("S.p.A.", "SpA", "SPA", "S.P.A."), ("S.r.l.", "Srl", "SRL", "S.R.L.")),
    "ES": (("S.L.", "SL", "S.L.U.", "Sociedad Limitada"), ("S.A.", "SA", "S.A.U.", "Sociedad Anónima")),
    "PT": (("Lda", "Lda.", "Limitada"), ("S.A.", "SA")),
    "BR": (("Ltda", "Ltda.", "LTDA"), ("S.A.", "S/A", "SA"), ("EIRELI",)),
    "MX": (("S.A. de C.V.", "SA de CV", "S.A. DE C.V."), ("S. de R.L. de C.V.", "S de RL de CV")),
    "SE": (("AB", "Aktiebolag"), ("AB (publ)", "AB")),
    "NO": (("AS", "A/S", "As"), ("ASA",)),
    "DK": (("A/S", "AS"), ("ApS", "APS")),
    "FI": (("Oy", "OY", "Oy Ab"), ("Oyj", "OYJ")),
    "PL": (("Sp. z o.o.", "sp. z o.o.", "Sp. z o. o.", "Spółka z o.o.", "sp z oo"), ("S.A.", "SA")),
    "CZ": (("s.r.o.", "s. r. o.", "spol. s r.o."), ("a.s.", "a. s.")),
    "HU": (("Kft.", "Kft"), ("Zrt.", "Zrt", "Nyrt.")),
    "RO": (("S.R.L.", "SRL", "^S.C."), ("S.A.", "SA")),
    "HR": (("d.o.o.", "doo", "d.o.o"), ("d.d.",)),
    "BG": (("EOOD", "Ltd."), ("OOD",), ("AD",)),
    "EE": (("OÜ", "OU", "^OÜ"), ("AS",)),
    "LV": (("SIA", "^SIA"), ("AS",)),
    "LT": (("UAB", "^UAB"), ("AB",)),
    "TR": (("A.Ş.", "AŞ", "A.S.", "Anonim Şirketi"), ("Ltd. Şti.", "Ltd Sti", "Limited Şirketi")),
    "GR": (("S.A.", "A.E.", "AE"), ("E.P.E.", "EPE"), ("IKE", "P.C.")),
    "IE": (("Ltd", "Limited", "Ltd."), ("DAC",), ("PLC", "plc")),
    "IN": (("Pvt. Ltd.", "Private Limited", "Pvt Ltd", "(P) Ltd."), ("Ltd.", "Limited"), ("LLP",)),
    "SG": (("Pte. Ltd.", "Pte Ltd", "Private Limited", "PTE. LTD."),),
    "MY": (("Sdn. Bhd.", "Sdn Bhd", "SDN BHD"), ("Berhad", "Bhd")),
    "ID": (("^PT", "^PT."), ("Tbk", "Tbk.", "^PT")),
    "TH": (("Co., Ltd.", "Company Limited", "Co Ltd"), ("PCL", "Public Company Limited")),
    "JP": (("K.K.", "KK", "Kabushiki Kaisha", "Co., Ltd.", "Co.,Ltd."), ("G.K.", "GK", "LLC")),
    "CN": (("Co., Ltd.", "Co Ltd", "Co., Ltd", "Company Limited"),),
    "KR": (("Co., Ltd.", "Co Ltd", "Inc."),),
    "AU": (("Pty Ltd", "Pty. Ltd.", "Pty Limited", "PTY LTD", "P/L"),),
    "NZ": (("Limited", "Ltd", "Ltd."),),
    "ZA": (("(Pty) Ltd", "Pty Ltd", "(PTY) LTD"),),
    "CA": (("Inc.", "Inc", "Ltée", "Limitée"), ("Ltd.", "Limited", "Ltd"), ("ULC",)),
    "IL": (("Ltd.", "Ltd", "Limited"),),
    "AE": (("LLC", "L.L.C", "L.L.C."), ("FZE",), ("FZ-LLC", "FZ LLC"), ("DMCC",)),
}  # fmt: skip
# Companies in an export are mostly of a few countries.
_SHARE = {"US": 30, "GB": 12, "DE": 12, "FR": 7, "NL": 4, "IN": 4, "SE": 4, "IT": 4, "ES": 4, "PL": 3, "AU": 3, "CA": 3, "CH": 3}
SURNAMES = (
    "Weaver", "Müller", "Lindqvist", "Kowalski", "Natarajan", "Morgan", "Sullivan", "Okafor", "Björk", "Sørensen", "Nguyen", "García",
    "Peña", "Dvořák", "Novák", "Öztürk", "Fournier", "Lefèvre", "Rossi", "Esposito", "Silva", "Gonçalves", "Haddad", "Cohen",
    "Schröder", "Köhler", "Jäger", "Tanaka", "Suzuki", "Kim", "Park", "Chen", "Wang", "Petrov", "Horváth", "Szabó", "Popescu",
    "Papadopoulos", "VanDijk", "Jansen", "MacLeod", "O'Brien", "McCarthy", "Fitzgerald", "Hughes", "Ashworth", "Blackwood",
    "Carmichael", "Delacroix", "Eriksson", "Ferrari", "Gallagher", "Hawthorne", "Ingram", "Jørgensen", "Kjær", "Łukasiewicz",
    "Marchetti", "Nyström", "Oliveira", "Prescott", "Quinn", "Rutherford", "Sandoval", "Thornton", "Ullman", "Vasquez", "Whitfield",
    "Yamamoto", "Zimmermann", "Abbott", "Barclay", "Castellano", "Dunmore", "Ellsworth", "Farnham", "Granger", "Holloway",
    "Kensington", "Langford", "Merriweather", "Northcote", "Pemberton", "Radcliffe", "Stirling", "Tiedemann", "Underhill",
    "Vandermeer", "Winslow",
)  # fmt: skip
_PLACES = (
    "Northern", "Southern", "Atlantic", "Pacific", "Baltic", "Nordic", "Alpine", "Harbor", "Bay", "Valley", "River", "Summit",
    "Lakeside", "Highland", "Coastal", "Metro", "Capital", "Midwest", "Bavarian", "Thames", "Hudson", "Sierra", "Zürich", "København",
    "Malmö", "Gdańsk", "Lyon", "Bilbao", "Porto", "Ávila", "Kyoto", "Bengal", "Cape", "Delta", "Prairie", "Canyon", "Ridge", "Meadow",
    "Orchard", "Granite", "Silver", "Golden", "Blue", "Green", "Red",
)  # fmt: skip
_SECTORS = (
    "Technologies", "Systems", "Software", "Analytics", "Consulting", "Logistics", "Capital", "Partners", "Solutions", "Engineering",
    "Manufacturing", "Industries", "Services", "Management", "Insurance", "Health", "Pharma", "Foods", "Energy", "Media", "Robotics",
    "Security", "Networks", "Labs", "Laboratories", "Design", "Construction", "Properties", "Investments", "Financial Services",
    "Real Estate", "Maschinenbau", "Elektronik", "Conseil", "Ingénierie", "Trading", "Freight", "Aviation", "Biotech", "Diagnostics",
    "Packaging", "Textiles", "Steel", "Motors", "Shipping", "Brewing", "Publishing", "Information Technology", "Business Development",
    "Medical Devices", "International", "Data", "Cloud", "Digital", "Interactive", "Studios", "Ventures", "Bank", "Telecom", "Marine",
)  # fmt: skip
_ONSETS = (
    "b", "br", "c", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "pl", "qu", "r", "s", "sk", "st",
    "t", "tr", "v", "w", "z", "x", "y",
)  # fmt: skip
_VOWELS = (
    "a", "e", "i", "o", "u", "ae", "ea", "io", "ou", "y",
)  # fmt: skip
_CODAS = ["", "", "", "n", "r", "x", "l", "s", "nt", "rk", "m", "th", "ll"]
_ENDINGS = ["", "", "", "ify", "ly", "soft", "tech", "ware", "gen", "is", "ica", "era", "Works", "Base", "Point", "Path", "Logic"]
# As they are shortened in lists.
_SHORT = {
    "International": ("Intl", "Int'l", "Intl."), "Manufacturing": ("Mfg", "Mfg."), "Brothers": ("Bros", "Bros."), "Services": ("Svcs", "Svc", "Serv."),
    "Technologies": ("Tech", "Technology", "Techs"), "Engineering": ("Eng", "Engg", "Eng."), "Management": ("Mgmt", "Mgmt."), "Industries": ("Ind", "Inds."),
    "Laboratories": ("Labs", "Lab"), "Group": ("Grp",), "Development": ("Dev", "Dev."), "Systems": ("Sys", "System"), "Consulting": ("Cons.",),
    "Pharma": ("Pharmaceuticals",), "Solutions": ("Solution", "Soln"), "Holding": ("Holdings",), "Construction": ("Constr.",), "Information": ("Info",),
}  # fmt: skip
_PLAIN = {"ł": "l", "ø": "o", "æ": "ae", "Ł": "L", "Ø": "O", "ß": "ss", "ı": "i", "đ": "d"}
_TRANSCRIBED = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"}
_REMARKS = ("(EMEA)", "- Hiring!", "| We build things", "(part time)", "UK", "Germany", "(formerly Acme)", "Worldwide", "HQ")


@dataclass(frozen=True, slots=True)
class Company:
    """A company as it is registered.

    Attributes:
        core: the name without its legal form.
        forms: spellings of its legal form, the registered one first.
    """

    core: str
    forms: tuple[str, ...]


def make_companies(count: int, rng: random.Random) -> list[Company]:
    """Companies with distinct names; every tenth is a near namesake of the one before."""
    countries = list(FORMS)
    shares = [_SHARE.get(country, 1) for country in countries]
    made: dict[str, Company] = {}
    former = ""
    while len(made) < count:
        core = _namesake(former, rng) if former and rng.random() < 0.1 else _core(rng)
        # two registered names that differ in accents, blanks or a plural alone are for no machine to tell apart
        key = _bare(core).lower().replace(" ", "").rstrip("s")
        if key not in made:
            made[key] = Company(core, rng.choice(FORMS[rng.choices(countries, shares)[0]]))
        former = core
    return list(made.values())


def spell(company: Company, rng: random.Random) -> str:
    """One way somebody wrote it."""
    core = company.core
    if rng.random() < 0.05:
        core = _shortened(core, rng)
    if rng.random() < 0.4:
        core = core.replace(" & ", rng.choice([" and ", " & ", " + ", "&"])) if " & " in core else core.replace(" and ", " & ")
    if not core.isascii() and rng.random() < 0.5:
        core = _bare(core) if rng.random() < 0.7 else _translated(core, _TRANSCRIBED)
    if core.startswith("The ") and rng.random() < 0.5:
        core = core[4:]
    if rng.random() < 0.04:
        core = _respaced(core, rng)
    if rng.random() < 0.02:
        core = _misspelt(core, rng)
    name = _with_form(core, company.forms, rng)
    chance = rng.random()
    name = name.upper() if chance < 0.12 else name.lower() if chance < 0.18 else name
    if rng.random() < 0.01:
        name = f"{name} {rng.choice(_REMARKS)}"
    return f" {name} " if rng.random() < 0.02 else name


def _core(rng: random.Random) -> str:
    one, other, sector = rng.choice(SURNAMES), rng.choice(SURNAMES), rng.choice(_SECTORS)
    word, place = _word(rng), rng.choice(_PLACES)
    return rng.choices(
        [
            word, f"{word} {sector}", f"{one} {sector}", f"{one} & {other}", f"{one} and Sons", f"{one} Brothers", f"{place} {sector}",
            f"{place} {word}", f"{word} Group", f"{word} Holding", f"The {word} {rng.choice(['Company', 'Agency', 'Collective', 'Network'])}",
            f"{one}, {other} & {_word(rng)}", f"{'.'.join(rng.sample('ABCDEFGHIKLMNOPRSTVW', 3))}. {sector}",
            f"{''.join(rng.sample('ABCDEFGHIKLMNOPRSTVW', 3))} {sector}", f"{place} {rng.choice(_PLACES)} {sector}", f"{word}-{_word(rng)}",
            f"Studio {rng.randint(2, 99)} {sector}", f"{word}.{rng.choice(['io', 'ai', 'com'])}", f"{one} {sector} International", f"{word} {place} {sector}",
        ],
        [18, 18, 10, 5, 2, 1, 8, 5, 4, 1, 3, 2, 2, 3, 4, 2, 1, 2, 2, 7],
    )[0]  # fmt: skip


def _namesake(core: str, rng: random.Random) -> str:
    """Another company, alike in name."""
    words = core.split()
    chance = rng.random()
    if chance < 0.35:
        return f"{core} {rng.choice(['Holding', 'Group', 'Capital', 'Foundation', 'Ventures', 'Bank', 'II', 'Services', 'Labs'])}"
    if chance < 0.7 and len(words) > 1 and words[-2] not in {"&", "and"}:
        return " ".join([*words[:-1], rng.choice(_SECTORS)])
    if chance < 0.85:
        return " ".join([_word(rng), *words[1:]])
    place = rng.randrange(1, max(2, len(words[0])))
    return " ".join([words[0][:place] + rng.choice("abdegiklmnoprstu") + words[0][place + 1 :], *words[1:]])


def _word(rng: random.Random) -> str:
    syllables = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(rng.choice([1, 2, 2, 2, 3])))
    return syllables.capitalize() + rng.choice(_ENDINGS)


def _with_form(core: str, forms: tuple[str, ...], rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.45:
        return core
    form = forms[0] if chance < 0.75 else rng.choice(forms)
    if form.startswith("^"):
        return f"{form[1:]} {core}"
    return f"{core}{', ' if rng.random() < 0.2 else ' '}{form}"


def _shortened(core: str, rng: random.Random) -> str:
    return " ".join(rng.choice(_SHORT[word]) if word in _SHORT else word for word in core.split())


def _respaced(core: str, rng: random.Random) -> str:
    if "-" in core:
        return core.replace("-", rng.choice([" ", ""]))
    if " " in core:
        return core.replace(" ", rng.choice(["-", ""]), 1)
    # DataWorks as Data Works
    return "".join(f" {char}" if place and char.isupper() and core[place - 1].islower() else char for place, char in enumerate(core))


def _misspelt(core: str, rng: random.Random) -> str:
    place = rng.randrange(1, max(2, len(core) - 1))
    before, at, after = core[:place], core[place : place + 1], core[place + 1 :]
    return rng.choice(
        [before + after, before + at + at + after, before + after[:1] + at + after[1:], before + rng.choice("aeinorst") + after]
    )


def _translated(text: str, letters: dict[str, str]) -> str:
    return "".join(letters.get(char, char) for char in text)


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", _translated(text, _PLAIN)) if not unicodedata.combining(char))
