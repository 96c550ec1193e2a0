"""Handing in a table."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import TableKind
from matching.services.table_imports import LARGEST_FILE

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

ENDINGS = {
    TableKind.PEOPLE: (".csv", ".xlsx"),
    TableKind.ORGANISATIONS: (".csv", ".xlsx", ".json", ".zip"),
}


class TableForm(forms.Form):
    """Which rows, and the file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("The rows are"), choices=TableKind.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or Excel (.xlsx), for organisations also a ROR dump (.json, .zip); 20 MB at most."
        ),
    )
    is_inviting = forms.BooleanField(
        label=gettext_lazy("Write an invitation to each new person"), required=False
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse files that are too large, or of another type."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size and file.size > LARGEST_FILE:
            size = filesizeformat(LARGEST_FILE)
            raise ValidationError(_("The file is larger than %(size)s.") % {"size": size})
        allowed = ENDINGS.get(TableKind(self.cleaned_data.get("kind") or "people"), ())
        if PurePath(file.name or "").suffix.lower() not in allowed:
            names = ", ".join(allowed)
            raise ValidationError(
                _("Files of these types are taken: %(names)s.") % {"names": names}
            )
        return file
