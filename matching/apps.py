"""The matching application."""

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    """Organisations, profiles, listings, suggestions, contacts."""

    name = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        """Have the vocabulary written whenever the tables are new or emptied; obey consents and erasures."""
        post_migrate.connect(write_vocabulary, sender=self)
        consents = import_string("konnect.accounts.services.consents.consents_recorded")
        consents.connect(follow_consents)
        pre_delete.connect(follow_erasure, sender=self.get_model("Profile"))
        import_string("matching.services.own_data.register_own_data")()
        rights = "konnect.accounts.rights"
        import_string(f"{rights}.words_wanted").connect(telling_words)
        import_string(f"{rights}.erasing").connect(part_from_others)
        import_string(f"{rights}.hidden_for_absence").connect(hide_absent)
        import_string(f"{rights}.came_back").connect(show_returned)
        import_string(f"{rights}.over").connect(forget_over)
        register = import_string("konnect.accounts.notifications.register")
        register(*import_string("matching.news.KINDS"))


def write_vocabulary(*, using: str, apps: Any = None, **options: Any) -> None:
    """Load areas, topics and the standings of countries after a migration or a flush."""
    if apps is None or "topic" in apps.all_models["matching"]:
        import_string("matching.services.vocabulary.load_vocabulary")(using=using)
    if apps is None or "countrystatus" in apps.all_models["matching"]:
        import_string("matching.services.standings.load_standings")(using=using)


def follow_consents(*, user: Any, choices: Mapping[str, bool], **options: Any) -> None:
    """Open or close a profile to the web when that consent is given or taken back."""
    import_string("matching.services.profiles.follow_consents")(user, choices=choices)


def follow_erasure(*, instance: Any, **options: Any) -> None:
    """Have an erased person forgotten by the runs of matching too."""
    import_string("matching.services.erasures.note_erasure")(instance)


def telling_words(**facts: Any) -> list[str]:
    """Return by which names and addresses texts of others may mean a person."""
    found: list[str] = person_right("telling_words")(**facts)
    return found


def part_from_others(**facts: Any) -> None:
    """Leave with others what is theirs when somebody is erased."""
    person_right("part_from_others")(**facts)


def hide_absent(**facts: Any) -> None:
    """Hide the profile of somebody who has not been here for long."""
    person_right("hide_absent")(**facts)


def show_returned(**facts: Any) -> None:
    """Show the profile of somebody who came back."""
    person_right("show_returned")(**facts)


def forget_over(**_facts: Any) -> None:
    """Forget what is over and follows no date."""
    person_right("blank_ownerless_reports")()


def person_right(name: str) -> Any:
    """Return a service; imported when it is needed, because it brings the language models along."""
    return import_string(f"matching.services.person_rights.{name}")
