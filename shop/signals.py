"""News of the shop for the apps above it."""

from django.dispatch import Signal

# A guest turned out to be a customer with an account: sender=Customer, customer, guest. Sent inside
# the transaction, before the guest's row goes, so that rows above can be moved with it.
customer_joined = Signal()
