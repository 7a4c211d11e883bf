"""The rules of docs/architecture.md that import-linter does not see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "liendea_assets"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))

DAGSTER_MODULES = re.compile(
    r"^(\w+/assets|resources|automation|preview_jobs|definitions|materialized|runs|cli/(run|dev|instance|child))\.py$"
)
NETWORK_LIBRARIES = {"httpx", "smtplib", "imaplib", "dns"}
SQL = re.compile(r"^\s*(SELECT\b.+\bFROM\b|INSERT INTO\b|UPDATE \w+ SET\b|DELETE FROM\b|CREATE (TEMP )?TABLE\b|DROP TABLE\b)", re.DOTALL)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_dagster_is_imported_at_the_rim_alone(path: Path) -> None:
    if not DAGSTER_MODULES.match(path.as_posix()):
        assert not {"dagster", "dagster_webserver", "dagster_shared"} & set(imported(path))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_network_libraries_are_imported_in_clients_alone(path: Path) -> None:
    if path.parts[0] != "clients":
        assert not NETWORK_LIBRARIES & set(imported(path))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_sql_stands_in_stores_and_db_alone(path: Path) -> None:
    if path.parts[0] == "db" or path.name.endswith("store.py"):
        return
    texts = [node.value for node in ast.walk(ast.parse((PACKAGE / path).read_text())) if isinstance(node, ast.Constant)]
    assert not [text for text in texts if isinstance(text, str) and SQL.match(text)]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_the_environment_is_read_in_few_places(path: Path) -> None:
    if path.as_posix() not in {"core/environment.py", "cli/services.py", "cli/instance.py"}:
        assert not re.search(r"os\.(environ|getenv)", (PACKAGE / path).read_text())


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name in {"assets.py", "automation.py", "preview_jobs.py", "resources.py"}], ids=str
)
def test_no_future_annotations_beside_dagster_decorators(path: Path) -> None:
    """Dagster reads the annotations of decorated functions as objects."""
    assert "__future__" not in set(imported(path))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_is_one_idea(path: Path) -> None:
    assert len((PACKAGE / path).read_text().splitlines()) <= 400


def test_help_imports_neither_pandas_nor_dagster() -> None:
    import subprocess
    import sys

    script = "import sys; import liendea_assets.cli.main; print([name for name in ('pandas', 'dagster', 'httpx', 'altair') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
