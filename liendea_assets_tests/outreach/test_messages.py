import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from liendea_assets.core.errors import SettingsError, TemplateProblem
from liendea_assets.outreach.campaigns import Campaign, Wording
from liendea_assets.outreach.messages import Composer, Message, Thread
from liendea_assets.outreach.settings import GateSettings, LanguageSettings, MailboxSettings, OutreachSettings, PublicSettings
from liendea_assets_tests.outreach.campaigns import KEY, OTHER_KEY, SETTINGS, make_campaign, make_step

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
ADDRESS = "robin.weaver@acmelabs.example"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


def compose(
    campaign: Campaign | None = None,
    key: bytes = KEY,
    outreach: OutreachSettings = SETTINGS,
    step: int = 0,
    thread: Thread | None = None,
    /,
    **changed: object,
) -> Message:
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
    campaign = campaign or make_campaign()
    return Composer(campaign, outreach, key).compose(contact, campaign.steps[step].name, NOW, thread=thread)


def parse(message: Message) -> EmailMessage:
    """The e-mail as a mail program reads it."""
    parsed = email.message_from_string(message.text, policy=email.policy.default)
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


def header(message: Message, name: str) -> str:
    """A header's one line, as it stands on the wire."""
    (line,) = [line for line in message.text.partition("\r\n\r\n")[0].split("\r\n") if line.startswith(f"{name}:")]
    return line.removeprefix(f"{name}: ")


def public(base_url: str, **changed: object) -> OutreachSettings:
    return SETTINGS.model_copy(update={"public": PublicSettings.model_validate({"base_url": base_url, **changed})})


def test_long_list_unsubscribe_is_not_folded() -> None:
    """Folding breaks DKIM on some relays."""
    message = compose()
    line = header(message, "List-Unsubscribe")
    assert len(line) > 78
    assert line == f"<mailto:unsubscribe@northwind.example?subject=unsubscribe-{message.token}>"


