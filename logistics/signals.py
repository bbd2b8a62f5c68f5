"""News of logistics for the apps above it."""

from django.dispatch import Signal

# A shipment came into another state: sender=Shipment, shipment_id, organization_id. Sent after the
# commit; receivers queue a task. What is missed is found by whoever compares states (see
# orders/receivers.py).
shipment_changed = Signal()

# Something keeps a shipment from arriving: sender=Incident, incident_id, shipment_id,
# organization_id. Sent after the commit.
incident_opened = Signal()

# A statement of cash on delivery was taken in, corrected or undone: sender=CashStatement,
# statement_id, organization_id. Sent after the commit; its lines say by themselves what is due.
cash_told = Signal()
