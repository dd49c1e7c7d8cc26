"""What the people of the demo buy: what runs out, what is bought once, and where it comes from."""

from dataclasses import dataclass
from functools import partial

from purchases.models import Purchase, Warranty

_Kind, _Status = Warranty.Kind, Purchase.Status


@dataclass(frozen=True)
class Shop:
    """Where things are bought; in the pattern of its order numbers each # is a digit."""

    name: str
    link: str
    orders: str = ""


@dataclass(frozen=True)
class Promise:
    """A warranty for so many years from the day of the purchase; None is for life."""

    years: int | None
    kind: Warranty.Kind = _Kind.MANUFACTURER
    provider: str = ""
    notes: str = ""
    voided: bool = False


@dataclass(frozen=True)
class Thing:
    """One purchase: how many days ago, the price for all of it as it is typed, tags with commas."""

    ago: int
    name: str
    price: str
    shop: str = ""
    brand: str = ""
    tags: str = ""
    currency: str = ""
    quantity: int = 1
    status: Purchase.Status = _Status.RECEIVED
    model: str = ""
    promises: tuple[Promise, ...] = ()
    #: In how many days after the purchase it can be returned, and how.
    returns: int | None = None
    policy: str = ""
    deductible: bool = False
    notes: str = ""
    link: str = ""
    shared: bool = False
    #: Names of drawings in `receipts`.
    papers: tuple[str, ...] = ()
    is_trashed: bool = False


@dataclass(frozen=True)
class Habit:
    """What is bought again every so many days, at its price of today."""

    every: int
    name: str
    price: str
    shop: str
    brand: str = ""
    tags: str = ""
    most: int = 1
    shared: bool = True


@dataclass(frozen=True)
class Present:
    """What somebody bought for a gift of the family: its title, how long ago, and the price."""

    gift: str
    by: str
    ago: int | None
    price: str
    shop: str
    shared: bool = False
    papers: tuple[str, ...] = ()


SHOPS = (
    Shop("Amazon", "https://www.amazon.com/", "###-#######-#######"),
    Shop("Apple Store", "https://www.apple.com/", "W##########"),
    Shop("Bengtsson’s Hardware", "https://hardware.example.org/"),
    Shop("Corner Pharmacy", "https://pharmacy.example.org/"),
    Shop("Decathlon", "https://www.decathlon.com/", "DK########"),
    Shop("Galleri Foto", "https://foto.example.org/", "GF-#####"),
    Shop("Green Thumb Garden Centre", "https://garden.example.org/"),
    Shop("H&M", "https://www.hm.com/", "##########"),
    Shop("IKEA", "https://www.ikea.com/"),
    Shop("John Lewis", "https://www.johnlewis.com/", "JL-########"),
    Shop("MediaMarkt", "https://www.mediamarkt.se/"),
    Shop("Page & Lantern Books", "https://books.example.org/"),
    Shop("Paws and Whiskers", "https://paws.example.org/", "PW-######"),
    Shop("Solberg Coffee Roasters", "https://coffee.example.org/"),
    Shop("Thomann", "https://www.thomann.de/", "########"),
)

BRANDS = {
    "Anker": "https://www.anker.com/",
    "Apple": "https://www.apple.com/",
    "Bosch": "https://www.bosch.com/",
    "Brother": "https://www.brother.com/",
    "Canon": "https://www.canon.com/",
    "Fiskars": "https://www.fiskars.com/",
    "Garmin": "https://www.garmin.com/",
    "IKEA": "https://www.ikea.com/",
    "Le Creuset": "https://www.lecreuset.com/",
    "Logitech": "https://www.logitech.com/",
    "Miele": "https://www.miele.com/",
    "Patagonia": "https://www.patagonia.com/",
    "Philips": "https://www.philips.com/",
    "Samsung": "https://www.samsung.com/",
    "Sony": "https://www.sony.com/",
    "Yamaha": "https://www.yamaha.com/",
}