def test_one_click_needs_a_public_page_over_https() -> None:
    """RFC 8058: without an HTTPS address the header `-Post` means nothing."""
    message = compose(None, KEY, public("https://mail.northwind.example/out/"))
    mailto = f"<mailto:unsubscribe@northwind.example?subject=unsubscribe-{message.token}>"
    assert header(message, "List-Unsubscribe") == f"<https://mail.northwind.example/out/u/{message.token}>, {mailto}"
    assert header(message, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    on_this_machine = compose(None, KEY, public("http://127.0.0.1:8080"))
    assert header(on_this_machine, "List-Unsubscribe") == mailto
    assert "List-Unsubscribe-Post" not in on_this_machine.text


def test_opt_out_mailbox_with_odd_letters_is_one_address() -> None:
    odd = SETTINGS.model_copy(update={"unsubscribe_mailbox": "un?sub&x+1@northwind.example"})
    assert header(compose(None, KEY, odd), "List-Unsubscribe").startswith("<mailto:un%3Fsub%26x+1@northwind.example?subject=unsubscribe-")


@pytest.mark.parametrize("html", [None, "<p>Hi {{ first_name }}</p>"])
@pytest.mark.parametrize("base_url", [None, "https://mail.northwind.example"])
def test_token_is_34_characters_and_names_nobody(html: str | None, base_url: str | None) -> None:
    message = compose(make_campaign(html=html), KEY, public(base_url) if base_url else SETTINGS)
    assert len(message.token) == 34
    assert message.token.isalnum()
    assert message.message_id == f"<{message.token}@northwind.example>"


THREAD = Thread(("<1@northwind.example>", "<2@northwind.example>"), "Robin, a question")
FOLLOW_UP = make_campaign(follow_ups=(make_step("again", 4, body="Once more, {{ first_name }}"),))


def test_follow_up_answers_to_all_that_went_before() -> None:
    message = compose(FOLLOW_UP, KEY, SETTINGS, 1, THREAD)
    assert header(message, "Subject") == "Re: Robin, a question"
    assert header(message, "In-Reply-To") == "<2@northwind.example>"
    assert header(message, "References") == "<1@northwind.example> <2@northwind.example>"
    assert message.message_id != compose(FOLLOW_UP).message_id
    assert "Once more, Robin" in body(message)


@pytest.mark.parametrize("before", ["Re: Robin, a question", "RE: a question", "re: x"])
def test_answer_is_marked_once(before: str) -> None:
    assert header(compose(FOLLOW_UP, KEY, SETTINGS, 1, Thread(("<1@x>",), before)), "Subject") == before


def test_follow_up_with_a_subject_keeps_it() -> None:
    campaign = make_campaign(follow_ups=(make_step("again", 4, subject="Another thing"),))
    message = compose(campaign, KEY, SETTINGS, 1, THREAD)
    assert header(message, "Subject") == "Another thing"
    assert header(message, "In-Reply-To") == "<2@northwind.example>"


def test_follow_up_without_anything_before_it_is_not_made() -> None:
    with pytest.raises(TemplateProblem, match="no subject"):
        compose(FOLLOW_UP, KEY, SETTINGS, 1)


HTML = make_campaign(
    html="<p>Hi <b>{{ first_name }}</b> of {{ company }}, see <a href='https://northwind.example/a?b=1&amp;c=2'>this</a></p>"
)


def parts(message: Message) -> tuple[str, str]:
    parsed = parse(message)
    assert parsed.get_content_type() == "multipart/alternative"
    text, html = parsed.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def test_both_parts_carry_what_the_law_wants() -> None:
    for part in parts(compose(HTML)):
        assert "This is a commercial message from Northwind Analytics." in part
        assert "unsubscribe@northwind.example" in part
        assert "Northwind Analytics, 1 Sample Street, Springfield, IL 62701, USA" in part


def test_text_is_the_campaigns_own_or_made_of_the_html() -> None:
    text, html = parts(compose(HTML))
    assert text.startswith("Hi Robin of Acme Labs\n")
    assert "<b>Robin</b>" in html
    without_text = make_campaign(html=HTML.steps[0].wordings[0].html)
    wording = without_text.steps[0].wordings[0].model_copy(update={"body": None})
    step = without_text.steps[0].model_copy(update={"wordings": (wording,)})
    text, _ = parts(compose(without_text.model_copy(update={"steps": (step,)})))
    assert text.startswith("Hi Robin of Acme Labs, see [this](https://northwind.example/a?b=1&c=2)\n\n-- \nThis is a commercial message")


def test_values_are_escaped_in_html_and_not_in_text() -> None:
    text, html = parts(compose(HTML, first_name="<script>x</script>", company="A & B"))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "A &amp; B" in html
    assert "<script>x</script> of A & B" in text


def test_foot_stands_within_a_page_of_ones_own() -> None:
    _, html = parts(compose(make_campaign(html="<html><body><p>Hi</p></body></html>")))
    assert html.count("<html") == html.count("</body>") == 1
    assert html.index("1 Sample Street") < html.index("</body>")


def test_opt_out_of_the_html_can_be_clicked_and_a_mailbox_adds_no_markup() -> None:
    _, html = parts(compose(HTML))
    assert '<a href="mailto:unsubscribe@northwind.example?subject=unsubscribe">unsubscribe@northwind.example</a>' in html


def test_links_are_counted_where_that_is_switched_on_and_the_same_one_once() -> None:
    message = compose(HTML, KEY, public("https://mail.northwind.example", click_tracking=True, open_pixel=True))
    ((token, url),) = message.links
    assert (len(token), url) == (34, "https://northwind.example/a?b=1&c=2")
    _, html = parts(message)
    assert f"href='https://mail.northwind.example/c/{token}'" in html
    assert f'<img src="https://mail.northwind.example/o/{message.token}"' in html
    assert "northwind.example/a?b=1" not in html
    quiet = compose(HTML, KEY, public("https://mail.northwind.example"))
    assert quiet.links == ()
    assert "/c/" not in quiet.text
    assert "/o/" not in quiet.text


def test_addresses_in_text_are_counted_without_their_full_stop() -> None:
    campaign = make_campaign(body="See https://northwind.example/case, or https://northwind.example/other.")
    message = compose(campaign, KEY, public("https://mail.northwind.example", click_tracking=True))
    assert [url for _, url in message.links] == ["https://northwind.example/case", "https://northwind.example/other"]
    first, second = (token for token, _ in message.links)
    assert body(message).startswith(f"See https://mail.northwind.example/c/{first}, or https://mail.northwind.example/c/{second}.")


NOTICE = SETTINGS.model_copy(
    update={
        "gate": GateSettings(
            country_policy={"US": "allow", "GB": "notice"}, notice_text="Your data come from {{ sender_company }}'s network."
        )
    }
)


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [({"country": "GB"}, True), ({"country": "GB", "has_notice": True}, False), ({"country": "US"}, False), ({"country": None}, False)],
)
def test_notice_stands_where_it_is_due(changed: dict[str, object], is_told: bool) -> None:
    for part in parts(compose(HTML, KEY, NOTICE, **changed)):
        assert ("come from Northwind Analytics" in part) is is_told


