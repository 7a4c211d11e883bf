"""What is refused before a server is asked; reading a real one is tested in the mail laboratory."""

import socket

import pytest

from liendea_assets.clients.imap import ImapFolder
from liendea_assets.core.errors import ServiceUnavailable, SettingsError
from liendea_assets_tests.clients.imap_server import imap_server


def test_password_never_goes_over_the_net_in_the_clear() -> None:
    folder = ImapFolder("answers", "mail.acme.example", 143, "robin", "secret", security="none")
    with pytest.raises(SettingsError, match="this machine alone"):
        list(folder.read(None))
    assert "secret" not in repr(folder)


def test_server_that_is_not_there_is_told_without_login() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServiceUnavailable, match="answers: the server cannot be reached") as told:
        list(ImapFolder("answers", "127.0.0.1", port, "robin", "secret").read(None))
    assert "robin" not in str(told.value)


def test_message_is_found_by_its_id_and_no_other_by_a_part_of_it() -> None:
    """Servers search for parts of a header, so what they find is looked at."""
    with imap_server() as port:
        folder = ImapFolder("sent", "127.0.0.1", port, "sam", "pass-1234", security="none")
        assert folder.find(["<m7@acmelabs.example>", "<7@acmelabs.example>", '<m7@acmelabs.example> " OR ALL']) == {"<m7@acmelabs.example>"}
