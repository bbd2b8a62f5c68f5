"""News of the shop for the apps above it."""

from django.dispatch import Signal

# A guest turned out to be a customer with an account: sender=Customer, customer, guest. Sent inside
# the transaction, before the guest's row goes, so that rows above can be moved with it.
customer_joined = Signal()

# A demo shop is written, as far as the shop knows it: sender=Organization, organization, now.
# Sent inside its transaction and scope, so that a demo is there whole or not at all.
demo_loading = Signal()

# The demo goes from a shop, before any row of the shop's own: sender=Organization, organization.
# Sent inside the transaction and scope; receivers delete only what is labelled.
demo_removing = Signal()

# What happens in several shops is asked, in a scope of all of them: sender=Organization, now.
# Receivers give {key: shop.organizations.Activity} objects.
activity_asked = Signal()

# What a shop lacks before it sells for real is asked; receivers give shop.readiness.Point objects.
readiness_asked = Signal()

# What was sold and still lies on the shelf is asked: sender=Organization, variants (keys, or None
# for all). Receivers give {variant: quantity}; who counts finds these pieces there.
still_lying_asked = Signal()
