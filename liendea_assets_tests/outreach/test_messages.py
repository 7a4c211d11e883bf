import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.errors import TemplateProblem
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.messages import Composer, Message
from liendea_assets_tests.outreach.campaigns import KEY, OTHER_KEY, SETTINGS, make_campaign

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
ADDRESS = "robin.weaver@acmelabs.example"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


def compose(campaign: Campaign | None = None, key: bytes = KEY, /, **changed: object) -> Message:
    contact: dict[str, object] = {
        "contact_id": 7,
        "full_name": "Robin Weaver",
        "first_name": "Robin",
        "last_name": "Weaver",
        "title": "VP Sales",
        "company": "Acme Labs",
        "industry": "Software",
        "mutual_connection": None,
        "targeting_reason": "Title VP Sales (+25)",
        "work_email": ADDRESS,
        "linkedin_url": "https://www.linkedin.com/in/robin-weaver",
        **changed,
    }
    return Composer(campaign or make_campaign(), SETTINGS, key).compose(contact, NOW)


def parse(message: Message) -> EmailMessage:
    """The e-mail as a mail program reads it."""
    parsed = email.message_from_bytes(message.text.encode("ascii"), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def body(message: Message) -> str:
    content: str = parse(message).get_content()
    return content


def recipients(message: Message) -> list[str]:
    parsed = parse(message)
    assert len(parsed.get_all("To", [])) == 1
    assert not parsed.get_all("Cc", []) + parsed.get_all("Bcc", [])
    return [address.addr_spec for address in parsed["To"].addresses]


def test_email_reads_back_as_it_was_meant() -> None:
    parsed = parse(compose())
    assert parsed["From"] == "Sam Rivera <sam.rivera@northwind.example>"
    assert parsed["To"] == "Robin Weaver <robin.weaver@acmelabs.example>"
    assert parsed["Subject"] == "Robin, a question"
    assert parsed["Date"].datetime == NOW
    assert parsed.get_content_type() == "text/plain"


def test_email_has_the_headers_it_needs_and_no_other() -> None:
    assert sorted(parse(compose()).keys()) == sorted(HEADERS)


def test_body_identifies_the_sender_and_tells_how_to_end_it() -> None:
    text = body(compose())
    assert text.startswith("Hi Robin of Acme Labs")
    assert "This is a commercial message from Northwind Analytics." in text
    assert 'Reply with "unsubscribe" or write to unsubscribe@northwind.example.' in text
    assert "Northwind Analytics, 1 Sample Street, Springfield, IL 62701, USA" in text


def test_lines_end_as_they_do_on_the_wire() -> None:
    assert "\n" not in compose().text.replace("\r\n", "")


@pytest.mark.parametrize(
    "name",
    [
        "Weaver, Robin",
        'Robin "The Weaver" Weaver',
        "Robin <evil@evil.example>",
        "evil@evil.example, Robin",
        "Robin; evil@evil.example",
        "Friends: evil@evil.example;",
        "Robin \\",
        'Robin" <evil@evil.example>, "x',
        "(Robin)",
        "Zoë Łukasz",
        "山田 太郎",
        "Ångström, Jörg",
        "Robin 🚀",
        "R" * 300,
    ],
)
def test_whatever_the_name_there_is_one_recipient(name: str) -> None:
    assert recipients(compose(full_name=name)) == [ADDRESS]


@pytest.mark.parametrize("name", ["Zoë Łukasz", "山田 太郎", "Ångström, Jörg", "Weaver, Robin", 'Robin "W" Weaver'])
def test_name_arrives_as_it_is(name: str) -> None:
    assert parse(compose(full_name=name))["To"].addresses[0].display_name == name


@pytest.mark.parametrize("field", ["full_name", "first_name", "company", "title"])
@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85"])
def test_line_breaks_add_no_header(field: str, breaks: str) -> None:
    campaign = make_campaign(subject="{{ first_name }} {{ title }} {{ company }}")
    message = compose(campaign, **{field: f"Robin{breaks}Bcc: evil@evil.example{breaks}{breaks}Body"})
    assert sorted(parse(message).keys()) == sorted(HEADERS)
    assert recipients(message) == [ADDRESS]
    assert "Northwind Analytics, 1 Sample Street" in body(message)


def test_subject_of_a_template_over_several_lines_is_one_line() -> None:
    assert parse(compose(make_campaign(subject="One\n  two\tthree")))["Subject"] == "One two three"


def test_long_list_unsubscribe_is_not_folded() -> None:
    """Folding breaks DKIM on some relays."""
    lines = compose().text.split("\r\n")
    header = next(line for line in lines if line.startswith("List-Unsubscribe:"))
    assert len(header) > 78
    assert header.startswith("List-Unsubscribe: <mailto:unsubscribe@northwind.example?subject=unsubscribe-")
    assert header.endswith(">")


def test_message_id_stays_for_the_same_person_and_campaign() -> None:
    first = compose()
    assert first.message_id == compose(full_name="Robin Other", work_email="other@acmelabs.example").message_id
    assert first.message_id == parse(first)["Message-ID"]
    assert str(first.message_id).endswith("@northwind.example>")


def test_message_id_differs_by_person_campaign_and_key() -> None:
    ids = {
        compose().message_id,
        compose(contact_id=8).message_id,
        compose(make_campaign(name="another")).message_id,
        compose(None, OTHER_KEY).message_id,
    }
    assert len(ids) == 4


def test_same_input_gives_the_same_bytes() -> None:
    assert compose() == compose()
    assert compose().sha256 == compose().sha256 != compose(first_name="Alex").sha256


@pytest.mark.parametrize("address", ["jörg@acmelabs.example", "robin@müller.example", "robin@例え.example"])
def test_address_beyond_ascii_is_a_problem_that_names_nobody(address: str) -> None:
    with pytest.raises(TemplateProblem, match="SMTPUTF8") as caught:
        compose(work_email=address)
    assert address not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "robin@acmelabs.example, evil@evil.example",
        "Robin <robin@acmelabs.example>",
        "robin@acmelabs.example\r\nBcc: evil@evil.example",
        '"robin"@acmelabs.example',
        "robin@acmelabs.example ",
        "robin",
        "@acmelabs.example",
        "robin@",
        "",
        "robin weaver@acmelabs.example",
        "robin@acme@labs.example",
    ],
)
def test_address_that_is_none_is_a_problem_and_not_a_crash(address: str) -> None:
    """Providers answer with any text; it must not stop the messages to everybody else."""
    with pytest.raises(TemplateProblem, match="not one that mail servers accept"):
        compose(work_email=address)


