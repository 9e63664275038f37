"""Parcels on their way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from kefu.commerce.models.fields import brand_key
from kefu.commerce.models.orders import Order, OrderLine


class ShipmentState(models.TextChoices):
    """Follows from tracking (rules.shipment_state); kept on the row so that lists need no events."""

    PREPARING = "preparing"
    IN_TRANSIT = "in_transit"
    CUSTOMS_HELD = "customs_held"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    LOST = "lost"
    RETURNED = "returned"  # on its way back to us, or back


class TrackingCode(models.TextChoices):
    """The closed list that every carrier's words are brought to."""

    LABEL_CREATED = "label_created"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ARRIVED_COUNTRY = "arrived_country"
    CUSTOMS_IN = "customs_in"
    CUSTOMS_HELD = "customs_held"
    CUSTOMS_RELEASED = "customs_released"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    EXCEPTION_DAMAGED = "exception_damaged"
    LOST = "lost"
    RETURNING = "returning"


class Shipment(models.Model):
    """One parcel. An order may travel in several, a line too."""

    brand = brand_key()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    external_id = models.CharField(max_length=120, help_text="its id in the shop's own system")
    carrier = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True, help_text="upper case, no spaces")
    state = models.CharField(max_length=16, choices=ShipmentState.choices, default=ShipmentState.PREPARING)
    shipped_at = models.DateTimeField(null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True, help_text="last day of the promise given to the customer")
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["brand", "external_id"], name="shipment_external_id_once")]
        indexes = [
            models.Index("brand", Upper("tracking_number"), name="shipment_by_tracking_number",
                         condition=~Q(tracking_number="")),
            models.Index(fields=["brand", "promised_on"], name="shipment_undelivered",
                         condition=Q(delivered_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.tracking_number or self.external_id


class ShipmentLine(models.Model):
    """How many pieces of a line travel in a parcel."""

    brand = brand_key()
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="shipments")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_quantity_positive"),
        ]


class TrackingEvent(models.Model):
    """What the carrier says happened. `text` is the carrier's own sentence, kept for people."""

    brand = brand_key()
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="tracking", db_index=False)
    at = models.DateTimeField()
    code = models.CharField(max_length=20, choices=TrackingCode.choices)
    place = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["shipment", "at", "code"], name="tracking_event_once")]
