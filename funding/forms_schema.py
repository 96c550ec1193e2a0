"""Forms as values: sections of fields, what is wrong with answers, and their check sum.

Pure. One engine serves applications, reports and follow-ups: a form is JSON of the shape that
`schema_of` reads, answers are {section: {field: value}}. Check sums are taken of canonical JSON
(RFC 8785: keys in the order of their UTF-16 units, no spaces) of texts in Unicode's form NFC, so
that the same words have the same sum wherever they were typed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from funding.standard_form import OUTLINE_FIELDS, STANDARD_FORM

KINDS = ("text", "long", "number", "choice", "yes_no", "date")
# A long answer of an outline has this part of the characters.
SHORTER = 2
# Integers that every reader of JSON knows exactly.
LARGEST = 2**53 - 1
Answers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Field:
    """One question.

    most: characters of a text, or the largest number; 0: no limit. options: English and Korean.
    is_identifying: the answer tells who applies, so that copies without names leave it out.
    public: "en" or "ko" where the answer is a text in this language that everybody reads once it
        is approved; one language is enough, so that of such questions one asks for an answer.
    """

    code: str
    kind: str
    label_en: str
    label_ko: str
    help_en: str = ""
    help_ko: str = ""
    most: int = 0
    required: bool = True
    is_identifying: bool = False
    public: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def label(self, language: str) -> str:
        """Return the question in a language."""
        return self.label_ko if language == "ko" else self.label_en

    def help(self, language: str) -> str:
        """Return what helps to answer, in a language."""
        return self.help_ko if language == "ko" else self.help_en


@dataclass(frozen=True)
class Section:
    """Questions that stand on one page."""

    code: str
    title_en: str
    title_ko: str
    fields: tuple[Field, ...]
    help_en: str = ""
    help_ko: str = ""

    def title(self, language: str) -> str:
        """Return the heading in a language."""
        return self.title_ko if language == "ko" else self.title_en

    def help(self, language: str) -> str:
        """Return what the section is for, in a language."""
        return self.help_ko if language == "ko" else self.help_en


@dataclass(frozen=True)
class Schema:
    """A form."""

    sections: tuple[Section, ...]

    def section(self, code: str) -> Section:
        """Return a section.

        Raises:
            KeyError: there is none of this code.
        """
        return {each.code: each for each in self.sections}[code]

    def fields(self) -> Iterator[tuple[Section, Field]]:
        """Yield every question with its section."""
        for section in self.sections:
            for field in section.fields:
                yield section, field


@dataclass(frozen=True)
class FormProblem:
    """What is wrong with an answer.

    code: missing, missing_public (in both languages), too_long, too_large, or not_of_its_kind.
    """

    section: str
    field: str
    code: str
    most: int = 0
    length: int = 0


def default_schema() -> dict[str, Any]:
    """Return the form that a new call begins with, as JSON."""
    copy: dict[str, Any] = json.loads(json.dumps(STANDARD_FORM))
    return copy


def outline_schema() -> dict[str, Any]:
    """Return the form of outlines: of the standard one what decides who is invited, but shorter.

    Sections and fields keep their codes, so that the full application begins with the answers.
    """
    sections = []
    for section in default_schema()["sections"]:
        asked = [
            {**field, "most": field.get("most", 0) // SHORTER}
            if field["kind"] == "long" and section["code"] != "summary" else field
            for field in section["fields"]
            if f"{section['code']}.{field['code']}" in OUTLINE_FIELDS
        ]  # fmt: skip
        if asked:
            sections.append({**section, "fields": asked})
    return {"sections": sections}


def schema_of(value: Mapping[str, Any]) -> Schema:
    """Return a form from its JSON.

    Raises:
        ValueError: a kind is unknown, or a code occurs twice.
        KeyError, TypeError: something is missing, or is there that no form has.
    """
    sections = tuple(section_of(each) for each in value["sections"])
    codes = [each.code for each in sections]
    if len(set(codes)) != len(codes):
        raise ValueError("a section occurs twice")
    return Schema(sections)


def section_of(value: Mapping[str, Any]) -> Section:
    """Return one section from its JSON; see `schema_of`."""
    fields = tuple(field_of(each) for each in value["fields"])
    if len({each.code for each in fields}) != len(fields):
        raise ValueError(f"{value['code']}: a field occurs twice")
    return Section(**{**value, "fields": fields})


def field_of(value: Mapping[str, Any]) -> Field:
    """Return one question from its JSON; see `schema_of`."""
    if value["kind"] not in KINDS:
        raise ValueError(f"{value['code']}: {value['kind']}")
    options = tuple((english, korean) for english, korean in value.get("options", ()))
    return Field(**{**value, "options": options})


def problems(schema: Schema, answers: Answers) -> list[FormProblem]:
    """Return everything that is wrong with answers, in the order of the form."""
    found = [
        FormProblem(section.code, field.code, code, field.most, length)
        for section, field in schema.fields()
        for code, length in faults_of(field, answers.get(section.code, {}).get(field.code))
    ]
    asked = [(section, field) for section, field in schema.fields() if field.public]
    if asked and not public_texts(schema, answers):
        section, field = asked[0]
        found.insert(0, FormProblem(section.code, field.code, "missing_public"))
    return found


def public_texts(schema: Schema, answers: Answers) -> dict[str, str]:
    """Return what everybody may read of answers, by language."""
    said = ((field.public, answers.get(section.code, {}).get(field.code))
            for section, field in schema.fields() if field.public)  # fmt: skip
    return {language: str(text) for language, text in said if not is_empty(text)}


def faults_of(field: Field, value: Any) -> Iterator[tuple[str, int]]:
    """Yield what is wrong with one answer: a code, and how long or large it is."""
    if is_empty(value):
        if field.required:
            yield "missing", 0
    elif not is_of_kind(field, value):
        yield "not_of_its_kind", 0
    elif field.most and field.kind in ("text", "long") and len(value) > field.most:
        yield "too_long", len(value)
    elif field.most and field.kind == "number" and value > field.most:
        yield "too_large", value


def is_empty(value: Any) -> bool:
    """Tell whether a question is unanswered; a plain no is an answer."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_of_kind(field: Field, value: Any) -> bool:
    """Tell whether a value can answer a question."""
    match field.kind:
        case "number":
            return type(value) is int and 0 <= value <= LARGEST
        case "choice":
            return type(value) is int and 0 <= value < len(field.options)
        case "yes_no":
            return type(value) is bool
        case "date":
            return isinstance(value, str) and is_day(value)
    return isinstance(value, str)


