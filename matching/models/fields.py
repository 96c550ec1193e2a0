"""Columns that are made from others whenever a row is written."""

from typing import Any

from django.db import models


class ComputedTextField(models.TextField[str, str]):
    """A text made by a method of the row, on `save` and `bulk_create` alike.

    An `update()` does not know the row and leaves the text as it is.
    """

    def __init__(self, *args: Any, method: str = "", **kwargs: Any) -> None:
        self.method = method
        options: dict[str, Any] = {"blank": True, "default": "", "editable": False}
        super().__init__(*args, **options | kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Make the text and keep it on the row."""
        make = getattr(model_instance, self.method, None)
        # The frozen models of migrations have no methods: they keep the text that is there.
        text: str = make() if make else getattr(model_instance, self.attname)
        setattr(model_instance, self.attname, text)
        return text
