from django.db import migrations

# Unlogged: a rate is forgotten with a crash, and costs no write-ahead log. No index beside the key, and room on the
# page (fillfactor), so that the same row can be written again and again in place.
FORWARD = """
CREATE UNLOGGED TABLE kernel_rate (
    key text PRIMARY KEY,
    due timestamptz NOT NULL,
    room interval NOT NULL
) WITH (fillfactor = 50);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE kernel_rate")]
