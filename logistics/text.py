"""Text of carriers, made fit to be kept and shown."""


def one_line(text: str, most: int) -> str:
    """Give a carrier's text as one line without anything hidden, at most so long."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
