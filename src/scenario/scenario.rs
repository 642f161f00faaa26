//! The scenario as it was written: one struct per table row, named like the columns of `docs/scenario-format.md`.
//!
//! Defaults that depend on other cells (a route's hours from its length, a shock's end) are already filled in.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;

/// Declares an enum whose variants are written as words in files: gives it serde names, `ALL`, `as_str`, `Display`.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every variant, in the order of the format.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// Every word, in the order of the format.
            pub const WORDS: &'static [&'static str] = &[$($text),+];

            /// The word that stands in files.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }

        impl Word for $name {
            const WORDS: &'static [&'static str] = $name::WORDS;
            fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

/// A value written as one of a few words.
pub trait Word: Sized {
    /// All words that are understood.
    const WORDS: &'static [&'static str];
    /// The value of `word` (lower case as in the format), if it is one of them.
    fn from_word(word: &str) -> Option<Self>;
}

words! {
    /// How well founded a number is.
    Confidence {
        /// A source states it.
        Reported = "reported",
        /// Computed from what sources state.
        Derived = "derived",
        /// Nobody states it: a stated assumption.
        Assumed = "assumed",
    }
}

/// Where a row or a parameter comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Short names of the sources, separated by `;`; empty where none is given.
    pub source: String,
    /// How well founded; `None` where not stated.
    pub confidence: Option<Confidence>,
    /// Anything else worth knowing.
    pub notes: String,
}

words! {
    /// What kind of crisis.
    ShockKind {
        /// Fighting.
        Conflict = "conflict",
        /// Flood, earthquake, storm, fire.
        SuddenHazard = "sudden_hazard",
        /// Drought, sea-level rise.
        SlowHazard = "slow_hazard",
        /// Disease with restrictions of movement.
        Epidemic = "epidemic",
        /// Downturn that takes work away.
        Economic = "economic",
    }
}

words! {
    /// How fast the crisis came.
    Onset { /// Within days.
        Sudden = "sudden", /// Over months or years.
        Slow = "slow" }
}

words! {
    /// What caused the crisis.
    Cause { /// A hazard of nature.
        Natural = "natural", /// People.
        ManMade = "man_made", /// Both.
        Mixed = "mixed" }
}

words! {
    /// Where people move.
    Scope { /// Within one country.
        Internal = "internal", /// Over borders.
        CrossBorder = "cross_border", /// Both.
        Both = "both" }
}

words! {
    /// What a place is.
    PlaceKind {
        /// A town or a village.
        Town = "town",
        /// Shelter for the displaced.
        Camp = "camp",
        /// A border post.
        Crossing = "crossing",
        /// A seaport.
        Port = "port",
        /// An airport.
        Airport = "airport",
        /// Where a journey can end: home or a third country.
        Hub = "hub",
        /// Where people are held.
        Detention = "detention",
        /// Passed through; nobody stays.
        Waypoint = "waypoint",
    }
}

words! {
    /// How one travels.
    Mode { /// By vehicle on land.
        Road = "road", /// On foot.
        Foot = "foot", /// By ship.
        Sea = "sea", /// By plane.
        Air = "air" }
}

words! {
    /// Who may use a route.
    Access {
        /// Everybody, by their own means.
        Free = "free",
        /// Only with a seat that a service of the strategy grants.
        Service = "service",
    }
}

words! {
    /// Legal status of a group.
    Status { /// Non-citizens who came to work or live.
        Migrant = "migrant", /// Citizens of the country in crisis.
        Citizen = "citizen", /// Refugees and asylum-seekers.
        Refugee = "refugee", /// Citizens of no State.
        Stateless = "stateless" }
}

words! {
    /// What a group wants.
    Aim {
        /// Scores whole journeys to `home`.
        Home = "home",
        /// Looks for safety: by whole journeys, or place by place (`choice.horizon`).
        Safety = "safety",
    }
}

