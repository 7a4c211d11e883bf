import csv
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from liendea_assets.sandbox.reach_server import LARGEST_BATCH, TOKEN, Book, create_app, sample_people
from liendea_assets.sandbox.serving import serving

ROOT = Path(__file__).parents[2]
MATCH = "/v1/people/match"
BATCH = "/v1/people/match:batch"
USAGE = "/v1/usage"
PEOPLE = sample_people()
SOMEBODY = PEOPLE[0]

Windows = list[tuple[int, int]]


@lru_cache
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "reach-openapi.yaml").read_text(encoding="utf-8"))
    return loaded


def keeps_contract(response: httpx.Response) -> httpx.Response:
    """The same response, once its body fits what the contract says of its path and status."""
    operation = contract()["paths"][response.request.url.path][response.request.method.lower()]
    described = operation["responses"][str(response.status_code)]
    if "$ref" in described:
        described = contract()["components"]["responses"][described["$ref"].rpartition("/")[2]]
    schema = described["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": contract()["components"]}).validate(response.json())
    return response


class Caller:
    """Asks a server; every answer is checked against the contract."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def match(self, **query: str) -> httpx.Response:
        return keeps_contract(self._http.get(MATCH, params=query))

    def batch(self, content: object) -> httpx.Response:
        return keeps_contract(self._http.post(BATCH, json=content))

    def usage(self) -> httpx.Response:
        return keeps_contract(self._http.get(USAGE))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(create_app(PEOPLE, [(60, 100_000)])) as url:
        yield url


@pytest.fixture
def reach(server: str) -> Iterator[Caller]:
    with httpx.Client(base_url=server, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        yield Caller(http)


def test_everybody_it_knows_fits_the_contract() -> None:
    schema = {"$ref": "#/components/schemas/Match", "components": contract()["components"]}
    validator = Draft202012Validator(schema)
    for person in PEOPLE:
        validator.validate(person)
    assert len({person["person"]["reach_id"] for person in PEOPLE}) == len(PEOPLE)


def sample_profiles() -> list[str]:
    """The profiles in the LinkedIn exports of the sample."""
    urls: set[str] = set()
    for path in sorted((ROOT / "liendea_assets" / "sandbox" / "sample" / "inbox").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith("Connections.csv"))
            lines = archive.read(name).decode("utf-8-sig").splitlines()
        header = next(number for number, line in enumerate(lines) if line.startswith("First Name"))
        urls |= {row["URL"] for row in csv.DictReader(lines[header:]) if row["URL"]}
    return sorted(urls)


def test_it_knows_most_people_of_the_sample_and_not_all(reach: Caller) -> None:
    profiles = sample_profiles()
    found = 0
    for first in range(0, len(profiles), LARGEST_BATCH):
        people = [{"ref": url, "linkedin_url": url} for url in profiles[first : first + LARGEST_BATCH]]
        found += len(reach.batch({"people": people}).json()["matches"])
    assert 0.5 < found / len(profiles) < 1


@pytest.mark.parametrize("key", ["reach_id", "work_email", "linkedin_url"])
def test_a_person_is_found_by_each_key_alone(reach: Caller, key: str) -> None:
    parameter = "email" if key == "work_email" else key
    assert reach.match(**{parameter: SOMEBODY["person"][key]}).json() == SOMEBODY


@pytest.mark.parametrize(("parameter", "field"), [("company", "name"), ("domain", "domain")])
def test_a_person_is_found_by_name_and_employer(reach: Caller, parameter: str, field: str) -> None:
    person = SOMEBODY["person"]
    name = {"first_name": person["first_name"].upper(), "last_name": person["last_name"]}
    assert reach.match(**name, **{parameter: SOMEBODY["company"][field]}).json() == SOMEBODY


def test_profiles_are_the_same_with_and_without_www_case_and_slash(reach: Caller) -> None:
    profile = SOMEBODY["person"]["linkedin_url"].rpartition("/")[2]
    assert reach.match(linkedin_url=f"http://linkedin.com/in/{profile.title()}/").json() == SOMEBODY


def test_who_is_not_known_is_not_found(reach: Caller) -> None:
    assert reach.match(email="nobody@nowhere.example").status_code == 404


@pytest.mark.parametrize("query", [{}, {"first_name": "Ann"}, {"first_name": "Ann", "last_name": "Lee"}, {"company": "Acme"}])
def test_too_little_to_find_anybody_is_a_bad_request(reach: Caller, query: dict[str, str]) -> None:
    assert reach.match(**query).status_code == 400


def test_a_batch_is_answered_by_ref_without_who_is_not_found(reach: Caller) -> None:
    people = [{"ref": f"r{number}", "reach_id": person["person"]["reach_id"]} for number, person in enumerate(PEOPLE[:3])]
    answer = reach.batch({"people": [*people, {"ref": "x", "email": "nobody@nowhere.example"}]})
    assert {match["ref"]: match["person"]["reach_id"] for match in answer.json()["matches"]} == {
        person["ref"]: person["reach_id"] for person in people
    }


def test_a_batch_comes_back_in_another_order_than_asked(reach: Caller) -> None:
    """So that a client that counts positions fails in the sandbox already."""
    people = [{"ref": str(number), "reach_id": person["person"]["reach_id"]} for number, person in enumerate(PEOPLE[:3])]
    assert [match["ref"] for match in reach.batch({"people": people}).json()["matches"]] == ["2", "1", "0"]


def test_a_batch_has_25_people_at_most(reach: Caller) -> None:
    people = [{"ref": str(number), "reach_id": "rch_000000"} for number in range(LARGEST_BATCH + 1)]
    assert reach.batch({"people": people}).status_code == 400
    assert len(reach.batch({"people": people[1:]}).json()["matches"]) == LARGEST_BATCH


@pytest.mark.parametrize("content", [[], {}, {"people": [{"email": "a@b.example"}]}, {"people": ["ab"]}, {"people": 5}, "people", None])
def test_a_batch_of_another_shape_is_a_bad_request(reach: Caller, content: object) -> None:
    assert reach.batch(content).status_code == 400


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer another", "Basic c2FuZGJveA==", TOKEN])
def test_nobody_is_told_anything_without_the_token(authorization: str) -> None:
    app = create_app(PEOPLE, [(60, 5)])
    with serving(app) as url, httpx.Client(base_url=url, headers={"Authorization": authorization}, trust_env=False) as http:
        for answer in (http.get(MATCH, params={"reach_id": "rch_000000"}), http.post(BATCH, json={"people": []})):
            assert keeps_contract(answer).status_code == 401
    assert app.state.book.arrivals == 0


def test_every_request_counts_whatever_its_answer_and_usage_does_not() -> None:
    app = create_app(PEOPLE, [(60, 4), (3_600, 100)])
    with serving(app) as url, httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as http:
        reach = Caller(http)
        for _ in range(10):
            assert reach.usage().status_code == 200
        answers = [
            reach.match(reach_id="rch_000000"),
            reach.match(reach_id="rch_nobody"),
            reach.match(),
            reach.batch({"people": [{"ref": "1", "reach_id": "rch_000000"}]}),
            reach.match(reach_id="rch_000000"),
            reach.batch({"people": []}),
        ]
        windows = reach.usage().json()["windows"]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 200, 429, 429]
    assert all(1 <= int(answer.headers["retry-after"]) <= 61 for answer in answers[4:])
    assert windows == [{"seconds": 60, "limit": 4, "used": 6}, {"seconds": 3_600, "limit": 100, "used": 6}]
    assert (app.state.book.arrivals, app.state.book.violations) == (6, 2)


# 64ths of a second have no rounding errors, which would decide at the very end of a window
pauses_s = st.lists(st.integers(0, 30 * 64).map(lambda ticks: ticks / 64), max_size=30)
some_windows = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 5)), min_size=1, max_size=3)


class Hands:
    """A clock's hands."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def seconds(self) -> float:
        return self.at


