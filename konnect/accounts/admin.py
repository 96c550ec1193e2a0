"""Accounts in the administration."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from konnect.accounts.models import Consent, OutgoingEmail, RoleGrant, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People; their password is their own affair."""

    list_display = ("email", "language", "is_active", "is_staff", "joined_at")
    list_filter = ("is_active", "is_staff", "language")
    search_fields = ("email",)
    fields = ("email", "language", "time_zone", "is_active", "is_staff", "last_login", "joined_at")
    readonly_fields = ("email", "last_login", "joined_at")
    ordering = ("email",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, not removed with everything that points at them."""
        return False

    @method_decorator(reauthentication_required)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the password again first."""
        return super().changeform_view(*args, **kwargs)


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Roles; given and taken back, never edited."""

    list_display = ("user", "role", "scope", "scope_id", "granted_by", "granted_at")
    list_filter = ("role", "scope")
    search_fields = ("user__email",)
    list_select_related = ("user", "granted_by")
    autocomplete_fields = ("user",)
    fields = ("user", "role", "scope", "scope_id")
    ordering = ("user__email",)

    def has_change_permission(self, request: HttpRequest, obj: RoleGrant | None = None) -> bool:
        """A changed role is another role."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: RoleGrant | None = None) -> bool:
        """Administrators see every role."""
        return request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: Any, change: Any) -> None:
        """Note who gave the role."""
        obj.granted_by = request.user if isinstance(request.user, User) else None
        super().save_model(request, obj, form, change)

    @method_decorator(reauthentication_required)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the password again first."""
        return super().changeform_view(*args, **kwargs)

    @method_decorator(reauthentication_required)
    def delete_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the password again first."""
        return super().delete_view(*args, **kwargs)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that nobody may touch by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only the portal writes these."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only the portal writes these."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only the portal writes these."""
        return False


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """The consent ledger."""

    list_display = ("user", "purpose", "is_given", "text_version", "channel", "recorded_at")
    list_filter = ("purpose", "is_given", "channel")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    """What became of each message; what it says is between the portal and its reader."""

    list_display = ("to", "state", "tries", "next_try_at", "sent_at", "last_error")
    list_filter = ("state",)
    search_fields = ("to",)
    fields = ("to", "state", "tries", "next_try_at", "sent_at", "last_error", "created_at")
    ordering = ("-created_at",)
