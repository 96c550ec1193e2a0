"""What a browser sends when somebody presses the button of a form and touched nothing."""

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects the inputs and choices of a page; a choice without a chosen one sends its first."""

    def __init__(self, text):
        super().__init__()
        self.values = {}
        self.select, self.is_single = "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        can_be_off = given.get("type") in {"checkbox", "radio"}
        is_off = can_be_off and "checked" not in given
        if tag == "input" and "name" in given and not is_off:
            self.values[given["name"]] = given.get("value", "on" if can_be_off else "")
        if tag == "select":
            self.select, self.is_single = given.get("name", ""), "multiple" not in given
        is_first = tag == "option" and self.is_single and self.select not in self.values
        if is_first or (tag == "option" and "selected" in given):
            self.values[self.select] = given.get("value", "")
