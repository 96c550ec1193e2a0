"""Message catalogues without gettext's own programs, which a fresh machine does not have.

Python is read by Babel, templates by Django's own `templatize`; catalogues are kept by polib.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import extract_from_file
from django.conf import settings
from django.utils.translation.template import templatize

LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(
    rf"\b(?P<function>_|gettext|ngettext|pgettext|npgettext)\(\s*"
    rf"(?P<arguments>{LITERAL}(?:\s*,\s*{LITERAL})*)"
)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
SKIPPED = {
    ".venv",
    ".venv-bench",
    "var",
    "tests",
    "bench",
    "migrations",
    "staticfiles",
    "node_modules",
}


@dataclass(frozen=True)
class Message:
    """One translatable text and where it stands."""

    text: str
    plural: str = ""
    context: str = ""
    place: str = ""
    comment: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two places one message."""
        return self.context, self.text


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue lies."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def project_files(*suffixes: str) -> list[Path]:
    """Return the project's own files with one of these endings, in order."""
    root = Path(settings.BASE_DIR)
    found = (path for suffix in suffixes for path in root.rglob(f"*{suffix}"))
    return sorted(path for path in found if not SKIPPED & set(path.relative_to(root).parts))


def collect() -> dict[tuple[str, str], Message]:
    """Return every message of the project, the first place of each."""
    messages: dict[tuple[str, str], Message] = {}
    for message in (*python_messages(), *template_messages()):
        messages.setdefault(message.key, message)
    return messages


def python_messages() -> Iterator[Message]:
    """Yield the messages of Python files."""
    for path in project_files(".py"):
        place = str(path.relative_to(settings.BASE_DIR))
        found = extract_from_file("python", path, keywords=KEYWORDS, comment_tags=["Translators:"])
        for _line, text, comments, context in found:
            single, plural = text if isinstance(text, tuple) else (text, "")
            yield Message(single, plural, context or "", place, " ".join(comments))


def template_messages() -> Iterator[Message]:
    """Yield the messages of templates: pages, mails and their plain texts."""
    for path in project_files(".html", ".txt"):
        if "templates" not in path.parts:
            continue
        place = str(path.relative_to(settings.BASE_DIR))
        for call in CALL.finditer(templatize(path.read_text())):
            yield template_message(call, place)


def template_message(call: re.Match[str], place: str) -> Message:
    """Return the message of one call in a templatized page."""
    arguments = list(ast.literal_eval(f"({call['arguments']},)"))
    context = arguments.pop(0) if "p" in call["function"].removesuffix("gettext") else ""
    plural = arguments[1] if len(arguments) > 1 else ""
    return Message(arguments[0], plural, context, place)


def update(language: str) -> tuple[int, int]:
    """Bring a catalogue up to the project's messages; return how many came and went.

    A translation is kept only for exactly the same text: nothing is guessed.
    """
    path = catalogue_path(language)
    old = read(language)
    messages = collect()
    catalogue = new_catalogue(language)
    for key in sorted(messages):
        catalogue.append(entry(messages[key], old.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return len(messages.keys() - old.keys()), len(old.keys() - messages.keys())


def read(language: str) -> dict[tuple[str, str], polib.POEntry]:
    """Return a catalogue's entries by context and text; none when there is no file."""
    path = catalogue_path(language)
    entries = polib.pofile(str(path)) if path.exists() else []
    return {(item.msgctxt or "", item.msgid): item for item in entries if not item.obsolete}


def new_catalogue(language: str) -> polib.POFile:
    """Return an empty catalogue with its head."""
    catalogue = polib.POFile(wrapwidth=98)
    plural = "nplurals=1; plural=0;" if language == "ko" else "nplurals=2; plural=(n != 1);"
    catalogue.metadata = {
        "Project-Id-Version": "KONNECT",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural,
    }
    return catalogue


def entry(message: Message, old: polib.POEntry | None) -> polib.POEntry:
    """Return the catalogue entry of a message, with the translation that it had."""
    new = polib.POEntry(
        msgid=message.text,
        msgctxt=message.context or None,
        comment=message.comment,
        occurrences=[(message.place, "")],
    )
    if message.plural:
        new.msgid_plural = message.plural
        new.msgstr_plural = dict(old.msgstr_plural) if old and old.msgid_plural else {0: ""}
    elif old:
        new.msgstr = old.msgstr
    if "%(" in message.text:
        new.flags.append("python-format")
    return new


def compile_all() -> list[Path]:
    """Write the binary catalogue of each language that has one, and return the paths."""
    written = []
    for language, _name in settings.LANGUAGES:
        path = catalogue_path(language)
        if path.exists():
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
            written.append(path.with_suffix(".mo"))
    return written


def problems(language: str) -> list[str]:
    """Return what is missing, left over, fuzzy or wrong in a catalogue, in words."""
    messages, entries = collect(), read(language)
    found = [f"not in the catalogue: {key[1]!r} ({messages[key].place})"
             for key in sorted(messages.keys() - entries.keys())]  # fmt: skip
    found += [f"no longer used: {key[1]!r}" for key in sorted(entries.keys() - messages.keys())]
    for key in sorted(messages.keys() & entries.keys()):
        found += entry_problems(entries[key])
    return found


def entry_problems(item: polib.POEntry) -> list[str]:
    """Return what is wrong with one translation."""
    if item.fuzzy:
        return [f"fuzzy: {item.msgid!r}"]
    translations = list(item.msgstr_plural.values()) if item.msgid_plural else [item.msgstr]
    if not all(translations):
        return [f"not translated: {item.msgid!r}"]
    wanted = placeholders(item.msgid) | placeholders(item.msgid_plural or "")
    return [
        f"other placeholders than the original: {item.msgid!r}"
        for text in translations
        if not placeholders(item.msgid_plural or item.msgid) <= placeholders(text)
        or not placeholders(text) <= wanted
    ]


def placeholders(text: str) -> set[str]:
    """Return the named placeholders of a text."""
    return set(re.findall(r"%\((\w+)\)[sd]", text)) | set(re.findall(r"(?<!\{)\{(\w+)\}", text))
