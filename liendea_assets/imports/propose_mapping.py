"""A mapping for a layout that imports.yaml does not know, by the names of its columns and by what their cells look like."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml
from rapidfuzz import fuzz

from liendea_assets.core.text import fold
from liendea_assets.imports.domains import parse_company_domain
from liendea_assets.imports.emails import parse_email
from liendea_assets.imports.headers import NAME_FIELDS
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.parsers import scalar_parsers
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.telephones import parse_phone
from liendea_assets.imports.unread_columns import unread_columns
from liendea_assets.imports.value_classes import value_class
from liendea_assets.imports.values import clean_text, parse_linkedin_id

Cells = Sequence[str | None]

# Below this the names of two columns are alike by chance.
LEAST_SIMILARITY = 78.0
# This share of a column's filled cells must be of a kind for the column to be so, whatever its name.
LEAST_SHARE = 0.7
SAMPLE_ROWS = 200
_SHAPE_SCORE = 101.0

# Names that columns have in other languages. Some are ambiguous, and an imports.yaml of one's own may lack the others, so that they are
# only proposed.
FOREIGN_NAMES = {
    "first_name": ("Vorname", "Rufname", "Prénom", "Nombre", "Nome", "Voornaam", "Förnamn", "Fornavn", "Imię"),
    "last_name": ("Nachname", "Familienname", "Zuname", "Nom", "Nom de famille", "Apellido", "Apellidos", "Cognome", "Achternaam"),
    "full_name": ("Ansprechpartner", "Kontakt", "Nom complet", "Nombre completo", "Nome completo", "Contactpersoon", "Lead Name", "Lead"),
    "title": ("Funktion", "Stelle", "Berufsbezeichnung", "Poste", "Fonction", "Cargo", "Puesto", "Ruolo", "Functie", "Befattning", "Job"),
    "company_name": ("Firma", "Unternehmen", "Société", "Entreprise", "Empresa", "Azienda", "Bedrijf", "Företag", "Organisatie", "Client"),
    "industry": ("Branche", "Secteur", "Secteur d'activité", "Settore", "Sektor", "Bransch"),
    "employee_count": ("Mitarbeiter", "Mitarbeiterzahl", "Effectif", "Empleados", "Dipendenti", "Medewerkers", "Company Headcount"),
    "revenue_range": ("Umsatz", "Chiffre d'affaires", "Ingresos", "Fatturato", "Omzet", "Turnover"),
    "growth_rate": ("Wachstum", "Croissance", "Crecimiento", "Crescita", "Groei"),
    "work_email": ("Mailadresse", "Courriel", "Correo", "Correo electrónico", "E-Mail-Adresse", "E-post"),
    "work_phone": ("Telefon", "Téléphone", "Teléfono", "Telefono", "Telefoon", "Durchwahl"),
    "mobile_phone": ("Handy", "Mobil", "Mobiltelefon", "Portable", "Móvil", "Cellulare"),
    "country": ("Land", "Pays", "País", "Paese", "Kraj"),
    "notes": ("Bemerkung", "Bemerkungen", "Notizen", "Remarques", "Notas", "Note interne", "Opmerkingen"),
    "company_domain": ("Webseite", "Internetseite", "Homepage", "Site web", "Sitio web", "Sito web"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a table's columns seem to be.

    Attributes:
        position: of the header among the rows given.
        header: the names of its columns.
        fields: position of a column → field.
    """

    position: int
    header: tuple[str, ...]
    fields: dict[int, str]

    def to_yaml(self, name: str, settings: ImportSettings) -> str:
        """The mapping for config/imports.yaml; it stands below `mappings:`, whose line is given too where the file has none yet."""
        columns: dict[str, list[str]] = {}
        for position, field in self.fields.items():
            columns.setdefault(field, []).append(self.header[position])
        mapping = {"recognised_by": [names[0] for names in columns.values()], "columns": columns}
        block = yaml.safe_dump({name: mapping}, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
        indented = "".join(f"  {line}\n" for line in block.splitlines())
        return indented if settings.mappings else f"mappings:\n{indented}"


def propose_mapping(rows: Sequence[Cells], settings: ImportSettings) -> Proposal | None:
    """The most likely header among the first rows of a table and the fields of its columns; None where nothing seems to be a name.

    Args:
        rows: the cells of the first rows; some hundred are enough.
    """
    best: tuple[float, Proposal] | None = None
    for position, row in enumerate(rows[: settings.header_search_rows]):
        names = [clean_text(cell) for cell in row]
        below = rows[position + 1 : position + 1 + SAMPLE_ROWS]
        if sum(name is not None for name in names) < 2 or not below or any(name and _is_a_value(name) for name in names):
            continue
        scored = _assign(names, below, settings)
        fields = {column: field for column, (field, _) in sorted(scored.items())}
        total = sum(score for _, score in scored.values())
        if NAME_FIELDS & set(fields.values()) and len(fields) >= 2 and (best is None or total > best[0]):
            best = (total, Proposal(position, tuple(name or "" for name in names), fields))
    return None if best is None else best[1]


def propose_addition(part: SourcePart, settings: ImportSettings) -> Proposal | None:
    """The columns of a table that is read, and those beside them that resemble a field which it lacks; None where none does."""
    cells = part.cells.head(SAMPLE_ROWS).astype(object)
    below = cells.where(cells.notna(), None).to_numpy().tolist()
    is_unread = set(unread_columns(part))
    known = set(part.columns.values())
    names = [name if name in is_unread and position not in part.columns else None for position, name in enumerate(part.header)]
    added = {column: field for column, (field, _) in _assign(names, below, settings).items() if field not in known}
    if not added:
        return None
    return Proposal(0, part.header, dict(sorted((dict(part.columns) | added).items())))


def mapping_name(file_name: str) -> str:
    """A name for a mapping after the file that it is for: `CRM Export (2).csv` → `crm_export_2`."""
    return fold(file_name.rpartition("/")[2].rpartition(".")[0]).replace(" ", "_") or "new_layout"


def _is_a_value(name: str) -> bool:
    return value_class(name) in {"address-like", "link", "date", "number", "phone-like", "error value"}


def _assign(names: Sequence[str | None], below: Sequence[Cells], settings: ImportSettings) -> dict[int, tuple[str, float]]:
    """Position of a column → its field and how sure that is; the surest first, no field and no column twice."""
    aliases = {
        field: {fold(alias) for alias in (field, *settings.gtm_columns.get(field, ()), *FOREIGN_NAMES.get(field, ()))}
        for field in {*settings.gtm_columns, *FOREIGN_NAMES}
    }
    shapes = _shapes(settings)
    pairs: list[tuple[float, int, str]] = []
    for column, name in enumerate(names):
        if not name:
            continue
        cells = [text for row in below if column < len(row) and (text := clean_text(row[column])) is not None]
        found = next((field for field, parse in shapes if _share(cells, parse) >= LEAST_SHARE), None)
        if found is not None:
            pairs.append((_SHAPE_SCORE, column, found))
            if found != "work_phone":
                continue
        for field, known in aliases.items():
            score = max(fuzz.ratio(fold(name), alias) for alias in known)
            if score >= LEAST_SIMILARITY and not _contradicts(field, cells, dict(shapes)):
                # the name tells which of two telephones it is
                pairs.append((score + (_SHAPE_SCORE if found == "work_phone" and field.endswith("phone") else 0), column, field))
    taken: dict[int, tuple[str, float]] = {}
    for score, column, field in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if column not in taken and field not in {known for known, _ in taken.values()}:
            taken[column] = (field, score)
    return taken


def _shapes(settings: ImportSettings) -> list[tuple[str, Callable[[str], object]]]:
    """Fields whose values no others look like."""
    parse_country = scalar_parsers(settings.country_names, frozenset(), ())["country"]

    def parse_dialled(text: str) -> str:
        if value_class(text) != "phone-like":
            raise ValueError("not a telephone number")
        return parse_phone(text, settings.default_region)

    return [
        ("work_email", parse_email),
        ("linkedin_id", parse_linkedin_id),
        ("company_domain", parse_company_domain),
        ("work_phone", parse_dialled),
        ("country", parse_country),
    ]


def _share(cells: Sequence[str], parse: Callable[[str], object]) -> float:
    return sum(_can(parse, text) for text in cells) / len(cells) if cells else 0.0


def _contradicts(field: str, cells: Sequence[str], shapes: dict[str, Callable[[str], object]]) -> bool:
    """Whether a column cannot be what its name says: hardly one of its cells is of that kind."""
    return field in shapes and field != "country" and bool(cells) and _share(cells, shapes[field]) < 0.3


def _can(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True
