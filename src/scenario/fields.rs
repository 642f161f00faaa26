//! What may stand in the files of a scenario: every column and key, declared once, with its type, range, default, unit and meaning.
//!
//! Reading, checking and `corridor schema` all go by these declarations.

use super::scenario::{
    Access, Aim, Cause, Confidence, Lever, Measure, Mode, Need, Onset, Order, PlaceKind, PopulationState, PriorityFor,
    Rule, Scope, Shape, ShockKind, Status, Unused,
};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Letters, digits, `_`, `-`, `.`, `:` and blanks inside.
    Id,
    /// An ISO 8601 day.
    Date,
    /// A number from `min` to `max`, both included.
    Number {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// A number greater than 0, at most `max`.
    Positive {
        /// Greatest value.
        max: f64,
    },
    /// A whole number from 0 to [`MAX_PERSONS`].
    Whole,
    /// 0 or 1.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any number of these words, separated by `;`.
    Words(&'static [&'static str]),
    /// Any number of ids, separated by `;`.
    Ids,
    /// A groups cell.
    Groups,
}

/// What an empty cell means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Empty {
    /// It is an error.
    Refused,
    /// The same as this value.
    Means(&'static str),
    /// What these words say; the reader fills it in from the rest of the row.
    Told(&'static str),
}

/// A column of a table or a key of a TOML table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Header or key.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What an empty cell means.
    pub empty: Empty,
    /// Unit; empty where there is none.
    pub unit: &'static str,
    /// Meaning.
    pub doc: &'static str,
}

/// A file with rows, or a TOML table with keys.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// File name, or a name for the kind of file.
    pub name: &'static str,
    /// What a row is.
    pub doc: &'static str,
    /// Own columns; those of [`COMMON`] may stand in every table.
    pub fields: &'static [Field],
    /// Whether a file without rows is an error.
    pub rows_required: bool,
}

/// Most persons that one cell may state.
pub const MAX_PERSONS: u64 = 10_000_000_000;
/// Most rows that a table may have.
pub const MAX_ROWS: usize = 5_000_000;
/// Most characters that a cell may have.
pub const MAX_CELL: usize = 10_000;
/// Most days that a scenario may last.
pub const MAX_DAYS: i64 = 20_000;

const SHARE: Kind = Kind::Number { min: 0.0, max: 1.0 };
const USD: Kind = Kind::Number { min: 0.0, max: 1e12 };
const RATE: Kind = Kind::Number { min: 0.0, max: 1e9 };
const DAYS: Kind = Kind::Number { min: 0.0, max: 20_000.0 };

const fn must(name: &'static str, kind: Kind, unit: &'static str, doc: &'static str) -> Field {
    Field { name, kind, empty: Empty::Refused, unit, doc }
}

const fn or(name: &'static str, kind: Kind, default: &'static str, unit: &'static str, doc: &'static str) -> Field {
    Field { name, kind, empty: Empty::Means(default), unit, doc }
}

const fn may(name: &'static str, kind: Kind, told: &'static str, unit: &'static str, doc: &'static str) -> Field {
    Field { name, kind, empty: Empty::Told(told), unit, doc }
}

/// Columns that every table may have, and keys that every intervention may have.
pub const COMMON: &[Field] = &[
    or("source", Kind::Text, "", "", "Short names of the sources, separated by `;`"),
    may("confidence", Kind::Word(Confidence::WORDS), "not stated", "", "How well founded the numbers are"),
    or("notes", Kind::Text, "", "", "Anything else worth knowing"),
];

