//! Tables of a run as CSV. Counts are people: simulated persons times the scale. The same run gives the same bytes.

use std::io::{self, Write};

use csv::Writer;

use crate::engine::Counts;
use crate::engine::agents::State;
use crate::engine::counts::Incident;
use crate::experiment::firing::Fired;
use crate::outcome::Outcome;
use crate::outcome::metrics::date;
use crate::scenario::world::World;

use super::columns::{COLUMNS, header};
use crate::outcome::record::{Compared, group_word};
use crate::outcome::spread::rounded;

/// A table being written, row by row.
struct Table<W: Write> {
    out: Writer<W>,
}

impl<W: Write> Table<W> {
    fn begin(out: W, file: &str) -> io::Result<Self> {
        let mut table = Self { out: Writer::from_writer(out) };
        table.out.write_record(header(file))?;
        Ok(table)
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        Ok(self.out.write_field(text)?)
    }

    fn texts(&mut self, texts: &[&str]) -> io::Result<()> {
        texts.iter().try_for_each(|text| self.text(text))
    }

    fn number(&mut self, number: impl std::fmt::Display) -> io::Result<()> {
        self.text(&number.to_string())
    }

    fn optional(&mut self, number: Option<impl std::fmt::Display>) -> io::Result<()> {
        match number {
            Some(number) => self.number(number),
            None => self.text(""),
        }
    }

