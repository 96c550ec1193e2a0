"""The questions that organisers ask with a registration."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.forms.registration_desk import QuestionForm
from events.forms.registrations import RegistrationForm
from events.models import Event, Question
from events.services.questions import (
    MOST_QUESTIONS,
    add_question,
    change_question,
    move_question,
    remove_question,
)
from events.views.registration_desk import organised
from matching.views.asked import MemberRequest


@login_required
@require_GET
def question_list(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the questions in their order, and the form as people see it."""
    event = organised(request, pk)
    questions = event.questions.annotate(number_of_answers=Count("answers"))
    context = {
        "event": event, "questions": questions, "most": MOST_QUESTIONS,
        "sample": RegistrationForm(event=event, wishes=[]),
    }  # fmt: skip
    return render(request, "events/question_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def question_create(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a question.

    Raises:
        Http404: there are as many as anybody answers.
    """
    event = organised(request, pk)
    if event.questions.count() >= MOST_QUESTIONS:
        raise Http404
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        add_question(event, actor=request.user, columns=form.columns())
        messages.success(request, _("The question is added."))
        return redirect("events:question_list", event.pk)
    return render(request, "events/question_form.html", {"event": event, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def question_edit(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Change a question."""
    event, question = asked(request, pk, number)
    form = QuestionForm(request.POST or None, instance=question)
    if request.method == "POST" and form.is_valid():
        change_question(question, actor=request.user, columns=form.columns())
        messages.success(request, _("The question is changed."))
        return redirect("events:question_list", event.pk)
    context = {"event": event, "form": form, "question": question}
    return render(request, "events/question_form.html", context)


def asked(request: MemberRequest, pk: int, number: int) -> tuple[Event, Question]:
    """Return a question of an event that the reader organises."""
    event = organised(request, pk)
    return event, get_object_or_404(Question, event=event, pk=number)


@login_required
@require_POST
def question_move(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Move a question one place."""
    event, question = asked(request, pk, number)
    move_question(question, actor=request.user, by=-1 if request.POST.get("to") == "up" else 1)
    return redirect("events:question_list", event.pk)


@login_required
@require_http_methods(["GET", "POST"])
def question_remove(request: MemberRequest, pk: int, number: int) -> HttpResponse:
    """Ask whether a question is to go with its answers, and remove it."""
    event, question = asked(request, pk, number)
    if request.method == "POST":
        remove_question(question, actor=request.user)
        messages.success(request, _("The question is removed."))
        return redirect("events:question_list", event.pk)
    context = {"event": event, "question": question, "answers": question.answers.count()}
    return render(request, "events/question_remove.html", context)
