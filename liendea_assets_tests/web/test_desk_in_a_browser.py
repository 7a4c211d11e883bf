"""The desk in a real browser: what people do there, with scripts and without, on a telephone and on a wide screen."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.sandbox.serving import serving
from liendea_assets.web.desk import create_desk
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_answer, add_contact, add_score, make_target
from liendea_assets_tests.devtools import Tab, browsing
from liendea_assets_tests.web.sites import add_campaign, add_message, desk_of, public_client

PAGES = (
    "/", "/linkedin", "/campaigns", "/campaigns/intro_email",
    "/campaigns/intro_email/check", "/queue", "/queue?show=sent", "/queue/skipped", "/uncertain", "/inbox",
    "/inbox/1", "/suppression", "/merges", "/merges/decisions", "/people", "/people/1", "/people?q=robin", "/enrichment", "/scoring", "/scoring/preview?candidate=mine.yaml",
    "/actions", "/people/999",
)  # fmt: skip
NAME = "Robin <i>Weaver</i> " + "Averylongnamewithoutanyblank" * 3


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browsing(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path, migrated_file: Path) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path / "desk.db"))


@pytest.fixture
def data(path: Path) -> Iterator[Database]:
    """Two people for LinkedIn, two who may be one, an uncertain message, an answer."""
    db = open_migrated(path)
    for number in (1, 2, 3):
        add_contact(db, number, full_name=NAME if number == 1 else f"Robin Weaver {number}")
        add_score(db, number)
        make_target(db, number)
        add_answer(db, number)
        row = {"row_id": number, "contact_id": number, "source": "gtm", "evidence": "a row of its own", "anchor_of": number}
        db.table("contact_sources").insert(row)
    add_campaign(db, "intro_email")
    add_campaign(db, "by_hand", "linkedin_message")
    for number in (1, 2):
        add_message(
            db, number, f"hand{number}", campaign=2, status="queued", outreach_type="linkedin_message", message="Hi Robin, shall we talk?"
        )
    add_message(db, 3, "mail3")
    add_message(db, 2, "mail2", status="uncertain", error_message="the sender ended", claimed_at="2026-10-05 08:30:00.000000")
    pair = {"entity": "contact", "left_id": 2, "right_id": 3, "probability": 0.8, "evidence": '["same name", "same employer"]'}
    db.table("merge_reviews").insert(pair)
    answer = {
        "source": "mbox:1", "fingerprint": "f1", "received_at": "2026-10-05 08:40:00.000000", "read_at": "2026-10-05 08:41:00.000000",
        "from_address": "robin@acmelabs.example", "subject": "Re: <b>hello</b>", "text": "<script>alert(1)</script> Yes, please.",
        "kind": "human_reply", "sentiment": "positive", "outreach_log_id": 3, "contact_id": 3, "matched_by": "message_id", "confidence": 1.0,
        "why": "no sign of a program",
    }  # fmt: skip
    db.table("inbox_messages").insert(answer)
    yield db
    db.conn.close()


@pytest.fixture
def desk(home: Home, data: Database, path: Path, clock: VirtualClock, tab: Tab) -> Iterator[str]:
    """The address of the desk; nobody is logged in."""
    port = free_port()
    served = desk_of(home, path, clock, port)
    candidate = home.config / "candidates" / "mine.yaml"
    candidate.parent.mkdir()
    candidate.write_text((home.config / "icp_scoring.yaml").read_text().replace("max: 5000", "max: 50"))
    with serving(create_desk(served, port), port) as url:
        token = served.sessions.new_link_token(clock.now())
        tab.set_scripts(on=True)
        tab.set_size(1280)
        tab.requested.clear()
        tab.open(f"{url}/login?token={token}")
        yield url


def log_in(tab: Tab) -> None:
    tab.fill("#name", "Kim Doe")
    tab.click("main button")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_morning_at_the_desk(tab: Tab, desk: str, data: Database, scripts: bool) -> None:
    """Every action of the day by the mouse alone."""
    tab.set_scripts(on=scripts)
    log_in(tab)
    assert "What waits for you" in tab.text()
    tab.click('nav a[href="/linkedin"]')
    assert "2 to write to" in tab.text()
    tab.click('article button[value="done"]')
    assert "Taken down: done" in tab.text()
    assert "1 to write to" in tab.text()
    tab.click('article button[value="not_now"]')
    assert "0 to write to" in tab.text()
    tab.click("table button")
    assert "Undone" in tab.text()
    tab.click('nav a[href="/uncertain"]')
    tab.fill("#because-4", "the log has it")
    tab.click('button[value="sent"]')
    assert "counts as sent" in tab.text()
    row = data.conn.execute("SELECT status, settled_by, error_message FROM outreach_log WHERE id = 4").fetchone()
    assert tuple(row) == ("sent", "Kim Doe", "the log has it")
    tab.click('nav a[href="/merges"]')
    tab.click("article .row form:nth-of-type(2) button")
    decision = data.conn.execute("SELECT decision, origin, decided_by FROM merge_decisions").fetchone()
    assert tuple(decision) == ("different", "desk", "Kim Doe")
    tab.click('main a[href="/merges/decisions"]')
    tab.click("table button")
    assert data.conn.execute("SELECT undone_at FROM merge_decisions").fetchone()[0] is not None
    tab.click('nav a[href="/campaigns"]')
    tab.click('main a[href="/campaigns/intro_email"]')
    tab.click("section form button")
    approval = data.conn.execute("SELECT approved_by, revoked_at FROM outreach_approvals").fetchone()
    assert tuple(approval) == ("Kim Doe", None)
    tab.click("section form button.bad")
    assert data.conn.execute("SELECT revoked_at FROM outreach_approvals").fetchone()[0] is not None
    tab.click('nav a[href="/suppression"]')
    tab.fill("#value", "robin.weaver.3@acmelabs.example")
    tab.click('form[action="/suppression/add"] button')
    assert "Suppressed (address). Contacts found by it: 1" in tab.text()
    tab.fill("#asked", "Robin.Weaver.3@acmelabs.example")
    tab.click('form[action="/suppression/ask"] button')
    assert "Suppressed (address) since" in tab.text()
    tab.fill("#find", "weaver 3")
    tab.click(".search button")
    tab.click("main table a")
    assert "Never to be contacted" in tab.text()
    tab.click(".who button")
    assert "Open the link" in tab.text()
    done = data.conn.execute("SELECT action, acted_by, outcome FROM desk_actions ORDER BY id").fetchall()
    assert [row["outcome"] for row in done] == ["done"] * len(done)
    assert {row["acted_by"] for row in done} == {"Kim Doe"}
    assert len(done) == 11
    assert tab.hosts() == {desk.removeprefix("http://")}
    assert tab.problems == []


def test_keys_do_what_buttons_do(tab: Tab, desk: str, data: Database) -> None:
    log_in(tab)
    tab.key("g")
    tab.key("l", loads=True)
    tab.key("j")
    tab.key("j")
    tab.key("k")
    tab.key("j")
    tab.key("n", loads=True)
    assert data.conn.execute("SELECT outreach_log_id, action FROM linkedin_actions").fetchone()[:] == (2, "not_now")
    tab.key("?")
    assert tab.evaluate("document.querySelector('#help').open") is True
    tab.key("?")
    assert tab.evaluate("document.querySelector('#help').open") is False
    tab.key("/")
    tab.key("d")
    assert tab.evaluate("document.querySelector('#find').value") == "d"
    assert data.table("linkedin_actions").count == 1


@pytest.mark.parametrize("width", [360, 1_920])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_and_can_be_read(tab: Tab, desk: str, width: int, is_dark: bool) -> None:
    """Nothing is cut off or has to be scrolled sideways; text stands out from its ground; each field has a label; one heading."""
    log_in(tab)
    tab.set_size(width, is_dark=is_dark)
    for page in PAGES:
        tab.open(f"{desk}{page}")
        found = tab.evaluate(CHECKS)
        assert found == {"wide": 0, "faint": [], "unnamed": [], "headings": 1, "landmarks": 3, "wrong": []}, page
    assert tab.hosts() == {desk.removeprefix("http://")}


def test_message_of_a_campaign_cannot_do_anything(tab: Tab, desk: str, home: Home, data: Database) -> None:
    """Its HTML is shown in a frame without scripts, requests and forms, and so is the frame's own page."""
    asked: list[str] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await PlainTextResponse("seen")(scope, receive, send)

    with serving(note) as elsewhere:
        body = (
            f"<p>Hi {{{{first_name}}}}</p><script>document.title = 'x'; fetch('{elsewhere}/script')</script><img src='{elsewhere}/picture.png'>"
            f"<link rel=stylesheet href='{elsewhere}/style.css'><style>p {{{{ '{{' }}}} background: url({elsewhere}/ground.png) {{{{ '}}' }}}}</style>"
        )
        (home.config / "templates" / "wild.html").write_text(body)
        (home.config / "campaigns" / "wild.yaml").write_text(
            "type: email\nstatus: draft\ndaily_limit: 5\nsteps:\n  - subject: Hello\n    html: templates/wild.html\n"
        )
        log_in(tab)
        tab.open(f"{desk}/campaigns/wild")
        assert "Hi Robin" in tab.text("pre")
        frame = "document.querySelector('iframe')"
        assert tab.evaluate(f"{frame}.getAttribute('sandbox')") == ""
        tab.open(tab.evaluate(f"{frame}.src"))
        assert "Hi Robin" in tab.text("body")
        assert tab.evaluate("document.title") != "x"
    assert asked == []


