"""What leaves by post without a seal, and the batches in which it is printed."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models.documents import Document
from accounts.models.people import Client
from auth_codes import wording
from auth_codes.models import Batch, BatchQuerySet


class PostBatchQuerySet(BatchQuerySet["PostBatch"]):
    """Batches with how much is in them."""

    def with_counts(self) -> Self:
        """With `item_count` and `page_count`; counted for batches that are not posted alone."""
        items = PostalItem.objects.filter(batch=models.OuterRef("pk")).order_by()
        return self.annotate(
            item_count=_kept_or_counted("items_posted", items, Count("pk")),
            page_count=_kept_or_counted("pages_posted", items, Sum("pages")),
        )


def _kept_or_counted(kept: str, items: models.QuerySet["PostalItem"], figure: Count | Sum) -> Coalesce:
    counted = models.Subquery(items.values("batch").annotate(figure=figure).values("figure"))
    return Coalesce(kept, counted, 0, output_field=models.PositiveIntegerField())


class PostBatch(Batch):
    """Letters handed to the print workshop together; repeatable until they are said to be posted."""

    # How much there was when it was said to be posted: nobody counts it again.
    items_posted = models.PositiveIntegerField(null=True, editable=False)
    pages_posted = models.PositiveIntegerField(null=True, editable=False)

    # What `with_counts` adds.
    item_count: int
    page_count: int

    objects = PostBatchQuerySet.as_manager()

    class Meta(Batch.Meta):
        verbose_name = "lot de courrier ordinaire"
        verbose_name_plural = "lots de courrier ordinaire"


class PostalItemQuerySet(models.QuerySet["PostalItem"]):
    """Letters by how far they are."""

    def kept(self, batch: PostBatch | None) -> Self:
        """Those of this batch, or of none yet, that still say something."""
        return self.filter(batch=batch, ended_at=None)

    def waiting(self) -> Self:
        """Those that no batch has taken."""
        return self.kept(None)

    def undrawn(self) -> Self:
        """Those of them that have no PDF yet."""
        return self.waiting().filter(pages=None)


class PostalItem(models.Model):
    """One letter to one address: a paper that the client was issued, or what a mail would say (`contents`).

    `address` are the lines of the envelope as they stood when it was queued; that of a notice may be a former one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="postal_items", verbose_name="client")
    title = models.CharField("objet", max_length=120)
    address = models.TextField("adresse", blank=True)
    document = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="postal_item", verbose_name="document"
    )
    contents = models.TextField("contenu", blank=True)  # JSON, see accounts/papers/notice.py
    # Of a notice; and the day, where a single one of its kind leaves for an address on one.
    # Of the database too: servers of the version before may still be running.
    notice_kind = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)
    only_one_on = models.DateField(null=True, editable=False)
    queued_at = models.DateTimeField("mis au courrier le", default=timezone.now)
    # Of a notice: its PDF, made once. A document keeps its own.
    pdf = models.BinaryField(null=True, editable=False)
    # Of the PDF, once there is one; the checksum in hexadecimal.
    pages = models.PositiveSmallIntegerField("pages", null=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    batch = models.ForeignKey(PostBatch, models.PROTECT, null=True, related_name="items", verbose_name="lot")
    # When address and text were let go of, some time after it was posted.
    ended_at = models.DateTimeField("effacé le", null=True, editable=False)

    objects = PostalItemQuerySet.as_manager()

    class Meta:
        verbose_name = "courrier ordinaire"
        verbose_name_plural = "courriers ordinaires"
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, contents="")
                | Q(document=None) & ~Q(contents="")
                | Q(ended_at__isnull=False, contents="", address=""),
                name="postal_item_is_one_paper",
            ),
            models.CheckConstraint(
                condition=Q(batch=None) | Q(pages__isnull=False), name="postal_item_leaves_with_its_pdf"
            ),
            # The day first: what has left on one is counted by it.
            models.UniqueConstraint(
                fields=["only_one_on", "notice_kind", "client", "address"],
                condition=Q(only_one_on__isnull=False) & ~Q(address=""),
                name="one_notice_of_a_kind_a_day",
            ),
        ]
        # A batch, and what waits for one, are read in pieces that follow one another.
        indexes = [models.Index(fields=["batch", "id"], condition=Q(ended_at=None), name="postal_items_kept")]

    def __str__(self) -> str:
        return f"courrier du {wording.short_day(self.queued_at)}"

    @property
    def state(self) -> str:
        """How far it is, as the sheet's reader is told."""
        if self.batch is None:
            return f"retiré le {wording.short_day(self.ended_at)}" if self.ended_at else "attend l’impression"
        if self.batch.confirmed_at:
            return f"posté le {wording.short_day(self.batch.confirmed_at)}"
        return f"à l’impression depuis le {wording.short_day(self.batch.exported_at)}"

    @property
    def destination(self) -> str:
        """The address on one line, without the name; empty once it was let go of."""
        return ", ".join(self.address.split("\n")[1:])