@pytest.mark.parametrize("field", ["full_name", "first_name"])
def test_nul_is_a_problem(field: str) -> None:
    with pytest.raises(TemplateProblem, match="NUL"):
        compose(**{field: "Robin\x00"})


def test_encoded_word_is_a_problem() -> None:
    """`=2C` in it is a comma, and what follows another recipient."""
    with pytest.raises(TemplateProblem, match="encoded word"):
        compose(full_name="=?utf-8?q?evil=40evil=2Eexample=2C_Robin?=")


@pytest.mark.parametrize("missing", [None, ""])
def test_unknown_value_is_a_missing_variable(missing: str | None) -> None:
    with pytest.raises(TemplateProblem, match="'company' is undefined"):
        compose(company=missing)


def test_reason_may_be_told() -> None:
    assert "Because: Title VP Sales (+25)" in body(compose(make_campaign(body="Because: {{ reason }}")))


def test_linkedin_message_is_the_text_alone() -> None:
    message = compose(make_campaign("linkedin_message"), work_email=None)
    assert (message.message_id, message.text) == (None, "Hi Robin of Acme Labs")


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
)
def test_no_text_gets_out_of_its_place(name: str, company: str) -> None:
    """One recipient, our headers, the address of the sender in the body; or no message, with the reason."""
    try:
        message = compose(make_campaign(subject="To {{ company }}"), full_name=name, first_name=name, company=company)
    except TemplateProblem:
        return
    assert recipients(message) == [ADDRESS]
    assert sorted(parse(message).keys()) == sorted(HEADERS)
    assert "1 Sample Street" in body(message)
