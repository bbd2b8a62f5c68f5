"""A gateway to practise with: its own books, its page, and its notices."""
