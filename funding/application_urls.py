"""Addresses of applications; `funding.urls` takes them in."""

from django.urls import URLPattern, path

from funding.views import (
    application_parts,
    application_people,
    application_sections,
    application_submit,
    applications,
    screening,
)

APPLICATIONS: list[URLPattern] = [
    path("applications/", applications.application_list, name="application_list"),
    path("calls/<int:pk>/apply/", applications.application_create, name="application_create"),
    path("applications/<int:pk>/", applications.application_detail, name="application_detail"),
    path(
        "applications/<int:pk>/basics/",
        applications.application_basics,
        name="application_basics",
    ),
    path(
        "applications/<int:pk>/sections/<slug:code>/",
        application_sections.application_section,
        name="application_section",
    ),
    path(
        "applications/<int:pk>/people/",
        application_people.application_people,
        name="application_people",
    ),
    path(
        "applications/<int:pk>/people/add/",
        application_people.participant_add,
        name="participant_add",
    ),
    path(
        "applications/<int:pk>/people/<int:participant_pk>/remove/",
        application_people.participant_remove,
        name="participant_remove",
    ),
    path(
        "applications/join/<uuid:token>/",
        application_people.application_join,
        name="application_join",
    ),
    path(
        "applications/<int:pk>/confirm/",
        application_people.application_confirm,
        name="application_confirm",
    ),
    path(
        "applications/<int:pk>/decline/",
        application_people.application_decline,
        name="application_decline",
    ),
    path(
        "applications/<int:pk>/budget/",
        application_parts.application_budget,
        name="application_budget",
    ),
    path(
        "applications/<int:pk>/documents/",
        application_parts.application_documents,
        name="application_documents",
    ),
    path(
        "applications/<int:pk>/documents/<uuid:key>/",
        application_parts.application_document,
        name="application_document",
    ),
    path(
        "applications/<int:pk>/documents/<uuid:key>/remove/",
        application_parts.document_remove,
        name="document_remove",
    ),
    path(
        "applications/<int:pk>/preview/",
        applications.application_preview,
        name="application_preview",
    ),
    path(
        "applications/<int:pk>/application.pdf",
        applications.application_pdf,
        name="application_pdf",
    ),
    path(
        "applications/<int:pk>/submit/",
        application_submit.application_submit,
        name="application_submit",
    ),
    path(
        "applications/<int:pk>/receipt.pdf",
        applications.application_receipt,
        name="application_receipt",
    ),
    path(
        "applications/<int:pk>/withdraw/",
        application_submit.application_withdraw,
        name="application_withdraw",
    ),
    # What officers do with what was handed in.
    path("calls/<int:pk>/manage/screening/", screening.screening_list, name="screening_list"),
    path("applications/<int:pk>/screen/", screening.application_screen, name="application_screen"),
    path("applications/<int:pk>/ask/", screening.application_ask, name="application_ask"),
]
