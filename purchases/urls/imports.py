from django.urls import path

from purchases.views import import_choices, import_presets, import_reports, imports

app_name = "imports"

urlpatterns = [
    path("", imports.begin, name="begin"),
    path("<int:pk>/", imports.detail, name="detail"),
    path("<int:pk>/choose/", import_choices.choose, name="choose"),
    path("<int:pk>/sample/", import_choices.sample, name="sample"),
    path("<int:pk>/work/", imports.work, name="work"),
    path("<int:pk>/apply/", imports.apply, name="apply"),
    path("<int:pk>/undo/", imports.undo, name="undo"),
    path("<int:pk>/discard/", imports.discard, name="discard"),
    path("<int:pk>/rows/", import_reports.rows, name="rows"),
    path("<int:pk>/report.csv", import_reports.csv, name="csv"),
    path("<int:pk>/preset/", import_presets.save, name="preset_save"),
    path("presets/<int:preset>/delete/", import_presets.delete, name="preset_delete"),
]
