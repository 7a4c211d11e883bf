"""What a list of decisions says: each row a word about two contacts or companies, refused with its reason, or none. Without SQL."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.core.text import fold
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.model import Landed, SourceFile, SourcePart
from liendea_assets.imports.value_classes import value_class
from liendea_assets.imports.values import clean_text

ENTITY_WORDS: Mapping[str, str] = {
    "contact": "contact", "contacts": "contact", "person": "contact", "people": "contact",
    "company": "company", "companies": "company", "account": "company", "accounts": "company",
}  # fmt: skip
DECISION_WORDS: Mapping[str, str] = {
    "same": "same", "the same": "same", "one": "same", "merge": "same",
    "different": "different", "not the same": "different", "not same": "different", "two": "different",
}  # fmt: skip
ROW_COLUMNS = ("part", "row_number", "verdict", "entity", "left_id", "right_id", "decision")
_REJECTION_COLUMNS = ("part", "row_number", "row_index", "field_name", "column_name", "value_class", "reason")
# a spreadsheet may show a whole number with decimals
_ID = re.compile(r"0*(\d{1,15})(?:\.0+)?")

# entity, the smaller id, the larger id
Pair = tuple[str, int, int]
KnownIds = Callable[[str, Collection[int]], Collection[int]]


@dataclass(frozen=True, slots=True)
class Word:
    """What a row of a list says about two of them.

    Attributes:
        pair: missing where the row does not say it, which only one without a decision may.
        decision: same or different; missing where its cell is empty.
    """

    part: str
    row_number: int
    pair: Pair | None
    decision: str | None

    def place(self, file_name: str) -> str:
        """The file, the sheet where it has some, and the row."""
        return f"{file_name}, {'' if self.part == file_name else f'{self.part} '}row {self.row_number}"


@dataclass(frozen=True, slots=True)
class FormerWord:
    """What the former versions of a list say about a pair.

    Attributes:
        decision_id: the decision that the list made; None where it stood already, or was none.
    """

    decision: str | None
    decision_id: int | None


@dataclass(slots=True)
class _Row:
    index: int
    number: int
    part: str
    entity: str | None = None
    ids: tuple[int, int] | None = None
    decision: str | None = None
    has_decision: bool = True
    # field (None for the whole row), what was found, reason
    problems: list[tuple[str | None, str | None, str]] = field(default_factory=list)

    @property
    def pair(self) -> Pair | None:
        return None if self.entity is None or self.ids is None else (self.entity, min(self.ids), max(self.ids))


def holds_decisions(source: SourceFile) -> bool:
    """Whether a file is a list of decisions.

    Raises:
        UnreadableFile: one of its sheets is, and another is a table of people.
    """
    are_decisions = [part.mapping == MERGE_DECISIONS for part in source.parts]
    if any(are_decisions) and not all(are_decisions):
        raise UnreadableFile("a list of decisions and a table of people in one workbook; save them as two files")
    return any(are_decisions)


def check_decisions(source: SourceFile, known_ids: KnownIds, null_values: Iterable[str]) -> list[Landed]:
    """What becomes of each row. Where rows contradict each other all of them are refused: nobody can tell which was meant.

    Args:
        known_ids: those of some ids that are contacts (or companies) that a decision may be about.
        null_values: cells that mean nothing.

    Returns:
        Per part: `rows` with `ROW_COLUMNS` (ids Int64, the smaller first; missing, as the decision, where the row does not say) and
        the verdict accepted, rejected or blank; `rejections` of whole rows, each of which names the column and what is allowed.
    """
    nulls = {null.casefold() for null in null_values}
    by_part = [_read_part(part, nulls) for part in source.parts]
    rows = [row for part in by_part for row in part if not row.problems]
    _refuse_unknown(rows, known_ids)
    _refuse_contradictions([row for row in rows if not row.problems])
    return [_to_landed(part, found) for part, found in zip(source.parts, by_part, strict=True)]


def words_of(landed: Iterable[Landed]) -> list[Word]:
    """What the rows that were not refused say, in the file's order."""
    return [
        Word(part, int(number), None if pd.isna(left) else (entity, int(left), int(right)), None if pd.isna(decision) else decision)
        for table in landed
        for part, number, verdict, entity, left, right, decision in table.rows[list(ROW_COLUMNS)].astype(object).itertuples(index=False)
        if verdict != "rejected"
    ]


def refuse_rows(source: SourceFile, landed: Iterable[Landed], reasons: Mapping[tuple[str, int], str]) -> list[Landed]:
    """The same with some more rows refused, each for its decision.

    Args:
        reasons: by part and row number.
    """
    refused = []
    for part, table in zip(source.parts, landed, strict=True):
        column = next(part.header[position] for position, name in sorted(part.columns.items()) if name == "decision")
        places = [(index, int(number)) for index, number in enumerate(table.rows["row_number"]) if (part.part, int(number)) in reasons]
        more = [(part.part, number, index, None, column, "text", reasons[part.part, number]) for index, number in places]
        rows = table.rows.copy()
        rows.loc[[index for index, _ in places], "verdict"] = "rejected"
        added = pd.DataFrame([*table.rejections.itertuples(index=False, name=None), *more], columns=list(_REJECTION_COLUMNS), dtype=object)
        refused.append(replace(table, rows=rows, rejections=added))
    return refused


