"""A household whose rows every operation of the API can be asked about."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, encode_multipart
from django.utils import timezone

from budgets import ledger
from budgets.models import Budget
from config import backups
from config.tests.operations import Operation, parts
from occasions.models import Occasion
from occasions.tests.factories import CardFactory, OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from people.tests.programs import program
from purchases import keeping
from purchases.models import ImportBatch, ImportPreset, UndoStep
from purchases.tests.factories import (
    BrandFactory,
    PurchaseFactory,
    RetailerFactory,
    WarrantyFactory,
)
from purchases.tests.pictures import picture, upload

#: The key of no row.
NOBODY = 2**62
#: After which words of a path the key of a member stands.
OF_MEMBERS = frozenset({"configure", "reset"})
#: What is everybody's who may ask at all: no row of it is kept from them.
SHARED = OF_MEMBERS | {"persons", "occasions", "retailers", "brands", "backups"}


class Household:
    """Ann, who may all that a member may; Ben, whose things are not hers; Root, who administers.

    `keys` names a row of Ann's for every noun in the API's paths; `kept`, one that is kept from
    her. A noun that is missing here fails the tests: nothing can be forgotten.
    """

    def __init__(self) -> None:
        self.ann, self.ben = UserFactory(username="ann"), UserFactory(username="ben")
        self.root = UserFactory(username="root", administrator=True)
        Budget.objects.filter(user=self.ann).update(user_can_modify=True, user_can_reset=True)
        self.keys, self.kept = self._things(self.ann), self._things(self.ben)
        self.keys |= self._shared()
        self.kept["gifts"] = self._present_for(self.ann)

    def _things(self, user: User) -> dict[str, Any]:
        """Write down what belongs to `user`."""
        now = timezone.now()
        purchase = PurchaseFactory(owner=user, purchased_on=now.date())
        keeping.attach(purchase=purchase, uploads=[upload()], kind="receipt", by=user, now=now)
        batch = ImportBatch.objects.create(
            owner=user,
            by=user,
            name="statement.csv",
            size=80,
            format="amazon-items",
            state=ImportBatch.State.READY,
            made_at=now,
            changed_at=now,
        )
        preset = ImportPreset.objects.create(owner=user, name="A bank", choices={})
        return {
            "holds": ledger.hold(budget=user.budget, amount=Decimal(1), now=now).pk,
            "tokens": program(user, lasting=timedelta(days=9)).token.pk,
            "purchases": purchase.pk,
            "trash": PurchaseFactory(owner=user, deleted_at=now).pk,
            "bulk": UndoStep.objects.create(user=user, before={}, made_at=now).pk,
            "warranties": WarrantyFactory(purchase=purchase).pk,
            "attachments": purchase.attachments.get().pk,
            "import": batch.pk,
            "presets": preset.pk,
        }

    def _shared(self) -> dict[str, Any]:
        """Write down what is everybody's; at the occasion that Ann can reach she gets nothing."""
        now = timezone.now()
        mom, occasion = PersonFactory(name="Mom"), self._occasion()
        mom.photo.save("mom.webp", ContentFile(picture("WEBP", (20, 20))))
        CardFactory(person=mom, occasion=occasion)
        return {
            "persons": mom.pk,
            "occasions": occasion.pk,
            "gifts": make_gift(occasion, mom, today=now.date()).pk,
            "retailers": RetailerFactory(listed=True).pk,
            "brands": BrandFactory(listed=True).pk,
            "backups": backups.make(now=now).name,
            **dict.fromkeys(OF_MEMBERS, self.ann.pk),
        }

    def _present_for(self, user: User) -> int:
        person, occasion = PersonFactory(user=user), self._occasion()
        CardFactory(person=person, occasion=occasion)
        return make_gift(occasion, person, today=timezone.now().date()).pk

    def _occasion(self) -> Occasion:
        return OccasionFactory(date=(timezone.now() + timedelta(days=90)).date())

    def ask(
        self, operation: Operation, secret: str = "", *, client: Client | None = None, **more: Any
    ) -> Any:
        """Send the least that `operation` wants, and undo what came of it.

        `keys` stand in its path instead of Ann's, `body` in its body; `query` is what it asks,
        `headers` go with it.
        """
        headers = {"X-Request-ID": "asked", **more.get("headers", {})}
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        send = getattr(client or Client(), operation.method)
        path = operation.at(**self.keys_of(operation) | more.get("keys", {}))
        if query := more.get("query"):
            path += f"{'&' if '?' in path else '?'}{query}"
        body = {} if operation.method == "get" else self._body(operation, more.get("body", {}))
        with transaction.atomic():
            answer = send(path, **body, headers=headers)
            if answer.streaming:
                b"".join(answer)
            transaction.set_rollback(True)
        return answer

    def keys_of(self, operation: Operation) -> dict[str, Any]:
        """Return what stands in the path of `operation` for Ann's rows."""
        return {name: self.keys[noun] for name, noun in operation.nouns.items()}

    def _body(self, operation: Operation, more: dict[str, Any]) -> dict[str, Any]:
        """Return the least body that `operation` takes, as the test client wants it."""
        sample = operation.sample_body()
        match operation.media_type:
            case None:
                return {}
            case "multipart/form-data":
                schema = operation.told["requestBody"]["content"]["multipart/form-data"]["schema"]
                data = {name: _part(schema["properties"][name], sample[name]) for name in sample}
                sent = encode_multipart(BOUNDARY, data)
                return {"data": sent, "content_type": f"multipart/form-data; boundary={BOUNDARY}"}
            case media_type:
                known = {"user_id": self.ann.pk}
                sample |= {name: known[name] for name in known.keys() & sample.keys()} | more
                return {"data": json.dumps(sample), "content_type": media_type}


def _part(schema: dict[str, Any], value: Any) -> Any:
    """Return a part of a form: a picture, where a file is wanted."""
    is_file = any(one.get("format") == "binary" for _, one in parts(schema))
    return upload(picture(size=(20, 20)), "picture.png") if is_file else value
