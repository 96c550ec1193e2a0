"""The chair's marks of reviews, all of a call in one form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from funding.services.review_marks import Row

CHOICES = (
    ("", pgettext_lazy("mark of a review", "not marked yet")),
    (5, _("5 – very helpful")),
    (4, _("4 – helpful")),
    (3, _("3 – sufficient")),
    (2, _("2 – hardly helpful")),
    (1, _("1 – not helpful")),
)


class MarksForm(forms.Form):
    """One mark a review; those that were not touched in this window are left alone."""

    use_required_attribute = False

    def __init__(self, *args: Any, rows: Iterable[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        for row in self.rows:
            # What was on the page when it was opened is sent along: an older window undoes nothing.
            self.fields[name_of(row)] = forms.TypedChoiceField(
                label=_("Mark of this review"), choices=CHOICES, coerce=int, empty_value=None,
                required=False, initial=row.review.quality, show_hidden_initial=True,
                widget=forms.Select(attrs={"aria-label": spoken(row)}),
            )  # fmt: skip

    def lines(self) -> list[tuple[Row, forms.BoundField]]:
        """Return the reviews with their fields."""
        return [(row, self[name_of(row)]) for row in self.rows]

    def marks(self) -> dict[int, int | None]:
        """Return what was changed, by the id of the review."""
        changed = set(self.changed_data)
        found: dict[str, Any] = self.cleaned_data
        return {row.review.pk: found[name_of(row)] for row in self.rows if name_of(row) in changed}


def name_of(row: Row) -> str:
    """Return the name of the field of a review."""
    return f"mark_{row.review.pk}"


def spoken(row: Row) -> str:
    """Return what a screen reader says of a field: the label, and which review it is."""
    who = row.name or gettext("Reviewer %(letter)s") % {"letter": row.letter}
    words = gettext("Mark of this review: application {number}, {who}")
    return words.format(number=row.application.number, who=who)
