"""The funding application."""

from django.apps import AppConfig
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class FundingConfig(AppConfig):
    """Funders, calls, applications, reviews, panels, grants, trips, reports and follow-ups."""

    name = "funding"
    verbose_name = _("Mobility calls")

    def ready(self) -> None:
        """Make guards and kinds of news known; leave a pseudonym where somebody is erased."""
        import_string("funding.services.guards.load_guards")()
        register = import_string("konnect.accounts.notifications.register")
        register(*import_string("funding.news.KINDS"))
        import_string("funding.services.own_applications.register_own_applications")()
        import_string("funding.services.own_grants.register_own_grants")()
        import_string("funding.services.own_calls.register_own_calls")()
        import_string("funding.services.own_reviews.register_own_reviews")()
        import_string("konnect.accounts.rights.erasing").connect(leave_pseudonym)


def leave_pseudonym(**facts: object) -> None:
    """Delete the drafts of somebody who is erased; elsewhere empty their name."""
    import_string("funding.services.own_applications.erase_drafts")(**facts)
    import_string("funding.services.people.forget_person")(**facts)
