"""What the demo household buys: what runs out, what is bought once, and where it comes from."""

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

_shared = partial(Thing, shared=True)
_tools = "Bengtsson’s Hardware"

#: What Olle bought once.
HOUSEHOLD_THINGS = (
    _shared(
        1049,
        "Washing machine, 8 kg",
        "649.00",
        "MediaMarkt",
        "Bosch",
        "household",
        model="WAN28",
        promises=(Promise(2), Promise(5, _Kind.EXTENDED, "MediaMarkt Plus")),
        papers=("receipt", "certificate"),
    ),
    _shared(1022, "Bookshelf, white", "159.80", "IKEA", "IKEA", "furniture", quantity=2),
    Thing(
        1003,
        "Office chair",
        "229.00",
        "IKEA",
        "IKEA",
        "office, furniture",
        promises=(Promise(10),),
        deductible=True,
    ),
    Thing(
        966,
        "Noise-cancelling headphones",
        "279.00",
        "Amazon",
        "Sony",
        "electronics, music",
        model="WH-1000",
        promises=(Promise(2),),
    ),
    _shared(
        941,
        "Cast-iron pot, 26 cm",
        "245.00",
        "John Lewis",
        "Le Creuset",
        "kitchen",
        currency="GBP",
        promises=(Promise(None),),
    ),
    Thing(
        911,
        "Laptop, 14 inches",
        "1299.00",
        "Apple Store",
        "Apple",
        "electronics, office",
        model="MBA14",
        promises=(Promise(1), Promise(3, _Kind.EXTENDED, "AppleCare+")),
        deductible=True,
        notes="The charger is in the top drawer.",
        papers=("receipt", "label"),
    ),
    _shared(884, "Coffee grinder", "189.00", "Solberg Coffee Roasters", tags="kitchen, coffee"),
    _shared(867, "Board game about trains", "42.50", "Page & Lantern Books", tags="games"),
    Thing(
        823,
        "Winter coat",
        "219.00",
        "Amazon",
        "Patagonia",
        "clothes",
        promises=(Promise(None, notes="They mend it for as long as it is worn."),),
    ),
    _shared(
        796,
        "Vacuum cleaner",
        "259.00",
        "MediaMarkt",
        "Miele",
        "household",
        model="C3",
        promises=(Promise(2),),
    ),
    _shared(771, "Hand mixer", "39.90", "MediaMarkt", "Philips", "kitchen", promises=(Promise(2),)),
    Thing(748, "Bicycle lock", "64.90", "Decathlon", tags="bicycle"),
    _shared(
        722,
        "Dishwasher",
        "589.00",
        "MediaMarkt",
        "Bosch",
        "kitchen, household",
        model="SMV4",
        promises=(Promise(2), Promise(10, _Kind.PARTS, notes="Against rust.")),
        papers=("receipt", "manual"),
    ),
    _shared(
        709,
        "Air purifier",
        "189.00",
        "Amazon",
        "Philips",
        "household",
        promises=(Promise(2),),
    ),
    Thing(
        688,
        "Digital piano",
        "749.00",
        "Thomann",
        "Yamaha",
        "music",
        currency="EUR",
        model="P-145",
        promises=(Promise(3),),
        papers=("invoice",),
    ),
    Thing(687, "Piano stool", "59.00", "Thomann", tags="music, furniture", currency="EUR"),
    _shared(655, "Tent for three", "179.90", "Decathlon", tags="travel", promises=(Promise(5),)),
    _shared(
        631,
        "Garden shears",
        "54.90",
        "Green Thumb Garden Centre",
        "Fiskars",
        "garden, tools",
        promises=(Promise(25),),
    ),
    Thing(
        603,
        "Monitor, 27 inches",
        "289.00",
        "Amazon",
        "Samsung",
        "electronics, office",
        promises=(Promise(3),),
        deductible=True,
    ),
    _shared(577, "Mattress, 140 × 200", "399.00", "IKEA", "IKEA", "furniture", returns=365),
    _shared(
        549,
        "Cordless drill",
        "149.00",
        _tools,
        "Bosch",
        "tools",
        model="GSR12",
        promises=(
            Promise(2),
            Promise(3, _Kind.EXTENDED, voided=True, notes="Opened it to change the switch."),
        ),
    ),
    Thing(521, "Sewing machine, second hand", "60.00", tags="tools", notes="From the flea market."),
    Thing(
        494,
        "Running watch",
        "249.00",
        "Decathlon",
        "Garmin",
        "sport, electronics",
        status=_Status.RETURNED,
        returns=60,
    ),
    _shared(471, "Set of screwdrivers", "34.50", _tools, "Bosch", "tools"),
    Thing(
        446,
        "Lens, 35 mm",
        "329.00",
        "John Lewis",
        "Canon",
        "photography",
        currency="GBP",
        model="RF35",
        promises=(Promise(2, _Kind.STATUTORY),),
    ),
    _shared(
        413,
        "Waffle iron",
        "44.90",
        "MediaMarkt",
        "Philips",
        "kitchen",
        status=_Status.RETURNED,
        notes="It smoked.",
    ),
    _shared(397, "Bird feeder", "24.90", "Green Thumb Garden Centre", tags="garden"),
    Thing(
        353,
        "Smartphone",
        "599.00",
        "MediaMarkt",
        "Samsung",
        "electronics",
        model="SM-S911",
        promises=(Promise(1), Promise(2, _Kind.STATUTORY)),
        papers=("receipt", "label"),
    ),
    _shared(
        332,
        "Electric kettle",
        "49.90",
        "IKEA",
        "Philips",
        "kitchen",
        promises=(Promise(2),),
    ),
    Thing(
        301,
        "Backpack, 24 l",
        "119.00",
        "Decathlon",
        "Patagonia",
        "travel",
        promises=(Promise(None),),
    ),
    _shared(
        271,
        "Router",
        "129.00",
        "Amazon",
        tags="electronics",
        currency="EUR",
        promises=(Promise(5),),
    ),
    Thing(
        243,
        "Laser printer",
        "199.00",
        "Amazon",
        "Brother",
        "office, electronics",
        model="HL-L2",
        promises=(Promise(3),),
        deductible=True,
        papers=("manual",),
    ),
    _shared(222, "Coffee table", "89.00", "IKEA", "IKEA", "furniture"),
    Thing(198, "Rain jacket", "59.90", "Decathlon", tags="clothes, sport", status=_Status.RETURNED),
    Thing(186, "Sheet music, two volumes", "38.40", "Thomann", tags="music", currency="EUR"),
    _shared(151, "Radiator thermostats", "199.00", "Amazon", tags="household", quantity=4),
    _shared(129, "Pressure cooker", "99.90", "John Lewis", tags="kitchen", currency="GBP"),
    Thing(
        104,
        "Keyboard",
        "119.00",
        "Amazon",
        "Logitech",
        "office, electronics",
        promises=(Promise(2),),
        deductible=True,
    ),
    Thing(87, "Bicycle helmet", "89.90", "Decathlon", tags="bicycle"),
    _shared(72, "Balcony chair", "118.00", "IKEA", "IKEA", "furniture", quantity=2, returns=365),
    Thing(
        56,
        "Desk that goes up and down",
        "349.00",
        "IKEA",
        "IKEA",
        "office, furniture",
        promises=(Promise(10),),
        returns=365,
        policy="Also when it is built; bring the receipt.",
        deductible=True,
        papers=("receipt",),
    ),
    Thing(
        46,
        "Electric toothbrush",
        "79.00",
        "Corner Pharmacy",
        "Philips",
        "bathroom",
        status=_Status.RETURNED,
        returns=30,
    ),
    # Entered twice, perhaps.
    Thing(37, "USB-C cable, 2 m", "12.90", "Amazon", "Anker", "electronics"),
    Thing(37, "USB-C cable, 2 m", "12.90", "Amazon", "Anker", "electronics"),
    _shared(
        26,
        "Desk lamp",
        "34.90",
        "IKEA",
        "IKEA",
        "light, office",
        returns=365,
        promises=(Promise(2),),
    ),
    Thing(
        19,
        "Wireless mouse",
        "49.90",
        "Amazon",
        "Logitech",
        "office, electronics",
        returns=30,
        promises=(Promise(2),),
        link="https://www.logitech.com/",
    ),
    Thing(17, "Umbrella", "24.00", "H&M", tags="clothes", is_trashed=True),
    Thing(12, "Trainers", "64.90", "Decathlon", tags="sport, clothes", returns=30),
    _shared(
        8,
        "Air fryer",
        "119.00",
        "MediaMarkt",
        "Philips",
        "kitchen",
        returns=14,
        policy="Only in its box.",
        model="HD9252",
        promises=(Promise(2),),
        papers=("receipt",),
    ),
    _shared(
        4, "Shelf brackets", "23.40", "Amazon", tags="tools", quantity=6, status=_Status.ORDERED
    ),
    Thing(2, "Bicycle pump", "29.90", "Decathlon", tags="bicycle", status=_Status.ORDERED),
    _shared(
        1,
        "Cookbook for one pot",
        "22.00",
        "John Lewis",
        tags="books, kitchen",
        currency="GBP",
        status=_Status.ORDERED,
        returns=35,
    ),
)

#: What the others bought; what falls into their open windows fits into their stories.
OTHER_THINGS = {
    "maya": (
        _shared(
            618,
            "Pottery wheel, second hand",
            "180.00",
            tags="ceramics",
            notes="From the studio that moved out.",
        ),
        Thing(402, "Swimming goggles", "32.00", "Decathlon", tags="sport"),
        Thing(233, "Crime novel set in Tromsø", "13.50", "Page & Lantern Books", tags="books"),
        _shared(
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
        _shared(
            207, "Grill tongs and brush", "27.90", _tools, tags="kitchen", promises=(Promise(3),)
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
        _shared(294, "Monstera in a pot", "26.00", "Green Thumb Garden Centre", tags="plants"),
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
