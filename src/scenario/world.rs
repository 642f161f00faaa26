//! The world: a scenario under one strategy, validated, with every name resolved to an index.
//!
//! Nothing can be wrong with a world. The engine reads it and nothing else.

use chrono::NaiveDate;
use petgraph::graph::DiGraph;

use super::parameters::Parameters;
use super::scenario::Lever;
pub use super::scenario::{Mode, PlaceKind};
use super::trigger::Condition;

/// A day counted from the first day of the run (0).
pub type Day = u16;
/// No day: never.
pub const NEVER: Day = Day::MAX;

/// A scenario under one strategy, ready to run.
#[derive(Debug, Clone)]
pub struct World {
    /// Title for people.
    pub title: String,
    /// Name of the strategy.
    pub strategy: String,
    /// Date of day 0.
    pub start: NaiveDate,
    /// Number of days to run.
    pub days: Day,
    /// Persons that one simulated person stands for (`--scale`).
    pub scale: u32,
    /// All parameters of the model.
    pub parameters: Parameters,
    /// How people move.
    pub movement: Movement,
    /// Country names (ISO 3166-1 alpha-3 where the scenario uses them).
    pub countries: Vec<String>,
    /// Places, in file order.
    pub places: Vec<Place>,
    /// Directed links; a two-way route makes two.
    pub links: Vec<Link>,
    /// The same network as a graph: node weights are place indices, edge weights link indices.
    pub network: DiGraph<usize, usize>,
    /// Groups, in file order.
    pub groups: Vec<Group>,
    /// Classes: the discrete part of a person that decisions depend on.
    pub classes: Vec<Class>,
    /// Party compositions that agents refer to.
    pub compositions: Vec<Composition>,
    /// Settled people: one cell for each class and place.
    pub cells: Vec<Cell>,
    /// People already displaced on the first day.
    pub displaced: Vec<Cell>,
    /// What drives departures.
    pub departures: Departures,
    /// Intensity of conflict by day and place, 0-1.
    pub conflict: Intensity,
    /// Intensity of hazards (sudden, slow, epidemic) by day and place, 0-1.
    pub hazard: Intensity,
    /// Intensity of economic downturn by day and place, 0-1.
    pub economy: Intensity,
    /// Closures of links and rules of admission, by period.
    pub barriers: Vec<Barrier>,
    /// Places that change what they are, by day.
    pub conversions: Vec<Conversion>,
    /// Services in the order in which they grant.
    pub services: Vec<Service>,
    /// Issue of travel documents, cash and the like to people who wait.
    pub desks: Vec<Desk>,
    /// Shelter places by period.
    pub shelters: Vec<Shelter>,
    /// Share of departures held back on a link by fear of it.
    pub deterrents: Vec<Deterrent>,
    /// Crossings by people who are counted but not followed.
    pub flows: Vec<Flow>,
    /// Moves planned for a season.
    pub cycles: Vec<Cycle>,
    /// What places and people are like beyond shocks and parameters.
    pub conditions: Conditions,
    /// Triggers, tracking, money, and what eases danger, harm and stay.
    pub response: Response,
}

/// What places and people are like beyond shocks and parameters. Each list may be empty, which is the ordinary case: then it
/// changes nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Factor of the score of a place, by day.
    pub score: Intensity,
    /// Chance of going on, by day and place, whatever the place is; negative: by kind and state.
    pub move_chance: Intensity,
    /// Weight per resident added to the conflict's where a series displaces people, by day and place.
    pub displacement: Intensity,
    /// Persons for whom room is added on each day, by place.
    pub capacity_per_day: Vec<f64>,
    /// Chance on each day of leaving the system for good, by place.
    pub leave_chance: Vec<f64>,
    /// How each class sees the places.
    pub tastes: Vec<Taste>,
    /// Classes of those displaced by a series, with their weights, by place of origin; empty: all are of the one class.
    pub mix: Vec<Vec<(u32, f64)>>,
    /// Power of the great-circle distance (km) from a place to where a path from it ends: people shy away from what is far off.
    pub distance_power: f64,
    /// Choice rows of a day are made on the counts at its start and kept for all rounds.
    pub routes_of_the_day: bool,
    /// Further paths that people know of, as links in order; they are seen from where they begin.
    pub known_paths: Vec<Vec<usize>>,
    /// Days on which all who are not on the way are at home.
    pub at_home: Vec<bool>,
}

