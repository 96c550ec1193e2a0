"""The form that a new mobility call begins with; officers change it until the call is approved."""

from __future__ import annotations

from typing import Any

# What of it an outline asks for.
OUTLINE_FIELDS = (
    "summary.abstract", "summary.keywords", "work.aims", "work.impact", "mobility.direction",
    "mobility.days", "team.record", "team.is_new", "declarations.not_to_review",
)  # fmt: skip

STANDARD_FORM: dict[str, Any] = {
    "sections": [
        {
            "code": "summary",
            "title_en": "Summary",
            "title_ko": "과제 요약",
            "help_en": "What everybody reads first, and the public reads if you are funded.",
            "help_ko": "누구나 가장 먼저 읽는 부분이며, 선정되면 공개됩니다.",
            "fields": [
                {
                    "code": "abstract", "kind": "long", "most": 1500,
                    "label_en": "What do you want to do together?",
                    "label_ko": "함께 하려는 연구는 무엇입니까?",
                    "help_en": "For a reader from another field. Name no people or organisations.",
                    "help_ko": "다른 분야의 독자도 이해할 수 있게 써 주세요. 사람이나 기관 이름은 쓰지 마세요.",
                },
                {
                    "code": "keywords", "kind": "text", "most": 200,
                    "label_en": "Keywords", "label_ko": "핵심어",
                    "help_en": "Up to six, with commas between them: reviewers are found by them.",
                    "help_ko": "여섯 개까지 쉼표로 구분해 적어 주세요. 평가위원을 찾을 때 씁니다.",
                },
            ],
        },
        {
            "code": "work",
            "title_en": "Work",
            "title_ko": "연구 내용",
            "help_en": "Excellence, impact and plan, as the criteria of the call ask for.",
            "help_ko": "공모의 평가 항목에 맞추어 우수성, 파급 효과, 추진 계획을 적어 주세요.",
            "fields": [
                {
                    "code": "aims", "kind": "long", "most": 4000,
                    "label_en": "Aims and state of the art", "label_ko": "연구 목표와 국내외 현황",
                },
                {
                    "code": "impact", "kind": "long", "most": 3000,
                    "label_en": "What changes if it succeeds", "label_ko": "기대되는 변화와 파급 효과",
                },
                {
                    "code": "plan", "kind": "long", "most": 3000,
                    "label_en": "Who does what when", "label_ko": "역할 분담과 일정",
                },
            ],
        },
        {
            "code": "mobility",
            "title_en": "Visits",
            "title_ko": "방문 계획",
            "help_en": "Who travels where, and what is only possible there.",
            "help_ko": "누가 어디를 방문하며, 그곳에서만 할 수 있는 일이 무엇인지 적어 주세요.",
            "fields": [
                {
                    "code": "direction", "kind": "choice",
                    "label_en": "Direction", "label_ko": "방문 방향",
                    "options": [
                        ["From Europe to Korea", "유럽에서 한국으로"],
                        ["From Korea to Europe", "한국에서 유럽으로"],
                        ["Both", "양방향"],
                    ],
                },
                {
                    "code": "days", "kind": "number",
                    "label_en": "Length of the longest stay, in days",
                    "label_ko": "가장 긴 체류 기간(일)",
                },
                {
                    "code": "first_day", "kind": "date", "required": False,
                    "label_en": "First visit, about when", "label_ko": "첫 방문 예정일",
                },
                {
                    "code": "purpose", "kind": "long", "most": 2000,
                    "label_en": "What each stay is for", "label_ko": "방문별 목적",
                },
            ],
        },
        {
            "code": "team",
            "title_en": "Team and partnership",
            "title_ko": "연구진과 협력 관계",
            "fields": [
                {
                    "code": "record", "kind": "long", "most": 2500, "is_identifying": True,
                    "label_en": "What each side brings", "label_ko": "양측의 연구 역량",
                    "help_en": "Copies for blind reviews leave this answer out.",
                    "help_ko": "블라인드 평가용 사본에는 이 답변이 들어가지 않습니다.",
                },
                {
                    "code": "is_new", "kind": "yes_no", "required": False,
                    "label_en": "We work together for the first time",
                    "label_ko": "이번이 첫 협력입니다",
                },
                {
                    "code": "later", "kind": "long", "most": 1500,
                    "label_en": "How the co-operation goes on afterwards",
                    "label_ko": "과제 종료 후의 협력 계획",
                },
            ],
        },
        {
            "code": "declarations",
            "title_en": "Declarations",
            "title_ko": "확인 사항",
            "fields": [
                {
                    "code": "ethics", "kind": "long", "most": 1500, "required": False,
                    "label_en": "Ethics, data and security", "label_ko": "연구 윤리, 데이터, 보안",
                    "help_en": "Leave this empty if nothing applies.",
                    "help_ko": "해당 사항이 없으면 비워 두세요.",
                },
                {
                    "code": "not_to_review", "kind": "text", "most": 300, "required": False,
                    "is_identifying": True,
                    "label_en": "People who should not review", "label_ko": "평가에서 제외할 사람",
                    "help_en": "Three at most. Only the programme officer reads it.",
                    "help_ko": "세 명까지 적을 수 있으며, 과제 담당자만 봅니다.",
                },
            ],
        },
    ]
}  # fmt: skip
