"""Reading bodies that strangers send."""

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from .errors import TooLarge

_LARGEST_BODY = 1024 * 1024


class JsonParser(JSONParser):
    """JSON of a reasonable size and depth."""

    def parse(self, stream, media_type=None, parser_context=None):
        # The server hands over no more bytes than the request announced.
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > _LARGEST_BODY:
            raise TooLarge
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError from error
