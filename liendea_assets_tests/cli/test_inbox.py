import mailbox

from click.testing import CliRunner

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets_tests.outreach.replies.letters import reply


def run(home: Home, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(liendea, [*arguments, "--home", str(home.root)])
    return done.exit_code, done.output


def test_without_a_mailbox_nothing_is_read_and_that_is_said(home: Home) -> None:
    code, told = run(home, "inbox", "read")
    assert code == 0
    assert "nothing was read" in told


def test_from_reading_to_correcting(home: Home) -> None:
    path = home.config / "outreach.yaml"
    text = path.read_text()
    assert "inbox: {sources: []}" in text
    path.write_text(text.replace("inbox: {sources: []}", "inbox: {sources: [{name: answers, kind: maildir, path: data/answers}]}"))
    code, told = run(home, "inbox", "read")
    assert (code, "holds no Maildir" in told) == (1, True)
    mailbox.Maildir(home.data / "answers", create=True).add(
        reply("unsubscribe", subject="please", sender="Lee <lee@other.example>", answers=False)
    )
    assert "unsubscribe: 1" in run(home, "inbox", "read")[1]
    assert "lee@other.example" in run(home, "inbox", "list")[1]
    assert "why:" in run(home, "inbox", "show", "1")[1]
    assert "address: 1" in run(home, "suppression", "count")[1]
    assert "it was unsubscribe" in run(home, "inbox", "correct", "1", "human_reply")[1]
    assert "address" not in run(home, "suppression", "count")[1]
    assert run(home, "inbox", "show", "9")[0] == 1


def test_adding_importing_and_exporting(home: Home) -> None:
    assert "1 added" in run(home, "suppression", "add", "robin@acme.example")[1]
    assert run(home, "suppression", "add", "Robin Weaver")[0] == 1
    given = home.root / "given.csv"
    given.write_text("email\nkim@acme.example\nnobody\n")
    code, told = run(home, "suppression", "import", str(given))
    assert (code, "line 3" in told) == (1, True)
    out = home.root / "out.csv"
    assert "3 entries" in run(home, "suppression", "export", str(out))[1]
    assert run(home, "suppression", "export", str(out))[0] != 0
    assert "added by hand" in run(home, "suppression", "list")[1]