/// How people of a class see the places: their score is raised to `power`, then multiplied.
#[derive(Debug, Clone, PartialEq)]
pub struct Taste {
    /// Power of every score; 0: all places are as good as each other.
    pub power: f64,
    /// Factor by place where it is a camp; empty: 1.
    pub in_camps: Vec<f64>,
    /// Factor by place where it is a town; empty: 1.
    pub in_towns: Vec<f64>,
    /// Factor by place where there is conflict; empty: 1.
    pub in_conflict: Vec<f64>,
}

impl Default for Taste {
    fn default() -> Self {
        Self { power: 1.0, in_camps: Vec::new(), in_towns: Vec::new(), in_conflict: Vec::new() }
    }
}

impl World {
    /// What `place` is on `day`.
    pub fn kind_on(&self, place: usize, day: Day) -> PlaceKind {
        let until = self.conversions.iter().filter(|conversion| conversion.place == place && conversion.day <= day);
        until.max_by_key(|conversion| conversion.day).map_or(self.places[place].kind, |conversion| conversion.kind)
    }

    /// Classes that look for safety.
    pub fn safety_classes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.classes.len()).filter(|c| self.classes[*c].aim == Aim::Safety)
    }

    /// The target risks of all groups, each once, in rising order, and by group which of them is its.
    pub fn target_risks(&self) -> (Vec<f64>, Vec<usize>) {
        let mut risks: Vec<f64> = self.groups.iter().map(|group| group.target_risk).collect();
        risks.sort_by(f64::total_cmp);
        risks.dedup();
        let of = |group: &Group| risks.partition_point(|risk| *risk < group.target_risk);
        let by_group = self.groups.iter().map(of).collect();
        (risks, by_group)
    }

    /// Whether the people of `other` are the same: as many in each cell, who travel in the same parties.
    pub fn same_people(&self, other: &World) -> bool {
        let alike = |cell: &Cell| self.parties(cell) == other.parties(cell);
        self.cells == other.cells && self.compositions == other.compositions && self.cells.iter().all(alike)
    }

    /// The parties that the people of `cell` travel in: see [`Group::parties`].
    pub fn parties(&self, cell: &Cell) -> &[(u8, u64)] {
        &self.groups[self.classes[cell.class].group].parties
    }

    /// Whether `link` leads over the sea to another country, so that whoever takes it by own means crosses by boat without a seat. A
    /// ferry within a country is none.
    pub fn is_boat_crossing(&self, link: &Link) -> bool {
        link.mode == Mode::Sea && self.places[link.from].country != self.places[link.to].country
    }

    /// Whether anybody travels in company.
    pub fn in_company(&self) -> bool {
        self.groups.iter().any(|group| group.parties.iter().any(|(party, _)| self.size(*party) != 1))
    }

    /// Persons of a party of this composition.
    pub fn size(&self, composition: u8) -> u32 {
        self.compositions.get(usize::from(composition)).map_or(1, |c| u32::from(c.size()))
    }
}

/// How agents of this world move, where the parameters of `[travel]` leave a choice of rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// Daily range in link length units (km or hours).
    pub range: f32,
    /// A full range again on every leg of a day, as Flee does; else what is left of the day's range.
    pub fresh_range_each_leg: bool,
    /// Range until the first arrival, where people start on foot.
    pub range_on_foot: Option<f32>,
    /// Force people who have moved less than half of their range lately out of towns on arrival.
    pub avoid_short_stints: bool,
}

