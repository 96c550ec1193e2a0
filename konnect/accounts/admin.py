"""Accounts in the administration."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from konnect.accounts.audit import label_of
from konnect.accounts.models import AuditEvent, Consent, OutgoingEmail, RoleGrant, User
from konnect.accounts.services.audit import record


class AuditedAdmin(admin.ModelAdmin[Any]):
    """Rows about people: who of the staff opens one, or searches for one, is written down."""

    audited_as: str

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Note that a row was opened."""
        if request.method == "GET" and object_id and isinstance(request.user, User):
            row = self.get_object(request, object_id)
            if row is not None and self.has_view_permission(request, row):
                record(request.user, self.audited_as, subject=person_of(row), target=row)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Note that somebody was searched for; what was typed may name a person and stays out."""
        is_search = bool(request.GET.get("q")) and self.has_view_permission(request)
        if is_search and isinstance(request.user, User):
            record(request.user, self.audited_as, facts={"searched": True})
        return super().changelist_view(request, *args, **kwargs)


def person_of(row: Model) -> User | None:
    """Return whose data a row is."""
    return row if isinstance(row, User) else getattr(row, "user", None)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """People; their password is their own affair."""

    audited_as = "account.read"
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
class RoleGrantAdmin(admin.ModelAdmin[RoleGrant]):
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
        note_role(request, obj, is_given=True)

    def delete_model(self, request: HttpRequest, obj: RoleGrant) -> None:
        """Note who took the role back."""
        note_role(request, obj, is_given=False)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoleGrant]) -> None:
        """Note it for each of several."""
        for grant in queryset:
            note_role(request, grant, is_given=False)
        super().delete_queryset(request, queryset)

    @method_decorator(reauthentication_required)
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the password again first."""
        return super().changeform_view(*args, **kwargs)

    @method_decorator(reauthentication_required)
    def delete_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the password again first."""
        return super().delete_view(*args, **kwargs)


def note_role(request: HttpRequest, grant: RoleGrant, *, is_given: bool) -> None:
    """Write down that a role was given or taken back."""
    if isinstance(request.user, User):
        facts = {"role": grant.role, "scope": grant.scope, "given": is_given}
        record(request.user, "role.changed", subject=grant.user, target=grant, facts=facts)


class ReadOnlyAdmin(AuditedAdmin):
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

    audited_as = "consents.read"

    list_display = ("user", "purpose", "is_given", "text_version", "channel", "recorded_at")
    list_filter = ("purpose", "is_given", "channel")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnlyAdmin):
    """What became of each message; what it says is between the portal and its reader."""

    audited_as = "mail.read"

    list_display = ("to", "state", "tries", "next_try_at", "sent_at", "last_error")
    list_filter = ("state",)
    search_fields = ("to",)
    fields = ("to", "state", "tries", "next_try_at", "sent_at", "last_error", "created_at")
    ordering = ("-created_at",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who of the staff did or read what."""

    audited_as = "account.read"
    list_display = ("happened_at", "actor_name", "in_words", "subject", "target_kind", "reason")
    list_filter = ("action",)
    list_select_related = ("subject",)
    search_fields = ("actor_name", "subject__email")
    date_hierarchy = "happened_at"

    @admin.display(description=_("What was done"))
    def in_words(self, event: AuditEvent) -> str:
        """The action in the reader's language."""
        return label_of(event.action)
