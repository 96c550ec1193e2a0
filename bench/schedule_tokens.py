"""MiniZinc data as fields with values: numbers, sets, arrays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

# What a file is made of, in the order in which it is tried.
TOKEN = re.compile(
    r"(?P<blank>\s+|%[^\n]*|/\*.*?\*/)"
    r"|(?P<number>-?\d+)"
    r"|(?P<word>[A-Za-z_]\w*)"
    r'|(?P<text>"[^"\n]*")'
    r"|(?P<sign>\.\.|\[\||\|\]|[=;,:{}\[\]()|])",
    re.DOTALL,
)
END = ""


class BadFileError(Exception):
    """A file that cannot be read; the line is 0 where the whole file is meant."""

    def __init__(self, line: int, message: str) -> None:
        """Keep the line and what is wrong there."""
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


@dataclass(frozen=True)
class Token:
    """A number, word, text or sign, and its line from 1."""

    text: str
    line: int


@dataclass(frozen=True)
class Field:
    """What is assigned to a name: int, str, set or list of these; the line of the name."""

    value: Any
    line: int


def fields_of(text: str) -> dict[str, Field]:
    """Return what a file assigns; raises BadFileError."""
    reader = _Reader(_tokens(text))
    while reader.now.text != END:
        reader.assignment()
    return reader.fields


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place, line = 0, 1
    while place < len(text):
        match = TOKEN.match(text, place)
        if not match:
            raise BadFileError(line, f"unexpected {text[place]!r}")
        if match.lastgroup != "blank":
            tokens.append(Token(match.group(), line))
        line += match.group().count("\n")
        place = match.end()
    return [*tokens, Token(END, line)]


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.fields: dict[str, Field] = {}

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.now
        if token.text == END:
            raise BadFileError(token.line, "the file ends too early")
        self.place += 1
        return token

    def skip(self, text: str) -> bool:
        """Pass over a sign if it is the next one."""
        if self.now.text != text:
            return False
        self.place += 1
        return True

    def need(self, text: str) -> None:
        if not self.skip(text):
            found = self.take()
            raise BadFileError(found.line, f"{text!r} expected, not {found.text!r}")

    def assignment(self) -> None:
        """Read `name = value;`, with or without a type before the name."""
        if self.skip(";"):
            return
        name = self.take()
        while self.now.text not in ("=", END, ";"):
            name = self.take()
        self.need("=")
        if name.text in self.fields:
            raise BadFileError(name.line, f"{name.text} is assigned twice")
        self.fields[name.text] = Field(self.value(), name.line)
        if self.now.text != END:
            self.need(";")

    def value(self) -> Any:
        token = self.take()
        if token.text == "{":
            return {number for entry in self.entries("}") for number in _numbers(entry, token)}
        if token.text == "[":
            return self.entries("]")
        if token.text == "[|":
            return self.rows()
        if token.text in ("array1d", "array2d"):
            return self.shaped()
        return self.scalar(token)

    def scalar(self, token: Token) -> Any:
        """Return a number, a range as a set, a text, or what a name stands for."""
        value: Any = token.text
        if re.fullmatch(r"-?\d+", value):
            value = int(value)
        elif value in self.fields:
            value = self.fields[value].value
        elif not re.match(r'[A-Za-z_"]', value):
            raise BadFileError(token.line, f"unexpected {value!r}")
        if not self.skip(".."):
            return value
        last = self.scalar(self.take())
        if not (isinstance(value, int) and isinstance(last, int)):
            raise BadFileError(token.line, "a range needs two numbers")
        return set(range(value, last + 1))

    def entries(self, *ends: str) -> list[Any]:
        """Return values up to a sign that ends them; a comma may stand behind the last."""
        found = []
        while not any(self.skip(end) for end in ends):
            found.append(self.value())
            if self.now.text not in ends:
                self.need(",")
        return found

    def rows(self) -> list[Any]:
        """Return the entries of `[| … | … |]`, one row after the other."""
        found: list[Any] = []
        while not self.skip("|]"):
            # An empty array ends as `[||]` does: with a bar and a bracket.
            if self.skip("]"):
                break
            found.extend(self.row())
        return found

    def row(self) -> list[Any]:
        found = []
        while self.now.text not in ("|", "|]"):
            found.append(self.value())
            if self.now.text not in ("|", "|]"):
                self.need(",")
        self.skip("|")
        return found

    def shaped(self) -> Any:
        """Return the entries of `array2d(1..n, 1..3, [ … ])`; their number says the rest."""
        self.need("(")
        *_shape, values = self.entries(")")
        return values


def _numbers(entry: Any, token: Token) -> set[int]:
    if isinstance(entry, int):
        return {entry}
    if isinstance(entry, set):
        return entry
    raise BadFileError(token.line, "a set must be made of numbers")
