"""Properties that several parsers share."""

from collections.abc import Callable

from hypothesis import assume


def stays_as_it_is(parse: Callable[[str], str], text: str) -> None:
    """What a parser answers, it answers again."""
    try:
        once = parse(text)
    except ValueError:
        assume(False)
    assert parse(once) == once
