"""What asking a provider takes: how many calls by limits and action, people and credits."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from liendea_assets.enrichment.provider import Plan
from liendea_assets.enrichment.providers.operations import Operation
from liendea_assets.enrichment.providers.settings import ProviderSettings


def plan_calls(
    settings: ProviderSettings, sizes: Mapping[str, int], ways: Sequence[Sequence[bool]], batch_size: int, contacts_per_run: int | None
) -> Plan:
    """The calls that runs make about these people, should each way to ask be needed; none of them is made again.

    Args:
        sizes: operation → the most people in a request.
        ways: for each of the people, in their order, which operations can be used.
        batch_size: the most people who are looked up together. contacts_per_run: the most whom a run asks about; None for all.
    """
    calls: Counter[tuple[str, str]] = Counter()
    people: Counter[str] = Counter()
    asking = 0
    for of_run in _parts(ways, contacts_per_run or max(1, len(ways))):
        for batch in _parts(of_run, batch_size):
            for position, operation in enumerate(settings.operations):
                key, size = (operation.limits or settings.limits).key, sizes[operation.name]
                asked = sum(way[position] for way in batch)
                people[key] += asked
                for action, number in _requests(operation, asked, size):
                    calls[key, action] += number
                    asking += number
                if operation.job:
                    # at the least, each is asked for once
                    calls[key, f"{operation.name}_poll"] += -(-asked // size)
    price = settings.credits
    paid = asking if price.per == "request" else sum(_most_hits(settings.operations, way) for way in ways)
    return Plan({one: number for one, number in calls.items() if number}, dict(people), paid * price.amount)


def action_of(operation: Operation, people: int) -> str:
    """What the ledger calls a request about so many people."""
    return f"{operation.name}_batch" if is_batch(operation, people) else operation.name


def is_batch(operation: Operation, people: int) -> bool:
    """Whether they are asked about as a batch."""
    return operation.batch is not None and (people > 1 or operation.request is None)


def _requests(operation: Operation, asked: int, size: int) -> Iterator[tuple[str, int]]:
    full, rest = divmod(asked, size)
    yield action_of(operation, size), full
    if rest:
        yield action_of(operation, rest), 1


def _most_hits(operations: Sequence[Operation], way: Sequence[bool]) -> int:
    """How often somebody may be charged for: an address that does not work is a hit, and another one is looked for."""
    usable = [operation for operation, can_be_used in zip(operations, way, strict=True) if can_be_used]
    finding = any(not operation.verifies_email for operation in usable)
    return sum(operation.verifies_email for operation in usable) + finding


def _parts(ways: Sequence[Sequence[bool]], size: int) -> Iterator[Sequence[Sequence[bool]]]:
    for start in range(0, len(ways), size):
        yield ways[start : start + size]
