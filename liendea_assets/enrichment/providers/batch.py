"""Several people in one request, and which of its answers is about whom."""

from collections.abc import Mapping, Sequence

from liendea_assets.core.errors import RejectedAnswer
from liendea_assets.enrichment.providers.operations import Batch
from liendea_assets.enrichment.providers.paths import find, holds
from liendea_assets.enrichment.providers.templates import fill_object

Known = Mapping[str, str]


def fill_body(batch: Batch, people: Sequence[Known]) -> dict[str, object]:
    """The body of a batch; each of the people knows its `ref`."""
    return {**(batch.body or {}), batch.envelope: [fill_object(batch.item, known) for known in people]}


def correlate(batch: Batch, content: object, people: Sequence[Known]) -> dict[str, object]:
    """The answer about each person as it came, by `ref`. Who is silently left out is not in it; what nobody asked for is left out.

    Raises:
        RejectedAnswer: there is no list, or answers by order are not as many as were asked for: whose they are is then a guess.
    """
    answers = find(batch.answers, content)
    if not isinstance(answers, list):
        raise RejectedAnswer(f"the answer to a batch has no list of {batch.answers if batch.answers != '@' else 'answers'}")
    rule = batch.correlate
    if rule.by == "order":
        if len(answers) != len(people):
            raise RejectedAnswer(f"a batch of {len(people)} came back with {len(answers)} answers, and they are told apart by order alone")
        return {known["ref"]: answer for known, answer in zip(people, answers, strict=True)}
    key_name = "ref" if rule.by == "reference" else str(rule.input)
    refs = {known[key_name].casefold(): known["ref"] for known in people if known.get(key_name)}
    found: dict[str, object] = {}
    for answer in answers:
        key = find(str(rule.path), answer)
        ref = refs.get(key.casefold()) if isinstance(key, str) else None
        if ref is not None:
            found[ref] = answer
    return found


def is_miss(batch: Batch, answer: object) -> bool:
    """Whether one of the answers says that nobody was found.

    Raises:
        RejectedAnswer: it says neither that somebody was found.
    """
    if answer is None or (batch.miss_if is not None and holds(batch.miss_if, answer)):
        return True
    if batch.hit_if is not None and not holds(batch.hit_if, answer):
        raise RejectedAnswer("an answer of a batch tells of neither a match nor a miss")
    return False


def as_single(batch: Batch, answer: object) -> object:
    """An answer of a batch as if it had been asked for alone."""
    return answer if batch.item_as is None else find(batch.item_as, answer)