HABITS = (
    Habit(19, "Coffee beans, 1 kg", "18.90", "Solberg Coffee Roasters", tags="kitchen, coffee"),
    Habit(24, "Cat food, 12 tins", "21.50", "Paws and Whiskers", tags="cat", most=2),
    Habit(38, "Cat litter, 20 l", "14.90", "Paws and Whiskers", tags="cat"),
    Habit(41, "Dishwasher tablets, 60", "13.95", "Corner Pharmacy", tags="household"),
    Habit(47, "Paperback", "11.90", "Page & Lantern Books", tags="books", most=3),
    Habit(53, "Stamps, a sheet of ten", "16.00", "Page & Lantern Books", tags="office"),
    Habit(62, "Toothpaste and brushes", "12.40", "Corner Pharmacy", tags="bathroom"),
    Habit(83, "Batteries AA, 8", "9.90", "Bengtsson’s Hardware", tags="household", most=2),
    Habit(91, "Light bulb E27", "4.95", "IKEA", "IKEA", "household, light", most=4),
    Habit(97, "Printer toner", "54.90", "Amazon", "Brother", "office", shared=False),
    Habit(109, "Potting soil, 40 l", "7.50", "Green Thumb Garden Centre", tags="garden", most=3),
    Habit(121, "Socks, three pairs", "12.99", "H&M", tags="clothes", most=2, shared=False),
    Habit(158, "Inner tube, 28 inches", "6.90", "Decathlon", tags="bicycle", most=2),
    Habit(239, "Running shoes", "94.90", "Decathlon", tags="sport, clothes", shared=False),
)

shared_thing = partial(Thing, shared=True)
HARDWARE = "Bengtsson’s Hardware"

#: What the others bought; what falls into their open windows fits into their stories.
OTHER_THINGS = {
    "maya": (
        shared_thing(
            618,
            "Pottery wheel, second hand",
            "180.00",
            tags="ceramics",
            notes="From the studio that moved out.",
        ),
        Thing(402, "Swimming goggles", "32.00", "Decathlon", tags="sport"),
        Thing(233, "Crime novel set in Tromsø", "13.50", "Page & Lantern Books", tags="books"),
        shared_thing(
            118,
            "Kiln thermometer",
            "46.00",
            "Amazon",
            tags="ceramics, tools",
            promises=(Promise(2),),
        ),
        Thing(5, "Glaze, three blues", "14.20", tags="ceramics"),
    ),
    "ben": (
        Thing(389, "Chain and cassette", "58.00", "Decathlon", tags="bicycle"),
        shared_thing(
            207, "Grill tongs and brush", "27.90", HARDWARE, tags="kitchen", promises=(Promise(3),)
        ),
        Thing(131, "Record, used", "16.00", tags="music", notes="Scratched on side B."),
    ),
    "zoe": (
        Thing(316, "Chalk bag", "19.00", "Decathlon", tags="climbing"),
        Thing(142, "Film, three rolls", "29.70", "Galleri Foto", tags="photography", quantity=3),
    ),
    "leo": (
        Thing(258, "Coffee scale", "39.00", "Amazon", tags="coffee", promises=(Promise(1),)),
        Thing(73, "Railway atlas", "31.50", "Page & Lantern Books", tags="books, trains"),
    ),
    "ida": (Thing(167, "Drawing pens", "14.80", "Page & Lantern Books", tags="drawing"),),
    "nina": (
        shared_thing(294, "Monstera in a pot", "26.00", "Green Thumb Garden Centre", tags="plants"),
        Thing(112, "Poems, bilingual", "18.00", "Page & Lantern Books", tags="books"),
    ),
}

#: What was bought for gifts: long ago on the day that the gift says, or so many days ago.
PRESENTS = (
    Present("Climbing shoes", "maya", None, "95.20", "Decathlon", shared=True),
    Present("Fire bowl", "maya", None, "119.00", "Bengtsson’s Hardware", shared=True),
    Present("Skates", "ben", None, "71.10", "Decathlon"),
    # For days that are still to come: nobody tells whoever they are for.
    Present("Wetsuit for the autumn", "ben", 108, "96.00", "Harbour Surf Shop", shared=True),
    Present(
        "Camera bag",
        "maya",
        38,
        "79.90",
        "Galleri Foto",
        shared=True,
        papers=("receipt",),
    ),
)
