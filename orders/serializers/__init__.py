"""What the API reads and shows of buying: what nobody may send is refused by name."""