impl Movement {
    /// The movement that `[travel]` asks for.
    pub fn of(parameters: &Parameters) -> Self {
        let travel = &parameters.travel;
        let by_km = travel.by_km >= 0.5;
        Self {
            range: if by_km { travel.range_km } else { travel.hours_per_day } as f32,
            fresh_range_each_leg: by_km,
            range_on_foot: (by_km && travel.start_on_foot >= 0.5).then_some(travel.walk_km as f32),
            avoid_short_stints: travel.avoid_short_stints >= 0.5,
        }
    }
}

/// A node of the network.
#[derive(Debug, Clone)]
pub struct Place {
    /// Id in the files.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Index into [`World::countries`].
    pub country: usize,
    /// What it is.
    pub kind: PlaceKind,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Resident population, persons.
    pub residents: f64,
    /// Persons it has room for; `None`: no limit.
    pub capacity: Option<f64>,
    /// Chance per day that somebody resting here goes on; `None`: by kind and state.
    pub move_chance: Option<f64>,
    /// Multiplier of the place's score, constant in time.
    pub score: f64,
    /// Whether it lies abroad, seen from where the crisis is.
    pub foreign: bool,
}

impl Place {
    /// Where it lies: degrees north, degrees east.
    pub fn at(&self) -> (f64, f64) {
        (self.lat, self.lon)
    }
}

/// One direction of a route.
#[derive(Debug, Clone)]
pub struct Link {
    /// Origin, index into [`World::places`].
    pub from: usize,
    /// Destination, index into [`World::places`].
    pub to: usize,
    /// How it is travelled.
    pub mode: Mode,
    /// Kilometres.
    pub km: f32,
    /// Length in the unit of [`Movement::range`].
    pub length: f32,
    /// Range on this link where it has its own speed.
    pub range: Option<f32>,
    /// Chance on each day on the way of going at walking speed only.
    pub walk_chance: f32,
    /// USD per person for travellers by own means.
    pub fee: u16,
    /// Danger of the way itself, 0-1.
    pub risk: f32,
    /// Whether it can be travelled without a seat.
    pub free: bool,
    /// Whether passing it counts as an arrival at a border out of the country of the crisis: over land, or by boat without a
    /// seat that somebody grants.
    pub border: bool,
}

/// A population group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Id in the files.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Country of nationality (text, ISO3 where known).
    pub nationality: String,
    /// `migrant`, `citizen`, `refugee` or `stateless`.
    pub status: String,
    /// Languages, separated by `/`.
    pub language: String,
    /// How much the group is a target of violence and checkpoints, 0-1.
    pub target_risk: f64,
    /// USD that a person sends home in a month; `None`: not stated.
    pub remittance: Option<f64>,
    /// Day by which half of the group has understood what happens.
    pub info_day: f64,
    /// Width of that logistic curve in days.
    pub info_width: f64,
    /// Variance of the gamma frailty of departure.
    pub frailty: f64,
    /// Multiplier of the departure hazard.
    pub departure: f64,
    /// Whether it can be returned to its own country.
    pub can_return: bool,
    /// Parties are drawn from these: index into [`World::compositions`] and cumulated weight out of 2^32, rising.
    pub parties: Vec<(u8, u64)>,
}

/// What a class wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// To reach this place (index into [`World::places`]).
    Home(usize),
    /// To reach refuge by the best journey: a camp or a calm place, wherever that is.
    Refuge,
    /// To get out of harm's way by what it sees within its horizon, place by place.
    Safety,
}

/// The discrete part of a person that decisions depend on.
#[derive(Debug, Clone)]
pub struct Class {
    /// Index into [`World::groups`].
    pub group: usize,
    /// What it wants.
    pub aim: Aim,
    /// Whether it holds travel documents.
    pub documents: bool,
    /// Whether an employer or State brings it out.
    pub supported: bool,
    /// Money in hand at the start, USD per person.
    pub money: u16,
    /// The same class with travel documents, if this one has none.
    pub with_documents: Option<usize>,
    /// Where it lived; only for people who look for refuge and may return.
    pub origin: Option<usize>,
}