words! {
    /// How a population begins.
    PopulationState {
        /// Lives there and has not decided to leave.
        Settled = "settled",
        /// On the move from the first day.
        Displaced = "displaced",
    }
}

words! {
    /// What a policy does.
    Rule {
        /// Nobody of the groups passes, in both directions.
        Closed = "closed",
        /// At most so many persons a day pass from `from` to `to`; the rest queue.
        Throughput = "throughput",
        /// This share of the groups is not admitted.
        Refuse = "refuse",
        /// Only those with travel documents pass.
        Documents = "documents",
        /// Holds back this share of departures whose best journey uses the link.
        Deter = "deter",
    }
}

words! {
    /// Course of a flow over time.
    Shape {
        /// The same every day.
        Constant = "constant",
        /// `per_day / (1 + exp(-(t - midpoint) / width_days))`.
        Logistic = "logistic",
    }
}

words! {
    /// What an observation measures.
    Measure {
        /// Persons who arrived so far.
        ArrivalsCumulative = "arrivals_cumulative",
        /// Persons who arrived on that day.
        ArrivalsDaily = "arrivals_daily",
        /// Persons present.
        Present = "present",
        /// Persons who left so far.
        DeparturesCumulative = "departures_cumulative",
        /// Persons helped on so far.
        AssistedCumulative = "assisted_cumulative",
    }
}

words! {
    /// Whose seats are granted first.
    Order { /// Granted first.
        Exclusive = "exclusive", /// Granted to whoever is left.
        Pooled = "pooled" }
}

words! {
    /// What a person must have to be served.
    Need { /// Travel documents.
        Documents = "documents", /// An employer or State that brings them out.
        Supported = "supported", /// The fee.
        Fee = "fee" }
}

words! {
    /// Who is served before the others.
    PriorityFor { /// Parties with somebody below 18.
        Children = "children", /// Parties with somebody of 60 or more.
        Elderly = "elderly", /// Parties with a woman and without a man.
        Women = "women", /// People without travel documents.
        Undocumented = "undocumented", /// People whom no employer or State brings out.
        Unsupported = "unsupported" }
}

words! {
    /// What becomes of seats not used today.
    Unused { /// They are gone.
        Lost = "lost", /// They can be used tomorrow.
        Kept = "kept" }
}

/// For whom a row holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum GroupsCell {
    /// `all`
    #[default]
    All,
    /// `EGY;TUN`: these group ids.
    Only(Vec<String>),
    /// `non:LBY;EGY`: all but these group ids.
    Except(Vec<String>),
}

impl GroupsCell {
    /// Whether the row holds for `group`.
    pub fn includes(&self, group: &str) -> bool {
        match self {
            GroupsCell::All => true,
            GroupsCell::Only(ids) => ids.iter().any(|id| id == group),
            GroupsCell::Except(ids) => ids.iter().all(|id| id != group),
        }
    }
}

/// The head of `scenario.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// One line for people.
    pub title: String,
    /// A few sentences: what, where, when, what it is good for.
    pub description: String,
    /// What the scenario is, in the author's words, e.g. `historical reconstruction` or `illustrative`.
    pub status: String,
    /// Kinds of crisis it holds.
    pub kinds: Vec<ShockKind>,
    /// How fast the crisis came.
    pub onset: Option<Onset>,
    /// What caused it.
    pub cause: Option<Cause>,
    /// Where people move.
    pub scope: Option<Scope>,
    /// First day that is simulated.
    pub start: NaiveDate,
    /// Last day that is simulated.
    pub end: NaiveDate,
    /// Strategy that is run when none is named.
    pub default_strategy: String,
    /// Last day whose observations were used to set parameters; later ones are a test of the model.
    pub fitted_until: Option<NaiveDate>,
    /// Where the scenario comes from.
    pub provenance: Provenance,
}

impl Header {
    /// Number of simulated days: the first and the last one included.
    pub fn days(&self) -> u32 {
        u32::try_from((self.end - self.start).num_days() + 1).unwrap_or(0)
    }
}

