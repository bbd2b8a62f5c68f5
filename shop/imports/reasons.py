"""Why a file, a row, a cell or a picture was refused: each a sentence that says what to change."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.lib.errors import DomainError

SENTENCES: dict[str, Promise] = {
    # The file
    "empty_file": _("This file is empty."),
    "too_large": _("This file is larger than %(most)s MB. Cut it into smaller ones."),
    "too_many_rows": _("This file has more than %(most)s rows. Cut it into smaller ones."),
    "too_many_columns": _("This file has more than %(most)s columns. Leave only those you need."),
    "old_excel": _(
        "This is a workbook of an old Excel, or one with a password. Save it as .xlsx without "
        "password, or as CSV."
    ),
    "not_a_table": _("This is not a table. Give a CSV file or an Excel workbook (.xlsx)."),
    "broken_workbook": _(
        "This workbook is damaged or only half there. Open it, save it again as .xlsx, and give "
        "us the new file."
    ),
    "bomb": _("This workbook is far larger inside than it should be. Save its sheet as CSV."),
    "no_sheet": _("The first sheet of this workbook is empty."),
    "unknown_alphabet": _(
        "We cannot read the letters of this file. Save it again as «CSV UTF-8» or as .xlsx."
    ),
    "bad_quotes": _(
        "The quotes of line %(line)s do not close: the file is damaged or cut off there."
    ),
    "cut_file": _("This file ends in the middle of a letter: it was cut off. Save it again."),
    "no_headings": _(
        "We recognise no columns. The first row holds their names, such as SKU, Nombre, Precio."
    ),
    "equal_columns": _("The columns «%(first)s» and «%(second)s» mean the same. Leave only one."),
    "missing_columns": _(
        "A column is missing that says which product a row is: SKU, Nombre or Dirección web."
    ),
    "nothing_to_read": _("There are names of columns in this file, and no rows below them."),
    "gone_file": _("The file got lost before it was read. Give it to us again."),
    "stopped": _("Somebody stopped it. What was brought in until then can be undone."),
    "broken": _("Something went wrong with our program. What was brought in can be undone."),
    # Rows
    "cut_row": _("The file ends in the middle of this row."),
    "too_many_cells": _(
        "This row has more cells than there are columns. Put quotes around texts with commas."
    ),
    "no_name": _("This product is new and needs a name."),
    "no_variant": _("This product is new and needs a price."),
    "no_price": _("This variant is new and needs a price."),
    "unknown_sku": _("No product has the SKU %(sku)s. To add one, give its name as well."),
    "repeated_sku": _("The SKU %(sku)s stands in line %(other)s already."),
    "sku_elsewhere": _("The SKU %(sku)s belongs to «%(product)s»."),
    "choice_taken": _(
        "Two variants of this product stand for the same choice. Give each its own value."
    ),
    "third_choice": _("A product has two choices at most, and this one has a third."),
    "second_without_first": _("This variant has a second choice and no first one."),
    "differs": _("This row says something else about the product than line %(other)s."),
    "unknown_parent": _(
        "The product %(parent)s, to which this variant belongs, is not in the file."
    ),
    "unknown_kind": _("Products of the kind «%(kind)s» cannot be imported."),
    "less_than_promised": _(
        "%(promised)s are promised to orders already: the stock cannot be less."
    ),
    "stock_of_parts": _("This is a set that takes the stock of its parts: leave its stock empty."),
    "not_saved": _("The database refused this product. Look for what contradicts itself in it."),
    # Cells
    "error_cell": _("The spreadsheet shows an error here (%(text)s). Correct it there."),
    "too_long": _("This text is longer than %(most)s characters."),
    "hidden": _("Remove the invisible characters from this text."),
    "not_a_price": _("«%(text)s» is not a price. Write it like %(example)s."),
    "not_a_number": _("«%(text)s» is not a number."),
    "negative": _("«%(text)s» is below zero."),
    "fraction": _("«%(text)s» is not a whole number of pieces."),
    "too_much": _("«%(text)s» is more than %(most)s."),
    "not_yes_or_no": _("Write yes or no instead of «%(text)s»."),
    "unknown_tax": _("Write 19, 5, exento or excluido instead of «%(text)s»."),
    "unknown_unit": _("We do not know the unit «%(text)s»."),
    "unknown_currency": _("We do not know the currency «%(text)s»."),
    "other_currency": _(
        "This price is in %(currency)s and the shop sells in %(shop)s. Give a rate before you "
        "start, or write the price in %(shop)s."
    ),
    "no_currency": _(
        "Prices with decimals are not usual in %(shop)s. Say which currency the prices are in."
    ),
    "not_an_address": _("«%(text)s» is not an address. It starts with https://."),
    "bad_slug": _("«%(text)s» cannot be an address. Use letters, numbers and dashes."),
    "deep_category": _("A category stands inside of %(most)s others at most."),
    # Pictures
    "picture_private": _("This address leads into a private network: we do not go there."),
    "picture_refused": _("The other side does not give us this picture."),
    "picture_unreachable": _("The other side did not answer, several times."),
    "picture_bad": _("What stands at this address is not a picture that we can use."),
}


class BadFile(DomainError):
    """A file cannot be read; the sentence says what to change."""

    code = "bad_file"

    def __init__(self, reason: str, **parameters):
        self.reason, self.parameters = reason, parameters
        super().__init__(say(reason, parameters))


class Wrong(Exception):
    """A cell or row does not say what it should."""

    def __init__(self, reason: str, **parameters):
        self.reason, self.parameters = reason, parameters
        super().__init__(reason)


def say(reason: str, parameters: Mapping) -> str:
    """Give the sentence in the language of whoever reads it."""
    return str(SENTENCES[reason]) % parameters if reason else ""


def words(row) -> str:
    """Say why, of a fault, a picture that was not fetched, or an import that stopped."""
    return say(row.reason, getattr(row, "parameters", {}))
