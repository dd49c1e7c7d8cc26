"""Give each purchase the name by which files know it."""

from uuid import uuid4

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHUNK = 2_000


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    purchases = apps.get_model("purchases", "Purchase").objects.using(editor.connection.alias)
    unnamed = purchases.filter(uid__isnull=True).order_by("pk").only("pk")
    named = 0
    while chunk := list(unnamed.filter(pk__gt=named)[:CHUNK]):
        for purchase in chunk:
            purchase.uid = uuid4()
        purchases.bulk_update(chunk, ["uid"], batch_size=400)
        named = chunk[-1].pk


class Migration(migrations.Migration):
    dependencies = [("purchases", "0003_imports")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
