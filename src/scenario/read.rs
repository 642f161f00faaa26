//! A folder of files to a [`Scenario`], with everything that is wrong in it found in one pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use super::earth::great_circle_km;
use super::fields::{
    CYCLES, DEPARTURES, FLOWS, GROUPS, HEADER, INTERVENTION, LOCATIONS, MAX_DAYS, OBSERVATIONS, POLICIES, POPULATIONS,
    ROUTES, SERVICES, SHELTERS, SHOCKS, STRATEGY, TABLES, Table,
};
use super::idle;
use super::keys::Document;
use super::known::{Known, fix};
use super::parameters::{Parameters, SECTIONS};
use super::problem::{At, Problems, Severity, nearest};
use super::record::{Cells, Record};
use super::rows;
use super::scenario::{
    Aim, DepartureRow, GroupRow, GroupsCell, Header, Lever, LocationRow, ObservationRow, PolicyRow, PopulationRow,
    PopulationState, RouteRow, Rule, Scenario, ShockKind, ShockRow, Strategy,
};
use super::table::read_rows;

/// Largest file that is read, bytes.
const MAX_FILE: u64 = 4 << 30;
/// A list of what the short names in the columns `source` stand for; for people, not read.
const SOURCES: &str = "sources.csv";

/// Reads the scenario in the folder `dir`. With it come the warnings; without it, all errors and warnings.
pub fn read(dir: &Path) -> Result<(Scenario, Problems), Problems> {
    let mut folder = Folder::new(dir);
    let scenario = folder.read();
    match scenario {
        Some(scenario) => folder.problems.into_result(scenario),
        None => Err(folder.problems),
    }
}

/// Reads observations of `scenario` from a `file` of their own, in the columns of `observations.csv`. What is observed at a place
/// or on a day that the scenario does not have is a warning: no run can answer to it.
pub fn read_observations(file: &Path, scenario: &Scenario) -> Result<(Vec<ObservationRow>, Problems), Problems> {
    let dir = file.parent().unwrap_or(Path::new(""));
    let mut folder = Folder::new(dir);
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        folder.error("", "this is not the name of a file", "name a CSV file");
        return Err(folder.problems);
    };
    folder.known.days = Some((scenario.header.start, scenario.header.end));
    folder.known.set_places(&scenario.locations);
    folder.known.set_groups(&scenario.groups);
    if !file.exists() {
        folder.error(name, "there is no such file", "name a CSV file with the columns of observations.csv");
        return Err(folder.problems);
    }
    let rows = folder.rows_of(name, &OBSERVATIONS, rows::observation);
    if let Some(rows) = &rows {
        folder.check_observations(name, rows);
    }
    for problem in &mut folder.problems.0 {
        if problem.column == "where" || problem.column == "date" && problem.message.contains("outside") {
            problem.severity = Severity::Warning;
        }
    }
    match rows {
        Some(rows) => folder.problems.into_result(rows),
        None => Err(folder.problems),
    }
}

/// The folder while it is being read.
struct Folder<'a> {
    dir: &'a Path,
    problems: Problems,
    known: Known,
    /// SHA-256 of each file read, by its path inside the folder.
    hashes: BTreeMap<String, [u8; 32]>,
}

impl<'a> Folder<'a> {
    fn new(dir: &'a Path) -> Self {
        Folder { dir, problems: Problems::default(), known: Known::default(), hashes: BTreeMap::new() }
    }

    /// The name of a file for messages.
    fn shown(&self, path: &str) -> String {
        self.dir.join(path).display().to_string()
    }

    fn error(&mut self, path: &str, message: impl Into<String>, fix: impl Into<String>) {
        let file = if path.is_empty() { self.dir.display().to_string() } else { self.shown(path) };
        self.problems.error(At { file: &file, ..At::default() }, message, fix);
    }

