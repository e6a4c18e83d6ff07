"""The house: imports run down the floors and never in a circle, files fit in a head, functions on a screen."""

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS = ["autodata", "nodes", "graphs", "evals", "app"]
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MAX_FILE, MAX_TEST_FILE, MAX_FUNCTION = 260, 400, 45


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module of ours that a file imports at its top level."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in FLOORS}


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_a_file_is_one_idea_and_imports_run_down(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert len(path.read_text("utf-8").splitlines()) <= MAX_FILE
    assert ast.get_docstring(tree) or not tree.body, "the first line says what the file is for"
    floor = FLOORS.index(path.relative_to(ROOT).parts[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                if name.split(".")[0] in FLOORS:
                    assert FLOORS.index(name.split(".")[0]) <= floor, f"{name} is on a floor above"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, f"{node.name} does not fit on a screen"


@pytest.mark.parametrize("path", TESTS, ids=module)
def test_a_test_file_is_of_a_readable_length(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MAX_TEST_FILE


def test_imports_make_no_circle() -> None:
    known = {module(path): path for path in SOURCES}
    graph = {name: {found for found in imports(path) if found in known} - {name} for name, path in known.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a circle: {' -> '.join([*trail, name])}"
        if name not in done:
            for needed in graph[name]:
                visit(needed, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not {path.name for path in SOURCES} & {"utils.py", "helpers.py", "common.py", "misc.py"}
