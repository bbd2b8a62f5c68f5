"""Identity documents of Colombia, as people type them and as they are kept."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models.customers import DocumentType

_PATTERNS = {
    DocumentType.CC: r"\d{5,10}",
    DocumentType.CE: r"[A-Z0-9]{5,10}",
    DocumentType.TI: r"\d{10,11}",
    DocumentType.PP: r"[A-Z0-9]{5,16}",
    DocumentType.PPT: r"\d{5,15}",
    DocumentType.PEP: r"[A-Z0-9]{5,20}",
    DocumentType.NUIP: r"\d{10}",
}
_ANY = r"[A-Z0-9]{4,20}"
_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


def check_digit(number: str) -> int:
    """Give the check digit of a tax number (NIT) written without it."""
    total = sum(
        int(digit) * weight for digit, weight in zip(reversed(number), _WEIGHTS, strict=False)
    )
    rest = total % 11
    return rest if rest < 2 else 11 - rest


def clean(document_type: str, number: str) -> str:
    """Give the number as it is kept: no dots or spaces, a NIT with its check digit after a dash."""
    bare = re.sub(r"[\s.,·-]", "", number).upper()
    if document_type == DocumentType.NIT:
        return _clean_nit(bare)
    if not re.fullmatch(_PATTERNS.get(document_type, _ANY), bare, re.ASCII):
        raise ValidationError(
            _("This is not a number of a %(document)s. Check it, digit by digit.")
            % {"document": DocumentType(document_type).label},
            code="document_number",
        )
    return bare


def _clean_nit(bare: str) -> str:
    if not re.fullmatch(r"\d{9,11}", bare, re.ASCII):
        raise ValidationError(
            _("Write the NIT with its check digit, as 900373076-4."), code="document_number"
        )
    number, digit = bare[:-1], int(bare[-1])
    if check_digit(number) != digit:
        raise ValidationError(
            _("The check digit of this NIT does not fit. Write all of it, as 900373076-4."),
            code="document_number",
        )
    return f"{number}-{digit}"