def test_somebody_unsubscribes_with_a_browser(tab: Tab, home: Home, data: Database, path: Path, clock: VirtualClock) -> None:
    with public_client(home, path, clock) as client:
        for scripts in (True, False):
            tab.set_scripts(on=scripts)
            tab.set_size(360)
            tab.open(f"{client.base_url}/u/mail3")
            assert data.table("suppressions").count == (0 if scripts else 2)
            tab.click("button")
            assert "You are unsubscribed" in tab.text()
            assert data.conn.execute("SELECT count(*) FROM suppressions WHERE kind = 'address'").fetchone()[0] == 1
    tab.set_scripts(on=True)


CHECKS = """(() => {
  const channel = (c) => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const c = parse(getComputedStyle(one).backgroundColor);
      if (c.length < 4 || c[3] > .99) return c;
    }
    return parse(getComputedStyle(document.documentElement).backgroundColor);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    if (!walker.currentNode.data.trim() || !box.width || element.closest("dialog:not([open]), iframe")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) faint.push(element.tagName + "." + element.className + " " + ratio.toFixed(1) + " " + walker.currentNode.data.slice(0, 20));
  }
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")];
  const unnamed = fields.filter((one) => !(one.labels && one.labels.length) && !one.getAttribute("aria-label") && !one.textContent.trim());
  // the order of headings, the language, the names of sections and tables' headers, the order of the Tab key, ids, the focus
  const wrong = [];
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => !one.closest("dialog")).map((one) => Number(one.tagName[1]));
  if (levels.some((level, place) => level > (place ? levels[place - 1] : 0) + 1)) wrong.push("headings " + levels);
  if (document.documentElement.lang !== "en" || !document.title.trim()) wrong.push("language or title");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size < ids.length) wrong.push("an id twice");
  for (const one of document.querySelectorAll("section, body > nav, nav, iframe, article, dialog")) {
    const label = one.getAttribute("aria-labelledby");
    if (!(label ? document.getElementById(label) : one.getAttribute("aria-label") || one.title)) wrong.push("no name: " + one.outerHTML.slice(0, 60));
  }
  for (const one of document.querySelectorAll("th")) if (!one.scope || !one.textContent.trim()) wrong.push("header: " + one.outerHTML);
  for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) wrong.push("tabindex: " + one.outerHTML.slice(0, 60));
  for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!one.getBoundingClientRect().width || one.closest("dialog")) continue;
    one.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement === one && getComputedStyle(one).outlineStyle === "none") wrong.push("focus: " + one.outerHTML.slice(0, 60));
  }
  return {
    wrong: wrong.slice(0, 5),
    wide: Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    faint: faint.slice(0, 5), unnamed: unnamed.map((one) => one.outerHTML.slice(0, 80)),
    headings: document.querySelectorAll("h1").length, landmarks: document.querySelectorAll("header, main, body > nav").length,
  };
})()"""
