"""Pages of the desk that are Django's own, titled in words of the bank instead of « Affichage de », « L’objet »."""

from django.contrib import admin
from django.utils.text import capfirst


class Titled(admin.ModelAdmin):
    """A list is titled by what it lists, one page by its name; what was done is told by the journal."""

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name)}
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    def history_view(self, request, object_id, extra_context=None):
        return super().history_view(request, object_id, {"title": "Historique"} | (extra_context or {}))
