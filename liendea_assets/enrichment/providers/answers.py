"""What a provider's answer says about those who were asked about: hit, miss or rejected, with its cost and for how long it is good."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from liendea_assets.clients.http import Answer
from liendea_assets.core.errors import RejectedAnswer
from liendea_assets.enrichment.provider import ProviderAnswer
from liendea_assets.enrichment.providers.batch import as_single, correlate, is_miss
from liendea_assets.enrichment.providers.mapping import map_answer
from liendea_assets.enrichment.providers.operations import Batch, Credits, Operation
from liendea_assets.enrichment.providers.paths import find
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.providers.verdicts import Verdict, hash_answer

Known = Mapping[str, str]


class AnswerReader:
    """Reads the answers of one provider."""

    def __init__(self, name: str, settings: ProviderSettings) -> None:
        self._name = name
        self._settings = settings

    def read_single(self, operation: Operation, contact_id: int, answer: Answer, verdict: Verdict) -> ProviderAnswer:
        """The answer to a request about one person."""
        content = None
        try:
            content = None if verdict == "miss" else answer.json()
            found = self.miss(contact_id) if verdict == "miss" else self._read(operation, contact_id, content)
        except RejectedAnswer as problem:
            # what cannot be read may have been charged for all the same
            found = self.reject(contact_id, problem, answer)
        return next(self._priced([found], answer, content))

    def read_batch(
        self, operation: Operation, batch: Batch, contact_ids: Sequence[int], known: Sequence[Known], answer: Answer
    ) -> list[ProviderAnswer]:
        """An answer for each of the people of a batch; who was silently left out is a miss."""
        content = None
        try:
            content = answer.json()
            by_ref = correlate(batch, content, known)
        except RejectedAnswer as problem:
            rejected = [self.reject(contact_id, problem, answer) for contact_id in contact_ids]
            return list(self._priced(rejected, answer, content))
        found = [
            self._read_one_of(operation, batch, contact_id, by_ref.get(person["ref"]), answer)
            for contact_id, person in zip(contact_ids, known, strict=True)
        ]
        return list(self._priced(found, answer, content))

    def reject(self, contact_id: int, problem: RejectedAnswer, answer: Answer | None = None) -> ProviderAnswer:
        """Nothing of an answer that does not fit is kept but why, and its hash."""
        reason = str(problem)
        answer_hash = problem.answer_hash or (hash_answer(answer) if answer else None)
        told = reason if reason.startswith(f"{self._name}: ") else f"{self._name}: {reason}"
        return ProviderAnswer(contact_id, "rejected", reason=told, answer_hash=answer_hash, cost=0.0)

    def _read_one_of(self, operation: Operation, batch: Batch, contact_id: int, found: object, answer: Answer) -> ProviderAnswer:
        try:
            return self.miss(contact_id) if is_miss(batch, found) else self._read(operation, contact_id, as_single(batch, found))
        except RejectedAnswer as problem:
            return self.reject(contact_id, problem, answer)

    def _read(self, operation: Operation, contact_id: int, content: object) -> ProviderAnswer:
        confidence, values = map_answer(content, operation.mapping or self._settings.mapping)
        if not values:
            return self.miss(contact_id)
        living = self._settings.time_to_live
        days = [days for name, days in living.fields.items() if name in values]
        return ProviderAnswer(
            contact_id,
            "hit",
            confidence,
            values,
            cost=0.0,
            good_for_days=min([*days, *([living.hit_days] if living.hit_days else [])], default=None),
        )

    def miss(self, contact_id: int, cost: float = 0.0) -> ProviderAnswer:
        """That nobody was found."""
        return ProviderAnswer(contact_id, "miss", cost=cost, good_for_days=self._settings.time_to_live.miss_days)

    def _priced(self, found: Sequence[ProviderAnswer], answer: Answer, content: object) -> Iterator[ProviderAnswer]:
        """The same answers with the hash of how they came, and what they cost; a total is shared by who was found, or by all."""
        price = self._settings.credits
        hits = sum(one.outcome == "hit" for one in found)
        told = _told_cost(price, answer, content)
        total = told if told is not None else price.amount * (hits if price.per == "match" else 1)
        payers = hits or len(found)
        raw = hash_answer(answer)
        for one in found:
            pays = one.outcome == "hit" if hits else True
            yield replace(one, cost=total / payers if pays else 0.0, answer_hash=one.answer_hash or raw)


def _told_cost(price: Credits, answer: Answer, content: object) -> float | None:
    """What the answer itself says that it cost; None where it does not."""
    told: object = answer.headers.get(price.read_header) if price.read_header else None
    if told is None and price.read_path is not None:
        told = find(price.read_path, content)
    try:
        cost = float(told) if isinstance(told, str | int | float) and not isinstance(told, bool) else None
    except ValueError:
        return None
    return cost if cost is not None and 0 <= cost < 1e9 else None