/// Who is in a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    persons: [[u8; 5]; 2],
    size: u8,
}

impl Composition {
    /// A party of `persons`, by sex (female, male) and age (0-4, 5-11, 12-17, 18-59, 60+).
    pub fn new(persons: [[u8; 5]; 2]) -> Self {
        Self { persons, size: persons.iter().flatten().sum() }
    }

    /// Persons by sex (female, male) and age (0-4, 5-11, 12-17, 18-59, 60+).
    pub fn persons(&self) -> &[[u8; 5]; 2] {
        &self.persons
    }

    /// Persons in the party.
    pub fn size(&self) -> u8 {
        self.size
    }

    /// What kinds of party it is at once: the sum of [`Composition::CHILDREN`], [`Composition::ELDERLY`] and
    /// [`Composition::WOMEN`].
    pub fn kinds(&self) -> u8 {
        let [women, men] = self.persons.map(|ages| ages[3..].iter().any(|n| *n > 0));
        let aged = |age: usize| self.persons.iter().any(|ages| ages[age] > 0);
        let bit = |holds: bool, kind: u8| if holds { kind } else { 0 };
        bit((0..3).any(aged), Self::CHILDREN) | bit(aged(4), Self::ELDERLY) | bit(women && !men, Self::WOMEN)
    }

    /// Somebody is below 18.
    pub const CHILDREN: u8 = 1;
    /// Somebody is 60 or more.
    pub const ELDERLY: u8 = 2;
    /// There is a woman and no man.
    pub const WOMEN: u8 = 4;
    /// Numbers that [`Composition::kinds`] can give: 0 to one below.
    pub const KINDS: usize = 8;
}

/// Who is served before the others, by a service or a desk. Among those who come first, and among the others, it is first come,
/// first served.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Priority {
    /// Kinds of party, as the sum of those of [`Composition::kinds`]; any of them is enough.
    pub kinds: u8,
    /// Classes.
    pub classes: ClassSet,
}

impl Priority {
    /// Whether parties of `class` that are of these `kinds` come first.
    pub fn is_for(&self, class: usize, kinds: u8) -> bool {
        self.kinds & kinds != 0 || self.classes.contains(class)
    }
}

/// People of one class at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Index into [`World::classes`].
    pub class: usize,
    /// Index into [`World::places`].
    pub place: usize,
    /// Persons (already divided by the scale).
    pub persons: u32,
    /// Index of the cell's first person in the count of all people: identities are permanent.
    pub first: u32,
}

/// What drives departures.
#[derive(Debug, Clone, PartialEq)]
pub enum Departures {
    /// The cumulated-hazard clock of `docs/model.md`.
    Hazard,
    /// An observed series: persons on each day, drawn over places by residents and conflict.
    Series {
        /// Persons who leave on each day.
        per_day: Vec<u32>,
        /// The class they belong to.
        class: usize,
        /// Residents are reduced by those who leave.
        take_from_residents: bool,
    },
    /// Each place displaces people of its own.
    Places {
        /// Persons a day (or shares of the residents), `days x places`, day-major.
        rate: Vec<f64>,
        /// How the number of a day is made of it.
        law: Law,
        /// The class they belong to.
        class: usize,
        /// Residents are reduced by those who leave.
        take_from_residents: bool,
    },
}

/// How the number of people whom a place displaces on a day is made of its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// The rate, decimals cut off.
    Constant,
    /// The rate times the residents, decimals cut off.
    ShareOfResidents,
    /// Drawn from the Poisson law with that mean.
    Poisson,
}

/// An intensity by day and place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intensity {
    /// Number of places.
    pub places: usize,
    /// `days x places`, day-major, each 0-1. Empty: nothing anywhere.
    pub values: Vec<f32>,
}

