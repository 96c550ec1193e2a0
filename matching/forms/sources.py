"""What to look at: an ORCID iD, or a file or list of works."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from konnect.accounts.text import TidyFormMixin, tidy
from matching.forms.fields import OrcidField
from matching.models import Profile
from matching.sources.files import decoded, format_of

MOST_CHARACTERS = 1_000_000
# UTF-16 needs two bytes a character, Hangul in UTF-8 three.
MOST_BYTES = 3 * MOST_CHARACTERS


class OrcidLookForm(TidyFormMixin, forms.Form):
    """Whose record to look at: the iD that the person signed in with cannot be changed."""

    orcid = OrcidField(
        label="ORCID iD", help_text=_("Like 0000-0002-1825-0097; you find it at orcid.org.")
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, initial={"orcid": profile.orcid}, **kwargs)
        self.fields["orcid"].required = True
        self.fields["orcid"].disabled = bool(profile.orcid_verified_at)

    def clean_orcid(self) -> str:
        """Return the iD; there must be one."""
        orcid: str = self.cleaned_data["orcid"]
        if not orcid:
            raise forms.ValidationError(_("Enter your ORCID iD."), code="required")
        return orcid


class WorksLookForm(TidyFormMixin, forms.Form):
    """A list of works, uploaded or pasted; its format is told by what stands in it."""

    file = forms.FileField(
        label=_("A file"), required=False,
        help_text=_("BibTeX (.bib), RIS (.ris) or a text with DOIs; up to 1 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".bib,.bibtex,.ris,.txt,text/plain"}),
    )  # fmt: skip
    text = forms.CharField(
        label=_("Or paste it here"), required=False, validators=[MaxLengthValidator(MOST_CHARACTERS)],
        help_text=_("For example DOIs, one a line, up to 50."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )  # fmt: skip

    def clean_file(self) -> str:
        """Return the text of the file.

        Raises:
            ValidationError: it is too large, or no text.
        """
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            return ""
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large: 1 MB at most."), code="large")
        text = decoded(file.read())
        if text is None:
            raise forms.ValidationError(
                _("This is no text file that we can read. Please save it as UTF-8."), code="text"
            )
        if len(text) > MOST_CHARACTERS:
            raise forms.ValidationError(_("The file is too large: 1 MB at most."), code="large")
        return tidy(text)

    def clean(self) -> dict[str, Any]:
        """Tell the format of what was given."""
        data: dict[str, Any] = super().clean() or {}
        given = data.get("file") or data.get("text") or ""
        kind = format_of(given)
        if not self.errors and not given.strip():
            self.add_error("text", _("Choose a file, or paste a list."))
        elif not self.errors and not kind:
            message = _("We find neither BibTeX nor RIS nor DOIs in this.")
            self.add_error("file" if data.get("file") else "text", message)
        return data | {"source": kind, "asked": given}
