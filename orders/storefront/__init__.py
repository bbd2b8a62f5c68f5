"""The shop's pages of buying: cart, checkout, and the page of an order."""
