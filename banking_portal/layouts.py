"""`{% extends %}`: Django's own, but that the blocks of a layout are looked for once, and not for each page."""

from django.template import Context, Library, Node
from django.template.base import Parser, Template, TextNode, Token
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, ExtendsNode, do_extends
from django.utils.safestring import SafeString

register = Library()


class Extends(ExtendsNode):
    """Renders as Django's does. Of a layout that was compiled anew, as in development, they are looked for anew."""

    _known: tuple[Template | None, dict[str, BlockNode]] = (None, {})

    def render(self, context: Context) -> SafeString:
        layout = self.get_parent(context)
        kept: dict[str, BlockContext] = context.render_context  # type: ignore[assignment]  # the stubs know other things
        blocks = kept.setdefault(BLOCK_CONTEXT_KEY, BlockContext())
        blocks.add_blocks(self.blocks)
        blocks.add_blocks(self._blocks_of(layout))
        with context.render_context.push_state(layout, isolated_context=False):
            drawn: SafeString = layout._render(context)  # type: ignore[attr-defined]  # the stubs forget it
            return drawn

    def _blocks_of(self, layout: Template) -> dict[str, BlockNode]:
        known, blocks = self._known
        if layout is not known:
            blocks = blocks_of(layout)
            self._known = layout, blocks
        return blocks


def blocks_of(layout: Template) -> dict[str, BlockNode]:
    """Those of a layout that extends no other; one that does tells its own as it is rendered."""
    first = next((node for node in layout.nodelist if not isinstance(node, TextNode)), None)
    if first is None or isinstance(first, ExtendsNode):
        return {}
    found = layout.nodelist.get_nodes_by_type(BlockNode)
    return {node.name: node for node in found if isinstance(node, BlockNode)}


@register.tag("extends")
def compile_extends(parser: Parser, token: Token) -> Node:
    """Django's node, exchanged. Raises TemplateSyntaxError as Django's own tag."""
    node = do_extends(parser, token)
    return Extends(node.nodelist, node.parent_name)