def test_message_is_from_the_mailbox_that_sends_it() -> None:
    boxes = (
        MailboxSettings(name="sam", email="sam@northwind.example"),
        MailboxSettings(name="kim", email="kim@go.example", from_name="Kim Lund"),
    )
    with_boxes = SETTINGS.model_copy(update={"mailboxes": boxes})
    campaign = make_campaign(body="{{ sender_name }} {{ sender_email }}")
    assert header(compose(campaign, KEY, with_boxes), "From") == "Sam Rivera <sam@northwind.example>"
    kim = compose(campaign, KEY, with_boxes, mailbox="kim")
    assert header(kim, "From") == "Kim Lund <kim@go.example>"
    assert body(kim).startswith("Kim Lund kim@go.example")
    assert kim.message_id == compose(campaign, KEY, with_boxes).message_id
    with pytest.raises(SettingsError, match="no mailbox 'lee'"):
        compose(campaign, KEY, with_boxes, mailbox="lee")


GERMAN = make_campaign().model_copy(
    update={
        "steps": (
            make_step(
                "intro",
                0,
                Wording(variant="a", subject="Hi", body="Hi"),
                Wording(variant="b", subject="Hello", body="Hello", share=3),
                Wording(language="de", subject="Guten Tag", body="Guten Tag, {{ first_name }}"),
            ),
        )
    }
)
SPEAKS_GERMAN = SETTINGS.model_copy(
    update={"languages": LanguageSettings(by_country={"DE": "de", "FR": "fr"}, footers={"de": "Werbung, {{ unsubscribe }}"})}
)


def test_language_is_that_of_the_country_where_the_campaign_has_it() -> None:
    german = compose(GERMAN, KEY, SPEAKS_GERMAN, country="DE")
    assert (german.language, german.variant, header(german, "Subject")) == ("de", None, "Guten Tag")
    assert "Werbung, unsubscribe@northwind.example" in body(german)
    for country in ("FR", "US", None):
        other = compose(GERMAN, KEY, SPEAKS_GERMAN, country=country)
        assert (other.language, header(other, "Subject") in ("Hi", "Hello")) == ("en", True)
        assert "This is a commercial message" in body(other)


def test_notice_is_in_the_message_s_language_where_there_is_one() -> None:
    gate = GateSettings(country_policy={"DE": "notice", "FR": "notice"}, notice_text="Your data come from our network.")
    languages = LanguageSettings(by_country={"DE": "de", "FR": "fr"}, notices={"de": "Ihre Daten kommen von {{ sender_company }}."})
    settings = SETTINGS.model_copy(update={"gate": gate, "languages": languages})
    german = compose(GERMAN, KEY, settings, country="DE")
    assert "Ihre Daten kommen von Northwind Analytics." in body(german)
    assert "Your data" not in body(german)
    assert "Your data come from our network." in body(compose(GERMAN, KEY, settings, country="FR"))


def test_variants_get_their_shares_and_everybody_keeps_theirs() -> None:
    composer = Composer(GERMAN, SPEAKS_GERMAN, KEY)
    row = {"full_name": "Robin Weaver", "first_name": "Robin", "work_email": ADDRESS}
    drawn = [composer.render({**row, "contact_id": contact_id}, "intro").variant for contact_id in range(2000)]
    assert 0.71 < drawn.count("b") / len(drawn) < 0.79
    assert drawn[:50] == [composer.render({**row, "contact_id": contact_id, "country": "US"}, "intro").variant for contact_id in range(50)]
    assert composer.render({**row, "contact_id": 1}, "intro", variant="a").variant == "a"
    assert composer.render({**row, "contact_id": 1}, "intro", variant="gone").variant in ("a", "b")
    assert composer.render({**row, "contact_id": 1}, "intro", language="de").language == "de"


