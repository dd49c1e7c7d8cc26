"""Forms of budgets: they turn text into values and never write."""

from budgets.forms.asking import PAST_WINDOWS, BreakdownForm, HistoryForm, PostedForm
from budgets.forms.configuring import ConfigureForm
from budgets.forms.settings import ResetForm, SettingsForm

__all__ = [
    "PAST_WINDOWS",
    "BreakdownForm",
    "ConfigureForm",
    "HistoryForm",
    "PostedForm",
    "ResetForm",
    "SettingsForm",
]
