"""The standard forms of reports, in the shape that `funding.forms_schema` reads.

Pure. A call may have forms of its own; these are short, because reports that take an afternoon
are not written.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def question(
    code: str, kind: str, label_en: str, label_ko: str, *, most: int = 0, **more: Any
) -> Json:
    """Return one question as JSON."""
    return {"code": code, "kind": kind, "label_en": label_en, "label_ko": label_ko, "most": most,
            **more}  # fmt: skip


def form_of(code: str, title_en: str, title_ko: str, *fields: Json) -> Json:
    """Return a form of one section as JSON."""
    section = {"code": code, "title_en": title_en, "title_ko": title_ko, "fields": list(fields)}
    return {"sections": [section]}


REPORT = form_of(
    "progress", "Progress", "진행 상황",
    question("done", "long", "What was done?", "무엇을 하였습니까?", most=4000),
    question("changes", "long", "What is different from the plan, and why?",
             "계획과 달라진 점과 그 이유는 무엇입니까?", most=2000, required=False),
    question("next", "long", "What comes next?", "앞으로의 계획은 무엇입니까?", most=2000),
)  # fmt: skip
FINAL = form_of(
    "results", "Results", "연구 결과",
    question("summary", "long", "Summary for everybody, in English",
             "모두를 위한 요약(영어)", most=1500, required=False, public="en",
             help_en="Two or three paragraphs in plain words. Leave out the names of people.",
             help_ko="쉬운 말로 두세 문단 정도 적어 주세요. 사람 이름은 적지 마세요."),
    question("summary_ko", "long", "Summary for everybody, in Korean",
             "모두를 위한 요약(한국어)", most=1500, required=False, public="ko"),
    question("results", "long", "What came out of the project?", "과제의 성과는 무엇입니까?",
             most=6000),
    question("together", "yes_no", "Do you go on working together?",
             "앞으로도 함께 연구하실 계획입니까?"),
    question("advice", "long", "What should be done better next time?",
             "다음에 개선하면 좋을 점은 무엇입니까?", most=2000, required=False),
)  # fmt: skip
FINANCIAL = form_of(
    "money", "Use of the money", "지원금 사용",
    question("spent", "long", "What was spent on what?", "지원금을 무엇에 사용하였습니까?",
             most=4000),
    question("left", "long", "What is left over, and why?", "남은 금액과 그 이유는 무엇입니까?",
             most=1000, required=False),
)  # fmt: skip
HOST = form_of(
    "host", "The host’s view", "초청 기관 의견",
    question("came", "yes_no", "Did the stay take place as agreed?",
             "방문이 합의한 대로 이루어졌습니까?"),
    question("gained", "long", "What did your group gain from it?",
             "귀 연구실에 어떤 도움이 되었습니까?", most=2000),
)  # fmt: skip
FOLLOW_UP = form_of(
    "later", "What became of it", "이후 성과",
    question("together", "yes_no", "Do you still work together?",
             "지금도 함께 연구하고 계십니까?"),
    question("funding", "long", "Which further money grew out of it?",
             "이 과제를 계기로 받은 후속 지원이 있습니까?", most=1500, required=False),
    question("people", "number", "How many people got a degree or a position through it?",
             "이 과제를 통해 학위를 받거나 취업한 사람은 몇 명입니까?", most=1000, required=False),
    question("story", "long", "What would not have happened without it?",
             "이 과제가 없었다면 이루어지지 않았을 일은 무엇입니까?", most=2000, required=False),
)  # fmt: skip
REPORT_FORMS: dict[str, Json] = {
    "report": REPORT, "final": FINAL, "financial": FINANCIAL, "host": HOST,
    "follow_up": FOLLOW_UP,
}  # fmt: skip
# What experts score years later, 0 to 5.
RUBRIC = ("science", "partnership", "people", "use")
