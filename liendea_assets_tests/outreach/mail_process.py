"""A mail server as a process of its own, with a log such as Postfix writes: `python -m … PORT LOG`."""

import os
import sys
import threading
from email import message_from_bytes
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Postmaster:
    """Takes everything, and writes down what it takes before it says so."""

    def __init__(self, log: Path | None) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else None
        self._numbers = count(1)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        if self._log is not None:
            message_id = message_from_bytes(envelope.content)["Message-ID"]
            queue = f"{next(self._numbers):010X}"
            lines = f"postfix/cleanup[7]: {queue}: message-id={message_id}\n"
            lines += f"postfix/qmgr[7]: {queue}: from=<s@northwind.example>, size={len(envelope.content)}, nrcpt=1 (queue active)\n"
            os.write(self._log, lines.encode())
        return "250 2.0.0 queued"


if __name__ == "__main__":
    controller = Controller(Postmaster(Path(sys.argv[2]) if len(sys.argv) > 2 else None), hostname="127.0.0.1", port=int(sys.argv[1]))
    controller.start()
    print("ready", flush=True)  # noqa: T201
    threading.Event().wait()
