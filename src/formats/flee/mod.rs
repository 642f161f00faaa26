//! Flee's folders, read as they are.
//!
//! Flee (github.com/djgroen/flee) is the reference system for agent-based simulation of forced displacement. [`read`] takes one
//! of its folders into a [`FleeCase`], in which everything is as it was written: nothing is scaled and no rule has been applied.
//! The methods of [`FleeCase`] then give what Flee makes of it for one agent in `scale` persons (Flee: `hasten`).
//! What is read, and where Flee's documents and its code differ, is in `docs/flee.md`.

mod cells;
mod closures;
mod conflicts;
mod day_table;
mod demographics;
mod floods;
mod folder;
pub mod import;
mod ipc;
mod locations;
mod period;
mod routes;
mod section;
mod series;
mod settings;
mod states;
mod tastes;
pub mod tuning;
pub mod world;

use std::path::{Path, PathBuf};

pub use closures::{Closing, Closure, LocationChange};
pub use conflicts::{ConflictChange, ConflictColumn, Conflicts};
pub use demographics::{Agent, Demographic};
pub use floods::FloodColumn;
pub use ipc::FoodInsecurity;
pub use locations::{Location, LocationType};
pub use period::Period;
pub use routes::{Link, Redirection, Route};
pub use series::{Arrivals, CampData, CampSeries, Correction, Record};
pub use settings::{FloodRules, LogLevels, MoveRules, Settings, SpawnMode, SpawnRate, SpawnRules};

use crate::scenario::problem::{At, Problems};
use cells::Table;
use folder::Folder;

/// A Flee folder as it is written. Places are indices into `locations`.
#[derive(Debug, Clone, PartialEq)]
pub struct FleeCase {
    /// The folder as the user named it.
    pub dir: PathBuf,
    /// `sim_period.csv`.
    pub period: Period,
    /// `simsetting.yml`.
    pub settings: Settings,
    /// `locations.csv`. The country of the first place is the home country.
    pub locations: Vec<Location>,
    /// `routes.csv`.
    pub routes: Vec<Route>,
    /// `major_routes.csv`: places in order. Used with the setting `fixed_routes` only.
    pub major_routes: Vec<Vec<usize>>,
    /// `closures.csv`, in the order in which they act.
    pub closures: Vec<Closure>,
    /// `location_changes.csv`.
    pub location_changes: Vec<LocationChange>,
    /// `conflicts.csv`; empty where floods drive people out.
    pub conflicts: Conflicts,
    /// `flood_level.csv`; empty unless floods drive people out.
    pub floods: Vec<FloodColumn>,
    /// `region_attributes_IPC.csv`.
    pub food_insecurity: Option<FoodInsecurity>,
    /// `demographics_*.csv`, by file name.
    pub demographics: Vec<Demographic>,
    /// `agents.csv`; empty unless the settings ask for it.
    pub agents: Vec<Agent>,
    /// `data_layout.csv` and its files.
    pub records: Vec<Record>,
    /// `registration_corrections.csv`, in the order in which they are made.
    pub corrections: Vec<Correction>,
}

/// Reads the Flee folder `dir` for the number of days that its `sim_period.csv` has: the case and the warnings, or everything that
/// is wrong, found in one pass.
pub fn read(dir: &Path) -> Result<(FleeCase, Problems), Problems> {
    read_for_days(dir, None)
}