/// Places.
pub const LOCATIONS: Table = Table {
    name: "locations.csv",
    doc: "A place",
    rows_required: true,
    fields: &[
        must("id", Kind::Id, "", "Unique id"),
        may("name", Kind::Text, "the id", "", "Shown to people"),
        must("country", Kind::Id, "", "ISO 3166-1 alpha-3, or a name"),
        must("kind", Kind::Word(PlaceKind::WORDS), "", "What the place is"),
        must("lat", Kind::Number { min: -90.0, max: 90.0 }, "degrees north, WGS84", "Latitude"),
        must("lon", Kind::Number { min: -180.0, max: 180.0 }, "degrees east, WGS84", "Longitude"),
        or("residents", Kind::Whole, "0", "persons", "Resident population"),
        may(
            "capacity",
            Kind::Whole,
            "no limit where people choose among camps, no shelter otherwise",
            "persons",
            "Shelter places from the start",
        ),
        or("region", Kind::Text, "", "", "Region within the country"),
        may("move_chance", SHARE, "by kind of place ([travel] in scenario.toml)", "1/day", "Daily chance of going on"),
        may(
            "opens",
            Kind::Date,
            "start of the scenario",
            "",
            "First day on which the place is what `kind` says; before it, it is a town",
        ),
    ],
};

/// Ways between places.
pub const ROUTES: Table = Table {
    name: "routes.csv",
    doc: "A way between two places",
    rows_required: true,
    fields: &[
        must("from", Kind::Id, "", "Location id"),
        must("to", Kind::Id, "", "Location id, not the same"),
        must("mode", Kind::Word(Mode::WORDS), "", "How one travels"),
        must("km", Kind::Positive { max: 50_000.0 }, "km", "Length"),
        may("hours", Kind::Positive { max: 10_000.0 }, "from km and mode", "hours", "Travel time in the crisis"),
        may("two_way", Kind::Flag, "1 for road and foot, 0 for sea and air", "", "Whether it leads back too"),
        or("fee_usd", USD, "0", "USD per person", "What travellers by own means pay"),
        or("risk", SHARE, "0", "", "Danger of the way itself: checkpoints, desert, sea"),
        may("persons_per_day", RATE, "no limit", "persons/day", "A limit that always holds"),
        may(
            "access",
            Kind::Word(Access::WORDS),
            "free for road and foot, service for sea and air",
            "",
            "Who may use it; service: only with a seat that a service grants",
        ),
    ],
};

/// Who the people are.
pub const GROUPS: Table = Table {
    name: "groups.csv",
    doc: "A group of people",
    rows_required: true,
    fields: &[
        must("id", Kind::Id, "", "Unique id"),
        may("name", Kind::Text, "the id", "", "Shown to people"),
        may("nationality", Kind::Id, "the id", "", "ISO 3166-1 alpha-3"),
        or("status", Kind::Word(Status::WORDS), "migrant", "", "Legal status"),
        or(
            "aim",
            Kind::Word(Aim::WORDS),
            "home",
            "",
            "home: scores whole journeys to `home`; safety: looks for safety, as `choice.horizon` says",
        ),
        may("home", Kind::Id, "none; required where aim is home", "", "Location id where the journey ends"),
        or(
            "can_return",
            Kind::Flag,
            "1",
            "",
            "0: cannot be returned to its country; `home` is then the place of third-country admission",
        ),
        or("party_size", Kind::Number { min: 1.0, max: 8.0 }, "1", "persons", "Mean size of a travelling party"),
        or("female_share", SHARE, "0.5", "", "Share of women and girls"),
        or("child_share", SHARE, "0.3", "", "Share below 18 years"),
        or("elderly_share", SHARE, "0.05", "", "Share of 60 years and older"),
        or("documents", SHARE, "1", "", "Share with valid travel documents in hand"),
        or("supported", SHARE, "0", "", "Share whose employer or State brings them out"),
        or("money_usd", USD, "100", "USD", "Median cash per person"),
        or("money_spread", Kind::Number { min: 1.0, max: 100.0 }, "2.5", "", "Geometric standard deviation of it"),
        or("language", Kind::Text, "", "", "Languages, separated by `/`"),
        or("target_risk", SHARE, "0", "", "How much the group is a target of violence and checkpoints"),
        may(
            "remittance_usd_month",
            Kind::Number { min: 0.0, max: 1e5 },
            "not stated",
            "USD",
            "What a person sends home in a month; lost while away from work (M27)",
        ),
        may(
            "info_date",
            Kind::Date,
            "start of the scenario",
            "",
            "Day on which half of the group has understood what is happening",
        ),
        or(
            "info_width_days",
            Kind::Positive { max: 1000.0 },
            "3",
            "days",
            "Width of the logistic curve of understanding",
        ),
        or("frailty", Kind::Number { min: 0.0, max: 1000.0 }, "0", "", "Variance of the gamma frailty of departure"),
        or("departure", Kind::Number { min: 0.0, max: 1e6 }, "1", "", "Multiplier of the departure hazard"),
    ],
};

