"""What is printed of shipments: labels, ours and the carriers', and the list that is signed."""

from .handover import handover_list
from .labels import labels

__all__ = ["handover_list", "labels"]
