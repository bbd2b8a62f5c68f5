"""What logistics does when the shop reports news."""

from django.dispatch import receiver

from shop.signals import demo_loading, demo_removing, readiness_asked

from . import demo, readiness


@receiver(demo_loading, dispatch_uid="logistics.load_demo")
def load_demo(sender, organization, **kwargs):
    """Give a new demo shop ways to deliver."""
    demo.load(organization)


@receiver(demo_removing, dispatch_uid="logistics.remove_demo")
def remove_demo(sender, organization, **kwargs):
    """Take them out again."""
    demo.remove(organization)


@receiver(readiness_asked, dispatch_uid="logistics.readiness")
def give_readiness(sender, organization, **kwargs):
    return readiness.points(organization)