/// How many of each group are where.
pub const POPULATIONS: Table = Table {
    name: "populations.csv",
    doc: "The persons of one group at one place",
    rows_required: false,
    fields: &[
        must("group", Kind::Id, "", "Group id"),
        must("place", Kind::Id, "", "Location id"),
        must("persons", Kind::Whole, "persons", "How many"),
        or("state", Kind::Word(PopulationState::WORDS), "settled", "", "displaced: on the move from the first day"),
    ],
};

/// What happens, where, when, how badly.
pub const SHOCKS: Table = Table {
    name: "shocks.csv",
    doc: "Something that drives people away",
    rows_required: false,
    fields: &[
        must("place", Kind::Id, "", "Location id, country code, or `all`"),
        must("kind", Kind::Word(ShockKind::WORDS), "", "What kind"),
        must("start", Kind::Date, "", "First day"),
        or("ramp_days", DAYS, "0", "days", "Days of linear rise from `start`"),
        may("plateau_until", Kind::Date, "`end`", "", "Last day of full intensity"),
        or("decay_days", DAYS, "0", "days", "Time constant of the exponential fall after the plateau"),
        may("end", Kind::Date, "end of the scenario", "", "Last day"),
        must("intensity", SHARE, "", "Intensity of the plateau"),
        or("label", Kind::Text, "", "", "Shown to people"),
    ],
};

/// Border rules, closures, throughput.
pub const POLICIES: Table = Table {
    name: "policies.csv",
    doc: "A rule on a link",
    rows_required: false,
    fields: &[
        must("rule", Kind::Word(Rule::WORDS), "", "What it does"),
        must("from", Kind::Id, "", "Location id or country code"),
        must("to", Kind::Id, "", "Location id or country code"),
        or("groups", Kind::Groups, "all", "", "For whom"),
        may("start", Kind::Date, "start of the scenario", "", "First day"),
        may("end", Kind::Date, "end of the scenario", "", "Last day, included"),
        may("persons_per_day", RATE, "none; required for throughput", "persons/day", "Throughput"),
        may("low", RATE, "not stated", "persons/day", "Lower bound of it"),
        may("high", RATE, "not stated", "persons/day", "Upper bound of it"),
        or("share", SHARE, "1", "", "Share for refuse and deter"),
        or("label", Kind::Text, "", "", "Shown to people"),
    ],
};

/// People who cross and are counted, but are not followed one by one.
pub const FLOWS: Table = Table {
    name: "flows.csv",
    doc: "People who cross a border in numbers of their own",
    rows_required: false,
    fields: &[
        must("id", Kind::Id, "", "Id"),
        must("kind", Kind::Text, "", "E.g. `commuter_trader`, `conflict_flight`"),
        must("from", Kind::Id, "", "Location id"),
        must("to", Kind::Id, "", "Location id"),
        must("group", Kind::Id, "", "Nationality, e.g. `LBY`"),
        must("start", Kind::Date, "", "First day"),
        must("end", Kind::Date, "", "Last day, included"),
        or("shape", Kind::Word(Shape::WORDS), "constant", "", "Course over time"),
        may("midpoint", Kind::Date, "none; required for logistic", "", "Midpoint of the logistic course"),
        may(
            "width_days",
            Kind::Positive { max: 1000.0 },
            "none; required for logistic",
            "days",
            "Width of the logistic course",
        ),
        must("per_day", RATE, "persons/day", "Persons a day; the plateau of a logistic course"),
        may("low", RATE, "not stated", "persons/day", "Lower bound of it"),
        may("high", RATE, "not stated", "persons/day", "Upper bound of it"),
        or("return_share", SHARE, "0", "", "Share that goes back"),
        or("stay_days", DAYS, "1", "days", "Mean stay before going back"),
    ],
};

