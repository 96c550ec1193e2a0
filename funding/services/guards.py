"""What must hold before a noun moves: checks by the codes that the tables name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from funding.refusing import Blocker

if TYPE_CHECKING:
    from konnect.accounts.models import User

Guard = Callable[[Any, "User | None"], list[Blocker]]
GUARDS: dict[str, Guard] = {}
MODULES = ("calls", "applications", "reviews", "decisions", "grants")


def guard(code: str) -> Callable[[Guard], Guard]:
    """Register a check under its code."""

    def register(function: Guard) -> Guard:
        GUARDS[code] = function
        return function

    return register


def blockers_of(code: str, noun: Any, actor: User | None) -> list[Blocker]:
    """Return what stands against a move; empty means go.

    Raises:
        KeyError: no check has this code.
    """
    return GUARDS[code](noun, actor) if code else []


def load_guards() -> None:
    """Read the modules that register checks; done once, when the application is ready."""
    for name in MODULES:
        import_string(f"funding.services.guards_{name}.__name__")