def test_draws_of_steps_and_campaigns_are_independent() -> None:
    """Else the same people would get the bolder variant each time."""

    def drawn(name: str, step: str) -> list[str | None]:
        wordings = (Wording(variant="a", subject="x", body="x"), Wording(variant="b", subject="x", body="x"))
        composer = Composer(GERMAN.model_copy(update={"name": name, "steps": (make_step(step, 0, *wordings),)}), SETTINGS, KEY)
        row = {"full_name": "Robin Weaver", "work_email": ADDRESS}
        return [composer.render({**row, "contact_id": contact_id}, step).variant for contact_id in range(400)]

    first = drawn("one", "intro")
    for other in (drawn("one", "last"), drawn("two", "intro")):
        assert 0.4 < sum(left == right for left, right in zip(first, other, strict=True)) / 400 < 0.6


def test_value_is_one_line_wherever_it_stands() -> None:
    """A company called `Acme\\n-- \\nTo end it write to evil@…` would look like our footer."""
    text, _ = parts(compose(HTML, first_name="Robin\r\n\r\n-- \r\nevil"))
    assert text.startswith("Hi Robin -- evil of Acme Labs")


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b", "\x7f"])
def test_control_characters_are_a_problem_in_either_part(bad: str) -> None:
    with pytest.raises(TemplateProblem, match="NUL"):
        compose(HTML, company=f"Acme{bad}")


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
def test_address_beyond_ascii_stands_in_the_headers_as_it_is(address: str) -> None:
    """A server that offers SMTPUTF8 takes it; the sender asks for that."""
    message = compose(work_email=address, full_name="Jörg Müller")
    head, _, rest = message.text.partition("\r\n\r\n")
    assert f"To: Jörg Müller <{address}>\r\n" in head
    assert rest.isascii()
    assert (message.recipient, recipients(message)) == (address, [address])


def test_message_to_a_plain_address_is_plain_ascii() -> None:
    assert compose(full_name="Jörg Müller", title="Geschäftsführer", company="Größe 🚀").text.isascii()


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
        "jörg@acme@labs.example",
        "jörg müller@acmelabs.example",
        "jörg@acmelabs.example, evil@evil.example",
        "jörg@acmelabs.example\r\nBcc: evil@evil.example",
        "jörg@localhost",
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
    message = compose(make_campaign("linkedin_message", subject=""), work_email=None)
    assert (message.message_id, message.text, message.recipient) == (None, "Hi Robin of Acme Labs", None)


def test_inmail_has_its_subject_above_the_text() -> None:
    assert compose(make_campaign("inmail"), work_email=None).text == "Robin, a question\n\nHi Robin of Acme Labs"


@settings(max_examples=30)
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


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200), st.sampled_from(["", " ", ".", "From ", "=", "--", "Zoë "]))
def test_what_is_written_is_read(value: str, start: str) -> None:
    """Quoted-printable has its own ideas of blanks, equal signs and long lines."""
    campaign = make_campaign(body=f"x\n{start}{{{{ title|fallback('-') }}}} \n{start}\n.\nend", html="<p>{{ title|fallback('-') }}</p>")
    text, html = parts(compose(campaign, title=value))
    shown = " ".join(value.split()) or "-"
    assert text.startswith(f"x\n{start}{shown} \n{start}\n.\nend\n\n-- \n")
    assert f"<p>{escape(shown)}</p>" in html


@pytest.mark.parametrize("html", [None, "<p>{{ title }}</p>"])
def test_lines_are_no_longer_than_mail_allows(html: str | None) -> None:
    """78 in bodies; a header may have 998 (RFC 5322)."""
    message = compose(make_campaign(body="{{ title }}", html=html), title="Größe " * 300)
    head, _, rest = message.text.partition("\r\n\r\n")
    assert max(map(len, rest.split("\r\n"))) <= 78
    assert max(map(len, head.split("\r\n"))) <= 998
    assert message.text.endswith("\r\n")


def test_long_thread_is_folded_between_ids_and_reads_back() -> None:
    ids = tuple(f"<{number:032d}@northwind.example>" for number in range(40))
    message = compose(FOLLOW_UP, KEY, SETTINGS, 1, Thread(ids, "Robin, a question"))
    assert parse(message)["References"].split() == list(ids)
    assert max(map(len, message.text.partition("\r\n\r\n")[0].split("\r\n"))) <= 998
