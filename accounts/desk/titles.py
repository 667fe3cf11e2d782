"""Pages of the desk that are Django's own, titled in words of the bank instead of « Affichage de », « L’objet »."""

from django.contrib import admin, messages
from django.utils.text import capfirst

SAVED = "Enregistré : {}."


class Titled(admin.ModelAdmin):
    """A list is titled by what it lists, one page by its name; what was done is told by the journal."""

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name)}
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    def add_view(self, request, form_url="", extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name)}
        return super().add_view(request, form_url, title | (extra_context or {}))

    def render_change_form(self, request, context, *args, **kwargs):
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request, obj, post_url_continue=None):
        messages.success(request, SAVED.format(obj))
        return self.response_post_save_add(request, obj)

    def response_change(self, request, obj):
        messages.success(request, SAVED.format(obj))
        return self.response_post_save_change(request, obj)

    def history_view(self, request, object_id, extra_context=None):
        return super().history_view(request, object_id, {"title": "Historique"} | (extra_context or {}))