/// Moves that are planned for a season and counted, but not followed one by one.
pub const CYCLES: Table = Table {
    name: "cycles.csv",
    doc: "Moves that are planned for a season",
    rows_required: false,
    fields: &[
        must("id", Kind::Id, "", "Id"),
        must("kind", Kind::Text, "", "E.g. `seasonal_labour`, `nomadic`"),
        must("group", Kind::Id, "", "Group id"),
        must("path", Kind::Ids, "", "Location ids in the order of the way, each joined to the next by a route"),
        must("start", Kind::Date, "", "First day on which anybody plans to set out"),
        must("end", Kind::Date, "", "Last such day, included"),
        must("persons", Kind::Whole, "persons", "Persons who plan to set out, spread evenly over these days"),
        or("grace_days", DAYS, "0", "days", "Days after the day planned for which it still makes sense"),
    ],
};

/// An observed series that drives departures.
pub const DEPARTURES: Table = Table {
    name: "departures.csv",
    doc: "Persons who leave on a day",
    rows_required: false,
    fields: &[
        must("date", Kind::Date, "", "Day"),
        must("persons", Kind::Whole, "persons", "Persons who leave on that day"),
    ],
};

/// The record to hold the run against.
pub const OBSERVATIONS: Table = Table {
    name: "observations.csv",
    doc: "An observed number",
    rows_required: false,
    fields: &[
        must("date", Kind::Date, "", "Day"),
        must("where", Kind::Id, "", "Country code, location id or `TOTAL`"),
        must("measure", Kind::Word(Measure::WORDS), "", "What is measured"),
        or("group", Kind::Id, "all", "", "all, migrants, tcn, libyan, flow:NATIONALITY or nationality:XXX"),
        must("value", Kind::Number { min: 0.0, max: 1e10 }, "persons", "The number"),
        may(
            "rel_uncertainty",
            Kind::Number { min: 0.0, max: 10.0 },
            "not stated",
            "",
            "Relative uncertainty, e.g. 0.2",
        ),
    ],
};

/// Seats on flights, ships, buses and convoys, and document issue.
pub const SERVICES: Table = Table {
    name: "services table",
    doc: "A service",
    rows_required: false,
    fields: &[
        may("id", Kind::Id, "made from the row", "", "Id"),
        or("lever", Kind::Id, "L09", "", "L01 to L37"),
        must("from", Kind::Id, "", "Location id where it leaves"),
        or("pickup", Kind::Ids, "", "", "Further location ids whose waiting people it also calls"),
        must("to", Kind::Id, "", "Location id, or `HOME`: each to the home of its group"),
        must("mode", Kind::Word(Mode::WORDS), "", "How it travels"),
        or("actor", Kind::Text, "", "", "Who runs it"),
        or("groups", Kind::Groups, "all", "", "Who is eligible"),
        may("start", Kind::Date, "start of the scenario", "", "First day"),
        may("end", Kind::Date, "end of the scenario", "", "Last day, included"),
        must("persons_per_day", RATE, "persons/day", "Seats a day"),
        may("low", RATE, "not stated", "persons/day", "Lower bound of it"),
        may("high", RATE, "not stated", "persons/day", "Upper bound of it"),
        or("order", Kind::Word(Order::WORDS), "pooled", "", "exclusive seats are granted first"),
        or("needs", Kind::Words(Need::WORDS), "", "", "What a person must have"),
        or("priority", Kind::Words(PriorityFor::WORDS), "", "", "Who is served first; empty: first come, first served"),
        or("fee_usd", USD, "0", "USD per person", "What the traveller pays"),
        or("unused", Kind::Word(Unused::WORDS), "lost", "", "Whether seats not used today can be used tomorrow"),
        or(
            "assistance",
            Kind::Flag,
            "1",
            "",
            "1: humanitarian assistance; 0: own tickets, employers, States for their own",
        ),
        or("cost_fixed_usd", USD, "0", "USD", "Cost, once"),
        or("cost_per_person_usd", USD, "0", "USD per person", "Cost per person served"),
        or("basis", Kind::Text, "", "", "Where the capacity comes from"),
        may("when", Kind::Text, "by date only", "", "Trigger, e.g. `waiting(border_post) > 5000 for 2 days`"),
        or("delay_days", DAYS, "0", "days", "Days between decision, or firing of the trigger, and beginning"),
        or("ramp_days", DAYS, "0", "days", "Days until full strength"),
    ],
};

