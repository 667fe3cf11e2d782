"""Templates as Django compiles them, gone through once: what they are made of does the same by fewer calls.

- Constant tags and plain text that stand beside each other are made once all together (`constants.py`).
- A variable that is a text is escaped without looking for a date, a number or a lazy text in it.
- A template that is included by its name is looked for once.
- The token of a form, letters and digits, is put into its field without being looked at.
- Parts are put together without Django's note for its debug page; with `DEBUG` templates stay as they are.

`tests/portal/test_template_loader.py` compares with Django's own templates.
"""

from collections.abc import Iterable
from itertools import groupby

from django.middleware.csrf import CSRF_TOKEN_LENGTH
from django.template import Context, Node, NodeList, Template
from django.template.base import Origin, TextNode, VariableNode
from django.template.defaulttags import CsrfTokenNode, IfNode, LoadNode
from django.template.loader_tags import IncludeNode, construct_relative_path
from django.template.loaders import cached
from django.template.loaders.base import Loader as BaseLoader
from django.utils.safestring import SafeString

from banking_portal.constants import MadeOnce, is_written, shown


class GoingThrough(BaseLoader):
    """Between Django's cache of templates and what compiles them, so that each is gone through once."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        if not self.engine.debug:
            template.nodelist = gone_through(template.nodelist)
        return template


class Loader(cached.Loader, GoingThrough):
    """Django's own cache."""


class Parts(NodeList):
    """Nodes that are rendered one after the other, and do not change any more."""

    def __init__(self, nodes: Iterable[Node]):
        super().__init__(nodes)
        # The text of one that is nothing else, what renders another.
        self._ready = [(node.s, None) if isinstance(node, TextNode) else ("", node.render) for node in self]

    def render(self, context: Context) -> SafeString:
        return SafeString("".join([render(context) if render else text for text, render in self._ready]))


class ShownVariable(VariableNode):
    """`{{ … }}`"""

    def render(self, context: Context) -> str:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:  # as Django's own
            return ""
        return shown(value, context)

    render_annotated = render


class FormToken(CsrfTokenNode):
    """`{% csrf_token %}`"""

    def render(self, context: Context) -> str:
        token = str(context.get("csrf_token"))
        if len(token) == CSRF_TOKEN_LENGTH and token.isascii() and token.isalnum():
            return f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        return super().render(context)

    render_annotated = render


class Included(IncludeNode):
    """`{% include "…" %}`, whose template is kept; what blocks and cycles keep stays its own, as in Django's."""

    _known: Template | None = None

    def render(self, context: Context) -> SafeString:
        if self._known is None:
            self._known = self._found(context)
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        with context.push(**values), context.render_context.push_state(self._known):
            drawn: SafeString = self._known._render(context)  # type: ignore[attr-defined]  # the stubs forget it
            return drawn

    render_annotated = render

    def _found(self, context: Context) -> Template:
        name = construct_relative_path(str(self.origin.template_name), self.template.resolve(context))
        return context.template.engine.get_template(name)  # type: ignore[union-attr]  # something renders this


def gone_through(nodes: NodeList) -> Parts:
    """The same nodes, and those within them."""
    parts: list[Node] = []
    drawing = (_exchanged(node) for node in nodes if not isinstance(node, LoadNode))
    for is_constant, some in groupby(drawing, lambda node: isinstance(node, TextNode | MadeOnce)):
        found = list(some)
        parts += [_joined(found)] if is_constant and len(found) > 1 else found
    return Parts(parts)


def _joined(nodes: list[Node]) -> Node:
    """Constants as one: as plain text where nothing of them depends on the language."""
    texts = [node.s for node in nodes if isinstance(node, TextNode)]
    return TextNode("".join(texts)) if len(texts) == len(nodes) else MadeOnce(NodeList(nodes))


def _exchanged(node: Node) -> Node:
    other = _other(node)
    if other is not None:
        other.token, other.origin = node.token, node.origin
        return other
    if isinstance(node, IfNode):
        node.conditions_nodelists = [(condition, gone_through(nodes)) for condition, nodes in node.conditions_nodelists]
        return node
    for name in node.child_nodelists:
        nodes = getattr(node, name, None)
        if type(nodes) is NodeList:
            setattr(node, name, gone_through(nodes))
    return node


def _other(node: Node) -> Node | None:
    """What does the same by fewer calls; None for a node that stays."""
    if type(node) is VariableNode:
        return ShownVariable(node.filter_expression)
    if type(node) is CsrfTokenNode:
        return FormToken()
    if type(node) is IncludeNode and is_written(node.template) and not node.isolated_context:
        return Included(node.template, extra_context=node.extra_context)
    return None
