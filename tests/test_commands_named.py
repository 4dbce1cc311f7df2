"""Every command line that a text of the program names can be typed: README, docs, messages."""

from __future__ import annotations

import ast
import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from anonpipe.cli import cli
from anonpipe.cli.options import DefaultGroup
from anonpipe.cli.questions import DEFAULT, Questions
from anonpipe.cli.withdraw import StudyFirst

ROOT = Path(__file__).parents[1]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = sorted((ROOT / "anonpipe").rglob("*.py"))
HELP = {"-h", "--help"}
_LINE = re.compile(r"^\s*(?:\$ |.*?&& )?(anonpipe (?![a-z]+ v1\b).*)$")
_INLINE = re.compile(r"`(anonpipe (?!X\b|[a-z]+\sv1\b)[^`]*)`")
_VALUES = {"DATE": "2026-01-01", "ID": "R01", "NAME": "whisper-base"}


def in_markdown(path: Path) -> Iterator[str]:
    """Command lines in blocks, and those in running text, which may go over lines."""
    text = path.read_text(encoding="utf-8")
    prose: list[str] = []
    fenced = False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            found = _LINE.match(line)
            if found:
                yield found[1]
        else:
            prose.append(line)
    inline = (" ".join(found.split()) for found in _INLINE.findall("\n".join(prose)))
    yield from (line for line in inline if not line.endswith(" v1"))  # what a signature begins with


def in_source(path: Path) -> Iterator[str]:
    """Command lines between backticks in what the program says and in its docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = ""
        if isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "X" for p in node.values)
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        yield from (" ".join(found.split()) for found in _INLINE.findall(text))


def words(line: str) -> list[str]:
    """The words after `anonpipe`, as a shell gives them, up to a pipe, a comment or dots."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    found: list[str] = []
    for word in list(lexer)[1:]:
        if set(word) <= set("|&;<>") or word in ("...", "…"):
            break
        found.append(word)
    return found


def command_of(line: str) -> tuple[click.Command, list[str]]:
    """The command that a line calls, and the words that follow its name."""
    command: click.Command = cli
    context = click.Context(cli)
    rest = words(line)
    while isinstance(command, click.Group) and rest and rest[0] not in HELP | {"--version"}:
        found = command.get_command(context, rest[0])
        if found is not None:
            command, rest = found, rest[1:]
        elif isinstance(command, StudyFirst):
            command = command.commands["run"]
        elif isinstance(command, Questions):
            command = command.commands[DEFAULT]
        elif isinstance(command, DefaultGroup):
            command = command.commands[command.default]
        else:
            raise AssertionError(f"{line}: there is no command {rest[0]}")
    return command, rest


def problems(line: str) -> Iterator[str]:
    command, rest = command_of(line)
    known = {opt: p for p in command.params for opt in (*p.opts, *p.secondary_opts)}
    for word, value in itertools.pairwise([*rest, ""]):
        if not re.match(r"--?[a-z]", word) or word in HELP | {"--version"}:
            continue
        option = known.get(word.partition("=")[0])
        if option is None:
            yield f"{line}: {command.name} has no {word}"
        elif isinstance(option.type, click.Choice):
            is_word = re.fullmatch(r"[a-z-]+", value)
            if is_word and value not in option.type.choices:
                yield f"{line}: {word} takes no {value}"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_command_in_the_documents_is_there(path: Path) -> None:
    found = list(in_markdown(path))
    assert [problem for line in found for problem in problems(line)] == []
    if path.name in ("README.md", "ETHICS.md"):
        assert len(found) > 15


@pytest.mark.parametrize("name", ["README.md", "docs/ETHICS.md", "docs/SEALED.md"])
def test_what_stands_in_a_block_or_table_can_be_typed_as_it_is(name: str) -> None:
    """Full lines parse with the arguments that they show."""
    for line in in_markdown(ROOT / name):
        command, rest = command_of(line)
        shown = [_VALUES.get(word, word) for word in rest]
        studies = any(word in ("STUDY", "my-study") for word in shown)
        if studies and "..." not in line and not isinstance(command, click.Group):
            command.make_context(str(command.name), list(shown))


def test_every_command_that_a_message_names_is_there() -> None:
    found = [line for path in SOURCES for line in in_source(path)]
    assert len(found) > 100
    assert [problem for line in found for problem in problems(line)] == []


@pytest.mark.parametrize(
    "line", ["anonpipe audit STUDY --nonsense", "anonpipe key reveal S P01 --reason nonsense"]
)
def test_a_line_that_is_wrong_is_found(line: str) -> None:
    assert list(problems(line))
    with pytest.raises(AssertionError):
        command_of("anonpipe key nonsense")
