import pytest
from django.core.exceptions import ValidationError

from shop import documents


@pytest.mark.parametrize(
    ("number", "digit"),
    [
        ("800197268", 4),
        ("890903938", 8),
        ("899999068", 1),
        ("860002964", 4),
        ("900373076", 4),
        ("901234567", 7),
    ],
)
def test_check_digits_of_known_tax_numbers(number, digit):
    assert documents.check_digit(number) == digit


@pytest.mark.parametrize(
    "typed", ["900373076-4", "900.373.076-4", "9003730764", " 900 373 076 - 4 "]
)
def test_a_tax_number_is_kept_one_way_however_it_is_typed(typed):
    assert documents.clean("NIT", typed) == "900373076-4"


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("CC", "1.020.304.050", "1020304050"),
        ("CE", "ab12345", "AB12345"),
        ("TI", "1020304050", "1020304050"),
        ("PP", "ab 123456", "AB123456"),
        ("PPT", "12345", "12345"),
        ("NUIP", "1020304050", "1020304050"),
        ("DIE", "x-1234", "X1234"),
    ],
)
def test_numbers_are_kept_without_dots_and_spaces(kind, typed, kept):
    assert documents.clean(kind, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("CC", "1234"),
        ("CC", "12345678901"),
        ("CC", "12345a"),
        ("CC", "١٢٣٤٥٦٧"),
        ("TI", "123456789"),
        ("PP", "1234"),
        ("NIT", "900373076-5"),
        ("NIT", "900373076"),
        ("NIT", "12"),
        ("NUIP", "102030405"),
    ],
)
def test_a_number_that_cannot_be_is_refused(kind, typed):
    with pytest.raises(ValidationError):
        documents.clean(kind, typed)