impl Intensity {
    /// Intensities of all places on `day`; empty where there is none.
    pub fn on(&self, day: Day) -> &[f32] {
        let from = usize::from(day) * self.places;
        self.values.get(from..from + self.places).unwrap_or(&[])
    }

    /// Intensity at `place` on `day`.
    pub fn at(&self, day: Day, place: usize) -> f32 {
        self.on(day).get(place).copied().unwrap_or(0.0)
    }
}

/// A link that some classes cannot pass, or only some of them, for a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Barrier {
    /// Index into [`World::links`].
    pub link: usize,
    /// First day.
    pub start: Day,
    /// Last day.
    pub end: Day,
    /// For whom.
    pub classes: ClassSet,
    /// Share of those who try that is turned back, 0-1; 1 bars the link.
    pub share: f64,
    /// Why, for the explanation of who is stuck.
    pub reason: Reason,
    /// What lifts it, each once that has begun.
    pub lifted_by: Vec<Gate>,
}

/// Why somebody cannot pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The way is closed by fighting, water or order.
    Closed,
    /// Not admitted by the other side.
    Refused,
    /// Travel documents are missing.
    Documents,
}

/// A place that becomes of another kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    /// On which day.
    pub day: Day,
    /// Index into [`World::places`].
    pub place: usize,
    /// What it becomes.
    pub kind: PlaceKind,
    /// Its own chance of moving on from then, if any.
    pub move_chance: Option<f64>,
}

/// A set of classes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassSet(Vec<u64>);

impl ClassSet {
    /// The classes for which `member` holds.
    pub fn from_fn(classes: usize, member: impl Fn(usize) -> bool) -> Self {
        let mut words = vec![0u64; classes.div_ceil(64)];
        for class in (0..classes).filter(|c| member(*c)) {
            words[class / 64] |= 1 << (class % 64);
        }
        Self(words)
    }

    /// Whether `class` is in the set.
    pub fn contains(&self, class: usize) -> bool {
        self.0.get(class / 64).is_some_and(|w| w >> (class % 64) & 1 == 1)
    }

    /// Adds the members of `other`.
    pub fn join(&mut self, other: &ClassSet) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Adds `class`.
    pub fn insert(&mut self, class: usize) {
        self.0.resize(self.0.len().max(class / 64 + 1), 0);
        self.0[class / 64] |= 1 << (class % 64);
    }

    /// Takes `class` out.
    pub fn remove(&mut self, class: usize) {
        if let Some(word) = self.0.get_mut(class / 64) {
            *word &= !(1 << (class % 64));
        }
    }

    /// Takes the members of `other` out.
    pub fn part(&mut self, other: &ClassSet) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= !theirs);
    }

    /// The members in rising order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(i, word)| bits(i, *word))
    }

    /// The members that `other` has too, in rising order.
    pub fn common<'a>(&'a self, other: &'a ClassSet) -> impl Iterator<Item = usize> + 'a {
        self.0.iter().zip(&other.0).enumerate().flat_map(|(i, (mine, theirs))| bits(i, mine & theirs))
    }
}

/// Numbers of the bits that are set in the word number `index` of a set.
fn bits(index: usize, word: u64) -> impl Iterator<Item = usize> {
    let mut rest = word;
    std::iter::from_fn(move || {
        (rest != 0).then(|| {
            let bit = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            index * 64 + bit
        })
    })
}

/// Persons a day at a crossing that has no limit of its own, but asks everybody one by one: more than ever come.
pub const EVERYBODY: f64 = 1e15;

/// The whole persons of a day at `rate` persons a day: fractions are carried over to the next day. An infinite rate is
/// `u32::MAX`, no limit; any other is below.
pub fn whole_persons(rate: f64, carried: &mut f64) -> u32 {
    if rate.is_infinite() {
        return u32::MAX;
    }
    *carried += rate;
    // A little more than exact, so that tenths add up to whole persons.
    let persons = (*carried + 1e-9).floor();
    *carried -= persons;
    persons.min(f64::from(u32::MAX - 1)) as u32
}

