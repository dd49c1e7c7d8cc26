"""A body worth sending, for each of what programs send: the pages and clients show it."""

from typing import Any

_USE = {
    "provider": "anthropic",
    "model": "claude-sonnet-4-5",
    "input_tokens": 1200,
    "output_tokens": 350,
}

#: By the name of the schema.
EXAMPLES: dict[str, dict[str, Any]] = {
    "SettingsSent": {"limit": "40.00", "yellow": "70"},
    "ResetSent": {"reason": "A new month of pocket money"},
    "ConfigurationSent": {"user_id": 2, "limit": "60.00", "enforced": True},
    "UsageSent": _USE | {"source": "gateway", "source_event_id": "req-7f3a"},
    "UsageBatchSent": {
        "events": [
            _USE | {"source": "gateway", "source_event_id": "req-7f3b"},
            {"cost": "0.0125", "source": "gateway", "source_event_id": "req-7f3c"},
        ]
    },
    "HoldSent": {"amount": "0.50", "life": 900, "memo": "A long answer"},
    "CostSent": {"cost": "0.1875"},
    "SettlementsSent": {"holds": [{"hold": 17, "cost": "0.1875"}]},
    "PersonAdded": {"name": "Grandma", "relationship": "grandparent", "birthday": "1948-03-09"},
    "PersonSent": {"interests": "Tea, crosswords"},
    "OccasionAdded": {"name": "House-warming", "date": "2027-05-08"},
    "OccasionSent": {"budget_total": "250.00"},
    "BudgetsSent": {"how": "all", "amount": "30.00"},
    "CardBudgetSent": {"recipient_budget": "50.00"},
    "HolidaysSent": {"country": "AT", "names": ["Christmas Day"]},
    "GiftAdded": {"title": "A red scarf", "occasion_id": 3, "recipient_ids": [5], "price": "25.00"},
    "GiftSent": {"price": "22.00", "notes": "Wool, no polyester"},
    "GiftStatusSent": {"status": "purchased"},
    "PurchaseSent": {
        "name": "Kettle",
        "price": "39.90",
        "retailer": "Corner shop",
        "tags": ["kitchen"],
        "order_number": "A-77",
        "warranties": [{"ends_on": "2028-11-30"}],
    },
    "PurchaseChange": {"price": "34.90"},
    "GiftBuying": {"price": "22.00", "retailer": "Corner shop"},
    "PurchasesChange": {"ids": [12, 13], "add_tags": ["kitchen"]},
    "PurchasesChosen": {"ids": [12, 13]},
    "WarrantySent": {"ends_on": "2028-11-30"},
    "WarrantyChange": {"voided": True},
    "AttachmentChange": {"name": "receipt.pdf"},
    "SellerSent": {"name": "Corner shop"},
    "SellerChange": {"name": "Corner Shop Ltd."},
}


def complete_bodies(schemas: dict[str, Any]) -> None:
    """Let each schema that has an example here tell it."""
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
