from pathlib import Path

import pytest

from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_file
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.providers.load import add_pacing, add_windows, read_provider_file, read_provider_files
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import written_file

GOOD = """\
base_url: FIFTH_BASE_URL
auth: {kind: bearer, secret: FIFTH_TOKEN}
limits:
  key: fifth
  windows: [{seconds: 60, requests: 10}]
disclose: [email]
operations:
  - name: find
    needs: [[email]]
    request:
      path: /find
      query: {email: "{email}"}
mapping:
  fields:
    title: person.title
"""


def problem(tmp_path: Path, former: str, wrong: str) -> str:
    """What is told of the good file with one place changed."""
    assert former in GOOD
    path = tmp_path / "fifth.yaml"
    path.write_text(GOOD.replace(former, wrong), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_file(ProviderSettings, path)
    return str(caught.value).replace(str(path), "fifth.yaml")


def test_a_file_says_little_where_the_defaults_do(tmp_path: Path) -> None:
    path = tmp_path / "fifth.yaml"
    path.write_text(GOOD, encoding="utf-8")
    settings = load_file(ProviderSettings, path)
    assert [rule.status for rule in settings.answers.throttled] == [(429, 503)]
    assert (settings.disclose_linkedin_email, settings.wanted, settings.mapping.fields["title"].path) == (False, (), "person.title")


@pytest.mark.parametrize(
    ("former", "wrong", "told"),
    [
        ("base_url: FIFTH_BASE_URL", "base_url: https://fifth.example", "fifth.yaml:1: base_url: found 'https://fifth.example'; allowed: "),
        ("kind: bearer, secret: FIFTH_TOKEN", "kind: bearer", "fifth.yaml:2: auth: found {'kind': 'bearer'}; allowed: for kind bearer: secret"),
        ("kind: bearer,", "kind: query,", "fifth.yaml:2: auth: found {'kind': 'query', 'secret': 'FIFTH_TOKEN'}; allowed: for kind query: name, secret"),
        ("kind: bearer,", "kind: bearer, token_path: /t,", "fifth.yaml:2: auth: found "),
        ("kind: bearer", "kind: magic", "fifth.yaml:2: auth.kind: found 'magic'; allowed: 'none', 'header', 'query', 'basic', 'bearer' or 'oauth2'"),
        ("requests: 10", "requests: 0", "fifth.yaml:5: limits.windows.0.requests: found 0; allowed: greater than 0"),
        ("requests: 10", "request: 10", "fifth.yaml:5: limits.windows.0.request: unknown key (did you mean requests?)"),
        ("requests: 10", "requests: 10, entities: 3", "fifth.yaml:5: limits.windows.0: found "),
        ("disclose: [email]", "time_to_live: {fields: {titel: 3}}\ndisclose: [email]", "fifth.yaml:6: time_to_live.fields.titel"),
        ("requests: 10}]", "requests: 10}]\n  pacing: {minimum_gap_s: -1}", "fifth.yaml:6: limits.pacing.minimum_gap_s: found -1"),
        ("disclose: [email]", "disclose: [mail]", "fifth.yaml:6: disclose.0: found 'mail'; allowed: 'reach_id', 'email', "),
        ("disclose: [email]", "disclose: [domain]", "fifth.yaml:1: (whole file): found "),
        ("needs: [[email]]", "needs: [[e_mail]]", "fifth.yaml:9: operations.0.needs.0.0: found 'e_mail'; allowed: 'reach_id', "),
        ("path: /find", "path: find", "fifth.yaml:11: operations.0.request.path: found 'find'; allowed: "),
        ('"{email}"', '"{mail}"', "fifth.yaml:8: operations.0: found "),
        ("    request:\n", "    reqest:\n", "fifth.yaml:10: operations.0.reqest: unknown key (did you mean request?)"),
        ("person.title", "person[title", "fifth.yaml:15: mapping.fields.title.path: found 'person[title'; allowed: a JMESPath expression"),
        ("title: person.title", "tilte: person.title", "fifth.yaml:15: mapping.fields.tilte"),
        ("title: person.title", "title: {path: a, clean: [wash]}", "fifth.yaml:15: mapping.fields.title.clean.0: found 'wash'; allowed: 'lower', "),
        ("disclose: [email]", "disclose: [email]\nanswers: {miss: [{status: 99}]}", "fifth.yaml:7: answers.miss.0.status.0: found 99; allowed: "),
        ("disclose: [email]", "disclose: [email]\naccept_confidence: 60", "fifth.yaml:7: accept_confidence: found 60; allowed: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_key_what_was_found_and_what_is_allowed(
    tmp_path: Path, former: str, wrong: str, told: str
) -> None:
    assert problem(tmp_path, former, wrong).startswith(told), problem(tmp_path, former, wrong)


@pytest.mark.parametrize(
    "batch",
    [
        "{path: /b, size: 0, envelope: p, item: {}, correlate: {by: order}}",
        "{path: /b, size: 9, envelope: p, item: {}, correlate: {by: reference, path: ref}}",
        "{path: /b, size: 9, envelope: p, item: {}, correlate: {by: order, path: ref}}",
        "{path: /b, size: 9, envelope: p, item: {}, correlate: {by: field, path: email}}",
        "{path: /b, size: 9, envelope: p, item: {a: '{job}'}, correlate: {by: order}}",
    ],
)
def test_a_batch_that_could_not_be_told_apart_is_refused(tmp_path: Path, batch: str) -> None:
    assert "fifth.yaml:" in problem(tmp_path, "    needs: [[email]]\n", f"    needs: [[email]]\n    batch: {batch}\n")


def test_a_job_must_be_found_again(tmp_path: Path) -> None:
    told = problem(tmp_path, "    needs: [[email]]\n", "    needs: [[email]]\n    job: {reference: id, poll: {path: /jobs}}\n")
    assert told.startswith("fifth.yaml:10: operations.0.job.poll: found ")


def test_the_guide_s_file_is_right(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "providers.md").read_text(encoding="utf-8")
    path = tmp_path / "fifth.yaml"
    path.write_text(guide.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    settings = load_file(ProviderSettings, path)
    assert (settings.operations[0].batch_size, settings.credits.read_header) == (50, "x-credits-spent")


def test_every_shipped_provider_is_read_in_the_wanted_order(home: Home) -> None:
    files = read_provider_files(home, ["hunter", "reach"])
    assert [file.name for file in files] == ["hunter", "reach", "apollo", "peopledatalabs"]
    assert {file.path.parent for file in files} == {home.config / "providers"}


def test_a_home_without_the_folder_gets_the_shipped_files(tmp_path: Path) -> None:
    assert read_provider_file(Home(tmp_path), "reach").path.is_relative_to(default_config())


def test_all_mistakes_of_all_files_are_told_at_once(home: Home) -> None:
    for name in ("reach", "apollo"):
        (home.config / "providers" / f"{name}.yaml").write_text("base_url: x\n")
    with pytest.raises(SettingsError) as caught:
        read_provider_files(home)
    assert "reach.yaml:1: base_url" in str(caught.value)
    assert "apollo.yaml:1: base_url" in str(caught.value)


@pytest.mark.parametrize("name", ["gtm", "Fifth", "fifth one"])
def test_a_name_that_would_mean_something_else_is_refused(home: Home, name: str) -> None:
    (home.config / "providers" / f"{name}.yaml").write_text(GOOD)
    with pytest.raises(SettingsError, match="small letters"):
        read_provider_files(home)


def test_a_key_without_windows_is_refused(home: Home) -> None:
    (home.config / "providers" / "fifth.yaml").write_text(GOOD.replace("  windows: [{seconds: 60, requests: 10}]\n", ""))
    with pytest.raises(SettingsError, match=r"fifth\.yaml: limits: no windows for the key fifth"):
        add_windows(read_provider_files(home), {"reach": ((60, 10),)})


@pytest.mark.parametrize(
    "status", ["    email_status: person.status\n", "    work_email: person.mail\n    email_status: {path: s, values: {ok: fine}}\n"]
)
def test_an_email_status_says_one_of_our_words_about_an_address(tmp_path: Path, status: str) -> None:
    told = problem(tmp_path, "    title: person.title\n", status)
    assert "email_status beside work_email, with values that are verified, risky, invalid, unknown" in told


def test_calls_under_a_key_are_spread_out_as_its_file_says(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    file = written_file(
        tmp_path, "fifth", GOOD.replace("requests: 10}]", "requests: 10}]\n  pacing: {minimum_gap_s: 2, rest_after: 3, rest_s: 10}")
    )
    limiter = RateLimiter(db, clock, add_windows([file], {}), add_pacing([file], {}))
    began, starts = clock.now(), []
    for _ in range(5):
        with limiter.attempt("fifth", "find", longest_s=1, max_wait_s=60):
            starts.append(round((clock.now() - began).total_seconds()))
    assert starts == [0, 2, 4, 16, 18]


def test_pacing_that_is_said_twice_must_be_the_same(tmp_path: Path) -> None:
    texts = [GOOD.replace("requests: 10}]", f"requests: 10}}]\n  pacing: {{minimum_gap_s: {gap}}}") for gap in (2, 2, 3)]
    first, same, other = (written_file(tmp_path, f"file{number}", text) for number, text in enumerate(texts))
    assert add_pacing([first, same], {}) == {"fifth": Pacing(2)}
    with pytest.raises(SettingsError, match=r"file2\.yaml: limits: another pacing for the key fifth"):
        add_pacing([first, other], {})
    with pytest.raises(SettingsError, match=r"file0\.yaml: limits: another pacing"):
        add_pacing([first], {"fifth": Pacing(1)})
