"""Catalogues from spreadsheets: read, looked through, brought into the shop, and out again.

What pages and commands call (all inside the organization's scope):

    receive(organization, person, *, name, file) -> ProductImport
        Check a file and keep it; it is read at once when small, else in the background (status
        "reading", then "ready" or "failed"). Raises BadFile with a sentence for the person.
    preview(one, *, most=20) -> Preview
        Columns recognised and left out, currencies, and the first products with what would change.
        The counts of the whole file stand on the import (added, changed, unchanged, faulty).
    choose(one, *, rates=None, currency=None)
        Say what a unit of another currency is worth ({"USD": "4100,50"}) and which currency prices
        without one have; then the whole file is counted again. Raises BadRate.
    start(one, *, person, now)
        Bring it into the shop in the background; done / total is the progress. Raises Busy.
    stop(one)
        End a run after the products it is at; what is in stays in, and can be undone.
    undo(one, *, person, now)
        Take everything back that this import did, in the background. Raises Busy.
    discard(one)
        Forget a file that was not started.
    words(row) -> str
        Why (an ImportFault, ImportPicture or failed ProductImport), in the reader's language.
    error_file(one) -> Iterator[str]
        CSV of the rows with errors: the columns of the file, then line and reason.
    export(organization, products=None, *, kind) -> Iterator[str] | bytes
        The products in the columns of our template, as lines of "csv" or a whole "xlsx".
    template(organization, *, kind) -> Iterator[str] | bytes
        Our template: its headings, and two products as examples.
"""
