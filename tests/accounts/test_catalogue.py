"""The message catalogues, collected and checked without gettext's programs."""

from pathlib import Path

import django
import polib
import pytest
from django.core.management import CommandError, call_command
from django.utils import dates, translation

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
DATE_WORDS = (
    dates.MONTHS, dates.MONTHS_3, dates.MONTHS_AP, dates.MONTHS_ALT,
    dates.WEEKDAYS, dates.WEEKDAYS_ABBR,
)  # fmt: skip


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


def test_our_korean_leaves_months_and_days_as_django_has_them():
    """A message of ours with the words of one of Django's would stand in every date."""
    with translation.override(None):
        words = {str(word) for each in DATE_WORDS for word in each.values()}
    path = Path(django.__file__).parent / "conf/locale/ko/LC_MESSAGES/django.mo"
    theirs = {(item.msgctxt or "", item.msgid): item.msgstr for item in polib.mofile(str(path))}
    ours = {key: item.msgstr for key, item in catalogue.read("ko").items() if key[1] in words}

    assert words >= {"may", "May", "Monday", "Mon"}
    assert {key: words for key, words in ours.items() if theirs.get(key, words) != words} == {}
