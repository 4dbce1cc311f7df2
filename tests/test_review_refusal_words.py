"""What the core says no with is told in Norwegian on Norwegian pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from anonpipe.review import desk, papers, planning, sheet, signing
from anonpipe.review.web.refusal_words import SENTENCES, told

ERRORS = {"UsageError", "RecordingError"}


def skeleton(node: ast.expr) -> str | None:
    """A sentence in the source, with {} for values; None for what is no sentence."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None


def sentences(module: ModuleType) -> Iterator[str]:
    """All that a module raises, and all that it says hinders a signature."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        said: ast.expr | None = None
        if isinstance(node, ast.Call) and node.args:
            raised = isinstance(node.func, ast.Name) and node.func.id in ERRORS
            hinders = (
                isinstance(node.func, ast.Attribute)
                and node.func.attr == "append"
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "hindered"
            )
            said = node.args[0] if raised or hinders else None
        elif isinstance(node, ast.FunctionDef) and node.name == "_out_of_order":
            yield from (
                found
                for each in ast.walk(node)
                if isinstance(each, ast.Yield) and each.value and (found := skeleton(each.value))
            )
        if said is not None and (found := skeleton(said)):
            yield found


def test_every_sentence_has_a_translation_and_no_translation_is_left_over() -> None:
    found = {s for module in (planning, desk, sheet, papers, signing) for s in sentences(module)}
    assert found == SENTENCES.keys()


@pytest.mark.parametrize("key", SENTENCES)
def test_values_stand_where_they_belong(key: str) -> None:
    values = [f"R{number:02}" for number in range(1, key.count("{}") + 1)]
    assert told(key.format(*values), "nb") == SENTENCES[key].format(*values)
    assert told(key.format(*values), "en") == key.format(*values)


def test_what_nobody_translated_is_told_as_it_is() -> None:
    assert told("Port 80 cannot be used here.", "nb") == "Port 80 cannot be used here."
