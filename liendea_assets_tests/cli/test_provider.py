"""`liendea provider`, as a user types it."""

import re
import sqlite3
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from liendea_assets.core.home import Home
from liendea_assets.enrichment.spending import Purse
from liendea_assets.resources import open_home_database
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.cli.test_run import liendea
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.hunter_server import Hunter, create_app
from liendea_assets_tests.enrichment.providers.serving import KEY
from liendea_assets_tests.enrichment.providers.skylark_server import CLIENT_ID, CLIENT_SECRET, Skylark
from liendea_assets_tests.enrichment.providers.skylark_server import create_app as skylark_app
from liendea_assets_tests.enrichment.rows import add_company, add_contact


def set_env(home: Home, **values: str) -> None:
    (home.root / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def test_list_says_of_each_provider_whether_it_is_asked_and_what_it_costs(home: Home) -> None:
    set_env(home, HUNTER_BASE_URL="http://127.0.0.1:9")
    done = liendea("provider", "list", home=home)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^(\w+)$", done.stdout, re.MULTILINE) == ["reach", "peopledatalabs", "apollo", "hunter"]
    assert "asked   yes (HUNTER_BASE_URL)" in done.stdout
    assert "asked   no: APOLLO_BASE_URL is not set in .env" in done.stdout
    assert "limits  hunter: 15 requests in 1 s, 500 requests in 60 s" in done.stdout


def test_check_asks_the_sandbox_and_shows_what_would_be_mapped(sample_home: Home) -> None:
    done = liendea("provider", "check", "reach", home=sample_home)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Answer    hit, confidence 0\.\d\d", done.stdout)
    assert "Cost      1 credits" in done.stdout
    assert re.search(r"reach_id +rch_000000", done.stdout)
    stored = sqlite3.connect(sample_home.data / "liendea.db")
    counts = [stored.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("rate_limit_tracking", "contact_enrichment")]
    assert counts == [1, 0]


def test_check_asks_about_whom_it_is_told_to(home: Home) -> None:
    with serving(create_app(Hunter())) as url:
        set_env(home, HUNTER_BASE_URL=url, HUNTER_API_KEY=KEY)
        nobody = liendea("provider", "check", "hunter", home=home)
        robin = [f"--ask={pair}" for pair in ("first_name=Robin", "last_name=Weaver", "domain=acmelabs.example")]
        found = liendea("provider", "check", "hunter", *robin, home=home)
    assert (nobody.returncode, found.returncode) == (0, 0), nobody.stderr + found.stderr
    assert "May send  domain, first_name, last_name" in found.stdout
    assert "Mapped    company_domain  acmelabs.example" in found.stdout
    assert KEY not in found.stdout + found.stderr


def test_check_asks_once_where_several_operations_could_be_asked(home: Home) -> None:
    """Of somebody whom the finder does not know Hunter's verifier would tell something, for a price of its own."""
    hunter = Hunter()
    with serving(create_app(hunter)) as url:
        set_env(home, HUNTER_BASE_URL=url, HUNTER_API_KEY=KEY)
        done = liendea("provider", "check", "hunter", home=home)
    assert done.returncode == 0, done.stderr
    assert [path for path, _ in hunter.asked] == ["/v2/email-finder"]


def test_check_keeps_the_limits_of_every_file_that_names_its_key(home: Home) -> None:
    text = (home.config / "providers" / "hunter.yaml").read_text()
    shared = text.replace("HUNTER_BASE_URL", "CURLEW_BASE_URL").replace("{seconds: 60, requests: 500}", "{seconds: 86400, requests: 1}")
    assert shared.count("requests: 1}") == 1
    (home.config / "providers" / "curlew.yaml").write_text(shared)
    hunter = Hunter()
    with serving(create_app(hunter)) as url:
        set_env(home, HUNTER_BASE_URL=url, CURLEW_BASE_URL=url, HUNTER_API_KEY=KEY)
        first, second = (liendea("provider", "check", "hunter", home=home) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 1), first.stderr
    assert "every slot is taken" in second.stderr
    assert len(hunter.asked) == 1


def test_check_fails_on_an_answer_that_does_not_fit_and_tells_its_hash(home: Home) -> None:
    with serving(Scripted(PlainTextResponse("<html>We will be back soon</html>"))) as url:
        set_env(home, HUNTER_BASE_URL=url, HUNTER_API_KEY=KEY)
        done = liendea("provider", "check", "hunter", home=home)
    assert done.returncode == 1
    assert "Answer    rejected" in done.stdout
    assert re.search(r"SHA-256   [0-9a-f]{64}", done.stdout)


def test_check_waits_for_a_job(home: Home) -> None:
    text = (Path(__file__).parents[1] / "enrichment" / "providers" / "skylark.yaml").read_text()
    (home.config / "providers" / "skylark.yaml").write_text(text.replace("interval_s: 30", "interval_s: 0.1"))
    with serving(skylark_app(Skylark(VirtualClock(), takes_s=0))) as url:
        set_env(home, SKYLARK_BASE_URL=url, SKYLARK_CLIENT_ID=CLIENT_ID, SKYLARK_CLIENT_SECRET=CLIENT_SECRET)
        done = liendea("provider", "check", "skylark", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Pending   asked again in 0 s" in done.stdout
    assert "Answer    hit, confidence 0.90" in done.stdout
    assert "Cost      2 credits" in done.stdout


def test_check_of_a_provider_without_an_address_checks_the_file_alone(home: Home) -> None:
    done = liendea("provider", "check", "apollo", home=home)
    assert done.returncode == 0
    assert "apollo.yaml is right" in done.stdout
    assert "none: APOLLO_BASE_URL is not set in .env" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nix",), "there is no provider nix; there is apollo, hunter, peopledatalabs, reach"),
        (("hunter", "--ask", "colour=red"), "--ask colour: found colour; allowed: reach_id, email"),
        (("hunter", "--ask", "email"), "--ask takes FIELD=VALUE"),
    ],
)
def test_what_cannot_be_checked_is_told(home: Home, arguments: tuple[str, ...], told: str) -> None:
    done = liendea("provider", "check", *arguments, home=home)
    assert done.returncode != 0
    assert told in done.stderr


