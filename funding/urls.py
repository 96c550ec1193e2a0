"""Addresses of funding."""

from django.urls import path

from funding.application_urls import APPLICATIONS
from funding.views import (
    assignments,
    call_forms,
    call_manage,
    calls,
    conflicts,
    consensuses,
    decisions,
    experts,
    grants,
    hand_overs,
    mileage,
    panels,
    projects,
    rankings,
    redactions,
    reports,
    reviews,
    trips,
    work,
)

app_name = "funding"
urlpatterns = [
    # What waits for the reader.
    path("funding/", work.my_work, name="my_work"),
    # Calls, for everybody.
    path("calls/", calls.call_list, name="call_list"),
    path("calls/feed.atom", calls.call_feed_atom, name="call_feed_atom"),
    path("calls/feed.ics", calls.call_feed_calendar, name="call_feed_calendar"),
    path("calls/<int:pk>/", calls.call_detail, name="call_detail"),
    # What came of a call, for everybody.
    path("calls/<int:pk>/projects/", projects.project_list, name="project_list"),
    path("projects/", projects.project_index, name="project_index"),
    path("projects/table.csv", projects.project_table, name="project_table"),
    path("projects/<int:pk>/", projects.project_detail, name="project_detail"),
    # Preparing and running a call.
    path("calls/new/", call_forms.call_create, name="call_create"),
    path("calls/<int:pk>/edit/", call_forms.call_edit, name="call_edit"),
    path("calls/<int:pk>/edit/<slug:step>/", call_forms.call_edit, name="call_step"),
    path("calls/<int:pk>/manage/", call_manage.call_manage, name="call_manage"),
    path("calls/<int:pk>/approve/", call_manage.call_approve, name="call_approve"),
    path("calls/<int:pk>/follow/", call_manage.call_follow, name="call_follow"),
    path("calls/<int:pk>/amend/", call_manage.call_amend, name="call_amend"),
    path("calls/<int:pk>/outage/", call_manage.call_outage, name="call_outage"),
    path("calls/<int:pk>/late/", call_manage.call_late, name="call_late"),
    path(
        "calls/<int:pk>/late/<int:token>/approve/", call_manage.late_approve, name="late_approve"
    ),
    # A programme, from one officer to the next.
    path("programmes/<int:pk>/hand-over/", hand_overs.hand_over, name="hand_over"),
    path("programmes/<int:pk>/hand-over.csv", hand_overs.hand_over_table, name="hand_over_table"),
    # Applications.
    *APPLICATIONS,
    # Reviews, experts, conflicts, assignment, consensus.
    path("reviews/", reviews.review_list, name="review_list"),
    path("reviews/calls/<int:pk>/", experts.expert_answer, name="expert_answer"),
    path("reviews/calls/<int:pk>/bids/", experts.expert_bids, name="expert_bids"),
    path("reviews/<uuid:key>/", reviews.review_detail, name="review_detail"),
    path("reviews/<uuid:key>/answer/", reviews.review_answer, name="review_answer"),
    path("reviews/<uuid:key>/declare/", reviews.review_declare, name="review_declare"),
    path("reviews/<uuid:key>/leave/", reviews.review_leave, name="review_leave"),
    path("reviews/<uuid:key>/reopen/", reviews.review_reopen, name="review_reopen"),
    path(
        "reviews/<uuid:key>/documents/<uuid:document>/",
        reviews.review_document,
        name="review_document",
    ),
    path(
        "reviews/certificates/<int:pk>.pdf", mileage.review_certificate, name="review_certificate"
    ),
    path(
        "reviews/certificates/<str:code>/",
        mileage.review_certificate_check,
        name="review_certificate_check",
    ),
    path("experts/", experts.expert_list, name="expert_list"),
    path("experts/<int:pk>/", experts.expert_edit, name="expert_edit"),
    path("calls/<int:pk>/manage/experts/", experts.call_expert_list, name="call_expert_list"),
    path(
        "calls/<int:pk>/manage/experts/<int:number>/",
        experts.call_expert_load,
        name="call_expert_load",
    ),
    path("calls/<int:pk>/manage/conflicts/", conflicts.conflict_list, name="conflict_list"),
    path(
        "calls/<int:pk>/manage/conflicts/look/",
        conflicts.conflict_refresh,
        name="conflict_refresh",
    ),
    path(
        "calls/<int:pk>/manage/conflicts/<int:number>/<slug:verdict>/",
        conflicts.conflict_decide,
        name="conflict_decide",
    ),
    path(
        "calls/<int:pk>/manage/assignment/",
        assignments.assignment_detail,
        name="assignment_detail",
    ),
    path(
        "calls/<int:pk>/manage/assignment/pin/", assignments.assignment_pin, name="assignment_pin"
    ),
    path(
        "calls/<int:pk>/manage/assignment/unpin/<int:number>/",
        assignments.assignment_unpin,
        name="assignment_unpin",
    ),
    path(
        "calls/<int:pk>/manage/assignment/end/<int:number>/",
        assignments.assignment_end,
        name="assignment_end",
    ),
    path(
        "calls/<int:pk>/manage/assignment/ask/", assignments.assignment_ask, name="assignment_ask"
    ),
    path(
        "calls/<int:pk>/manage/assignment/<int:number>/",
        assignments.assignment_run,
        name="assignment_run",
    ),
    path(
        "calls/<int:pk>/manage/assignment/<int:number>/<slug:decision>/",
        assignments.assignment_decide,
        name="assignment_decide",
    ),
    path(
        "applications/<int:pk>/consensus/", consensuses.consensus_detail, name="consensus_detail"
    ),
    path(
        "applications/<int:pk>/consensus/open/", consensuses.consensus_open, name="consensus_open"
    ),
    path(
        "applications/<int:pk>/consensus/sign/", consensuses.consensus_sign, name="consensus_sign"
    ),
    path(
        "applications/<int:pk>/consensus/reopen/",
        consensuses.consensus_reopen,
        name="consensus_reopen",
    ),
    # Panel, ranking, decisions.
    path("calls/<int:pk>/panel/", panels.panel_detail, name="panel_detail"),
    path("calls/<int:pk>/panel/save/", panels.panel_save, name="panel_save"),
    path("calls/<int:pk>/panel/members/", panels.panel_member_add, name="panel_member_add"),
    path(
        "calls/<int:pk>/panel/members/<int:member>/<slug:what>/",
        panels.panel_member_set,
        name="panel_member_set",
    ),
    path("calls/<int:pk>/panel/recusals/", panels.panel_recuse, name="panel_recuse"),
    path("calls/<int:pk>/panel/conflicts/", panels.panel_conflicts, name="panel_conflicts"),
    path("calls/<int:pk>/panel/pack.pdf", panels.panel_pack, name="panel_pack"),
    path("calls/<int:pk>/panel/reviews/", mileage.panel_marks, name="panel_marks"),
    path("calls/<int:pk>/panel/ranking/", rankings.panel_ranking, name="panel_ranking"),
    path("calls/<int:pk>/panel/ranking/method/", rankings.panel_method, name="panel_method"),
    path("calls/<int:pk>/panel/ranking/freeze/", rankings.panel_freeze, name="panel_freeze"),
    path(
        "calls/<int:pk>/panel/ranking/table.<str:ending>",
        rankings.panel_table,
        name="panel_table",
    ),
    path("calls/<int:pk>/panel/lottery/", rankings.panel_lottery, name="panel_lottery"),
    path(
        "calls/<int:pk>/panel/lottery/published.json",
        rankings.panel_lottery_values,
        name="panel_lottery_values",
    ),
    path(
        "calls/<int:pk>/panel/lottery/draw_script.py",
        rankings.panel_lottery_script,
        name="panel_lottery_script",
    ),
    path("calls/<int:pk>/panel/allocation/", decisions.panel_allocation, name="panel_allocation"),
    path(
        "calls/<int:pk>/panel/decisions/<int:application>/",
        decisions.panel_decision,
        name="panel_decision",
    ),
    path("calls/<int:pk>/panel/release/", decisions.panel_release, name="panel_release"),
    path("calls/<int:pk>/panel/release/close/", decisions.panel_close, name="panel_close"),
    path("calls/<int:pk>/panel/release/reopen/", decisions.panel_reopen, name="panel_reopen"),
    path(
        "applications/<int:pk>/redaction/",
        redactions.application_redaction,
        name="application_redaction",
    ),
    path(
        "applications/<int:pk>/redaction/<int:redaction>/remove/",
        redactions.redaction_remove,
        name="redaction_remove",
    ),
    path("applications/<int:pk>/result/", decisions.application_result, name="application_result"),
    # Grants, trips, reports.
    path("calls/awards.json", grants.awards_json, name="awards_json"),
    path("grants/", grants.grant_list, name="grant_list"),
    path("grants/payments.<slug:kind>", grants.payment_export, name="payment_export"),
    path("grants/<int:pk>/", grants.grant_detail, name="grant_detail"),
    path("grants/<int:pk>/answer/", grants.grant_answer, name="grant_answer"),
    path("grants/<int:pk>/amend/", grants.grant_amend, name="grant_amend"),
    path("grants/<int:pk>/payments/new/", grants.payment_create, name="payment_create"),
    path("grants/<int:pk>/trips/new/", trips.trip_create, name="trip_create"),
    path("grants/<int:pk>/results/", reports.grant_results, name="grant_results"),
    path("grants/<int:pk>/results/new/", reports.output_add, name="output_add"),
    path("grants/<int:pk>/results/later/", reports.follow_on_add, name="follow_on_add"),
    path(
        "grants/<int:pk>/results/<int:output>/answer/", reports.output_answer, name="output_answer"
    ),
    path("grants/<int:pk>/years/<int:year>/ask/", reports.evaluator_ask, name="evaluator_ask"),
    path(
        "grants/<int:pk>/years/<int:year>/judge/", reports.follow_up_judge, name="follow_up_judge"
    ),
    path("grants/<int:pk>/<slug:event>/", grants.grant_move, name="grant_move"),
    path("trips/<int:pk>/", trips.trip_detail, name="trip_detail"),
    path("trips/<int:pk>/edit/", trips.trip_edit, name="trip_edit"),
    path("trips/<int:pk>/papers/", trips.trip_papers, name="trip_papers"),
    path("trips/<int:pk>/well/", trips.trip_well, name="trip_well"),
    path("trips/<int:pk>/report/", trips.trip_report, name="trip_report"),
    path("trips/<int:pk>/report/approve/", trips.trip_sign, name="trip_sign"),
    path("trips/<int:pk>/calendar.ics", trips.trip_calendar, name="trip_calendar"),
    path("trips/<int:pk>/<slug:event>/", trips.trip_move, name="trip_move"),
    path("reports/<int:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<int:pk>/extend/", reports.report_extend, name="report_extend"),
    path("reports/<int:pk>/<slug:event>/", reports.report_move, name="report_move"),
    # What is done with a call: the last of all, because its event may be any word.
    path("calls/<int:pk>/<slug:event>/", call_manage.call_move, name="call_move"),
]