    /// Ends a row of simulated figures.
    fn end(&mut self) -> io::Result<()> {
        self.text("true")?;
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn row_of(table: &[u32], groups: usize, place: usize) -> u64 {
    table[place * groups..(place + 1) * groups].iter().map(|persons| u64::from(*persons)).sum()
}

/// `daily.csv`: one row for each day and place with anybody there or anything that happens.
pub fn daily(out: &mut impl Write, world: &World, outcome: &Outcome) -> io::Result<()> {
    let mut table = Table::begin(out, "daily.csv")?;
    let scale = u64::from(world.scale);
    for (day, counts) in outcome.days.iter().enumerate() {
        let date = date(world, day).to_string();
        for (index, place) in world.places.iter().enumerate() {
            let by_group = |table: &[u32]| row_of(table, counts.groups, index);
            let people = [
                by_group(&counts.present),
                u64::from(counts.arrived[index]),
                u64::from(counts.departed[index]),
                u64::from(counts.waiting[index]),
                by_group(&counts.stranded),
                u64::from(counts.sheltered[index]),
                u64::from(counts.assisted_at[index]),
                by_group(&counts.trapped),
                by_group(&counts.settled),
                u64::from(counts.staying[index]),
            ];
            let incidents = &counts.incidents_at[index * Incident::COUNT..(index + 1) * Incident::COUNT];
            if people.iter().all(|n| *n == 0) && incidents.iter().all(|n| *n == 0) {
                continue;
            }
            table.texts(&[&date, &place.id, &world.countries[place.country], place.kind.as_str()])?;
            people.iter().try_for_each(|persons| table.number(persons * scale))?;
            incidents.iter().try_for_each(|persons| table.number(u64::from(*persons) * scale))?;
            table.number(world.conflict.at(day as u16, index))?;
            table.number(world.hazard.at(day as u16, index))?;
            table.end()?;
        }
    }
    table.finish()
}

/// `routes.csv`: one row for each day and link on which anybody set out.
pub fn routes(out: &mut impl Write, world: &World, outcome: &Outcome) -> io::Result<()> {
    let mut table = Table::begin(out, "routes.csv")?;
    let scale = u64::from(world.scale);
    for (day, counts) in outcome.days.iter().enumerate() {
        let date = date(world, day).to_string();
        for (link, (persons, deaths)) in world.links.iter().zip(counts.entered.iter().zip(&counts.deaths_on_link)) {
            if *persons > 0 || *deaths > 0 {
                let (from, to) = (&world.places[link.from].id, &world.places[link.to].id);
                table.texts(&[&date, from, to, link.mode.as_str()])?;
                table.number(u64::from(*persons) * scale)?;
                table.number(u64::from(*deaths) * scale)?;
                table.end()?;
            }
        }
    }
    table.finish()
}

/// `flows.csv`: crossings of people who are counted, but not followed.
pub fn flows(out: &mut impl Write, world: &World, outcome: &Outcome) -> io::Result<()> {
    let mut table = Table::begin(out, "flows.csv")?;
    let scale = u64::from(world.scale);
    for (day, counts) in outcome.days.iter().enumerate() {
        let date = date(world, day).to_string();
        for (flow, (away, back)) in world.flows.iter().zip(&counts.flow) {
            if *away > 0 || *back > 0 {
                let link = &world.links[flow.link];
                let (from, to) = (&world.places[link.from].id, &world.places[link.to].id);
                table.texts(&[&date, &flow.id, &flow.nationality, from, to])?;
                table.number(u64::from(*away) * scale)?;
                table.number(u64::from(*back) * scale)?;
                table.end()?;
            }
        }
    }
    table.finish()
}

/// `groups.csv`: one row for each day and group.
pub fn groups(out: &mut impl Write, world: &World, outcome: &Outcome) -> io::Result<()> {
    let mut table = Table::begin(out, "groups.csv")?;
    let scale = u64::from(world.scale);
    let mut assisted = vec![0u64; world.groups.len()];
    for (day, counts) in outcome.days.iter().enumerate() {
        let date = date(world, day).to_string();
        for (index, group) in world.groups.iter().enumerate() {
            let over_places = |table: &[u32]| -> u64 {
                table.iter().skip(index).step_by(counts.groups).map(|persons| u64::from(*persons)).sum()
            };
            let state = |state| u64::from(counts.in_state(index, state));
            assisted[index] += u64::from(counts.assisted[index]);
            let people = [
                over_places(&counts.settled),
                state(State::Resting),
                state(State::EnRoute),
                state(State::Waiting),
                over_places(&counts.stranded),
                over_places(&counts.trapped),
                state(State::Arrived),
                state(State::Detained),
                state(State::Dead),
                left_home(counts, index),
                assisted[index],
            ];
            table.texts(&[&date, &group.id])?;
            people.iter().try_for_each(|persons| table.number(persons * scale))?;
            table.end()?;
        }
    }
    table.finish()
}

/// Simulated persons of `group` who have left their homes so far: all who are in any state of a journey.
fn left_home(counts: &Counts, group: usize) -> u64 {
    State::ALL.iter().map(|state| u64::from(counts.in_state(group, *state))).sum()
}

/// `constraints.csv`: what binds those who are stranded or trapped, by day, place and group.
pub fn constraints(out: &mut impl Write, world: &World, outcome: &Outcome) -> io::Result<()> {
    let mut table = Table::begin(out, "constraints.csv")?;
    for (day, stuck) in outcome.constraints.iter().enumerate() {
        let date = date(world, day).to_string();
        for one in stuck {
            let (place, group) = (&world.places[one.place].id, &world.groups[one.group].id);
            table.texts(&[&date, place, group, one.constraint.as_str()])?;
            table.number(u64::from(one.persons) * u64::from(world.scale))?;
            table.end()?;
        }
    }
    table.finish()
}

/// `triggers.csv`: one row for each strategy, run and trigger.
pub fn triggers(out: &mut impl Write, log: &[Fired]) -> io::Result<()> {
    let mut table = Table::begin(out, "triggers.csv")?;
    for one in log {
        table.text(&one.strategy)?;
        table.number(one.replication)?;
        table.texts(&[&one.starts, &one.condition])?;
        table.optional(one.fired)?;
        table.optional(one.begins)?;
        table.optional(one.days_to_peak)?;
        table.end()?;
    }
    table.finish()
}

/// `fit.csv`: every observation within the run beside the figure that answers to it.
pub fn fit(out: &mut impl Write, compared: &[Compared<'_>]) -> io::Result<()> {
    let mut table = Table::begin(out, "fit.csv")?;
    for one in compared {
        let row = one.row;
        let simulated = one.simulated.map(rounded);
        table.texts(&[&row.date.to_string(), &row.where_, row.measure.as_str(), &group_word(&row.group)])?;
        [row.value, simulated.median, simulated.p05, simulated.p95].iter().try_for_each(|n| table.number(n))?;
        table.optional(one.rel_error.map(rounded))?;
        table.optional(row.rel_uncertainty)?;
        table.optional(one.fitted)?;
        table.text(&row.provenance.source)?;
        table.text(row.provenance.confidence.map_or("", |c| c.as_str()))?;
        table.end()?;
    }
    table.finish()
}

/// `data-dictionary.csv`: every column of every file.
pub fn data_dictionary(out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::begin(out, "data-dictionary.csv")?;
    for column in COLUMNS {
        table.out.write_record([column.file, column.column, column.kind, column.unit, column.meaning])?;
    }
    table.finish()
}
