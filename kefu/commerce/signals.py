"""What this room announces. Receivers run inside the transaction of the deed: what they write stands or falls with it.

order_changed: sender=Order, order, kind (events.py), by (Actor), facts (plain JSON values).
stock_changed: sender=Variant, variant_ids, by.
"""

from django.dispatch import Signal

order_changed = Signal()
stock_changed = Signal()