/// As [`read`], for `days` days (at least 1) instead of those of `sim_period.csv`.
pub fn read_for_days(dir: &Path, days: Option<u32>) -> Result<(FleeCase, Problems), Problems> {
    let mut problems = Problems::default();
    let Some(folder) = Folder::find(dir, &mut problems) else { return Err(problems) };
    let settings = Settings::read(&folder.settings, &mut problems);
    let period = required(&folder, "sim_period.csv", &mut problems)
        .and_then(|table| period::read(&table, &mut problems))
        .map(|period| Period { days: days.unwrap_or(period.days).max(1), ..period });
    let days = period.map(|period| period.days);
    let Some(table) = required(&folder, "locations.csv", &mut problems) else { return Err(problems) };
    let (locations, names) = locations::read(&table, &mut problems);
    let routes = required(&folder, "routes.csv", &mut problems)
        .map_or_else(Vec::new, |table| routes::read(&table, &names, &mut problems));
    let fixed_routes = settings.moves.fixed_routes;
    let major_routes = optional(folder.optional("major_routes.csv"), &mut problems)
        .map_or_else(Vec::new, |table| routes::read_major(&table, &names, fixed_routes, &mut problems));
    let closures = required(&folder, "closures.csv", &mut problems)
        .map_or_else(Vec::new, |table| closures::read(&table, &locations, &names, &mut problems));
    let changes = Some(folder.root.join("location_changes.csv")).filter(|path| path.is_file());
    let location_changes = optional(changes.or(folder.optional("location_changes.csv")), &mut problems)
        .map_or_else(Vec::new, |table| closures::read_changes(&table, &names, &mut problems));
    let (mut conflicts, mut floods) = (Conflicts::default(), Vec::new());
    if settings.flood_driven() {
        if let Some(table) = required(&folder, "flood_level.csv", &mut problems) {
            floods = floods::read(&table, &names, days, &mut problems);
        }
    } else if let Some(table) = required(&folder, "conflicts.csv", &mut problems) {
        conflicts = conflicts::read(&table, &names, days, &mut problems);
    }
    let food_insecurity = optional(folder.optional("region_attributes_IPC.csv"), &mut problems)
        .map(|table| ipc::read(&table, &locations, days, &mut problems));
    if settings.spawn.starvation_driven_spawning && food_insecurity.is_none() {
        let file = folder.input.join("region_attributes_IPC.csv").display().to_string();
        let message = "missing file: the setting starvation_driven_spawning needs it";
        problems.error(At { file: &file, ..At::default() }, message, "add the file, or turn the setting off");
    }
    let mut demographics = Vec::new();
    for path in demographic_files(&folder) {
        if let Some(table) = Table::read(&path, &mut problems) {
            demographics.extend(demographics::read(&path, &table, &names, &mut problems));
        }
    }
    let agents = if settings.spawn.read_from_agents_csv_file {
        required(&folder, "agents.csv", &mut problems)
            .map_or_else(Vec::new, |table| demographics::read_agents(&table, &names, &mut problems))
    } else {
        Vec::new()
    };
    let start = period.map(|period| period.start);
    let camps = camps(&locations, &settings);
    let records = series::read(&folder, start, (&locations, &names), &camps, &mut problems);
    let corrections = optional(folder.optional("registration_corrections.csv"), &mut problems)
        .map_or_else(Vec::new, |table| series::read_corrections(&table, start, &records, &mut problems));
    let Some(period) = period else { return Err(problems) };
    let case = FleeCase {
        dir: dir.to_owned(),
        period,
        settings,
        locations,
        routes,
        major_routes,
        closures,
        location_changes,
        conflicts,
        floods,
        food_insecurity,
        demographics,
        agents,
        records,
        corrections,
    };
    if !problems.has_errors() {
        case.check_origins(&folder, &mut problems);
    }
    problems.into_result(case)
}

/// The table `name`, which must be there.
fn required(folder: &Folder, name: &str, problems: &mut Problems) -> Option<Table> {
    let path = folder.required(name, problems)?;
    Table::read(&path, problems)
}

/// The table at `path`, if there is one.
fn optional(path: Option<PathBuf>, problems: &mut Problems) -> Option<Table> {
    Table::read(&path?, problems)
}

/// `demographics_*.csv` in the order of their names.
fn demographic_files(folder: &Folder) -> Vec<PathBuf> {
    let is_one = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("demographics_") && name.ends_with(".csv")
    };
    let entries = std::fs::read_dir(&folder.input).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
    paths.sort();
    paths
}

