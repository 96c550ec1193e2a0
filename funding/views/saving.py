"""Saving that may come too late: what autosave answers, and what stands beside what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from funding.templatetags.applications import answer_shown
from matching.views.asked import asked_number

# Fields with the labels under which people know them.
Named = Iterable[tuple[str, BoundField]]


def seen_by(request: HttpRequest) -> int:
    """Return the number of what the page showed; 0 where nothing was saved yet."""
    return asked_number(request, "number") or 0


def standing(request: HttpRequest, number: int, **said: Any) -> HttpResponse:
    """Answer autosave with nothing but how it went.

    number: what the next save says it has seen.
    said: row, saved_at, blockers, faults, is_conflict of templates/funding/standing.html.
    """
    return render(request, "funding/standing.html", {"number": number, **said})


def faults_of(*forms: BaseForm) -> list[str]:
    """Return what is wrong with forms, each with the name of its field."""
    return [
        f"{form[name].label}: {error}" if name in form.fields else str(error)
        for form in forms
        for name, errors in form.errors.items()
        for error in errors
    ]


def differing(mine: Named, theirs: Named) -> Iterator[tuple[str, str]]:
    """Yield label and words of what is stored, wherever it is not what was typed.

    mine, theirs: the same fields of a form that was sent and of one that shows what is stored,
    each with its label.
    """
    for (label, own), (_label, other) in zip(mine, theirs, strict=True):
        if answer_shown(own) != answer_shown(other):
            yield label, answer_shown(other)
