"""Search in Spanish: accents, plurals, capitals and a wrong letter are forgiven.

PostgreSQL does the work: a stored vector answers, trigrams of a word's sound lead a misspelt word
to the nearest one of the catalogue.
"""

from django.contrib.postgres.search import SearchQuery
from django.db import connection

from config.lib import text
from config.lib.fields import uuid7

from .models import Organization, SearchWord

# Text configurations made by a migration: unaccent first, then the stemmer of the language.
CONFIGURATIONS = {"es": "kaiu_spanish", "en": "kaiu_english"}
LONGEST_QUERY = 100
MOST_WORDS = 8


def query_words(typed: str) -> list[str]:
    """Give the words worth searching in what a person typed."""
    return list(dict.fromkeys(text.words(typed[:LONGEST_QUERY])))[:MOST_WORDS]


def written(words: list[str] | tuple[str, ...], *, every: bool = True) -> str:
    """Write the words as a search for all of them, or any; each also as the start of a word."""
    # Words hold letters and digits only, so that nothing in them is an operator.
    return (" & " if every else " | ").join(f"{word}:*" for word in words)


def query(words: list[str], *, language: str) -> SearchQuery:
    """Give the search for all of these words to a queryset."""
    return SearchQuery(written(words), search_type="raw", config=CONFIGURATIONS[language])


def nearest_words(organization: Organization, words: list[str]) -> list[str]:
    """Replace each word that the catalogue does not know by the nearest one that it does."""
    known = set(
        SearchWord.objects.filter(organization=organization, word__in=words).values_list(
            "word", flat=True
        )
    )
    return [word if word in known else _nearest(organization, word) or word for word in words]


def _nearest(organization: Organization, word: str) -> str | None:
    if len(word) < 3 or word.isdigit():
        return None
    table = SearchWord._meta.db_table
    with connection.cursor() as cursor:
        # The operator % uses the index (likeness of 0.3 or more).
        cursor.execute(
            f"SELECT word FROM {table} "  # noqa: S608
            "WHERE organization_id = %(organization)s AND sound %% %(sound)s "
            "ORDER BY similarity(sound, %(sound)s) DESC, "
            "abs(length(word) - length(%(word)s)), word LIMIT 1",
            {"organization": organization.pk, "sound": text.sound(word), "word": word},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def learn(organization: Organization, texts: list[str]) -> None:
    """Remember the words of these texts as words of the catalogue."""
    found = {
        word
        for written in texts
        for word in text.words(written)
        if 3 <= len(word) <= 60 and not word.isdigit()
    }
    SearchWord.objects.bulk_create(
        [
            SearchWord(id=uuid7(), organization=organization, word=word, sound=text.sound(word))
            for word in sorted(found)
        ],
        ignore_conflicts=True,
        # A statement that the server binds takes 65,535 values at most.
        batch_size=5_000,
    )