def test_a_window_slides() -> None:
    hands = Hands()
    book = Book([(60, 2)], hands.seconds)
    waits = []
    for at in (0, 50, 59, 60.5):
        hands.at = 1_000 + at
        waits.append(book.arrive() is not None)
    assert waits == [False, False, True, True]
    assert (book.arrivals, book.violations) == (4, 2)


@given(some_windows, pauses_s)
def test_refused_requests_count_and_nobody_is_let_in_over_a_limit(windows: Windows, pauses: list[float]) -> None:
    hands = Hands()
    book = Book(windows, hands.seconds)
    arrived: list[float] = []
    for pause in pauses:
        hands.at += pause
        is_over = any(sum(moment > hands.at - seconds for moment in arrived) >= limit for seconds, limit in windows)
        assert (book.arrive() is not None) == is_over
        arrived.append(hands.at)
    assert book.arrivals == len(pauses)


@given(some_windows, pauses_s)
def test_who_comes_back_when_told_is_let_in(windows: Windows, pauses: list[float]) -> None:
    """The refused request counts as well: the wait was once computed without it, and ended in the next refusal."""
    hands = Hands()
    book = Book(windows, hands.seconds)
    for pause in pauses:
        hands.at += pause
        wait = book.arrive()
        if wait is not None:
            # the header holds whole seconds
            hands.at += int(wait) + 1
            assert book.arrive() is None