def test_a_wrong_file_is_told_with_its_line_and_starts_no_run(home: Home) -> None:
    path = home.config / "providers" / "hunter.yaml"
    path.write_text(path.read_text().replace("operations:", "operatoins:"))
    for command in (("provider", "check", "hunter"), ("run",)):
        done = liendea(*command, home=home)
        assert done.returncode == 1
        assert re.search(r"hunter\.yaml:\d+: operatoins: unknown key \(did you mean operations\?\)", done.stderr)


def test_forecast_says_what_is_due_before_anybody_is_asked(home: Home, clock: VirtualClock) -> None:
    db = open_home_database(home, durable=True)
    company = add_company(db)
    for _ in range(3):
        add_contact(db, company_id=company)
    reserved = Purse(db, "hunter", clock).reserve("find", 2, per_person=1, per_call=0)
    Purse(db, "hunter", clock).settle(reserved.id, 1.5)
    path = home.config / "enrichment.yaml"
    path.write_text(path.read_text().replace("budgets: {}", "budgets: {hunter: {credits_per_day: 5}}"))
    set_env(home, HUNTER_BASE_URL="http://127.0.0.1:9", HUNTER_API_KEY=KEY)
    done = liendea("forecast", home=home)
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    told = dict(re.findall(r"^  (\S.*?)  +(\S.*)$", done.stdout.partition("hunter\n")[2], re.MULTILINE))
    assert (told["contacts"], told["calls"], told["tightest limit"], told["credits left"]) == ("3", "3", "none", "5")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["2026-10-05", "hunter", "1", "2", "1.5", "0.0"] in rows
    assert db.table("rate_limit_tracking").count == 0
    db.conn.close()


@pytest.mark.parametrize("command", ["run", "forecast"])
def test_a_budget_under_a_wrong_name_starts_nothing(home: Home, command: str) -> None:
    path = home.config / "enrichment.yaml"
    path.write_text(path.read_text().replace("budgets: {}", "budgets: {appollo: {calls_per_day: 5}}"))
    done = liendea(command, home=home)
    assert done.returncode != 0
    assert "budgets.appollo: found appollo; allowed: apollo, hunter, peopledatalabs, reach" in done.stderr
