from dataclasses import replace
from typing import Any

import pytest

from liendea_assets.clients.imap_probe import ImapServer, count_messages
from liendea_assets.core.errors import ServiceUnavailable
from liendea_assets_tests.clients.imap_server import imap_server
from liendea_assets_tests.clients.servers import free_port


def test_messages_of_a_folder_are_counted_by_either_login() -> None:
    with imap_server() as port:
        server = ImapServer("127.0.0.1", port, "sam", "pass-1234", security="none")
        assert count_messages(server, "INBOX") == 12
        assert count_messages(replace(server, auth="xoauth2"), "INBOX") == 12


@pytest.mark.parametrize(
    ("changed", "folder", "told"),
    [
        ({"password": "wrong"}, "INBOX", "the login failed"),
        ({"password": "wrong", "auth": "xoauth2"}, "INBOX", "the login failed"),
        ({}, "Archive", "no such folder"),
        ({"security": "starttls"}, "INBOX", "STARTTLS failed"),
        ({"security": "tls"}, "INBOX", "the connection failed"),
        ({"host": "192.0.2.1"}, "INBOX", "only a server on this machine"),
    ],
)
def test_what_fails_is_told_without_the_servers_words(changed: dict[str, Any], folder: str, told: str) -> None:
    with imap_server() as port:
        server = replace(ImapServer("127.0.0.1", port, "sam", "pass-1234", security="none"), **changed)
        with pytest.raises(ServiceUnavailable, match=told) as problem:
            count_messages(server, folder)
    assert "sam" not in str(problem.value)
    assert "pass-1234" not in repr(server)


def test_nobody_there_is_told() -> None:
    with pytest.raises(ServiceUnavailable, match="the connection failed"):
        count_messages(ImapServer("127.0.0.1", free_port(), "sam", "x", security="none"), "INBOX")