def is_day(text: str) -> bool:
    """Tell whether a text is a day as ISO 8601 writes it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def without_names(schema: Schema, answers: Answers) -> dict[str, dict[str, Any]]:
    """Return the answers that do not tell who applies: what a blind reviewer reads."""
    return {
        section.code: {
            field.code: answers.get(section.code, {})[field.code]
            for field in section.fields
            if not field.is_identifying and field.code in answers.get(section.code, {})
        }
        for section in schema.sections
    }


def tidied(value: Any) -> Any:
    """Return a value with texts in NFC and keys in the order of RFC 8785.

    Raises:
        TypeError: something is neither text, integer, boolean, list, dictionary nor None.
        ValueError: an integer is larger than every reader of JSON can hold.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(value)
        return value
    if isinstance(value, list | tuple):
        return [tidied(each) for each in value]
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    pairs = ((normalize("NFC", key), each) for key, each in value.items())
    ordered = sorted(pairs, key=lambda pair: pair[0].encode("utf-16-be"))
    return {key: tidied(each) for key, each in ordered}


def canonical(content: Any) -> bytes:
    """Return content as canonical JSON in UTF-8.

    Raises:
        TypeError, ValueError: see `tidied`; UnicodeEncodeError for half a character.
    """
    text = json.dumps(tidied(content), ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def check_sum(content: Any) -> str:
    """Return the SHA-256 of canonical JSON, as 64 hexadecimal digits."""
    return sha256(canonical(content)).hexdigest()