/// One row of `locations.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct LocationRow {
    /// Unique id.
    pub id: String,
    /// Name for people; the id where the cell is empty.
    pub name: String,
    /// ISO 3166-1 alpha-3 code, or a name.
    pub country: String,
    /// What the place is.
    pub kind: PlaceKind,
    /// Degrees north, WGS84, -90..90.
    pub lat: f64,
    /// Degrees east, WGS84, -180..180.
    pub lon: f64,
    /// Resident persons.
    pub residents: u64,
    /// Shelter places (persons) from the start; `None` where the cell is empty.
    pub capacity: Option<u64>,
    /// Region within the country; may be empty.
    pub region: String,
    /// Daily chance of going on, 0..1; `None`: by kind.
    pub move_chance: Option<f64>,
    /// First day on which the place is what `kind` says; before it, it is a town.
    pub opens: Option<NaiveDate>,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `routes.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteRow {
    /// Location id.
    pub from: String,
    /// Location id.
    pub to: String,
    /// How one travels.
    pub mode: Mode,
    /// Length, km, > 0.
    pub km: f64,
    /// Travel time in the crisis, hours, > 0; from `km` and `mode` where the cell is empty.
    pub hours: f64,
    /// Whether it can be used from `to` to `from` too.
    pub two_way: bool,
    /// What travellers by own means pay, USD per person.
    pub fee_usd: f64,
    /// Danger of the way itself, 0..1.
    pub risk: f64,
    /// Limit that always holds, persons/day; `None`: no limit.
    pub persons_per_day: Option<f64>,
    /// Who may use it.
    pub access: Access,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `groups.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// Unique id.
    pub id: String,
    /// Name for people; the id where the cell is empty.
    pub name: String,
    /// ISO 3166-1 alpha-3 code; the id where the cell is empty.
    pub nationality: String,
    /// Legal status.
    pub status: Status,
    /// What the group wants.
    pub aim: Aim,
    /// Location id where the journey ends; always there for [`Aim::Home`].
    pub home: Option<String>,
    /// Whether it can be returned to its country.
    pub can_return: bool,
    /// Mean size of a travelling party, persons, 1..8.
    pub party_size: f64,
    /// Share of women and girls, 0..1.
    pub female_share: f64,
    /// Share below 18 years, 0..1.
    pub child_share: f64,
    /// Share of 60 years and older, 0..1.
    pub elderly_share: f64,
    /// Share with valid travel documents in hand, 0..1.
    pub documents: f64,
    /// Share whose employer or State brings them out, 0..1.
    pub supported: f64,
    /// Median cash per person, USD.
    pub money_usd: f64,
    /// Geometric standard deviation of the cash, >= 1.
    pub money_spread: f64,
    /// Languages.
    pub language: Vec<String>,
    /// How much the group is a target of violence and checkpoints, 0..1.
    pub target_risk: f64,
    /// USD that a person sends home in a month, where stated.
    pub remittance_usd_month: Option<f64>,
    /// Day on which half of the group has understood what is happening.
    pub info_date: NaiveDate,
    /// Width of the logistic curve of understanding, days, > 0.
    pub info_width_days: f64,
    /// Variance of the gamma frailty of departure, >= 0.
    pub frailty: f64,
    /// Multiplier of the departure hazard, >= 0.
    pub departure: f64,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `populations.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopulationRow {
    /// Group id.
    pub group: String,
    /// Location id.
    pub place: String,
    /// Persons.
    pub persons: u64,
    /// How they begin.
    pub state: PopulationState,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `shocks.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct ShockRow {
    /// Location id, country code, or `all`.
    pub place: String,
    /// What kind.
    pub kind: ShockKind,
    /// First day.
    pub start: NaiveDate,
    /// Days of linear rise from `start`.
    pub ramp_days: f64,
    /// Last day of full intensity; `end` where the cell is empty.
    pub plateau_until: NaiveDate,
    /// Time constant of the exponential fall after the plateau, days.
    pub decay_days: f64,
    /// Last day; the end of the scenario where the cell is empty.
    pub end: NaiveDate,
    /// Intensity of the plateau, 0..1.
    pub intensity: f64,
    /// Name for people; may be empty.
    pub label: String,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `policies.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRow {
    /// What it does.
    pub rule: Rule,
    /// Location id or country code.
    pub from: String,
    /// Location id or country code.
    pub to: String,
    /// For whom.
    pub groups: GroupsCell,
    /// First day.
    pub start: NaiveDate,
    /// Last day, included.
    pub end: NaiveDate,
    /// Persons/day; always there for [`Rule::Throughput`].
    pub persons_per_day: Option<f64>,
    /// Lower bound of `persons_per_day`.
    pub low: Option<f64>,
    /// Upper bound of `persons_per_day`.
    pub high: Option<f64>,
    /// Share for [`Rule::Refuse`] and [`Rule::Deter`], 0..1.
    pub share: f64,
    /// Name for people; may be empty.
    pub label: String,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `cycles.csv`: a move that is planned for a season.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleRow {
    /// Id.
    pub id: String,
    /// E.g. `seasonal_labour`, `nomadic`.
    pub kind: String,
    /// Group id.
    pub group: String,
    /// Location ids, at least two, in the order of the way.
    pub path: Vec<String>,
    /// First day on which anybody plans to set out.
    pub start: NaiveDate,
    /// Last such day, included.
    pub end: NaiveDate,
    /// Persons who plan to, in all.
    pub persons: u64,
    /// Days after the day planned for which it still makes sense.
    pub grace_days: f64,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `flows.csv`: people who cross and are counted, but are not followed one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowRow {
    /// Id.
    pub id: String,
    /// E.g. `commuter_trader`, `conflict_flight`.
    pub kind: String,
    /// Location id on one side of a border.
    pub from: String,
    /// Location id on the other side.
    pub to: String,
    /// Nationality, e.g. `LBY`.
    pub group: String,
    /// First day.
    pub start: NaiveDate,
    /// Last day, included.
    pub end: NaiveDate,
    /// Course over time.
    pub shape: Shape,
    /// Midpoint of the logistic course; always there for [`Shape::Logistic`].
    pub midpoint: Option<NaiveDate>,
    /// Width of the logistic course, days, > 0; always there for [`Shape::Logistic`].
    pub width_days: Option<f64>,
    /// Persons/day (the plateau of a logistic course).
    pub per_day: f64,
    /// Lower bound of `per_day`.
    pub low: Option<f64>,
    /// Upper bound of `per_day`.
    pub high: Option<f64>,
    /// Share that goes back, 0..1.
    pub return_share: f64,
    /// Mean stay before going back, days.
    pub stay_days: f64,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of `departures.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct DepartureRow {
    /// Day.
    pub date: NaiveDate,
    /// Persons who leave on that day.
    pub persons: u64,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// Whom an observation counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObservedGroup {
    /// `all`: every crossing, `flows.csv` included.
    All,
    /// `migrants`: flows left out.
    Migrants,
    /// `tcn`: third-country nationals, neither flows nor nationals of the receiving country.
    Tcn,
    /// `flow:XXX` (and `libyan` for `flow:LBY`): the rows of `flows.csv` of that nationality only.
    Flow(String),
    /// `nationality:XXX`.
    Nationality(String),
}

/// One row of `observations.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservationRow {
    /// Day.
    pub date: NaiveDate,
    /// Column `where`: country code, location id or `TOTAL`.
    pub where_: String,
    /// What is measured.
    pub measure: Measure,
    /// Whom it counts.
    pub group: ObservedGroup,
    /// Persons.
    pub value: f64,
    /// Relative uncertainty, e.g. 0.2 for 20 %.
    pub rel_uncertainty: Option<f64>,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// Where a service brings people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A location id.
    Place(String),
    /// `HOME`: each to the home of its group.
    Home,
}

