"""How every form of the portal is drawn."""

from django.forms.renderers import TemplatesSetting

from banking_portal import widgets


class PortalFormRenderer(TemplatesSetting):
    field_template_name = "partials/_field.html"

    def render(self, template_name, context, request=None):
        """Without the NUL that somebody may have sent: HTML has none, and the field's refusal has named it."""
        drawn = widgets.draw(template_name, context["widget"]) if "widget" in context else None
        return (drawn or super().render(template_name, context, request)).replace("\0", "")
