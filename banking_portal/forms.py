"""How every form of the portal is drawn."""

from django.forms.renderers import TemplatesSetting


class PortalFormRenderer(TemplatesSetting):
    field_template_name = "partials/_field.html"
