"""A real browser that is driven: pages of a server are opened, clicked and typed into, with scripts or without."""

import base64
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from liendea_assets_tests.browser import CHROMIUM

STARTS_WITHIN_S = 60
ANSWERS_WITHIN_S = 30
# nothing that Chromium does for itself may stand among the requests of a page
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --disable-default-apps --remote-debugging-port=0 --window-size=1280,900"
)


class Tab:
    """A tab of the browser, by Chromium's own protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self._events: list[dict[str, Any]] = []
        self._session: str | None = None
        self.requested: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    @property
    def problems(self) -> list[str]:
        """What the console says: blocked by the page's policy, or an error of a script."""
        texts = [event["params"]["entry"]["text"] for event in self._events if event["method"] == "Log.entryAdded"]
        failed = [event["params"]["exceptionDetails"]["text"] for event in self._events if event["method"] == "Runtime.exceptionThrown"]
        return [text for text in texts + failed if "favicon" not in text]

    def hosts(self) -> set[str]:
        """Where requests went."""
        return {urlsplit(url).netloc for url in self.requested if urlsplit(url).scheme not in ("data", "about", "blob")}

    def set_scripts(self, *, on: bool) -> None:
        self._call("Emulation.setScriptExecutionDisabled", value=not on)

    def set_size(self, width: int, height: int = 900, *, is_dark: bool = False) -> None:
        is_phone = width < 700
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, url: str) -> None:
        with self._loading():
            self._call("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page; it works without the page's scripts too."""
        found = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def text(self, selector: str = "main") -> str:
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def click(self, selector: str) -> None:
        """Clicks with the mouse on what a selector finds, and waits for the page that comes."""
        with self._loading():
            self._press(selector)

    def press_only(self, selector: str) -> None:
        """Clicks, where no other page comes."""
        self._press(selector)

    def fill(self, selector: str, text: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).value = ''")
        self._call("Input.insertText", text=text)

    def key(self, key: str, *, loads: bool = False) -> None:
        """Presses a key; waits for another page where it leads to one."""
        if loads:
            with self._loading():
                self._key(key)
        else:
            self._key(key)

    def shoot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shot = self._call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _key(self, key: str) -> None:
        text = {"Enter": "\r"}.get(key, key)
        self._call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text)
        self._call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def _press(self, selector: str) -> None:
        script = f"""(() => {{ const element = document.querySelector({json.dumps(selector)}); element.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = element.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"""
        x, y = self.evaluate(script)
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    @contextmanager
    def _loading(self) -> Iterator[None]:
        before = sum(event["method"] == "Page.loadEventFired" for event in self._events)
        yield
        give_up_at = time.monotonic() + ANSWERS_WITHIN_S
        while sum(event["method"] == "Page.loadEventFired" for event in self._events) == before:
            assert time.monotonic() < give_up_at, "no page came"
            self._take(self._connection.recv(timeout=ANSWERS_WITHIN_S))

    def _call(self, method: str, **parameters: object) -> Any:
        self._number += 1
        session = {} if self._session is None else {"sessionId": self._session}
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters, **session}))
        while True:
            answer = self._take(self._connection.recv(timeout=ANSWERS_WITHIN_S))
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def _take(self, text: str | bytes) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(text)
        if "method" in message:
            self._events.append(message)
            if message["method"] == "Network.requestWillBeSent":
                self.requested.append(message["params"]["request"]["url"])
        return message


@contextmanager
def browsing(profile: Path) -> Iterator[Tab]:
    """A browser of its own for as long as the block lasts."""
    command = [CHROMIUM, *FLAGS.split(), f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_address(profile, process), max_size=None, proxy=None) as connection:
            yield Tab(connection)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(profile: Path, process: "subprocess.Popen[bytes]") -> str:
    told = profile / "DevToolsActivePort"
    give_up_at = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < give_up_at and process.poll() is None:
        if told.exists() and (found := re.match(r"(\d+)\n(/\S+)", told.read_text())):
            return f"ws://127.0.0.1:{found.group(1)}{found.group(2)}"
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")