/// Something limited that grants onward movement to people who wait: a crossing, or seats.
#[derive(Debug, Clone)]
pub struct Service {
    /// Id for logs and tables.
    pub id: String,
    /// Lever of `docs/levers.md` (`L09`...), empty for a border crossing.
    pub lever: String,
    /// Who runs it.
    pub actor: String,
    /// Places whose waiting people it calls, with the hours of the ride to where it leaves.
    pub boards: Vec<(usize, f32)>,
    /// Link taken, by group; `None`: does not serve that group.
    pub links: Vec<Option<usize>>,
    /// Who is eligible.
    pub eligible: ClassSet,
    /// Who is served first.
    pub priority: Priority,
    /// Persons a day, on each day of the run; infinite where nothing limits a crossing, [`EVERYBODY`] where all are asked.
    pub capacity: Vec<f64>,
    /// Whether what is not used today can be used tomorrow.
    pub keeps_unused: bool,
    /// USD per person paid by the traveller.
    pub fee: u16,
    /// Whether it is help (counted as assisted), not a mere crossing or a ticket.
    pub assistance: bool,
    /// USD once.
    pub cost_fixed: f64,
    /// USD per person carried.
    pub cost_per_person: f64,
    /// When it begins.
    pub gate: Gate,
    /// Persons a day that come on top of `capacity`: more lanes, longer hours.
    pub extra: Vec<(Gate, f64)>,
    /// Shares by which trained staff let more through.
    pub trained: Vec<(Gate, f64)>,
}

impl Service {
    /// Whether it is a mere limit of a border crossing.
    pub fn is_crossing(&self) -> bool {
        self.lever.is_empty()
    }
}

/// A desk that changes what people who wait hold.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Id for logs and tables.
    pub id: String,
    /// What it gives.
    pub gives: Given,
    /// Where.
    pub places: Vec<usize>,
    /// To whom.
    pub eligible: ClassSet,
    /// Who is served first.
    pub priority: Priority,
    /// Persons a day, on each day of the run.
    pub capacity: Vec<f64>,
    /// USD per person served.
    pub cost_per_person: f64,
    /// When it begins.
    pub gate: Gate,
    /// By class: the class of those served from then on (with documents, or with more money), if it is another.
    pub becomes: Vec<Option<usize>>,
    /// Shares by which trained staff serve more.
    pub trained: Vec<(Gate, f64)>,
}

/// When something begins, and how fast it grows: by date, or when a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Index into [`Response::triggers`]; `None`: by date only.
    pub trigger: Option<usize>,
    /// First day; with a trigger, the earliest.
    pub start: Day,
    /// Last day.
    pub end: Day,
    /// Days between the firing of the trigger and the beginning.
    pub lead: Day,
    /// Days of linear growth to full strength.
    pub ramp: Day,
}

impl Default for Gate {
    /// Open always, at full strength.
    fn default() -> Self {
        Self { trigger: None, start: 0, end: NEVER, lead: 0, ramp: 0 }
    }
}

impl Gate {
    /// Strength on `day`, 0-1, where `fired` says on which day each trigger fired.
    pub fn strength(&self, day: Day, fired: &[Option<Day>]) -> f64 {
        let first = match self.trigger {
            None => Some(self.start),
            Some(t) => fired.get(t).copied().flatten().map(|f| f.saturating_add(self.lead).max(self.start)),
        };
        match first {
            Some(first) if first <= day && day <= self.end => {
                if self.ramp == 0 {
                    1.0
                } else {
                    (f64::from(day - first + 1) / f64::from(self.ramp)).min(1.0)
                }
            }
            _ => 0.0,
        }
    }

    /// `capacity` at its strength on `day`; what has no limit has none once it has begun.
    pub fn of(&self, capacity: f64, day: Day, fired: &[Option<Day>]) -> f64 {
        let strength = self.strength(day, fired);
        if strength > 0.0 { capacity * strength } else { 0.0 }
    }
}

