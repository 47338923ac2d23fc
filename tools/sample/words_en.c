#include "words.h"

#include <stddef.h>

/* clang-format off */
#define WORDS(name, ...)                                                                       \
    static const char *const name##_list[] = { __VA_ARGS__ };                                  \
    struct words name = { name##_list, sizeof(name##_list) / sizeof(name##_list[0]), NULL }

WORDS(en_nouns,
    "exports", "chips", "plan", "market", "policy", "budget", "trade", "growth", "industry", "energy",
    "safety", "housing", "labor", "schools", "research", "transport", "ports", "shipping", "tariffs",
    "demand", "supply", "prices", "rates", "inflation", "lending", "bonds", "shares", "investors",
    "revenue", "profit", "losses", "costs", "factory", "plants", "batteries", "vehicles", "software",
    "data", "networks", "satellites", "robots", "sensors", "materials", "steel", "textiles", "food",
    "grain", "fisheries", "forests", "rivers", "water", "climate", "emissions", "recycling", "waste",
    "hospitals", "doctors", "patients", "vaccines", "drugs", "treatment", "surgery", "care", "births",
    "families", "students", "teachers", "exams", "tuition", "jobs", "wages", "unions", "strikes",
    "contracts", "bids", "permits", "patents", "standards", "audits", "courts", "judges", "prosecutors",
    "police", "rescue", "fires", "floods", "storms", "drought", "crops", "farmers", "livestock",
    "tourism", "hotels", "airlines", "airports", "railways", "buses", "roads", "bridges", "parking",
    "towers", "apartments", "rents", "loans", "insurance", "pensions", "taxes", "subsidies", "funds",
    "donations", "volunteers", "museums", "galleries", "films", "festivals", "novels", "concerts",
    "players", "coaches", "league", "finals", "medals", "records", "training", "stadium", "talks",
    "treaty", "allies", "sanctions", "borders", "elections", "voters", "parties", "assembly", "bills",
    "committees", "mayors", "governors", "ministers", "officials", "reports", "surveys", "figures",
    "forecasts", "risks", "rules", "reform", "privacy", "security", "startups", "retailers", "brands",
    "customers", "delivery", "payments", "cards", "apps", "games", "streaming", "media", "advertising",
    "fashion", "cosmetics", "restaurants", "beverages", "suppliers", "logistics", "warehouses",
    "pipelines", "turbines", "reactors", "hydrogen", "solar panels", "grids", "mining", "lithium");

WORDS(en_adjectives,
    "new", "regional", "domestic", "foreign", "public", "private", "annual", "quarterly", "record",
    "major", "minor", "strong", "weak", "rising", "falling", "early", "late", "joint", "local",
    "national", "global", "urban", "rural", "digital", "industrial", "medical", "financial", "legal",
    "temporary", "permanent", "stricter", "broader", "cheaper", "older", "younger", "small", "large",
    "coastal", "northern", "southern", "eastern", "western", "emergency", "voluntary", "mandatory",
    "planned", "delayed", "disputed", "long-awaited", "high-end", "low-cost", "state-run",
    "export-driven", "carbon-free", "next-generation", "short-term", "long-term", "unexpected");

WORDS(en_verbs,
    "expand", "cut", "review", "support", "delay", "approve", "reject", "launch", "build", "close",
    "reopen", "finance", "regulate", "inspect", "monitor", "improve", "replace", "upgrade", "sell",
    "buy", "export", "import", "produce", "test", "develop", "share", "publish", "protect", "restore",
    "strengthen", "reduce", "raise", "lower", "freeze", "extend", "shorten", "merge", "split", "move",
    "recruit", "train", "reward", "compensate", "investigate", "question", "defend", "promote",
    "coordinate", "simplify", "standardize", "privatize", "subsidize", "tax", "insure", "audit");

WORDS(en_past,
    "expanded", "cut", "reviewed", "supported", "delayed", "approved", "rejected", "launched", "built",
    "closed", "reopened", "financed", "regulated", "inspected", "monitored", "improved", "replaced",
    "upgraded", "sold", "bought", "exported", "imported", "produced", "tested", "developed", "shared",
    "published", "protected", "restored", "strengthened", "reduced", "raised", "lowered", "froze",
    "extended", "shortened", "merged", "split", "moved", "recruited", "trained", "rewarded",
    "compensated", "investigated", "questioned", "defended", "promoted", "coordinated", "simplified");

WORDS(en_adverbs,
    "sharply", "slightly", "steadily", "gradually", "quickly", "jointly", "temporarily", "largely",
    "partly", "further", "again", "separately", "quietly", "formally", "repeatedly", "broadly");

WORDS(en_openers,
    "Meanwhile, ", "However, ", "In particular, ", "Earlier, ", "In addition, ", "By contrast, ",
    "As a result, ", "On the day, ", "For now, ", "Still, ", "In response, ", "At the same time, ",
    "According to the report, ", "Over the past decade, ", "Until recently, ");

WORDS(en_first,
    "Adeline", "Bram", "Corin", "Delphine", "Edric", "Fenna", "Garrick", "Hollis", "Imara", "Joren",
    "Kestrel", "Linnet", "Marlow", "Nerys", "Orla", "Perrin", "Quill", "Rowan", "Sable", "Tamsin",
    "Ulric", "Verity", "Wren", "Yorick", "Zelda", "Min-seo", "Ha-ram", "Do-yun", "Seo-ah", "Ji-hoon",
    "Ye-rin", "Tae-oh", "Soo-bin", "Ga-on", "Na-rae", "Eun-chae");

WORDS(en_sur_heads,
    "Ash", "Bel", "Brad", "Carl", "Cor", "Dun", "Eller", "Fair", "Gar", "Hal", "Hart", "Ives", "Kel",
    "Lang", "Lor", "Mar", "Nor", "Oak", "Pen", "Quin", "Rad", "Ros", "Sel", "Thorn", "Tor", "Vel",
    "Wex", "Whit", "Yar", "Zan");
WORDS(en_sur_tails,
    "bury", "combe", "den", "dell", "field", "ford", "gate", "ham", "kirk", "ley", "low", "man",
    "mere", "more", "rick", "ridge", "sby", "son", "stead", "ton", "wick", "worth");

WORDS(en_titles,
    "chief executive", "spokesperson", "professor", "analyst", "director", "mayor", "deputy minister",
    "senior researcher", "coach", "captain", "judge", "prosecutor", "fire chief", "economist",
    "union leader", "curator", "conductor", "chair", "vice president", "project manager");

WORDS(en_org_heads,
    "Halden", "Brightwater", "Corven", "Dunmere", "Eastmarch", "Fernhill", "Glenmoor", "Hartwell",
    "Ironbridge", "Juniper", "Kelwood", "Larkfield", "Marlbrook", "Northgate", "Oakhaven", "Pinecrest",
    "Quarrystone", "Ridgeway", "Silverlake", "Thornbury", "Umberland", "Valecrest", "Westmere",
    "Yarrow", "Zephyr", "Hanbit", "Saeroum", "Nuri", "Garam", "Daon");
WORDS(en_org_tails,
    "Electronics", "Motors", "Shipbuilding", "Chemicals", "Biologics", "Energy", "Steel", "Airlines",
    "Logistics", "Bank", "Securities", "Insurance", "Telecom", "Software", "Games", "Foods",
    "Institute", "Research Center", "University", "Hospital", "Port Authority", "City Council",
    "Trade Association", "Workers' Union", "Foundation", "Museum", "Football Club", "Customs Office",
    "District Court", "Weather Service");

WORDS(en_place_heads,
    "Ash", "Bel", "Cor", "Dun", "Elm", "Far", "Glen", "Har", "Ink", "Kel", "Lor", "Mar", "Nor", "Oak",
    "Pel", "Quin", "Ros", "Sel", "Tor", "Ux", "Vel", "Wex", "Yar", "Hwan", "Seol", "Nam", "Dal");
WORDS(en_place_tails,
    "bridge", "bury", "dale", "field", "ford", "ham", "haven", "mere", "moor", "port", "stead", "ton",
    "wick", "san", "gok", "cheon", "pyeong");

WORDS(en_dates,
    "on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "over the weekend",
    "last month", "last year", "this year", "in the second quarter", "in the third quarter",
    "earlier this week", "in January", "in April", "in August", "in November", "a year earlier");

WORDS(en_counters,
    "people", "cases", "households", "vehicles", "companies", "countries", "tons", "kilometers",
    "sites", "workers", "students", "patients", "flights", "shops");

WORDS(en_sentences,
    "{O} said {D} that it will {I} {K} to {I} {N}{X}.",
    "{K} rose {%} percent to {M} {D}, according to data released by {O}{X}.",
    "{K} fell {%} percent {D} as {N} and {N} {V} {A}{X}.",
    "\"{q},\" {P} said{X}.", "“{q},” {P} told reporters in {L}{X}.", "{P} said {O} would {I} {N}{X}.",
    "{B}{O} {V} {C} and {V} {N} {D}{X}.", "{B}{N} in {L} {V} {K} {A}{X}.",
    "The {S} of {N} has raised questions about {K}{X}.", "{O} and {O} agreed {D} to {I} {N} in {L}{X}.",
    "{P}, who has led {O} since {T}, said \"{q}.\"", "Police in {L} are investigating {N} after {C} reported {N}{X}.",
    "{B}about {%} percent of {N} went to {K}, up from {%} percent {D}{X}.",
    "Analysts had expected {K} to {I} {N} by {%} percent{X}.",
    "The {K} program, worth {M}, aims to {I} {N} and {I} {N}{X}.",
    "{B}{O} has spent {M} on R&D for {N}, a filing showed{X}.",
    "{L} officials plan to {I} {C} by the end of the year{X}.",
    "“{q},” {P} said, adding that {N} could {I} {K}{X}.",
    "{O}'s operating profit came to {M}, compared with {M} {D}{X}.",
    "{B}the court ruled that {O} had {V} {N} without consent{X}.",
    "{N}, {N} and {N} were among the sectors that {V} {A}{X}.",
    "It was the first time in {t} years that {K} {V} {N}{X}.",
    "{B}critics say {N} will do little to {I} {K}{X}.", "{P} scored in the {t}th minute as {O} beat {O} {t}-{t}{X}.",
    "Temperatures in {L} are expected to reach {t} degrees, about {t} degrees above average{X}.",
    "{B}{C} took part in {N} organized by {O}{X}.", "Shares of {O} closed {%} percent lower at {T} won{X}.",
    "The M&A market for {K} has {V} {A} since {T}{X}.", "{O} declined to comment on {N}{X}.",
    "{B}a survey of {C} by {O} found that {%} percent want to {I} {N}{X}.",
    "Under the agreement, {O} will {I} {N} while {O} will {I} {N}{X}.",
    "{N} remain the largest source of {K}, making up {%} percent of the total.");

/* What may stand at the end of a sentence. */
WORDS(en_phrases,
    " amid {N}", " despite {N}", " because of {N} and {N}", " after {O} {V} {N}",
    " in order to {I} {N}", " ahead of {N} in {L}", ", a move that could {I} {N}",
    ", following {N} {D}", " for the first time in {t} years", ", {P} said",
    " under a {M} budget for {N}", " along with {C}");

WORDS(en_quotes,
    "we will {I} {N} {A}", "{K} is not only about {N}", "there is no plan to {I} {N}",
    "{N} and {N} must be seen together", "we regret that {N} {V} {K}",
    "nobody expected {N} to {I} {K} this {A}", "it took us {t} years to {I} {N}",
    "the question is who will {I} {N}", "{K} will be decided by {N}", "our {S} comes first");

WORDS(en_headlines,
    "{O} to {I} {N} in {L}", "{K} rise {%}% on {J} {S}", "{L} moves to {I} {N}", "{P}: '{q}'",
    "{N} in {L} {V} {K}", "{O}, {O} sign deal on {N}", "[Exclusive] {O} {V} {N}", "{K} hit {t}-year high",
    "Why {N} matter for {K}", "{O} profit drops {%}% as {N} {V}", "\"{q}\": {L} debates {N}");

WORDS(en_leads, "{N} {V} {K}", "{O} to {I} {N}", "{K} up {%} percent");

WORDS(en_corrections,
    "Correction: An earlier version of this article misstated the number of {S}. It was {C}.",
    "(This story has been corrected to say {N}, not {N}, in paragraph {t}.)",
    "Clarification: {O} said {K} had not been {V} {D}.");

WORDS(en_marks, " (Update)", " (2nd LD)", ", report says", " - {O}", "; {N} {V}", " amid {N}");
/* clang-format on */
