"""An IMAP server on loopback with one account and one folder, for whoever looks whether a mailbox can be read."""

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MESSAGE = b"From: robin@acmelabs.example\r\nMessage-ID: <m7@acmelabs.example>\r\nSubject: Re: a question\r\n\r\nYes.\r\n"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, command, *arguments = line.decode().strip().split(" ")
            match command.upper():
                case "CAPABILITY":
                    self._say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2")
                    self._say(f"{tag} OK done")
                case "LOGIN":
                    self._say(
                        f"{tag} OK welcome" if [word.strip('"') for word in arguments] == ["sam", "pass-1234"] else f"{tag} NO not you, sam"
                    )
                case "AUTHENTICATE":
                    self._say("+ ")
                    given = base64.b64decode(self.rfile.readline())
                    self._say(f"{tag} OK welcome" if given == b"user=sam\x01auth=Bearer pass-1234\x01\x01" else f"{tag} NO not you, sam")
                case "EXAMINE" if arguments == ['"INBOX"']:
                    self._say("* 1 EXISTS")
                    self._say("* OK [UIDVALIDITY 3] numbers")
                    self._say(f"{tag} OK [READ-ONLY] done")
                case "UID" if arguments[0] == "SEARCH":
                    self._say("* SEARCH 7")
                    self._say(f"{tag} OK done")
                case "UID" if arguments[:2] == ["FETCH", "7"]:
                    self._say(f"* 1 FETCH (UID 7 RFC822.SIZE {len(MESSAGE)} BODY[]<0> {{{len(MESSAGE)}}}")
                    self.wfile.write(MESSAGE)
                    self._say(")")
                    self._say(f"{tag} OK done")
                case "LOGOUT":
                    self._say("* BYE")
                    self._say(f"{tag} OK done")
                    return
                case _:
                    self._say(f"{tag} NO {command} is not for you")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def imap_server() -> Iterator[int]:
    """Yields the port; the account is sam with pass-1234, its INBOX has a message."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
