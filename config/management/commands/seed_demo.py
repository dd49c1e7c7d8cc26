"""Fill an empty installation with a household to try the app with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config import demo
from people.models import User


class Command(BaseCommand):
    help = "Fill an empty installation with a demo household: budgets, gifts and purchases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--fresh", action="store_true", help="delete the demo people first and begin anew"
        )

    def handle(self, *args: Any, fresh: bool, **options: Any) -> None:
        if not demo.only_demo_people():
            self.stdout.write("People of your own live here: no demo data was added.")
            return
        if fresh:
            demo.clear()
        if not User.objects.exists():
            demo.seed(now=timezone.now())
        self.stdout.write(f"Demo people, all with the password {demo.PASSWORD}:")
        for member in demo.HOUSEHOLD:
            self.stdout.write(f"  {member.username:<6} {member.story}")
