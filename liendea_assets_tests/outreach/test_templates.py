from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.errors import TemplateProblem
from liendea_assets.outreach.messages import VARIABLES
from liendea_assets.outreach.templates import LONGEST_TEXT, HtmlTemplate, MessageTemplate


def render(text: str, **variables: object) -> str:
    return MessageTemplate(text).render(variables)


def problem(text: str, **variables: object) -> str:
    with pytest.raises(TemplateProblem) as caught:
        render(text, **variables)
    return str(caught.value)


@pytest.mark.parametrize("text", ["Hi {{ first_name }}!", "Hi {{first_name}}!", "  Hi {{first_name }}!\n\n"])
def test_variables_stand_in_their_place(text: str) -> None:
    assert render(text, first_name="Robin") == "Hi Robin!"


def test_missing_variable_is_named_and_never_a_blank() -> None:
    assert problem("Hi {{ first_name }}") == "missing variable: 'first_name' is undefined"


@pytest.mark.parametrize(
    "text",
    ["{{ first_name | upper }}", "{{ first_name ~ '!' }}", "{% if first_name %}x{% endif %}", "{{ first_name.x }}", "{{ first_name() }}"],
)
def test_missing_variable_is_named_wherever_it_is_used(text: str) -> None:
    assert "first_name" in problem(text)


def test_a_template_may_ask_whether_a_variable_is_known() -> None:
    text = "{% if mutual_connection is defined %}{{ mutual_connection }}{% else %}nobody{% endif %}"
    assert render(text) == "nobody"
    assert render(text, mutual_connection="Alex") == "Alex"


@pytest.mark.parametrize("title", [None, "", "  "])
def test_fallback_stands_for_what_is_not_known(title: str | None) -> None:
    text = '{{ title | fallback("your role") }}'
    assert render(text) == render(text, title=title) == "your role"
    assert render(text, title="VP Sales") == "VP Sales"
    assert render("{{ title|fallback(company)|upper }}", company="Acme") == "ACME"


def test_fallback_that_is_not_known_either_is_named() -> None:
    assert "company" in problem("{{ title|fallback(company) }}")


def test_html_escapes_values_and_not_the_template() -> None:
    template = HtmlTemplate('<p>{{ name }} {{ title|fallback("R&D") }}</p>')
    assert template.render({"name": '<b>Ada</b> & "Co"'}) == "<p>&lt;b&gt;Ada&lt;/b&gt; &amp; &#34;Co&#34; R&amp;D</p>"
    assert HtmlTemplate("{{ name|safe }}").render({"name": "<b>"}) == "<b>"


def test_template_tells_its_variables() -> None:
    text = "{{ first_name }} {% if company is defined %}{{ company|upper }}{% endif %}{% for x in range(2) %}{{ x }}{% endfor %}"
    assert MessageTemplate(text).variables == {"first_name", "company"}


@pytest.mark.parametrize(
    "trick",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ first_name.__class__.__base__.__subclasses__() }}",
        "{{ ''.format.__globals__ }}",
        "{{ '{0.__class__}'.format(first_name) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ range.__call__ }}",
        "{% set _ = names.append('x') %}{{ names }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ open('/etc/passwd') }}",
        "{{ lipsum.__globals__ }}",
    ],
)
def test_sandbox_lets_nobody_out(trick: str) -> None:
    """A file of templates is text that people pass around."""
    with pytest.raises((TemplateProblem, TypeError)) as caught:
        render(trick, first_name="Robin", names=["a"])
    assert isinstance(caught.value, TemplateProblem)


def test_forbidden_access_is_not_called_a_missing_variable() -> None:
    assert problem("{{ ''.__class__.__mro__ }}").startswith("the template does what it must not: ")


def test_text_in_a_value_is_no_template() -> None:
    assert render("Hi {{ first_name }}", first_name="{{ 7 * 7 }}{% raw %}") == "Hi {{ 7 * 7 }}{% raw %}"


def test_a_text_may_be_as_long_as_the_cap() -> None:
    assert len(render("{{ name }}", name="x" * LONGEST_TEXT)) == LONGEST_TEXT


@pytest.mark.parametrize(
    "text",
    ["{{ name }}x", "{% for i in range(99999) %}aaaaaaaaaa{% endfor %}", "{% for i in range(9999) %}{% for j in range(9999) %}aa{% endfor %}{% endfor %}"],
)  # fmt: skip
def test_a_text_may_not_be_longer_than_the_cap(text: str) -> None:
    assert problem(text, name="x" * LONGEST_TEXT) == f"the text is longer than {LONGEST_TEXT} characters"


@pytest.mark.parametrize("text", ["Hi {{ first_name", "{% if %}", "line 1\n{{ x | no_such_filter }}", "{% endif %}", "{{ 1 + }}"])
def test_invalid_template_names_its_line(text: str) -> None:
    with pytest.raises(TemplateProblem, match=rf"the template is not valid in line {1 + text.count(chr(10))}: "):
        MessageTemplate(text)


@pytest.mark.parametrize("text", ["{{ name + 1 }}", "{{ 1 / 0 }}", "{{ '%d' % name }}", "{{ range(10 ** 9) }}"])
def test_failing_template_quotes_nobody(text: str) -> None:
    assert problem(text, name="Robin").startswith("the template fails for this contact (")


@given(st.text(max_size=50))
def test_any_value_comes_through_as_it_is(name: str) -> None:
    assert MessageTemplate("[{{ name }}]").render({"name": name}) == f"[{name}]"


@pytest.mark.parametrize("text", ["{{ 'a' * 10**9 }}", "{{ first_name * 100000 }}", "{{ 9 ** 9 ** 9 }}", "{{ [1] * 10**9 }}"])
def test_text_is_never_multiplied(text: str) -> None:
    """The result would take its memory before its length could be measured."""
    with pytest.raises(TemplateProblem, match="must not"):
        MessageTemplate(text).render({"first_name": "Robin"})


def test_small_numbers_may_be_multiplied() -> None:
    assert MessageTemplate("{{ 3 * 4 }}").render({}) == "12"


def test_each_variable_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")
    assert not [name for name in VARIABLES if f"`{name}`" not in text]
