"""What administrators are told of the language models."""

from django import template

from matching import embedding

register = template.Library()


@register.simple_tag
def embedder_warning() -> str:
    """Return what keeps a configured language model from being used, '' when nothing does."""
    return embedding.embedder_warning()