/// Shelter places by period.
pub const SHELTERS: Table = Table {
    name: "shelter table",
    doc: "Shelter places at one place for a period",
    rows_required: false,
    fields: &[
        must("place", Kind::Id, "", "Location id"),
        may("start", Kind::Date, "start of the scenario", "", "First day"),
        may("end", Kind::Date, "end of the scenario", "", "Last day, included"),
        must("places", Kind::Whole, "persons", "Shelter places"),
        may("low", Kind::Whole, "not stated", "persons", "Lower bound of it"),
        may("high", Kind::Whole, "not stated", "persons", "Upper bound of it"),
        or("actor", Kind::Text, "", "", "Who runs it"),
        or("cost_per_place_day_usd", USD, "0", "USD per place and day", "Cost"),
        may("when", Kind::Text, "by date only", "", "Trigger, e.g. `waiting(border_post) > 5000 for 2 days`"),
        or("delay_days", DAYS, "0", "days", "Days between decision, or firing of the trigger, and beginning"),
        or("ramp_days", DAYS, "0", "days", "Days until full strength"),
    ],
};

/// The head of `scenario.toml`.
pub const HEADER: Table = Table {
    name: "scenario.toml",
    doc: "What the scenario is about",
    rows_required: false,
    fields: &[
        must("title", Kind::Text, "", "One line for people"),
        or("description", Kind::Text, "", "", "What, where, when, and what it is good for"),
        or("status", Kind::Text, "", "", "What the scenario is, e.g. `historical reconstruction` or `illustrative`"),
        or("kinds", Kind::Words(ShockKind::WORDS), "", "", "Kinds of crisis it holds"),
        may("onset", Kind::Word(Onset::WORDS), "not stated", "", "How fast the crisis came"),
        may("cause", Kind::Word(Cause::WORDS), "not stated", "", "What caused it"),
        may("scope", Kind::Word(Scope::WORDS), "not stated", "", "Where people move"),
        must("start", Kind::Date, "", "First day that is simulated"),
        must("end", Kind::Date, "", "Last day that is simulated"),
        or("default_strategy", Kind::Id, "none", "", "Strategy that is run when none is named"),
        may(
            "fitted_until",
            Kind::Date,
            "nothing was fitted",
            "",
            "Last day whose observations were used to set parameters",
        ),
    ],
};

/// The head of `strategies/NAME.toml`.
pub const STRATEGY: Table = Table {
    name: "strategy",
    doc: "A named set of responses",
    rows_required: false,
    fields: &[
        may("title", Kind::Text, "the name of the file", "", "One line for people"),
        or("story", Kind::Text, "", "", "What is done and why"),
        may("extends", Kind::Id, "nothing", "", "Strategy whose services, shelters and interventions come first"),
        or("services", Kind::Ids, "", "", "Services tables beside the file"),
        or("shelters", Kind::Ids, "", "", "Shelter tables beside the file"),
        or(
            "shift_days",
            Kind::Number { min: -3650.0, max: 3650.0 },
            "0",
            "days",
            "Days by which what it extends comes later (before 0: earlier); what stands in `none` does not move",
        ),
        or("pool_seats", Kind::Flag, "0", "", "1: no seat of assistance is kept for one nationality"),
    ],
};

