"""Writing a person's copy of their data: one ZIP of JSON, CSV and a page to read."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from konnect.accounts.models import User
from konnect.accounts.rights import ExportPart, Row, export_parts
from konnect.accounts.zones import zone_named

# What spreadsheets take for a formula when a cell begins with it.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
# Headings of columns that are no column of a model, or whose model names them in English only.
LABELS: dict[str, str | Promise] = {
    "id": _("number"), "action": _("what was done"), "from": _("from"), "until": _("until"),
    "before": _("state before"), "after": _("state after"), "when": _("when"), "with": _("with"), "direction": _("sent or received"),
    "partner": _("person"), "score": _("score"), "areas": _("areas"), "topics": _("topics"),
    "created_at": _("made on"), "updated_at": _("changed on"), "changed_at": _("changed on"),
    "sent_at": _("sent on"), "read_at": _("read on"), "state": _("state"),
    "reason": gettext_lazy("reason"), "user_id": _("number of the account"),
    "recorded_at": _("recorded on"), "answered_at": _("answered on"), "kind": _("kind"),
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One noun, ready to be written."""

    part: ExportPart
    rows: list[Row]

    @property
    def columns(self) -> list[str]:
        """The names of all columns, in the order in which they first appear."""
        return list(dict.fromkeys(name for row in self.rows for name in row))


def archive(user: User) -> bytes:
    """Return the ZIP, in the person's language and time zone."""
    with translation.override(user.language), timezone.override(zone_named(user.time_zone)):
        sheets = [Sheet(part, list(part.rows(user))) for part in export_parts()]
        return zipped(files_of(user, sheets))


def files_of(user: User, sheets: list[Sheet]) -> dict[str, str]:
    """Return the texts of all files by their names."""
    made_at = timezone.now()
    filled = [sheet for sheet in sheets if sheet.rows]
    about = {"site": settings.SITE_URL, "made_at": made_at, "account": user.email}
    context = {**about, "user": user, "sheets": [readable(sheet) for sheet in sheets]}
    return {
        "README.txt": render_to_string("accounts/export_readme.txt", context),
        "index.html": render_to_string("accounts/export_page.html", context),
        "data.json": as_json(about, sheets),
        **{f"csv/{sheet.part.name}.csv": as_csv(sheet) for sheet in filled},
    }


def zipped(files: Mapping[str, str]) -> bytes:
    """Return files as one ZIP, all in one folder."""
    buffer = io.BytesIO()
    folder = f"konnect-{timezone.now():%Y-%m-%d}"
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in files.items():
            written.writestr(f"{folder}/{name}", text.encode())
    return buffer.getvalue()


def as_json(about: Mapping[str, Any], sheets: Iterable[Sheet]) -> str:
    """Return everything for programs: `{"about": ..., "profile": [{...}], ...}`."""
    everything = {"about": about, **{sheet.part.name: sheet.rows for sheet in sheets}}
    return json.dumps(everything, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def as_csv(sheet: Sheet) -> str:
    """Return one noun for spreadsheets; the mark in front tells Excel that it is UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(sheet.columns)
    writer.writerows([cell(row.get(name)) for name in sheet.columns] for row in sheet.rows)
    return "\ufeff" + buffer.getvalue()


def cell(value: Any) -> str:
    """Return a value for a spreadsheet, which must never take it for a formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).strip('"')
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value


def readable(sheet: Sheet) -> dict[str, Any]:
    """Return one noun for the page: a heading, and each row as pairs of label and words."""
    fields = fields_of(sheet.part)
    rows = [
        [(label(name, fields), words(value, fields.get(name))) for name, value in row.items()]
        for row in sheet.rows
    ]
    return {
        "name": sheet.part.name,
        "label": sheet.part.label,
        "rows": [[(name, value) for name, value in row if value] for row in rows],
    }


def fields_of(part: ExportPart) -> dict[str, Field[Any, Any]]:
    """Return the columns of a noun's first model by name."""
    if not part.models:
        return {}
    model: type[Model] = apps.get_model(part.models[0])
    return {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001 - documented API


def label(name: str, fields: Mapping[str, Field[Any, Any]]) -> str:
    """Return the heading of a column: the model's own words, else its name."""
    if name in LABELS:
        return str(LABELS[name])
    field = fields.get(name)
    return str(field.verbose_name) if field else name.replace("_", " ")


def words(value: Any, field: Field[Any, Any] | None) -> str:
    """Return a value as people read it."""
    if value is None or value == "":
        return ""
    choices = dict(field.flatchoices) if field is not None else {}
    if isinstance(value, list | tuple):
        return ", ".join(words(each, field) for each in value)
    return str(choices[value]) if is_choice(value, choices) else plain(value)


def is_choice(value: Any, choices: Mapping[Any, Any]) -> bool:
    """Tell whether a value is one that a column has words for."""
    return isinstance(value, str | int) and value in choices


def plain(value: Any) -> str:
    """Return a value without a column's help: moments in the person's zone, with its name."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        moment = timezone.localtime(value)
        return f"{date_format(moment, 'DATETIME_FORMAT')} {moment.tzname()}"
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, time):
        return time_format(value, "TIME_FORMAT")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain(each)}" for name, each in value.items())
    return str(value)