def _read_part(part: SourcePart, nulls: Collection[str]) -> list[_Row]:
    fields = part.fields()
    rows = []
    columns = zip(part.numbers, *(fields[name] for name in ("entity", "left_id", "right_id", "decision")), strict=True)
    for index, (number, *cells) in enumerate(columns):
        texts = [None if (text := clean_text(cell)) is None or text.casefold() in nulls else text for cell in cells]
        row = _Row(index, int(number), part.part)
        if index in part.faults:
            row.problems.append((None, None, part.faults[index]))
        else:
            _read_row(row, *texts)
        rows.append(row)
    return rows


def _read_row(row: _Row, entity: str | None, left: str | None, right: str | None, decision: str | None) -> None:
    row.entity = _word(row, "entity", entity, ENTITY_WORDS, "contact, company")
    found = [_id(row, name, text) for name, text in (("left_id", left), ("right_id", right))]
    if found[0] is not None and found[1] is not None:
        row.ids = (found[0], found[1])
        if found[0] == found[1]:
            row.problems.append(("right_id", "number", "the same id twice; a decision is about two of them"))
    if decision is None:
        # a row that nobody has decided asks for nothing, whatever else it holds
        row.has_decision = False
        if row.problems:
            row.problems, row.ids = [], None
    else:
        row.decision = _word(row, "decision", decision, DECISION_WORDS, "same, different, or an empty cell")


def _word(row: _Row, name: str, text: str | None, words: Mapping[str, str], allowed: str) -> str | None:
    word = words.get(fold(text)) if text is not None else None
    if word is None:
        reason = f"unknown word; allowed are {allowed}" if text is not None else f"empty; allowed are {allowed}"
        row.problems.append((name, value_class(text) if text is not None else "nothing", reason))
    return word


def _id(row: _Row, name: str, text: str | None) -> int | None:
    matched = _ID.fullmatch(text) if text is not None else None
    if matched is None:
        found = value_class(text) if text is not None else "nothing"
        row.problems.append((name, found, "not an id; allowed is the number of a contact or company"))
        return None
    return int(matched.group(1))


def _refuse_unknown(rows: Iterable[_Row], known_ids: KnownIds) -> None:
    asked: dict[str, set[int]] = {}
    decided = [row for row in rows if row.has_decision and row.entity is not None and row.ids is not None]
    for row in decided:
        asked.setdefault(str(row.entity), set()).update(row.ids or ())
    known = {entity: set(known_ids(entity, ids)) for entity, ids in asked.items()}
    for row in decided:
        for name, id_ in zip(("left_id", "right_id"), row.ids or (), strict=True):
            if id_ not in known[str(row.entity)]:
                row.problems.append((name, "number", f"no {row.entity} of this id that came from a source row"))


def _refuse_contradictions(rows: Iterable[_Row]) -> None:
    by_pair: dict[Pair, list[_Row]] = {}
    for row in rows:
        if row.pair is not None:
            by_pair.setdefault(row.pair, []).append(row)
    for same_pair in by_pair.values():
        decided = [row for row in same_pair if row.has_decision]
        if len({row.decision for row in decided}) > 1:
            for row in decided:
                row.problems.append(("decision", "text", "another row says otherwise about the same two; allowed is one decision"))
        if decided:
            # an empty cell beside a decision about the same two takes nothing back
            for row in same_pair:
                row.ids = row.ids if row.has_decision else None


def _to_landed(part: SourcePart, found: list[_Row]) -> Landed:
    names = {name: part.header[position] for position, name in sorted(part.columns.items(), reverse=True)}
    values, refused = [], []
    for row in found:
        verdict = "rejected" if row.problems else "accepted" if row.has_decision else "blank"
        entity, left, right = row.pair if row.pair is not None else (None, None, None)
        values.append((part.part, row.number, verdict, entity, left, right, row.decision))
        refused += [
            (part.part, row.number, row.index, None, names[name] if name else None, what, reason) for name, what, reason in row.problems
        ]
    rows = pd.DataFrame(values, columns=list(ROW_COLUMNS)).astype(
        {
            "row_number": "int64",
            "part": "str",
            "verdict": "str",
            "entity": "str",
            "decision": "str",
            "left_id": "Int64",
            "right_id": "Int64",
        }
    )
    return Landed(rows, pd.DataFrame(refused, columns=list(_REJECTION_COLUMNS), dtype=object))


@dataclass(frozen=True, slots=True)
class Step:
    """What a word does.

    Attributes:
        effect: new (a decision is made), unchanged (the former version says so too), stands (somebody decided so already), taken back
            (the former version's decision is undone), none.
    """

    word: Word
    effect: str
    former: FormerWord | None = None


def plan(words: Iterable[Word], former: Mapping[Pair, FormerWord], standing: Mapping[Pair, tuple[int, str]]) -> list[Step]:
    """What each word of a list does, given what its former versions said and the decisions in force.

    A word that the former version said too does nothing, so that a decision that was undone since stays undone.

    Args:
        standing: id and decision of what is in force about pairs.
    """
    return [_step(word, former.get(word.pair) if word.pair else None, standing) for word in words]


def _step(word: Word, former: FormerWord | None, standing: Mapping[Pair, tuple[int, str]]) -> Step:
    in_force = standing.get(word.pair) if word.pair else None
    if word.decision is None:
        is_own = former is not None and in_force is not None and former.decision_id == in_force[0]
        return Step(word, "taken back" if is_own else "none", former)
    if former is not None and former.decision == word.decision:
        return Step(word, "unchanged", former)
    return Step(word, "stands" if in_force is not None and in_force[1] == word.decision else "new", former)
