"""Making a new home, with or without the invented sample."""

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from liendea_assets.core.home import Home, default_config, default_env_file
from liendea_assets.core.keyed_hash import load_key

_SANDBOX_LINE = "REACH_BASE_URL=sandbox"


def make_home(home: Home, *, with_sample: bool) -> Iterator[str]:
    """Creates what is missing, and yields a line about each thing done. Nothing that exists is changed.

    The sample is added only to a home without any data, so that invented people never mix with real ones.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    home.make_private_folder(home.data)
    is_fresh = not any(home.data.glob("*.db")) and not _has_files(home.inbox)
    source = default_config()
    copied = 0
    for path in sorted(source.rglob("*")):
        target = home.config / path.relative_to(source)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            copied += 1
    yield f"{home.config}: {copied} config files added" if copied else f"{home.config}: kept as it is"
    home.inbox.mkdir(parents=True, exist_ok=True)
    load_key(home.data / "secret.key")
    env_file = home.root / ".env"
    if not env_file.exists():
        text = default_env_file().read_text(encoding="utf-8")
        if with_sample and is_fresh:
            text = text.replace("REACH_BASE_URL=\n", f"{_SANDBOX_LINE}\n", 1)
        env_file.touch(mode=0o600)
        env_file.write_text(text, encoding="utf-8")
        reach = "the sandbox stands in for Reach" if _SANDBOX_LINE in text else "set REACH_BASE_URL and REACH_API_TOKEN there"
        yield f"{env_file}: made; {reach}"
    if with_sample and is_fresh:
        sample = Path(str(resources.files("liendea_assets.sandbox"))) / "sample" / "inbox"
        for path in sorted(sample.iterdir()):
            shutil.copyfile(path, home.inbox / path.name)
        yield f"{home.inbox}: {sum(1 for _ in sample.iterdir())} sample files of invented people added"
    elif with_sample:
        yield f"{home.inbox}: no sample added, there is data already"
    else:
        yield f"{home.inbox}: drop GTM workbooks and LinkedIn exports here, then: liendea run --home {home.root}"


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))
