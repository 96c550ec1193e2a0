"""Form fields that take what people really type."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.iso7064 import mod_11_2

SEPARATOR = re.compile(r"[,;\n\r、，；|]+")
DOI = re.compile(r"10\.\d{4,9}/\S+")
DOI_PREFIX = re.compile(r"^(https?://)?(dx\.)?doi\.org/|^doi:\s*", re.IGNORECASE)
ORCID_PREFIX = re.compile(r"^(https?://)?(www\.)?orcid\.org/", re.IGNORECASE)

# Figures and what people write between them, perhaps with an extension.
TELEPHONE = re.compile(
    r"[0-9+().\-/ ]*[0-9][0-9().\-/ ]*((ext|x|내선)[.: ]*[0-9]+)?", re.IGNORECASE
)
HYPHENS = re.compile(r"[‐‑‒–—]")


def narrow(text: str) -> str:
    """Return full-width digits and letters as plain ones, without spaces around."""
    return unicodedata.normalize("NFKC", text).strip()


class WordsField(forms.CharField):
    """Several short texts in one box, separated by commas, semicolons or lines."""

    widget = forms.Textarea(attrs={"rows": 2})

    def __init__(self, *, longest: int, most: int, **kwargs: Any) -> None:
        self.longest = longest
        self.most = most
        super().__init__(max_length=(longest + 2) * most, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored list as one text."""
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as text."""
        return bool(super().has_changed(self.prepare_value(initial), data))

    def clean(self, value: Any) -> list[str]:
        """Return the texts, each once, in their order.

        Raises:
            ValidationError: one is too long, or there are too many.
        """
        parts = [" ".join(part.split()) for part in SEPARATOR.split(super().clean(value))]
        words = list(dict.fromkeys(part for part in parts if part))
        if any(len(word) > self.longest for word in words):
            message = _("Each entry may have %(longest)d characters at most.")
            raise ValidationError(message, "longest", {"longest": self.longest})
        if len(words) > self.most:
            message = _("Enter %(most)d entries at most; there are %(number)d.")
            raise ValidationError(message, "most", {"most": self.most, "number": len(words)})
        return words


class OrcidField(forms.CharField):
    """An ORCID iD, typed as a number or pasted as an address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the iD in groups of four.

        Raises:
            ValidationError: it is no ORCID iD, or its check digit is wrong.
        """
        text = ORCID_PREFIX.sub("", narrow(super().clean(value))).strip("/")
        digits = re.sub(r"[\s\-‐‑–]", "", text).upper()
        if not digits:
            return ""
        if not re.fullmatch(r"[0-9]{15}[0-9X]", digits):
            raise ValidationError(
                _("An ORCID iD has 16 digits, like 0000-0002-1825-0097."), "orcid"
            )
        if not mod_11_2.is_valid(digits):
            raise ValidationError(
                _("The last character does not fit the others. Please check for a typing error."),
                "orcid_check",
            )
        return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


class DoiField(forms.CharField):
    """A DOI, typed or pasted as an address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the DOI in lower case, without the address.

        Raises:
            ValidationError: it is no DOI.
        """
        doi = DOI_PREFIX.sub("", narrow(super().clean(value))).lower()
        if doi and not DOI.fullmatch(doi):
            raise ValidationError(_("A DOI begins with 10., like 10.1038/nature12373."), "doi")
        return doi


class TelephoneField(forms.CharField):
    """A telephone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, required=False, **kwargs)
        self.widget.attrs["inputmode"] = "tel"

    def clean(self, value: Any) -> str:
        """Return the number with plain digits and hyphens.

        Raises:
            ValidationError: it is no telephone number.
        """
        number = HYPHENS.sub("-", narrow(super().clean(value)))
        if number and not TELEPHONE.fullmatch(number):
            message = _(
                "Enter a telephone number in digits, like +82 42 350 1234 or +32 2 123 45 67."
            )
            raise ValidationError(message, "telephone")
        return number


class YearField(forms.IntegerField):
    """A year of the last hundred and the next twenty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1920, max_value=2060, required=False, **kwargs)
        self.widget.attrs["inputmode"] = "numeric"
