"""The pages and files that everybody who visits a shop may see."""