/// Places that have columns in out.csv and need a record, in file order: camps; where floods drive people out all places.
/// Flee takes any place with a daily chance of leaving below 0.005 for a camp, but for places that a flood can reach.
fn camps(locations: &[Location], settings: &Settings) -> Vec<usize> {
    let moves = &settings.moves;
    let is_camp = |location: &Location| match location.kind {
        LocationType::Camp | LocationType::IdpCamp => true,
        LocationType::Conflict => moves.conflict_movechance < 0.005,
        LocationType::Town => moves.default_movechance < 0.005,
        LocationType::Forward | LocationType::Marker | LocationType::FloodZone => false,
    };
    (0..locations.len()).filter(|&place| settings.flood_driven() || is_camp(&locations[place])).collect()
}

impl FleeCase {
    /// Places that are camps on day 0 (all places where floods drive people out), in file order: the columns of out.csv.
    pub fn camps(&self) -> Vec<usize> {
        camps(&self.locations, &self.settings)
    }

    /// Whether a place is abroad: not in the country of the first place.
    pub fn is_foreign(&self, location: usize) -> bool {
        self.locations[location].country != self.locations[0].country
    }

    /// The directed links, in the order in which Flee makes them.
    pub fn links(&self) -> Vec<Link> {
        routes::links(&self.routes)
    }

    /// When places become and stop being conflict zones within `days` days, in the order in which it happens. Closures of kind
    /// camp end a conflict too and are not in this list.
    pub fn conflict_changes(&self, days: u32) -> Vec<ConflictChange> {
        let intensity = self.settings.default_conflict_intensity;
        conflicts::changes(&self.locations, &self.conflicts, &self.location_changes, intensity, days)
    }

    /// The record of the camps at one agent for `scale` persons, summed over files and corrected.
    pub fn data(&self, scale: u32) -> CampData {
        let spawn = &self.settings.spawn;
        CampData::new(&self.records, &self.corrections, scale, spawn.empty_camps_on_day0, spawn.sum_from_camps)
    }

    /// Index into [`CampData::series`] of the record of a place: the first row of data_layout.csv with its name.
    pub fn record_of(&self, location: usize) -> Option<usize> {
        self.records.iter().position(|record| record.location == Some(location))
    }

    /// Agents in each of [`FleeCase::camps`] before day 0: the record of that day (with `insert_day0`) and `initial_idps`;
    /// none where camps start empty.
    pub fn initial_in_camps(&self, scale: u32) -> Vec<(usize, u64)> {
        let spawn = &self.settings.spawn;
        let data = self.data(scale);
        let initial = |camp: usize| {
            if spawn.empty_camps_on_day0 {
                return 0;
            }
            let recorded = self.record_of(camp).map_or(0, |record| data.on_day_zero(record).unsigned_abs());
            self.locations[camp].initial_idps() + if spawn.insert_day0 { recorded } else { 0 }
        };
        self.camps().into_iter().map(|camp| (camp, initial(camp))).collect()
    }

    /// Capacity of each place once day 0 has begun, in agents; below 1: no limit. With `insert_day0` the record of day 0 is
    /// taken off the capacity of every camp that has one, although the same people fill the camp.
    pub fn capacities(&self, scale: u32) -> Vec<i64> {
        let data = self.data(scale);
        let insert = self.settings.spawn.insert_day0 && self.settings.spawn.mode == SpawnMode::FromRecord;
        let capacity = |place: usize| {
            let capacity = self.locations[place].capacity(scale);
            match self.record_of(place) {
                Some(record) if insert && capacity > 0 => capacity - data.on_day_zero(record),
                _ => capacity,
            }
        };
        (0..self.locations.len()).map(capacity).collect()
    }

    /// Who arrives on each of the first `days` days when arrivals come from the record ([`SpawnMode::FromRecord`]).
    pub fn arrivals(&self, scale: u32, days: u32) -> Arrivals {
        self.data(scale).arrivals(days, self.settings.spawn.insert_day0)
    }

