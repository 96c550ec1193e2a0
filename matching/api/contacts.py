"""Asking somebody to talk, answering, and talking."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from konnect.accounts.api.bodies import Given, TimeField
from konnect.accounts.api.views import Listed, Resource, Retrieved
from matching.api.examples import CONTACT_REQUEST, CONVERSATION, MESSAGE
from matching.api.lines import PersonInLine
from matching.filters import ContactRequestFilter
from matching.models import (
    ContactRequest,
    ContactRequestState,
    Conversation,
    Listing,
    Message,
    Profile,
)
from matching.models.contact import is_of
from matching.permissions.contacts import can_answer, can_withdraw
from matching.services.contacts import (
    accept_contact_request,
    decline_contact_request,
    send_contact_request,
    withdraw_contact_request,
)
from matching.services.conversations import mark_read, send_message
from matching.services.profiles import ensure_profile


@extend_schema_serializer(
    examples=[OpenApiExample("Contact request", CONTACT_REQUEST, response_only=True)]
)
class ContactRequestSerializer(serializers.Serializer[ContactRequest]):
    """One person asks another to talk."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    state = serializers.ChoiceField(ContactRequestState.choices)
    is_sent_by_me = serializers.SerializerMethodField()
    partner = serializers.SerializerMethodField(help_text="The other side.")
    listing = serializers.IntegerField(source="listing_id", allow_null=True)
    message = serializers.CharField()
    answer = serializers.CharField(allow_blank=True)
    created_at = TimeField()
    expires_at = TimeField()
    answered_at = TimeField(allow_null=True)
    conversation = serializers.SerializerMethodField(help_text="Open after acceptance.")
    can_answer = serializers.SerializerMethodField()
    can_withdraw = serializers.SerializerMethodField()

    @property
    def user(self) -> Any:
        """Return who reads."""
        return self.context["request"].user

    def get_is_sent_by_me(self, row: ContactRequest) -> bool:
        """Tell which side the reader is."""
        return is_of(row.sender, self.user)

    @extend_schema_field(PersonInLine)
    def get_partner(self, row: ContactRequest) -> Any:
        """Return the other side."""
        return PersonInLine(row.partner_of(self.user)).data

    def get_conversation(self, row: ContactRequest) -> int | None:
        """Return the number of the conversation."""
        conversation = getattr(row, "conversation", None)
        return conversation.pk if conversation else None

    def get_can_answer(self, row: ContactRequest) -> bool:
        """Tell whether the reader may accept or decline now."""
        return can_answer(row, self.user)

    def get_can_withdraw(self, row: ContactRequest) -> bool:
        """Tell whether the reader may take it back now."""
        return can_withdraw(row, self.user)


class ContactRequestRequestSerializer(Given):
    """Whom one asks to talk, and with which words."""

    recipient = serializers.IntegerField(min_value=1, help_text="The number of a profile.")
    message = serializers.CharField(max_length=2000)
    listing = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, help_text="What it is about."
    )


class AnswerRequestSerializer(Given):
    """Words that may go with an answer."""

    answer = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


