from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.enrichment.providers.templates import fill_object, fill_path, fill_query

KNOWN = {"email": "robin@acme.example", "domain": "acme.example", "first_name": "Robin", "last_name": "Weaver"}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"email": "{email}", "version": "2"}, {"email": "robin@acme.example", "version": "2"}),
        ({"name": "{first_name} {last_name}"}, {"name": "Robin Weaver"}),
        ({"name": "{first_name} {company}"}, {}),
        ({"company": "{company|domain}"}, {"company": "acme.example"}),
        ({"company": "{company|linkedin_url}"}, {}),
        ({"profile": ["{linkedin_url}"], "email": ["{email}"]}, {"email": ["robin@acme.example"]}),
        ({"params": {"profile": "{linkedin_url}"}, "flag": True, "none": None}, {"flag": True, "none": None}),
        ({"empty": {}, "list": []}, {"empty": {}, "list": []}),
    ],
)
def test_what_is_not_known_is_left_out(template: dict[str, object], filled: dict[str, object]) -> None:
    assert fill_object(template, KNOWN) == filled


def test_a_query_holds_text_alone() -> None:
    assert fill_query({"reveal": False, "size": 3, "email": "{email}"}, KNOWN) == {"reveal": "false", "size": "3", "email": KNOWN["email"]}


@given(st.text(min_size=1))
def test_nothing_filled_into_a_path_leads_to_another_one(job: str) -> None:
    try:
        path = fill_path("/v1/jobs/{job}", {"job": job})
    except UnicodeEncodeError:
        return
    assert path.startswith("/v1/jobs/")
    assert path.count("/") == 3
    assert not set("?#") & set(path)
    assert unquote(path.removeprefix("/v1/jobs/")) == job


@given(st.text(min_size=1))
def test_what_is_filled_in_is_never_filled_again(name: str) -> None:
    assert fill_object({"a": "{first_name}"}, {"first_name": name, "email": "secret"}) == {"a": name}
    assert fill_object({"a": "{first_name}"}, {"first_name": "{email}", "email": "secret"}) == {"a": "{email}"}
