"""Parts of a page that are drawn once and used again: the head, the bar, the foot."""

from __future__ import annotations

import secrets

from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.template import Context, Library, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()
SECONDS_KEPT = 600
# Nobody can write what is replaced: it is another text in every process.
MARK = secrets.token_hex(16)


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """Keep what is inside: one copy for each language and each set of values after `by`.

    Names after `filling` are variables whose values are put in afresh each time, such as the
    token of a form. Everything else that the part shows must stand after `by`::

        {% kept "bar" by user.is_staff inbox.unread_messages filling csrf_token %}…{% endkept %}

    Blocks that other templates fill may not stand inside.
    """
    name, *words = token.split_contents()[1:]
    if "by" not in words or "filling" not in words:
        raise TemplateSyntaxError("write {% kept name by values filling names %}")
    middle = words.index("filling")
    inside = parser.parse(("endkept",))
    parser.delete_first_token()
    values = [parser.compile_filter(word) for word in words[1:middle]]
    return Kept(name.strip('"'), values, words[middle + 1 :], inside)


class Kept(Node):
    """One part that is kept."""

    def __init__(
        self, name: str, values: list[FilterExpression], holes: list[str], nodelist: NodeList
    ) -> None:
        self.name, self.values, self.holes, self.nodelist = name, values, holes, nodelist

    def render(self, context: Context) -> SafeString:
        """Return the kept copy with its holes filled."""
        if any(context.get(name) is None for name in self.holes):
            return self.nodelist.render(context)
        text = self.copy(context)
        for name in self.holes:
            text = text.replace(stand_in(name), conditional_escape(str(context[name])))
        return SafeString(text)

    def copy(self, context: Context) -> str:
        """Return the kept copy, drawn first where there is none."""
        cache, key = caches["layout"], self.key(context)
        text: str | None = cache.get(key)
        if text is None:
            with context.push(**{name: stand_in(name) for name in self.holes}):
                text = str(self.nodelist.render(context))
            cache.set(key, text, SECONDS_KEPT)
        return text

    def key(self, context: Context) -> str:
        """Return the name of the copy that fits this page."""
        values = [value.resolve(context, ignore_failures=True) for value in self.values]
        return make_template_fragment_key(self.name, [get_language(), *values])


def stand_in(name: str) -> str:
    """Return what stands for a variable in a kept copy."""
    return f"{name}-{MARK}"
