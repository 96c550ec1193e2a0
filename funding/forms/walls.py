"""Deadlines as officers type them: kept as they were promised, refused where clocks leave them open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.forms.wall_times import MISSING, Typed, WallGroup, WallTimesMixin
from events.wall_times import AmbiguousTimeError, MissingTimeError
from funding.deadlines import resolve

TWICE = _("The clocks go back then and show this time twice. A deadline needs a time of its own.")


class PromisesMixin(WallTimesMixin):
    """A form with deadlines: `self.add_promise(...)` in `__init__`, `self.read_wall(...)` in `clean`.

    What is read has the wall time as it was typed, T24:00 among them, and its instant.
    """

    def add_promise(
        self, name: str, label: str | Promise, *, is_required: bool, wall: str, zone: str
    ) -> None:
        """Add the fields of one deadline, filled with what was promised before."""
        self.add_wall(name, label, is_required=is_required, stored=None, zone=zone)
        day, _t, hour = wall.partition("T")
        self.fields[f"{name}_day"].initial = day or None
        self.fields[f"{name}_hour"].initial = hour

    def resolve(self, name: str, wall: str, zone: str) -> Typed | None:
        """Return when a deadline is; one that comes never or twice is refused."""
        data: dict[str, Any] = self.cleaned_data
        promised = f"{data[f'{name}_day']}T{data[f'{name}_hour']}"
        try:
            return Typed(promised, resolve(promised, zone))
        except MissingTimeError:
            self.add_error(f"{name}_hour", MISSING)
        except AmbiguousTimeError:
            self.add_error(f"{name}_hour", TWICE)
        return None

    def wall_group(self, name: str, zone: str) -> WallGroup:
        """Return one deadline as the page shows it: nobody is asked which of two is meant."""
        return replace(super().wall_group(name, zone), is_twice=False)
