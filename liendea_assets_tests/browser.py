"""A real browser, without network, for pages that people open."""

import html
import subprocess
from pathlib import Path

CHROMIUM = "/usr/bin/chromium"
TIMEOUT_S = 60
# The narrowest window that Chromium makes is 500 pixels wide, so the page is measured in a frame of the width that is asked for.
_FRAME = """<!doctype html><body style="margin:0"><iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}"></iframe>
<script>addEventListener("load", () => {{
  const root = document.querySelector("iframe").contentDocument.documentElement;
  document.body.textContent = "measured " + root.clientWidth + " " + root.scrollWidth;
}});</script>"""


def load(page: Path, profile: Path) -> str:
    """The document as the browser has it after the page's scripts, if any, have run."""
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --window-size=1920,1000"
    )
    command = [CHROMIUM, *flags.split(), f"--user-data-dir={profile}", "--dump-dom", page.absolute().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=True)
    return done.stdout


def measure(page: str, width: int, folder: Path) -> tuple[int, int]:
    """(width of the view, width of the content) of a page in a view of this width; equal where nothing has to be scrolled sideways."""
    frame = folder / f"frame_{width}.html"
    frame.write_text(_FRAME.format(width=width, page=html.escape(page)), encoding="utf-8")
    _, _, measured = load(frame, folder / "profile").partition("measured ")
    view, content = measured.split("<")[0].split()
    return int(view), int(content)