/// One `[[intervention]]` of a strategy.
pub const INTERVENTION: Table = Table {
    name: "intervention",
    doc: "Something that is done",
    rows_required: false,
    fields: &[
        must("lever", Kind::Word(Lever::WORDS), "", "What is done"),
        or("places", Kind::Ids, "", "", "Location ids or country codes; empty: everywhere"),
        or("groups", Kind::Groups, "all", "", "For whom"),
        may("start", Kind::Date, "start of the scenario", "", "First day"),
        may("end", Kind::Date, "end of the scenario", "", "Last day, included"),
        may("when", Kind::Text, "by date only", "", "Trigger, e.g. `waiting(border_post) > 5000 for 2 days`"),
        may("ramp_days", DAYS, "by lever", "days", "Days until full strength"),
        may("per_day", RATE, "by lever", "1/day", "Units a day"),
        may("share", SHARE, "by lever", "", "Share reached"),
        may("days_earlier", DAYS, "by lever", "days", "Days by which something comes earlier"),
        may("delay_days", DAYS, "by lever", "days", "Days between decision and effect"),
        may("usd", USD, "by lever", "USD per person; USD in all for funding", "Amount"),
        may(
            "capacity",
            Kind::Number { min: 0.0, max: 1e10 },
            "by lever",
            "persons",
            "Places at each of `places`, or persons reached at each",
        ),
        or("languages", Kind::Ids, "", "", "Languages of those it reaches; empty: all"),
        may("lanes", RATE, "by lever", "lanes", "Lanes added at a border"),
        may("persons_per_hour", RATE, "by lever", "persons/hour and lane", "What a lane lets through"),
        may("hours_per_day", Kind::Number { min: 0.0, max: 24.0 }, "24", "hours/day", "Hours that the lanes are open"),
        may(
            "error",
            Kind::Number { min: 0.0, max: 3.0 },
            "0",
            "",
            "Standard deviation of the logarithm of observed counts",
        ),
        may("every_days", DAYS, "1", "days", "Days from one round of tracking to the next"),
        or("cost_fixed_usd", USD, "0", "USD", "Cost, once"),
        or("cost_per_unit_usd", USD, "0", "USD per unit", "Cost per unit"),
        or("actor", Kind::Text, "", "", "Who does it"),
        or("priority", Kind::Words(PriorityFor::WORDS), "", "", "Who is served first; empty: first come, first served"),
    ],
};

/// The tables beside `scenario.toml`, in the order in which they are read.
pub const TABLES: &[&Table] =
    &[&LOCATIONS, &ROUTES, &GROUPS, &POPULATIONS, &SHOCKS, &POLICIES, &FLOWS, &CYCLES, &DEPARTURES, &OBSERVATIONS];

impl Table {
    /// Own columns, then the common ones.
    pub fn all_fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.fields.iter().chain(COMMON)
    }
}

impl Kind {
    /// Type and range in words, e.g. `number, 0 to 1`.
    pub fn describe(&self) -> String {
        match self {
            Kind::Text => "text".into(),
            Kind::Id => "id".into(),
            Kind::Date => "date, YYYY-MM-DD".into(),
            Kind::Number { min, max } => format!("number, {min} to {max}"),
            Kind::Positive { max } => format!("number, above 0, to {max}"),
            Kind::Whole => format!("whole number, 0 to {MAX_PERSONS}"),
            Kind::Flag => "0 or 1".into(),
            Kind::Word(words) => format!("one of {}", words.join(", ")),
            Kind::Words(words) => format!("list of {}", words.join(", ")),
            Kind::Ids => "list of ids".into(),
            Kind::Groups => "groups: all, a list of group ids, or non: and a list".into(),
        }
    }
}
