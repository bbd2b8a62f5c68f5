"""What is printed of an order: the buyer's receipt, and the packing slip, which knows no money.

Neither is the electronic invoice of the DIAN, which only an authorised provider may issue; the
receipt names it as soon as there is one (see invoices.py).
"""

from .packing import packing_slip, packing_slips
from .receipt import invoice

__all__ = ["invoice", "packing_slip", "packing_slips"]
