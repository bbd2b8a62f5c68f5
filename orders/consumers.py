"""The socket of the board: a window hears that an order changed, and looks again."""

from shop.sockets import StaffConsumer

from . import timeline


class BoardConsumer(StaffConsumer):
    name = "board"

    def group_here(self, organization):
        return timeline.board_group(organization.pk)
