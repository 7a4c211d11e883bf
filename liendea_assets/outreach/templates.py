"""Rendering a message's text in a sandbox: a variable that is not known is an error, never a blank.

Values are data: what looks like a template in them is none, in HTML they are escaped, and what would end a line or a text is refused.
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, Undefined, UndefinedError, meta
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from liendea_assets.core.errors import TemplateProblem

# A letter is some 2,000 characters; a template that loops makes millions.
LONGEST_TEXT = 50_000


class _Environment(ImmutableSandboxedEnvironment):
    """Refuses to multiply text: `{{ "a" * 10 ** 9 }}` would take its gigabyte before the result could be measured."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers alone, and small ones."""
        if not all(isinstance(side, (int, float)) and abs(side) <= LONGEST_TEXT for side in (left, right)):
            raise SecurityError("a product of something else than small numbers")
        return super().call_binop(context, operator, left, right)


def _fallback(value: object, other: object) -> object:
    """`{{ title | fallback("your role") }}`: what stands there where the value is not known, or nothing but blanks."""
    return other if isinstance(value, Undefined) or value is None or not str(value).strip() else value


def _environment(*, autoescape: bool) -> _Environment:
    environment = _Environment(undefined=StrictUndefined, autoescape=autoescape, keep_trailing_newline=False)
    environment.filters["fallback"] = _fallback
    return environment


_TEXT, _HTML = _environment(autoescape=False), _environment(autoescape=True)


class MessageTemplate:
    """A template of text, compiled once for a whole campaign.

    Attributes:
        variables: names that it asks for, whether it can do without them or not.

    Raises:
        TemplateProblem: the text is no valid template; names the line.
    """

    environment = _TEXT

    def __init__(self, text: str) -> None:
        try:
            self._template = self.environment.from_string(text)
            found = meta.find_undeclared_variables(self.environment.parse(text))
        except TemplateError as error:
            line = getattr(error, "lineno", None) or 1
            raise TemplateProblem(f"the template is not valid in line {line}: {error.message}") from None
        self.variables = frozenset(found) - self.environment.globals.keys()

    def render(self, variables: Mapping[str, object]) -> str:
        """The text for one person.

        Raises:
            TemplateProblem: a variable is not known (its name is told), or the text cannot be made.
        """
        pieces, length = [], 0
        try:
            for piece in self._template.generate(**variables):
                length += len(piece)
                if length > LONGEST_TEXT:
                    raise TemplateProblem(f"the text is longer than {LONGEST_TEXT} characters")
                pieces.append(piece)
        except UndefinedError as error:
            raise TemplateProblem(f"missing variable: {error.message}") from None
        except TemplateError as error:
            raise TemplateProblem(f"the template does what it must not: {error.message}") from None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            # the error's own text may quote the person's data
            raise TemplateProblem(f"the template fails for this contact ({type(error).__name__})") from None
        return "".join(pieces).strip()


class HtmlTemplate(MessageTemplate):
    """A template of HTML: what variables hold is escaped."""

    environment = _HTML
