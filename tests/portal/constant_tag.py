"""`{% constant %}` for templates that Django alone compiles: what stands in it, made each time."""

from django.template import Library, Node

register = Library()


class Each(Node):
    def __init__(self, nodelist):
        self.nodelist = nodelist

    def render(self, context):
        return self.nodelist.render(context)


@register.tag("constant")
def compile_constant(parser, token):
    nodes = parser.parse(("endconstant",))
    parser.delete_first_token()
    return Each(nodes)
