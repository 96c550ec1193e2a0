"""Whatever a form asks for is asked in the reader's language."""

import importlib
from pathlib import Path

from django import forms

ROOT = Path(__file__).parent.parent
OURS = ("konnect", "matching", "events", "funding")
# Written the same in every language.
NAMES = ("DOI", "ORCID iD")


def form_classes(base=forms.BaseForm):
    """Return every form of the portal; a module whose forms nobody has asked for is read first."""
    for path in [each for app in OURS for each in (ROOT / app).rglob("*.py")]:
        if "forms" in str(path.relative_to(ROOT)):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {each for each in below(base) if each.__module__.split(".")[0] in OURS}


def below(base):
    for each in base.__subclasses__():
        yield each
        yield from below(each)


def test_every_label_can_be_translated():
    classes = form_classes()
    plain = [
        f"{form.__module__}.{form.__name__}.{name}: {field.label}"
        for form in classes
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.label, str) and field.label not in NAMES
    ]

    assert len(classes) > 80
    assert plain == []
