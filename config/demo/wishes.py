"""What the demo family gives: one complete year, and the year that is being planned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from occasions.models import Gift

_Status, _Priority = Gift.Status, Gift.Priority


@dataclass(frozen=True)
class Wish:
    """One gift, with amounts as they are typed; names joined by + share it."""

    title: str
    recipients: str
    price: str | None
    status: Gift.Status = _Status.IDEA
    by: str = ""
    paid: str | None = None
    quantity: int = 1
    priority: Gift.Priority = _Priority.NORMAL
    link: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Plan:
    """One year of an occasion: who is to get how much, who may spend how much, and the gifts."""

    total: str | None = None
    #: Budgets for gifts to somebody and by somebody; None puts them on the list without one.
    to: Mapping[str, str | None] = field(default_factory=dict)
    by: Mapping[str, str | None] = field(default_factory=dict)
    wishes: tuple[Wish, ...] = ()


_idea = Wish
_selected = partial(Wish, status=_Status.SELECTED)
_bought = partial(Wish, status=_Status.PURCHASED)
_given = partial(Wish, status=_Status.RECEIVED)

LAST_YEAR = {
    "Christmas": Plan(
        total="750",
        to={
            "Maya": "130",
            "Ben": "130",
            "Zoe": "120",
            "Ida": "110",
            "Grandma Astrid": "80",
            "Grandpa Olof": "80",
            "Aunt Karin": "50",
            "Elsa": "50",
        },
        by={"Maya": "400", "Ben": "400", "Zoe": "80", "Ida": "30"},
        wishes=(
            _given("A weekend in a tree house", "Maya", "129.00", by="Ben", paid="118.00"),
            _given("Fox mug, painted by hand", "Maya", "9.50", by="Ida"),
            _given("Espresso machine, second hand", "Ben", "120.00", by="Maya", paid="95.00"),
            _given("Two records from the flea market", "Ben", "14.00", by="Zoe", quantity=2),
            _given("Down jacket", "Zoe", "110.00", by="Maya", paid="89.90"),
            _given("Film for the old camera", "Zoe", "9.80", by="Ben", quantity=3),
            _given("Drawing tablet", "Ida", "99.00", by="Ben", paid="84.00"),
            _given("Fox calendar", "Ida", "16.00", by="Maya"),
            _given("Concert of the choir", "Grandma Astrid+Grandpa Olof", "65.01", by="Maya"),
            _given("Alpaca wool, six skeins", "Grandma Astrid", "7.90", by="Zoe", quantity=6),
            _given("Thermos and cup", "Grandpa Olof", "34.50", by="Ben", paid="29.90"),
            _given("A whole cheese", "Aunt Karin", "42.00", by="Maya", paid="44.80"),
            _given("Excavator for the sandpit", "Elsa", "27.50", by="Ben"),
            _given("Dinosaur stickers", "Elsa", "4.90", by="Ida", quantity=2),
        ),
    ),
    "Midsummer Eve": Plan(
        total="90",
        to={"Grandma Astrid": "30", "Grandpa Olof": "30", "Elsa": "15"},
        by={"Maya": "60", "Ben": None},
        wishes=(
            _given("Strawberry cake", "Grandma Astrid+Grandpa Olof", "28.00", by="Ben"),
            _given("A young apple tree", "Grandma Astrid", "24.00", by="Maya", paid="19.90"),
            _given("Bucket and spade", "Elsa", "11.00", by="Maya"),
        ),
    ),
    "Astrid and Olof’s wedding day": Plan(
        total="80",
        to={"Grandma Astrid": "40", "Grandpa Olof": "40"},
        by={"Maya": "50", "Aunt Karin": None},
        wishes=(
            _given("Dinner by the harbour", "Grandma Astrid+Grandpa Olof", "76.00", by="Maya"),
        ),
    ),
    "Maya’s birthday": Plan(
        total="150",
        to={"Maya": "150"},
        by={"Ben": "120", "Zoe": "25", "Ida": "15"},
        wishes=(
            _given("Potter’s wheel, a day’s course", "Maya", "95.00", by="Ben", paid="85.50"),
            _given("Crime novels", "Maya", "8.90", by="Zoe", quantity=2),
            _given("Breakfast in bed", "Maya", None, by="Ida"),
        ),
    ),
    "Ben’s birthday": Plan(
        total="150",
        to={"Ben": "150"},
        by={"Maya": "120", "Zoe": None, "Ida": "15"},
        wishes=(
            _given("Fire bowl", "Ben", "139.00", by="Maya", paid="119.00"),
            _given("Long tongs", "Ben", "17.00", by="Ida", paid="14.50"),
        ),
    ),
    "Zoe’s birthday": Plan(
        total="200",
        to={"Zoe": "150"},
        by={"Maya": "100", "Ben": "60", "Grandma Astrid": None},
        wishes=(
            _given("Climbing shoes", "Zoe", "119.00", by="Maya", paid="95.20"),
            _given("Voucher for the noodle bar", "Zoe", "40.00", by="Ben"),
        ),
    ),
    "Ida’s birthday": Plan(
        total="130",
        to={"Ida": "130"},
        by={"Maya": None, "Ben": None, "Aunt Karin": None},
        wishes=(
            _given("Skates", "Ida", "79.00", by="Ben", paid="71.10"),
            _given("Coloured pencils, a tin of 72", "Ida", "36.00", by="Aunt Karin"),
        ),
    ),
    "Leo Okafor’s birthday": Plan(
        to={"Leo Okafor": "40"},
        by={"Ben": None, "Nina Okafor": None},
        wishes=(_given("Coffee from three roasters", "Leo Okafor", "12.50", by="Ben", quantity=3),),
    ),
    "Nina Okafor’s birthday": Plan(
        to={"Nina Okafor": "40"},
        by={"Maya": None, "Leo Okafor": None},
        wishes=(_given("A large fern", "Nina Okafor", "35.00", by="Maya", paid="31.00"),),
    ),
    "Grandma Astrid’s birthday": Plan(
        to={"Grandma Astrid": "70"},
        by={"Maya": None},
        wishes=(
            _given("Tickets for the theatre", "Grandma Astrid", "34.00", by="Maya", quantity=2),
        ),
    ),
    "Grandpa Olof’s birthday": Plan(
        to={"Grandpa Olof": "60"},
        by={"Ben": None, "Aunt Karin": None},
        wishes=(
            _given("Book about owls", "Grandpa Olof", "32.00", by="Ben"),
            _given("Smoked eel", "Grandpa Olof", "24.00", by="Aunt Karin", paid="22.00"),
        ),
    ),
    "Aunt Karin’s birthday": Plan(
        to={"Aunt Karin": "45"},
        by={"Maya": None},
        wishes=(
            _given("Seeds for a whole season", "Aunt Karin", "38.00", by="Maya", paid="41.50"),
        ),
    ),
    "Elsa’s birthday": Plan(
        to={"Elsa": "40"},
        by={"Ben": None, "Ida": None},
        wishes=(_given("A dinosaur to dig out", "Elsa", "29.00", by="Ben", paid="24.90"),),
    ),
}

THIS_YEAR = {
    "Christmas": Plan(
        total="900",
        to={
            "Maya": "150",
            "Ben": "150",
            "Zoe": "120",
            "Ida": "120",
            "Grandma Astrid": "90",
            "Grandpa Olof": "90",
            "Aunt Karin": "50",
            "Elsa": "50",
        },
        by={"Maya": "450", "Ben": "400", "Zoe": "80", "Ida": "0", "Aunt Karin": None},
        wishes=(
            _selected(
                "Five evenings of pottery", "Maya", "119.00", by="Ben", priority=_Priority.HIGH
            ),
            _idea("A morning to sleep in", "Maya", None, by="Ida"),
            _bought("Cast-iron pan", "Ben", "79.00", by="Maya", paid="71.10"),
            _idea("Box of blues records", "Ben", "48.00"),
            _selected(
                "Headphones that keep out the dormitory",
                "Zoe",
                "149.00",
                by="Ben",
                notes="Black or green, over the ear.",
            ),
            _bought("Watercolours", "Ida", "42.00", by="Maya", paid="38.50"),
            _selected("Warm boots with laces", "Ida", "49.00", by="Ben"),
            _selected("Board game for the holidays", "Zoe+Ida", "45.00", by="Maya"),
            _selected("Photo book of the year", "Grandma Astrid+Grandpa Olof", "59.99", by="Zoe"),
            _bought("Felt slippers", "Grandma Astrid", "39.00", by="Maya"),
            _selected("Feeder for the balcony", "Grandpa Olof", "44.50", by="Ben"),
            _idea("Gloves for the allotment", "Aunt Karin", "22.00"),
            _bought("Wooden railway", "Elsa", "34.90", by="Aunt Karin", paid="29.90"),
            _idea("Pyjamas with a tail", "Elsa", "18.00", priority=_Priority.LOW),
        ),
    ),
    "Midsummer Eve": Plan(
        total="100",
        to={"Grandma Astrid": "30", "Grandpa Olof": "30", "Elsa": "15"},
        by={"Maya": "60"},
        wishes=(_idea("A basket of cheese", "Grandma Astrid+Grandpa Olof", "35.00"),),
    ),
    "Astrid and Olof’s wedding day": Plan(
        total="280",
        to={"Grandma Astrid": "150", "Grandpa Olof": "150"},
        by={"Maya": "200", "Aunt Karin": "100"},
        wishes=(
            _selected(
                "Two nights in a lighthouse",
                "Grandma Astrid+Grandpa Olof",
                "238.01",
                by="Maya",
                priority=_Priority.HIGH,
                link="https://lighthouse.example.org/rooms",
                notes="Fifty years. Karin pays half; ask for the room with the view.",
            ),
            _idea("A film of old photographs", "Grandma Astrid+Grandpa Olof", None, by="Zoe"),
        ),
    ),
    "Maya’s birthday": Plan(
        total="180",
        to={"Maya": "160"},
        by={"Ben": "120", "Zoe": "25", "Ida": "15"},
        wishes=(
            _bought("Wetsuit for the autumn", "Maya", "109.00", by="Ben", paid="96.00"),
            _selected("Glaze in three blues", "Maya", "7.50", by="Zoe", quantity=3),
            _idea("A fox made of clay", "Maya", None, by="Ida"),
        ),
    ),
    "Ben’s birthday": Plan(
        total="150",
        to={"Ben": "150"},
        by={"Maya": "120", "Ida": "15"},
        wishes=(_idea("Lights for the bicycle", "Ben", "64.00", by="Maya"),),
    ),
    "Zoe’s birthday": Plan(
        total="250",
        to={"Zoe": "180"},
        by={"Maya": "120", "Ben": "80", "Ida": "15", "Grandma Astrid": None},
        wishes=(
            _bought(
                "Camera bag",
                "Zoe",
                "89.00",
                by="Maya",
                paid="79.90",
                link="https://bags.example.org/small",
            ),
            _selected("Flight home in the autumn, a share", "Zoe", "75.00", by="Ben"),
            _idea("Voucher for the climbing hall", "Zoe", "40.00", by="Maya"),
            _idea("A letter from everybody", "Zoe", None, by="Grandma Astrid"),
        ),
    ),
    "Ida’s birthday": Plan(
        to={"Ida": None},
        wishes=(_idea("Easel", "Ida", "55.00"),),
    ),
    "Leo Okafor’s birthday": Plan(
        to={"Leo Okafor": "40"},
        by={"Ben": "25"},
        wishes=(_idea("Game of trains for two", "Leo Okafor", "29.00", by="Ben"),),
    ),
    "Grandpa Olof’s birthday": Plan(
        total="60",
        to={"Grandpa Olof": "60"},
        by={"Ben": "40"},
        wishes=(
            _selected("Crosswords in large print", "Grandpa Olof", "11.90", by="Ben", quantity=3),
            _idea("A day at the bird station", "Grandpa Olof", "30.00", by="Maya"),
        ),
    ),
    "Elsa’s birthday": Plan(
        to={"Elsa": "40"},
        by={"Ben": None},
        wishes=(_selected("Rain clothes, 116", "Elsa", "36.50", by="Maya"),),
    ),
}

#: What comes but once: in how many days, who receives how much, and the gifts.
ONCE = {
    "Farewell for Jonas": (
        19,
        Plan(
            to={"Jonas Berg": "25"},
            by={"Maya": None},
            wishes=(_selected("Flies, tied by hand", "Jonas Berg", "24.00", by="Maya"),),
        ),
    ),
    "Housewarming at Leo and Nina’s": (
        -40,
        Plan(
            total="80",
            to={"Leo Okafor": None, "Nina Okafor": None},
            by={"Maya": None, "Ben": None},
            wishes=(
                _given("Bread, salt and a doormat", "Leo Okafor+Nina Okafor", "43.01", by="Ben"),
                _given("Fig tree", "Leo Okafor+Nina Okafor", "36.00", by="Maya", paid="32.40"),
            ),
        ),
    ),
}
