//! A Flee case as the files of a scenario in Corridor's own format, which runs to the same results.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use super::states::{State, closed, states};
use super::world::{Rules, effective_conflict, world};
use super::{FleeCase, LocationType, SpawnMode};
use crate::scenario::parameters::{PARAMETERS, Parameters};
use crate::scenario::problem::{At, Problems};
use crate::scenario::world::{Departures, PlaceKind, World};

/// The files of the scenario (path in the folder, text) that `case` makes at one person for one, for its first `days` days. What
/// has no place in the format is told as a warning: results then differ.
pub fn files(case: &FleeCase, days: u32, problems: &mut Problems) -> Vec<(String, String)> {
    let world = world(case, 1, days, Rules::Flee);
    let writer = Writer { case, ids: ids(case), by_day: states(case, u32::from(world.days)), world };
    writer.tell_what_is_lost(problems);
    let mut files = vec![
        ("scenario.toml".to_owned(), writer.header(problems)),
        ("locations.csv".to_owned(), writer.locations()),
        ("routes.csv".to_owned(), writer.routes()),
        (
            "groups.csv".to_owned(),
            "id,name,aim,status,female_share,child_share,elderly_share\ndisplaced,Displaced people,safety,refugee,0,0,0\n"
                .to_owned(),
        ),
        ("populations.csv".to_owned(), writer.populations()),
        ("shocks.csv".to_owned(), writer.shocks()),
        ("departures.csv".to_owned(), writer.departures()),
        ("observations.csv".to_owned(), writer.observations()),
        (
            "strategies/none.toml".to_owned(),
            "title = \"As it was\"\nstory = \"People move as the record of arrivals says; no help is simulated.\"\n".to_owned(),
        ),
    ];
    let policies = writer.policies();
    if policies.lines().count() > 1 {
        files.push(("policies.csv".to_owned(), policies));
    }
    files
}

struct Writer<'c> {
    case: &'c FleeCase,
    world: World,
    ids: Vec<String>,
    by_day: Vec<Vec<State>>,
}

/// Ids of the places: their names, with `_` for what cannot stand in an id, each once.
fn ids(case: &FleeCase) -> Vec<String> {
    let mut taken: BTreeSet<String> = case.locations.iter().map(|place| place.country.to_lowercase()).collect();
    taken.extend(["all", "home", "total", "non"].map(str::to_owned));
    let mut id_of = |name: &str| {
        let allowed = |c: char| if c.is_ascii_alphanumeric() || "_-. ".contains(c) { c } else { '_' };
        let base: String = name.chars().map(allowed).collect();
        let base = base.trim().to_owned();
        let mut id = base.clone();
        let mut number = 2;
        while id.is_empty() || !taken.insert(id.to_lowercase()) {
            id = format!("{base}_{number}");
            number += 1;
        }
        id
    };
    case.locations.iter().map(|place| id_of(&place.name)).collect()
}

/// A table with that header.
struct Rows(csv::Writer<Vec<u8>>);

impl Rows {
    fn new(header: &str) -> Self {
        let mut rows = Rows(csv::Writer::from_writer(Vec::new()));
        rows.add(header.split(','));
        rows
    }