    /// Agents to be placed on each day of the case; see [`FleeCase::arrivals`].
    pub fn daily_new(&self, scale: u32) -> Vec<u64> {
        self.arrivals(scale, self.period.days).new
    }

    /// Agents in the system at the end of each day: those of agents.csv, those in camps before day 0, and all that arrived.
    /// Its last value is the final number of agents, its sum the agent-steps.
    pub fn agents_by_day(&self, scale: u32) -> Vec<u64> {
        let in_camps: u64 = self.initial_in_camps(scale).iter().map(|(_, agents)| agents).sum();
        let mut agents = in_camps + self.agents.len() as u64;
        let add = |new: u64| {
            agents += new;
            agents
        };
        self.daily_new(scale).into_iter().map(add).collect()
    }

    /// Days on which agents are to be placed but no place in conflict has residents to place them by, with their number. Residents
    /// who have left (`take_from_population`) are not taken into account.
    pub fn days_without_origin(&self, scale: u32) -> Vec<(u32, u64)> {
        let mut days = self.days_without_conflict(scale);
        days.retain(|(_, new)| *new > 0);
        days
    }

    /// Days on which no place in conflict has residents, with the number of agents to be placed; Flee stops on the first of them,
    /// whatever that number is.
    fn days_without_conflict(&self, scale: u32) -> Vec<(u32, u64)> {
        let spawn = &self.settings.spawn;
        if spawn.mode != SpawnMode::FromRecord || spawn.starvation_driven_spawning {
            return Vec::new();
        }
        let changes = self.conflict_changes(self.period.days);
        let mut changes = changes.iter().peekable();
        // Intensity and day of onset of each place in conflict.
        let mut conflicts = vec![(0.0, -1); self.locations.len()];
        let mut without = Vec::new();
        for (day, new) in (0u32..).zip(self.daily_new(scale)) {
            while let Some(change) = changes.next_if(|change| change.day <= day) {
                conflicts[change.location] = (change.intensity, change.onset);
            }
            let has_weight = |(&(intensity, onset), place): (&(f64, i32), &Location)| {
                let age = i64::from(day) - i64::from(onset);
                intensity > 0.0 && place.residents(scale) > 0 && self.settings.conflict_decay(age) > 0.0
            };
            if !conflicts.iter().zip(&self.locations).any(has_weight) {
                without.push((day, new));
            }
            for closure in self.closures.iter().filter(|closure| [closure.start, closure.end].contains(&i64::from(day)))
            {
                if let Closing::Camp(place) | Closing::IdpCamp(place) = closure.what {
                    conflicts[place].0 = 0.0;
                }
            }
        }
        without
    }

    /// An error if there are [`FleeCase::days_without_origin`] at the scale that the settings ask for; a warning if Flee would stop
    /// although nobody is to be placed.
    fn check_origins(&self, folder: &Folder, problems: &mut Problems) {
        let file = folder.input.join("conflicts.csv").display().to_string();
        let line = |day: u32| self.conflicts.lines.get(day as usize).copied().unwrap_or(0);
        let scale = self.settings.hasten;
        let without = self.days_without_origin(scale);
        let Some(&(day, new)) = without.first() else {
            if let Some(&(day, _)) = self.days_without_conflict(scale).first() {
                let message = format!(
                    "no place with residents is in conflict on day {day}: Flee stops there, Corridor goes on to day {}, as nobody \
                     is to be placed",
                    self.period.days - 1
                );
                let fix = format!("give --days {day} to compare with Flee");
                problems.warning(At { file: &file, line: line(day), ..At::default() }, message, fix);
            }
            return;
        };
        let more =
            if without.len() > 1 { format!("; the same on {} later days", without.len() - 1) } else { String::new() };
        let message =
            format!("{new} agents are to be placed on day {day}, but no place with residents is in conflict{more}");
        let fix = "set a conflict on that day, or give a place in conflict a population";
        problems.error(At { file: &file, line: line(day), ..At::default() }, message, fix);
    }
}
