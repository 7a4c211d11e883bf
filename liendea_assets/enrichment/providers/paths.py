"""JMESPath expressions of provider files: checked when the file is read, searched in answers."""

from functools import lru_cache
from typing import Annotated

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator


def _check(expression: str) -> str:
    try:
        _compiled(expression)
    except JMESPathError:
        raise ValueError("a JMESPath expression (jmespath.org)") from None
    return expression


JmesPath = Annotated[str, AfterValidator(_check)]


def find(path: str, content: object) -> object:
    """What stands there; None where nothing does, or where the answer has another shape than the expression needs."""
    try:
        found: object = _compiled(path).search(content)
    except JMESPathError:
        return None
    return found


def holds(path: str, content: object) -> bool:
    """Whether an expression is true of an answer, as JMESPath understands it: zero is true, and what is empty is not."""
    found = find(path, content)
    return not (found is None or found is False or found in ("", [], {}))


@lru_cache(maxsize=512)
def _compiled(expression: str) -> jmespath.parser.ParsedResult:
    return jmespath.compile(expression)
