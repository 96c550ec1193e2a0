"""People by the hundred thousand, made inside PostgreSQL from one template a table."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection, models
from django.db.models.options import Options
from django.utils import timezone

from konnect.accounts.models import User
from matching.models import Organisation, Profile

PLACES_A_SIDE = 200


def empty() -> None:
    """Delete everybody and every run, and whatever a measurement that was stopped made of them."""
    call_command("flush", interactive=False, verbosity=0, allow_cascade=True)


def make_people(a_side: int, changed: dict[str, str] | None = None) -> None:
    """Write users, organisations, profiles, and their areas and topics.

    changed: SQL of further columns of a profile, which may use the person's `number`.
    """
    print(f"Making {2 * a_side:,} people ...", flush=True)
    organisations = Organisation.objects.bulk_create(
        [
            Organisation(name=f"University {number}", types=["education"], city="City",
                         side=("europe", "korea")[number % 2],
                         country_code=("BE", "KR")[number % 2])
            for number in range(2 * PLACES_A_SIDE)
        ]
    )  # fmt: skip
    user = User.objects.create(email="crowd-1@example.org")
    profile = Profile.objects.create(
        user=user, state="published", published_at=timezone.now(), display_name="Researcher 1",
        organisation=organisations[0], side="korea", country_code="KR", position="Professor",
        career_stage="R1", summary_en="Made for measurements.",
    )  # fmt: skip
    multiply(User, user.pk, 2 * a_side, {"email": "'crowd-' || number || '@example.org'"})
    first, place = user.pk - 1, organisations[0].pk
    multiply(Profile, profile.pk, 2 * a_side, {
        "user_id": f"{first} + number",
        "display_name": "'Researcher ' || number",
        "side": "(ARRAY['europe', 'korea'])[1 + number % 2]",
        "country_code": "(ARRAY['BE', 'KR'])[1 + number % 2]",
        "organisation_id": f"{place} + number % {2 * PLACES_A_SIDE}",
        "career_stage": "(ARRAY['R1', 'R2', 'R3', 'R4'])[1 + (number / 7) % 4]",
        "would_host": "number % 5 < 2",
        "would_visit": "number % 3 = 0",
        **(changed or {}),
    })  # fmt: skip
    link("areas", 2)
    link("topics", 3)
    run_sql("ANALYZE")


def multiply(
    model: type[models.Model], template: int, count: int, changed: dict[str, str]
) -> None:
    """Copy one row until there are `count`, some columns said anew by the copy's number."""
    fields = options_of(model).local_concrete_fields
    names = [field.column for field in fields if not field.primary_key]
    chosen = ", ".join(changed.get(name, f'template."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    run_sql(
        f'INSERT INTO "{table_of(model)}" ({columns}) SELECT {chosen} FROM'
        f' "{table_of(model)}" template, generate_series(2, {count}) number'
        f" WHERE template.id = {template} ORDER BY number"
    )


def link(name: str, count: int) -> None:
    """Give everybody a few areas or topics, spread by their number."""
    field = getattr(Profile, name).field
    table, target = field.m2m_db_table(), table_of(field.related_model)
    columns = f"{field.m2m_column_name()}, {field.m2m_reverse_name()}"
    run_sql(
        f"INSERT INTO {table} ({columns}) SELECT DISTINCT profile.id,"
        f" things.ids[1 + (profile.id * 7919 * step + step) % cardinality(things.ids)]"
        f" FROM matching_profile profile, generate_series(1, {count}) step,"
        f" (SELECT array_agg(id ORDER BY id) AS ids FROM {target}) things"
        " WHERE things.ids IS NOT NULL"
    )


def table_of(model: type[models.Model]) -> str:
    """Return the name of a model's table."""
    return options_of(model).db_table


def options_of(model: type[models.Model]) -> Options:
    """Return what Django knows of a model."""
    return model._meta  # noqa: SLF001 - documented by Django, whatever its name says


def forget_runs() -> None:
    """Delete all runs and what hangs on them."""
    run_sql("TRUNCATE matching_matchrun CASCADE")


def run_sql(statement: str) -> None:
    """Run a statement that takes nothing from outside."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
