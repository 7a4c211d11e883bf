"""How long a window is, and for how long a server's word about one holds."""

from liendea_assets.clients.ledger_time import US

# Added to every window, so that two clocks that round differently cannot disagree about its end.
MARGIN_S = 0.01
# What a server told of its windows holds for a day after it was last told.
LEARNED_FOR_US = 86_400 * US
_OF_PEOPLE = " entities"


def people_of(service: str) -> str:
    """The service under which the ledger counts the people that requests to another one are about, where a window counts them."""
    return f"{service}{_OF_PEOPLE}"


def is_of_people(service: str) -> bool:
    """Whether it counts people."""
    return service.endswith(_OF_PEOPLE)


def length_us(seconds: int) -> int:
    """The time after which an attempt no longer counts."""
    return round((seconds + MARGIN_S) * US)
