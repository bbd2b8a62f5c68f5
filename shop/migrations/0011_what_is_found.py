from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

# Unaccent stands in the schema of the extension, and indexes are built without a search path.
_WORDS = """
CREATE OR REPLACE FUNCTION kaiu_customer_words(
    name text, email text, phone text, reference text, document text
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(public.unaccent(
        'public.unaccent'::regdictionary,
        name || ' ' || email || ' ' || phone || ' ' || reference || ' ' || document
    ))
$$
"""


class Migration(migrations.Migration):
    # Indexes of tables that are read and written meanwhile.
    atomic = False

    dependencies = [("shop", "0010_import_row_faults_and_long_skus")]

    operations = [
        migrations.RunSQL(
            _WORDS, "DROP FUNCTION kaiu_customer_words(text, text, text, text, text)"
        ),
        AddIndexConcurrently(
            model_name="customer",
            index=GinIndex(
                models.F("organization"),
                OpClass(
                    models.Func(
                        "name",
                        "email",
                        "phone",
                        "reference",
                        "document_number",
                        function="kaiu_customer_words",
                        output_field=models.TextField(),
                    ),
                    name="gin_trgm_ops",
                ),
                name="customer_words",
            ),
        ),
        AddIndexConcurrently(
            model_name="product",
            index=models.Index(fields=["organization", "-id"], name="product_made"),
        ),
        AddIndexConcurrently(
            model_name="variant",
            index=models.Index(
                models.F("organization"),
                models.OrderBy(models.F("product"), descending=True),
                models.F("position"),
                models.F("id"),
                name="variant_by_product",
            ),
        ),
        AddIndexConcurrently(
            model_name="variant",
            index=models.Index(
                models.F("organization"),
                OpClass(Upper("sku"), name="text_pattern_ops"),
                name="variant_sku_start",
            ),
        ),
    ]