    fn add<T: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = T>) {
        // Memory is always there to write to.
        let _ = self.0.write_record(cells);
    }

    fn text(self) -> String {
        String::from_utf8(self.0.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Writer<'_> {
    fn date(&self, day: i64) -> NaiveDate {
        let start = self.world.start;
        start.checked_add_days(Days::new(day.max(0).unsigned_abs())).unwrap_or(start)
    }

    fn source(&self, file: &str) -> String {
        format!("Flee case {}: {file}", self.world.title)
    }

    /// Warnings about what the format does not hold.
    fn tell_what_is_lost(&self, problems: &mut Problems) {
        let (case, conditions) = (self.case, &self.world.conditions);
        let file = case.dir.display().to_string();
        let mut lost = |is: bool, what: &str| {
            if is {
                let message = format!("{what}: no place in Corridor's format, left out; results will differ");
                let fix = "run the Flee folder itself where this matters";
                problems.warning(At { file: &file, ..At::default() }, message, fix);
            }
        };
        lost(case.settings.spawn.mode != SpawnMode::FromRecord, "departures driven by conflict or flood");
        lost(case.settings.spawn.take_from_population, "take_from_population");
        lost(!conditions.tastes.is_empty(), "rules of choice by age, sex, ethnicity or religion");
        lost(!conditions.score.values.is_empty(), "weights of places by flood or hunger");
        lost(!conditions.move_chance.values.is_empty(), "chances of leaving by flood, hunger or population");
        lost(!conditions.displacement.values.is_empty(), "displacement by hunger");
        lost(conditions.capacity_per_day.iter().any(|rate| *rate != 0.0), "capacity_per_day");
        lost(conditions.leave_chance.iter().any(|chance| *chance != 0.0), "camps that people leave for good");
        lost(conditions.distance_power != 0.0, "stay_close_to_home");
        lost(conditions.routes_of_the_day || !conditions.known_paths.is_empty(), "fixed_routes");
        lost(conditions.at_home.iter().any(|day| *day), "harvest_months");
        lost(self.world.places.iter().any(|place| place.score != 1.0), "weights of places by population or economy");
        lost(self.world.links.iter().any(|link| link.range.is_some()), "max_move_speed of single routes");
        lost(self.world.links.iter().any(|link| link.walk_chance > 0.0), "walk_probability");
        lost(
            self.world.links.iter().any(|link| link.length != link.km),
            "several routes of unlike length between two places",
        );
        lost(self.by_day.iter().flatten().any(|state| state.conflict > 1.0), "intensities above 1, cut to 1");
        let conversions = self.world.conversions.iter();
        let held = conversions.filter(|c| self.opens(c.place).is_none_or(|day| day != i64::from(c.day)));
        let calm = held.filter(|c| {
            // The end of a conflict in a town, which shocks.csv tells.
            let town = self.case.locations[c.place].kind == LocationType::Town
                || self.case.locations[c.place].kind == LocationType::Conflict;
            !(town && c.kind == PlaceKind::Town)
        });
        lost(calm.count() > 0, "places that change what they are more than once, or hubs and camps after a conflict");
    }

    /// The day on which a camp opens that is a town before, if it does so once.
    fn opens(&self, place: usize) -> Option<i64> {
        let camp = |day: &Vec<State>| day[place].camp;
        let first = self.by_day.iter().position(camp)?;
        (first > 0 && self.by_day[first..].iter().all(camp)).then_some(first as i64)
    }

    fn header(&self, problems: &mut Problems) -> String {
        let case = self.case;
        let title = &self.world.title;
        let mut text = String::new();
        let _ = writeln!(text, "title = {}", quoted(title));
        let description = format!(
            "The Flee case {title} in Corridor's format, written by corridor import. People appear where there is conflict as the \
             record of the camps grows, and look for safety place by place by the rules and settings of Flee."
        );
        let _ = writeln!(text, "description = {}", quoted(&description));
        let _ = writeln!(text, "status = \"historical reconstruction\"\nkinds = [\"conflict\"]\ncause = \"man_made\"");
        let _ = writeln!(text, "start = {}\nend = {}", case.period.start, self.date(i64::from(self.world.days) - 1));
        let _ = writeln!(text, "default_strategy = \"none\"");
        let defaults = Parameters::default();
        let mut section = "";
        for info in PARAMETERS {
            let name = info.dotted();
            let (Some(value), Some(default)) = (self.world.parameters.get(&name), defaults.get(&name)) else {
                continue;
            };
            if value == default {
                continue;
            }
            if section != info.section {
                section = info.section;
                let _ = writeln!(text, "\n[{section}]");
            }
            let held = value.clamp(info.min, info.max);
            if held != value {
                let file = case.dir.join("simsetting.yml").display().to_string();
                let message = format!("the setting that {name} stands for is out of its range; {held} is written");
                problems.warning(
                    At { file: &file, value: &value.to_string(), ..At::default() },
                    message,
                    format!("use a value from {} to {}", info.min, info.max),
                );
            }
            let source = if info.section == "risk" { "Flee knows no such risks" } else { "settings of the Flee case" };
            let _ = writeln!(
                text,
                "{} = {{ value = {held:?}, source = {}, confidence = \"assumed\" }}",
                info.name,
                quoted(source)
            );
        }
        text
    }

    fn locations(&self) -> String {
        let mut rows =
            Rows::new("id,name,country,kind,lat,lon,residents,capacity,region,move_chance,opens,source,confidence");
        let travel = &self.world.parameters.travel;
        for (index, (place, location)) in self.world.places.iter().zip(&self.case.locations).enumerate() {
            let opens = self.opens(index);
            let kind = match place.kind {
                _ if opens.is_some() => "camp",
                PlaceKind::Camp => "camp",
                PlaceKind::Crossing => "crossing",
                PlaceKind::Waypoint => "waypoint",
                _ => "town",
            };
            let usual = if kind == "camp" { travel.move_chance_camp } else { travel.move_chance_town };
            let chance = match location.kind {
                LocationType::IdpCamp => self.case.settings.moves.idpcamp_movechance,
                _ if opens.is_some() || location.kind == LocationType::Conflict => usual,
                _ => place.move_chance.unwrap_or(usual),
            };
            rows.add([
                &*self.ids[index],
                &location.name,
                &location.country,
                kind,
                &location.lat.clamp(-90.0, 90.0).to_string(),
                &location.lon.clamp(-180.0, 180.0).to_string(),
                &place.residents.to_string(),
                &place.capacity.filter(|c| *c >= 1.0).map_or(String::new(), |c| c.to_string()),
                if location.region == "unknown" { "" } else { &location.region },
                &if chance == usual { String::new() } else { chance.to_string() },
                &opens.map_or(String::new(), |day| self.date(day).to_string()),
                &self.source("locations.csv"),
                "reported",
            ]);
        }
        rows.text()
    }

    fn routes(&self) -> String {
        let mut rows = Rows::new("from,to,mode,km,source,confidence");
        // Links come in pairs, there and back.
        for link in self.world.links.iter().step_by(2) {
            let (from, to) = (&*self.ids[link.from], &*self.ids[link.to]);
            let km = f64::from(link.km).max(0.001);
            let km = format!("{}", link.km).parse::<f64>().map_or(km, |km| km.max(0.001));
            rows.add([from, to, "road", &km.to_string(), &self.source("routes.csv"), "reported"]);
        }
        rows.text()
    }

    fn populations(&self) -> String {
        let mut rows = Rows::new("group,place,persons,state,source,confidence");
        for cell in &self.world.displaced {
            let (persons, source) = (cell.persons.to_string(), self.source("source_data on day 0"));
            rows.add(["displaced", &self.ids[cell.place], &persons, "displaced", &source, "derived"]);
        }
        rows.text()
    }

    /// Conflict times the factor of its age, place by place, one row for each period in which it stays the same.
    fn shocks(&self) -> String {
        let mut rows = Rows::new("place,kind,start,end,intensity,source,confidence");
        for place in 0..self.ids.len() {
            let value = |day: usize| effective_conflict(self.case, &self.by_day[day][place], day as u32).min(1.0);
            let mut from = 0;
            for day in 1..=self.by_day.len() {
                if day < self.by_day.len() && value(day) == value(from) {
                    continue;
                }
                if value(from) > 0.0 {
                    rows.add([
                        &*self.ids[place],
                        "conflict",
                        &self.date(from as i64).to_string(),
                        &self.date(day as i64 - 1).to_string(),
                        &value(from).to_string(),
                        &self.source("conflicts.csv and conflict_spawn_decay"),
                        "derived",
                    ]);
                }
                from = day;
            }
        }
        rows.text()
    }

    fn policies(&self) -> String {
        let mut rows = Rows::new("rule,from,to,start,end,source,confidence");
        let mut written = BTreeSet::new();
        for (link, start, end) in closed(self.case, &self.case.links(), u32::from(self.world.days)) {
            let link = &self.world.links[link];
            let ends = (link.from.min(link.to), link.from.max(link.to), start, end);
            if written.insert(ends) {
                let last = end.min(u32::from(self.world.days) - 1);
                rows.add([
                    "closed",
                    &self.ids[ends.0],
                    &self.ids[ends.1],
                    &self.date(i64::from(start)).to_string(),
                    &self.date(i64::from(last)).to_string(),
                    &self.source("closures.csv"),
                    "reported",
                ]);
            }
        }
        rows.text()
    }

    fn departures(&self) -> String {
        let mut rows = Rows::new("date,persons,source,confidence");
        if let Departures::Series { per_day, .. } = &self.world.departures {
            for (day, persons) in (0..).zip(per_day).filter(|(day, persons)| **persons > 0 || *day == 0) {
                let (date, source) = (self.date(day).to_string(), self.source("source_data, growth"));
                rows.add([&*date, &persons.to_string(), &source, "derived"]);
            }
        }
        rows.text()
    }

    /// The record of every camp on every day: reported on the days that the data have, derived on all others (interpolated) and
    /// where a registration correction changes the data.
    fn observations(&self) -> String {
        let mut rows = Rows::new("date,where,measure,group,value,source,confidence");
        let data = self.case.data(1);
        for camp in self.case.camps() {
            let Some(record) = self.case.record_of(camp) else { continue };
            let dates: BTreeSet<i64> = self.case.records[record].files.iter().flatten().map(|(day, _)| *day).collect();
            let corrected = self.case.corrections.iter().any(|correction| correction.record == record);
            for day in 0..i64::from(self.world.days) {
                let confidence = if dates.contains(&day) && !corrected { "reported" } else { "derived" };
                let value = data.series[record].at(day).max(0);
                let (date, source) = (self.date(day).to_string(), self.source("source_data"));
                rows.add([&*date, &self.ids[camp], "present", "all", &value.to_string(), &source, confidence]);
            }
        }
        rows.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_texts_are_written_so_that_they_are_read_as_they_were() {
        for text in ["Mali 2012", "a \"b\", c; d", "back\\slash", "line\nbreak", "bell\u{7} and escape\u{1b}", "'"] {
            let document: toml::Table = format!("title = {}", quoted(text)).parse().unwrap();
            assert_eq!(document["title"].as_str(), Some(text));
            let mut rows = Rows::new("id,name");
            rows.add(["1", text]);
            let table = rows.text();
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            assert_eq!(&reader.records().next().unwrap().unwrap()[1], text);
        }
        assert_eq!(quoted("Mali 2012"), "\"Mali 2012\"");
    }
}
