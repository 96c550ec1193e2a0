"""The message catalogues, collected and checked without gettext's programs."""

import polib
import pytest
from django.core.management import CommandError, call_command

from konnect.accounts import catalogue

TEMPLATE = """
{% load i18n %}<h1>{% translate "Partners" %}</h1>
{% translate "Open" context "listing" %}
{% blocktranslate trimmed with name=person.name %}
  Hello {{ name }},
  welcome.
{% endblocktranslate %}
{% blocktranslate trimmed count number=total %}
  One offer
{% plural %}
  {{ number }} offers
{% endblocktranslate %}
"""
PYTHON = """
from django.utils.translation import gettext_lazy as _, pgettext
label = _("Name")
state = pgettext("listing", "Draft")
"""


@pytest.fixture
def project(tmp_path, settings):
    """Return a small project of one template and one module."""
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "module.py").write_text(PYTHON)
    return tmp_path


def translate_all(words):
    path = catalogue.catalogue_path("ko")
    entries = polib.pofile(str(path))
    for item in entries:
        item.msgstr, item.msgstr_plural = words(item)
    entries.save(str(path))


def faithful(item):
    if item.msgid_plural:
        return "", {0: f"한 {item.msgid_plural}"}
    return f"한 {item.msgid}", {}


def test_collect_finds_templates_and_python(project):
    found = {(message.context, message.text) for message in catalogue.collect().values()}

    assert found == {
        ("", "Partners"),
        ("listing", "Open"),
        ("", "Hello %(name)s, welcome."),
        ("", "One offer"),
        ("", "Name"),
        ("listing", "Draft"),
    }


def test_check_names_what_is_not_translated(project):
    catalogue.update("ko")

    assert len(catalogue.problems("ko")) == 6
    with pytest.raises(CommandError):
        call_command("messages", "--check")


def test_check_passes_when_all_is_translated(project):
    catalogue.update("ko")

    translate_all(faithful)

    assert catalogue.problems("ko") == []


def test_check_refuses_a_lost_placeholder(project):
    catalogue.update("ko")

    translate_all(lambda item: ("번역", {0: "%(number)s건"} if item.msgid_plural else {}))

    assert catalogue.problems("ko") == [
        "other placeholders than the original: 'Hello %(name)s, welcome.'"
    ]


def test_update_keeps_translations_and_drops_what_is_gone(project):
    catalogue.update("ko")
    translate_all(faithful)
    (project / "module.py").write_text('from x import gettext as _\n_("Place")\n')

    came, went = catalogue.update("ko")

    assert (came, went) == (1, 2)
    assert catalogue.read("ko")["", "Partners"].msgstr == "한 Partners"


def test_compile_writes_what_django_reads(project):
    catalogue.update("ko")
    translate_all(faithful)

    (path,) = catalogue.compile_all()

    assert polib.mofile(str(path)).find("Partners").msgstr == "한 Partners"