/// Parts of a response that are neither services, desks nor shelters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// Conditions on what was published.
    pub triggers: Vec<Trigger>,
    /// How what is published is observed.
    pub tracking: Tracking,
    /// USD released by the end of each day; empty: no limit.
    pub funds: Vec<f64>,
    /// Costs that fall once.
    pub costs: Vec<(Gate, f64)>,
    /// What makes ways less dangerous.
    pub reliefs: Vec<Relief>,
    /// What is given to people at places.
    pub cares: Vec<Care>,
    /// By kind of care: places where any strategy of the scenario gives it, in rising order; where none does, what is there is not
    /// known.
    pub stated_care: [Vec<usize>; CareKind::COUNT],
    /// Where, and when, those who give care of the same kind reach different people.
    pub coordination: Vec<(Vec<usize>, Gate)>,
    /// Where whose stay is lawful and secure.
    pub stays: Vec<Stay>,
    /// Support for people who have come home.
    pub receptions: Vec<Reception>,
}

/// Reception and reintegration of people who have come home, at most once each.
#[derive(Debug, Clone, PartialEq)]
pub struct Reception {
    /// Indices into [`World::groups`].
    pub groups: Vec<usize>,
    /// When.
    pub gate: Gate,
    /// Persons a day, on each day of the run.
    pub capacity: Vec<f64>,
    /// USD per person supported.
    pub cost_per_person: f64,
}

/// A condition on what was published, see `scenario/trigger.rs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// What it starts.
    pub name: String,
    /// As it was written.
    pub text: String,
    /// As it was read.
    pub condition: Condition,
    /// Places that each clause looks at, in the order of [`Condition::clauses`].
    pub places: Vec<Vec<usize>>,
    /// Earliest day on which what it starts begins.
    pub start: Day,
    /// Days between its firing and that beginning.
    pub lead: Day,
}

impl Trigger {
    /// The day on which what it starts begins, if it has `fired`.
    pub fn begins(&self, fired: Option<Day>) -> Option<Day> {
        fired.map(|day| day.saturating_add(self.lead).max(self.start))
    }
}

/// How the counts that triggers look at are observed: displacement tracking in rounds, late and with error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tracking {
    /// Days between a count and its publication, beside the night that everything takes.
    pub delay: Day,
    /// Days from one round to the next, at least 1.
    pub every: Day,
    /// Standard deviation of the logarithm of the observed over the true count; its mean is right.
    pub error: f64,
}

impl Default for Tracking {
    fn default() -> Self {
        Self { delay: 0, every: 1, error: 0.0 }
    }
}

/// Something that makes links less dangerous: a corridor, a pause, search and rescue.
#[derive(Debug, Clone, PartialEq)]
pub struct Relief {
    /// Indices into [`World::links`].
    pub links: Vec<usize>,
    /// When.
    pub gate: Gate,
    /// Share of the danger that it takes away, 0-1.
    pub share: f64,
}

/// A protection risk of those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Risk {
    /// Violence.
    Violence,
    /// Arbitrary detention.
    Detention,
    /// Trafficking and exploitation.
    Exploitation,
    /// Robbery and extortion.
    Robbery,
    /// Death.
    Death,
    /// Illness that is not treated.
    Illness,
    /// Separation from the family.
    Separation,
}

impl Risk {
    /// Number of risks.
    pub const COUNT: usize = 7;
}

/// What care gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum CareKind {
    /// Water, sanitation, hygiene.
    Water,
    /// Food and relief items.
    Relief,
    /// Health care.
    Health,
    /// Mental health and psychosocial support.
    Psychosocial,
    /// Protection screening and referral.
    Screening,
    /// Counter-trafficking.
    CounterTrafficking,
    /// Keeping and bringing families together.
    FamilyUnity,
    /// No arrests where people seek help.
    Firewall,
    /// Support of those among whom they wait.
    HostSupport,
}

impl CareKind {
    /// Number of kinds.
    pub const COUNT: usize = 9;

