"""What this room announces. Receivers run inside the transaction of the deed: what they write stands or falls with it.

people_changed: sender=Brand, brand, kind (events.py), by (Actor), facts (plain JSON values).
"""

from django.dispatch import Signal

people_changed = Signal()
