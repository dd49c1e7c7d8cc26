from django.urls import path

from config.data.views import backups, page, reset
from config.exporting import views as exporting

app_name = "data"

urlpatterns = [
    path("", page.page, name="page"),
    path("export.json", exporting.json_of_mine, name="export_json"),
    path("export.zip", exporting.zip_of_mine, name="export_zip"),
    path("backups/make/", backups.make, name="backup_make"),
    path("backups/<str:name>/check/", backups.check, name="backup_check"),
    path("backups/<str:name>/download/", backups.download, name="backup_download"),
    path("backups/<str:name>/restore/", backups.restore, name="backup_restore"),
    path("backups/<str:name>/delete/", backups.delete, name="backup_delete"),
    path("reset/", reset.reset, name="reset"),
]