/// One row of a services table.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceRow {
    /// Id; `<lever>-<from>-<to>-<line>` where the cell is empty.
    pub id: String,
    /// `L01`..`L37`.
    pub lever: String,
    /// Location id where it leaves.
    pub from: String,
    /// Further location ids whose waiting people it also calls.
    pub pickup: Vec<String>,
    /// Where it goes.
    pub to: Destination,
    /// How it travels.
    pub mode: Mode,
    /// Who runs it; may be empty.
    pub actor: String,
    /// Who is eligible.
    pub groups: GroupsCell,
    /// First day.
    pub start: NaiveDate,
    /// Last day, included.
    pub end: NaiveDate,
    /// Persons/day.
    pub persons_per_day: f64,
    /// Lower bound of `persons_per_day`.
    pub low: Option<f64>,
    /// Upper bound of `persons_per_day`.
    pub high: Option<f64>,
    /// Whose seats are granted first.
    pub order: Order,
    /// What a person must have.
    pub needs: Vec<Need>,
    /// Who is served before the others; empty: first come, first served.
    pub priority: Vec<PriorityFor>,
    /// USD per person that the traveller pays.
    pub fee_usd: f64,
    /// What becomes of unused seats.
    pub unused: Unused,
    /// Whether the seats are humanitarian assistance, not own tickets or what employers and States do for their own.
    pub assistance: bool,
    /// USD, once.
    pub cost_fixed_usd: f64,
    /// USD per person served.
    pub cost_per_person_usd: f64,
    /// Where the capacity comes from.
    pub basis: String,
    /// Trigger, as text; checked.
    pub when: Option<String>,
    /// Days between decision (or firing) and beginning.
    pub delay_days: f64,
    /// Days until full strength.
    pub ramp_days: f64,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

