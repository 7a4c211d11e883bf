"""Handing one message to the user's own mail server. Campaigns do not come here: it tells the user of failures."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from liendea_assets.core.errors import ServiceUnavailable

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in; an empty user name means no login."""

    host: str
    port: int
    username: str = ""
    password: str = ""


def hand_in(server: SmtpServer, message: EmailMessage) -> None:
    """Sends one message, over TLS where the server offers it; a login without TLS is refused.

    Raises:
        ServiceUnavailable: the server did not take it.
    """
    try:
        with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S) as connection:
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
            elif server.username:
                raise ServiceUnavailable("smtp: the server offers no TLS, and a password is not sent in the clear")
            if server.username:
                connection.login(server.username, server.password)
            connection.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise ServiceUnavailable(f"smtp: the message was not taken ({type(error).__name__})") from None