    fn read(&mut self) -> Option<Scenario> {
        if !self.dir.is_dir() {
            let message = if self.dir.exists() { "this is not a folder" } else { "there is no such folder" };
            self.error("", message, "name the folder that holds scenario.toml; `corridor new DIR` makes one");
            return None;
        }
        self.look_around();
        let (header, parameters) = self.header();
        self.known.days = header.as_ref().map(|header| (header.start, header.end));

        let locations = self.rows(&LOCATIONS, |cells, _| rows::location(cells));
        if let Some(rows) = &locations {
            self.check_locations(rows);
            self.known.set_places(rows);
        }
        let groups = self.rows(&GROUPS, rows::group);
        if let Some(rows) = &groups {
            self.unique_ids(&GROUPS, rows.iter().map(|row| (row.id.clone(), row.line)));
            self.known.set_groups(rows);
        }
        let routes = self.rows(&ROUTES, rows::route);
        if let (Some(rows), Some(places)) = (&routes, &locations) {
            self.check_routes(rows, places);
            self.known.set_links(rows);
        }
        let populations = self.rows(&POPULATIONS, rows::population);
        if let Some(rows) = &populations {
            self.check_populations(rows);
        }
        let shocks = self.rows(&SHOCKS, rows::shock);
        let policies = self.rows(&POLICIES, rows::policy);
        let flows = self.rows(&FLOWS, rows::flow);
        if let Some(rows) = &flows {
            self.unique_ids(&FLOWS, rows.iter().map(|row| (row.id.clone(), row.line)));
        }
        let cycles = self.rows(&CYCLES, rows::cycle);
        if let Some(rows) = &cycles {
            self.unique_ids(&CYCLES, rows.iter().map(|row| (row.id.clone(), row.line)));
        }
        let mut departures = self.rows(&DEPARTURES, rows::departure);
        if let Some(rows) = &mut departures {
            let file = self.shown(DEPARTURES.name);
            let told = |line: u32| self.problems.0.iter().any(|p| p.file == file && p.line == line as usize);
            let read = rows.iter().filter(|row| !told(row.line)).map(|row| (row.date.to_string(), row.line));
            let dates: Vec<(String, u32)> = read.collect();
            self.unique(&DEPARTURES, "date", dates.into_iter(), "add the two rows up");
            rows.sort_by_key(|row| row.date);
        }
        let observations = self.rows(&OBSERVATIONS, rows::observation);
        if let Some(rows) = &observations {
            self.check_observations(OBSERVATIONS.name, rows);
        }
        if let (Some(populations), Some(departures), Some(shocks)) = (&populations, &departures, &shocks) {
            self.check_people(populations, departures, shocks);
        }
        let strategies = self.strategies();
        if let (Some(routes), Some(policies), Some(groups)) = (&routes, &policies, &groups)
            && parameters.choice.horizon >= 1.0
        {
            let looking: Vec<&GroupRow> = groups.iter().filter(|group| group.aim == Aim::Safety).collect();
            self.check_looking_around(&looking, routes, policies, &strategies);
        }
        let header = header?;
        if !strategies.contains_key(&header.default_strategy) {
            let name = &header.default_strategy;
            let file = self.shown(HEADER.name);
            let at = At { file: &file, line: 0, column: "default_strategy", value: name };
            let fix = fix(name, strategies.keys(), &format!("add strategies/{name}.toml"));
            self.problems.error(at, format!("there is no strategy '{name}'"), fix);
        }
        let scenario = Scenario {
            name: self.name(),
            header,
            parameters,
            locations: locations?,
            routes: routes?,
            groups: groups?,
            populations: populations?,
            shocks: shocks?,
            policies: policies?,
            flows: flows?,
            cycles: cycles?,
            departures: departures?,
            observations: observations?,
            strategies,
            content_hash: self.content_hash(),
        };
        // What follows from an error is no finding of its own.
        if !self.problems.has_errors() {
            self.check_shocks(&scenario);
            idle::warn(&scenario, self.dir, &mut self.problems);
        }
        Some(scenario)
    }

    /// Last part of the folder's path.
    fn name(&self) -> String {
        let path = self.dir.canonicalize().unwrap_or_else(|_| self.dir.to_path_buf());
        path.file_name().map_or_else(|| "scenario".into(), |name| name.to_string_lossy().into_owned())
    }