/// One row of a shelter table.
#[derive(Debug, Clone, PartialEq)]
pub struct ShelterRow {
    /// Location id.
    pub place: String,
    /// First day.
    pub start: NaiveDate,
    /// Last day, included.
    pub end: NaiveDate,
    /// Shelter places, persons.
    pub places: u64,
    /// Lower bound of `places`.
    pub low: Option<u64>,
    /// Upper bound of `places`.
    pub high: Option<u64>,
    /// Who runs it; may be empty.
    pub actor: String,
    /// USD per place and day.
    pub cost_per_place_day_usd: f64,
    /// Trigger, as text; checked.
    pub when: Option<String>,
    /// Days between decision (or firing) and beginning.
    pub delay_days: f64,
    /// Days until full strength.
    pub ramp_days: f64,
    /// Line in the file, from 1.
    pub line: u32,
    /// Where the row comes from.
    pub provenance: Provenance,
}

words! {
    /// What an `[[intervention]]` does (`docs/levers.md`). Seats and shelter by period stand in tables of their own.
    Lever {
        /// Crisis information in languages and channels (L01, L02).
        Information = "information",
        /// Papers before the crisis (L03).
        Registration = "registration",
        /// A desk that gives travel documents (L04, L05).
        Documents = "documents",
        /// Rules of exit and entry lifted (L06, L07).
        Waiver = "waiver",
        /// Lanes and hours of crossings (L08).
        Border = "border",
        /// Shelter places (L12).
        Shelter = "shelter",
        /// Water, sanitation and hygiene (L13).
        Wash = "wash",
        /// Food and relief items (L14).
        Relief = "relief",
        /// Health care (L15).
        Health = "health",
        /// Psychosocial support (L16).
        Psychosocial = "psychosocial",
        /// A desk that gives money (L17).
        Cash = "cash",
        /// Duties of employers and States to bring people out (L18).
        Employers = "employers",
        /// Transfers by families (L19).
        Remittances = "remittances",
        /// Protection screening and referral (L20).
        Screening = "screening",
        /// Counter-trafficking (L21).
        CounterTrafficking = "counter_trafficking",
        /// Family unity and tracing (L23).
        FamilyUnity = "family_unity",
        /// No arrests where people seek help, and release from detention (L22).
        Firewall = "firewall",
        /// Search and rescue at sea (L24).
        SearchAndRescue = "search_and_rescue",
        /// Corridors and pauses (L25, L35).
        Corridor = "corridor",
        /// Agreements on who cares for whom (L26).
        Coordination = "coordination",
        /// Trained staff at crossings and desks (L28).
        Training = "training",
        /// Support of host communities (L29).
        HostSupport = "host_support",
        /// Reception and reintegration of those who come home (L30).
        Reception = "reception",
        /// Lawful stay (L31).
        Stay = "stay",
        /// Unpaid wages and lost goods claimed (L32).
        Claims = "claims",
        /// Displacement tracking: what triggers see, and how late and how exactly (L33).
        Tracking = "tracking",
        /// A plan and stocks made in advance (L27).
        Readiness = "readiness",
        /// What makes hazards weaker and leaves people more put by (L34).
        Resilience = "resilience",
        /// Money in all (L37).
        Funding = "funding",
    }
}

