"""Inputs and lists drawn without a template for each: as Django's own templates draw them, sign by sign.

A list of months takes Django two templates for every month. `tests/portal/test_widgets.py` compares with those.
"""

from collections.abc import Callable, Mapping
from typing import TypedDict

from django.utils.safestring import SafeString, mark_safe

from banking_portal.drawing import escaped

Attributes = Mapping[str, object]


class Drawn(TypedDict, total=False):
    """What Django tells the template of a widget, or of one line of a list."""

    type: str
    name: str
    value: object
    attrs: Attributes
    label: str
    optgroups: list[tuple[str | None, list["Drawn"], int]]


def draw(template_name: str, widget: Drawn) -> SafeString | None:
    """The widget that Django would draw by this template; None for one that is drawn by it indeed."""
    how = DRAWN.get(template_name)
    return mark_safe(how(widget)) if how else None  # noqa: S308 - all that is put into it was escaped


def _input(widget: Drawn) -> str:
    value = widget["value"]
    written = "" if value is None else f' value="{escaped(value)}"'
    kind, name = escaped(widget["type"]), escaped(widget["name"])
    return f'<input type="{kind}" name="{name}"{written}{_attributes(widget["attrs"])}>'


def _select(widget: Drawn) -> str:
    lines = [_group(name, options) for name, options, _ in widget["optgroups"]]
    return f'<select name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>{"".join(lines)}\n</select>'


def _group(name: str | None, options: list[Drawn]) -> str:
    lines = "".join(f"\n  {_option(option)}\n" for option in options)
    return f'\n  <optgroup label="{escaped(name)}">{lines}\n  </optgroup>' if name else lines


def _option(option: Drawn) -> str:
    value, label = escaped(option["value"]), escaped(option["label"])
    return f'<option value="{value}"{_attributes(option["attrs"])}>{label}</option>'


def _attributes(attributes: Attributes) -> str:
    return "".join(_attribute(name, value) for name, value in attributes.items() if value is not False)


def _attribute(name: str, value: object) -> str:
    return f" {escaped(name)}" + ("" if value is True else f'="{escaped(value)}"')


INPUTS = ("text", "number", "email", "password", "hidden", "date", "tel", "search", "checkbox", "input")
DRAWN: dict[str, Callable[[Drawn], str]] = {f"django/forms/widgets/{name}.html": _input for name in INPUTS}
DRAWN["django/forms/widgets/select.html"] = _select
