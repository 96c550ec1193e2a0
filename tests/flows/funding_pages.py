"""The pages of applications, reviews, panels and grants that are looked at by axe, by name.

All of them are Minji's: `tests.flows.funding_stage` says what each is about. Pages of calls are in
`tests.flows.call_stage`.
"""

PAGES_OF_FUNDING: tuple[str, ...] = (
    "funding:my_work",
    # Applications.
    "funding:application_list", "funding:application_create", "funding:application_detail",
    "funding:application_basics", "funding:application_section", "funding:application_people",
    "funding:application_budget", "funding:application_documents", "funding:application_preview",
    "funding:application_submit", "funding:application_withdraw", "funding:application_confirm",
    "funding:application_join", "funding:screening_list", "funding:application_screen",
    "funding:application_redaction",
    # Reviews, experts, conflicts, assignment, consensus.
    "funding:review_list", "funding:review_detail", "funding:expert_answer",
    "funding:expert_bids", "funding:expert_list", "funding:expert_edit",
    "funding:call_expert_list", "funding:conflict_list", "funding:assignment_detail",
    "funding:assignment_run", "funding:consensus_detail",
    # Panels.
    "funding:panel_detail", "funding:panel_marks", "funding:panel_ranking",
    "funding:panel_lottery",
    "funding:panel_allocation", "funding:panel_decision", "funding:panel_release",
    "funding:application_result",
    # Grants, trips, reports.
    "funding:grant_list", "funding:grant_detail", "funding:grant_results",
    "funding:trip_create", "funding:trip_detail", "funding:trip_edit", "funding:report_detail",
    "funding:project_index", "funding:project_list", "funding:project_detail",
)  # fmt: skip