impl Lever {
    /// Whether a desk gives something to those who wait.
    pub fn is_desk(self) -> bool {
        self == Lever::Documents || self.pays()
    }

    /// Whether it pays money out to people on the move.
    pub fn pays(self) -> bool {
        matches!(self, Lever::Cash | Lever::Remittances | Lever::Claims)
    }
}

/// One `[[intervention]]` of a strategy. What each key means for which lever is told in `docs/levers.md`.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervention {
    /// What is done.
    pub lever: Lever,
    /// Location ids or country codes; empty: everywhere.
    pub places: Vec<String>,
    /// For whom.
    pub groups: GroupsCell,
    /// First day; `None`: the start of the scenario.
    pub start: Option<NaiveDate>,
    /// Last day, included; `None`: the end of the scenario.
    pub end: Option<NaiveDate>,
    /// Trigger, as text.
    pub when: Option<String>,
    /// Days until full strength.
    pub ramp_days: Option<f64>,
    /// Units a day.
    pub per_day: Option<f64>,
    /// Share reached, 0..1.
    pub share: Option<f64>,
    /// Days by which something comes earlier.
    pub days_earlier: Option<f64>,
    /// Days between decision and effect.
    pub delay_days: Option<f64>,
    /// USD per person.
    pub usd: Option<f64>,
    /// Units in all or at once, as the lever says.
    pub capacity: Option<f64>,
    /// Languages spoken by those it reaches; empty: all.
    pub languages: Vec<String>,
    /// Lanes added at a border.
    pub lanes: Option<f64>,
    /// Persons an hour and lane.
    pub persons_per_hour: Option<f64>,
    /// Hours of a day that the lanes are open.
    pub hours_per_day: Option<f64>,
    /// Standard deviation of the logarithm of an observed count.
    pub error: Option<f64>,
    /// Days from one round of observation to the next.
    pub every_days: Option<f64>,
    /// USD, once.
    pub cost_fixed_usd: f64,
    /// USD per unit.
    pub cost_per_unit_usd: f64,
    /// Who does it; may be empty.
    pub actor: String,
    /// Who is served before the others; empty: first come, first served.
    pub priority: Vec<PriorityFor>,
    /// Line of `lever` in the file, from 1.
    pub line: u32,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// A named set of responses: `strategies/NAME.toml` with the tables beside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strategy {
    /// File name without `.toml`.
    pub name: String,
    /// One line for people; the name where not given.
    pub title: String,
    /// What is done and why.
    pub story: String,
    /// Strategy whose services, shelters and interventions come first.
    pub extends: Option<String>,
    /// Days by which everything that it extends comes later (before 0: earlier), what stands in `none` left out.
    pub shift_days: f64,
    /// Whether seats of assistance that end at somebody's home are for everybody who waits there.
    pub pool_seats: bool,
    /// Rows of all services tables, in file order.
    pub services: Vec<ServiceRow>,
    /// Rows of all shelter tables, in file order.
    pub shelters: Vec<ShelterRow>,
    /// Interventions, in file order.
    pub interventions: Vec<Intervention>,
    /// Where the strategy comes from.
    pub provenance: Provenance,
}