@extend_schema(tags=["contacts"])
class ContactRequests(Listed, Retrieved, Resource):
    """The contact requests that one sent and received."""

    queryset = ContactRequest.objects.all()
    serializer_class = ContactRequestSerializer
    filterset_class = ContactRequestFilter

    def rows(self) -> QuerySet[Any]:
        """Return one's own, blocks apart."""
        return ContactRequest.objects.visible_to(self.reader).with_people()

    @extend_schema(
        request=ContactRequestRequestSerializer,
        responses={201: ContactRequestSerializer}, summary="Ask somebody to talk",
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """Whoever was asked by that person already accepts by asking."""
        values = self.given(ContactRequestRequestSerializer)
        sender = ensure_profile(self.reader)
        people = Profile.objects.visible_to(self.reader).select_related("user", "organisation")
        recipient = people.filter(pk=values["recipient"]).first()
        if recipient is None:
            words = _("There is no such person, or none whom you may see.")
            raise serializers.ValidationError({"recipient": [words]}, "does_not_exist")
        contact_request = send_contact_request(
            sender, recipient, actor=self.reader, message=values["message"],
            listing=self.named_listing(values.get("listing"), recipient),
        )  # fmt: skip
        self.kwargs["pk"] = contact_request.pk
        return Response(self.shown(self.get_object()), status.HTTP_201_CREATED)

    def named_listing(self, number: int | None, recipient: Profile) -> Listing | None:
        """Return the recipient's listing that the body names.

        Raises:
            ValidationError: it is not the recipient's, or not one that the reader may see.
        """
        if number is None:
            return None
        visible = Listing.objects.visible_to(self.reader).filter(profile=recipient)
        listing = visible.filter(pk=number).first()
        if listing is None:
            words = _("This person has no such listing.")
            raise serializers.ValidationError({"listing": [words]}, "does_not_exist")
        return listing

    @extend_schema(
        request=AnswerRequestSerializer, responses=ContactRequestSerializer, summary="Say yes"
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Accept a request that one received; a conversation opens."""
        return self.answered(accept_contact_request)

    @extend_schema(
        request=AnswerRequestSerializer, responses=ContactRequestSerializer, summary="Say no"
    )
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """Decline a request that one received, with or without words."""
        return self.answered(decline_contact_request)

    def answered(self, service: Callable[..., ContactRequest]) -> Response:
        """Answer a request that one received; others are not there."""
        received = self.rows().filter(recipient__user=self.reader)
        contact_request = get_object_or_404(received, pk=self.kwargs["pk"])
        values = self.given(AnswerRequestSerializer)
        service(contact_request, actor=self.reader, answer=values["answer"])
        return Response(self.shown(self.get_object()))

    @extend_schema(request=None, responses=ContactRequestSerializer, summary="Take it back")
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take back a request that one sent and nobody has answered."""
        sent = self.rows().filter(sender__user=self.reader)
        withdraw_contact_request(get_object_or_404(sent, pk=pk), actor=self.reader)
        return Response(self.shown(self.get_object()))


@extend_schema_serializer(
    examples=[OpenApiExample("Conversation", CONVERSATION, response_only=True)]
)
class ConversationSerializer(serializers.Serializer[Conversation]):
    """What two people say to each other."""

    id = serializers.IntegerField()
    page = serializers.CharField(source="get_absolute_url", help_text="The page for people.")
    partner = serializers.SerializerMethodField()
    contact_request = serializers.IntegerField(source="contact_request_id")
    last_message_at = TimeField()
    last_text = serializers.CharField(allow_null=True, help_text="The newest message.")
    unread = serializers.IntegerField(help_text="Messages that the reader has not opened.")

    @extend_schema_field(PersonInLine)
    def get_partner(self, row: Conversation) -> Any:
        """Return the other side."""
        return PersonInLine(row.partner_of(self.context["request"].user)).data


@extend_schema_serializer(examples=[OpenApiExample("Message", MESSAGE, response_only=True)])
class MessageSerializer(serializers.Serializer[Message]):
    """One message."""

    id = serializers.IntegerField()
    is_mine = serializers.SerializerMethodField()
    text = serializers.CharField()
    sent_at = TimeField()
    read_at = TimeField(allow_null=True)

    def get_is_mine(self, row: Message) -> bool:
        """Tell whether the reader wrote it."""
        return is_of(row.author, self.context["request"].user)


class MessageRequestSerializer(Given):
    """A message; the same token again sends nothing twice."""

    text = serializers.CharField(max_length=5000)
    token = serializers.UUIDField(required=False)


class ReadRequestSerializer(Given):
    """Up to which message one has read."""

    newest = serializers.IntegerField(min_value=1, help_text="The number of the newest one read.")


@extend_schema(tags=["conversations"])
class Conversations(Listed, Retrieved, Resource):
    """One's conversations; reading them here marks nothing as read."""

    queryset = Conversation.objects.all()
    serializer_class = ConversationSerializer

    def rows(self) -> QuerySet[Any]:
        """Return one's own, with the number of unread messages."""
        own = Conversation.objects.visible_to(self.reader)
        return own.with_people().with_news_for(self.reader)

    @extend_schema(
        request=ReadRequestSerializer, responses=ConversationSerializer,
        summary="Mark messages as read",
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: int) -> Response:
        """Everything up to one message counts as read."""
        conversation = self.get_object()
        values = self.given(ReadRequestSerializer)
        newest = get_object_or_404(conversation.messages, pk=values["newest"])
        mark_read(conversation, actor=self.reader, newest=newest)
        return Response(self.shown(self.get_object()))


@extend_schema(tags=["conversations"])
class Messages(Listed, Resource):
    """The messages of one conversation, the newest first."""

    queryset = Message.objects.all()
    serializer_class = MessageSerializer

    def conversation(self) -> Conversation:
        """Return the conversation of the address; others' are not there."""
        own = Conversation.objects.visible_to(self.reader).with_people()
        found: Conversation = get_object_or_404(own, pk=self.kwargs["conversation"])
        return found

    def rows(self) -> QuerySet[Any]:
        """Return its messages."""
        return self.conversation().messages.select_related("author")

    @extend_schema(
        request=MessageRequestSerializer, responses={201: MessageSerializer},
        summary="Write into a conversation",
    )  # fmt: skip
    def create(self, request: Request, conversation: int) -> Response:
        """Send a token along and try again without fear: nothing is sent twice."""
        values = self.given(MessageRequestSerializer)
        token = values.get("token") or uuid.uuid4()
        message = send_message(
            self.conversation(), actor=self.reader, text=values["text"], token=token
        )
        return Response(self.shown(message), status.HTTP_201_CREATED)
