"""Who gets into the administration, and by which door."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class PortalAdminSite(AdminSite):
    """The administration: for active staff, in production with a second factor."""

    site_header = gettext_lazy("KONNECT administration")
    site_title = gettext_lazy("KONNECT administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Tell whether this person may administer now."""
        return super().has_permission(request) and not lacks_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Send strangers to the sign-in, staff to their second factor; to others, not here."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", request.path))
        if super().has_permission(request) and lacks_second_factor(request):
            messages.warning(request, _("Please set up a second factor to administer KONNECT."))
            return redirect("mfa_index")
        if not self.has_permission(request):
            raise Http404
        return redirect("admin:index")


def lacks_second_factor(request: HttpRequest) -> bool:
    """Tell whether the person still has to set up a second factor."""
    return settings.STAFF_NEEDS_SECOND_FACTOR and not is_mfa_enabled(request.user)
