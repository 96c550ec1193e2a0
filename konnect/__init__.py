"""KONNECT: the portal where researchers in Europe and Korea find each other."""

# Tasks are sent from web processes too: each of them needs the configured application.
from konnect.celery import application

__all__ = ["application"]
