"""The demo shop: its texts, its drawn pictures, and how they are loaded and removed."""