/// Everything that was written in the folder, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Last part of the folder's path.
    pub name: String,
    /// Head of `scenario.toml`.
    pub header: Header,
    /// Parameters of the model.
    pub parameters: Parameters,
    /// `locations.csv`
    pub locations: Vec<LocationRow>,
    /// `routes.csv`
    pub routes: Vec<RouteRow>,
    /// `groups.csv`
    pub groups: Vec<GroupRow>,
    /// `populations.csv`
    pub populations: Vec<PopulationRow>,
    /// `shocks.csv`
    pub shocks: Vec<ShockRow>,
    /// `policies.csv`
    pub policies: Vec<PolicyRow>,
    /// `flows.csv`
    pub flows: Vec<FlowRow>,
    /// `cycles.csv`
    pub cycles: Vec<CycleRow>,
    /// `departures.csv`, by date
    pub departures: Vec<DepartureRow>,
    /// `observations.csv`
    pub observations: Vec<ObservationRow>,
    /// `strategies/`, by name. `none` is always there.
    pub strategies: BTreeMap<String, Strategy>,
    /// SHA-256 over the names and bytes of all files read, in lower-case hexadecimal digits.
    pub content_hash: String,
}

impl Scenario {
    /// The strategy of that name and all that it extends, the nearest first; `None` where one of them is missing.
    pub fn lineage(&self, name: &str) -> Option<Vec<&Strategy>> {
        let mut lineage = vec![self.strategies.get(name)?];
        while let Some(parent) = lineage.last().and_then(|last| last.extends.as_deref()) {
            let base = self.strategies.get(parent)?;
            if lineage.iter().any(|known| known.name == base.name) {
                break;
            }
            lineage.push(base);
        }
        Some(lineage)
    }

    /// The strategy of that name with everything that it extends put in front: services, shelters, interventions.
    /// `None` where there is no such strategy.
    pub fn strategy(&self, name: &str) -> Option<Strategy> {
        let lineage = self.lineage(name)?;
        let mut whole = lineage[0].clone();
        let mut shift = whole.shift_days;
        for base in &lineage[1..] {
            let mut base = (*base).clone();
            if base.name != "none" {
                base.shift(shift, self.header.start, self.header.end);
            }
            shift += base.shift_days;
            whole.pool_seats |= base.pool_seats;
            whole.services.splice(0..0, base.services.iter().cloned());
            whole.shelters.splice(0..0, base.shelters.iter().cloned());
            whole.interventions.splice(0..0, base.interventions.iter().cloned());
        }
        Some(whole)
    }
}

impl Strategy {
    /// Moves every date of its rows by `days` (before 0: earlier). What lasts to the end of the scenario still does, and nothing
    /// starts before `start`.
    fn shift(&mut self, days: f64, start: NaiveDate, end: NaiveDate) {
        let days = days.round() as i64;
        let moved = |date: NaiveDate| date.checked_add_signed(chrono::TimeDelta::days(days)).unwrap_or(date);
        let (first, last) = (
            |date: NaiveDate| moved(date).max(start.min(date)),
            |date: NaiveDate| if date >= end { date } else { moved(date) },
        );
        for row in &mut self.services {
            (row.start, row.end) = (first(row.start), last(row.end));
        }
        for row in &mut self.shelters {
            (row.start, row.end) = (first(row.start), last(row.end));
        }
        for row in &mut self.interventions {
            (row.start, row.end) = (row.start.map(first), row.end.map(last));
        }
    }
}