    /// SHA-256 over names and bytes of all files read, in the order of their names.
    fn content_hash(&self) -> String {
        let mut whole = Sha256::new();
        for (path, hash) in &self.hashes {
            whole.update((path.len() as u64).to_le_bytes());
            whole.update(path.as_bytes());
            whole.update(hash);
        }
        whole.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Names of the files in a folder inside the scenario, sorted; empty where there is no such folder.
    fn list(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.dir.join(path)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Warns of tables that nobody will read.
    fn look_around(&mut self) {
        let known: Vec<&str> = TABLES.iter().map(|table| table.name).chain([HEADER.name]).collect();
        for name in self.list("") {
            let is_table = name.to_lowercase().ends_with(".csv") || name.to_lowercase().ends_with(".toml");
            if is_table && !known.contains(&name.as_str()) && name != SOURCES {
                let file = self.shown(&name);
                let fix = match nearest(&name, known.iter().copied()) {
                    Some(near) => format!("rename it to {near}, if that is meant"),
                    None => format!("remove it; known are {}", known.join(", ")),
                };
                self.problems.warning(At { file: &file, ..At::default() }, "this file is not read", fix);
            }
        }
    }

    /// The bytes of a file, or `None` with a message.
    fn bytes(&mut self, path: &str) -> Option<Vec<u8>> {
        let full = self.dir.join(path);
        match fs::metadata(&full) {
            Ok(data) if !data.is_file() => {
                self.error(path, "this is not a file", "put the file itself here");
                return None;
            }
            Ok(data) if data.len() > MAX_FILE => {
                self.error(path, "the file is larger than 4 GiB", "split or aggregate it");
                return None;
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.error(path, "this file is missing", "add it; `corridor new DIR` shows a whole scenario");
                return None;
            }
            Err(_) => {}
        }
        match fs::read(&full) {
            Ok(bytes) => {
                self.hashes.insert(path.to_owned(), Sha256::digest(&bytes).into());
                Some(bytes)
            }
            Err(error) => {
                self.error(path, format!("the file cannot be read: {error}"), "check its permissions");
                None
            }
        }
    }

    /// The rows of a table beside `scenario.toml`: `None` where it could not be read, empty where an optional one is not there.
    fn rows<T>(&mut self, table: &'static Table, row: impl Fn(&mut Cells<'_>, &Known) -> T) -> Option<Vec<T>> {
        if !table.rows_required && !self.dir.join(table.name).exists() {
            return Some(Vec::new());
        }
        self.rows_of(table.name, table, row)
    }

    fn rows_of<T>(
        &mut self,
        path: &str,
        table: &'static Table,
        row: impl Fn(&mut Cells<'_>, &Known) -> T,
    ) -> Option<Vec<T>> {
        let bytes = self.bytes(path)?;
        let file = self.shown(path);
        let mut rows = Vec::new();
        let known = &self.known;
        let whole = read_rows(&file, &bytes, table, &mut self.problems, |record, problems| {
            rows.push(row(&mut Cells::new(record, problems), known));
        });
        whole.then_some(rows)
    }

    /// The head of `scenario.toml` (`None` where it has errors) and the parameters.
    fn header(&mut self) -> (Option<Header>, Parameters) {
        let mut parameters = Parameters::default();
        let Some(bytes) = self.bytes(HEADER.name) else { return (None, parameters) };
        let file = self.shown(HEADER.name);
        let problems = &mut self.problems;
        let Some((document, top)) = Document::parse(&file, &bytes, problems) else { return (None, parameters) };
        let before = problems.0.len();
        let record = document.record(1, &top, &HEADER, SECTIONS, problems);
        let header = read_header(&mut Cells::new(&record, problems));
        let flawed = problems.0[before..].iter().any(|p| p.column == "start" || p.column == "end");
        for entry in top.iter() {
            let section: &str = entry.0.get_ref();
            if !SECTIONS.contains(&section) {
                continue;
            }
            match entry.1.get_ref() {
                DeValue::Table(table) => parameters.read_section(section, table, &document, problems),
                _ => document.error(
                    problems,
                    section,
                    entry,
                    "this is a section, not a value",
                    &format!("write [{section}] and its parameters below"),
                ),
            }
        }
        ((!flawed).then_some(header).flatten(), parameters)
    }

    /// Reports every key that stands in an earlier row too.
    fn unique(&mut self, table: &Table, column: &str, keys: impl Iterator<Item = (String, u32)>, fix: &str) {
        let file = self.shown(table.name);
        let mut first: BTreeMap<String, u32> = BTreeMap::new();
        for (key, line) in keys.filter(|(key, _)| !key.is_empty()) {
            if let Some(earlier) = first.get(&key) {
                let at = At { file: &file, line: line as usize, column, value: &key };
                self.problems.error(at, format!("duplicate: it stands in line {earlier} too"), fix);
            } else {
                first.insert(key, line);
            }
        }
    }

    fn unique_ids(&mut self, table: &Table, ids: impl Iterator<Item = (String, u32)>) {
        self.unique(table, "id", ids, "choose another id, or remove the row");
    }

    fn check_locations(&mut self, rows: &[LocationRow]) {
        self.unique_ids(&LOCATIONS, rows.iter().map(|row| (row.id.clone(), row.line)));
        let countries: BTreeSet<&str> = rows.iter().map(|row| row.country.as_str()).collect();
        let file = self.shown(LOCATIONS.name);
        for row in rows.iter().filter(|row| countries.contains(row.id.as_str())) {
            let at = At { file: &file, line: row.line as usize, column: "id", value: &row.id };
            self.problems.error(at, "this is the code of a country too", "choose another id");
        }
        let lats = Extent::of(rows.iter().map(|row| row.lat));
        let lons = Extent::of(rows.iter().map(|row| row.lon));
        for row in rows.iter().filter(|_| rows.len() > 3) {
            let (lat, lon) = (lats.without(row.lat), lons.without(row.lon));
            let far = lat.misses(row.lat).max(lon.misses(row.lon)) > 10.0;
            if far && lat.misses(row.lon) == 0.0 && lon.misses(row.lat) == 0.0 {
                let value = format!("{}, {}", row.lat, row.lon);
                let at = At { file: &file, line: row.line as usize, column: "lat", value: &value };
                let message =
                    "lat and lon look swapped: the place is far from all others, and among them the other way round";
                self.problems.error(at, message, format!("write lat {} and lon {}", row.lon, row.lat));
            }
        }
    }

    fn check_routes(&mut self, rows: &[RouteRow], places: &[LocationRow]) {
        let file = self.shown(ROUTES.name);
        let places: BTreeMap<&str, &LocationRow> = places.iter().map(|place| (place.id.as_str(), place)).collect();
        let mut first: BTreeMap<(&str, &str, &str), u32> = BTreeMap::new();
        for row in rows {
            let line = row.line as usize;
            let value = format!("{} to {}", row.from, row.to);
            if let Some(earlier) = first.insert((&row.from, &row.to, row.mode.as_str()), row.line) {
                let at = At { file: &file, line, column: "mode", value: row.mode.as_str() };
                let message =
                    format!("{value} by {} stands in line {earlier} too, so there are two such routes", row.mode);
                self.problems.warning(at, message, "remove one of the two, unless both are meant");
            }
            let (Some(from), Some(to)) = (places.get(row.from.as_str()), places.get(row.to.as_str())) else { continue };
            let straight = great_circle_km((from.lat, from.lon), (to.lat, to.lon));
            if row.km < 0.8 * straight - 5.0 {
                let at = At { file: &file, line, column: "km", value: &row.km.to_string() };
                let message =
                    format!("{value} is shorter than the straight line between the places ({straight:.0} km)");
                self.problems.warning(at, message, "check km, and lat and lon of both places");
            }
        }
    }

    fn check_populations(&mut self, rows: &[PopulationRow]) {
        let file = self.shown(POPULATIONS.name);
        let mut first: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.group.is_empty() && !row.place.is_empty()) {
            if let Some(earlier) = first.insert((&row.group, &row.place), row.line) {
                let value = format!("{}, {}", row.group, row.place);
                let at = At { file: &file, line: row.line as usize, column: "place", value: &value };
                let message = format!("duplicate: the pair of group and place stands in line {earlier} too");
                self.problems.error(at, message, "add the two rows up");
            }
        }
    }

    /// Warns of observations that stand in a table twice and so count twice.
    fn check_observations(&mut self, name: &str, rows: &[ObservationRow]) {
        let file = self.shown(name);
        let mut first: BTreeMap<String, u32> = BTreeMap::new();
        for row in rows {
            let ObservationRow { date, where_, measure, group, value, .. } = row;
            let key = format!("{date}, {where_}, {measure}, {group:?}, {value}");
            if let Some(earlier) = first.get(&key) {
                let at = At { file: &file, line: row.line as usize, column: "date", value: &date.to_string() };
                let message = format!("the same observation stands in line {earlier} too, and counts twice");
                self.problems.warning(at, message, "remove one of the two");
            } else {
                first.insert(key, row.line);
            }
        }
    }

    /// Warns of a crisis in which nothing happens.
    fn check_shocks(&mut self, scenario: &Scenario) {
        let moved = |row: &PopulationRow| row.state == PopulationState::Displaced && row.persons > 0;
        let strikes = |row: &ShockRow| row.intensity > 0.0;
        if scenario.shocks.iter().any(strikes)
            || scenario.populations.iter().any(moved)
            || scenario.parameters.departure.base > 0.0
        {
            return;
        }
        let file = self.shown(SHOCKS.name);
        let message = match self.dir.join(SHOCKS.name).exists() {
            true => "no shock has an intensity above 0, so nobody has a reason to leave",
            false => "there is no such file: nothing happens in this crisis, so nobody has a reason to leave",
        };
        self.problems.warning(
            At { file: &file, ..At::default() },
            message,
            "say what happens where, when and how badly",
        );
    }

    /// Warns of rules and help that do nothing for the groups that look around (`choice.horizon` 1 or more).
    fn check_looking_around(
        &mut self,
        looking: &[&GroupRow],
        routes: &[RouteRow],
        policies: &[PolicyRow],
        strategies: &BTreeMap<String, Strategy>,
    ) {
        let Some(first) = looking.first() else { return };
        let among =
            |groups: &GroupsCell| looking.iter().find(|group| groups.includes(&group.id)).map(|group| &group.id);
        let weigh = "set horizon = 0 in [choice] so that they weigh whole journeys";
        let file = self.shown(ROUTES.name);
        for (row, limit) in routes.iter().filter_map(|row| Some((row, row.persons_per_day?))) {
            let value = limit.to_string();
            let at = At { file: &file, line: row.line as usize, column: "persons_per_day", value: &value };
            let message = format!("this limit does not hold for people who look around, such as '{}'", first.id);
            self.problems.warning(at, message, weigh);
        }
        let file = self.shown(POLICIES.name);
        for row in policies {
            let heeded = row.rule == Rule::Closed || row.rule == Rule::Refuse && row.share >= 1.0;
            let Some(group) = among(&row.groups).filter(|_| !heeded) else { continue };
            let at = At { file: &file, line: row.line as usize, column: "rule", value: row.rule.as_str() };
            let message = format!("this rule does not hold for people who look around, such as '{group}'");
            self.problems.warning(at, message, format!("{weigh}, or write closed or refuse"));
        }
        // Who looks around never waits for anything.
        let of_who_waits = |lever: Lever| lever.is_desk() || matches!(lever, Lever::Border | Lever::Training);
        for (name, strategy) in strategies {
            let desks = strategy.interventions.iter().filter(|row| of_who_waits(row.lever));
            let served = strategy.services.iter().map(|row| &row.groups).chain(desks.map(|row| &row.groups));
            let Some(group) = served.filter_map(among).next() else { continue };
            let file = self.shown(&format!("strategies/{name}.toml"));
            let message = format!("people who look around, such as '{group}', take no seats, papers, money or lanes");
            self.problems.warning(At { file: &file, ..At::default() }, message, weigh);
        }
    }

    fn check_people(&mut self, populations: &[PopulationRow], departures: &[DepartureRow], shocks: &[ShockRow]) {
        let people: u64 = populations.iter().map(|row| row.persons).sum();
        let leaving: u64 = departures.iter().map(|row| row.persons).sum();
        if populations.is_empty() && departures.is_empty() {
            self.error(
                POPULATIONS.name,
                "there is nobody: neither populations.csv nor departures.csv has rows",
                "say how many persons of which group are where",
            );
        } else if people == 0 && leaving == 0 {
            self.error(
                POPULATIONS.name,
                "there is nobody: all rows have 0 persons",
                "say how many persons of which group are where",
            );
        }
        let conflict = shocks.iter().any(|row| row.kind == ShockKind::Conflict && row.intensity > 0.0);
        if leaving > 0 && !conflict {
            self.error(
                DEPARTURES.name,
                "persons leave places in conflict, and shocks.csv has no conflict",
                "add one, or remove the file",
            );
        }
    }

    fn strategies(&mut self) -> BTreeMap<String, Strategy> {
        let files = self.list("strategies");
        let mut strategies = BTreeMap::new();
        let mut used = BTreeSet::new();
        let mut extends = Vec::new();
        for file in &files {
            let Some(name) = file.strip_suffix(".toml") else { continue };
            let mut strategy = Strategy { name: name.to_owned(), title: name.to_owned(), ..Strategy::default() };
            if let Some(line) = self.strategy(&mut strategy, &mut used) {
                extends.push((name.to_owned(), line));
            }
            strategies.insert(name.to_owned(), strategy);
        }
        strategies.entry("none".into()).or_insert_with(|| Strategy {
            name: "none".into(),
            title: "No response".into(),
            ..Strategy::default()
        });
        for (name, line) in extends {
            self.check_extends(&strategies, &name, line);
        }
        for file in files.iter().filter(|file| file.to_lowercase().ends_with(".csv") && !used.contains(*file)) {
            let shown = self.shown(&format!("strategies/{file}"));
            self.problems.warning(
                At { file: &shown, ..At::default() },
                "no strategy names this table",
                "name it under services or shelters, or remove it",
            );
        }
        strategies
    }

    /// Fills in one strategy from its file; returns the line of `extends`, if it has one.
    fn strategy(&mut self, strategy: &mut Strategy, used: &mut BTreeSet<String>) -> Option<usize> {
        let path = format!("strategies/{}.toml", strategy.name);
        let bytes = self.bytes(&path)?;
        let file = self.shown(&path);
        let (document, top) = Document::parse(&file, &bytes, &mut self.problems)?;
        let record = document.record(1, &top, &STRATEGY, &["intervention"], &mut self.problems);
        let mut cells = Cells::new(&record, &mut self.problems);
        if let Some(title) = cells.text_or_none("title") {
            strategy.title = title;
        }
        strategy.story = cells.text("story");
        strategy.provenance = cells.provenance();
        strategy.extends = cells.text_or_none("extends");
        let line = strategy.extends.as_ref().map(|_| cells.line_of("extends"));
        strategy.shift_days = cells.number("shift_days");
        strategy.pool_seats = cells.flag_or_none("pool_seats").unwrap_or(false);
        let services = beside(&mut cells, "services", used);
        let shelters = beside(&mut cells, "shelters", used);
        strategy.interventions = self.interventions(&document, &top);
        for name in services {
            strategy.services.extend(self.rows_of(&name, &SERVICES, rows::service).unwrap_or_default());
        }
        for name in shelters {
            strategy.shelters.extend(self.rows_of(&name, &SHELTERS, rows::shelter).unwrap_or_default());
        }
        line
    }

    fn interventions(&mut self, document: &Document<'_>, top: &DeTable<'_>) -> Vec<super::scenario::Intervention> {
        let Some(entry) = top.get_key_value("intervention") else { return Vec::new() };
        let fix = "write [[intervention]] and its keys below";
        let DeValue::Array(list) = entry.1.get_ref() else {
            document.error(&mut self.problems, "intervention", entry, "interventions are a list of tables", fix);
            return Vec::new();
        };
        let mut interventions = Vec::new();
        for item in list.iter() {
            let DeValue::Table(table) = item.get_ref() else {
                document.error(
                    &mut self.problems,
                    "intervention",
                    (entry.0, item),
                    "an intervention is a table of keys",
                    fix,
                );
                continue;
            };
            let at = table.get_key_value("lever").map_or(item.span().start, |(key, _)| key.span().start);
            let record: Record<'_> =
                document.record(document.position(at).0, table, &INTERVENTION, &[], &mut self.problems);
            interventions.push(rows::intervention(&mut Cells::new(&record, &mut self.problems), &self.known));
        }
        interventions
    }

    /// Checks that what the strategy `name` extends is there and does not lead back to it.
    fn check_extends(&mut self, strategies: &BTreeMap<String, Strategy>, name: &str, line: usize) {
        let parent = |of: &str| strategies.get(of).and_then(|strategy| strategy.extends.as_deref());
        let Some(first) = parent(name) else { return };
        let file = self.shown(&format!("strategies/{name}.toml"));
        let at = At { file: &file, line, column: "extends", value: first };
        if !strategies.contains_key(first) {
            let fix = fix(first, strategies.keys(), &format!("add strategies/{first}.toml"));
            self.problems.error(at, format!("there is no strategy '{first}'"), fix);
            return;
        }
        let mut path = vec![name];
        let mut next = Some(first);
        while let Some(here) = next {
            let seen = path.contains(&here);
            path.push(here);
            if here == name {
                let message = format!("it extends itself: {}", path.join(" -> "));
                self.problems.error(at.clone(), message, "remove one of these extends");
            }
            if seen {
                return;
            }
            next = parent(here);
        }
    }
}

/// `None` where the days cannot be used.
fn read_header(cells: &mut Cells<'_>) -> Option<Header> {
    let (start, end) = (cells.date_or_none("start"), cells.date_or_none("end"));
    if let (Some(start), Some(end)) = (start, end) {
        let days = (end - start).num_days() + 1;
        if end < start {
            cells.error(
                "end",
                format!("the dates are reversed: start {start} is after end {end}"),
                format!("write a day not before {start}"),
            );
        } else if days > MAX_DAYS {
            let message = format!("the scenario lasts {days} days; at most {MAX_DAYS} are possible");
            cells.error("end", message, "choose an earlier day");
        }
    }
    let fitted_until = cells.date_or_none("fitted_until");
    if let (Some(start), Some(end), Some(fitted)) = (start, end, fitted_until)
        && start <= end
        && !(start..=end).contains(&fitted)
    {
        cells.warning("fitted_until", "this day is outside the scenario", format!("write a day from {start} to {end}"));
    }
    Some(Header {
        title: cells.text("title"),
        description: cells.text("description"),
        status: cells.text("status"),
        kinds: cells.words("kinds"),
        onset: cells.word_or_none("onset"),
        cause: cells.word_or_none("cause"),
        scope: cells.word_or_none("scope"),
        start: start?,
        end: end?,
        default_strategy: cells.text("default_strategy"),
        fitted_until,
        provenance: cells.provenance(),
    })
}

/// The tables that a strategy names under `key`, as paths inside the scenario.
fn beside(cells: &mut Cells<'_>, key: &str, used: &mut BTreeSet<String>) -> Vec<String> {
    let mut paths = Vec::new();
    for name in cells.ids(key) {
        if name.contains(['/', '\\']) || name.starts_with('.') {
            cells.error(
                key,
                "a table of a strategy stands beside its file",
                "write the name of a file in the folder strategies",
            );
        } else {
            paths.push(format!("strategies/{name}"));
            used.insert(name);
        }
    }
    paths
}

/// The two least and the two greatest of some numbers.
struct Extent {
    least: [f64; 2],
    greatest: [f64; 2],
}

impl Extent {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut greatest) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for x in numbers {
            if x < least[0] {
                least = [x, least[0]];
            } else if x < least[1] {
                least[1] = x;
            }
            if x > greatest[0] {
                greatest = [x, greatest[0]];
            } else if x > greatest[1] {
                greatest[1] = x;
            }
        }
        Extent { least, greatest }
    }

    /// The range of all numbers but one `x`.
    fn without(&self, x: f64) -> Span {
        Span {
            low: self.least[usize::from(x == self.least[0])],
            high: self.greatest[usize::from(x == self.greatest[0])],
        }
    }
}

/// A range of numbers.
struct Span {
    low: f64,
    high: f64,
}

impl Span {
    /// How far `x` is outside; 0 inside.
    fn misses(&self, x: f64) -> f64 {
        (self.low - x).max(x - self.high).max(0.0)
    }
}
