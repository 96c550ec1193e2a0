"""What the browser's console counts as a fault of a page, and what it does not."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("site")]

# Asks as the clocks beside a wall time do: whoever types on replaces the question.
ASK = """() => {
  const row = document.createElement("div");
  row.setAttribute("hx-get", "/slow/");
  row.setAttribute("hx-trigger", "ask");
  row.setAttribute("hx-swap", "none");
  row.setAttribute("hx-sync", "this:replace");
  document.querySelector("main").append(row);
  htmx.process(row);
  row.dispatchEvent(new Event("ask"));
  setTimeout(() => row.dispatchEvent(new Event("ask")), 100);
}"""


def ask(page, answer, awaited):
    """Let the page ask twice for what `answer` handles, until the console says `awaited`."""
    page.goto("/")
    page.route("**/slow/", answer)
    with page.expect_console_message(lambda line: awaited in line.text):
        page.evaluate(ASK)


def test_question_that_the_next_one_replaces_is_no_fault(new_page):
    page = new_page()

    ask(page, lambda route: None, "htmx:sendAbort")

    assert page.complaints == []


def test_question_without_an_answer_is_a_fault(new_page):
    page = new_page()

    ask(page, lambda route: route.abort(), "htmx:sendError")

    assert any("htmx:sendError" in complaint for complaint in page.complaints)
