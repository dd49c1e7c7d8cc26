"""What a column of a table may be that a person maps, and the headers that it usually has."""

from collections.abc import Mapping
from dataclasses import dataclass

from purchases.naming import fold


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may be: its label, whether a table cannot do without, its usual headers."""

    label: str
    needed: bool = False
    headers: tuple[str, ...] = ()


#: What a column of a mapped table may be. Beside the needed ones there must be amounts, either in
#: one column or in one of what was spent.
FIELDS: Mapping[str, Field] = {
    "day": Field(
        "Day",
        needed=True,
        headers=(
            *("date", "day", "transaction date", "booking date", "posted date", "posting date"),
            *("datum", "buchungstag", "buchungsdatum", "umsatzdatum", "valuta", "fecha"),
            *("date opération", "date de l'opération", "date comptable", "data", "data operacji"),
            *("data operazione", "data księgowania", "datum zaúčtování", "datum provedení"),
            *("date operation", "date de l'operation", "data ksiegowania"),
            *("datum zauctovani", "datum provedeni"),
            *("dátum", "könyvelés dátuma", "boekdatum", "transaktionsdag", "bokføringsdato"),
        ),
    ),
    "name": Field(
        "What was bought",
        needed=True,
        headers=(
            *("description", "name", "payee", "merchant", "details", "transaction", "narrative"),
            *("empfänger", "begünstigter/zahlungspflichtiger", "zahlungsempfänger*in"),
            *("empfaenger", "beguenstigter/zahlungspflichtiger", "zahlungsempfaenger*in"),
            *("auftraggeber / beguenstigter", "nazev protiuctu"),
            *("name zahlungsbeteiligter", "auftraggeber / begünstigter", "bezeichnung", "text"),
            *("libellé", "libelle", "concepto", "descripción", "descrizione", "descrição"),
            *("opis", "opis operacji", "nazwa odbiorcy", "popis", "protistrana", "název protiúčtu"),
            *("megnevezés", "partner neve", "omschrijving", "naam / omschrijving", "beskrivelse"),
        ),
    ),
    "amount": Field(
        "Amount",
        headers=(
            *("amount", "value", "betrag", "umsatz", "betrag (eur)", "betrag (€)", "montant"),
            *("importe", "importo", "valor", "kwota", "kwota operacji", "částka", "castka"),
            *("objem", "összeg", "bedrag", "bedrag (eur)", "belopp", "beløb", "beløp"),
        ),
    ),
    "spent": Field(
        "Spent",
        headers=(
            *("debit", "debit amount", "paid out", "money out", "withdrawal", "withdrawals"),
            *("outflow", "soll", "ausgabe", "débit", "debe", "cargo", "addebiti", "dare"),
            *("obciążenia", "obciazenia", "výdaje", "vydaje", "terhelés", "ut"),
        ),
    ),
    "came_in": Field(
        "Came in",
        headers=(
            *("credit", "credit amount", "paid in", "money in", "deposit", "deposits", "inflow"),
            *("haben", "einnahme", "crédit", "haber", "abono", "accrediti", "avere"),
            *("uznania", "příjmy", "prijmy", "jóváírás", "in"),
        ),
    ),
    "currency": Field(
        "Currency",
        headers=(
            *("currency", "währung", "devise", "divisa", "moneda", "valuta conto", "waluta"),
            *("waehrung", "wahrung", "měna", "mena", "devizanem", "pénznem", "munt", "valuta"),
        ),
    ),
    "retailer": Field(
        "Retailer", headers=("retailer", "shop", "store", "seller", "händler", "haendler")
    ),
    "category": Field(
        "Category, becomes a tag",
        headers=("category", "kategorie", "catégorie", "categoría", "categoria", "kategoria"),
    ),
    "notes": Field(
        "Notes",
        headers=(
            *("notes", "note", "memo", "reference", "payment reference", "verwendungszweck"),
            *("communication", "mededelingen", "tytuł", "tytułem", "poznámka", "poznamka"),
            "közlemény",
        ),
    ),
    "order_number": Field("Order number", headers=("order number", "order id", "bestellnummer")),
    "account": Field(
        "Account",
        headers=("account", "account name", "account number", "konto", "iban", "compte", "cuenta"),
    ),
    "id": Field(
        "The bank’s reference",
        headers=("transaction id", "id", "reference number", "id operacji", "id pohybu"),
    ),
}

#: Every usual header, to find the line in which columns are named.
USUAL_HEADERS = frozenset(fold(name) for known in FIELDS.values() for name in known.headers)
