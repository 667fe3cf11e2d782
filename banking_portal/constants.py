"""Tags whose outcome is the same on every page in a language: made once in each process, by the tags as they are.

`{% translate "…" %}`, a `{% blocktranslate %}` without a variable, `{% url "name" %}`, `{% static "file" %}` and
`{% icon "name" %}`. What has a variable, or a name that is looked up in the desk's namespace, is made each time.

Between `{% constant %}` and `{% endconstant %}` stand such tags and plain text alone, which are made once all together.
A sentence with variables, as `{% blocktranslate %}N° {{ number }}{% endblocktranslate %}`, is put together once and
filled each time.
"""

from collections.abc import Callable

from django.template import Context, Library, Node, NodeList, TemplateSyntaxError
from django.template.base import (
    FilterExpression,
    Parser,
    TextNode,
    Token,
    TokenType,
    Variable,
    render_value_in_context,
)
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as compile_url
from django.template.library import SimpleNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode, do_block_translate, do_translate
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from banking_portal import icons
from banking_portal.drawing import escaped

register = Library()


class MadeOnce(Node):
    """A tag that depends on the language and on where the portal is mounted, and on nothing else."""

    def __init__(self, node: Node | NodeList):
        self.node = node
        self._made: dict[tuple[str | None, str], str] = {}

    def render(self, context: Context) -> str:
        key = get_language(), get_script_prefix()
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.node.render(context)
        return made

    # Django's own looks each time whether a debug page is wanted.
    render_annotated = render


class Filled(Node):
    """A sentence with variables and nothing else: as Django's own tag, which puts it together anew each time."""

    def __init__(self, node: BlockTranslateNode):
        self.node = node
        self.sentence, self.names = node.render_token_list(node.singular)
        self._translated: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        given = {name: value.resolve(context) for name, value in self.node.extra_context.items()}
        try:
            values = {name: given[name] if name in given else context[name] for name in self.names}
            return self._sentence() % {name: shown(value, context) for name, value in values.items()}
        except (KeyError, ValueError):  # a variable that the page lacks, or a translation that names another one
            return self.node.render(context)

    render_annotated = render

    def _sentence(self) -> str:
        language = get_language()
        if language not in self._translated:
            self._translated[language] = gettext(self.sentence)
        return self._translated[language]


def shown(value: object, context: Context) -> str:
    """A value as HTML, as Django shows it; of a text nothing has to be found out."""
    if type(value) is SafeString:
        return value
    return escaped(value) if type(value) is str and context.autoescape else render_value_in_context(value, context)


def sentence(compile_tag: Callable[[Parser, Token], Node]) -> Callable[[Parser, Token], Node]:
    """The tag, but that what is the same each time is done once."""
    compile_constant = once(compile_tag)

    def compiled(parser: Parser, token: Token) -> Node:
        node = compile_constant(parser, token)
        return Filled(node) if isinstance(node, BlockTranslateNode) and is_plain(node) else node

    return compiled


def is_plain(node: BlockTranslateNode) -> bool:
    """Whether it has one form, no context, and is shown where it stands."""
    return not (node.plural or node.message_context or node.asvar)


@register.tag("constant")
def compile_constant(parser: Parser, token: Token) -> Node:
    """Raises TemplateSyntaxError where something of the page would have a part in what is made."""
    nodes = parser.parse(("endconstant",))
    parser.delete_first_token()
    for node in nodes:
        if not isinstance(node, TextNode | MadeOnce):
            raise TemplateSyntaxError(f"{node} is no constant")
    return MadeOnce(nodes)


def once(compile_tag: Callable[[Parser, Token], Node]) -> Callable[[Parser, Token], Node]:
    """The tag, made once where all that it is given is written in the template."""

    def compiled(parser: Parser, token: Token) -> Node:
        node = compile_tag(parser, token)
        return MadeOnce(node) if is_constant(node) else node

    return compiled


def is_constant(node: Node) -> bool:
    """Whether nothing of the page, or of who asks for it, has a part in what this tag makes."""
    if getattr(node, "asvar", None) or getattr(node, "target_var", None) or getattr(node, "varname", None):
        return False  # it makes nothing, and sets a variable of the page
    if isinstance(node, TranslateNode):
        return is_written(node.filter_expression) and node.message_context is None
    if isinstance(node, BlockTranslateNode):
        has_variables = node.extra_context or node.countervar or node.message_context
        return not has_variables and all(token.token_type == TokenType.TEXT for token in node.singular)
    if isinstance(node, StaticNode):
        return is_written(node.path)
    if isinstance(node, URLNode):
        return is_written(node.view_name) and not node.args and not node.kwargs and ":" not in str(node.view_name.var)
    return isinstance(node, SimpleNode) and all(map(is_written, [*node.args, *node.kwargs.values()]))


def is_written(value: FilterExpression) -> bool:
    """Whether it stands in the template as it is, between quotes, and no filter is applied to it."""
    is_looked_up = isinstance(value.var, Variable) and value.var.lookups is not None
    return not value.filters and not is_looked_up


for name, compile_tag in {
    "translate": do_translate,
    "trans": do_translate,
    "blocktranslate": do_block_translate,
    "blocktrans": do_block_translate,
    "url": compile_url,
    "icon": icons.register.tags["icon"],
}.items():
    register.tag(name, sentence(compile_tag))
