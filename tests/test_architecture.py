"""What import contracts cannot see."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

FLOW = ("accounts", "matching", "events", "funding")
ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("konnect", "matching", "events", "funding", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_VIEW = 20


@pytest.mark.parametrize("label", FLOW)
def test_foreign_keys_point_back_along_the_flow(label):
    fields = [
        field
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
    ]
    targets = {
        field.related_model._meta.app_label
        for field in fields
        if field.is_relation and field.concrete
    }

    assert targets & set(FLOW) <= set(FLOW[: FLOW.index(label) + 1])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_and_functions_are_short(path):
    text = path.read_text()
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    limit = LONGEST_VIEW if "views" in path.parts else LONGEST_FUNCTION

    assert text.count("\n") <= LONGEST_FILE
    assert [f.name for f in functions if body_length(f) > limit] == []


def body_length(function):
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else None
    return function.end_lineno - (first or function.body[0]).lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_names_have_docstrings(path):
    nodes = [
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]

    assert [node.name for node in nodes if not ast.get_docstring(node)] == []


def test_every_own_url_has_a_name():
    own = [
        pattern
        for pattern in walk(get_resolver().url_patterns)
        if pattern.callback.__module__.startswith(("konnect", "matching", "events", "funding"))
    ]

    assert [pattern for pattern in own if not pattern.name] == []


def walk(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from walk(pattern.url_patterns)