    /// The kind of care that `lever` gives, if it gives any.
    pub fn of_lever(lever: Lever) -> Option<Self> {
        Some(match lever {
            Lever::Wash => CareKind::Water,
            Lever::Relief => CareKind::Relief,
            Lever::Health => CareKind::Health,
            Lever::Psychosocial => CareKind::Psychosocial,
            Lever::Screening => CareKind::Screening,
            Lever::CounterTrafficking => CareKind::CounterTrafficking,
            Lever::FamilyUnity => CareKind::FamilyUnity,
            Lever::Firewall => CareKind::Firewall,
            Lever::HostSupport => CareKind::HostSupport,
            _ => return None,
        })
    }

    /// Risks that it weakens.
    pub fn eases(self) -> &'static [Risk] {
        match self {
            CareKind::Water | CareKind::Relief => &[Risk::Illness],
            CareKind::Health => &[Risk::Illness, Risk::Death],
            CareKind::Psychosocial => &[],
            CareKind::Screening => &[Risk::Violence, Risk::Detention, Risk::Exploitation],
            CareKind::CounterTrafficking => &[Risk::Exploitation],
            CareKind::FamilyUnity => &[Risk::Separation],
            CareKind::Firewall => &[Risk::Detention],
            CareKind::HostSupport => &[Risk::Violence, Risk::Robbery],
        }
    }
}

/// Something that is given, day by day, to people on the move at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Care {
    /// What it is.
    pub kind: CareKind,
    /// Indices into [`World::places`].
    pub places: Vec<usize>,
    /// By group: whether it is for them.
    pub groups: Vec<bool>,
    /// When.
    pub gate: Gate,
    /// Persons reached at each place at once; `None`: everybody.
    pub persons: Option<f64>,
    /// Share of the hazard taken from those reached while they wait, by [`Risk`]; that of a firewall counts on ways from these
    /// places, too.
    pub share: [f64; Risk::COUNT],
    /// USD per person reached and day.
    pub cost_per_person_day: f64,
}

/// Lawful and secure stay: temporary protection, extended permits.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    /// Indices into [`World::places`].
    pub places: Vec<usize>,
    /// For whom.
    pub classes: ClassSet,
    /// When.
    pub gate: Gate,
}

/// What a desk gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given {
    /// Travel documents.
    Documents,
    /// USD per person.
    Cash(u16),
}

/// Shelter places for a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelter {
    /// Index into [`World::places`].
    pub place: usize,
    /// First day.
    pub start: Day,
    /// Last day.
    pub end: Day,
    /// Persons.
    pub places: u32,
    /// USD per place and day.
    pub cost_per_place_day: f64,
    /// When it begins.
    pub gate: Gate,
}

/// Fear of a link holds back departures whose best journey uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Deterrent {
    /// Index into [`World::links`].
    pub link: usize,
    /// First day.
    pub start: Day,
    /// Last day.
    pub end: Day,
    /// For whom.
    pub classes: ClassSet,
    /// Share held back, 0-1.
    pub share: f64,
}

/// Crossings by people who are counted, but are no agents.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Id.
    pub id: String,
    /// Border link crossed.
    pub link: usize,
    /// Nationality (text as in observations).
    pub nationality: String,
    /// Persons out on each day of the run.
    pub per_day: Vec<u32>,
    /// Share that goes back.
    pub return_share: f64,
    /// Mean stay before going back, days.
    pub stay_days: f64,
}

/// A move that is planned for a season: herders who follow the grass, workers who follow the harvest. They are counted, but not
/// followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// Id.
    pub id: String,
    /// Index into [`World::groups`].
    pub group: usize,
    /// By stage of the way: links that lead along it, of which one must be passable.
    pub stages: Vec<Vec<usize>>,
    /// Persons who plan to set out on each day of the run.
    pub planned: Vec<u32>,
    /// Days after the day planned for which it still makes sense to set out.
    pub grace_days: Day,
}
