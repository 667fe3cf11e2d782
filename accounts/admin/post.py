"""The desk's pages of the batches of ordinary letters: to be read; nothing of any letter's content or address."""

from django.contrib import admin

from accounts.admin.batches import BatchAdmin
from accounts.models import PostalItem, PostBatch


@admin.register(PostBatch)
class PostBatchAdmin(BatchAdmin):
    list_display = ["id", "exported_at", "last_written_at", "posted_at", "item_count", "page_count"]
    fields = readonly_fields = list_display

    def changelist_view(self, request, extra_context=None):
        title = f"Lots de courrier ordinaire ({PostalItem.objects.waiting().count()} en attente d’un lot)"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    @admin.display(description="Posté le", ordering="confirmed_at")
    def posted_at(self, batch):
        return batch.confirmed_at

    @admin.display(description="Lettres")
    def item_count(self, batch):
        return batch.item_count

    @admin.display(description="Pages")
    def page_count(self, batch):
        return batch.page_count
